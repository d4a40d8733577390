"""``logs``: the logs of a sandbox, and what is in one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import amounts, grammar, moments, places
from daytona_tui.cli.grammar import Said

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.logs.kept import KeptLogs

_SINCE = "only lines from then on: 10m, 2h, 09:30, 2026-11-21T09:30:00Z"
_PATIENCE_S = 0.2
"""How long a pattern may look at one line."""


def _pattern(text: str) -> Any:
    """Return a pattern, compiled; raises click.BadParameter."""
    import regex

    try:
        return regex.compile(text)
    except (regex.error, RecursionError, OverflowError) as error:
        raise click.BadParameter(f"{text!r} is no pattern: {error}") from None


@grammar.command(
    "logs",
    short_help="list the logs of a sandbox, or show and follow one",
    help="""Without SOURCE: list the logs of a sandbox. With one: write its lines to standard output.

    Lines are written exactly for a program, made harmless for a terminal. Following does not keep the sandbox
    awake.""",
    epilog="Times are read from the lines themselves; a line without one has that of the line before it. Of a file the "
    "last 256K are shown unless --tail or --since says more. Of a sandbox that is gone the last lines that were read "
    "from here are shown, and from when they are. JSON of one log is an object for each line.",
)
@grammar.sandbox_argument
@click.argument(
    "source",
    metavar="SOURCE",
    required=False,
    help="as listed, or how it begins: SESSION/COMMAND, SESSION (its newest command), entrypoint, build, telemetry; or "
    "the path of any file",
)
@click.option("-f", "--follow", is_flag=True, help="stay for what is added, until the program ends")
@click.option("--since", metavar="TIME", type=moments.moment_of, help=_SINCE)
@click.option("--until", metavar="TIME", type=moments.moment_of, help="only lines up to then")
@click.option(
    "--tail",
    metavar="N",
    type=amounts.count_of,
    help="of what was there before only the last N of these lines",
)
@click.option("--grep", metavar="RE", type=_pattern, help="only lines in which this pattern is found")
@click.option("-v", "--invert", is_flag=True, help="only lines in which it is not")
@grammar.form_options
@places.start_option
def logs(**words: Any) -> int:
    """Show and return the exit code."""
    from daytona_tui.cli import running

    arguments = Said(**words)

    async def shown(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.errors import NotFoundError
        from daytona_tui.operations.find import find

        _require_source(arguments)
        kept = _kept(settings)
        try:
            sandbox = await find(gateway, arguments.sandbox)
        except NotFoundError as error:
            return await _show_gone(kept, arguments, error)
        return await _show(gateway, settings, sandbox, kept, arguments)

    return running.run(shown, acts=arguments.start)


async def _show(gateway: Gateway, settings: Settings, sandbox: Sandbox, kept: KeptLogs, arguments: Said) -> int:
    from daytona_tui.cli import log_output
    from daytona_tui.cli.places import there

    async def work(awake: Sandbox) -> int:
        if arguments.source is None:
            found = None if awake.is_running else await kept.of(awake.id)
            return await log_output.show_list(gateway, awake, found, form=grammar.common().form)
        source = await log_output.meant(gateway, awake, arguments.source)
        return await log_output.show_log(gateway, awake, source, kept, _asked(arguments))

    platform = arguments.source in (None, "build", "telemetry")
    if sandbox.is_running or (platform and not arguments.start):
        return await work(sandbox)
    if not arguments.start and (found := await kept.of(sandbox.id)) is not None:
        word = sandbox.state_word or sandbox.state.value
        return log_output.show_kept(found, arguments.source, f"{sandbox.name} is {word}", _asked(arguments))
    return await there(gateway, settings, sandbox.id, work, start=arguments.start)


async def _show_gone(kept: KeptLogs, arguments: Said, error: Exception) -> int:
    """Show what is kept of a sandbox that is not there; raise ``error`` where that is nothing."""
    from daytona_tui.cli import log_output
    from daytona_tui.cli.trouble import Refusal

    found = await kept.found(arguments.sandbox)
    if not found:
        raise error
    if len({each.id for each in found}) > 1:
        names = ", ".join(f"{each.name} ({each.id})" for each in found[:5])
        raise Refusal("ambiguous", f"several sandboxes that are gone are called so: {names}", hint="say the id")
    return log_output.show_kept(found[0], arguments.source, f"{found[0].name} is gone", _asked(arguments))


def _require_source(arguments: Said) -> None:
    """Refuse what means nothing as it was said, instead of doing something else."""
    from daytona_tui.cli.trouble import Refusal

    wish = (arguments.since, arguments.until, arguments.tail, arguments.grep)
    if arguments.source is None and (arguments.follow or any(each is not None for each in wish)):
        hint = f"daytona-tui logs {arguments.sandbox} lists them"
        raise Refusal("usage", "say which log: without SOURCE they are only listed", hint=hint)
    if arguments.invert and arguments.grep is None:
        raise Refusal("usage", "-v turns round what --grep says, which is missing")


def _asked(arguments: Said) -> Any:
    """Return what is wanted of a log."""
    from daytona_tui.cli.log_output import Asked
    from daytona_tui.operations.logs.sifting import Wish

    def seconds(moment: datetime | None) -> float | None:
        return None if moment is None else moment.timestamp()

    matches = None if arguments.grep is None else _matcher(arguments.grep, inverts=arguments.invert)
    wish = Wish(seconds(arguments.since), seconds(arguments.until), matches, arguments.tail)
    return Asked(wish, follows=arguments.follow, form=grammar.common().form)


def _matcher(pattern: Any, *, inverts: bool) -> Callable[[str], bool]:
    from daytona_tui.cli.trouble import Refusal

    def matches(text: str) -> bool:
        try:
            return (pattern.search(text, timeout=_PATIENCE_S) is not None) is not inverts
        except TimeoutError:
            raise Refusal(
                "usage", "the pattern takes too long for a line of this log", hint="make it simpler"
            ) from None

    return matches


def _kept(settings: Settings) -> KeptLogs:
    """Return the last lines that are kept of the connection that the settings name; asks no keyring for it."""
    from daytona_tui.config import paths
    from daytona_tui.config.connection import Secret
    from daytona_tui.operations.logs.kept import DIRECTORY, KeptLogs

    shape = settings.connection(Secret("unknown-yet")) if settings.keyring else settings.connection()
    return KeptLogs(paths.profile_dir(shape.profile_id(settings.profile)) / DIRECTORY)
