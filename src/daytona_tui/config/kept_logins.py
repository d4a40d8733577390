"""Logins that this program keeps for its user: named connections whose key lies in the keyring, or in a file of ours.

The file is ``logins.json`` beside the settings, which stay the user's own: nothing is ever written there. Its owner
alone may read it. It holds ``active`` and ``logins``: for each name ``api_url``, ``organization_id``, ``api_key`` or
the entry ``keyring``.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from daytona_tui.config import paths
from daytona_tui.config.connection import Secret
from daytona_tui.config.kept_file import make_private, write_private
from daytona_tui.config.profiles import Profile, is_profile_name
from daytona_tui.errors import ConfigError

_LARGEST = 1 << 20
_LOCK_S = 20.0
_LOCK_PAUSE_S = 0.05
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What file systems say that have no locks."""
_FIELDS = ("api_url", "organization_id", "api_key", "keyring")


@dataclass(frozen=True, slots=True)
class KeptLogins:
    """The logins of the file.

    Attributes:
        profiles: each as a profile, in the order they were kept.
        active: name of the one that is used where nothing else is said; empty: none.
    """

    profiles: tuple[Profile, ...] = ()
    active: str = ""

    def with_login(self, profile: Profile, *, is_active: bool = True) -> KeptLogins:
        """Return them with one more, in the place of the one of its name."""
        others = tuple(each for each in self.profiles if each.name != profile.name)
        return KeptLogins((*others, profile), profile.name if is_active else self.active)

    def without(self, name: str) -> KeptLogins:
        """Return them without one."""
        return KeptLogins(
            tuple(each for each in self.profiles if each.name != name), "" if self.active == name else self.active
        )


def logins_file() -> Path:
    """Return the file with the logins, which need not exist."""
    return paths.config_file().with_name("logins.json")


def read_logins(path: Path | None = None) -> KeptLogins:
    """Return the logins that are kept; none where there is no file.

    Raises:
        ConfigError: the file cannot be read, is damaged, or others may read the keys in it.
    """
    path = path or logins_file()
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            told = json.loads(stream.read(_LARGEST))
    except FileNotFoundError:
        return KeptLogins()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise _damaged(path) from None
    logins = told.get("logins") if isinstance(told, dict) else None
    if not isinstance(logins, dict):
        raise _damaged(path)
    if mode & 0o077 and any(isinstance(each, dict) and each.get("api_key") for each in logins.values()):
        raise ConfigError(f"{path} holds a key and others may read it", hint=f"chmod 600 {path}")
    active = told.get("active")
    profiles = tuple(_profile(path, name, told) for name, told in logins.items())
    is_there = any(each.name == active for each in profiles)
    return KeptLogins(profiles, active if isinstance(active, str) and is_there else "")


@contextlib.contextmanager
def changing_logins(path: Path | None = None) -> Iterator[None]:
    """Let nobody else change the logins meanwhile: they are read, changed and written in one. Blocks.

    The lock is a file of its own beside theirs, which is replaced as a whole and so cannot bear one. It stays there.

    Raises:
        ConfigError: somebody else is at it and does not come to an end, or the disk refuses.
    """
    path = path or logins_file()
    lock = path.with_name(f".{path.name}.lock")
    try:
        make_private(path.parent)
        file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}") from None
    try:
        _lock(file)
        yield
    finally:
        os.close(file)


def _lock(file: int) -> None:
    deadline = time.monotonic() + _LOCK_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                hint = "try again when it is done: it may be waiting for the keyring to be unlocked"
                raise ConfigError("another daytona-tui is keeping a login just now", hint=hint) from None
            time.sleep(_LOCK_PAUSE_S)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise ConfigError(f"the logins cannot be locked: {error.strerror or error}") from None
            return
        else:
            return


def keep_logins(logins: KeptLogins, path: Path | None = None) -> Path:
    """Write the logins in place of those of the file, for the owner's eyes only; return the file. Blocks.

    Raises:
        ConfigError: the disk refuses.
    """
    path = path or logins_file()
    told = {"active": logins.active, "logins": {each.name: _told(each) for each in logins.profiles}}
    try:
        write_private(path, json.dumps(told, indent=2) + "\n")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}") from None
    return path


def _told(profile: Profile) -> dict[str, str]:
    given = {
        "api_url": profile.api_url,
        "organization_id": profile.organization_id,
        "api_key": profile.api_key.reveal(),
        "keyring": profile.keyring,
    }
    return {key: value for key, value in given.items() if value}


def _profile(path: Path, name: str, told: object) -> Profile:
    if not is_profile_name(name) or not isinstance(told, dict):
        raise _damaged(path)
    given: dict[str, Any] = {key: told.get(key, "") for key in _FIELDS}
    if not all(isinstance(value, str) for value in given.values()):
        raise _damaged(path)
    profile = Profile(name=name, origin=f"kept login ({path})")
    return replace(profile, **_with_secret(given))


def _with_secret(given: Mapping[str, Any]) -> dict[str, Any]:
    return {**given, "api_key": Secret(given["api_key"])}


def _damaged(path: Path) -> ConfigError:
    return ConfigError(f"{path} is damaged", hint="remove it, and keep the logins again with daytona-tui login")
