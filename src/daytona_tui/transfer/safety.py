"""Which names of a sandbox may become names here.

A name arrives exactly as it is wherever the local file system can hold it, newlines and escape sequences included: what
is written to a disk is not what is written to a terminal. A name that would leave the destination is refused.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

from daytona_tui.errors import TransferError, UnsafePathError

MAX_NAME_BYTES = 255
"""What the usual file systems hold in one name."""

MAX_DEPTH = 250
"""Directories below the root of a pull; deeper trees are mistakes or traps."""

MAX_PATH_BYTES = 3800
"""Below the root of a pull: Linux takes 4096 in all, and the destination needs some."""

_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\]")


def local_name(name: str) -> str:
    """Return ``name`` if it can be one name in a directory here.

    Raises:
        UnsafePathError: it is empty, a dot name, holds a separator or NUL, cannot be encoded, or is too long.
    """
    reason = _objection(name)
    if reason:
        raise UnsafePathError(f"the name {name!r} {reason}")
    return name


def _objection(name: str) -> str:
    if name in ("", ".", ".."):
        return "is not a name of its own"
    if "/" in name or "\0" in name or os.sep in name:
        return "holds a path separator" if "\0" not in name else "holds a NUL"
    try:
        encoded = os.fsencode(name)
    except UnicodeEncodeError:
        return "cannot be written in this system's encoding"
    return "is too long for this file system" if len(encoded) > MAX_NAME_BYTES else ""


def local_path(text: str) -> Path:
    """Return the path of this machine that somebody has typed, with ``~`` spelt out.

    Raises:
        TransferError: it begins with the home of somebody who has none.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise TransferError(f"{text!r}: nobody here has this home", hint=f"write ./{text} for a name here") from None


def directory_name(text: str, otherwise: str) -> str:
    """Return a readable directory name made from ``text``, which may be anything; ``otherwise`` where nothing is left.

    Only for directories that this program names by itself, such as the one for a sandbox.
    """
    name = _UNREADABLE.sub("_", text).strip()
    while len(os.fsencode(name.encode("utf-8", "replace").decode())) > 120:
        name = name[:-1]
    name = name.encode("utf-8", "replace").decode()
    return otherwise if name.strip(".") == "" else name


def collision_key(name: str, *, fold_case: bool) -> str:
    """Return what two names share that a case-insensitive file system would take for one another."""
    return unicodedata.normalize("NFC", name).casefold() if fold_case else name


def link_objection(points_to: str, depth: int) -> str:
    """Return why a link must not be made; empty where it leads to somewhere below the root of a pull.

    It may go up only at its beginning, from where it really is: ``x/..`` leads elsewhere where ``x`` is a link. Links
    that all keep to this cannot leave together what none of them leaves alone.

    Args:
        points_to: what the link says.
        depth: how many directories it lies below the root.
    """
    if not points_to or "\0" in points_to:
        return "a link that points at nothing"
    if points_to.startswith("/"):
        return f"a link that leads away, to {points_to!r}"
    parts = [part for part in points_to.split("/") if part not in ("", ".")]
    up = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
    if up > depth:
        return f"a link that leads away, to {points_to!r}"
    if ".." in parts[up:]:
        return f"a link that goes down and up again, to {points_to!r}"
    try:
        length = len(points_to.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return "a link that cannot be written in this system's encoding"
    return "" if length < MAX_PATH_BYTES else "a link that is too long for this system"
