"""Lines of cells to choose from: what the dialogs about the layout show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment

from daytona_tui.presentation.safe_text import cell_width, clip
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView


@dataclass(frozen=True, slots=True)
class Choice:
    """One line.

    Attributes:
        key: tells it from the others.
        cells: one for each column of the list; the last takes the room that is left.
    """

    key: str
    cells: tuple[Cell, ...]


class ChoiceList(RowsView):
    """Lines of cells under one another; columns are as wide as their texts, up to a limit each."""

    DEFAULT_CSS = """
    ChoiceList .rows-view--cursor-unfocused { background: $block-cursor-background; }
    """

    def __init__(self, limits: Sequence[int], placeholder: Placeholder | None = None) -> None:
        super().__init__()
        self.choices: tuple[Choice, ...] = ()
        self._limits = tuple(limits)
        self._widths: tuple[int, ...] = ()
        self._placeholder = placeholder or Placeholder("")

    def show(self, choices: Sequence[Choice]) -> None:
        """Show other lines; the cursor stays on its line, wherever that is now."""
        before = self.current
        self.choices = tuple(choices)
        columns = zip(*(choice.cells for choice in self.choices), strict=True)
        widest = (max(cell_width(cell.text) for cell in column) for column in columns)
        self._widths = tuple(min(width, limit) for width, limit in zip(widest, self._limits, strict=False))
        if before is not None:
            self.point_at(before.key)
        self.rows_changed()

    @property
    def current(self) -> Choice | None:
        """The line under the cursor."""
        return self.choices[self.cursor] if self.cursor < len(self.choices) else None

    def point_at(self, key: str) -> None:
        """Put the cursor on the line with this key, if there is one."""
        for index, choice in enumerate(self.choices):
            if choice.key == key:
                self.move_cursor(index)

    def row_count(self) -> int:
        """Return how many lines there are."""
        return len(self.choices)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one line."""
        choice = self.choices[index]
        is_current = index == self.cursor
        segments = [Segment("▌ " if is_current else "  ", self.tone_style(Tone.ACCENT))]
        room = width - 2
        for at, cell in enumerate(choice.cells):
            wide = room if at == len(choice.cells) - 1 else min(self._widths[at], room)
            text = clip(cell.text, wide)
            segments.append(Segment(text, self.tone_style(cell.tone)))
            segments.append(Segment(" " * max(0, min(room, wide + 2) - cell_width(text))))
            room = max(0, room - wide - 2)
        return segments
