"""What the room of snapshots says at length: the order of a new one, and the log of a build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daytona_tui.cli.grammar import Form
from daytona_tui.cli.trouble import Refusal

if TYPE_CHECKING:
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.snapshots import Snapshot, SnapshotOrder


def check_source(sandbox: str | None, said: dict[str, Any]) -> None:
    """Make sure that one thing is said of which it is to be made.

    Raises:
        Refusal: none is said, several are, or more than a sandbox allows.
    """
    if sum(each is not None for each in (sandbox, said["image"], said["dockerfile"])) != 1:
        raise Refusal("usage", "say one of --image, --dockerfile and --from-sandbox")
    if sandbox is not None and any(each not in (None, False) for each in said.values()):
        raise Refusal("usage", "a snapshot of a sandbox has the sandbox's size: leave the other flags out")


def order_from(name: str, said: dict[str, Any]) -> SnapshotOrder:
    """Return what the flags say.

    Raises:
        Refusal: a file cannot be read, or words cannot be.
    """
    from daytona_tui.domain.snapshots import SnapshotOrder

    return SnapshotOrder(
        name,
        image=said["image"] or "",
        dockerfile=_dockerfile(said["dockerfile"]) if said["dockerfile"] is not None else "",
        entrypoint=_words(said["entrypoint"]),
        cpu=said["cpu"],
        memory_gib=said["memory"],
        disk_gib=said["disk"],
        gpu=said["gpu"],
        region=said["region"] or "",
        sandbox_class=said["sandbox_class"] or "",
        origin=_origin(said["dockerfile"]),
        context=_absolute(said["context"]),
        sends_secrets=bool(said["context_secrets"]),
    )


def check(order: SnapshotOrder) -> None:
    """Make sure that the server would take an order.

    Raises:
        Refusal: it would not; all that is wrong is said.
    """
    from daytona_tui.domain.snapshots import problems

    lines = [f"{what.replace('_gib', '').replace('_', ' ')}: {words}" for what, words in problems(order).items()]
    if lines:
        message = lines[0] if len(lines) == 1 else "this makes no snapshot"
        raise Refusal("order", message, below=lines if len(lines) > 1 else ())


async def check_context(order: SnapshotOrder) -> None:
    """Make sure that the files for its build are here and may be sent.

    Raises:
        Refusal: they are not.
    """
    from daytona_tui.errors import MisuseError
    from daytona_tui.operations.build_context import find_context
    from daytona_tui.operations.snapshots import context_wish

    try:
        await find_context(context_wish(order))
    except MisuseError as error:
        raise Refusal("order", error.message, hint=error.hint) from None


def _dockerfile(path: str) -> str:
    import sys
    from pathlib import Path

    from daytona_tui.presentation.phrases import os_reason

    if path == "-":
        return sys.stdin.read() if sys.stdin is not None else ""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except OSError as error:
        raise Refusal("usage", f"{path} cannot be read: {os_reason(error)}") from None
    except UnicodeDecodeError:
        raise Refusal("usage", f"{path} is no text") from None


def _origin(dockerfile: str | None) -> str:
    return "" if dockerfile is None or dockerfile == "-" else _absolute(dockerfile)


def _absolute(path: str | None) -> str:
    from pathlib import Path

    return str(Path(path).expanduser().absolute()) if path else ""


def _words(entrypoint: str | None) -> tuple[str, ...]:
    import shlex

    try:
        return tuple(shlex.split(entrypoint or ""))
    except ValueError as error:
        raise Refusal("usage", f"--entrypoint: {str(error).lower()}") from None


async def write_log(gateway: Gateway, snapshot: Snapshot) -> None:
    """Write the log as it comes; made safe where a terminal would obey it."""
    from daytona_tui.cli import output
    from daytona_tui.presentation.safe_text import safe
    from daytona_tui.transfer.concurrency import closing

    async with closing(gateway.follow_snapshot_build(snapshot.id)) as texts:
        async for text in texts:
            output.write("\n".join(map(safe, text.split("\n"))) if output.is_terminal() else text)


async def tell_log(gateway: Gateway, snapshot: Snapshot, form: Form) -> None:
    """Write the log as data: whole at its end, or line by line as it comes."""
    from daytona_tui.cli import output
    from daytona_tui.transfer.concurrency import closing

    lines: list[str] = []
    rest = ""
    async with closing(gateway.follow_snapshot_build(snapshot.id)) as texts:
        async for text in texts:
            *whole, rest = (rest + text).split("\n")
            lines += whole
            if form is Form.JSONL and whole:
                output.as_data([line_object(each) for each in whole], form)
    if rest:
        lines.append(rest)
    if form is Form.JSON:
        output.as_data({"id": snapshot.id, "name": snapshot.name, "lines": lines}, form)
    elif rest:
        output.as_data(line_object(rest), form)


def line_object(line: str) -> dict[str, object]:
    """Return a line of a log, as ``snapshots log --jsonl`` writes it."""
    return {"line": line}
