"""Run one program in a sandbox and pass on what it writes as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shlex
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.tail import TailEvent, tail
from daytona_tui.transfer.concurrency import settled

_CLOSE_S = 15.0


def command_line(words: Sequence[str]) -> str:
    """Return the shell text for ``words``: several are a program and its arguments, one is shell text already."""
    return words[0] if len(words) == 1 else shlex.join(words)


async def execute(gateway: Gateway, sandbox_id: SandboxId, command: str) -> AsyncGenerator[TailEvent]:
    """Run ``command`` in a session of its own and yield its output, drops of the connection and, last, its end.

    However the generator ends, the session is closed, and with it everything that still runs in it. The program gets
    an empty standard input.

    Raises:
        DaytonaTuiError: it could not be started, or its output was lost for good.
    """
    session_id = f"daytona-tui-exec-{secrets.token_hex(4)}"
    await gateway.open_session(sandbox_id, session_id)
    try:
        execution = await gateway.submit(sandbox_id, session_id, _contained(command))
        async with aclosing(tail(gateway, sandbox_id, session_id, execution.id)) as events:
            async for event in events:
                yield event
    finally:
        await settled(_close(gateway, sandbox_id, session_id))


def _contained(command: str) -> str:
    """Return ``command`` for a shell of its own: an ``exit`` or an open quote in it must not hurt the session's."""
    return f'"$(command -v bash || command -v sh)" -c {shlex.quote(command)} </dev/null'


async def _close(gateway: Gateway, sandbox_id: SandboxId, session_id: str) -> None:
    with contextlib.suppress(DaytonaTuiError, TimeoutError):  # the outcome of the program is what counts
        async with asyncio.timeout(_CLOSE_S):
            await gateway.close_session(sandbox_id, session_id)
