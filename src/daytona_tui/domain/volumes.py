"""Volumes: directories that sandboxes share, and who has one mounted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.wire_words import WireWord

VolumeId = NewType("VolumeId", str)

_LONGEST_NAME = 255


class VolumeState(WireWord):
    """Where a volume is in its life; ``UNKNOWN`` is whatever is not known here."""

    PENDING_CREATE = "pending_create"
    CREATING = "creating"
    READY = "ready"
    PENDING_DELETE = "pending_delete"
    DELETING = "deleting"
    DELETED = "deleted"
    ERROR = "error"
    UNKNOWN = "unknown"

    @property
    def is_settled(self) -> bool:
        """True in states that last until somebody acts."""
        return self in (VolumeState.READY, VolumeState.ERROR, VolumeState.DELETED)


@dataclass(frozen=True, slots=True)
class Volume:
    """A directory that sandboxes share.

    Attributes:
        state_word: the state as the server spelt it.
    """

    id: VolumeId
    name: str
    state: VolumeState = VolumeState.UNKNOWN
    state_word: str = ""
    error_reason: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume in a sandbox.

    Attributes:
        volume_id: the volume's id, or what else the server calls it by.
        path: where in the sandbox: hostile text.
        subpath: which directory of the volume; empty is the whole.
    """

    volume_id: str
    path: str
    subpath: str = ""


@dataclass(frozen=True, slots=True)
class VolumeUser:
    """A sandbox that has a volume mounted."""

    sandbox: Sandbox
    mounts: tuple[Mount, ...]


@dataclass(frozen=True, slots=True)
class Mounts:
    """Who has what mounted.

    Attributes:
        of: the mounts of each sandbox that was looked at.
        unread: sandboxes that could not be looked at, or were too many; of these nothing is known.
    """

    of: Mapping[SandboxId, tuple[Mount, ...]] = field(default_factory=dict)
    unread: frozenset[SandboxId] = frozenset()

    def users_of(self, volume: Volume, fleet: Iterable[Sandbox]) -> tuple[VolumeUser, ...]:
        """Return the sandboxes of ``fleet`` that have ``volume``, each with where."""
        called = {volume.id, volume.name}
        found = (
            VolumeUser(each, tuple(mount for mount in self.of.get(each.id, ()) if mount.volume_id in called))
            for each in fleet
        )
        return tuple(user for user in found if user.mounts)


def refusal_to_delete(volume: Volume) -> str:
    """Return why a volume cannot be deleted in its state, in words; empty when it can."""
    if volume.state in (VolumeState.READY, VolumeState.ERROR, VolumeState.UNKNOWN):
        return ""
    return f"it is {volume.state.value.replace('_', ' ')}, and has to be ready for that"


def name_problem(name: str) -> str:
    """Return what is wrong with the name of a new volume, in words; empty when nothing is."""
    if not name.strip():
        return "a volume has a name"
    if len(name) > _LONGEST_NAME:
        return f"a name has {_LONGEST_NAME} characters at most, this one {len(name)}"
    if any(not char.isprintable() for char in name):
        return "a name has no control characters"
    return ""
