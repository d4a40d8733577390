"""Text, and bytes that are none."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from daytona_tui.domain.ansi import stripped
from daytona_tui.presentation.previews.body import MAX_LINE_CHARS, Body, PreviewLine
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

TAB_CELLS = 4
NUL_PICTURE = "\N{SYMBOL FOR NULL}"
BYTES_PER_ROW = 16

_RUN = re.compile("([a-z])([0-9]{1,6})")
_TONES = {
    "a": Tone.ACCENT,
    "b": Tone.BUSY,
    "d": Tone.DIM,
    "g": Tone.GOOD,
    "r": Tone.BAD,
    "s": Tone.STRONG,
}
"""What the letters of ``studio.py`` stand for."""


class LineReader:
    """Bytes in pieces to lines; of a line that is too long only its beginning is kept."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._rest: list[str] = []
        self._length = 0

    def lines(self, data: bytes, *, is_last: bool) -> list[str]:
        """Return the lines that end in ``data``; at the end of the file also what follows the last of them."""
        # NUL stands between a line and the number of characters that it lacks.
        first, *others = self._decoder.decode(data, is_last).replace("\0", NUL_PICTURE).split("\n")
        self._keep(first)
        found: list[str] = []
        for line in others:
            found.append(self._take())
            self._keep(line)
        if is_last and self._length:
            found.append(self._take())
        return found

    @property
    def unfinished(self) -> str:
        """The line that has no end yet."""
        return self._joined()

    def _keep(self, text: str) -> None:
        room = MAX_LINE_CHARS - min(self._length, MAX_LINE_CHARS)
        if room:
            self._rest.append(text[:room])
        self._length += len(text)

    def _take(self) -> str:
        line = self._joined()
        self._rest, self._length = [], 0
        return line

    def _joined(self) -> str:
        line = "".join(self._rest)
        return line if self._length <= len(line) else f"{line}\0{self._length - len(line)}"


def shown(line: str) -> str:
    """Return a line of text as it is shown, without what was cut off."""
    return safe(stripped(line.partition("\0")[0].removesuffix("\r").expandtabs(TAB_CELLS)))


def missing(line: str) -> list[Cell]:
    """Return what is said of the part of a line that was cut off."""
    count = line.partition("\0")[2]
    return [Cell(f" … {int(count):,} more characters", Tone.FAINT)] if count else []


class TextBody(Body):
    """Text as it is, coloured where it is known how.

    Attributes:
        colours: of the first lines, in runs of characters as shown, such as ``a3n12``; set when they are known.
        encoding: as Python calls it.
    """

    is_numbered = True

    def __init__(self, kind: str = "text", encoding: str = "utf-8") -> None:
        super().__init__()
        self.kind = kind
        self.encoding = encoding
        self.colours: Sequence[str] = ()
        self._reader = LineReader(encoding)
        self._lines: list[str] = []
        self._last = ""

    def __len__(self) -> int:
        """Return how many lines there are; one without an end counts."""
        return len(self._lines) + bool(self._last)

    def __getitem__(self, index: int) -> PreviewLine:
        """Return a line."""
        line = self._lines[index] if index < len(self._lines) else self._last
        text = shown(line)
        if index < len(self.colours):
            return [*_coloured(text, self.colours[index]), *missing(line)]
        return [*([Cell(text)] if text else ()), *missing(line)]

    def beginning(self, characters: int) -> str:
        """Return the first lines as they are shown, about so many characters of them."""
        lines: list[str] = []
        for line in self._lines:
            lines.append(shown(line))
            characters -= len(lines[-1]) + 1
            if characters < 0:
                break
        return "\n".join(lines)

    def without_first(self) -> None:
        """Forget the first line, of which only the end may have been read."""
        del self._lines[:1]

    def _take(self, data: bytes, is_last: bool) -> None:
        self._lines += self._reader.lines(data, is_last=is_last)
        self._last = "" if is_last else self._reader.unfinished


def _coloured(text: str, runs: str) -> list[Cell]:
    cells: list[Cell] = []
    position = 0
    for letter, length in _RUN.findall(runs):
        end = position + int(length)
        if piece := text[position:end]:
            cells.append(Cell(piece, _TONES.get(letter, Tone.NEUTRAL)))
        position = end
    if position < len(text):
        cells.append(Cell(text[position:]))
    return cells


class HexBody(Body):
    """Bytes in rows of sixteen, with what they would be as characters.

    Attributes:
        first: where in the file they begin; a multiple of sixteen.
    """

    limit_bytes = 4 * 1024 * 1024

    def __init__(self, kind: str, first: int = 0) -> None:
        super().__init__()
        self.kind = kind
        self.first = first
        self._bytes = bytearray()

    def __len__(self) -> int:
        """Return how many rows there are."""
        return (len(self._bytes) + BYTES_PER_ROW - 1) // BYTES_PER_ROW

    def __getitem__(self, index: int) -> PreviewLine:
        """Return a row: offset, bytes, characters."""
        at = index * BYTES_PER_ROW
        row = bytes(self._bytes[at : at + BYTES_PER_ROW])
        digits = row.hex(" ").ljust(BYTES_PER_ROW * 3 - 1)
        picture = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in row)
        return [Cell(f"{self.first + at:08x}  ", Tone.FAINT), Cell(digits), Cell(f"  {picture}", Tone.DIM)]

    def _take(self, data: bytes, is_last: bool) -> None:
        self._bytes += data
