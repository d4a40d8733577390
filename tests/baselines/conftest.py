"""Everything that makes a picture come out the same: the fleet, the clock, the profile, the versions."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import ClassVar

import pytest
from tests.ui.driver import until
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from daytona_tui import ui
from daytona_tui.bootstrap import ScreenOpener, ScreenOptions
from daytona_tui.emulator.body import bodies
from daytona_tui.emulator.fleet.records import utcnow
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.seed import demo, leaky
from daytona_tui.emulator.server import Emulator, EmulatorOptions
from daytona_tui.ui.app import DaytonaApp
from daytona_tui.ui.screens.fleet import FleetScreen
from daytona_tui.ui.services import Choice, Offers, Services
from daytona_tui.ui.widgets.status_line import StatusLine

ROOT = Path(__file__).resolve().parents[2]
UI = Path(ui.__file__).parent
PINNED = {"textual", "rich"}

# A picture has no lines that come while it is taken, and no logs whose age depends on when it was.
_NO_SESSIONS = (
    FaultRule(method="GET", path="*/process/session", text="[]", content_type="application/json"),
    FaultRule(method="GET", path="*/process/session/entrypoint", status=404),
)

Scene = Callable[[Pilot[int]], Awaitable[None]]
Compare = Callable[..., bool]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pictures are compared, and rewritten, under exactly the versions they were made with."""
    pinned = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split() if "==" in line
    )
    other = {name: version(name) for name in PINNED if version(name) != pinned[name]}
    if not other:
        return
    if config.getoption("--snapshot-update", default=False):
        raise pytest.UsageError(f"baselines are made with the versions of constraints.txt, not with {other}")
    for item in items:
        if "baselines" in item.path.parts:
            item.add_marker(pytest.mark.skip(reason=f"pictures need the versions of constraints.txt, not {other}"))


class EmulatorThread:
    """An emulator in a loop of its own: the comparison runs the program in another."""

    def __init__(self, seed: str) -> None:
        self._options = EmulatorOptions(seed=seed, pace="instant")
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        self.emulator: Emulator

    def __enter__(self) -> EmulatorThread:
        self._thread.start()
        self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(20)
        self._loop.close()

    async def _serve(self) -> None:
        async with Emulator(self._options) as self.emulator:
            self._ready.set()
            await self._over.wait()


class StillOpener(ScreenOpener):
    """Opens the program on an emulator with a clock that stands still and a profile without a port."""

    def __init__(self, now: datetime) -> None:
        super().__init__(ScreenOptions(flags={"poll_s": 3600.0}))
        self._still = now

    def open(self, choice: Choice) -> Services:
        """Return the services with the clock and the name replaced."""
        return dataclasses.replace(super().open(choice), now=lambda: self._still, profile="acme")

    async def offers(self) -> Offers:
        """Return what can be chosen, without the port, which is another each time."""
        offers = await super().offers()
        entries = (dataclasses.replace(entry, place=entry.place.partition(":")[0]) for entry in offers.entries)
        return dataclasses.replace(offers, entries=tuple(entries))


class PicturedApp(DaytonaApp):
    """Closes what it opened in its own loop, which the comparison does not let anybody else into."""

    # Textual looks beside the file of the class, which is this one.
    CSS_PATH: ClassVar[list[str | PurePath]] = [UI / path for path in DaytonaApp.CSS_PATH]

    def __init__(self, opener: StillOpener) -> None:
        super().__init__(opener)
        self._to_close = opener

    async def on_unmount(self) -> None:
        """Give the connections back."""
        await self._to_close.close()


@pytest.fixture
def screen_is_as_pictured(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Compare a scene at a size with its picture: ``screen_is_as_pictured(scene, size, seed="demo")``."""

    def compare(
        scene: Scene,
        size: tuple[int, int],
        *,
        seed: str = "demo",
        key: str | None = None,
        faults: Sequence[FaultRule] = (),
    ) -> bool:
        planted_at = [datetime(2026, 11, 21, 12, 0, tzinfo=UTC)]

        def noted() -> datetime:
            planted_at.append(utcnow())
            return planted_at[-1]

        monkeypatch.setattr(bodies, "_SETTLE_S", 3600.0)  # a sandbox that is not looked into needs no files
        for planter in (demo, leaky):
            monkeypatch.setattr(planter, "utcnow", noted)
        with EmulatorThread(seed) as served:
            emulator = served.emulator
            # What today has cost depends on the time of day.
            for rule in (FaultRule(path="*/usage/*", status=403), *_NO_SESSIONS, *faults):
                emulator.faults.add(rule)
            monkeypatch.setenv("DAYTONA_API_URL", emulator.api_url)
            monkeypatch.setenv("DAYTONA_API_KEY", emulator.api_key if key is None else key)
            # Ages are relative to the planting: a clock that stands there shows them exactly.
            for snapshot in emulator.catalogue.snapshots.records.values():
                snapshot.created_at = planted_at[-1] - timedelta(days=3)
            opener = StillOpener(planted_at[-1])
            opener.begin()
            return snap_compare(PicturedApp(opener), terminal_size=size, run_before=_then_still(scene))

    return compare


def _then_still(scene: Scene) -> Scene:
    """End a scene with cursors that are seen and do not blink: the picture may be taken half a second later."""

    async def still_scene(pilot: Pilot[int]) -> None:
        await scene(pilot)
        await until(pilot, lambda: _is_judged(pilot.app))
        for screen in pilot.app.screen_stack:
            for entry in screen.query(Input):
                entry.cursor_blink = False
        await pilot.pause()

    return still_scene


def _is_judged(app: App[int]) -> bool:
    """Return whether the top line says what leaks come to, if it is going to."""
    screens = [screen for screen in app.screen_stack if isinstance(screen, FleetScreen)]
    panes = [screen.fleet_pane for screen in screens if screen.fleet_pane.store.listed_at is not None]
    lines = [set(screen.query_one(StatusLine).parts) for screen in screens]
    return all(pane.leaks.verdicts is not None for pane in panes) and all(
        line.issuperset(pane.leak_parts()) for pane, line in zip(panes, lines, strict=False)
    )
