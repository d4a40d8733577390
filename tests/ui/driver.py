"""How a test looks at the program and uses it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import aiohttp
from tests.support.idle import wait_for_idle
from textual import events
from textual.keys import key_to_character
from textual.notifications import Notification
from textual.pilot import Pilot
from textual.worker import WorkerState

from daytona_tui.emulator.server import Emulator
from daytona_tui.ui.app import DaytonaApp
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.screens.fleet import FleetScreen
from daytona_tui.ui.widgets.sandbox_table import SandboxTable
from daytona_tui.ui.workers import BACKGROUND_GROUPS

WAIT_S = 20.0
_LOOK_S = 0.02
_FRAME_S = 0.03
"""As long as the program takes to draw what has changed, where nothing else wants the processor."""


async def until(pilot: Pilot[Any], holds: Callable[[], object], *, wait_s: float = WAIT_S) -> None:
    """Wait until ``holds`` is true, looking every few milliseconds; fail at the deadline, and where the program does.

    The program is left alone meanwhile: a pause of the pilot sends each widget a message, and draws. What came true is
    on the screen at the end.
    """
    deadline = time.monotonic() + wait_s
    if holds():
        return
    while not holds():
        failure = pilot.app._exception  # private in Textual 8.2: what ends the program, and is raised when it has
        if failure is not None:
            raise failure
        assert time.monotonic() < deadline, f"not so after {wait_s:g} s; the screen:\n{screen_text(pilot.app)}"
        await asyncio.sleep(_LOOK_S)
    await wait_for_idle(_FRAME_S, _LOOK_S + _FRAME_S)


async def settle(pilot: Pilot[Any], *, wait_s: float = WAIT_S) -> None:
    """Wait until nothing but background work runs and the messages are handled; a worker's failure fails the test."""
    app = pilot.app

    def is_quiet() -> bool:
        for worker in list(app.workers):
            if worker.state is WorkerState.ERROR and worker.error is not None:
                raise worker.error
        return not any(worker.is_running and worker.group not in BACKGROUND_GROUPS for worker in app.workers)

    await pilot.pause()
    await until(pilot, is_quiet, wait_s=wait_s)
    await pilot.pause()


def screen_text(app: DaytonaApp | Any) -> str:
    """Return what is on the screen as plain lines."""
    height = app.size.height
    lines = app.screen._compositor.render_strips()  # private in Textual 8.2: there is no public text of the screen
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines[:height])


@dataclass
class Opened:
    """A running program."""

    app: DaytonaApp
    pilot: Pilot[int]
    emulator: Emulator
    notices: list[Notification]
    """All that were ever told, also those that have left the screen by now."""

    @property
    def screen(self) -> FleetScreen:
        """The main screen, also below a dialog."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, FleetScreen))

    @property
    def fleet(self) -> FleetPane:
        """The sandboxes pane."""
        return self.screen.query_one(FleetPane)

    @property
    def table(self) -> SandboxTable:
        """Its rows."""
        return self.fleet.table

    @property
    def text(self) -> str:
        """The screen as plain lines."""
        return screen_text(self.app)

    def names(self) -> list[str]:
        """The names of the rows, in order."""
        if not any(isinstance(screen, FleetScreen) for screen in self.app.screen_stack):
            return []  # while one connection takes the place of another
        return [sandbox.name for sandbox in self.table.rows.sandboxes]

    async def press(self, *keys: str) -> None:
        """Press keys and let the program handle them."""
        await self.pilot.press(*keys)
        # Where others have the processor, the pilot takes a program that gets none for one that has nothing to do.
        received = asyncio.Event()
        driver = self.app._driver  # private in Textual 8.2: keys come this way, and what is to come after them has to
        if driver is not None and self.app.is_running:
            driver.send_message(events.Callback(callback=received.set))
            await self.until(lambda: received.is_set() or not self.app.is_running)
        await self.until(lambda: self.app.is_caught_up or not self.app.is_running)

    async def forbid(self, reason: str) -> None:
        """Let nothing be changed, once the program knows what the key may do: what it finds out would stand instead."""
        workers = self.app.workers
        await self.until(lambda: not any(each.name == "ask for rights" and each.is_running for each in workers))
        self.screen.services.read_only = reason

    def burst(self, *keys: str) -> None:
        """Press keys that all arrive before the first is looked at, as over a slow line."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else key_to_character(key)))

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until ``holds`` is true."""
        await until(self.pilot, holds)

    async def settle(self) -> None:
        """Wait until only background work runs."""
        await settle(self.pilot)

    async def go_to(self, name: str) -> None:
        """Put the cursor on a sandbox, as somebody with patience would with the arrow keys."""
        await self.until(lambda: name in self.names())
        self.table.move_cursor(self.names().index(name))
        await self.until(lambda: self.fleet._selected is not None and self.fleet._selected.name == name)

    def state_of(self, name: str) -> str:
        """Return the state word of a sandbox as the program knows it; empty when it is gone."""
        return next((sandbox.state.value for sandbox in self.fleet.store.fleet if sandbox.name == name), "")


OpenApp = Callable[..., AbstractAsyncContextManager[Opened]]


async def call(emulator: Emulator, method: str, path: str) -> int:
    """Do something to the emulator as another program would; return the status."""
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, f"{emulator.api_url}{path}") as response,
    ):
        return response.status
