"""Profiles: named connections, of which one is chosen. Where the key of one lies is part of it; the key need not be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daytona_tui.config import values
from daytona_tui.config.connection import DEFAULT_API_URL, NO_SECRET, Secret
from daytona_tui.errors import ConfigError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_RESERVED = ("local", "daytona", "environment")

_PARSERS: Mapping[str, Callable[[object], Any]] = {
    "api_url": values.text,
    "organization_id": values.text,
    "target": values.text,
    "api_key": values.secret,
    "jwt_token": values.secret,
    "api_key_env": values.name_of_key,
    "keyring": values.name_of_key,
    "read_only": values.flag,
    "accent": values.accent,
}
_KEY_PLACES = ("api_key", "jwt_token", "api_key_env", "keyring")


@dataclass(frozen=True, slots=True)
class Profile:
    """A named connection.

    Attributes:
        origin: where the profile is written down, in words.
        api_key: the key, where the profile itself holds it.
        jwt_token: a token instead of a key.
        api_key_env: the variable that holds the key.
        keyring: the entry of the system's keyring that holds the key.
        read_only: nothing may be changed.
        accent: colour of its frame; empty for the usual one.
        expires_at: when the token ceases to be good, where that is known.
    """

    name: str
    origin: str
    api_url: str = ""
    organization_id: str = ""
    target: str = ""
    api_key: Secret = NO_SECRET
    jwt_token: Secret = NO_SECRET
    api_key_env: str = ""
    keyring: str = ""
    read_only: bool = False
    accent: str = ""
    expires_at: datetime | None = None

    @property
    def key_place(self) -> str:
        """Where the key lies, in words, without the key."""
        if self.api_key_env:
            return f"key in the variable {self.api_key_env}"
        if self.keyring:
            return f"key {self.keyring!r} in the keyring"
        if self.api_key:
            return f"key, {len(self.api_key.reveal())} characters"
        return "token" if self.jwt_token else "no key"

    def connects_with(self, environ: Mapping[str, str], now: datetime) -> dict[str, object]:
        """Return the settings that this profile stands for. A key in the keyring is only named.

        Raises:
            ConfigError: the variable with the key is not set, there is no key, or the token has expired.
        """
        key = self.api_key
        if self.api_key_env:
            key = Secret(environ.get(self.api_key_env, "").strip())
            if not key:
                raise ConfigError(
                    f"profile {self.name}: the variable {self.api_key_env} is not set", hint="it has to hold the key"
                )
        if not key and not self.keyring and not self.jwt_token:
            raise ConfigError(
                f"profile {self.name} has no key", hint="give it api_key_env, keyring or api_key", code="no_key"
            )
        if not key and not self.keyring and self.expires_at is not None and self.expires_at <= now:
            raise ConfigError(
                f"the login of profile {self.name} has expired",
                hint="daytona list renews it, daytona login begins anew",
                code="expired_login",
            )
        return {
            "api_url": self.api_url or DEFAULT_API_URL,
            "organization_id": self.organization_id,
            "target": self.target,
            "api_key": key,
            "jwt_token": NO_SECRET if key or self.keyring else self.jwt_token,
            "keyring": self.keyring,
        }


def is_profile_name(name: str) -> bool:
    """Whether a profile may be called so."""
    return _NAME.fullmatch(name) is not None and name not in _RESERVED


ABOUT_NAMES = f"letters, digits, dot, dash and underscore, at most 40, and none of {', '.join(_RESERVED)}"
"""What a profile may be called, in words."""


def profiles_from(tables: object, origin: str) -> tuple[Profile, ...]:
    """Return the profiles of a ``[profiles]`` table, in the order of the file.

    Args:
        tables: what the file has under ``profiles``.
        origin: names the file.

    Raises:
        ConfigError: a name or an entry is malformed. Names the file and the key.
    """
    if not isinstance(tables, dict):
        raise ConfigError(f"{origin}: profiles is not a table", hint="each profile is a table: [profiles.work]")
    return tuple(_profile(name, table, origin) for name, table in tables.items())


def _profile(name: str, table: object, origin: str) -> Profile:
    at = f"profiles.{name}"
    if not is_profile_name(name):
        raise ConfigError(f"{origin}: {name!r} cannot be the name of a profile", hint=ABOUT_NAMES)
    if not isinstance(table, dict):
        raise ConfigError(f"{origin}: {at} is not a table", hint=f"write it as [{at}]")
    given: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _PARSERS:
            raise ConfigError(f"{origin}: there is no setting {at}.{key}", hint=f"it can have {', '.join(_PARSERS)}")
        try:
            given[key] = name if (key, value) == ("keyring", True) else _PARSERS[key](value)
        except ValueError as error:
            raise ConfigError(f"{origin}: {at}.{key} {error}") from error
    if len(places := [key for key in _KEY_PLACES if given.get(key)]) > 1:
        raise ConfigError(f"{origin}: {at} has its key in {' and '.join(places)}", hint="one of them is enough")
    return Profile(name=name, origin=origin, **given)
