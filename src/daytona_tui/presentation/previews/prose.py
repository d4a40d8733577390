"""Markdown as prose: headings, lists, quotes and code, wrapped to a width."""

from __future__ import annotations

import re
from collections.abc import Iterator

from daytona_tui.presentation.previews.body import Body, PreviewLine
from daytona_tui.presentation.previews.text import LineReader, shown
from daytona_tui.presentation.safe_text import cell_width
from daytona_tui.presentation.tones import Cell, Tone

# Bounded, so that no text takes long.
_INLINE = re.compile(
    r"`(?P<code>[^`]{1,500})`"
    r"|(?:\*\*|__)(?P<bold>[^*_]{1,500})(?:\*\*|__)"
    r"|(?<![\w*])\*(?P<stress>[^*\s][^*]{0,500})\*"
    r"|!?\[(?P<text>[^\]]{1,300})\]\((?P<url>[^)\s]{1,1000})[^)]{0,200}\)"
)
_HEADING = re.compile(r"(#{1,6})\s+(.{0,4096}?)\s*#*$")
_ITEM = re.compile(r"(?P<indent> {0,60})(?P<mark>[-*+]|\d{1,9}[.)])\s+(?P<box>\[[ xX]\]\s)?(?P<text>.*)")
_RULE = re.compile(r"\s{0,3}([-*_])(?:\s{0,3}\1){2,}\s*$")
_FENCE = re.compile(r"\s{0,12}(`{3,}|~{3,})")
_DASHES = re.compile(r":?-{1,200}:?")
_LEAST_WIDTH = 20
_MAX_COLUMNS = 50
_MAX_TABLE_ROWS = 1000


class ProseBody(Body):
    """Markdown, without its marks.

    Attributes:
        width: cells of a line.
    """

    kind = "Markdown"
    limit_bytes = 1024 * 1024

    def __init__(self, width: int, encoding: str = "utf-8") -> None:
        super().__init__()
        self.width = max(_LEAST_WIDTH, width)
        self._reader = LineReader(encoding)
        self._lines: list[PreviewLine] = []
        self._fence = ""
        self._paragraph: list[str] = []
        self._table: list[list[str]] = []
        self._lead = ("", "")

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self._lines)

    def __getitem__(self, index: int) -> PreviewLine:
        """Return a line."""
        return self._lines[index]

    def _take(self, data: bytes, is_last: bool) -> None:
        for raw in self._reader.lines(data, is_last=is_last):
            self._line(shown(raw))
        if is_last:
            self._end_paragraph()

    def _line(self, line: str) -> None:
        fence = _FENCE.match(line)
        if self._fence:
            if fence and fence[1].startswith(self._fence):
                self._fence = ""
            else:
                self._lines.append([Cell("  "), Cell(line, Tone.BUSY)])
        elif fence:
            self._end_paragraph()
            self._fence = fence[1]
        elif not line.strip():
            self._end_paragraph()
            if self._lines and self._lines[-1]:
                self._lines.append([])
        else:
            self._block(line)

    def _block(self, line: str) -> None:
        if heading := _HEADING.match(line):
            self._end_paragraph()
            self._lines.append([Cell(heading[2], Tone.ACCENT if len(heading[1]) == 1 else Tone.STRONG)])
        elif _RULE.match(line):
            self._end_paragraph()
            self._lines.append([Cell("─" * min(self.width, 40), Tone.FAINT)])
        elif line.lstrip().startswith("|"):
            self._end_paragraph(and_table=False)
            self._table.append([cell.strip() for cell in line.strip().strip("|").split("|")[:_MAX_COLUMNS]])
            if len(self._table) >= _MAX_TABLE_ROWS:
                self._end_paragraph()
        elif line.startswith("    ") and not self._paragraph:
            self._end_paragraph()
            self._lines.append([Cell(line, Tone.BUSY)])
        elif item := _ITEM.match(line):
            self._end_paragraph()
            mark = item["mark"] if item["mark"][0].isdigit() else "•"
            box = {"[ ] ": "☐ "}.get(item["box"] or "", "☑ " if item["box"] else "")
            lead = f"{item['indent']}{mark} "
            self._lead = (f"{lead}{box}", " " * cell_width(lead))
            self._paragraph = [item["text"]]
        elif line.lstrip().startswith(">"):
            if self._lead[0] != "▌ ":
                self._end_paragraph()
            self._lead = ("▌ ", "▌ ")
            self._paragraph.append(line.lstrip(" >"))
        else:
            if self._table:
                self._end_paragraph()
            self._paragraph.append(line.strip())

    def _end_paragraph(self, *, and_table: bool = True) -> None:
        if and_table and self._table:
            self._lines += _table(self._table)
            self._table = []
        if self._paragraph:
            first, others = self._lead
            tone = Tone.DIM if first == "▌ " else Tone.NEUTRAL
            words = list(_words(" ".join(self._paragraph), tone))
            self._lines += _wrapped(words, self.width, first, others)
        self._paragraph, self._lead = [], ("", "")


def _table(rows: list[list[str]]) -> Iterator[PreviewLine]:
    """Yield the rows of a table in columns, with a line under its heading."""
    columns = max(map(len, rows))
    texts = [["".join(word.text for word in _words(cell, Tone.NEUTRAL)) for cell in row] for row in rows]
    is_ruled = len(rows) > 1 and all(_DASHES.fullmatch(cell) for cell in rows[1])
    shown = [row for number, row in enumerate(texts) if number != 1 or not is_ruled]
    widths = [max((cell_width(row[at]) for row in shown if at < len(row)), default=0) for at in range(columns)]
    for number, row in enumerate(shown):
        tone = Tone.STRONG if is_ruled and number == 0 else Tone.NEUTRAL
        yield [Cell(f"{cell}{' ' * (widths[at] - cell_width(cell))}  ", tone) for at, cell in enumerate(row)]
        if is_ruled and number == 0:
            yield [Cell("─" * (sum(widths) + 2 * columns - 2), Tone.FAINT)]


def _words(text: str, tone: Tone) -> Iterator[Cell]:
    """Yield words with their tones; each but the last of a piece without a space ends with one."""
    position = 0
    for match in _INLINE.finditer(text):
        yield from _split(text[position : match.start()], tone)
        if match["text"]:
            yield from _split(match["text"], Tone.ACCENT)
            yield from _split(f" ({match['url']})", Tone.FAINT)
        elif match["code"]:
            yield from _split(match["code"], Tone.BUSY)
        else:
            yield from _split(match["bold"] or match["stress"], Tone.STRONG)
        position = match.end()
    yield from _split(text[position:], tone)


def _split(text: str, tone: Tone) -> Iterator[Cell]:
    for piece in re.findall(r"\S+ *| +", text):
        yield Cell(piece, tone)


def _wrapped(words: list[Cell], width: int, first: str, others: str) -> Iterator[PreviewLine]:
    lead, line, used = first, list[Cell](), cell_width(first)
    for word in words:
        cells = cell_width(word.text.rstrip())
        if line and used + cells > width:
            yield [Cell(lead, Tone.DIM), *line]
            lead, line, used = others, [], cell_width(others)
            if not word.text.strip():
                continue
        line.append(word)
        used += cell_width(word.text)
    if line:
        yield [Cell(lead, Tone.DIM), *line]
