"""Looking keeps nothing awake: a sandbox that is browsed, tailed and inspected all the time stops when its time is up.

The other half belongs to it: what somebody does there does count.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from tests.conftest import OpenEmulator
from tests.ui.driver import OpenApp
from tests.ui.panes_driver import Inside, inside

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId, SandboxState
from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import DaytonaTuiError, NotFoundError
from daytona_tui.operations.git_finding import repositories
from daytona_tui.operations.git_patch import take_patch
from daytona_tui.operations.git_reading import branches
from daytona_tui.ui.panes.details import DetailsPane

INTERVAL_MIN = 15
STEP_S = 60
DEADLINE_S = 20.0
WORK = "work"
RUNNING = "while :; do date; sleep 1; done"


@dataclass
class Box:
    """A sandbox that runs a program and stops by itself after a quarter of an hour without activity."""

    emulator: Emulator
    gateway: Gateway
    record: SandboxRecord
    work_dir: str
    execution: str

    @property
    def id(self) -> SandboxId:
        return SandboxId(self.record.id)

    def idle(self) -> timedelta:
        """Return for how long the server has seen no activity."""
        return self.emulator.fleet.clock.now() - self.record.last_activity_at

    def advance(self, seconds: float) -> None:
        """Let time pass; timers look at once."""
        self.emulator.fleet.clock.advance(seconds)

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds, with a deadline."""
        async with asyncio.timeout(DEADLINE_S):
            while not holds():  # noqa: ASYNC110 - the emulator's timers tell nobody when they have looked
                await asyncio.sleep(0.01)


async def give_time(gateway: Gateway, sandbox_id: SandboxId) -> None:
    """Let a sandbox of the seed stop by itself from now on: one that is overdue there does so once it was started."""
    await gateway.stop(sandbox_id, timeout_s=DEADLINE_S)
    await gateway.start(sandbox_id, timeout_s=DEADLINE_S)
    await gateway.set_auto_stop(sandbox_id, INTERVAL_MIN)


@asynccontextmanager
async def running(emulator: Emulator) -> AsyncIterator[Box]:
    gateway = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
    try:
        fleet = [each async for page in gateway.list_pages() for each in page]
        sandbox = next(each for each in fleet if each.is_running and each.lifetimes.auto_delete_min != 0)
        await give_time(gateway, sandbox.id)
        await gateway.run(sandbox.id, "git init -q repo && mkdir -p src && echo x > src/main.py && mkfifo never")
        await gateway.open_session(sandbox.id, WORK)
        execution = await gateway.submit(sandbox.id, WORK, RUNNING)
        work_dir = await gateway.work_dir(sandbox.id)
        record = emulator.fleet.records[sandbox.id]
        yield Box(emulator, gateway, record, work_dir, execution.id)
    finally:
        await gateway.close()


@pytest.fixture
async def box(open_emulator: OpenEmulator) -> AsyncIterator[Box]:
    async with running(await open_emulator(seed="fleet:30")) as box:
        await box.until(lambda: box.idle() < timedelta(minutes=1))
        yield box


Deed = Callable[[Box], Awaitable[object]]


async def read_file(box: Box) -> object:
    return [chunk async for chunk in box.gateway.read(box.id, f"{box.work_dir}/src/main.py")]


async def read_files(box: Box) -> object:
    return [each async for each in box.gateway.read_many(box.id, [f"{box.work_dir}/src/main.py"])]


async def read_repository(box: Box) -> object:
    path, gateway = f"{box.work_dir}/repo", box.gateway
    asked = (gateway.repository_status, gateway.branches, gateway.history, gateway.remotes)
    for ask in asked:
        with contextlib.suppress(NotFoundError):  # there is no commit yet
            await ask(box.id, path)
    patch = await take_patch(gateway, await gateway.get(box.id), path)
    return await repositories(gateway, box.id), await branches(gateway, box.id, path), patch


LOOKS: dict[str, Deed] = {
    "its record": lambda box: box.gateway.get(box.id),
    "all that the server says of it": lambda box: box.gateway.record(box.id),
    "its relatives": lambda box: box.gateway.relatives(box.id),
    "what it uses": lambda box: box.gateway.metrics(box.id),
    "who made it": lambda box: box.gateway.created_by(box.id),
    "its working directory": lambda box: box.gateway.work_dir(box.id),
    "a directory": lambda box: box.gateway.list_dir(box.id, box.work_dir),
    "a directory's entry": lambda box: box.gateway.info(box.id, f"{box.work_dir}/src"),
    "a file": read_file,
    "several files": read_files,
    "its sessions": lambda box: box.gateway.sessions(box.id),
    "how an execution stands": lambda box: box.gateway.execution(box.id, WORK, box.execution),
    "its repositories": lambda box: box.gateway.git_status(box.id, f"{box.work_dir}/repo"),
    "all of a repository": read_repository,
    "its ports": lambda box: box.gateway.listening_ports(box.id),
    "its terminals": lambda box: box.gateway.terminals(box.id),
    "what a script finds": lambda box: box.gateway.look(box.id, "ls -la", timeout_s=10),
}
"""Every way to look at a sandbox."""

