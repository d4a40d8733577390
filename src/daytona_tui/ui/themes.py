"""The colours: the only place where one is written down. Everything else names a theme variable.

``text-muted`` and ``text-disabled`` are fixed here because Textual's own are relative to a background, and a tone has
none: a partial style of a relative colour comes out white.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from textual.theme import Theme

NIGHT = Theme(
    name="daytona-night",
    dark=True,
    primary="#7aa2f7",
    accent="#7aa2f7",
    secondary="#7dcfff",
    success="#9ece6a",
    warning="#e0af68",
    error="#f7768e",
    foreground="#c0caf5",
    background="#16161e",
    surface="#1a1b26",
    panel="#1f2335",
    boost="#24283b",
    variables={
        "text-muted": "#7f88b5",
        "text-disabled": "#626c99",
        "border": "#7aa2f7",
        "border-blurred": "#3b4261",
        "block-cursor-background": "#292e42",
        "block-cursor-foreground": "#c0caf5",
        "block-cursor-blurred-background": "#1e2030",
        "block-cursor-blurred-foreground": "#c0caf5",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#7aa2f7",
        "input-cursor-foreground": "#16161e",
        "input-selection-background": "#3d59a1 60%",
        "scrollbar": "#3b4261",
        "scrollbar-hover": "#565f89",
        "scrollbar-active": "#7aa2f7",
        "scrollbar-background": "#1a1b26",
        "scrollbar-background-hover": "#1a1b26",
        "scrollbar-background-active": "#1a1b26",
    },
)

ACCENTS: Mapping[str, str] = MappingProxyType(
    {
        "red": "#f0524f",
        "orange": "#ff9e64",
        "yellow": "#f5e663",
        "green": "#4fd68b",
        "cyan": "#7dcfff",
        "blue": "#7aa2f7",
        "purple": "#bb9af7",
        "pink": "#ff8fd8",
    }
)
"""What each colour that a profile can have looks like; the names are those of the settings.

None is a colour in which something is said: a frame in that of errors would look like one.
"""


def theme_for(accent: str) -> Theme:
    """Return the theme of a profile: frame, keys and name in its colour; the usual one where it has none."""
    color = ACCENTS.get(accent)
    if color is None:
        return NIGHT
    variables = {**NIGHT.variables, "border": color, "scrollbar-active": color, "input-cursor-background": color}
    return dataclasses.replace(NIGHT, name=f"{NIGHT.name}-{accent}", accent=color, primary=color, variables=variables)
