"""The beginning of a file as lines that can be shown, whatever it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daytona_tui.domain.ansi import stripped
from daytona_tui.presentation.human import size
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

PreviewLine = Sequence[Cell]

HEX_BYTES = 4096
"""How much of a binary file is shown."""
MAX_LINE_CHARS = 4096
_PER_ROW = 16
_TAB_CELLS = 4
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF87a", "GIF image"),
    (b"GIF89a", "GIF image"),
    (b"BM", "BMP image"),
    (b"%PDF-", "PDF document"),
    (b"PK\x03\x04", "ZIP archive"),
    (b"\x1f\x8b", "gzip archive"),
    (b"\x7fELF", "ELF program"),
    (b"SQLite format 3\0", "SQLite database"),
)


@dataclass(frozen=True, slots=True)
class Preview:
    """Lines to show.

    Attributes:
        kind: what the file is, in a few words.
        is_numbered: the lines are those of the file.
        is_whole: the file ends here.
    """

    kind: str
    lines: tuple[PreviewLine, ...]
    is_numbered: bool
    is_whole: bool


def preview(head: bytes, size_bytes: int) -> Preview:
    """Return what can be shown of a file of ``size_bytes`` that begins with ``head``."""
    is_whole = len(head) >= size_bytes
    if not head:
        return Preview("empty file", ((Cell("This file is empty.", Tone.FAINT),),), False, True)
    text = _as_text(head, is_whole)
    if text is not None:
        return Preview("text", tuple(_text_lines(text, is_whole, size_bytes)), True, is_whole)
    kind = next((name for magic, name in _IMAGES if head.startswith(magic)), "binary file")
    if kind == "PNG image" and len(head) >= 24:
        width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
        kind = f"PNG image, {width} × {height}"
    title = (Cell(f"{kind} · {size(size_bytes)}", Tone.DIM),)
    return Preview(kind, (title, (), *_hex_lines(head[:HEX_BYTES])), False, len(head[:HEX_BYTES]) >= size_bytes)


def _as_text(head: bytes, is_whole: bool) -> str | None:
    if b"\0" in head:
        return None
    text = head.decode("utf-8", "replace")
    # The last character may be cut by the end of what was read.
    broken = text.count("\ufffd") - (0 if is_whole else 1)
    return None if broken > len(text) // 50 + 1 else text


def _text_lines(text: str, is_whole: bool, size_bytes: int) -> list[PreviewLine]:
    lines: list[PreviewLine] = []
    for raw in text.removesuffix("\n").split("\n"):
        line = stripped(raw.removesuffix("\r").expandtabs(_TAB_CELLS))
        cut = line[:MAX_LINE_CHARS]
        cells = [Cell(safe(cut))] if cut else []
        if len(line) > len(cut):
            cells.append(Cell(f" … {len(line) - len(cut)} more characters", Tone.FAINT))
        lines.append(cells)
    if not is_whole:
        lines.append([Cell(f"… the beginning of {size(size_bytes)}; p pulls the whole file", Tone.FAINT)])
    return lines


def _hex_lines(head: bytes) -> list[PreviewLine]:
    lines: list[PreviewLine] = []
    for offset in range(0, len(head), _PER_ROW):
        row = head[offset : offset + _PER_ROW]
        digits = row.hex(" ").ljust(_PER_ROW * 3 - 1)
        picture = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in row)
        lines.append([Cell(f"{offset:08x}  ", Tone.FAINT), Cell(digits), Cell(f"  {picture}", Tone.DIM)])
    return lines
