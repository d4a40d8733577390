"""``du``: what takes the room in a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daytona_tui.cli import amounts, grammar, places

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.disk_use import DiskUse

_MOST = 20


@grammar.command(
    "du",
    short_help="tell what takes the room in a sandbox",
    help="""Tell what takes the room in a directory of a sandbox that runs, the largest first, as the disk has it.

    Looking does not keep the sandbox awake.""",
)
@places.place_argument
@click.option(
    "--depth",
    metavar="N",
    type=amounts.count_of,
    default="1",
    help="name what is so many levels below (default: 1)",
)
@click.option(
    "--most",
    metavar="N",
    type=amounts.count_of,
    default=str(_MOST),
    help=f"name so many; 0 is all (default: {_MOST})",
)
@grammar.form_options
@places.start_option
def du(place: places.Place, depth: int, most: int, start: bool) -> int:
    """Tell and return the exit code."""
    from daytona_tui.cli import output, running
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.cli.places import remote_path, there

    async def told(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.disk_use import disk_use

        async def work(sandbox: Sandbox) -> int:
            path = remote_path(place.path, await gateway.work_dir(sandbox.id))
            use = await disk_use(gateway, sandbox.id, path, depth=depth)
            form = grammar.common().form
            if form.is_data:
                output.as_data(as_object(use), form)
            else:
                _show(use, most)
            _conclude(use)
            return ExitCode.OK

        return await there(gateway, settings, place.sandbox, work, start=start)

    return running.run(told, acts=start)


def _show(use: DiskUse, most: int) -> None:
    from daytona_tui.cli import narration, output
    from daytona_tui.presentation.human import size
    from daytona_tui.presentation.safe_text import safe

    shown = use.entries[:most] if most else use.entries
    total = use.size_bytes
    above = use.path.rstrip("/") + "/"
    rows = [
        [size(each.size_bytes), _share(each.size_bytes, total), safe(each.path.removeprefix(above))] for each in shown
    ]
    rows.append(["—" if total is None else size(total), _share(total or 0, total), safe(use.path)])
    output.table(("SIZE", "SHARE", "NAME"), rows, right=(True, True, False), room=output.room_of_terminal())
    if len(shown) < len(use.entries):
        narration.say(f"and {len(use.entries) - len(shown):,} smaller ones; --most 0 names them all")


def _share(size_bytes: int, total: int | None) -> str:
    return f"{size_bytes / total:.0%}" if total else "—"


def _conclude(use: DiskUse) -> None:
    from daytona_tui.cli import narration

    if use.by_listing:
        narration.say("the sandbox has no du: these are the lengths of the files")
    if not use.has_files:
        narration.say("there are too many files to name them: these are the directories")
    if use.is_partial:
        narration.say("some of it could not be read, or was too much to tell: it may be more")


def as_object(use: DiskUse) -> dict[str, object]:
    """Return what ``du --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        "path": use.path,
        "size_bytes": use.size_bytes,
        "measure": "lengths" if use.by_listing else "blocks",
        "is_partial": use.is_partial,
        "has_files": use.has_files,
        "entries": [{"path": each.path, "size_bytes": each.size_bytes} for each in use.entries],
    }
