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


@dataclass(slots=True)
class Run:
    """The sandboxes of one run.

    Attributes:
        size: how many there are.
        last: when one of them was used last.
        is_known: all of them said when, and are in a state that is known and does not change.
    """

    size: int = 0
    last: datetime | None = None
    is_known: bool = True

    def add(self, sandbox: Sandbox) -> None:
        """Count a sandbox in."""
        self.size += 1
        used = sandbox.last_activity_at
        if used is None or sandbox.state not in SETTLED_STATES:
            self.is_known = False
        elif self.last is None or used > self.last:
            self.last = used

    def is_silent(self, policy: LeakPolicy, now: datetime) -> bool:
        """Return whether it is known that nobody has used any of them for long enough."""
        return self.is_known and self.last is not None and now - self.last >= timedelta(minutes=policy.group_idle_min)


@dataclass(frozen=True, slots=True)
class Siblings:
    """What sandboxes tell of one another.

    Attributes:
        silent: by owner and run: the runs that are large enough and all of whose sandboxes have idled long enough.
        twins: by id of what is tried again: when the youngest was made that is meant for the same.
        short: by id of those that hold most of a disk that is short: which share of it is used.
    """

    silent: Mapping[tuple[str, str], Run]
    twins: Mapping[SandboxId, datetime]
    short: Mapping[SandboxId, float]


def siblings_of(
    fleet: Sequence[Sandbox], owners: Sequence[Owner], quotas: Quotas | None, policy: LeakPolicy, now: datetime
) -> Siblings:
    """Return what the sandboxes of a whole fleet, each with its owner, tell of one another."""
    runs: dict[tuple[str, str], Run] = {}
    tries: dict[tuple[str, str], list[Sandbox]] = defaultdict(list)
    for sandbox, owner in zip(fleet, owners, strict=True):
        if sandbox.state in _GONE:
            continue
        if owner.run:
            run = runs.get((owner.name, owner.run))
            if run is None:
                run = runs[owner.name, owner.run] = Run()
            run.add(sandbox)
        labels = sandbox.labels
        if not TWIN_LABELS.isdisjoint(labels):
            for name in TWIN_LABELS.intersection(labels):
                tries[name, labels[name]].append(sandbox)
    return Siblings(
        {key: run for key, run in runs.items() if run.size >= policy.group_size and run.is_silent(policy, now)},
        _twins(tries),
        _short(fleet, quotas, policy) if quotas is not None else {},
    )


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
