"""``COPY`` and ``ADD`` as they are written: what is copied from the context of the build, and where to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from daytona_tui.emulator.body.bubblewrap import HOME

_FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?(?:\s+|$)")
_MODE = re.compile(r"0?[0-7]{3,4}")
_REMOTE = re.compile(r"(?:https?|git|ssh)://|git@")
_LEFT_OUT = frozenset({"chown", "link"})
_ALWAYS_THERE = (HOME, "/tmp", "/var/tmp")


class CopyError(ValueError):
    """An instruction that cannot be followed here; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Files that a step takes from the context.

    Attributes:
        sources: what is copied, as it is written; may have ``*``, ``?`` and ``[…]``.
        target: where to: absolute, without a slash at its end.
        is_into: it was said that the target is a directory, or there is more than one source.
        mode: permissions of all files; None for their own.
        unpacks: an archive is unpacked, as ADD does.
        place: directory outside the home that has to be there for it; empty where one is anyway.
    """

    sources: tuple[str, ...]
    target: str
    is_into: bool
    mode: int | None = None
    unpacks: bool = False
    place: str = ""

    @property
    def is_guessed(self) -> bool:
        """True where the target is taken for a directory as nothing could lie beside it."""
        return self.place == self.target and not self.is_into


def flags_of(name: str, rest: str) -> tuple[int | None, str]:
    """Return the permissions that flags of an instruction say, and what comes behind the flags.

    Raises:
        CopyError: a flag is unknown here.
    """
    mode = None
    while rest.startswith("--"):
        found = _FLAG.match(rest)
        if found is None:
            raise CopyError(f"unknown flag in {name} {rest}")
        word, value = found[1], found[2] or ""
        if word == "from":
            raise CopyError(f"the emulator builds one stage: {name} --from={value} has nothing to copy from")
        if word == "chmod" and _MODE.fullmatch(value):
            mode = int(value, 8)
        elif word not in _LEFT_OUT:
            raise CopyError(f"the emulator's {name} has no --{word}{'=' + value if value else ''}")
        rest = rest[found.end() :]
    return mode, rest


def copy_of(name: str, words: Sequence[str], mode: int | None, workdir: str, known: Iterable[str]) -> Copy:
    """Return what an instruction copies.

    Args:
        name: COPY or ADD.
        words: sources and target.
        mode: what its flags say.
        workdir: where a relative target begins.
        known: directories outside the home that are there by then.

    Raises:
        CopyError: it cannot be followed here.
    """
    if len(words) < 2 or any("\0" in word or not word for word in words):
        raise CopyError(f"{name} requires at least two arguments")
    *sources, last = words
    for source in sources:
        if source.startswith("<<"):
            raise CopyError(f"the emulator's {name} takes no here-document")
        if _REMOTE.match(source):
            raise CopyError(f"the emulator's {name} fetches nothing: {source} is another machine's")
    is_into = len(sources) > 1 or last.endswith(("/", "/.")) or last in (".", "..")
    if len(sources) > 1 and not last.endswith("/") and last not in (".", ".."):
        raise CopyError(f"{name} with several sources needs a directory that ends with /: {last}")
    target = posixpath.normpath(posixpath.join(workdir or HOME, last)).replace("//", "/")
    place = _place_for(name, target, known, is_into=is_into)
    return Copy(tuple(sources), target, is_into, mode, name == "ADD", place)


def _place_for(name: str, target: str, known: Iterable[str], *, is_into: bool) -> str:
    """Return the outermost directory that has to be made; what this machine has is its own and is never written."""
    if any(target == place or target.startswith(f"{place.rstrip('/')}/") for place in (*_ALWAYS_THERE, *known)):
        return ""
    path = "/"
    for part in target.strip("/").split("/"):
        path = posixpath.join(path, part)
        if not Path(path).exists():
            return path
    if target != "/" and is_into and not any(Path(target).iterdir()):
        return target  # such as an empty /srv: a directory of the build can lie over it
    raise CopyError(
        f"the emulator's {name} cannot write to {target}: that is this machine's own; "
        f"the home, /tmp and new directories such as /app are the build's"
    )
