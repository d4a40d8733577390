"""The panes as tabs, where only one of them fits on the screen."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from daytona_tui.presentation.safe_text import cell_width
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.widgets.tone_styles import tone_style

GAP = 2


class TabStrip(Widget):
    """One line: ``1 Sandboxes  2 Files  3 Console  4 Logs``."""

    DEFAULT_CSS = "TabStrip { height: 1; width: 1fr; }"

    class Chosen(Message):
        """A tab was clicked; ``number`` is that of its pane."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, tabs: tuple[tuple[int, str], ...], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tabs = tabs
        self.current = tabs[0][0] if tabs else 0

    def show(self, tabs: tuple[tuple[int, str], ...], current: int) -> None:
        """Show these tabs, ``current`` as the current one."""
        if (tabs, current) != (self.tabs, self.current):
            self.tabs, self.current = tabs, current
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the tabs."""
        segments = [Segment(" ")]
        for number, name in self.tabs:
            is_current = number == self.current
            style = tone_style(self.app.theme_variables, Tone.ACCENT if is_current else Tone.DIM, bold=is_current)
            segments.append(Segment(f"{number} {name}", style + Style(underline=is_current or None)))
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
