"""What can be done to sandboxes, one or many at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from daytona_tui.domain.sizes import SizeEdit
from daytona_tui.domain.transfers import TransferOptions

COMMAND_TIMEOUT_S = 600
"""Seconds that a command may run in each sandbox of a bulk act, unless the deed says otherwise."""


class Verb(StrEnum):
    """What can be done to a sandbox as a whole."""

    START = "start"
    STOP = "stop"
    FORCE_STOP = "force_stop"
    PAUSE = "pause"
    ARCHIVE = "archive"
    DELETE = "delete"
    RECOVER = "recover"
    RESIZE = "resize"
    FORK = "fork"
    LABELS = "labels"
    LIFETIMES = "lifetimes"
    EXECUTE = "execute"
    PULL = "pull"


@dataclass(frozen=True, slots=True)
class LabelEdit:
    """A change of labels that leaves the others as they are.

    Attributes:
        set: labels to add or to overwrite.
        remove: keys to take away; one that is also in ``set`` is set.
    """

    set: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    remove: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether it changes anything at all."""
        return bool(self.set or self.remove)

    def applied_to(self, labels: Mapping[str, str]) -> dict[str, str]:
        """Return ``labels`` with the change made."""
        kept = {key: value for key, value in labels.items() if key not in self.remove}
        return {**kept, **self.set}


@dataclass(frozen=True, slots=True)
class LifetimeEdit:
    """New intervals, in minutes, with the meanings of ``domain.sandbox.Lifetimes``; None leaves one as it is.

    Attributes:
        ttl_min: from now until the sandbox is destroyed in any state; 0 takes the limit away.
    """

    auto_stop_min: int | None = None
    auto_pause_min: int | None = None
    auto_archive_min: int | None = None
    auto_delete_min: int | None = None
    ttl_min: int | None = None

    def __bool__(self) -> bool:
        """Whether it changes anything at all."""
        return bool(self.minutes)

    @property
    def minutes(self) -> dict[str, int]:
        """The intervals that are set, by the name of their field."""
        every = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in every.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Deed:
    """Something to do to each of some sandboxes.

    Attributes:
        verb: what.
        labels: for ``labels``.
        lifetimes: for ``lifetimes``.
        size: for ``resize``.
        fork_name: for ``fork``: the name of the new one; empty: a name is made of the old one's.
        command: for ``execute``: shell text.
        cwd: for ``execute``: where it runs; empty for each sandbox's own working directory.
        timeout_s: for ``execute``: seconds after which the command is given up.
        source: for ``pull``: path in the sandbox; empty for its working directory, relative ones begin there.
        destination: for ``pull``: local directory in which each sandbox gets a directory of its own.
        options: for ``pull``: how it is copied.
        wakes: for ``pull``: one that does not run is started for it, and put back as it was.
    """

    verb: Verb
    labels: LabelEdit | None = None
    lifetimes: LifetimeEdit | None = None
    size: SizeEdit | None = None
    fork_name: str = ""
    command: str = ""
    cwd: str = ""
    timeout_s: int = COMMAND_TIMEOUT_S
    source: str = ""
    destination: Path | None = None
    options: TransferOptions = field(default_factory=TransferOptions)
    wakes: bool = False
