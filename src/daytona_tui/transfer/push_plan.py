"""What a push will do, worked out before it does anything: what is here, what is there, and the policy. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from daytona_tui.domain.transfers import ConflictPolicy, TransferItem

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class PushOptions:
    """How to push.

    Attributes:
        conflict: what to do with a file that exists in the sandbox and differs.
        patterns: more to leave out, as in a ``.gitignore``.
        use_defaults: leave out what hardly anybody wants to copy, such as caches and installed packages.
        use_gitignore: leave out what the ``.gitignore`` files of the sources name.
        by_checksum: what is equal has the same SHA-256; otherwise the same size and time of change.
        way: ``auto``, or one that is asked for: ``bulk``, ``stream``, ``tar``.
    """

    conflict: ConflictPolicy = ConflictPolicy.FAIL
    patterns: tuple[str, ...] = ()
    use_defaults: bool = True
    use_gitignore: bool = False
    by_checksum: bool = False
    way: str = "auto"


@dataclass(frozen=True, slots=True)
class There:
    """What the sandbox has already where something is to be put.

    Attributes:
        kind: ``file``, ``directory``, ``link`` or ``other``.
        modified_ns: nanoseconds since 1970; whole seconds where the sandbox tells no more.
        points_to_directory: a link that leads to a directory.
    """

    kind: str
    size_bytes: int = 0
    modified_ns: int = 0
    points_to_directory: bool = False

    @property
    def holds_files(self) -> bool:
        """True where names can be put below it."""
        return self.kind == "directory" or self.points_to_directory


@dataclass(frozen=True, slots=True)
class PushFile:
    """One file to copy.

    Attributes:
        source: the local file.
        target: absolute path in the sandbox.
        size_bytes: its length when it was listed; it may have changed since.
        mode: permission bits, without set-uid, set-gid and sticky.
        there: what is at the target; None: nothing.
        is_equal: what is there is the same file.
    """

    source: Path
    target: str
    size_bytes: int
    modified_ns: int
    mode: int
    there: There | None = None
    is_equal: bool = False


@dataclass(frozen=True, slots=True)
class PushLink:
    """A symbolic link to make."""

    source: Path
    target: str
    points_to: str
    there: There | None = None


@dataclass(frozen=True, slots=True)
class PushDirectory:
    """A directory that must be there; parents come before their children."""

    target: str
    mode: int
    modified_ns: int
    exists: bool = False


@dataclass(frozen=True)
class PushPlan:
    """What a push will do.

    Attributes:
        destination: where it goes, an absolute path of the sandbox: the directory, or the file itself.
        base: the deepest directory that holds everything; it need not exist yet.
        files: all files, those that are equal too.
        made: directories above the base that have to be made, the uppermost first.
        left_out: what is not copied and was not meant to be, with the reason.
        failed: what cannot be copied, with the reason.
        policy: what happens to the conflicts.
    """

    destination: str
    base: str
    files: tuple[PushFile, ...] = ()
    directories: tuple[PushDirectory, ...] = ()
    links: tuple[PushLink, ...] = ()
    made: tuple[str, ...] = ()
    left_out: tuple[TransferItem, ...] = ()
    failed: tuple[TransferItem, ...] = ()
    policy: ConflictPolicy = ConflictPolicy.FAIL
    options: PushOptions = field(default_factory=PushOptions)

    def with_policy(self, policy: ConflictPolicy) -> PushPlan:
        """Return the plan with another answer to the conflicts; nothing is asked of the sandbox."""
        return replace(self, policy=policy)

    @cached_property
    def equal(self) -> tuple[PushFile, ...]:
        """The files that need no copying."""
        return tuple(file for file in self.files if file.is_equal)

    @cached_property
    def conflicts(self) -> tuple[PushFile, ...]:
        """The files that differ from what is there."""
        return tuple(file for file in self.files if file.there is not None and not file.is_equal)

    @cached_property
    def to_copy(self) -> tuple[PushFile, ...]:
        """The files that will be copied under the policy, with the targets they will have."""
        taken = {file.target for file in self.files}
        return tuple(_decided(self.files, self.policy, taken))

    @cached_property
    def size_bytes(self) -> int:
        """Sum of what will be copied."""
        return sum(file.size_bytes for file in self.to_copy)


def _decided(files: tuple[PushFile, ...], policy: ConflictPolicy, taken: set[str]) -> Iterator[PushFile]:
    for file in files:
        if file.is_equal:
            continue
        if file.there is None or policy is ConflictPolicy.OVERWRITE:
            yield file
        elif policy.value == "newer":
            if file.modified_ns // _NS > file.there.modified_ns // _NS:
                yield file
        elif policy.value == "rename":
            target = free_name(file.target, taken)
            taken.add(target)
            yield replace(file, target=target, there=None)


def free_name(target: str, taken: set[str]) -> str:
    """Return ``target`` with a number before its ending, so that it is none of ``taken``."""
    directory, name = posixpath.split(target)
    stem, ending = posixpath.splitext(name)
    number = 1
    while (free := posixpath.join(directory, f"{stem} ({number}){ending}")) in taken:
        number += 1
    return free
