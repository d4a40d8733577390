"""From verdicts to the plan of a sweep: who is proposed, what is to be done to each, and who is left out and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from daytona_tui.domain.leaks import Action, Band, Offer, Verdict, Verdicts
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.errors import ConflictError
from daytona_tui.operations.sweep.plan import SweepPlan, with_action
from daytona_tui.operations.sweep.rows import DEFAULT_TTL_MIN, Note, SweepRow, obstacle, veto_of

_RANK = {Band.LEAK: 3, Band.SUSPECT: 2, Band.UNTIDY: 1, Band.FINE: 0}


@dataclass(frozen=True, slots=True)
class Scan:
    """A look at the fleet that a plan can be made from.

    Attributes:
        verdicts: of the whole fleet.
        at: when it was looked at, by the server's clock.
        connection: id of the connection.
        label: the same for people.
        partial: why the look is not complete, in words; empty where it is.
        looked_into: of whom more is known than the record tells; None: of all.
    """

    verdicts: Verdicts
    at: datetime
    connection: str
    label: str = ""
    partial: str = ""
    looked_into: Collection[SandboxId] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a sweep.

    Attributes:
        marked: these and no others, and all of them chosen where nothing speaks against it; None: what is a leak and
            ours is chosen.
        among: of these alone; None: of the whole fleet.
        band: the least band that is chosen where nothing is marked.
        action: one for all; None: for each the least destructive that is offered.
        ttl_min: minutes to live where that is the action; None: what is offered.
        filter_text: by which filter ``among`` was chosen.
    """

    marked: Collection[SandboxId] | None = None
    among: Collection[SandboxId] | None = None
    band: Band = Band.LEAK
    action: Action | None = None
    ttl_min: int | None = None
    filter_text: str = ""

    def concerns(self, sandbox: Sandbox) -> bool:
        """Return whether a plan may have a row for a sandbox."""
        named = self.among if self.marked is None else self.marked
        return named is None or sandbox.id in named


def make_sweep(scan: Scan, wish: Wish = Wish()) -> SweepPlan:
    """Return the plan of a sweep: first what is chosen, then the rest, each by money and score.

    Whoever a guard vetoes is listed with it and never chosen; without marks nobody is chosen who is not ours.

    Raises:
        ConflictError: the scan is not complete: what is missing may be what protects the rest.
    """
    if scan.partial:
        raise ConflictError(
            f"nothing is planned from a part of the fleet: {scan.partial}", hint="list it again, then plan"
        )
    rows = [_row(verdict, wish, scan.at, scan.looked_into) for verdict in _concerned(scan.verdicts, wish)]
    rows.sort(key=lambda row: not row.is_acting)
    return SweepPlan(tuple(rows), scan.at, scan.connection, scan.label, wish.filter_text)


def _concerned(verdicts: Verdicts, wish: Wish) -> Iterator[Verdict]:
    if wish.marked is not None:
        found: Iterable[Verdict] = (verdicts[each] for each in dict.fromkeys(wish.marked) if each in verdicts)
    else:
        found = (*verdicts.ranked(), *verdicts.held_back())
    return (verdict for verdict in found if wish.among is None or verdict.sandbox.id in wish.among)


def _row(verdict: Verdict, wish: Wish, now: datetime, looked_into: Collection[SandboxId] | None) -> SweepRow:
    owner = owner_of(verdict.sandbox)
    veto, permits = veto_of(verdict)
    offer = _offer(verdict, wish, now)
    row = SweepRow(
        verdict.sandbox,
        offer.action,
        score=verdict.score,
        band=verdict.band.value,
        reasons=tuple(Note(reason.code, reason.sentence) for reason in verdict.reasons),
        guards=tuple(Note(guard.code, guard.sentence) for guard in verdict.guards),
        veto=veto,
        permits=permits,
        owner=owner.name,
        run=owner.run,
        is_mine=verdict.is_mine,
        per_day=verdict.per_day,
        ties=verdict.ties,
        is_looked_into=looked_into is None or verdict.sandbox.id in looked_into,
        is_chosen=_is_chosen(verdict, wish),
    )
    ttl_min = (offer.ttl_min or DEFAULT_TTL_MIN) if wish.ttl_min is None else wish.ttl_min
    return with_action(row, offer.action, ttl_min, now)


def _is_chosen(verdict: Verdict, wish: Wish) -> bool:
    if wish.marked is not None:
        return True
    return verdict.is_mine and not verdict.is_vetoed and _RANK[verdict.band] >= _RANK[wish.band]


def _offer(verdict: Verdict, wish: Wish, now: datetime) -> Offer:
    """Return what is done to a row: what is wished, else the first offer that nothing stands against."""
    if wish.action is not None:
        same = (offer for offer in verdict.offers if offer.action is wish.action)
        return next(same, Offer(wish.action, ""))
    offers = verdict.offers or (Offer(Action.TTL, ""),)
    free = (
        offer for offer in offers if not obstacle(verdict.sandbox, offer.action, offer.ttl_min or DEFAULT_TTL_MIN, now)
    )
    return next(free, offers[0])
