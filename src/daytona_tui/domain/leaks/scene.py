"""What the rules look at: one sandbox, and what is known beyond it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daytona_tui.domain.filtering.context import FilterContext
from daytona_tui.domain.leaks.evidence import Evidence
from daytona_tui.domain.leaks.policy import LeakPolicy
from daytona_tui.domain.leaks.protecting import Protector
from daytona_tui.domain.leaks.siblings import Siblings
from daytona_tui.domain.owners import Owner
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxId
from daytona_tui.domain.usage import Metrics

_FRESH = timedelta(hours=1)
_NOT_ASKED: Final = math.nan


@dataclass(slots=True)
class Case:
    """One sandbox before the rules.

    Attributes:
        idle_min: minutes since it was used last; None: nobody knows. A time that lies ahead is now: the clocks differ.
        cpu_percent: what its processors did within the last hour; None: nobody looked.
        price: what it costs, in dollars an hour, once somebody asked; see ``Scene.hourly``.
    """

    sandbox: Sandbox
    life: Lifetimes
    owner: Owner
    idle_min: float | None
    cpu_percent: float | None
    price: float | None = _NOT_ASKED


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known beyond the sandbox.

    Attributes:
        context: what filters of rules need to know.
        protectors: the rules that protect sandboxes.
        young_since: what was made after this is left alone.
        active_since: what runs and was used after this as well.
        noted: ids that something else than the record speaks for: a pin, the audit log, what hangs on it.
    """

    now: datetime
    evidence: Evidence
    policy: LeakPolicy
    siblings: Siblings
    context: FilterContext
    young_since: datetime
    active_since: datetime
    protectors: tuple[Protector, ...] = ()
    noted: Collection[SandboxId] = frozenset()

    def age_min(self, case: Case) -> float | None:
        """Return minutes since a sandbox was made, as ``idle_min`` has them."""
        return minutes_since(case.sandbox.created_at, self.now)

    def hourly(self, case: Case) -> float | None:
        """Return what a sandbox costs, in dollars an hour; None: nobody knows."""
        if case.price is _NOT_ASKED:
            case.price = self.evidence.hourly(case.sandbox)
        return case.price

    def patience(self, case: Case, minutes: int) -> int:
        """Return how long a sandbox may idle: longer where the owner's agents work inside and make no traffic."""
        if case.owner.name not in self.policy.inside or self.is_cpu_idle(case):
            return minutes
        return max(minutes, self.policy.inside_idle_min)

    def is_cpu_idle(self, case: Case) -> bool:
        """Return whether somebody looked and the processors did nothing."""
        return case.cpu_percent is not None and case.cpu_percent <= self.policy.warm_cpu_percent


Finding = tuple[int, str]
"""What a rule found: what to add to the weight of the reason, and the sentence."""


def always(_scene: Scene) -> bool:
    """Return that a rule needs no more than the records."""
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason that is looked for.

    Attributes:
        code: of the reason.
        find: returns what it found; None: nothing.
        can_find: whether it is worth asking for at all, in any sandbox.
    """

    code: str
    find: Callable[[Case, Scene], Finding | None]
    can_find: Callable[[Scene], bool] = always


def minutes_since(moment: datetime | None, now: datetime) -> float | None:
    """Return minutes since ``moment``, 0 for one that lies ahead; None for None."""
    if moment is None:
        return None
    minutes = (now - moment).total_seconds() / 60
    return minutes if minutes > 0 else 0.0


def cpu_percent(metrics: Metrics | None, now: datetime) -> float | None:
    """Return what a measurement says of the processors; None if it says nothing or is too old."""
    if metrics is None or (metrics.at is not None and now - metrics.at > _FRESH):
        return None
    return metrics.cpu_percent
