"""The composition root: settings → diagnostics → gateway → front door. The only place where concrete classes meet.

The order in ``open_screen`` is what makes the start quick: what takes long elsewhere (the emulator's process, the first
page of the fleet) is set going before the slow import of the screen.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from daytona_tui.bootstrap.connecting import KeyFromKeyring
from daytona_tui.bootstrap.emulator_process import EmulatorProcess
from daytona_tui.bootstrap.opener import ScreenOpener, ScreenOptions, start_diagnostics
from daytona_tui.client import FirstPage, open_gateway
from daytona_tui.config.settings import Settings
from daytona_tui.domain.ports import Gateway

if TYPE_CHECKING:
    from daytona_tui.ui.app import DaytonaApp

__all__ = [
    "EmulatorProcess",
    "ScreenOpener",
    "ScreenOptions",
    "headless",
    "keymap_problems",
    "open_screen",
    "start_diagnostics",
]


@contextlib.asynccontextmanager
async def headless(settings: Settings, *, lists: bool = False) -> AsyncIterator[Gateway]:
    """Give a block a gateway to the Daytona that ``settings`` name.

    Args:
        settings: where and with which key.
        lists: the block begins with a listing: its first page is fetched at once, without waiting for the SDK, and a
            fleet that fits into it never loads the SDK at all.

    Raises:
        ConfigError: settings are missing or wrong, or the keyring has no key.
    """
    connection = await KeyFromKeyring(settings) if settings.keyring else settings.connection()
    from daytona_tui.ui import collector

    collector.collect_rarely()  # the SDK and the files of a transfer are many objects, looked at in vain each time
    first_page = FirstPage(lambda: connection) if lists else None
    if first_page is not None:
        first_page.start()
    gateway = open_gateway(connection, first_page=first_page)
    try:
        yield gateway
    finally:
        await gateway.close()


_TURN_S = 0.001
"""How long a thread may keep a key waiting: a fifth of what is usual, and no slower at what threads do here."""


def open_screen(options: ScreenOptions) -> int:
    """Run the screen until the user quits; return the exit code."""
    from daytona_tui.ui import collector

    collector.collect_rarely()
    sys.setswitchinterval(_TURN_S)
    opener = ScreenOpener(options)
    try:
        opener.begin()
        # Frames are paced by this, and a key waits for the next one; read when Textual is imported.
        os.environ.setdefault("TEXTUAL_FPS", "120")
        from daytona_tui.ui.app import DaytonaApp

        return asyncio.run(_run(DaytonaApp(opener), opener))
    finally:
        opener.end_emulator()


async def _run(app: DaytonaApp, opener: ScreenOpener) -> int:
    from daytona_tui.ui import collector

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # The ordinary way out restores the terminal and closes everything.
        loop.add_signal_handler(number, app.exit, None, 128 + number)
    collector.set_aside()
    try:
        await app.run_async()
    finally:
        await opener.close()
    return app.return_code or 0


def keymap_problems(settings: Settings) -> tuple[str, ...]:
    """Return what the settings ask of keys and cannot be done, in words."""
    from daytona_tui.ui.commands.custom import with_customs
    from daytona_tui.ui.commands.rebinding import keymap_of

    return with_customs(keymap_of(settings.keys), settings.commands).problems
