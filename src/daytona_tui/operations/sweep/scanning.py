"""A look at the whole fleet for leaks: one listing, then what more has to be known of those that are suspected."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.cost import PriceBook, hourly
from daytona_tui.domain.leaks import Band, Evidence, LeakPolicy, Verdicts, judge
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.usage import Metrics, Quotas
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.local_traces import LocalTraces
from daytona_tui.operations.protection import Pins
from daytona_tui.operations.sweep.tying import ties_of, untold
from daytona_tui.operations.who import Who
from daytona_tui.presentation.human import nameless_rows
from daytona_tui.transfer.concurrency import closing

MOST_LOOKED_INTO = 200
"""Suspects that are looked into: measured, asked for in the audit log, and for what hangs on them."""

AT_ONCE = 8
_PATIENCE_S = 5.0
_NOBODY_THERE = frozenset({502, 503})
"""What the proxy answers for a toolbox that does not."""


def everybody(_sandbox: Sandbox) -> bool:
    """Return that somebody wants to know of it."""
    return True


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen.

    Attributes:
        sandboxes: the whole fleet, with what failed and was deleted.
        verdicts: of all of them.
        evidence: what is known beside the records, by which a sandbox can be judged anew.
        troubles: what could not be looked up, in words.
        looked_into: of whom more is known than the record tells.
        unseen: who may be a leak as well, and was not looked into: the least costly.
    """

    sandboxes: Sequence[Sandbox]
    verdicts: Verdicts
    evidence: Evidence
    troubles: tuple[str, ...] = ()
    looked_into: frozenset[SandboxId] = frozenset()
    unseen: frozenset[SandboxId] = frozenset()

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be looked up, and how many were not looked into, in words."""
        return (*self.troubles, *([self._unseen_words] if self.unseen else []))

    @property
    def _unseen_words(self) -> str:
        many, seen = len(self.unseen), len(self.looked_into)
        return (
            f"{many:,} that may be leaks were not looked into, the least costly: what they use, who made them and what "
            f"hangs on them is not known; {seen:,} were"
        )


class Scanner:
    """Looks for leaks through one connection.

    Args:
        gateway: where.
        policy: by what is judged.
        book: the prices.
        who: what the audit log tells of owners.
        pins: who is held on this machine.
        traces: what owners left on this machine; where they usually do, unless told otherwise.
    """

    def __init__(
        self,
        gateway: Gateway,
        policy: LeakPolicy,
        book: PriceBook,
        who: Who,
        pins: Pins,
        traces: LocalTraces | None = None,
    ) -> None:
        self._gateway = gateway
        self._policy = policy
        self._book = book
        self._who = who
        self._pins = pins
        self._traces = LocalTraces() if traces is None else traces
        self._unanswered: dict[SandboxId, tuple[datetime, datetime]] = {}

    @property
    def unreachable(self) -> Mapping[SandboxId, tuple[datetime, datetime]]:
        """When a toolbox gave no answer for the first time and for the last; it is forgotten once it answers."""
        return dict(self._unanswered)

    async def look(self, band: Band = Band.SUSPECT, concerns: Callable[[Sandbox], bool] = everybody) -> Look:
        """Return the verdicts of the whole fleet.

        Args:
            band: the least that is looked into: measured, and asked for in the audit log.
            concerns: whether somebody wants to know of a sandbox; of others no more is asked than the records tell.

        Raises:
            ConfigError: nobody knows who is held.
            DaytonaTuiError: the fleet could not be listed wholly; nothing is judged then.
        """
        pins = await self._pins.load()
        fleet, notes = await self._list()
        quotas, trouble = await self._quotas()
        now = datetime.now(UTC)
        first = await self._traced(self._evidence(now, pins, quotas), fleet)
        verdicts = await asyncio.to_thread(judge, fleet, first, self._policy)
        suspects = [each for each in to_look_into(fleet, verdicts, self._policy, now, band) if concerns(each)]
        troubles, unseen = tuple(filter(None, (*notes, trouble))), frozenset(each.id for each in suspects)
        look = Look(fleet, verdicts, first, troubles, unseen=unseen)
        return await self.look_further(look, suspects[:MOST_LOOKED_INTO])

    async def look_further(self, look: Look, sandboxes: Sequence[Sandbox]) -> Look:
        """Return ``look`` with more known of ``sandboxes``, and the fleet judged by it."""
        evidence, troubles = await self._looked_into(look.evidence, sandboxes)
        ids = frozenset(each.id for each in sandboxes)
        return replace(
            look,
            verdicts=await asyncio.to_thread(judge, look.sandboxes, evidence, self._policy),
            evidence=evidence,
            troubles=(*look.troubles, *troubles),
            looked_into=look.looked_into | ids,
            unseen=look.unseen - ids,
        )

    async def evidence_for(self, sandboxes: Iterable[Sandbox]) -> Evidence:
        """Return what is known beside the records of sandboxes that somebody wants to know of, see ``look_for``."""
        return (await self.look_for(sandboxes))[0]

    async def look_for(
        self, sandboxes: Iterable[Sandbox], most: int = MOST_LOOKED_INTO
    ) -> tuple[Evidence, Sequence[str]]:
        """Return what is known beside the records of sandboxes that somebody has a plan for, and what could not be.

        Args:
            sandboxes: of whom.
            most: how many are looked into, the first of them.

        Raises:
            ConfigError: nobody knows who is held.
        """
        wanted = list(sandboxes)
        evidence = await self._traced(self._evidence(datetime.now(UTC), await self._pins.load(), None), wanted)
        return await self._looked_into(evidence, wanted[:most])

    async def _looked_into(self, evidence: Evidence, sandboxes: Sequence[Sandbox]) -> tuple[Evidence, list[str]]:
        """Return ``evidence`` with what there is to find out of ``sandboxes``, and what could not be, in words."""
        async with asyncio.TaskGroup() as group:
            metrics = group.create_task(self._measure(sandboxes))
            trails = group.create_task(self._trails(sandboxes))
            ties = group.create_task(ties_of(self._gateway, sandboxes))
        more = replace(
            evidence,
            metrics={**evidence.metrics, **metrics.result()},
            trails={**evidence.trails, **trails.result()},
            ties={**evidence.ties, **ties.result()},
            unreachable=self.unreachable,
        )
        told = (self._who.news(), self._who.trouble, untold(ties.result(), len(sandboxes)))
        return more, [each for each in told if each]

    def _evidence(
        self,
        now: datetime,
        pins: Collection[SandboxId],
        quotas: Quotas | None,
    ) -> Evidence:
        return Evidence(
            now,
            lambda each: hourly(each, self._book),
            quotas=quotas,
            pins=frozenset(pins),
            mine=self._who.is_mine,
        )

    async def _traced(self, evidence: Evidence, sandboxes: Sequence[Sandbox]) -> Evidence:
        traces = await self._traces.of(sandboxes)
        return replace(evidence, finished_runs=traces.finished_runs, gone_sessions=traces.gone_sessions)

    async def _list(self) -> tuple[list[Sandbox], list[str]]:
        async with closing(self._gateway.list_pages(errored_deleted=True)) as pages:
            listed = [page async for page in pages]
        nameless = sum(page.nameless for page in listed)
        return [each for page in listed for each in page], [nameless_rows(nameless)] if nameless else []

    async def _quotas(self) -> tuple[Quotas | None, str]:
        try:
            return await self._gateway.quotas(), ""
        except DaytonaTuiError as error:
            return None, f"quotas are not known: {error.message}"

    async def _trails(self, suspects: Sequence[Sandbox]) -> Mapping[SandboxId, AuditTrail | None]:
        await self._who.complete(suspects)
        return {each.id: self._who.trail_of(each.id) for each in suspects}

    async def _measure(self, suspects: Sequence[Sandbox]) -> Mapping[SandboxId, Metrics]:
        """Return what running sandboxes use now, peeked; whoever does not answer in time is left out."""
        turns, measured = asyncio.Semaphore(AT_ONCE), dict[SandboxId, Metrics]()

        async def measure(sandbox: Sandbox) -> None:
            async with turns:
                try:
                    async with asyncio.timeout(_PATIENCE_S):
                        measured[sandbox.id] = await self._gateway.metrics(sandbox.id)
                except TimeoutError:
                    return
                except DaytonaTuiError as error:
                    if error.status in _NOBODY_THERE:
                        self._note_silence(sandbox.id)
                    return
            self._unanswered.pop(sandbox.id, None)

        async with asyncio.TaskGroup() as group:
            for sandbox in suspects:
                if sandbox.is_running:
                    group.create_task(measure(sandbox))
        return measured

    def _note_silence(self, sandbox_id: SandboxId) -> None:
        now = datetime.now(UTC)
        first, _last = self._unanswered.get(sandbox_id, (now, now))
        self._unanswered[sandbox_id] = (first, now)


def to_look_into(
    fleet: Iterable[Sandbox], verdicts: Verdicts, policy: LeakPolicy, now: datetime, band: Band = Band.SUSPECT
) -> list[Sandbox]:
    """Return whom to look into, the first ones first and no more than MOST_LOOKED_INTO of them.

    Suspects by what they cost, then whoever may be kept warm by somebody's poller, as only measuring tells.

    Args:
        fleet: all sandboxes.
        verdicts: what is said of them so far.
        policy: since when something may be kept warm.
        now: the moment of the verdicts.
        band: the least that is looked into.
    """
    bands = {Band.LEAK, Band.SUSPECT, band}
    found = [each.sandbox for each in verdicts.ranked() if each.band in bands]
    made_before = now - timedelta(minutes=policy.warm_after_min)
    used_after = now - timedelta(minutes=policy.active_grace_min)
    warm = [each for each in fleet if each.is_running and _is_in_use(each, made_before, used_after)]
    return list({each.id: each for each in (*found, *warm)}.values())


def _is_in_use(sandbox: Sandbox, made_before: datetime, used_after: datetime) -> bool:
    made, used = sandbox.created_at, sandbox.last_activity_at
    return made is not None and used is not None and made <= made_before and used > used_after
