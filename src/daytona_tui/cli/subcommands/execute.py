"""``exec``: one program in a sandbox, its output as it comes, its exit code as ours."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.operations.tail import TailEvent


def add_to(subparsers: Any) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "exec",
        usage="daytona-tui exec SANDBOX -- CMD…",
        help="run a program in a sandbox",
        description="Run a program in a sandbox that runs. Several words are a program and its arguments and reach it "
        "as they are; a single word is shell text: exec box -- 'ls | wc -l'. Standard input is empty.",
        epilog="Returns the program's own exit code (128 + N where signal N ended it), or a code of ours, with a line "
        "on stderr, where it could not be run. Ctrl+c ends the program and everything it started.",
    )
    parser.add_argument("sandbox", metavar="SANDBOX", help="id, name, or the beginning of one")
    parser.add_argument("words", metavar="CMD", nargs=argparse.REMAINDER, help="what to run")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Execute and return the exit code."""
    from daytona_tui.cli import narration, running
    from daytona_tui.cli.exit_codes import ExitCode

    words = arguments.words[1:] if arguments.words[:1] == ["--"] else arguments.words
    if not words or not any(words):
        narration.say("exec needs a command: daytona-tui exec SANDBOX -- CMD…")
        return ExitCode.USAGE

    async def executed(gateway: Gateway, settings: Settings) -> int:
        from contextlib import aclosing

        from daytona_tui.operations.execute import command_line, execute
        from daytona_tui.operations.find import find, require_running

        sandbox = await find(gateway, arguments.sandbox)
        require_running(sandbox)
        code: int | None = None
        async with aclosing(execute(gateway, sandbox.id, command_line(words))) as events:
            async for event in events:
                code = _pass_on(event)
        return exit_code(code)

    return running.run(executed, arguments, acts=True)


def _pass_on(event: TailEvent) -> int | None:
    """Write what an event says; return the exit code if it is the end."""
    from daytona_tui.cli import narration, output
    from daytona_tui.domain.executions import OutputChunk, Stream
    from daytona_tui.operations.tail import Dropped, Ended

    if isinstance(event, OutputChunk):
        (output.write if event.stream is Stream.STDOUT else narration.raw)(event.text)
    elif isinstance(event, Dropped):
        narration.say(f"the connection is lost, the program runs on ({event.reason}); trying again")
    return event.exit_code if isinstance(event, Ended) else None


def exit_code(code: int | None) -> int:
    """Return ours for a remote ``code``: itself where a process can have it, else 1 (unknown, negative, too large)."""
    from daytona_tui.cli import narration
    from daytona_tui.cli.exit_codes import ExitCode

    if code is not None and 0 <= code <= 255:
        return code
    narration.say(f"the program ended, and the sandbox tells no usable exit code ({code})")
    return ExitCode.FAILED
