"""What is said of a sandbox: how likely it is a leak, why, what speaks against it, and what could be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from daytona_tui.domain.effects import Amount
from daytona_tui.domain.leaks.ties import NO_TIES, Ties
from daytona_tui.domain.sandbox import Sandbox, SandboxId


class Band(StrEnum):
    """How likely a sandbox is a leak."""

    LEAK = "leak"
    SUSPECT = "suspect"
    UNTIDY = "untidy"
    FINE = "fine"


class Action(StrEnum):
    """What can be done about a leak."""

    RECOVER = "recover"
    TTL = "ttl"
    STOP = "stop"
    ARCHIVE = "archive"
    DELETE = "delete"
    WAIT = "wait"
    """Nothing can be done now; watch it."""


class Reason(NamedTuple):
    """Something that makes a sandbox look like a leak. A named tuple, as thousands are made at a time.

    Attributes:
        code: stable, such as ``run.overdue``; one of ``domain.leaks.codes.WEIGHTS``.
        weight: how much it counts.
        sentence: the reason in words, with the numbers of the moment; may hold hostile text.
    """

    code: str
    weight: int
    sentence: str


class Guard(NamedTuple):
    """Something that speaks against doing anything.

    Attributes:
        code: stable, such as ``keep.pin``; one of ``domain.leaks.codes.GUARDS``.
        effect: what it adds to the score: 0 or less.
        vetoes: nothing may be done to the sandbox, whatever the score.
        sentence: the guard in words; may hold hostile text.
    """

    code: str
    effect: int
    vetoes: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be done.

    Attributes:
        consequence: what will come of it, in words.
        ttl_min: for ``ttl``: minutes from then until the sandbox is destroyed.
    """

    action: Action
    consequence: str
    ttl_min: int = 0


class Verdict(NamedTuple):
    """What is said of one sandbox. A named tuple, as thousands are made at a time.

    Attributes:
        sandbox: the record that was judged.
        score: 0 to 100: the reasons together, less the guards; 0 where a guard vetoes, with one exception: what
            somebody keeps warm stays a suspect.
        band: what the score comes to.
        reasons: the strongest first; empty: nothing speaks for a leak.
        guards: those with a veto first.
        offers: what can be done, the least destructive first; empty where a guard vetoes everything.
        per_day: dollars a day that it costs now, an estimate; None where that is not known.
        frees: what it holds now and its deletion would free.
        is_mine: it is surely ours.
        suspicion: 0 to 100: the reasons together, whatever the guards say.
        ties: what else hangs on it, as far as somebody looked.
    """

    sandbox: Sandbox
    score: int
    band: Band
    reasons: tuple[Reason, ...]
    guards: tuple[Guard, ...]
    offers: tuple[Offer, ...]
    per_day: float | None
    frees: Amount
    is_mine: bool
    suspicion: int = 0
    ties: Ties = NO_TIES

    @property
    def is_vetoed(self) -> bool:
        """True if nothing may be done to it without asking for it by name."""
        return any(guard.vetoes for guard in self.guards)

    @property
    def preselected(self) -> bool:
        """True if a sweep may propose it by itself: a leak, ours, and nothing vetoes it."""
        return self.band is Band.LEAK and self.is_mine and not self.is_vetoed

    @property
    def headline(self) -> str:
        """The strongest reason in words; empty where there is none."""
        return self.reasons[0].sentence if self.reasons else ""


@dataclass(frozen=True, slots=True)
class Total:
    """What the leaks and suspects of a fleet come to.

    Attributes:
        leaks: how many are leaks.
        suspects: how many are suspects, the leaks not among them.
        untidy: how many are untidy; they count for nothing else.
        per_day: dollars a day of leaks and suspects, as far as known.
        unknown: leaks and suspects whose cost is not known.
        frees: what leaks and suspects hold.
    """

    leaks: int = 0
    suspects: int = 0
    untidy: int = 0
    per_day: float = 0.0
    unknown: int = 0
    frees: Amount = field(default_factory=Amount)

    @property
    def count(self) -> int:
        """Leaks and suspects together."""
        return self.leaks + self.suspects


class Verdicts(Mapping[SandboxId, Verdict]):
    """The verdicts of a fleet by id; never changed by anybody.

    Args:
        weighed: those that may be more than fine.
        others: the rest of the fleet, which is fine whatever else may be said of it.
        verdict: returns what there is to say of one of the others: asked for when somebody wants to know.
    """

    def __init__(
        self,
        weighed: Mapping[SandboxId, Verdict],
        others: Mapping[SandboxId, Sandbox],
        verdict: Callable[[Sandbox], Verdict],
    ) -> None:
        self._weighed = weighed
        self._others = others
        self._verdict = verdict

    def __getitem__(self, sandbox_id: SandboxId) -> Verdict:
        known = self._weighed.get(sandbox_id)
        return self._verdict(self._others[sandbox_id]) if known is None else known

    def __contains__(self, sandbox_id: object) -> bool:
        return sandbox_id in self._weighed or sandbox_id in self._others

    def __iter__(self) -> Iterator[SandboxId]:
        return chain(self._weighed, self._others)

    def __len__(self) -> int:
        return len(self._weighed) + len(self._others)

    def ranked(self) -> tuple[Verdict, ...]:
        """Return all verdicts that are not fine: the most expensive first, to the cent, then the highest score.

        What cannot be told to cost anything counts as free here.
        """
        return self._ranked

    def held_back(self) -> tuple[Verdict, ...]:
        """Return those that would be more than fine without the guard that vetoes it, as ``ranked``.

        Those that are just young or in use are not among them: nobody would take them for leaks.
        """
        return self._held_back

    @property
    def total(self) -> Total:
        """What leaks and suspects come to."""
        return self._total

    @cached_property
    def _ranked(self) -> tuple[Verdict, ...]:
        return _in_order(verdict for verdict in self._weighed.values() if verdict.band is not Band.FINE)

    @cached_property
    def _held_back(self) -> tuple[Verdict, ...]:
        return _in_order(
            verdict for verdict in self._weighed.values() if verdict.band is Band.FINE and verdict.is_vetoed
        )

    @cached_property
    def _total(self) -> Total:
        counts = dict.fromkeys(Band, 0)
        wasteful = []
        for verdict in self._ranked:
            counts[verdict.band] += 1
            if verdict.band is not Band.UNTIDY:
                wasteful.append(verdict)
        return Total(
            counts[Band.LEAK],
            counts[Band.SUSPECT],
            counts[Band.UNTIDY],
            sum(verdict.per_day or 0.0 for verdict in wasteful),
            sum(verdict.per_day is None for verdict in wasteful),
            _sum([verdict.frees for verdict in wasteful]),
        )


def _sum(amounts: Sequence[Amount]) -> Amount:
    return Amount(
        sum(each.cpu for each in amounts),
        sum(each.memory_gib for each in amounts),
        sum(each.disk_gib for each in amounts),
        sum(each.gpu for each in amounts),
        sum(each.hourly for each in amounts),
    )


def _in_order(verdicts: Iterator[Verdict]) -> tuple[Verdict, ...]:
    return tuple(sorted(verdicts, key=_rank))


def _rank(verdict: Verdict) -> tuple[int, int, str]:
    # To the cent: a few GiB of disk more or less must not part what looks equally dear.
    return -int((verdict.per_day or 0.0) * 100 + 0.5), -verdict.score, verdict.sandbox.name
