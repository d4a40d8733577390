"""JSON laid out again, and files of one JSON value per line.

Laid out by their tokens, not by their values: that works for what is cut off, keeps every number as it is written, and
no depth is too deep.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import re

from daytona_tui.presentation.previews.body import MAX_LINE_CHARS, Body, PreviewLine
from daytona_tui.presentation.previews.text import NUL_PICTURE, LineReader, missing, shown
from daytona_tui.presentation.tones import Cell, Tone

# Possessive: no text can make them look twice at a character.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]++|"', re.DOTALL)
_SCALAR = re.compile(r"-?[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null|NaN|-?Infinity")
_PAINTED = re.compile(r'(?P<key>"(?:[^"\\]|\\.)*+"(?=: ))|(?P<string>"(?:[^"\\]|\\.)*+"?)|(?P<word>[\w.+-]++)')
_TONES = {"key": Tone.ACCENT, "string": Tone.GOOD, "word": Tone.BUSY}
_INDENT = 2
_MAX_INDENT = 60
_MAX_PENDING = 1024 * 1024


class Layout:
    """Pieces of JSON to lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line = ""
        self._cut = 0
        self._depth = 0
        self._has_opened = False
        self._pending = ""

    def feed(self, text: str, *, is_last: bool) -> None:
        """Take the next piece."""
        text = self._pending + text
        self._pending = ""
        for match in _TOKEN.finditer(text):
            token = match.group()
            # What touches the end may go on in the next piece; a string without an end certainly does.
            is_open = token == '"' or (match.end() == len(text) and token not in "{}[],:")
            if is_open and not is_last and len(text) - match.start() < _MAX_PENDING:
                self._pending = text[match.start() :]
                break
            self._put(token)
        if is_last and self._line:
            self._end_line()

    def _put(self, token: str) -> None:
        if token in ("}", "]"):
            self._depth = max(0, self._depth - 1)
            if not self._has_opened:
                self._end_line()
            self._add(token)
        else:
            if self._has_opened or (token not in (",", ":") and self._line[-1:] in ("}", "]", '"')):
                self._end_line()
            self._add(token + " " if token == ":" else token)
            if token == ",":
                self._end_line()
        self._has_opened = token in ("{", "[")
        self._depth += self._has_opened

    def _add(self, token: str) -> None:
        if not self._line:
            self._line = " " * min(_MAX_INDENT, _INDENT * self._depth)
        room = max(0, MAX_LINE_CHARS - len(self._line))
        self._line += token[:room]
        self._cut += max(0, len(token) - room)

    def _end_line(self) -> None:
        if self._line:
            self.lines.append(f"{self._line}\0{self._cut}" if self._cut else self._line)
        self._line, self._cut = "", 0


def painted(line: str) -> PreviewLine:
    """Return a line of laid out JSON in tones."""
    text = shown(line)
    cells: list[Cell] = []
    position = 0
    for match in _PAINTED.finditer(text):
        if match.start() > position:
            cells.append(Cell(text[position : match.start()], Tone.DIM))
        cells.append(Cell(match.group(), _TONES[match.lastgroup or "word"]))
        position = match.end()
    if position < len(text):
        cells.append(Cell(text[position:], Tone.DIM))
    return [*cells, *missing(line)]


def looks_like_json(text: str) -> bool:
    """Return whether the beginning of a file is JSON, without remarks and the like."""
    if text.lstrip()[:1] not in ("{", "["):
        return False
    tokens = [match.group() for match in _TOKEN.finditer(text)]
    # The last two may be cut.
    return all((token[0] in '"{}[],:' and token != '"') or _SCALAR.fullmatch(token) for token in tokens[:-2])


class JsonBody(Body):
    """One JSON value, a line for each member."""

    kind = "JSON"
    limit_bytes = 8 * 1024 * 1024

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._layout = Layout()
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self._layout.lines)

    def __getitem__(self, index: int) -> PreviewLine:
        """Return a line."""
        return painted(self._layout.lines[index])

    def _take(self, data: bytes, is_last: bool) -> None:
        text = self._decoder.decode(data, is_last).replace("\0", NUL_PICTURE)
        self._layout.feed(text, is_last=is_last)
        # What is read in parts cannot be judged as a whole.
        if is_last and self.wanted == len(data) and (error := _error_in(text)):
            self.kind = f"JSON, broken in line {error.lineno:,}"


class RecordsBody(Body):
    """A JSON value per line, each laid out under its number; a line that is none is shown as it is."""

    kind = "JSON lines"
    limit_bytes = 8 * 1024 * 1024

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._reader = LineReader(encoding)
        self._lines: list[str | int] = []
        """Of a record its number, negative where it is broken, and then its lines."""
        self._records = 0

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self._lines)

    def __getitem__(self, index: int) -> PreviewLine:
        """Return a line, or the number of the record that follows."""
        line = self._lines[index]
        if not isinstance(line, int):
            return painted(line)
        head = Cell(f"── {abs(line):,}", Tone.FAINT)
        return [head] if line > 0 else [head, Cell("  not JSON", Tone.WARN)]

    def _take(self, data: bytes, is_last: bool) -> None:
        for line in self._reader.lines(data, is_last=is_last):
            self._records += 1
            if line.strip():
                is_broken = "\0" not in line and _error_in(line) is not None
                self._lines += [-self._records, line] if is_broken else [self._records, *_laid_out(line)]


def _error_in(text: str) -> json.JSONDecodeError | None:
    """Return what is wrong with some JSON; nothing where that cannot be told: it is too deep, or a number too long."""
    with contextlib.suppress(RecursionError, ValueError):
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            return error
    return None


def _laid_out(line: str) -> list[str]:
    text, _, cut = line.partition("\0")
    layout = Layout()
    layout.feed(text, is_last=True)
    if cut and layout.lines:
        layout.lines[-1] = f"{layout.lines[-1]}\0{cut}"
    return layout.lines if looks_like_json(text) else [line]
