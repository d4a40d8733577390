"""``push``: files and directories of this machine, or standard input, into a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import copying, grammar, places
from daytona_tui.cli.grammar import Said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daytona_tui.cli.places import Place
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox

_WAY_ON = "what has arrived is whole, and the same command does the rest"


@grammar.command(
    "push",
    short_help="copy files and directories into a sandbox",
    help="""Copy files and directories of this machine into a sandbox that runs, and write where they are to stdout.

    Everything is compared with what is here, and nothing is in its place before it is whole; what is there already is
    not copied again, so that the same command goes on after an interruption.""",
    epilog="A path with a slash at its end, or one that is a directory there, gets the sources inside; any other "
    "becomes the name of a single source. A directory SRC with a slash at its end stands for what is in it. - is "
    "standard input, and needs the name of a file. Exit codes: 0 all is there, 6 something could not be copied.",
    exclusive=copying.EXCLUSIVE,
)
@click.argument("sources", metavar=f"SRC... {places.PLACE}", nargs=-1, required=True, help="what to copy, and where to")
@click.option(
    "--name",
    metavar="NAME",
    type=places.file_name,
    default="",
    help="call a single source so, in the directory of the path",
)
@copying.flags
def push(**words: Any) -> int:
    """Push and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.places import there

    arguments = copying.said(words)
    sources, place = meant(arguments.sources)
    if arguments.name:
        place = named(place, sources, arguments.name)
    _check_stdin(sources, place, arguments)

    async def pushed(gateway: Gateway, settings: Settings) -> int:
        async def work(sandbox: Sandbox) -> int:
            if sources == ["-"]:
                return await _push_stdin(gateway, sandbox, place, arguments)
            return await _push(gateway, settings, sandbox, sources, place, arguments)

        return await there(gateway, settings, place.sandbox, work, start=arguments.start)

    return running.run(pushed, acts=arguments.start or not arguments.dry_run)


def meant(words: Sequence[str]) -> tuple[list[str], Place]:
    """Return what to copy, and where to.

    Raises:
        Refusal: there is nothing to copy, or no sandbox is named.
    """
    from daytona_tui.cli.places import Place
    from daytona_tui.cli.trouble import Refusal

    *sources, last = words
    sandbox, _, path = last.partition(":")
    hint = "daytona-tui push SRC… SANDBOX[:PATH]"
    if not sources:
        raise Refusal("usage", "push needs something to copy, and a sandbox as the last word", hint=hint)
    if not sandbox:
        raise Refusal("usage", f"{last!r} names no sandbox", hint=hint)
    if sandbox in (".", "..") or "/" in sandbox:
        hint = "the last word is where it goes; out of a sandbox: daytona-tui pull SANDBOX:PATH DEST"
        raise Refusal("usage", f"{last!r} is no sandbox", hint=hint)
    if not all(sources):
        raise Refusal("usage", "an empty name is no file", hint=hint)
    return sources, Place(sandbox, path)


def named(place: Place, sources: list[str], name: str) -> Place:
    """Return the place where a single source is called ``name``.

    Raises:
        Refusal: there are several sources, or the contents of a directory are meant.
    """
    import posixpath

    from daytona_tui.cli.trouble import Refusal

    if len(sources) != 1 or (sources[0] != "/" and sources[0].endswith("/")):
        raise Refusal("usage", "--name names one file or directory", hint="leave it out, or push them one by one")
    return place._replace(path=posixpath.join(place.path, name))


def _check_stdin(sources: list[str], place: Place, arguments: Said) -> None:
    from daytona_tui.cli.trouble import Refusal

    if "-" not in sources:
        return
    if len(sources) > 1:
        raise Refusal("usage", "standard input cannot be pushed together with files", hint="leave - or the files out")
    if not place.path or place.path.endswith("/"):
        hint = "daytona-tui push - SANDBOX:PATH"
        raise Refusal("usage", "what comes from standard input needs the name of a file", hint=hint)
    if arguments.dry_run:
        raise Refusal("usage", "nobody can tell what standard input will hold", hint="leave --dry-run out")
    if arguments.conflict not in (None, "fail", "overwrite", "skip"):
        hint = "say fail, skip or overwrite"
        raise Refusal("usage", f"standard input has no time and no name: --conflict {arguments.conflict}", hint=hint)


async def _destination(gateway: Gateway, sandbox: Sandbox, path: str) -> str:
    """Return the path with its home spelt out; a slash at its end stays, for it says something."""
    from daytona_tui.domain.tree import home_of

    if path == "~" or path.startswith("~/"):
        return home_of(await gateway.work_dir(sandbox.id)) + (path[1:] or "/")
    return path


def how_to_go_on(sources: list[str], *, gives_name: bool) -> str:
    """Return how a push that was interrupted is gone on with.

    Args:
        sources: as they were given.
        gives_name: a directory is new there and has the name of the place: by now that is one to be gone into.
    """
    if gives_name and not sources[0].endswith("/"):
        return f"what has arrived is whole, and the same command with {sources[0]}/ does the rest"
    return _WAY_ON


async def _push(
    gateway: Gateway,
    settings: Settings,
    sandbox: Sandbox,
    sources: list[str],
    place: Place,
    arguments: Said,
) -> int:
    import posixpath
    from functools import partial

    from daytona_tui.cli.keeping import recorded
    from daytona_tui.operations import push
    from daytona_tui.operations.transferring import Direction, TransferOrder

    about = copying.about_object(sandbox, "push", sources)
    telling = copying.Telling(arguments)
    try:
        destination = await _destination(gateway, sandbox, place.path)
        options = copying.options_of(arguments)
        plan = await push.plan_push(gateway, sandbox.id, sources, destination, options, on_progress=telling)
        telling.end()
        if arguments.dry_run:
            copying.show_plan(plan.summary, arguments, about)
            return 0
        policy = await copying.agreed_policy(plan.summary, arguments)
        plan = plan if policy is None else plan.with_policy(policy)
        # The history is read elsewhere, too; a slash at the end keeps its meaning.
        whole = posixpath.join(await gateway.work_dir(sandbox.id), destination)
        order = TransferOrder(Direction.PUSH, sandbox, tuple(sources), whole, plan.options)
        run = push.push(gateway, plan, confirmed=True, on_progress=telling)
        made = {each.target for each in plan.directories if not each.exists}
        way_on = partial(how_to_go_on, sources, gives_name=posixpath.normpath(whole) in made & {plan.destination})
        report = await recorded(settings, order, run, end_line=telling.end, way_on=way_on)
    finally:
        telling.end()
    return copying.conclude(report, f"{sandbox.name}:{report.destination}", arguments, about)


async def _push_stdin(gateway: Gateway, sandbox: Sandbox, place: Place, arguments: Said) -> int:
    from contextlib import aclosing

    from daytona_tui.cli.stdin import chunks
    from daytona_tui.domain.transfers import ConflictPolicy
    from daytona_tui.operations.push import push_stream

    about = copying.about_object(sandbox, "push", ["-"])
    telling = copying.Telling(arguments)
    conflict = ConflictPolicy(arguments.conflict or "fail")
    try:
        path = await _destination(gateway, sandbox, place.path)
        async with aclosing(chunks()) as coming:
            report = await push_stream(gateway, sandbox.id, coming, path, conflict=conflict, on_progress=telling)
    finally:
        telling.end()
    return copying.conclude(report, f"{sandbox.name}:{report.destination}", arguments, about)
