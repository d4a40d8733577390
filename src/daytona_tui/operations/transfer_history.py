"""The transfers of the past: each that is over on disk, and what it takes to do one again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import datetime

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.transfers import TransferReport
from daytona_tui.errors import TransferError
from daytona_tui.operations.journal import Entry
from daytona_tui.operations.transferring import Direction, TransferOrder
from daytona_tui.transfer.safety import local_path

FILE_NAME = "transfers.jsonl"
"""Of the history of one connection, in its state directory: a journal of its own."""

_LONGEST = 1_900
"""Characters of a text that a journal keeps whole."""
_MOST_SOURCES = 100


def entry_of(order: TransferOrder, report: TransferReport | None, outcome: str, detail: str, at: datetime) -> Entry:
    """Return what is kept of a transfer that is over.

    Args:
        order: what was asked for.
        report: what came of it; None where it failed as a whole or was cancelled.
        outcome: ``done``, ``failed`` or ``cancelled``.
        detail: the same in words: hostile text.
        at: when it was over.
    """
    parameters = {
        "sources": [each if order.is_pull else _lasting(each) for each in order.sources[:_MOST_SOURCES]],
        "destination": _lasting(order.destination) if order.is_pull else order.destination,
        "is_whole": len(order.sources) <= _MOST_SOURCES
        and all(len(each) <= _LONGEST for each in (*order.sources, order.destination)),
        "files": report.files if report else 0,
        "bytes": report.size_bytes if report else 0,
        "seconds": round(report.seconds, 1) if report else 0,
    }
    sandbox = order.sandbox
    return Entry(at, order.direction.value, sandbox.id, sandbox.name, parameters, outcome, detail, _line(order))


def order_of(entry: Entry, sandbox: Sandbox) -> TransferOrder | None:
    """Return the order that does it again; None where not enough of it was kept."""
    sources, destination = entry.parameters.get("sources"), entry.parameters.get("destination")
    if (
        entry.verb not in (Direction.PULL, Direction.PUSH)
        or entry.parameters.get("is_whole") is not True
        or not isinstance(destination, str)
        or not isinstance(sources, list)
        or not all(isinstance(each, str) for each in sources)
    ):
        return None
    return TransferOrder(Direction(entry.verb), sandbox, tuple(sources), destination, wakes=not sandbox.is_running)


def local_place(entry: Entry) -> str:
    """Return the path of this machine that a transfer was about: where a pull went, or the first that was pushed."""
    return _text(entry.parameters, "destination") if entry.verb == Direction.PULL else _first(entry.parameters)


def remote_place(entry: Entry) -> str:
    """Return the path of the sandbox that a transfer was about."""
    return _first(entry.parameters) if entry.verb == Direction.PULL else _text(entry.parameters, "destination")


def _lasting(path: str) -> str:
    """Return a local path as it can be found from elsewhere too; a slash at its end keeps its meaning."""
    try:
        whole = str(local_path(path).absolute())
    except TransferError:  # why it came to nothing
        return path
    return whole + ("/" if path.endswith("/") else "")


def _text(parameters: Mapping[str, object], key: str) -> str:
    value = parameters.get(key)
    return value if isinstance(value, str) else ""


def _first(parameters: Mapping[str, object]) -> str:
    sources = parameters.get("sources")
    return sources[0] if isinstance(sources, list) and sources and isinstance(sources[0], str) else ""


def _line(order: TransferOrder) -> str:
    key = order.sandbox.id
    if order.is_pull:
        into = _lasting(order.destination)
        if len(order.sources) > 1:  # each goes into it, and the first must not become it
            into = f"{into.rstrip('/')}/"
        lines = [f"daytona-tui pull {shlex.quote(f'{key}:{path}')} {shlex.quote(into)}" for path in order.sources]
        line = " && ".join(lines)
    else:
        sources = " ".join(shlex.quote(_lasting(each)) for each in order.sources)
        line = f"daytona-tui push {sources} {shlex.quote(f'{key}:{order.destination}')}"
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
