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

DAY = Theme(
    name="daytona-day",
    dark=False,
    primary="#2e59c8",
    accent="#2e59c8",
    secondary="#0b6a86",
    success="#3b6b10",
    warning="#855300",
    error="#b3263f",
    foreground="#24283b",
    background="#f8f8fb",
    surface="#f0f1f7",
    panel="#e3e6f1",
    boost="#d8dcec",
    variables={
        "text-muted": "#555b7d",
        "text-disabled": "#757b9c",
        "border": "#2e59c8",
        "border-blurred": "#b4b9d2",
        "block-cursor-background": "#d3dcf8",
        "block-cursor-foreground": "#24283b",
        "block-cursor-blurred-background": "#e8ebf6",
        "block-cursor-blurred-foreground": "#24283b",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#2e59c8",
        "input-cursor-foreground": "#f8f8fb",
        "input-selection-background": "#9db4f0 60%",
        "scrollbar": "#b4b9d2",
        "scrollbar-hover": "#8b92b5",
        "scrollbar-active": "#2e59c8",
        "scrollbar-background": "#f0f1f7",
        "scrollbar-background-hover": "#f0f1f7",
        "scrollbar-background-active": "#f0f1f7",
    },
)

CONTRAST = Theme(
    name="daytona-contrast",
    dark=True,
    primary="#6fd3ff",
    accent="#6fd3ff",
    secondary="#5ff0f0",
    success="#6dff6d",
    warning="#ffd75f",
    error="#ff9090",
    foreground="#ffffff",
    background="#000000",
    surface="#0a0a0a",
    panel="#1c1c1c",
    boost="#262626",
    variables={
        "text-muted": "#d8d8d8",
        "text-disabled": "#b4b4b4",
        "border": "#6fd3ff",
        "border-blurred": "#b4b4b4",
        "block-cursor-background": "#003478",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#2a2a2a",
        "block-cursor-blurred-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "input-cursor-background": "#ffffff",
        "input-cursor-foreground": "#000000",
        "input-selection-background": "#0050b0",
        "scrollbar": "#b4b4b4",
        "scrollbar-hover": "#ffffff",
        "scrollbar-active": "#6fd3ff",
        "scrollbar-background": "#1c1c1c",
        "scrollbar-background-hover": "#1c1c1c",
        "scrollbar-background-active": "#1c1c1c",
    },
)

# The usual sixteen as the first terminals had them; a filter replaces each by its number, see ``filters``.
ANSI = Theme(
    name="daytona-ansi",
    dark=True,
    primary="#5555ff",
    accent="#5555ff",
    secondary="#00aaaa",
    success="#00aa00",
    warning="#aa5500",
    error="#ff5555",
    foreground="#aaaaaa",
    background="#000000",
    surface="#000000",
    panel="#555555",
    boost="#000000",
    variables={
        "text-muted": "#555555",
        "text-disabled": "#555555",
        "border": "#5555ff",
        "border-blurred": "#555555",
        "block-cursor-background": "#0000aa",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#000000",
        "block-cursor-blurred-foreground": "#aaaaaa",
        "block-cursor-text-style": "bold",
        "input-cursor-background": "#aaaaaa",
        "input-cursor-foreground": "#000000",
        "input-selection-background": "#0000aa",
        "scrollbar": "#555555",
        "scrollbar-hover": "#aaaaaa",
        "scrollbar-active": "#5555ff",
        "scrollbar-background": "#000000",
        "scrollbar-background-hover": "#000000",
        "scrollbar-background-active": "#000000",
    },
)

THEMES: Mapping[str, Theme] = MappingProxyType({"night": NIGHT, "day": DAY, "contrast": CONTRAST, "ansi": ANSI})
"""All themes by the names that the settings have for them."""

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


_ON_LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "red": "#c0241f",
        "orange": "#a84300",
        "yellow": "#7a6a00",
        "green": "#187a3d",
        "cyan": "#0b6a86",
        "blue": "#2e59c8",
        "purple": "#7b3fc4",
        "pink": "#b0307f",
    }
)
"""The same colours where the ground is light."""


def theme_for(accent: str, look: str = "night") -> Theme:
    """Return the theme of a profile: frame, keys and name in its colour; the usual one where it has none.

    Args:
        accent: colour of the profile, by its name in the settings; empty: none.
        look: which theme, by its name in the settings.
    """
    base = THEMES[look]
    color = (ACCENTS if base.dark else _ON_LIGHT).get(accent)
    if color is None:
        return base
    variables = {**base.variables, "border": color, "scrollbar-active": color, "input-cursor-background": color}
    return dataclasses.replace(base, name=f"{base.name}-{accent}", accent=color, primary=color, variables=variables)
