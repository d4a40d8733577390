"""The themes there are; the one under the cursor is shown at once."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from textual import on

from daytona_tui.presentation.fuzzy import Needle
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.screens.chooser import ChooserList, ChooserScreen
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView

_NAME_WIDTH = 14
WORDS = {
    "night": "dark",
    "day": "light",
    "contrast": "black and white, with strong colours for what matters",
    "ansi": "the sixteen colours of the terminal, on its own ground",
}
"""What each theme is like."""


class ThemeList(ChooserList):
    """The themes that fit what was typed."""

    def __init__(self, current: str) -> None:
        super().__init__()
        self._current = current
        self._needle = Needle("")
        self.shown = tuple(WORDS)
        self.placeholder = Placeholder("No theme has these letters", "esc keeps the one there is")
        self.cursor = self.shown.index(current)

    def filter_by(self, text: str) -> None:
        """Show the themes whose name or words fit ``text``."""
        self._needle = Needle(text)
        self.shown = tuple(name for name, words in WORDS.items() if self._needle.rank(f"{name}\n{words}") is not None)
        self.narrowed()

    def row_count(self) -> int:
        """Return how many are shown."""
        return len(self.shown)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return the name and what it is like."""
        name = self.shown[index]
        is_current = name == self._current
        return [
            Segment(" ● " if is_current else "   ", self.tone_style(Tone.GOOD)),
            *self.cell(name, _NAME_WIDTH, Tone.STRONG if is_current else Tone.NEUTRAL, self._needle),
            *self.cell(WORDS[name], max(0, width - 3 - _NAME_WIDTH), Tone.DIM),
        ]


class ThemesScreen(ChooserScreen[str]):
    """Choose a theme; the result is its name, None keeps the one there is.

    Args:
        current: name of the theme there is.
        show: shows a theme, by its name, without choosing it.
    """

    TITLE_TEXT = "Theme"
    PLACEHOLDER = "find a theme"

    def __init__(self, current: str, show: Callable[[str], None]) -> None:
        self._list = ThemeList(current)
        self._show = show
        super().__init__(self._list, subtitle="the arrow keys show it · enter keeps it · esc goes back")

    @on(RowsView.CursorMoved)
    def _show_it(self) -> None:
        if self._list.row_count():
            self._show(self._list.shown[self._list.cursor])

    def choice(self, index: int) -> str:
        """Return the name in a row."""
        return self._list.shown[index]
