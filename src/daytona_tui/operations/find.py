"""Find the sandbox that a person means."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from daytona_tui.domain.ports import SandboxGateway
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import AmbiguousError, ConflictError, NotFoundError
from daytona_tui.presentation.safe_text import safe
from daytona_tui.transfer.concurrency import closing

SURE_OF_ID = 8
"""So many characters of an id, or more, are no accident: what ``list`` shows of one."""

_NAMED_AT_MOST = 5
_ALL = "daytona-tui list shows all of them"


async def find(gateway: SandboxGateway, wanted: str) -> Sandbox:
    """Return the sandbox with this id or exact name, or else the only one whose name or id begins so.

    The server is asked for the exact one first, which costs one small request; only a prefix needs the whole list.

    Raises:
        NotFoundError: none is meant.
        AmbiguousError: several are meant; names them.
    """
    if not wanted:
        raise NotFoundError("no sandbox has an empty name", hint=_ALL)
    with contextlib.suppress(NotFoundError):
        if wanted.strip("."):  # dots alone would become another address on their way
            return await gateway.get(wanted)
    async with closing(gateway.list_pages()) as pages:
        everything = [sandbox async for page in pages for sandbox in page]
    return choose(everything, wanted)


def choose(sandboxes: list[Sandbox], wanted: str) -> Sandbox:
    """Return the one of ``sandboxes`` that ``wanted`` means.

    Raises:
        NotFoundError: none.
        AmbiguousError: several; names them.
    """
    if (exact := whole(sandboxes, wanted)) is not None:
        return exact
    hits = beginning_so(sandboxes, wanted)
    if len(hits) == 1:
        return hits[0]
    if not hits:
        raise NotFoundError(f"no sandbox is called {wanted!r}", hint=_ALL)
    names = ", ".join(safe(_named(sandbox)) for sandbox in hits[:_NAMED_AT_MOST])
    more = f" and {len(hits) - _NAMED_AT_MOST} more" if len(hits) > _NAMED_AT_MOST else ""
    raise AmbiguousError(f"{wanted!r} may be any of {names}{more}", hint="give more of the name, or the id")


def whole(sandboxes: Iterable[Sandbox], wanted: str) -> Sandbox | None:
    """Return the one whose id, or else whose whole name, is ``wanted``; None where there is none, or several."""
    by_id, by_name = [], []
    for sandbox in sandboxes:
        if sandbox.id == wanted:
            by_id.append(sandbox)
        elif sandbox.name == wanted:
            by_name.append(sandbox)
    return next((exact[0] for exact in (by_id, by_name) if len(exact) == 1), None)


def beginning_so(sandboxes: Iterable[Sandbox], wanted: str) -> list[Sandbox]:
    """Return those whose name or id begins with ``wanted``; nothing begins with an empty word."""
    if not wanted:
        return []
    return [each for each in sandboxes if each.name.startswith(wanted) or each.id.startswith(wanted)]


def _named(sandbox: Sandbox) -> str:
    return sandbox.id if sandbox.name == sandbox.id else f"{sandbox.name} ({sandbox.id})"


def require_running(sandbox: Sandbox) -> None:
    """Make sure that programs can run in ``sandbox``.

    Raises:
        ConflictError: it does not run.
    """
    if not sandbox.is_running:
        word = safe(sandbox.state_word) or sandbox.state.value
        raise ConflictError(f"{safe(sandbox.name)} is {word}", hint="it has to run for that: start it first")
