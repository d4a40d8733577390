"""Settings: defaults ← file ← environment ← flags, each value with its origin."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from daytona_tui.config import paths
from daytona_tui.config.connection import DEFAULT_API_URL, Connection, Secret, checked
from daytona_tui.errors import ConfigError

ENVIRONMENT = {
    "DAYTONA_API_KEY": "api_key",
    "DAYTONA_API_URL": "api_url",
    "DAYTONA_TARGET": "target",
    "DAYTONA_ORGANIZATION_ID": "organization_id",
    "DAYTONA_JWT_TOKEN": "jwt_token",
}
"""Variables that are read, and the setting that each gives. An empty variable counts as not set."""

_NONE = Secret("")

LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Settings:
    """What this run of the program goes by.

    Attributes:
        poll_s: seconds between two listings of the fleet while there is no event feed; with one, six times as long.
        lifecycle_timeout_s: seconds that a start, stop, archive or delete may take to settle.
        pull_dir: directory that pulls go into unless a destination is given.
        log_level: least severity that goes into the diagnostics.
        origins: where each value comes from: ``default``, ``file``, the variable's name, or ``flag``.
    """

    api_url: str = DEFAULT_API_URL
    api_key: Secret = _NONE
    jwt_token: Secret = _NONE
    organization_id: str = ""
    target: str = ""
    poll_s: float = 5.0
    lifecycle_timeout_s: float = 120.0
    pull_dir: Path = Path()
    log_level: str = "info"
    origins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def has_credential(self) -> bool:
        """True when there is something to identify with."""
        return bool(self.api_key or self.jwt_token)

    def connection(self) -> Connection:
        """Return where to connect to.

        Raises:
            ConfigError: the credential is missing or incomplete, or the URL is none.
        """
        return checked(Connection(self.api_url, self.api_key, self.jwt_token, self.organization_id, self.target))

    def origin(self, key: str) -> str:
        """Return where the value of ``key`` comes from."""
        return self.origins.get(key, "default")


def read_settings(
    environ: Mapping[str, str] | None = None,
    *,
    file: Path | None = None,
    flags: Mapping[str, object] | None = None,
) -> Settings:
    """Return the settings of this run.

    Args:
        environ: variables; those of the process when None.
        file: settings file; the customary one when None. A file that does not exist sets nothing.
        flags: settings by key as the command line gave them; None values are not set.

    Raises:
        ConfigError: a value is malformed, or a file with a key in it can be read by others. Names origin and key.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    path = file or paths.config_file()
    layers = (
        ((key, value, f"file {path}") for key, value in _read_file(path).items()),
        _from_environment(os.environ if environ is None else environ),
        ((key, value, "flag") for key, value in (flags or {}).items() if value is not None),
    )
    for layer in layers:
        for key, value, origin in layer:
            values[key] = _parsed(key, value, origin)
            origins[key] = origin
    return Settings(**values, origins=MappingProxyType(origins))


def _from_environment(environ: Mapping[str, str]) -> list[tuple[str, object, str]]:
    return [(key, environ[name].strip(), name) for name, key in ENVIRONMENT.items() if environ.get(name, "").strip()]


def _read_file(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as stream:
            values = tomllib.load(stream)
            mode = os.fstat(stream.fileno()).st_mode
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}", hint="see the settings in the README") from error
    if mode & 0o077 and ("api_key" in values or "jwt_token" in values):
        raise ConfigError(f"{path} holds a key and others may read it", hint=f"chmod 600 {path}")
    return values


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("is not text")
    return value.strip()


def _secret(value: object) -> Secret:
    return Secret(_text(value))


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 86_400:
        raise ValueError("is not a number of seconds between 0 and a day")
    return float(value)


def _directory(value: object) -> Path:
    try:
        return Path(str(value) if isinstance(value, Path) else _text(value)).expanduser()
    except RuntimeError as error:
        raise ValueError("names a home directory that does not exist") from error


def _level(value: object) -> str:
    word = _text(value).lower()
    if word not in LOG_LEVELS:
        raise ValueError(f"is not one of {', '.join(LOG_LEVELS)}")
    return word


_PARSERS: Mapping[str, Callable[[object], object]] = {
    "api_url": _text,
    "api_key": _secret,
    "jwt_token": _secret,
    "organization_id": _text,
    "target": _text,
    "poll_s": _seconds,
    "lifecycle_timeout_s": _seconds,
    "pull_dir": _directory,
    "log_level": _level,
}


def _parsed(key: str, value: object, origin: str) -> object:
    parser = _PARSERS.get(key)
    if parser is None:
        raise ConfigError(f"{origin}: there is no setting {key!r}", hint=f"settings are {', '.join(sorted(_PARSERS))}")
    try:
        return parser(value)
    except ValueError as error:
        raise ConfigError(f"{origin}: {key} {error}") from error
