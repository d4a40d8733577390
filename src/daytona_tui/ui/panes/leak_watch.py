"""Judges the fleet for leaks beside everything else: in a thread, when the fleet is another, and not too often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.cost import hourly
from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.leaks import Evidence, Guard, Ties, Verdict, Verdicts, judge, keepers
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.usage import Metrics, Quotas
from daytona_tui.errors import ConfigError
from daytona_tui.operations.sweep.scanning import MOST_LOOKED_INTO, to_look_into
from daytona_tui.store.fleet_view import Ranking
from daytona_tui.ui.services import Services

EVERY_S = 1.0
"""Seconds between two judgements at the least."""

_ASIDE_S = 5.0
"""The same while nobody looks at leaks, and only their total is shown."""

_SHARE = 10
"""A judgement is followed by a pause of so many times its length."""

_OLD_S = 20.0
"""Seconds after which a fleet that did not change is judged again: what idles goes on idling."""

_OLD_ASIDE_S = 60.0
"""The same while only the total is shown: at rest the program does next to nothing."""

LOOKED_INTO_AT_ONCE = 40
MEASURED_FOR = timedelta(minutes=10)
"""How long a measurement is believed here; the judgement itself is content with an older one."""


class LeakWatch:
    """What is said of the fleet, as far as it was judged.

    Attributes:
        verdicts: the newest; None before the first judgement.
        ranking: who is shown in the leak view: what is not fine in the order of the money, then what only its guard
            makes fine.
        quotas: returns the quotas of the organisation, as far as they are known.
        trouble: why nobody knows who is held, in words; empty where it is known.
    """

    def __init__(self, services: Services) -> None:
        self.verdicts: Verdicts | None = None
        self.ranking: Ranking = ()
        self.quotas: Callable[[], Quotas | None] = lambda: None
        self.trouble = ""
        self._services = services
        self._judged: Fleet | None = None
        self._judged_at = 0.0
        self._took_s = 0.0
        self._is_dirty = False
        self._pins: frozenset[SandboxId] | None = None
        self._metrics: dict[SandboxId, Metrics] = {}
        self._ties: dict[SandboxId, Ties] = {}
        self._finished_runs: dict[str, datetime] = {}
        self._gone_sessions: set[SandboxId] = set()
        self._wanted: Sequence[Sandbox] = ()
        self._looked: dict[SandboxId, datetime] = {}

    def verdict_of(self, sandbox: Sandbox) -> Verdict | None:
        """Return what is said of a sandbox by now."""
        verdicts = self.verdicts
        return verdicts.get(sandbox.id) if verdicts is not None else None

    def is_due(self, fleet: Fleet, *, is_watched: bool = True) -> bool:
        """Return whether it is time to judge ``fleet``; more rarely if nobody looks at more than the total."""
        since = time.monotonic() - self._judged_at
        if self._judged is None or self._is_dirty:
            return True
        if fleet is not self._judged:
            return since >= max(EVERY_S if is_watched else _ASIDE_S, _SHARE * self._took_s)
        return since >= (_OLD_S if is_watched else _OLD_ASIDE_S)

    def outdate(self) -> None:
        """Have the fleet judged again soon: more is known of it."""
        self._is_dirty = True

    def hold(self, pins: Iterable[SandboxId]) -> None:
        """Take note of who is held on this machine now."""
        self._pins, self.trouble = frozenset(pins), ""
        self.outdate()

    def is_held(self, sandbox_id: SandboxId) -> bool:
        """Return whether a sandbox is held on this machine, as far as is known."""
        return sandbox_id in (self._pins or ())

    def keepers(self, sandbox: Sandbox) -> tuple[Guard, ...]:
        """Return what keeps a sandbox now, whether the fleet was judged or not."""
        services = self._services
        evidence = Evidence(services.now(), lambda each: hourly(each, services.prices), pins=self._pins or ())
        return keepers(sandbox, evidence, services.settings.leak_policy)

    async def load_pins(self, *, anew: bool = False) -> None:
        """Read who is held on this machine, unless that is known; ``anew``: another program may have changed it."""
        before = self._pins
        if before is not None and not anew:
            return
        try:
            pins = await self._services.pins.load()
        except ConfigError as error:
            self._pins, self.trouble = frozenset(), error.message
            return
        if self._pins is before:  # otherwise somebody held or let go meanwhile, and what was read is old
            self.hold(pins)

    async def judge(self, fleet: Fleet) -> None:
        """Judge ``fleet``, and remember what comes of it."""
        await self.load_pins(anew=True)
        self._judged, self._is_dirty = fleet, False
        evidence, policy = self._evidence(), self._services.settings.leak_policy

        def judged() -> tuple[Verdicts, Ranking, list[Sandbox], float]:
            began = time.perf_counter()
            verdicts = judge(fleet, evidence, policy)
            shown = (*verdicts.ranked(), *verdicts.held_back())
            _ = verdicts.total  # worked out here, and remembered
            wanted = to_look_into(fleet, verdicts, policy, evidence.now)[:MOST_LOOKED_INTO]
            return verdicts, tuple(each.sandbox.id for each in shown), wanted, time.perf_counter() - began

        self.verdicts, ranking, self._wanted, self._took_s = await asyncio.to_thread(judged)
        if ranking != self.ranking:
            self.ranking = ranking
        self._judged_at = time.monotonic()

    def _evidence(self) -> Evidence:
        services = self._services
        book = services.prices
        trails: dict[SandboxId, AuditTrail | None] = dict(services.who.trails)
        return Evidence(
            services.now(),
            lambda each: hourly(each, book),
            metrics=dict(self._metrics),
            quotas=self.quotas(),
            pins=self._pins or frozenset(),
            trails=trails,
            mine=services.who.is_mine,
            unreachable=services.scanner.unreachable,
            ties=dict(self._ties),
            finished_runs=dict(self._finished_runs),
            gone_sessions=frozenset(self._gone_sessions),
        )

    # Looking into those that are suspected

    def unseen(self) -> tuple[Sandbox, ...]:
        """Return whom nobody has looked into for a while, some at a time: suspects, and what may be kept warm."""
        before = self._services.now() - MEASURED_FOR
        long_ago = datetime.min.replace(tzinfo=before.tzinfo)
        fresh = (each for each in self._wanted if self._looked.get(each.id, long_ago) < before)
        return tuple(islice(fresh, LOOKED_INTO_AT_ONCE))

    async def look_into(self, suspects: Iterable[Sandbox]) -> None:
        """Ask what suspects use and who made them; all of it peeks, and what is not answered is left out."""
        suspects = tuple(suspects)
        now = self._services.now()
        self._looked |= {each.id: now for each in suspects}
        try:
            found = await self._services.scanner.evidence_for(suspects)
        except ConfigError as error:
            self.trouble = error.message
            return
        self._metrics |= found.metrics
        self._ties |= found.ties
        self._finished_runs |= found.finished_runs
        self._gone_sessions |= set(found.gone_sessions)
        self.outdate()
