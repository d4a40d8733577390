"""``man``: the manual page, made of what every subcommand says of itself."""

from __future__ import annotations

from daytona_tui.cli import grammar


@grammar.command(
    "man",
    is_local=True,
    no_data="what is printed is a page for man",
    short_help="print the manual page",
    help="""Print the manual page, in roff: daytona-tui man | man -l -

    An installation has it as daytona-tui(1), too.""",
)
def man() -> int:
    """Print and return the exit code."""
    from daytona_tui.cli import manual, output
    from daytona_tui.cli.exit_codes import ExitCode

    output.write(manual.page())
    return ExitCode.OK
