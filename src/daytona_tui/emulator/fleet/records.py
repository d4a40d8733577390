"""What the control plane knows of each sandbox, and who is told when it changes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from daytona_tui.emulator.clock import Clock
from daytona_tui.emulator.envelope import ApiError

ORGANIZATION_ID = "1f0c8a52-6f3b-4c1d-9a5e-d0a7000a10ca"
"""The one organisation of the emulator."""

FAILED = frozenset({"error", "build_failed"})
"""States in which a sandbox rests because something went wrong."""

LOCAL_RUNNER = "local-runner"
"""The runner of every sandbox that was ever changed here."""
RESTING_RUNNER = "resting-runner"
"""A runner that is not ready: as on a real server, no idle timer looks at its sandboxes."""

AUTO_STOP_DEFAULT = 15
AUTO_ARCHIVE_DEFAULT = 10080
AUTO_ARCHIVE_MAXIMUM = 43200
AUTO_DELETE_OFF = -1
LONGEST_MINUTES = 2**31 - 1
"""Longest interval that is understood."""

CHANGED = ""
"""Name under which listeners hear of changes that are no event on the wire, such as a label."""

Listener = Callable[[str, "SandboxRecord", Mapping[str, object]], None]
"""Told the event's name, the record after the change, and the event's own fields."""


def utcnow() -> datetime:
    """Return the present moment, to the millisecond as the wire carries it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def new_id() -> str:
    """Return an identifier for a new sandbox."""
    return str(uuid4())


def new_signing_key() -> str:
    """Return a key that signs file addresses of one sandbox."""
    return secrets.token_urlsafe(32)


@dataclass(slots=True)
class Ground:
    """What the image that a sandbox is made from lays down for its programs.

    Attributes:
        env: variables of every program.
        workdir: where programs begin; empty for the home.
        workdirs: directories that its Dockerfile names.
        entrypoint: what runs as long as the sandbox does; empty for nothing.
    """

    env: dict[str, str] = field(default_factory=dict)
    workdir: str = ""
    workdirs: list[str] = field(default_factory=list)
    entrypoint: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SandboxRecord:
    """One sandbox as the control plane knows it. Intervals are minutes, memory and disk GiB."""

    id: str
    name: str
    state: str = "started"
    desired_state: str = "started"
    snapshot: str | None = None
    user: str = "daytona"
    target: str = "us"
    labels: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    public: bool = False
    network_block_all: bool = False
    network_allow_list: str | None = None
    domain_allow_list: str | None = None
    cpu: int = 1
    gpu: int = 0
    gpu_type: str | None = None
    memory: int = 1
    disk: int = 3
    sandbox_class: str = "container"
    runner_id: str | None = LOCAL_RUNNER
    warm_pool_id: str | None = None
    backup_state: str = "None"
    backup_created_at: datetime | None = None
    auto_stop: int = AUTO_STOP_DEFAULT
    auto_pause: int = 0
    auto_archive: int = AUTO_ARCHIVE_DEFAULT
    auto_delete: int = AUTO_DELETE_OFF
    auto_destroy_at: datetime | None = None
    error_reason: str | None = None
    recoverable: bool = False
    volumes: list[dict[str, str]] = field(default_factory=list)
    """Mounted volumes as the wire spells them: ``volumeId``, ``mountPath``, perhaps ``subpath``."""
    secret_names: dict[str, str] = field(default_factory=dict)
    """Name of an environment variable to name of the secret whose value it has."""
    build_info: dict[str, Any] | None = None
    """Of one made from an image, as the wire spells it: its Dockerfile, and when it was built."""
    ground: Ground | None = None
    parent_id: str | None = None
    """The sandbox that this one was forked from."""
    source_snapshot_id: str | None = None
    """The snapshot whose files it began with; None for one that began empty."""
    linked_sandbox_id: str | None = None
    outbound_proxy_url: str | None = None
    otel_endpoint_override: str | None = None
    queue_timeout: int | None = None
    spot: bool = False
    signing_key: str = field(default_factory=new_signing_key, repr=False)
    auth_token: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    """What opens a preview of a sandbox that is not public."""
    created_at: datetime = field(default_factory=utcnow)
    updated_at: datetime = field(default_factory=utcnow)
    last_activity_at: datetime = field(default_factory=utcnow)
    pending: bool = False
    """A change is under way; another is refused until it settles. Never on the wire."""

    @property
    def is_ephemeral(self) -> bool:
        """Whether stopping destroys it."""
        return self.auto_delete == 0

    @property
    def is_hidden(self) -> bool:
        """Whether lists and reads pretend that it is gone."""
        return self.state == "destroyed" or (self.state in FAILED and self.desired_state == "destroyed")


@dataclass(frozen=True, slots=True)
class Distortion:
    """What the wire says of one sandbox in place of the truth: keys in wire spelling."""

    changes: Mapping[str, object] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()


