"""The login of the ``daytona`` command, read from that command's own file and never written.

The file is ``config.json`` in ``DAYTONA_CONFIG_DIR`` or in ``daytona`` of the user's configuration directory, and holds
``activeProfile`` and ``profiles``: each with ``id``, ``name``, ``api`` (``url``, and ``key`` or ``token``) and
``activeOrganizationId`` (source: the command's own ``config`` package, read in version 0.205).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

from daytona_tui.config.connection import NO_SECRET, Secret
from daytona_tui.config.profiles import Profile
from daytona_tui.errors import ConfigError

NAME = "daytona"
"""How the login that is in use is called among the profiles; the others are ``daytona/NAME``."""

_LARGEST = 1 << 20


def login_file(environ: Mapping[str, str] | None = None) -> Path:
    """Return where the ``daytona`` command keeps its login; it need not exist."""
    told = (os.environ if environ is None else environ).get("DAYTONA_CONFIG_DIR", "")
    return (Path(told) if told else platformdirs.user_config_path("daytona")) / "config.json"


def read_login(path: Path) -> tuple[Profile, ...]:
    """Return the logins in the ``daytona`` command's file, the one in use first; none where there is no file.

    Raises:
        ConfigError: the file cannot be read, or its form is not known. Names the file and what is odd.
    """
    try:
        with path.open("rb") as stream:
            told = json.loads(stream.read(_LARGEST))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{path} is not JSON", hint="it belongs to the daytona command: log in there again"
        ) from error
    listed = _field(path, "", told, "profiles", list) or []
    active = _field(path, "", told, "activeProfile", str) or ""
    entries = [(f"profiles[{number}].", entry) for number, entry in enumerate(listed)]
    in_use = [_profile(path, at, entry, NAME) for at, entry in entries if _id(path, at, entry) == active and active]
    others = [_profile(path, at, entry, "") for at, entry in entries if _id(path, at, entry) != active or not active]
    return _distinct((*in_use[:1], *others))


def _id(path: Path, at: str, entry: object) -> str:
    return _field(path, at, entry, "id", str) or ""


def _profile(path: Path, at: str, entry: object, name: str) -> Profile:
    api = _field(path, at, entry, "api", dict) or {}
    token = _field(path, f"{at}api.", api, "token", dict) or {}
    called = _field(path, at, entry, "name", str) or _id(path, at, entry) or "unnamed"
    return Profile(
        name=name or f"{NAME}/{called}",
        origin=f"login of the daytona command ({path})",
        api_url=_field(path, f"{at}api.", api, "url", str) or "",
        organization_id=_field(path, at, entry, "activeOrganizationId", str) or "",
        api_key=_secret(_field(path, f"{at}api.", api, "key", str)),
        jwt_token=_secret(_field(path, f"{at}api.token.", token, "accessToken", str)),
        expires_at=_time(_field(path, f"{at}api.token.", token, "expiresAt", str)),
    )


def _field(path: Path, at: str, holder: object, key: str, kind: type[Any]) -> Any:
    """Return a field of the expected kind; None where it is missing or null."""
    if not isinstance(holder, dict):
        raise ConfigError(f"{path}: {at.rstrip('.') or 'the whole'} is not an object")
    value = holder.get(key)
    if value is not None and not isinstance(value, kind):
        raise ConfigError(f"{path}: {at}{key} has an unknown form", hint="a newer daytona command may have written it")
    return value


def _secret(value: str | None) -> Secret:
    return Secret(value.strip()) if value else NO_SECRET


def _time(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _distinct(profiles: tuple[Profile, ...]) -> tuple[Profile, ...]:
    """Leave out what has the name of an earlier one: it could not be asked for."""
    return tuple({profile.name: profile for profile in reversed(profiles)}.values())[::-1]
