"""The one table from tone to theme colour.

Not component classes: Textual applies the whole stylesheet once for every one of them in every widget, which would
double the time to the first paint.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from rich.color import Color, ColorParseError
from rich.style import Style
from textual.content import Content

from daytona_tui.presentation.tones import Cell, Tone

VARIABLES: Mapping[Tone, str] = {
    Tone.ACCENT: "accent",
    Tone.GOOD: "success",
    Tone.BUSY: "secondary",
    Tone.WARN: "warning",
    Tone.BAD: "error",
    Tone.DIM: "text-muted",
    Tone.FAINT: "text-disabled",
}
"""Theme variables by tone; a tone that is not here has the colour of the text around it."""


def tone_style(variables: Mapping[str, str], tone: Tone, *, bold: bool = False) -> Style:
    """Return the style of a tone, without a background.

    Args:
        variables: the theme's, as ``App.theme_variables`` has them.
        tone: what the text means.
        bold: makes it stand out more.
    """
    return _style(variables.get(VARIABLES.get(tone, ""), ""), bold or tone is Tone.STRONG)


def variable_style(variables: Mapping[str, str], name: str) -> Style:
    """Return a style with the colour of a theme variable as foreground."""
    return _style(variables.get(name, ""), False)


def toned(cell: Cell) -> Content:
    """Return a cell as content for Textual's own widgets; its text is plain."""
    if cell.tone is Tone.STRONG:
        return Content.styled(cell.text, "bold")
    return Content.styled(cell.text, f"${VARIABLES[cell.tone]}") if cell.tone in VARIABLES else Content(cell.text)


@cache
def _style(color: str, bold: bool) -> Style:
    try:
        return Style(color=Color.parse(color.lower()) if color else None, bold=bold or None)
    except ColorParseError:
        # A theme whose colour depends on the background: then the text's own.
        return Style(bold=bold or None)
