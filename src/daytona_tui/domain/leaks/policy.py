"""All numbers and switches by which leaks are judged, checked when they are set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from daytona_tui.domain.filters import Filter
from daytona_tui.domain.leaks.codes import WEIGHTS
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.domain.transitions import STUCK_AFTER

MAX_SCORE: Final = 100

INSIDE: Final = frozenset({"harbor", "benchflow", "open-inspect", "omnigent", "kortix", "agenta", "nemo-gym"})
"""Owners that were seen to install the agent in the sandbox itself."""

_MAY_BE_ZERO = frozenset({"created_grace_min", "active_grace_min", "overdue_grace_min", "warm_cpu_percent"})
_OWN_RULES = frozenset({"inside", "weights", "off", "protects", "stuck_min", "quota_fraction"})


@dataclass(frozen=True, slots=True)
class Protect:
    """Sandboxes that nobody may sweep.

    Attributes:
        filter: which; one that cannot be told of a sandbox protects it.
        why: in words; empty: the filter says enough.
    """

    filter: Filter
    why: str = ""

    def __post_init__(self) -> None:
        """Check.

        Raises:
            ValueError: the filter says nothing, so that it means every sandbox: then there is nothing left to hunt.
        """
        if self.filter.tree is None:
            raise ValueError("means every sandbox")


def _stuck_minutes() -> Mapping[SandboxState, int]:
    return MappingProxyType({state: int(after / timedelta(minutes=1)) for state, after in STUCK_AFTER.items()})


@dataclass(frozen=True, slots=True)
class LeakPolicy:
    """By what leaks are judged. Times are minutes, and all of them are longer than nothing.

    Attributes:
        idle_min: without auto-stop: how long idle until it is a reason.
        idle_long_min: how long idle until it counts more.
        idle_day_min: how long until it counts more still.
        inside: owners whose agents run inside a sandbox: at work they make no traffic.
        inside_idle_min: the shortest of all idle times for these, unless the processors are known to be idle.
        overdue_factor: how many times its auto-stop a sandbox may have been idle.
        overdue_grace_min: and how many minutes on top.
        warm_after_min: from which age on it is odd that somebody keeps an idle sandbox warm.
        warm_cpu_percent: up to which use of the processors it is idle.
        busy_cpu_percent: from which use on it does something.
        gpu_idle_min: how long a GPU may idle.
        zombie_s: seconds between the first and the last time that a toolbox gave no answer.
        stuck_min: by state that ends by itself: how long it may last.
        error_min: how long what cannot be recovered may lie there; ``error_long_min``: until it counts more.
        recoverable_min: how long what can be recovered may.
        build_min: how long a failed build may.
        stopped_min: how long a sandbox that nothing deletes may be stopped.
        quota_fraction: from which share on the disk of a region is short: 0 to 1.
        archived_min: how long a sandbox may be archived that nothing deletes.
        group_size: how many sandboxes make a run whose silence tells something.
        group_idle_min: how long all of them have to be idle.
        created_grace_min: sandboxes younger than this are left alone.
        active_grace_min: and those that run and were used since.
        ends_within_min: what removes itself within this time is none of our business.
        ttl_min: time to live that is offered for what runs; ``ttl_resting_min``: for what rests.
        leak_at: score of a leak; ``suspect_at``: of a suspect; ``untidy_at``: of something untidy.
        weights: what reasons count, by code, in place of the usual.
        off: reasons that are not looked for, by code.
        protects: sandboxes that nobody may sweep.
    """

    idle_min: int = 120
    idle_long_min: int = 540
    idle_day_min: int = 1440
    inside: frozenset[str] = INSIDE
    inside_idle_min: int = 540
    overdue_factor: int = 2
    overdue_grace_min: int = 10
    warm_after_min: int = 1440
    warm_cpu_percent: int = 2
    busy_cpu_percent: int = 20
    gpu_idle_min: int = 30
    zombie_s: int = 60
    stuck_min: Mapping[SandboxState, int] = field(default_factory=_stuck_minutes)
    error_min: int = 60
    error_long_min: int = 180
    recoverable_min: int = 1440
    build_min: int = 60
    stopped_min: int = 1440
    quota_fraction: float = 0.8
    archived_min: int = 43_200
    group_size: int = 3
    group_idle_min: int = 120
    created_grace_min: int = 60
    active_grace_min: int = 30
    ends_within_min: int = 1440
    ttl_min: int = 1440
    ttl_resting_min: int = 10_080
    leak_at: int = 70
    suspect_at: int = 40
    untidy_at: int = 15
    weights: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)
    off: frozenset[str] = frozenset()
    protects: tuple[Protect, ...] = ()

    def __post_init__(self) -> None:
        """Check everything.

        Raises:
            ValueError: something is out of its bounds; a sentence that begins with the name of the field.
        """
        for each in fields(self):
            if each.name not in _OWN_RULES:
                _check_number(each.name, getattr(self, each.name))
        for state, minutes in self.stuck_min.items():
            _check_number(f"stuck_min of {state}", minutes)
        if not 0 < self.quota_fraction <= 1:
            raise ValueError("quota_fraction is not more than 0 and at most 1")
        if not self.untidy_at < self.suspect_at < self.leak_at <= MAX_SCORE:
            raise ValueError(f"leak_at, suspect_at and untidy_at do not fall from {MAX_SCORE} at most to 1 at least")
        self._check_codes()

    def _check_codes(self) -> None:
        unknown = sorted((self.off | self.weights.keys()) - WEIGHTS.keys())
        if unknown:
            where = "off" if unknown[0] in self.off else "weights"
            raise ValueError(f"{where} has {unknown[0]!r}, which is no reason; reasons are {', '.join(WEIGHTS)}")
        for code, weight in self.weights.items():
            if type(weight) is not int or not 0 <= weight <= MAX_SCORE:
                raise ValueError(f"weights: {code} is not a whole number from 0 to {MAX_SCORE}")

    def weight(self, code: str) -> int | None:
        """Return what a reason counts; None where it is not looked for.

        Raises:
            KeyError: there is no such reason.
        """
        usual = WEIGHTS[code]
        return None if code in self.off else self.weights.get(code, usual)


def _check_number(name: str, value: object) -> None:
    least = 0 if name in _MAY_BE_ZERO else 1
    if type(value) is not int or value < least:
        raise ValueError(f"{name} is not a whole number from {least} up")
