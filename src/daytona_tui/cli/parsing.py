"""What can be said on the command line: the flags of the screen, and all subcommands."""

from __future__ import annotations

import re
from typing import Any

import click

from daytona_tui import __version__
from daytona_tui.cli import grammar
from daytona_tui.cli.catalogue import CATALOGUE
from daytona_tui.cli.grammar import Said

_SEED = re.compile(r"empty|demo|fleet:[0-9]{1,6}|leaky:[0-9]{1,6}(:[0-9]{1,6})?")
_HELP = "See, enter, empty and clean up Daytona sandboxes. Without a subcommand: the screen."
_EPILOG = (
    "The connection is taken from DAYTONA_API_KEY, DAYTONA_API_URL, DAYTONA_TARGET, DAYTONA_ORGANIZATION_ID and "
    "DAYTONA_JWT_TOKEN, or from the settings file that doctor names; a profile stands for all of them."
)
_ABOUT_SEED = "Its fleet: empty, demo (default), fleet:N or leaky:N; means --local."
_ABOUT_THEME = "Looks: night, day, contrast or ansi (the terminal's 16 colours)."


def whole() -> click.Group:
    """Return the command line as a whole; its function opens the screen."""
    return grammar.Whole(
        "daytona-tui",
        catalogue=CATALOGUE,
        callback=_screen,
        params=[
            click.Option(["--local"], is_flag=True, help="Open a local Daytona; needs no account."),
            click.Option(["--seed"], metavar="SEED", type=_seed, help=_ABOUT_SEED),
            click.Option(["--pull-dir"], metavar="DIR", help="Where pulls go (default: here)."),
            click.Option(
                ["--poll"],
                metavar="S",
                type=float,
                help="Seconds between two listings of the fleet (default: 5).",
            ),
            click.Option(["--theme"], metavar="THEME", help=_ABOUT_THEME),
            click.Option(["--ascii"], is_flag=True, help="Draw with the letters of ASCII alone."),
            click.Option(["--reduced-motion"], is_flag=True, help="Nothing slides or blinks."),
            click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version,
                         help="Show the version."),
        ],
        invoke_without_command=True,
        help=_HELP,
        epilog=_EPILOG,
        subcommand_metavar="[SUBCOMMAND ...]",
    )  # fmt: skip


def _seed(text: str) -> str:
    if not _SEED.fullmatch(text):
        raise click.BadParameter(f"{text!r} is not empty, demo, fleet:N or leaky:N")
    return text


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"daytona-tui {__version__}")
        context.exit()


def _screen(**words: Any) -> int:
    """Open the screen, unless there is a subcommand, for which its flags mean nothing."""
    subcommand = click.get_current_context().invoked_subcommand
    if subcommand is None:
        return _open(Said(**words))
    for name, value in words.items():
        if value:
            raise click.UsageError(f"--{name.replace('_', '-')} is for the screen; {subcommand} opens none")
    return 0


def _open(said: Said) -> int:
    import sys

    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        from daytona_tui.cli.trouble import Refusal

        hint = "without one there are subcommands, such as daytona-tui list"
        raise Refusal("no_terminal", "the screen needs a terminal", hint=hint)
    from daytona_tui.bootstrap import ScreenOptions, open_screen
    from daytona_tui.errors import MisuseError

    common = grammar.common()
    flags = {"pull_dir": said.pull_dir, "poll_s": said.poll, "read_only": common.read_only, "theme": said.theme}
    flags |= {"ascii": said.ascii or None, "reduced_motion": said.reduced_motion or None}
    is_local = said.local or said.seed is not None
    if is_local and common.profile:
        raise MisuseError("--local and --profile name two connections", hint="leave one of them out")
    return open_screen(ScreenOptions(local=is_local, seed=said.seed or "demo", profile=common.profile, flags=flags))
