"""What the organisation may use: maxima of one sandbox, totals of each region and class, and who uses how much.

Which state uses what, and the words of the refusals, are those of the last open server: a sandbox that runs or is
about to uses cpu, memory and disk; one that rests uses its disk until it is archived; a failed one uses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import Fleet, SandboxRecord

_RUNNING = frozenset(
    {
        "creating",
        "restoring",
        "started",
        "starting",
        "stopping",
        "pending_build",
        "building_snapshot",
        "unknown",
        "pulling_snapshot",
        "forking",
        "resuming",
        "pausing",
    }
)
_RUNNING_IF_WANTED = frozenset({"resizing", "snapshotting"})
_RESTING = frozenset({"stopped", "paused", "archiving"})

_PER_SANDBOX = (
    "Need higher resource limits per-sandbox? Contact us at support@daytona.io and let us know about your use case."
)
_UPGRADE = (
    "To increase concurrency limits, upgrade your organization's Tier by visiting"
    " https://app.daytona.io/dashboard/limits."
)
_ARCHIVE = "Consider archiving your unused Sandboxes to free up available storage."
_MOST = 1_000_000_000

Place = tuple[str, str]
"""A region's name and a sandbox class."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Resources: vCPUs, GiB of memory and disk, GPUs."""

    cpu: int = 0
    memory: int = 0
    disk: int = 0
    gpu: int = 0

    def __add__(self, other: Amount) -> Amount:
        """Return both together."""
        return Amount(self.cpu + other.cpu, self.memory + other.memory, self.disk + other.disk, self.gpu + other.gpu)

    def __sub__(self, other: Amount) -> Amount:
        """Return what is left without ``other``."""
        return Amount(self.cpu - other.cpu, self.memory - other.memory, self.disk - other.disk, self.gpu - other.gpu)


NOTHING = Amount()


@dataclass(frozen=True, slots=True)
class Quota:
    """What may be used: ``sandbox_`` by one sandbox, the others altogether, of cpu, memory, disk and gpu by region."""

    cpu: int = 100_000
    memory: int = 400_000
    disk: int = 1_000_000
    gpu: int = 10_000
    sandbox_cpu: int = 64
    sandbox_memory: int = 256
    sandbox_disk: int = 1_000
    snapshots: int = 10_000
    volumes: int = 10_000
    secrets: int = 10_000
    sandbox_secrets: int = 100

    @property
    def total(self) -> Amount:
        """What a region's sandboxes of one class may use altogether."""
        return Amount(self.cpu, self.memory, self.disk, self.gpu)