ACTS: dict[str, Deed] = {
    "running a command": lambda box: box.gateway.run(box.id, "true"),
    "opening a session": lambda box: box.gateway.open_session(box.id, "another"),
    "a command in a session": lambda box: box.gateway.submit(box.id, WORK, "true"),
    "ending a session": lambda box: box.gateway.close_session(box.id, WORK),
    "asking for more time": lambda box: box.gateway.refresh_activity(box.id),
}
"""What somebody does there on purpose."""


@pytest.mark.parametrize("name", LOOKS)
async def test_a_look_leaves_the_clock_alone(box: Box, name: str) -> None:
    before = box.record.last_activity_at
    box.advance(STEP_S)

    await LOOKS[name](box)

    assert box.record.last_activity_at == before


@pytest.mark.parametrize("name", ACTS)
async def test_an_act_counts(box: Box, name: str) -> None:
    box.advance((INTERVAL_MIN - 1) * 60)
    assert box.idle() > timedelta(minutes=INTERVAL_MIN - 2)

    await ACTS[name](box)

    assert box.idle() < timedelta(minutes=1)
    box.advance((INTERVAL_MIN - 1) * 60)
    await look_at_everything(box)
    assert box.record.state == "started"


async def look_at_everything(box: Box) -> None:
    for look in LOOKS.values():
        with contextlib.suppress(DaytonaTuiError):  # the sandbox may stop, or lose its session, in the middle
            await look(box)


async def test_what_is_looked_at_and_tailed_all_the_time_stops_all_the_same(box: Box) -> None:
    heard: list[object] = []

    async def tail() -> None:
        async for chunk in box.gateway.follow(box.id, WORK, box.execution):
            heard.append(chunk)

    tailing = asyncio.create_task(tail())
    await box.until(lambda: heard)
    minutes = 0
    while box.record.state == "started" and minutes < 2 * INTERVAL_MIN:
        await look_at_everything(box)
        box.advance(STEP_S)
        minutes += 1
        if minutes >= INTERVAL_MIN:
            await box.until(lambda: box.record.state != "started")

    await box.until(lambda: box.record.state == "stopped")
    assert minutes == INTERVAL_MIN
    async with asyncio.timeout(DEADLINE_S):
        await asyncio.gather(tailing, return_exceptions=True)


async def test_another_client_that_looks_without_the_header_keeps_it_awake(box: Box) -> None:
    """The proof of the proof: the emulator does count such requests."""
    origin = box.emulator.api_url.removesuffix("/api")
    async with aiohttp.ClientSession(origin, headers={"Authorization": f"Bearer {box.emulator.api_key}"}) as session:
        for _ in range(2 * INTERVAL_MIN):
            async with session.get(f"/toolbox/{box.id}/files") as response:
                assert response.status == 200
            box.advance(STEP_S)

    assert box.record.state == "started"
    box.advance(INTERVAL_MIN * 60)
    await box.until(lambda: box.record.state == "stopped")


async def test_a_program_that_shows_everything_of_it_lets_it_stop(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        record = await prepare(here)
        clock = here.opened.emulator.fleet.clock
        stamp = record.last_activity_at
        asked = here.opened.emulator.faults.add(FaultRule(path=f"/toolbox/{record.id}/*"))  # does nothing but count

        for _ in range(4):
            clock.advance((INTERVAL_MIN - 1) * 60 / 4)
            await look_around(here)
        assert (record.state, record.last_activity_at) == ("started", stamp)
        assert asked.hits >= 12  # use, files and sessions, each time
        clock.advance(2 * STEP_S)

        await here.opened.until(lambda: record.state == "stopped")
        await here.opened.until(lambda: here.opened.state_of(here.sandbox.name) == SandboxState.STOPPED.value)


async def prepare(here: Inside) -> SandboxRecord:
    """Give the sandbox a quarter of an hour, files, and a program that is followed."""
    (here.home / "src").mkdir()
    (here.home / "src" / "main.py").write_text("print()\n" * 50)
    await give_time(here.gateway, here.sandbox.id)
    await here.gateway.open_session(here.sandbox.id, WORK)
    await here.gateway.submit(here.sandbox.id, WORK, RUNNING)
    record = here.opened.emulator.fleet.records[here.sandbox.id]
    await here.opened.until(lambda: here.sandbox.name in here.opened.names())
    return record


async def look_around(here: Inside) -> None:
    """Walk through the panes as somebody does who only looks, and read everything anew in each."""
    pane = here.screen.query_one(DetailsPane)
    await here.opened.press("d")
    await here.opened.until(lambda: pane.view.has_focus and pane.view.row_count())
    await here.opened.press("r", "2", "2", "2", "r")  # past Git and Ports
    await here.opened.until(lambda: "src" in here.names())
    await here.opened.press("U", "r")
    await here.opened.until(lambda: here.screen.git_pane.view.is_read)
    await here.opened.press("4", "r")
    await here.opened.until(lambda: here.logs.focus_target.has_focus)
    await here.opened.press("1")
    await here.opened.pilot.pause()


async def test_a_command_of_the_console_counts(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        record = await prepare(here)
        clock = here.opened.emulator.fleet.clock
        clock.advance((INTERVAL_MIN - 1) * 60)
        stamp = record.last_activity_at

        await here.opened.press("3")
        await here.opened.until(lambda: here.console.focus_target.has_focus)
        await here.run("echo here I am")
        await here.opened.until(lambda: record.last_activity_at > stamp)

        clock.advance((INTERVAL_MIN - 1) * 60)
        await here.opened.press("escape")
        await look_around(here)
        assert record.state == "started"
