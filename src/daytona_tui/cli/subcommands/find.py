"""``find``: files of a sandbox by name, kind, size, age and contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import amounts, grammar, places
from daytona_tui.cli.grammar import Said

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.searching import Found, FoundFile, Wanted

_KINDS = {"f": "file", "d": "directory", "l": "link"}


@grammar.command(
    "find",
    short_help="find files in a sandbox by name and by contents",
    help="""Find files in a sandbox that runs: everything below a directory for which all that is said holds.

    Links are not followed. Looking does not keep the sandbox awake.""",
    epilog="With --contains each line that has the text is written as PATH:LINE:TEXT. Finding nothing is no error.",
    exclusive=[("long", "null", "json", "jsonl")],
)
@places.place_argument
@click.argument("name", metavar="NAME", default="", required=False, help="a name or a pattern, quoted: '*.py'")
@click.option("-i", "--ignore-case", is_flag=True, help="the name in capitals or not")
@click.option("--contains", metavar="TEXT", help="text files with this text in a line")
@click.option("--type", type=click.Choice(tuple(_KINDS)), help="only files, directories or links")
@click.option("--larger", metavar="SIZE", type=amounts.size_of, help="at least this: 10M")
@click.option("--smaller", metavar="SIZE", type=amounts.size_of, help="at most this")
@click.option("--newer", metavar="AGE", type=amounts.seconds_of, help="written within this time: 2h")
@click.option("--depth", metavar="N", type=amounts.count_of, help="look so many levels deep (default: all)")
@click.option("--most", metavar="N", type=amounts.count_of, default="0", help="tell so many (default: all)")
@click.option("-l", "--long", is_flag=True, help="also kinds, sizes and ages")
@click.option("-0", "--null", is_flag=True, help="end each path with NUL: fit for any name")
@grammar.form_options
@places.start_option
def find(**words: Any) -> int:
    """Find and return the exit code."""
    from daytona_tui.cli import narration, running
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.cli.places import remote_path, there
    from daytona_tui.cli.trouble import Refusal

    arguments = Said(**words)
    if arguments.contains and arguments.long:
        raise Refusal("usage", "--contains finds lines, and --long tells of files", hint="leave one of them out")
    if arguments.contains == "":
        raise Refusal("usage", "every line has an empty text", hint="say --contains TEXT, or leave it out")
    if "/" in arguments.name:
        hint = "the directory to look below stands behind a colon: find SANDBOX:PATH NAME"
        raise Refusal("usage", f"no name has a slash in it: {arguments.name!r}", hint=hint)

    async def told(gateway: Gateway, settings: Settings) -> int:
        from datetime import UTC, datetime

        from daytona_tui.operations.searching import search

        async def work(sandbox: Sandbox) -> int:
            path = remote_path(arguments.place.path, await gateway.work_dir(sandbox.id))
            found = await search(gateway, sandbox.id, path, _wanted(arguments), datetime.now(UTC))
            _show(found, arguments)
            if found.is_partial:
                narration.say("some places could not be read, or there was too much to tell: there may be more")
            return ExitCode.OK

        return await there(gateway, settings, arguments.place.sandbox, work, start=arguments.start)

    return running.run(told, acts=arguments.start)


def _wanted(arguments: Said) -> Wanted:
    from daytona_tui.operations.searching import Wanted

    return Wanted(
        name=arguments.name,
        fold_case=arguments.ignore_case,
        kind=arguments.type or "",
        at_least=arguments.larger,
        at_most=arguments.smaller,
        newer_s=arguments.newer,
        depth=arguments.depth,
        text=arguments.contains or "",
    )


def _show(found: Found, arguments: Said) -> None:
    from daytona_tui.cli import output

    most, form = arguments.most or None, grammar.common().form
    if arguments.contains:
        lines = found.lines[:most]
        if form.is_data:
            output.as_data([{"path": each.path, "line": each.line, "text": each.text} for each in lines], form)
        elif arguments.null:
            output.write("".join(f"{path}\0" for path in dict.fromkeys(each.path for each in lines)))
        else:
            _write([f"{each.path}:{each.line}:{each.text}" for each in lines])
        return
    files = found.files[:most]
    if form.is_data:
        output.as_data([as_object(file) for file in files], form)
    elif arguments.null:
        output.write("".join(f"{file.path}\0" for file in files))
    elif arguments.long:
        _table(files)
    else:
        _write([file.path for file in files])


def _write(lines: list[str]) -> None:
    from daytona_tui.cli import output
    from daytona_tui.presentation.safe_text import safe

    shown = map(safe, lines) if output.is_terminal() else lines
    output.write("".join(f"{each}\n" for each in shown))


def _table(files: tuple[FoundFile, ...]) -> None:
    from datetime import UTC, datetime

    from daytona_tui.cli import output
    from daytona_tui.presentation.human import age, size
    from daytona_tui.presentation.safe_text import safe

    now = datetime.now(UTC)
    rows = [
        [
            _KINDS.get(file.kind, "special"),
            size(file.size_bytes) if file.kind == "f" else "—",
            age((now - file.modified_at).total_seconds() if file.modified_at else None),
            safe(file.path),
        ]
        for file in files
    ]
    right = (False, True, True, False)
    output.table(("TYPE", "SIZE", "AGE", "PATH"), rows, right=right, room=output.room_of_terminal())


def as_object(file: FoundFile) -> dict[str, object]:
    """Return a file as ``find --json`` shows it. The keys are a promise: more may come, none goes or changes."""
    return {
        "path": file.path,
        "type": _KINDS.get(file.kind, "special"),
        "size_bytes": file.size_bytes if file.kind == "f" else None,
        "modified_at": file.modified_at.isoformat() if file.modified_at else None,
    }
