"""``emulator``: a local Daytona for other programs; its words are its own."""

from __future__ import annotations

import click

from daytona_tui.cli import grammar


@grammar.command(
    "emulator",
    is_local=True,
    short_help="serve a local Daytona for other programs",
    help="Serve a local Daytona for other programs. `daytona-tui emulator --help` tells of its flags.",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("words", metavar="[FLAGS]...", nargs=-1, type=click.UNPROCESSED)
def emulator(words: tuple[str, ...]) -> int:
    """Serve and return the exit code. ``main`` is quicker where the subcommand is the first word."""
    from daytona_tui.emulator.command import main

    return main(words)
