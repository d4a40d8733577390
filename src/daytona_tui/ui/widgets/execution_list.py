"""The sessions of a sandbox and what was run in them, to pick one from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment

from daytona_tui.domain.executions import Execution
from daytona_tui.presentation.safe_text import cell_width, clip, safe
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.rows_view import RowsView


class ExecutionRow(NamedTuple):
    """An execution with its session; ``execution`` is None for a session in which nothing was run yet."""

    session_id: str
    execution: Execution | None
    is_ours: bool = False


class ExecutionList(RowsView):
    """One row per execution: state, session, command, exit code."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[ExecutionRow] = ()

    @property
    def current(self) -> ExecutionRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    def show(self, rows: Sequence[ExecutionRow]) -> None:
        """Show ``rows``; the cursor stays on its execution."""
        if list(rows) == list(self._rows):
            return
        current = self.current
        self._rows = rows
        if current is not None:
            same = (i for i, row in enumerate(rows) if _identity(row) == _identity(current))
            self.move_cursor(next(same, self.cursor))
        self.rows_changed()

    def row_count(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one row, cut to ``width`` cells."""
        row = self._rows[index]
        glyph, result = _state(row.execution)
        session_cells = min(24, max(8, width // 4))
        session = Cell(clip("console" if row.is_ours else safe(row.session_id), session_cells), Tone.DIM)
        room = max(1, width - 5 - session_cells - len(result.text) - 2)
        command = clip(safe(row.execution.command) if row.execution else "nothing run yet", room)
        cells = (
            Cell(f" {glyph.text} ", glyph.tone),
            Cell(session.text + " " * (session_cells - cell_width(session.text) + 2), session.tone),
            Cell(command + " " * (room - cell_width(command)), Tone.NEUTRAL if row.execution else Tone.FAINT),
            Cell(f" {result.text} ", result.tone),
        )
        return [self.cell_segment(cell) for cell in cells]


def _identity(row: ExecutionRow) -> tuple[str, str]:
    return row.session_id, row.execution.id if row.execution else ""


def _state(execution: Execution | None) -> tuple[Cell, Cell]:
    if execution is None:
        return Cell("·", Tone.FAINT), Cell("", Tone.FAINT)
    if execution.exit_code is None:
        return Cell("●", Tone.GOOD), Cell("running", Tone.GOOD)
    if execution.exit_code == 0:
        return Cell("✓", Tone.FAINT), Cell("exit 0", Tone.FAINT)
    return Cell("✗", Tone.BAD), Cell(f"exit {execution.exit_code}", Tone.BAD)
