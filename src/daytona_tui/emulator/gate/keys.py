"""Keys: who has which, what it allows, and the file that brings several of them.

A key is known by its SHA-256 only, so that neither a record nor a report of one can give it away.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from daytona_tui.emulator.fleet.records import utcnow
from daytona_tui.emulator.gate.permissions import PERMISSIONS

PREFIX = "dtn_"
"""Beginning of every key that the emulator makes."""

_SHOWN = 3  # letters at either end of a key that may be shown
_HASHED = re.compile(r"sha256:([0-9a-f]{64})\Z")
_FIELDS = {"name", "key", "permissions", "user"}
_USER_FIELDS = {"id", "name", "email"}
_LARGEST_FILE = 1 << 20


class KeyFileError(ValueError):
    """A file of keys cannot be used; the message is one line and says why, without any key."""


@dataclass(frozen=True, slots=True)
class User:
    """A person of the organisation."""

    id: str = "local-user"
    name: str = "Local User"
    email: str = "local@localhost"


@dataclass(slots=True)
class Key:
    """What is known of a key: not its value.

    Attributes:
        digest: SHA-256 of the value, in hexadecimal.
        start: its first letters, "" when only the digest was given.
        suffix: its last letters, likewise.
        is_created: whether it was made through the interface, and so can be deleted there.
        is_admin: whether it is the emulator's own, which may change quotas as an operator does.
    """

    name: str
    digest: str = field(repr=False)
    permissions: tuple[str, ...] = PERMISSIONS
    start: str = ""
    suffix: str = ""
    user: User = field(default_factory=User)
    id: str = field(default_factory=lambda: str(uuid4()))
    created_at: datetime = field(default_factory=utcnow)
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    is_created: bool = False
    is_admin: bool = False

    @property
    def masked(self) -> str:
        """The key as it may be shown."""
        return f"{self.start}{'*' * 8}{self.suffix}"


def new_value() -> str:
    """Return a value for a new key."""
    return f"{PREFIX}{secrets.token_hex(32)}"


def digest(value: str) -> str:
    """Return what a key is known by."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def key_of(name: str, value: str, **fields: Any) -> Key:
    """Return the record of a key with this value."""
    start, suffix = (value[:_SHOWN], value[-_SHOWN:]) if len(value) > 4 * _SHOWN else ("", "")
    return Key(name, digest(value), start=start, suffix=suffix, **fields)


def read_keys(file: Path) -> list[Key]:
    """Return the keys of a file: a JSON list of ``{"name", "key", "permissions", "user"}``; blocks on disk.

    A key may be given as ``sha256:`` and its digest in hexadecimal. Without ``permissions`` it may do everything;
    ``user`` has some of ``id``, ``name`` and ``email``.

    Raises:
        KeyFileError: the file cannot be read, or holds something else.
    """
    try:
        with file.open("rb") as stream:
            text = stream.read(_LARGEST_FILE + 1)
        entries = json.loads(text) if len(text) <= _LARGEST_FILE else None
    except OSError as error:
        raise KeyFileError(f"cannot read {file}: {error.strerror}") from error
    except (ValueError, RecursionError):
        raise KeyFileError(f"{file} is not JSON") from None
    if not isinstance(entries, list):
        raise KeyFileError(f"{file} must hold a JSON list of keys, of a megabyte at most")
    keys = [_entry(file, number, entry) for number, entry in enumerate(entries, 1)]
    _refuse_twins(file, keys)
    return keys


def _entry(file: Path, number: int, entry: object) -> Key:
    where = f"key {number} of {file}"
    if not isinstance(entry, dict) or not entry.keys() <= _FIELDS:
        raise KeyFileError(f"{where} must be an object with some of: {', '.join(sorted(_FIELDS))}")
    name, value = entry.get("name"), entry.get("key")
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise KeyFileError(f"{where} has no usable name")
    if not isinstance(value, str) or not (value.isascii() and value.isprintable()) or not value or " " in value:
        raise KeyFileError(f"{where}: a key consists of printable ASCII characters without spaces")
    permissions, user = _permissions(where, entry.get("permissions")), _user(where, entry.get("user"))
    if value.startswith("sha256:"):
        hashed = _HASHED.match(value.lower())
        if hashed is None:
            raise KeyFileError(f"{where}: after sha256: come 64 hexadecimal digits")
        return Key(name, hashed[1], permissions=permissions, user=user)
    return key_of(name, value, permissions=permissions, user=user)


def _permissions(where: str, given: object) -> tuple[str, ...]:
    if given is None:
        return PERMISSIONS
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise KeyFileError(f"{where}: permissions must be a list of words")
    unknown = sorted(set(given) - set(PERMISSIONS))
    if unknown:
        raise KeyFileError(f"{where} has unknown permissions: {', '.join(map(ascii, unknown))}")
    return tuple(each for each in PERMISSIONS if each in given)


def _user(where: str, given: object) -> User:
    if given is None:
        return User()
    is_sound = isinstance(given, dict) and given.keys() <= _USER_FIELDS
    if not isinstance(given, dict) or not is_sound or not all(isinstance(each, str) for each in given.values()):
        raise KeyFileError(f"{where}: user must be an object with some of: {', '.join(sorted(_USER_FIELDS))}")
    return User(**given)


def _refuse_twins(file: Path, keys: list[Key]) -> None:
    names = [(key.user.id, key.name) for key in keys]
    if len({key.digest for key in keys}) < len(keys) or len(set(names)) < len(names):
        raise KeyFileError(f"{file} holds a key or a name twice")
