"""How everything looks: themes, and what is made of them where colours, letters or motion are not wanted."""

from daytona_tui.ui.themes.look import Look, look_for
from daytona_tui.ui.themes.palettes import ACCENTS, NIGHT, THEMES, theme_for

__all__ = ["ACCENTS", "NIGHT", "THEMES", "Look", "look_for", "theme_for"]
