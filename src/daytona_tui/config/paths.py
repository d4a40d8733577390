"""Where this program keeps things, by the customs of the platform. Computes paths; creates nothing."""

from __future__ import annotations

from pathlib import Path

import platformdirs

_NAME = "daytona-tui"


def config_file() -> Path:
    """Return the settings file, which need not exist."""
    return platformdirs.user_config_path(_NAME) / "config.toml"


def state_dir() -> Path:
    """Return the directory of the diagnostics and of the emulator's sandboxes."""
    return platformdirs.user_state_path(_NAME)


def diagnostics_file() -> Path:
    """Return the file that the diagnostics are written to."""
    return state_dir() / "diagnostics.log"


def profile_dir(profile_id: str) -> Path:
    """Return the directory of what is remembered of one connection, for its ``profile_id``."""
    return state_dir() / "profiles" / profile_id
