"""What this run of the program looks like, and the filters that make it so."""

from __future__ import annotations

from dataclasses import dataclass

from textual.filter import ANSIToTruecolor, LineFilter, Monochrome

from daytona_tui.ui.themes.filters import AsciiFilter, ColorlessFilter, SixteenFilter
from daytona_tui.ui.themes.palettes import CONTRAST

_ASCII = AsciiFilter()
_SIXTEEN = SixteenFilter()
_NAMED = ("accent", "error", "warning", "panel", "foreground")
_COLORLESS = ColorlessFilter(CONTRAST.variables | {name: getattr(CONTRAST, name) or "" for name in _NAMED})


@dataclass(frozen=True, slots=True)
class Look:
    """What everything is drawn with.

    Attributes:
        theme: by its name in the settings.
        is_ascii: with the letters of ASCII alone.
        has_colors: False: bold, dim and inverted text alone.
    """

    theme: str = "night"
    is_ascii: bool = False
    has_colors: bool = True

    def through(self, filters: list[LineFilter]) -> list[LineFilter]:
        """Return what every line goes through, given what it does by itself."""
        if not self.has_colors:
            filters = [each for each in filters if not isinstance(each, (Monochrome, ANSIToTruecolor))]
            filters.append(_COLORLESS)
        elif self.theme == "ansi":
            filters = [each for each in filters if not isinstance(each, ANSIToTruecolor)]
            filters.append(_SIXTEEN)
        if self.is_ascii:
            filters.append(_ASCII)
        return filters


def look_for(wanted: str, *, is_ascii: bool, no_color: bool, color_system: str | None) -> Look:
    """Return how to look.

    Args:
        wanted: theme of the settings; empty: one that suits the terminal.
        is_ascii: only ASCII is wanted.
        no_color: no colour is wanted (``NO_COLOR``).
        color_system: what the terminal can show, as Rich calls it; None: no colours.
    """
    if no_color or color_system is None:
        return Look("contrast", is_ascii, has_colors=False)
    return Look(wanted or ("ansi" if color_system == "standard" else "night"), is_ascii)