@dataclass
class Quotas:
    """The organisation's quotas at work.

    Args:
        fleet: the sandboxes that use them.
        quota: what may be used.

    Attributes:
        places: totals of single regions and classes that differ from ``quota``.
    """

    fleet: Fleet = field(default_factory=Fleet)
    quota: Quota = field(default_factory=Quota)
    places: dict[Place, Amount] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Count what is there, and follow what changes."""
        self._shares: dict[str, tuple[Place, Amount]] = {}
        self._used: dict[Place, Amount] = {}
        for record in self.fleet.records.values():
            self._recount("", record, {})
        self.fleet.subscribe(self._recount)

    @property
    def used(self) -> Mapping[Place, Amount]:
        """What the sandboxes use, by region and class."""
        return self._used

    def total(self, place: Place) -> Amount:
        """Return what may be used in a region by the sandboxes of a class."""
        return self.places.get(place, self.quota.total)

    def admit(self, record: SandboxRecord, *, instead_of: SandboxRecord | None = None) -> None:
        """Let a sandbox run, or be resized.

        Args:
            record: the sandbox as it will be; what it uses already is not counted twice.
            instead_of: the sandbox as it is, when it is to be resized. One that does not run gets no cpu and memory.

        Raises:
            ApiError: 400 past a quota, in the words of a real server.
        """
        self._admit_size(record)
        if record.warm_pool_id is not None:
            return
        is_to_run = instead_of is None or instead_of.desired_state == "started"
        wanted = _all_of(record) if is_to_run else Amount(disk=record.disk)
        place = record.target, record.sandbox_class
        mine = self._shares.get(record.id)
        held = mine[1] if mine is not None and mine[0] == place else NOTHING
        self._admit_total(self.total(place), self._used.get(place, NOTHING) - held + wanted, wanted)

    def admit_snapshot(self, used: int) -> None:
        """Let a snapshot be made, where there are ``used`` already that count; raises ApiError 400 past the quota."""
        _admit_one_more("Snapshot", used, self.quota.snapshots)

    def admit_volume(self, used: int) -> None:
        """Let a volume be made, where there are ``used`` already that count; raises ApiError 400 past the quota."""
        _admit_one_more("Volume", used, self.quota.volumes)

    def admit_secret(self, used: int) -> None:
        """Let a secret be made, where there are ``used`` already; raises ApiError 400 past the quota."""
        _admit_one_more("Secret", used, self.quota.secrets)

    def _admit_size(self, record: SandboxRecord) -> None:
        quota = self.quota
        for what, wanted, most, unit in (
            ("CPU", record.cpu, quota.sandbox_cpu, ""),
            ("Memory", record.memory, quota.sandbox_memory, "GB"),
            ("Disk", record.disk, quota.sandbox_disk, "GB"),
        ):
            if wanted > most:
                reason = f"{what} request {wanted}{unit} exceeds maximum allowed per sandbox ({most}{unit})."
                raise ApiError(400, f"{reason}\n{_PER_SANDBOX}")

    def _admit_total(self, total: Amount, after: Amount, wanted: Amount) -> None:
        if wanted.gpu > 0 and total.gpu == 0:
            raise ApiError(400, "Total GPU limit exceeded. Maximum allowed: 0.")
        for what, use, most, unit, advice in (
            ("CPU", after.cpu, total.cpu, "", ""),
            ("memory", after.memory, total.memory, "GiB", ""),
            ("disk", after.disk, total.disk, "GiB", f"{_ARCHIVE}\n"),
            ("GPU", after.gpu, total.gpu, "", ""),
        ):
            if use > most:
                raise ApiError(400, f"Total {what} limit exceeded. Maximum allowed: {most}{unit}.\n{advice}{_UPGRADE}")

    def _recount(self, _event: str, record: SandboxRecord, _extra: Mapping[str, object]) -> None:
        place, amount = (record.target, record.sandbox_class), share_of(record)
        old = self._shares.get(record.id)
        if old == (place, amount):
            return
        if old is not None:
            self._used[old[0]] = self._used[old[0]] - old[1]
            del self._shares[record.id]
        if amount != NOTHING:
            self._shares[record.id] = place, amount
            self._used[place] = self._used.get(place, NOTHING) + amount


def share_of(record: SandboxRecord) -> Amount:
    """Return what a sandbox uses of the quotas in its present state; a warm pool's uses nothing."""
    if record.warm_pool_id is not None:
        return NOTHING
    is_wanted = record.desired_state in {"started", "resized"}
    if record.state in _RUNNING or (record.state in _RUNNING_IF_WANTED and is_wanted):
        return _all_of(record)
    if record.state in _RESTING or record.state in _RUNNING_IF_WANTED:
        return Amount(disk=record.disk)
    return NOTHING


def parse_quota(text: str) -> Quota:
    """Return the quotas spelt as ``cpu=10,memory=10,disk=30,snapshots=5,sandbox-cpu=4``; the others are the default.

    Raises:
        ValueError: in words for a person.
    """
    known = {each.name.replace("_", "-"): each.name for each in fields(Quota)}
    given = {}
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        if name not in known:
            raise ValueError(f"a quota is one of {', '.join(known)}, with = and a number")
        if not number.isascii() or not number.isdigit() or int(number[:12]) > _MOST:
            raise ValueError(f"the quota {name} must be a number from 0 to {_MOST}")
        given[known[name]] = int(number)
    return replace(Quota(), **given)


def _admit_one_more(what: str, used: int, most: int) -> None:
    if used >= most:
        raise ApiError(400, f"{what} quota exceeded. Maximum allowed: {most}")


def _all_of(record: SandboxRecord) -> Amount:
    return Amount(record.cpu, record.memory, record.disk, record.gpu)
