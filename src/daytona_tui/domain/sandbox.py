"""A sandbox as this program knows it, free of the wire and of the SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NewType

from daytona_tui.domain.wire_words import WireWord

SandboxId = NewType("SandboxId", str)

NO_LABELS: Mapping[str, str] = MappingProxyType({})


class SandboxState(WireWord):
    """Lifecycle state. The platform adds states, so whatever is not known here is ``UNKNOWN``."""

    CREATING = "creating"
    RESTORING = "restoring"
    DESTROYED = "destroyed"
    DESTROYING = "destroying"
    STARTED = "started"
    STOPPED = "stopped"
    STARTING = "starting"
    STOPPING = "stopping"
    ERROR = "error"
    BUILD_FAILED = "build_failed"
    PENDING_BUILD = "pending_build"
    BUILDING_SNAPSHOT = "building_snapshot"
    PULLING_SNAPSHOT = "pulling_snapshot"
    ARCHIVED = "archived"
    ARCHIVING = "archiving"
    RESIZING = "resizing"
    SNAPSHOTTING = "snapshotting"
    FORKING = "forking"
    PAUSING = "pausing"
    PAUSED = "paused"
    RESUMING = "resuming"
    UNKNOWN = "unknown"

    @property
    def is_settled(self) -> bool:
        """True in states that last until somebody acts or a timer fires."""
        return self in SETTLED_STATES

    @property
    def is_transitional(self) -> bool:
        """True in states that end by themselves."""
        return self not in SETTLED_STATES and self is not SandboxState.UNKNOWN


SETTLED_STATES = frozenset(
    {
        SandboxState.STARTED,
        SandboxState.STOPPED,
        SandboxState.PAUSED,
        SandboxState.ARCHIVED,
        SandboxState.ERROR,
        SandboxState.BUILD_FAILED,
        SandboxState.DESTROYED,
    }
)


@dataclass(frozen=True, slots=True)
class Resources:
    """What a sandbox may use. None where the server did not say."""

    cpu: int | None = None
    """Virtual processors."""
    memory_gib: int | None = None
    disk_gib: int | None = None
    gpu: int | None = None
    gpu_type: str = ""
    """Such as ``H100``; empty where there is none or the server did not say."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """When the platform acts by itself. Intervals are minutes since the last activity.

    None means that the server did not say, which is never the same as "off".
    """

    auto_stop_min: int | None = None
    """0 is off."""
    auto_pause_min: int | None = None
    """0 is off."""
    auto_archive_min: int | None = None
    """0 is the platform's maximum of 30 days."""
    auto_delete_min: int | None = None
    """Negative is off; 0 destroys the sandbox when it stops."""
    destroy_at: datetime | None = None
    """End of the time to live, if one is set: destroyed then in any state."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One row of the fleet. Equal values mean that there is nothing to redraw."""

    id: SandboxId
    name: str
    state: SandboxState
    state_word: str = ""
    """The state as the server spelt it; differs from ``state`` when that is ``UNKNOWN``."""
    desired_state: str = ""
    organization_id: str = ""
    region: str = ""
    snapshot: str = ""
    user: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    resources: Resources = Resources()
    lifetimes: Lifetimes = Lifetimes()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    last_activity_at: datetime | None = None
    error_reason: str = ""
    recoverable: bool = False
    public: bool = False
    backup_state: str = ""
    warm_pool_id: str = ""
    sandbox_class: str = ""
    """``container``, or what else it runs in; empty where the server did not say."""
    oddities: tuple[str, ...] = ()
    """What the server said that could not be understood, in words; such a cell shows its neutral value."""

    @property
    def is_running(self) -> bool:
        """True when programs can run in it."""
        return self.state is SandboxState.STARTED


@dataclass(frozen=True, slots=True)
class Relatives:
    """Where a sandbox comes from and what came of it by forking; only virtual machines can be forked."""

    parent: Sandbox | None = None
    forks: tuple[Sandbox, ...] = ()
