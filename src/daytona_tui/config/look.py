"""The theme that was chosen on the screen, remembered from one run to the next."""

from __future__ import annotations

from pathlib import Path

from daytona_tui.config import paths
from daytona_tui.config.kept_file import write_private
from daytona_tui.config.values import THEMES

CHOSEN = "chosen on the screen"
"""Origin of a theme that was remembered."""


def theme_file() -> Path:
    """Return the file with the name of the theme, which need not exist."""
    return paths.state_dir() / "theme"


def kept_theme() -> str:
    """Return the theme that is remembered; empty where none is, or the file is damaged. Reads a small file."""
    try:
        with theme_file().open("rb") as stream:
            name = stream.read(40).decode("ascii", "replace").strip()
    except OSError:
        return ""
    return name if name in THEMES else ""


def keep_theme(name: str) -> str:
    """Remember a theme; return in words why that failed, empty where it did not. Blocks; never raises."""
    try:
        write_private(theme_file(), f"{name}\n")
    except OSError as error:
        return f"it is not remembered: {theme_file()}: {error.strerror or error}"
    return ""
