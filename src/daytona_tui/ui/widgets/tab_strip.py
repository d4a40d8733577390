"""The panes as tabs, where only one of them fits on the screen."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from daytona_tui.presentation.safe_text import cell_width

GAP = 2


class TabStrip(Widget):
    """One line: ``1 Sandboxes  2 Files  3 Console  4 Logs``."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab-strip--current", "tab-strip--other"}
    DEFAULT_CSS = """
    TabStrip { height: 1; width: 1fr; }
    TabStrip .tab-strip--current { color: $accent; text-style: bold underline; }
    TabStrip .tab-strip--other { color: $text-muted; }
    """

    class Chosen(Message):
        """A tab was clicked; ``number`` is that of its pane."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, tabs: tuple[tuple[int, str], ...], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tabs = tabs
        self.current = tabs[0][0] if tabs else 0

    def show(self, current: int) -> None:
        """Show another tab as the current one."""
        if current != self.current:
            self.current = current
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the tabs."""
        segments = [Segment(" ")]
        for number, name in self.tabs:
            look = "tab-strip--current" if number == self.current else "tab-strip--other"
            segments.append(Segment(f"{number} {name}", self.get_component_rich_style(look, partial=True)))
            segments.append(Segment(" " * GAP))
        return Strip(segments).adjust_cell_length(self.size.width).apply_style(self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """Choose the tab that was clicked."""
        start = 1
        for number, name in self.tabs:
            end = start + cell_width(f"{number} {name}")
            if start <= event.x < end:
                self.post_message(self.Chosen(number))
            start = end + GAP
