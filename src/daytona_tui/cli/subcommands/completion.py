"""``completion``: what a shell has to be told so that tab completes our command line."""

from __future__ import annotations

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.completing import SHELLS


@grammar.command(
    "completion",
    is_local=True,
    no_data="what is printed is a script for a shell",
    short_help="print what makes tab complete in bash, zsh or fish",
    help="""Print what makes tab complete subcommands, flags, sandboxes, profiles and filters in a shell.

    Sandboxes are those that the screen saw last; nothing is asked for over the network.""",
    epilog='bash, in ~/.bashrc: eval "$(daytona-tui completion bash)". zsh, in ~/.zshrc behind compinit: eval '
    '"$(daytona-tui completion zsh)". fish: daytona-tui completion fish > '
    "~/.config/fish/completions/daytona-tui.fish.",
)
@click.argument("shell", metavar="SHELL", type=click.Choice(SHELLS), help="one of bash, zsh and fish")
def completion(shell: str) -> int:
    """Print and return the exit code."""
    from daytona_tui.cli import output
    from daytona_tui.cli.completing import script
    from daytona_tui.cli.exit_codes import ExitCode

    output.write(script(shell))
    return ExitCode.OK