class Fleet:
    """Every sandbox of the emulator, by id and by name.

    Attributes:
        records: the sandboxes by id; those that lists and reads hide are gone from it.
        hidden: those, by id, until they are purged: destroyed ones, and failed ones that were deleted.
        clock: the emulator's time.
        distortions: odd things the wire says of some sandboxes, by id (tests of odd rows).
        version: grows with every change, so that a sorted list can be kept until something happens.
    """

    def __init__(self, records: Iterable[SandboxRecord] = (), clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.records: dict[str, SandboxRecord] = {}
        self.hidden: dict[str, SandboxRecord] = {}
        self.distortions: dict[str, Distortion] = {}
        self.version = 0
        self._ids_by_name: dict[str, str] = {}
        self._forks: dict[str, list[str]] = {}
        self._listeners: list[Listener] = []
        for record in records:
            self._index(record)

    def subscribe(self, listener: Listener) -> None:
        """Tell ``listener`` of every change from here on."""
        self._listeners.append(listener)

    def find(self, id_or_name: str) -> SandboxRecord:
        """Return the visible sandbox with this id or name.

        Raises:
            ApiError: 404, in the words of a real server.
        """
        record = self.records.get(id_or_name) or self.records.get(self._ids_by_name.get(id_or_name, ""))
        if record is None or record.is_hidden:
            raise ApiError(404, f"Sandbox with ID or name {id_or_name} not found")
        return record

    def recall(self, sandbox_id: str) -> SandboxRecord | None:
        """Return the sandbox with this id, visible or hidden; None when it is neither, or purged."""
        return self.records.get(sandbox_id) or self.hidden.get(sandbox_id)

    def children(self, record: SandboxRecord) -> list[SandboxRecord]:
        """Return the forks of a sandbox, the hidden ones too."""
        return [child for each in self._forks.get(record.id, ()) if (child := self.recall(each)) is not None]

    def is_name_taken(self, name: str) -> bool:
        """Whether a sandbox, visible or failed, holds ``name``."""
        return name in self._ids_by_name

    def add(self, record: SandboxRecord) -> None:
        """Take in a new sandbox and announce it."""
        self._index(record)
        self._announce("sandbox.created", record, {})

    def change(self, record: SandboxRecord, **fields: Any) -> None:
        """Set ``fields`` of ``record``; announce what others can see of it.

        A change of state counts as activity, as it does on a real server.
        """
        old_state, old_desired, old_name = record.state, record.desired_state, record.name
        for name, value in fields.items():
            setattr(record, name, value)
        record.updated_at = self.clock.now()
        if record.name != old_name:
            self._ids_by_name.pop(old_name, None)
            self._ids_by_name[record.name] = record.id
        self.version += 1
        if record.state != old_state:
            record.last_activity_at = record.updated_at
        if record.desired_state != old_desired:
            desired = {"oldDesiredState": old_desired, "newDesiredState": record.desired_state}
            self._announce("sandbox.desired-state.updated", record, desired)
        if record.state != old_state:
            self._announce("sandbox.state.updated", record, {"oldState": old_state, "newState": record.state})
        if record.state == old_state and record.desired_state == old_desired:
            self._announce(CHANGED, record, {})
        if record.is_hidden and record.id in self.records:
            self._hide(record)

    def purge(self, record: SandboxRecord) -> None:
        """Forget a sandbox for good."""
        if record.id in self.records:
            self._hide(record)
        if self.hidden.pop(record.id, None) is not None:
            self._forks.pop(record.id, None)
            self._announce(CHANGED, record, {})

    def touch(self, record: SandboxRecord) -> None:
        """Note activity in a sandbox."""
        record.last_activity_at = self.clock.now()
        self.version += 1
        self._announce(CHANGED, record, {})

    def announce(self, event: str, record: SandboxRecord, extra: Mapping[str, object]) -> None:
        """Tell of something that changed a sandbox without changing its state."""
        self._announce(event, record, extra)

    def distort(self, sandbox_id: str, changes: Mapping[str, object] | None = None, drop: Iterable[str] = ()) -> None:
        """Make the wire say ``changes`` of a sandbox and leave out the keys in ``drop``.

        Keys are in wire spelling (``networkBlockAll``). The sandbox itself is untouched; an empty call restores it.
        """
        if not changes and not drop:
            self.distortions.pop(sandbox_id, None)
        else:
            self.distortions[sandbox_id] = Distortion(dict(changes or {}), frozenset(drop))

    def _index(self, record: SandboxRecord) -> None:
        if record.parent_id is not None:
            self._forks.setdefault(record.parent_id, []).append(record.id)
        if record.is_hidden:
            self.hidden[record.id] = record
            return
        self.records[record.id] = record
        self._ids_by_name[record.name] = record.id
        self.version += 1

    def _hide(self, record: SandboxRecord) -> None:
        self.hidden[record.id] = self.records.pop(record.id)
        self._ids_by_name.pop(record.name, None)
        self.distortions.pop(record.id, None)
        self.version += 1

    def _announce(self, event: str, record: SandboxRecord, extra: Mapping[str, object]) -> None:
        for listener in self._listeners:
            listener(event, record, extra)


def is_uuid(text: str) -> bool:
    """Whether ``text`` is spelt as an identifier is."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
