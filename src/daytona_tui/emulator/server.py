"""The emulator as one object: options in, an address and a key out, nothing left after it."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from aiohttp import web

from daytona_tui.emulator.accounts.quotas import Quota, Quotas
from daytona_tui.emulator.accounts.telemetry import Telemetry
from daytona_tui.emulator.accounts.usage import Period, Usage, kept_periods
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.app import build_app
from daytona_tui.emulator.body.bodies import Bodies
from daytona_tui.emulator.body.isolation import Isolation, Wanted, detect_isolation
from daytona_tui.emulator.channel.events import EventChannel
from daytona_tui.emulator.clock import Tempo
from daytona_tui.emulator.fleet.activity import Activity
from daytona_tui.emulator.fleet.catalogue import Catalogue
from daytona_tui.emulator.fleet.records import Fleet
from daytona_tui.emulator.fleet.shapes import body_of
from daytona_tui.emulator.gate.access import Access, actor_of
from daytona_tui.emulator.gate.audit import KEPT, Audit, kept_entries
from daytona_tui.emulator.gate.audit import KIND as AUDIT
from daytona_tui.emulator.gate.keys import Key, key_of, read_keys
from daytona_tui.emulator.gate.limits import Limits
from daytona_tui.emulator.life.lifecycle import Lifecycle
from daytona_tui.emulator.life.timers import Timers, set_aside
from daytona_tui.emulator.mishaps.ageing import Ageing
from daytona_tui.emulator.mishaps.faults import Faults
from daytona_tui.emulator.seed.parsing import parse_seed
from daytona_tui.emulator.seed.planting import Planting, Truth
from daytona_tui.emulator.ssh.door import SshDoor
from daytona_tui.emulator.state.journal import SANDBOX, Journal
from daytona_tui.emulator.state.recovery import fill, fill_catalogue, kept_sandboxes
from daytona_tui.emulator.state.statedir import StateDirectory
from daytona_tui.emulator.toolbox.entrypoint import entrypoint
from daytona_tui.emulator.workshop.works import Workshop

Pace = Literal["instant", "natural"]
SPEEDS: dict[Pace, float] = {"instant": 0.0, "natural": 1.0}
"""Factor on every duration, by pace."""

_READ_BYTES = 1 << 18  # four times what aiohttp takes: an upload is stopped and resumed less often
_SHUTDOWN_S = 0.1  # what still runs after the sandboxes are closed has no reason to go on


def _new_key() -> str:
    return f"dtn_local_{secrets.token_hex(16)}"


class ListenError(Exception):
    """The address cannot be listened on; the message says which and why."""


@dataclass(frozen=True)
class EmulatorOptions:
    """How to run an emulator.

    Attributes:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        api_key: the bearer that clients must show; a random one by default.
        seed: ``empty``, ``demo``, ``fleet:N`` or ``leaky:N``; fills an empty fleet only.
        pace: ``instant`` completes a change before its request is answered, ``natural`` takes seconds.
        state_dir: directory to keep the state in; None for a private one that goes with the emulator.
        control: whether clients may ask for faults and advance the clock, under ``/_emulator``.
        keys: file with more keys, see :func:`~daytona_tui.emulator.gate.keys.read_keys`.
        rate_limits: requests per minute by limiter (:data:`~daytona_tui.emulator.gate.limits.LIMITERS`); one that is
            not named refuses nothing.
        quota: what the sandboxes may use.
        ssh_port: where the gateway of SSH listens, from the first token on; 0 takes a free one.
        isolation: how sandboxes are kept apart; ``auto`` is bubblewrap where it works.
        lacks: what it does not know, as an older server would (:data:`~daytona_tui.emulator.mishaps.lacking.LACKS`).
    """

    host: str = "127.0.0.1"
    port: int = 0
    ssh_port: int = 0
    api_key: str = field(default_factory=_new_key, repr=False)
    seed: str = "empty"
    pace: Pace = "natural"
    state_dir: Path | None = None
    control: bool = False
    keys: Path | None = None
    rate_limits: Mapping[str, int] = field(default_factory=dict)
    quota: Quota = field(default_factory=Quota)
    isolation: Wanted = "auto"
    lacks: frozenset[str] = frozenset()


class Emulator:
    """A local Daytona: ``async with Emulator(options) as emulator`` serves it until the block ends.

    Args:
        options: how to run it.

    Attributes:
        faults: misbehaviour on request.
        catalogue: snapshots, volumes, secrets and warm pools.
        truths: what is really the matter with each planted sandbox, by its id, where the seed says so; empty after a
            restart.
    """

    def __init__(self, options: EmulatorOptions | None = None) -> None:
        self.options = options or EmulatorOptions()
        self.faults = Faults()
        self._fleet: Fleet | None = None
        self._directory = StateDirectory(self.options.state_dir)
        self._bodies = Bodies(self._directory, self.options.isolation)
        self._bodies.run_entrypoint = entrypoint
        self._journal = Journal()
        self._bodies.kept = self._journal.settle
        self.catalogue = Catalogue()
        self.truths: Mapping[str, Truth] = {}
        self._lifecycle: Lifecycle | None = None
        self._workshop: Workshop | None = None
        self._timers: Timers | None = None
        self._events: EventChannel | None = None
        self._access = Access()
        self._audit = Audit()
        self._usage = Usage()
        self._telemetry: Telemetry | None = None
        self._ssh: SshDoor | None = None
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def api_url(self) -> str:
        """Base address of the main interface; valid while it is open."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.options.host, self.options.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}/api"

    @property
    def api_key(self) -> str:
        """The bearer that clients must show."""
        return self.options.api_key

    @property
    def fleet(self) -> Fleet:
        """The sandboxes' records; valid while it is open."""
        if self._fleet is None:
            raise RuntimeError("the emulator is not open")
        return self._fleet

    @property
    def events(self) -> EventChannel:
        """The event channel; valid while it is open."""
        if self._events is None:
            raise RuntimeError("the emulator is not open")
        return self._events

    async def isolation(self) -> Isolation:
        """Return how sandboxes are kept apart here, found out at the first call.

        Raises:
            IsolationError: bubblewrap is wanted and does not work.
        """
        return await asyncio.to_thread(detect_isolation, self.options.isolation)

    async def __aenter__(self) -> Self:
        """Open the emulator: when this returns, it answers.

        Raises:
            ValueError: the seed is none, or the file of keys cannot be used.
            StateDirectoryError: the state directory cannot be used.
            IsolationError: bubblewrap is wanted and does not work.
            ListenError: the address cannot be listened on.
        """
        if self.options.isolation == "bubblewrap":
            await self.isolation()
        seed = parse_seed(self.options.seed)
        try:
            await asyncio.to_thread(self._directory.open)
            records = await asyncio.to_thread(kept_sandboxes, self._directory)
            plantings = seed() if all(record.is_hidden for record in records) else []
            self._fleet = Fleet([*records, *(planting.record for planting in plantings)])
            self._access = Access(await self._keys(), self._fleet.clock)
            periods = await asyncio.to_thread(self._remember, self._fleet)
            self._journal.open(self._directory.store)
            self._usage = Usage(self._fleet, self._journal, *periods)
            for shelf in (self._access.created, *(shelf for shelf, _kind in self.catalogue.shelves)):
                self._journal.watch_shelf(shelf)
            self._journal.watch_fleet(self._fleet)
            self._tell(plantings)
            set_aside((planting.record for planting in plantings), self._fleet.clock.now())
            await self._listen(self._fleet, plantings)
            for planting in plantings:
                self._journal.note(SANDBOX, planting.record.id, planting.record)
                if planting.story.build_log and self._workshop is not None:
                    await self._workshop.templates.logs.keep(planting.record.id, planting.story.build_log)
                if planting.builder is not None:
                    self._bodies.build_later(planting.record, planting.builder)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the emulator."""
        await self.close()

    async def close(self) -> None:
        """End every sandbox's processes, every connection, and remove what is private. Idempotent."""
        if self._runner is not None:
            for site in list(self._runner.sites):
                await site.stop()
        if self._timers is not None:
            await self._timers.close()
        if self._telemetry is not None:
            await self._telemetry.close()
        if self._ssh is not None:
            await self._ssh.close()
        if self._workshop is not None:
            await self._workshop.close()
        if self._lifecycle is not None:
            await self._lifecycle.close()
        await self._bodies.close_all()
        if self._events is not None:
            await self._events.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self._journal.close()
        await asyncio.to_thread(self._directory.close)
        await self._bodies.release()

    def _admits(self, token: str) -> bool:
        return self._access.actor_for(token) is not None

    def _remember(self, fleet: Fleet) -> tuple[list[Period], list[Period]]:
        fill(self._access.created, Key, self._directory)
        fill_catalogue(self.catalogue, self._directory, {*fleet.records, *fleet.hidden})
        self._access.refresh()
        store = self._directory.store
        self._audit = Audit(fleet, self._journal, kept_entries(store.entries(AUDIT, KEPT)) if store else ())
        return kept_periods(store)

    async def _keys(self) -> list[Key]:
        more = [] if self.options.keys is None else await asyncio.to_thread(read_keys, self.options.keys)
        return [key_of("local emulator", self.api_key, is_admin=True), *more]

    def _tell(self, plantings: Sequence[Planting]) -> None:
        """Let the audit log and the emulator itself know the stories of what is planted."""
        self.truths = {each.record.id: each.story.truth for each in plantings if each.story.truth is not None}
        own = actor_of(next(self._access.keys))  # the key that the emulator is started with comes first
        for planting in sorted(plantings, key=lambda each: each.record.created_at):
            maker = planting.story.maker
            if maker is None:
                continue
            given = None if maker.user is None else Key("", "", (), maker.key_start, maker.key_suffix, maker.user)
            actor = own if given is None else actor_of(given)
            self._audit.note_creation(planting.record, actor, agent=maker.agent, source=maker.source)

    async def _listen(self, fleet: Fleet, plantings: Sequence[Planting]) -> None:
        quotas, activity = Quotas(fleet, self.options.quota), Activity(fleet)
        tempo = Tempo(fleet.clock, SPEEDS[self.options.pace])
        self._lifecycle = Lifecycle(fleet, self._bodies, tempo, quotas)
        self._events = EventChannel(fleet, self.faults, self._admits, aged=Ageing(self.options.lacks).body)
        for shelf in (self.catalogue.snapshots, self.catalogue.volumes):
            self._events.watch_shelf(shelf, body_of)
        self._workshop = Workshop(self.catalogue, self._bodies, self._lifecycle, self._directory, tempo, quotas)
        control = Control(
            fleet=fleet,
            bodies=self._bodies,
            lifecycle=self._lifecycle,
            workshop=self._workshop,
            faults=self.faults,
            events=self._events,
            journal=self._journal,
            api_key=self.api_key,
            is_controllable=self.options.control,
            lacks=self.options.lacks,
            access=self._access,
            limits=Limits(fleet.clock, self.options.rate_limits),
            quotas=quotas,
            audit=self._audit,
            catalogue=self.catalogue,
            usage=self._usage,
            activity=activity,
            truths=self.truths,
            ssh_address=(self.options.host, self.options.ssh_port),
        )
        self._ssh = control.ssh
        for planting in plantings:
            if planting.story.cpu_percent:
                control.telemetry.load(planting.record, planting.story.cpu_percent)
            if planting.story.is_polled:
                activity.poll(planting.record)
        await self._open_site(build_app(control))
        self._telemetry = control.telemetry
        self._telemetry.start()
        self._timers = Timers(fleet, self._lifecycle, activity, self._audit.note_system)
        self._timers.start()
        self._workshop.pools.start()

    async def _open_site(self, app: web.Application) -> None:
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=_SHUTDOWN_S,
            read_bufsize=_READ_BYTES,
        )
        await self._runner.setup()
        host, port = self.options.host, self.options.port
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            # asyncio words the reason at length, the system does not; a host that is not found has words of its own.
            has_number = error.errno is not None and error.errno > 0
            reason = os.strerror(error.errno or 0) if has_number else error.strerror or str(error)
            raise ListenError(f"cannot listen on {host} port {port}: {reason}") from error
        self._port = self._runner.addresses[0][1]
