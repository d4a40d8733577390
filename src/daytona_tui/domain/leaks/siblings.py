"""What sandboxes tell of one another, worked out once for a fleet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daytona_tui.domain.leaks.policy import LeakPolicy
from daytona_tui.domain.owners import Owner
from daytona_tui.domain.sandbox import SETTLED_STATES, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.usage import Quotas, RegionQuotas

EXPIRES: Final = "expires_at"
"""Label of a lease: when it ends."""

TWIN_LABELS: Final = frozenset(
    {
        "harbor.session_id",
        "hermes_task_id",
        "OpenHands_SID",
        "mastra-sandbox-id",
        "openinspect_session_id",
        "kortix.sandbox_id",
        "session-id",
    }
)
"""Labels whose value one live sandbox has at a time: a second one is a retry. Labels of tasks are none of these: a task
may be tried many times at once.
"""

_GONE = frozenset({SandboxState.DESTROYING, SandboxState.DESTROYED})


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is silent.

    Attributes:
        size: how many sandboxes it has.
        last: when one of them was used last.
    """

    size: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Siblings:
    """What sandboxes tell of one another.

    Attributes:
        silent: by owner and run: the runs that are large enough, and of all of whose sandboxes it is known that they
            have idled long enough.
        twins: by id of what is tried again: when the youngest was made that is meant for the same.
        short: by id of those that hold most of a disk that is short: which share of it is used.
        has_leases: the label of a lease stands on one of them.
    """

    silent: Mapping[tuple[str, str], Run]
    twins: Mapping[SandboxId, datetime]
    short: Mapping[SandboxId, float]
    has_leases: bool = False


def siblings_of(
    fleet: Sequence[Sandbox], owners: Sequence[Owner], quotas: Quotas | None, policy: LeakPolicy, now: datetime
) -> Siblings:
    """Return what the sandboxes of a whole fleet, each with its owner, tell of one another."""
    runs: dict[tuple[str, str], list[Sandbox]] = defaultdict(list)
    tries: dict[tuple[str, str], list[Sandbox]] = defaultdict(list)
    has_leases = False
    for sandbox, owner in zip(fleet, owners, strict=True):
        labels = sandbox.labels
        has_leases = has_leases or EXPIRES in labels
        if sandbox.state in _GONE:
            continue
        if owner.run:
            runs[owner.name, owner.run].append(sandbox)
        if not TWIN_LABELS.isdisjoint(labels):
            for name in TWIN_LABELS.intersection(labels):
                tries[name, labels[name]].append(sandbox)
    long_ago = now - timedelta(minutes=policy.group_idle_min)
    return Siblings(
        {
            key: Run(len(members), last)
            for key, members in runs.items()
            if len(members) >= policy.group_size and (last := _silent_since(members)) is not None and last <= long_ago
        },
        _twins(tries),
        _short(fleet, quotas, policy) if quotas is not None else {},
        has_leases,
    )


def _silent_since(members: Sequence[Sandbox]) -> datetime | None:
    """Return when one of ``members`` was used last; None where one of them does not say, or does not rest."""
    used = [
        each.last_activity_at for each in members if each.last_activity_at is not None and each.state in SETTLED_STATES
    ]
    return max(used) if len(used) == len(members) else None


def _twins(tries: Mapping[tuple[str, str], Sequence[Sandbox]]) -> dict[SandboxId, datetime]:
    found: dict[SandboxId, datetime] = {}
    for (_name, value), sandboxes in tries.items():
        made = [each.created_at for each in sandboxes if each.created_at is not None]
        if not value or len(made) < 2:
            continue
        youngest = max(made)
        found.update((each.id, youngest) for each in sandboxes if each.created_at and each.created_at < youngest)
    return found


def _short(fleet: Sequence[Sandbox], quotas: Quotas, policy: LeakPolicy) -> dict[SandboxId, float]:
    found: dict[SandboxId, float] = {}
    for quota in quotas.regions:
        used = quota.disk_gib.fraction
        if used < policy.quota_fraction:
            continue
        large = _largest([each for each in fleet if each.state is SandboxState.STOPPED and _counts(quota, each)])
        found.update((each.id, max(used, found.get(each.id, 0.0))) for each in large)
    return found


def _counts(quota: RegionQuotas, sandbox: Sandbox) -> bool:
    return sandbox.region == quota.region and quota.sandbox_class in {"", sandbox.sandbox_class}


def _largest(sandboxes: Sequence[Sandbox]) -> list[Sandbox]:
    """Return the quarter with the largest disks, and those whose disks are as large as its smallest."""
    disks = sorted((each.resources.disk_gib or 0 for each in sandboxes), reverse=True)
    if not disks:
        return []
    least = max(1, disks[(len(disks) - 1) // 4])
    return [each for each in sandboxes if (each.resources.disk_gib or 0) >= least]
