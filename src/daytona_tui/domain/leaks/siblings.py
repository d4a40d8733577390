"""What sandboxes tell of one another, worked out once for a fleet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from daytona_tui.domain.leaks.policy import LeakPolicy
from daytona_tui.domain.owners import Owner
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.domain.usage import Quotas, RegionQuotas

TWIN_LABELS: Final = (
    "harbor.session_id",
    "hermes_task_id",
    "OpenHands_SID",
    "mastra-sandbox-id",
    "openinspect_session_id",
    "kortix.sandbox_id",
    "session-id",
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
        if used is None or not sandbox.state.is_settled:
            self.is_known = False
        elif self.last is None or used > self.last:
            self.last = used


@dataclass(frozen=True, slots=True)
class Siblings:
    """What sandboxes tell of one another.

    Attributes:
        runs: by owner and run.
        youngest: when the youngest was made that has a label of ``TWIN_LABELS`` with a value.
        short: by id of those that hold most of a disk that is short: which share of it is used.
    """

    runs: Mapping[tuple[str, str], Run]
    youngest: Mapping[tuple[str, str], datetime]
    short: Mapping[SandboxId, float]


def siblings_of(members: Iterable[tuple[Sandbox, Owner]], quotas: Quotas | None, policy: LeakPolicy) -> Siblings:
    """Return what ``members``, the whole fleet with its owners, tell of one another."""
    runs: dict[tuple[str, str], Run] = {}
    youngest: dict[tuple[str, str], datetime] = {}
    stopped: list[Sandbox] = []
    for sandbox, owner in members:
        state = sandbox.state
        if state in _GONE:
            continue
        if owner.run:
            key = (owner.name, owner.run)
            run = runs.get(key)
            if run is None:
                run = runs[key] = Run()
            run.add(sandbox)
        if len(sandbox.labels) > 1 or owner.run:
            _note_twins(sandbox, youngest)
        if state is SandboxState.STOPPED:
            stopped.append(sandbox)
    short = _short(stopped, quotas, policy) if quotas is not None else {}
    return Siblings(runs, youngest, short)


def _note_twins(sandbox: Sandbox, youngest: dict[tuple[str, str], datetime]) -> None:
    made = sandbox.created_at
    if made is None:
        return
    labels = sandbox.labels
    for name in TWIN_LABELS:
        value = labels.get(name)
        if value:
            key = (name, value)
            known = youngest.get(key)
            if known is None or made > known:
                youngest[key] = made


def _short(stopped: Sequence[Sandbox], quotas: Quotas, policy: LeakPolicy) -> dict[SandboxId, float]:
    found: dict[SandboxId, float] = {}
    by_region: dict[str, list[Sandbox]] = defaultdict(list)
    for sandbox in stopped:
        by_region[sandbox.region].append(sandbox)
    for quota in quotas.regions:
        used = quota.disk_gib.fraction
        if used < policy.quota_fraction:
            continue
        large = _largest([each for each in by_region[quota.region] if _counts(quota, each)])
        found.update((sandbox.id, max(used, found.get(sandbox.id, 0.0))) for sandbox in large)
    return found


def _counts(quota: RegionQuotas, sandbox: Sandbox) -> bool:
    return quota.sandbox_class in {"", sandbox.sandbox_class}


def _largest(sandboxes: Sequence[Sandbox]) -> list[Sandbox]:
    """Return the quarter with the largest disks, and those whose disks are as large as its smallest."""
    disks = sorted((each.resources.disk_gib or 0 for each in sandboxes), reverse=True)
    if not disks:
        return []
    least = max(1, disks[(len(disks) - 1) // 4])
    return [each for each in sandboxes if (each.resources.disk_gib or 0) >= least]
