"""What else hangs on sandboxes: forks, volumes, linked sandboxes. Only the control plane is asked: nobody is woken."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from daytona_tui.domain.leaks import Ties
from daytona_tui.domain.ports import SandboxGateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import DaytonaTuiError, NotFoundError, RateLimitedError, UnreachableError, UnsupportedError

_AT_ONCE = 8
_PATIENCE_S = 10.0
_WITHOUT_FORKS = frozenset({"", "container"})
"""Classes of which there are no forks; empty: the server does not know classes, and no forks either."""


async def ties_of(gateway: SandboxGateway, sandboxes: Sequence[Sandbox]) -> Mapping[SandboxId, Ties]:
    """Return what hangs on each of ``sandboxes``; whoever could not be looked up is left out.

    Sandboxes tell what they are linked to, and not what is linked to them: that is known only of those among them.
    Nobody else is asked for once the server is silent, or wants to be left alone.
    """
    turns, found, links = asyncio.Semaphore(_AT_ONCE), dict[SandboxId, Ties](), list[tuple[str, str]]()
    is_over = False

    async def look(sandbox: Sandbox) -> None:
        nonlocal is_over
        async with turns:
            if is_over:
                return
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    record = await gateway.record(sandbox.id)
                    found[sandbox.id] = Ties(await _forks(gateway, sandbox, record), _mounts(record))
                    links.append((str(record.get("linkedSandboxId") or ""), sandbox.name))
            except (TimeoutError, UnreachableError, RateLimitedError):
                is_over = True
            except DaytonaTuiError:
                return

    async with asyncio.TaskGroup() as group:
        for sandbox in sandboxes:
            group.create_task(look(sandbox))
    return _with_links(found, links)


async def _forks(gateway: SandboxGateway, sandbox: Sandbox, record: Mapping[str, object]) -> tuple[str, ...]:
    if (sandbox.sandbox_class or str(record.get("sandboxClass") or "")) in _WITHOUT_FORKS:
        return ()
    try:
        relatives = await gateway.relatives(sandbox.id)
    except (UnsupportedError, NotFoundError):  # a server without forks has none
        return ()
    return tuple(fork.name for fork in relatives.forks if not _is_going(fork))


def _is_going(fork: Sandbox) -> bool:
    return SandboxState.DESTROYED in (fork.state, fork.desired_state)


def _mounts(record: Mapping[str, object]) -> tuple[str, ...]:
    volumes = record.get("volumes")
    told = volumes if isinstance(volumes, list | tuple) else ()
    return tuple(str(each.get("mountPath", "?")) if isinstance(each, Mapping) else "?" for each in told)


def _with_links(found: dict[SandboxId, Ties], links: Iterable[tuple[str, str]]) -> Mapping[SandboxId, Ties]:
    for told, name in links:
        parent = SandboxId(told)
        if parent in found:
            ties = found[parent]
            found[parent] = replace(ties, linked=(*ties.linked, name))
    return found


def untold(ties: Mapping[SandboxId, Ties], asked: int) -> str:
    """Return that something could not be looked up, in words; empty where all was."""
    missing = asked - len(ties)
    return f"forks and volumes of {missing:,} could not be looked up" if missing else ""
