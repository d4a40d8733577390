"""``ls``: what is in a directory of a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import amounts, grammar, places
from daytona_tui.cli.grammar import Said

if TYPE_CHECKING:
    from datetime import datetime

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.files import FileEntry
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox


_LETTERS = ("-r", "-w", "-xsS") * 2 + ("-r", "-w", "-xtT")
"""What may stand in the last nine places of a mode."""


@grammar.command(
    "ls",
    short_help="list a directory of a sandbox",
    help="List a directory of a sandbox that runs, or describe a file. Looking does not keep it awake.",
    epilog="Sizes are of files; what is in a directory is weighed by du. JSON has exact sizes and times.",
    exclusive=[("names", "null", "json", "jsonl")],
)
@places.place_argument
@click.option("-a", "--all", is_flag=True, help="also names that begin with a dot")
@click.option(
    "--sort",
    type=click.Choice(["name", "size", "time"]),
    default="name",
    help="largest or newest first (default: name)",
)
@click.option("-r", "--reverse", is_flag=True, help="the other way round")
@click.option(
    "--depth",
    metavar="N",
    type=amounts.count_of,
    default="1",
    help="so many levels of directories (default: 1)",
)
@click.option("-1", "--names", is_flag=True, help="only names, one in a line")
@click.option("-0", "--null", is_flag=True, help="only names, each ended by NUL: fit for any name")
@grammar.form_options
@places.start_option
def ls(**words: Any) -> int:
    """List and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.cli.places import remote_path, there

    arguments = Said(**words)

    async def listed(gateway: Gateway, settings: Settings) -> int:
        async def work(sandbox: Sandbox) -> int:
            path = remote_path(arguments.place.path, await gateway.work_dir(sandbox.id))
            entries = await _entries(gateway, sandbox, path, arguments)
            _show(_ordered(entries, arguments), path, arguments)
            return ExitCode.OK

        return await there(gateway, settings, arguments.place.sandbox, work, start=arguments.start)

    return running.run(listed, acts=arguments.start)


async def _entries(gateway: Gateway, sandbox: Sandbox, path: str, arguments: Said) -> list[FileEntry]:
    entry = await gateway.info(sandbox.id, path)
    if not entry.is_dir or arguments.depth == 0:
        return [entry]
    if arguments.depth == 1:
        entries = await gateway.list_dir(sandbox.id, path)
    else:
        entries = await gateway.list_tree(sandbox.id, path, arguments.depth)
    return [each for each in entries if arguments.all or not _is_hidden(each.path, path)]


def _is_hidden(path: str, top: str) -> bool:
    return any(part.startswith(".") for part in _below(path, top).split("/"))


def _below(path: str, top: str) -> str:
    """Return the path as seen from the directory ``top``, or its last part where it is not below."""
    from daytona_tui.domain.files import file_name

    above = top.rstrip("/") + "/"
    return path[len(above) :] if path.startswith(above) else file_name(path) or path


def _ordered(entries: list[FileEntry], arguments: Said) -> list[FileEntry]:
    ordered = sorted(entries, key=lambda entry: entry.path)
    if arguments.sort == "size":
        ordered.sort(key=lambda entry: 0 if entry.is_dir else -entry.size_bytes)
    elif arguments.sort == "time":
        ordered.sort(key=lambda entry: -entry.modified_at.timestamp() if entry.modified_at else 0.0)
    return ordered[::-1] if arguments.reverse else ordered


def _show(entries: list[FileEntry], path: str, arguments: Said) -> None:
    from datetime import UTC, datetime

    from daytona_tui.cli import output

    form = grammar.common().form
    if form.is_data:
        output.as_data([as_object(entry) for entry in entries], form)
    elif arguments.null:
        output.write("".join(f"{_below(entry.path, path)}\0" for entry in entries))
    elif arguments.names:
        for entry in entries:
            output.line(_below(entry.path, path))
    else:
        now = datetime.now(UTC)
        rows = [_row(entry, _below(entry.path, path), now) for entry in entries]
        head, right = ("MODE", "OWNER", "SIZE", "AGE", "NAME"), (False, False, True, True, False)
        output.table(head, rows, right=right, room=output.room_of_terminal())


def _row(entry: FileEntry, name: str, now: datetime) -> list[str]:
    from daytona_tui.presentation.human import age, size
    from daytona_tui.presentation.safe_text import safe

    owner = f"{entry.owner}:{entry.group}" if entry.group else entry.owner
    weight = "—" if entry.is_dir else size(entry.size_bytes)
    since = (now - entry.modified_at).total_seconds() if entry.modified_at else None
    mode = f"l{entry.mode[1:]}" if entry.mode.startswith("L") else entry.mode  # as every other ls has it
    return [safe(mode), safe(owner), weight, age(since), safe(name) + ("/" if entry.is_dir else "")]


def permissions(mode: str) -> str | None:
    """Return ``-rwxr-sr-x`` as ``2755``, four digits; None for what is no mode."""
    letters = mode[-9:]
    if len(letters) != 9 or any(each not in allowed for each, allowed in zip(letters, _LETTERS, strict=True)):
        return None
    digits = [0, 0, 0, 0]
    for at, each in enumerate(letters):
        digits[1 + at // 3] |= 0 if each in "-ST" else (4, 2, 1)[at % 3]
        digits[0] |= (4, 2, 1)[at // 3] if each in "sStT" else 0
    return "".join(map(str, digits))


def as_object(entry: FileEntry) -> dict[str, object]:
    """Return an entry as ``ls --json`` shows it. The keys are a promise: more may come, none goes or changes."""
    kind = "directory" if entry.is_dir else "link" if entry.is_link else "special" if entry.is_special else "file"
    return {
        "path": entry.path,
        "name": entry.name,
        "type": kind,
        "is_dir": entry.is_dir,
        "size_bytes": None if entry.is_dir else entry.size_bytes,
        "mode": entry.mode,
        "permissions": permissions(entry.mode),
        "owner": entry.owner,
        "group": entry.group,
        "modified_at": entry.modified_at.isoformat() if entry.modified_at else None,
    }
