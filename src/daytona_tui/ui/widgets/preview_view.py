"""The beginning of a file: text with line numbers, or bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType

from daytona_tui.presentation.preview import Preview, PreviewLine
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.ansi_text import windowed
from daytona_tui.ui.widgets.rows_view import RowsView

_STEP = 16


class PreviewView(RowsView):
    """Shows a ``Preview``; sideways with the arrow keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", f"shift({_STEP})", "Right", show=False),
        Binding("left,h", f"shift(-{_STEP})", "Left", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[PreviewLine] = ()
        self._numbers = 0
        self._left = 0

    def show(self, preview: Preview | None) -> None:
        """Show a preview from its top; None: nothing, for the placeholder to say why."""
        self._lines = preview.lines if preview else ()
        self._numbers = len(str(len(self._lines))) if preview and preview.is_numbered else 0
        self._left = self.cursor = self.top = 0
        self.rows_changed()

    def row_count(self) -> int:
        """Return how many lines there are."""
        return len(self._lines)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one line, cut to ``width`` cells."""
        number = f" {index + 1:>{self._numbers}}  " if self._numbers else " "
        head = self.cell_segment(Cell(number, Tone.FAINT))
        body = [self.cell_segment(cell) for cell in self._lines[index]]
        return [head, *windowed(body, self._left, max(1, width - len(number)), self.tone_style(Tone.FAINT))]

    def action_shift(self, cells: int) -> None:
        """Move the window to the side."""
        visible = self._lines[self.top : self.top + self.body_height]
        widest = max((sum(len(cell.text) for cell in line) for line in visible), default=0)
        self._left = max(0, min(self._left + cells, widest - self.size.width // 2))
        self.refresh()
