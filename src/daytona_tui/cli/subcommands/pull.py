"""``pull``: a file or a directory out of a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import copying, grammar, places
from daytona_tui.cli.grammar import Said

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from daytona_tui.cli.places import Place
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.copy import PullPlan


@grammar.command(
    "pull",
    short_help="copy a file or a directory out of a sandbox",
    help="""Copy a file or a directory out of a sandbox that runs, byte for byte, and write where it is to stdout.

    Everything is compared with what is there, and nothing is in its place before it is whole; what is here already is
    not copied again, and a pull that was interrupted goes on with the same command. Copying does not keep the sandbox
    awake.""",
    epilog="DEST is as with cp: an existing directory, or a name with a slash at its end, gets it inside; any other "
    "name becomes its name; - is standard output, for a single file. By default ./SANDBOX/PATH. A directory PATH with "
    "a slash at its end, and the working directory, stand for what is in them, so that the same command brings a copy "
    "up to date. The form 'pull SANDBOX PATH [DEST]' means the same. Exit codes: 0 all is here, 6 something could not "
    "be copied.",
    exclusive=copying.EXCLUSIVE,
)
@click.argument("first", metavar=places.PLACE, help=places.ABOUT_PLACE)
@click.argument("rest", metavar="[DEST]", nargs=-1, help="where to, on this machine")
@copying.flags
def pull(**words: Any) -> int:
    """Pull and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.places import there
    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.errors import NotFoundError

    arguments = copying.said(words)
    place, dest = meant(arguments.first, arguments.rest)
    if dest == "-" and (arguments.form.is_data or arguments.dry_run):
        raise Refusal("usage", "- writes the file itself to standard output", hint="leave --json and --dry-run out")

    async def pulled(gateway: Gateway, settings: Settings) -> int:
        async def work(sandbox: Sandbox) -> int:
            if dest == "-":
                from daytona_tui.cli.subcommands.cat import show_file

                return await show_file(gateway, sandbox, place.path)
            try:
                return await _pull(gateway, settings, sandbox, place.path, dest, arguments)
            except NotFoundError as error:
                error.hint = error.hint or _hint(arguments)
                raise

        return await there(gateway, settings, place.sandbox, work, start=arguments.start)

    return running.run(pulled, acts=arguments.start)


def meant(first: str, rest: Sequence[str]) -> tuple[Place, str | None]:
    """Return from where and to where; None for the usual place.

    Two words are ``SANDBOX:PATH DEST`` where the first has a colon, else ``SANDBOX PATH``; with three the first is the
    sandbox as a whole, whatever it is called.

    Raises:
        Refusal: there are too many words, or no sandbox is named.
    """
    from daytona_tui.cli.places import Place
    from daytona_tui.cli.trouble import Refusal

    sandbox, colon, path = first.partition(":")
    hint = "daytona-tui pull SANDBOX[:PATH] [DEST]"
    if len(rest) > 2:
        raise Refusal("usage", f"pull copies one path, and {rest[2]!r} is one word too many", hint=hint)
    if len(rest) == 2:
        sandbox, path, dest = first, rest[0], rest[1]
    elif rest and not colon:
        sandbox, path, dest = first, rest[0], None
    else:
        dest = rest[0] if rest else None
    if not sandbox:
        raise Refusal("usage", f"{first!r} names no sandbox", hint=hint)
    return Place(sandbox, path), dest


def _hint(arguments: Said) -> str:
    """Return what to do about a path that is not there, where it may have been meant for a place here."""
    import shlex

    if len(arguments.rest) != 1 or ":" in arguments.first:
        return ""
    words = shlex.join(["pull", f"{arguments.first}:", arguments.rest[0]])
    return f"to copy its working directory to {arguments.rest[0]!r} here: daytona-tui {words}"


async def _pull(
    gateway: Gateway,
    settings: Settings,
    sandbox: Sandbox,
    said: str,
    dest: str | None,
    arguments: Said,
) -> int:
    import asyncio
    from functools import partial

    from daytona_tui.cli.keeping import recorded
    from daytona_tui.cli.places import remote_path
    from daytona_tui.operations import copy
    from daytona_tui.operations.transferring import Direction, TransferOrder

    work_dir = await gateway.work_dir(sandbox.id)
    path = remote_path(said, work_dir)
    usual = copy.default_destination(sandbox, path, work_dir, settings.pull_dir)
    destination = usual if dest is None else await asyncio.to_thread(_as_cp, dest, usual.name, said)
    about = copying.about_object(sandbox, "pull", [path])
    telling = copying.Telling(arguments)
    try:
        options = copying.options_of(arguments)
        plan = await copy.plan(gateway, sandbox.id, path, destination, options, on_progress=telling)
        telling.end()
        if arguments.dry_run:
            copying.show_plan(plan.summary, arguments, about)
            return 0
        policy = await copying.agreed_policy(plan.summary, arguments)
        plan = plan if policy is None else plan.with_policy(policy)
        order = TransferOrder(Direction.PULL, sandbox, (path,), str(destination), plan.options)
        run = copy.run(gateway, plan, confirmed=True, on_progress=telling, keeps=lambda: True)
        way_on = partial(_way_on, plan)
        report = await recorded(settings, order, run, end_line=telling.end, way_on=way_on)
    finally:
        telling.end()
    return copying.conclude(report, report.destination, arguments, about)


def _way_on(plan: PullPlan) -> str:
    kept = plan.kept() if plan.options.resume else None
    if kept is None:
        return "nothing half was left behind"
    return f"the same command goes on from what has arrived, which is kept in {kept}"


def _as_cp(dest: str, name: str, said: str) -> Path:
    """Return where it goes: inside what is a directory, as with cp; contents go where their directory would."""
    from daytona_tui.transfer.safety import local_path

    destination = local_path(dest)
    is_contents = said.endswith("/") or said in ("", ".", "~") or said.endswith("/.")
    is_inside = dest.endswith("/") or destination.is_dir()
    return destination / name if is_inside and not is_contents else destination
