"""The program on a screen without a terminal: real gateway, real HTTP, a real emulator in the same loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import textual.app
import textual.pilot
from tests.support.idle import wait_for_idle
from tests.ui.driver import OpenApp, Opened, settle, until
from textual.message import Message
from textual.notifications import Notification, Notify

from daytona_tui.bootstrap import ScreenOpener, ScreenOptions
from daytona_tui.emulator.body import bodies
from daytona_tui.emulator.server import Emulator
from daytona_tui.ui.app import DaytonaApp

__all__ = ["OpenApp", "Opened", "settle", "until"]

OpenEmulator = Callable[..., Awaitable[Emulator]]


@pytest.fixture
def open_app(open_emulator: OpenEmulator, monkeypatch: pytest.MonkeyPatch) -> OpenApp:
    """Open the program on an emulator: ``async with open_app(seed="demo", size=(160, 45)) as opened``.

    ``emulator`` takes one that is open already, ``key`` another key than the right one, ``poll_s`` the pause between
    listings, ``profile`` is the one to open, ``waits=False`` returns before the first rows; all else are options of
    the emulator. Textual keeps context variables, so the program has to begin and end in the test itself and not in a
    fixture.
    """

    @asynccontextmanager
    async def open_one(
        seed: str = "demo",
        *,
        size: tuple[int, int] = (160, 45),
        emulator: Emulator | None = None,
        key: str | None = None,
        poll_s: float = 0.3,
        waits: bool = True,
        profile: str | None = None,
        **options: Any,
    ) -> AsyncIterator[Opened]:
        # What nobody looks into need not be made: a sandbox gets its files and programs when it is first asked.
        monkeypatch.setattr(bodies, "_SETTLE_S", 3600.0)
        emulator = emulator or await open_emulator(seed=seed, **options)
        for module in (textual.app, textual.pilot):  # private in Textual 8.2: what the pilot waits with after a key
            monkeypatch.setattr(module, "wait_for_idle", wait_for_idle)
        monkeypatch.setenv("DAYTONA_API_URL", emulator.api_url)
        monkeypatch.setenv("DAYTONA_API_KEY", emulator.api_key if key is None else key)
        opener = ScreenOpener(ScreenOptions(profile=profile, flags={"poll_s": poll_s}))
        opener.begin()
        app = DaytonaApp(opener)
        notices: list[Notification] = []

        def hear(message: Message) -> None:
            if isinstance(message, Notify):
                notices.append(message.notification)

        try:
            async with app.run_test(size=size, message_hook=hear) as pilot:
                opened = Opened(app, pilot, emulator, notices)
                if waits:
                    await opened.until(lambda: opened.fleet.store.listed_at is not None and opened.table.row_count())
                    await pilot.pause()
                yield opened
        finally:
            await opener.close()

    return open_one
