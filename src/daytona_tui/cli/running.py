"""Runs a subcommand's coroutine: settings, diagnostics, a gateway, and signals that end it cleanly."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from daytona_tui import bootstrap
from daytona_tui.cli import grammar
from daytona_tui.cli.exit_codes import ExitCode
from daytona_tui.config.settings import Settings, read_settings
from daytona_tui.domain.ports import Gateway
from daytona_tui.errors import ConfigError, OutOfTimeError

if TYPE_CHECKING:
    from daytona_tui.domain.sandbox import Sandbox

_Result = TypeVar("_Result")

Deed = Callable[[Gateway, Settings], Awaitable[int]]


def run(deed: Deed, *, lists: bool = False, acts: bool = False) -> int:
    """Return the exit code of ``deed``, run with a gateway to the Daytona that the settings name.

    Args:
        deed: the work.
        lists: the work begins with a listing, see ``bootstrap.headless``.
        acts: the work may change something, and is refused where only reading is allowed.

    Raises:
        ConfigError: the settings are wrong, or allow no changes.
        OutOfTimeError: the time that ``--timeout`` gives is over; everything was cleaned up.
        DaytonaTuiError: whatever ``deed`` raises.
        KeyboardInterrupt: ctrl+c; everything was cleaned up.
    """
    said = grammar.common()
    settings = read_settings(profile=said.profile, flags={"read_only": said.read_only})
    if settings.owners:
        from daytona_tui.domain.owners import go_by

        go_by(settings.owners)
    bootstrap.start_diagnostics(settings)
    if acts and settings.read_only:
        hint = "leave --read-only out" if said.read_only else "choose another profile with --profile"
        raise ConfigError(f"nothing was done: {settings.why_read_only}", hint=hint)
    return asyncio.run(_whole(deed, settings, lists, acts))


async def in_time(work: Awaitable[_Result], *, acts: bool = False) -> _Result:
    """Return what ``work`` comes to, if it does so in the time that ``--timeout`` gives.

    Raises:
        OutOfTimeError: it did not; ``acts`` tells whether something may have been asked for that goes on.
    """
    said = grammar.common()
    try:
        async with said.clock.limit():
            return await work
    except TimeoutError:
        if not said.clock.is_over:
            raise
        usual = "what was asked for may still happen: look before you ask again" if acts else ""
        hint = said.way_on or usual or "give it more time"
        raise OutOfTimeError(f"given up after {said.clock.seconds} s", hint=hint) from None


def in_sandbox(wanted: str, deed: Callable[[Gateway, Sandbox], Awaitable[int]], *, acts: bool = False) -> int:
    """Return the exit code of ``deed`` in the one sandbox that is meant, which has to run; otherwise as ``run``."""

    async def done(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find, require_running

        sandbox = await find(gateway, wanted)
        require_running(sandbox)
        return await deed(gateway, sandbox)

    return run(done, acts=acts)


async def _whole(deed: Deed, settings: Settings, lists: bool, acts: bool) -> int:
    task = asyncio.ensure_future(in_time(_with_gateway(deed, settings, lists), acts=acts))
    is_terminated = False

    def terminate() -> None:
        nonlocal is_terminated
        is_terminated = True
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # by nohup
            asyncio.get_running_loop().add_signal_handler(number, terminate)
    try:
        return await task
    except asyncio.CancelledError:
        if is_terminated:
            return ExitCode.TERMINATED
        raise


async def _with_gateway(deed: Deed, settings: Settings, lists: bool) -> int:
    async with bootstrap.headless(settings, lists=lists) as gateway:
        return await deed(gateway, settings)
