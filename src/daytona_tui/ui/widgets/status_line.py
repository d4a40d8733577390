"""The top line: which Daytona, how fresh the news is, how many sandboxes, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from daytona_tui.presentation.safe_text import cell_width, clip
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.tone_styles import tone_style


@dataclass(frozen=True)
class StatusPart:
    """A few cells that belong together.

    Attributes:
        rank: the greater, the sooner it leaves when room gets scarce.
        short: what takes its place when it leaves, with a rank of its own; None: nothing does.
    """

    cells: tuple[Cell, ...]
    rank: int = 0
    short: StatusPart | None = None

    @property
    def width(self) -> int:
        """Terminal cells it takes."""
        return sum(cell_width(cell.text) for cell in self.cells)


GAP = 3


class StatusLine(Widget):
    """One line of parts that never wraps."""

    DEFAULT_CSS = "StatusLine { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.parts: tuple[StatusPart, ...] = ()

    def show(self, parts: tuple[StatusPart, ...]) -> None:
        """Show other parts."""
        if parts != self.parts:
            self.parts = parts
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the parts that fit; the last one that does is cut with an ellipsis rather than lost."""
        width, variables = self.size.width, self.app.theme_variables
        segments = [Segment(" ")]
        room = width - 2
        for number, part in enumerate(self._fitting(room)):
            if number:
                segments.append(Segment(" " * GAP))
                room -= GAP
            for cell in part.cells:
                text = clip(cell.text, room)
                room -= cell_width(text)
                segments.append(Segment(text, tone_style(variables, cell.tone, bold=cell.tone is Tone.ACCENT)))
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)

    def _fitting(self, room: int) -> list[StatusPart]:
        staying = list(self.parts)
        while len(staying) > 1 and sum(part.width + GAP for part in staying) - GAP > room:
            last = max(staying, key=lambda part: part.rank)
            if last.rank == 0:
                break
            place = staying.index(last)
            staying[place : place + 1] = [last.short] if last.short is not None else []
        return staying
