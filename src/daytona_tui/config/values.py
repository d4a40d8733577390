"""Values of settings: what a file, a variable or a flag gave, checked.

Each function raises ``ValueError`` with the end of a sentence that begins with the name of the setting.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from pathlib import Path

from daytona_tui.config.connection import Secret

LOG_LEVELS = ("debug", "info", "warning", "error")
SIGNALS = ("none", "bell", "desktop")
"""How the end of a long transfer is told, beside a line on the screen."""

ACCENTS = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink")
"""Colours that a profile can have; the theme says what each looks like."""

THEMES = ("night", "day", "contrast", "ansi")
"""Looks of the screen: dark, light, with much contrast, and in the terminal's own sixteen colours."""

_NAME_OF_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,63}")


def text(value: object) -> str:
    """Return a text without blanks around it."""
    if not isinstance(value, str):
        raise ValueError("is not text")
    return value.strip()


def secret(value: object) -> Secret:
    """Return a credential."""
    return Secret(text(value))


def flag(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
    return value


def seconds(value: object) -> float:
    """Return a time in seconds, at most a day."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 86_400:
        raise ValueError("is not a number of seconds between 0 and a day")
    return float(value)


def amount(value: object) -> float:
    """Return a number that is not negative, such as a price."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError("is not a number from 0 up")
    return float(value)


def day(value: object) -> date:
    """Return a date; TOML writes one without quotes."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError("is not a date such as 2026-07-02, without quotes")
    return value


def directory(value: object) -> Path:
    """Return a path with ``~`` resolved."""
    try:
        return Path(str(value) if isinstance(value, Path) else text(value)).expanduser()
    except RuntimeError as error:
        raise ValueError("names a home directory that does not exist") from error


def directories(value: object) -> tuple[Path, ...]:
    """Return paths with ``~`` resolved."""
    if not isinstance(value, list):
        raise ValueError('is not a list such as ["~/jobs"]')
    if "" in value:
        raise ValueError("has an empty path")
    return tuple(map(directory, value))


def name_of_key(value: object) -> str:
    """Return the name of a variable or of an entry that holds a key, which is easily mistaken for the key itself."""
    name = text(value)
    if not _NAME_OF_KEY.fullmatch(name) or name.startswith("dtn_"):
        raise ValueError("is not the name of something that holds a key; the key itself goes there, not here")
    return name


def level(value: object) -> str:
    """Return a level of the diagnostics."""
    return _one_of(LOG_LEVELS, value)


def signal(value: object) -> str:
    """Return how the end of a long transfer is told."""
    return _one_of(SIGNALS, value)


def accent(value: object) -> str:
    """Return the name of a colour; empty for the usual one."""
    return _one_of(("", *ACCENTS), value)


def theme(value: object) -> str:
    """Return the name of a look; empty for the one that suits the terminal."""
    return _one_of(("", *THEMES), value)


def _one_of(words: tuple[str, ...], value: object) -> str:
    word = text(value).lower()
    if word not in words:
        raise ValueError(f"is not one of {', '.join(filter(None, words))}")
    return word
