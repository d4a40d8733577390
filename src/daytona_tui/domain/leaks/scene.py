"""What the rules look at: one sandbox, and what is known beyond it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from daytona_tui.domain.leaks.evidence import Evidence
from daytona_tui.domain.leaks.policy import LeakPolicy, Protect
from daytona_tui.domain.leaks.siblings import Siblings
from daytona_tui.domain.owners import Owner
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxId
from daytona_tui.domain.usage import Metrics

_FRESH = timedelta(hours=1)


@dataclass(slots=True)
class Case:
    """One sandbox before the rules.

    Attributes:
        age_min: minutes since it was made; None: nobody knows. A time that lies ahead is now: the clocks differ.
        idle_min: minutes since it was used last, likewise.
        hourly: dollars an hour; None: nobody knows.
        cpu_percent: what its processors did within the last hour; None: nobody looked.
        is_mine: it is surely ours.
    """

    sandbox: Sandbox
    life: Lifetimes
    owner: Owner
    age_min: float | None
    idle_min: float | None
    hourly: float | None
    cpu_percent: float | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known beyond the sandbox.

    Attributes:
        protected: by id, the rule that protects a sandbox.
    """

    now: datetime
    evidence: Evidence
    policy: LeakPolicy
    siblings: Siblings
    protected: Mapping[SandboxId, Protect]

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


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason that is looked for in sandboxes of some states.

    Attributes:
        code: of the reason.
        find: returns what it found; None: nothing.
    """

    code: str
    find: Callable[[Case, Scene], Finding | None]


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
