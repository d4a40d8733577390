"""Output of other people's programs: as ``OutputView``, with the usual marks of logs toned."""

from __future__ import annotations

import re
from functools import lru_cache

from rich.segment import Segment

from daytona_tui.domain.loglines import Line, LineKind
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.output_view import OutputView

_TIME = re.compile(
    r"\s*\[?(?:\d{4}[-/]\d\d[-/]\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?(?=\s|$)"
)
_LEVEL = re.compile(
    r"(?<![\w-])(?:(?P<bad>ERROR|CRITICAL|FATAL|PANIC|ERR)|(?P<warn>WARN(?:ING)?)|(?P<faint>INFO|NOTICE|DEBUG|TRACE))(?![\w-])"
)
_LEVEL_WITHIN = 64
"""A level stands near the beginning; the word further on is prose."""


class LogView(OutputView):
    """Times are faint, level words have their tone, and what an error says is as loud as the word itself."""

    def output_segments(self, line: Line) -> list[Segment]:
        """Return a line of output, uncut."""
        if "\x1b" in line.text or line.kind is LineKind.PROMPT:
            return super().output_segments(line)
        base = Tone.WARN if line.kind is LineKind.ERR else Tone.NEUTRAL
        return [self.cell_segment(cell) for cell in log_cells(line.text, base)]


@lru_cache(maxsize=512)
def log_cells(text: str, base: Tone) -> tuple[Cell, ...]:
    """Return a line of a log in parts with their tones; ``base`` is that of the ordinary ones."""
    line = safe(text.expandtabs(8))
    time = _TIME.match(line)
    start = time.end() if time else 0
    level = _LEVEL.search(line, start, start + _LEVEL_WITHIN)
    cells = [Cell(line[:start], Tone.FAINT)] if start else []
    if level is None:
        return (*cells, Cell(line[start:], base))
    tone = Tone(level.lastgroup or Tone.FAINT)
    rest = tone if tone is Tone.BAD else base
    return (
        *cells,
        Cell(line[start : level.start()], base),
        Cell(level.group(), Tone.DIM if tone is Tone.FAINT else tone),
        Cell(line[level.end() :], rest),
    )
