"""``ports``: on which ports of a sandbox programs listen, and where these are seen from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.port_words import port_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.previews import Listener
    from daytona_tui.domain.sandbox import Sandbox

AGAIN_S = 0.5
_WAIT_S = 60


@grammar.command(
    "ports",
    short_help="list the ports of a sandbox on which programs listen",
    help="""List the ports of a sandbox on which programs listen, with program and link.

    The daemon looks at the ports from 3000 to 9999; others are found where the sandbox lets its processes be seen.
    Looking does not keep the sandbox awake; following a link does.""",
    epilog="A link of a sandbox that is not public asks for a login or a token: see preview --help.",
)
@grammar.sandbox_argument
@click.option("--wait", metavar="PORT", type=port_of, help="first wait until something listens on this port")
@grammar.timeout_option("with --wait 60s")
@grammar.form_options
def ports(sandbox: str, wait: int | None) -> int:
    """List and return the exit code."""
    from daytona_tui.cli import output, running
    from daytona_tui.cli.exit_codes import ExitCode

    wanted = sandbox

    async def told(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find, require_running
        from daytona_tui.operations.listeners import listeners

        sandbox = await find(gateway, wanted)
        require_running(sandbox)
        if wait is not None:
            await _wait(gateway, sandbox, wait, grammar.common().clock.taken_over(_WAIT_S))
        found = await listeners(gateway, sandbox.id)
        urls = await _urls(gateway, sandbox, found)
        form = grammar.common().form
        if form.is_data:
            output.as_data([as_object(each, urls.get(each.port, "")) for each in found], form)
        else:
            _show(sandbox, found, urls)
        return ExitCode.OK

    return running.run(told)


async def _wait(gateway: Gateway, sandbox: Sandbox, port: int, timeout_s: int) -> None:
    import asyncio

    from daytona_tui.errors import OperationTimeoutError
    from daytona_tui.operations.listeners import listeners
    from daytona_tui.presentation.safe_text import safe

    try:
        async with asyncio.timeout(timeout_s):
            while True:
                if any(each.port == port for each in await listeners(gateway, sandbox.id)):
                    return
                await asyncio.sleep(AGAIN_S)
    except TimeoutError:
        raise OperationTimeoutError(
            f"nothing listens on port {port} of {safe(sandbox.name)} after {timeout_s} s",
            hint=f"daytona-tui ports {safe(sandbox.name)} shows what does",
        ) from None


async def _urls(gateway: Gateway, sandbox: Sandbox, found: Sequence[Listener]) -> dict[int, str]:
    """Return the links; without them where the server has none, which is said."""
    from daytona_tui.cli import narration
    from daytona_tui.errors import UnsupportedError

    try:
        return {each.port: (await gateway.preview_link(sandbox.id, each.port)).url for each in found}
    except UnsupportedError as error:
        narration.say(error.message)
        return {}


def _show(sandbox: Sandbox, found: Sequence[Listener], urls: dict[int, str]) -> None:
    from daytona_tui.cli import narration, output
    from daytona_tui.presentation.safe_text import safe

    if not found:
        narration.say(f"nothing listens in {sandbox.name}")
        return
    rows = [(str(each.port), safe(each.program) or "—", safe(urls.get(each.port, "")) or "—") for each in found]
    output.table(("PORT", "PROGRAM", "LINK"), rows, right=(True, False, False), room=output.room_of_terminal())


def as_object(listener: Listener, url: str) -> dict[str, object]:
    """Return a row of ``ports --json``. The keys are a promise: more may come, none goes or changes."""
    return {"port": listener.port, "program": listener.program, "pid": listener.pid, "url": url}
