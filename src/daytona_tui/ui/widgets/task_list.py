"""Tasks as rows, each with a row for every sandbox of it while it is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment

from daytona_tui.presentation.safe_text import cell_width, clip, clip_name
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.rows_view import RowsView

BAR_CELLS = 8
_BAR_FROM = 64
"""Columns from which there is room for a bar."""
_TIME_CELLS = 4
_NAME_CELLS = 30
"""Columns of the sandboxes' names, where there is that much room."""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One row.

    Attributes:
        task: which task it belongs to.
        part: which sandbox of the task; empty: the task itself.
        glyph: how far it is.
        title: what it is about.
        detail: what happens, or happened.
        elapsed: how long it took, or takes.
        fraction: how far it is, between 0 and 1; None: no bar.
        is_open: the rows of its sandboxes follow.
    """

    task: int
    part: str
    glyph: Cell
    title: str
    detail: Cell
    elapsed: str = ""
    fraction: float | None = None
    is_open: bool = False


class TaskList(RowsView):
    """Draws tasks; the cursor stays on what it is on."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: Sequence[TaskLine] = ()

    @property
    def current(self) -> TaskLine | None:
        """The row under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    def show(self, lines: Sequence[TaskLine]) -> None:
        """Show ``lines``; the cursor stays on its row, or on the task of one that is gone."""
        if lines == self.lines:
            return
        before = self.current
        self.lines = lines
        if before is not None:
            places = {(line.task, line.part): index for index, line in enumerate(lines)}
            index = places.get((before.task, before.part), places.get((before.task, "")))
            if index is not None and index != self.cursor:
                self.move_cursor(index)
        self.rows_changed()

    def row_count(self) -> int:
        """Return how many rows there are."""
        return len(self.lines)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one row: fold mark, glyph, title, what happens, bar, time."""
        line = self.lines[index]
        fold = "    " if line.part else (" ▾ " if line.is_open else " ▸ ")
        bar = self._bar(line.fraction) if width >= _BAR_FROM and line.fraction is not None else []
        end = f" {line.elapsed:>{_TIME_CELLS}} "
        room = width - len(fold) - 2 - len(end) - (BAR_CELLS + 1 if bar else 0)
        title, detail = _shared(line, room)
        return [
            Segment(fold, self.tone_style(Tone.FAINT)),
            Segment(f"{line.glyph.text} ", self.tone_style(line.glyph.tone)),
            Segment(title, self.tone_style(Tone.DIM if line.part else Tone.NEUTRAL)),
            Segment(detail, self.tone_style(line.detail.tone)),
            *bar,
            Segment(end, self.tone_style(Tone.FAINT)),
        ]

    def _bar(self, fraction: float) -> list[Segment]:
        full = round(BAR_CELLS * min(1.0, max(0.0, fraction)))
        return [
            Segment(" " + "━" * full, self.tone_style(Tone.BUSY)),
            Segment("─" * (BAR_CELLS - full), self.tone_style(Tone.FAINT)),
        ]


def _shared(line: TaskLine, room: int) -> tuple[str, str]:
    """Share the room: what happens stands at the right for a task, and in a column for its sandboxes."""
    room = max(2, room)
    if not line.title:
        return "", _padded(clip(line.detail.text, room), room)
    if line.part:
        column = min(_NAME_CELLS, max(8, room * 2 // 5))
        return _padded(clip_name(line.title, column - 2), column), _padded(
            clip(line.detail.text, room - column), room - column
        )
    detail = line.detail.within(max(room // 2, room - cell_width(line.title) - 2))
    column = room - cell_width(detail)
    return _padded(clip(line.title, column - 2), column), detail


def _padded(text: str, cells: int) -> str:
    return text + " " * (cells - cell_width(text))
