"""``exec``: one program in a sandbox, its output as it comes, its exit code as ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar, remote_words
from daytona_tui.domain.executions import Stream

if TYPE_CHECKING:
    from daytona_tui.cli.remote_output import Collected, RemoteOutput
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import SandboxId
    from daytona_tui.operations.execute import ExecEvent, Order, Program

_MOST_JSON = 32 << 20
"""Characters of a stream that one object holds."""


@grammar.command(
    "exec",
    cls=grammar.Remote,
    short_help="run a program in a sandbox",
    help="""Run a program in a sandbox that runs.

    Several words are a program and its arguments and reach it as they are; a single word is shell text: exec box --
    'ls | wc -l'. What comes on standard input, where that is no terminal, goes to the program. Where standard output is
    no terminal it gets the program's bytes; a terminal gets its text, without what would reach beyond the window, such
    as the clipboard.""",
    epilog="Returns the program's own exit code (128 + N where signal N ended it), or a code of ours, with a line on "
    "stderr, where it could not be run. Ctrl+c and SIGTERM reach the program; ctrl+c once more ends it with everything "
    "it started. JSON comes when the program has ended: exit_code (-1 where there is none), output, errors.",
)
@grammar.sandbox_argument
@click.argument("words", metavar="[--] CMD...", nargs=-1, type=click.UNPROCESSED, help="what to run")
@click.option("--cwd", metavar="DIR", default="", help="where it runs (default: the sandbox's own directory)")
@remote_words.circumstances
@click.option("-i", "--stdin", is_flag=True, help="what is typed here goes to it too, until ctrl+d")
@grammar.form_options
def execute(sandbox: str, words: tuple[str, ...], **said: Any) -> int:
    """Execute and return the exit code."""
    from daytona_tui.cli import output, running
    from daytona_tui.cli.trouble import Refusal

    wanted = sandbox
    if not any(words):
        raise Refusal("usage", "exec needs a command", hint="daytona-tui exec SANDBOX -- CMD...")

    form = grammar.common().form
    is_exact = not form.is_data and not output.is_terminal()

    async def executed(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli import stdin
        from daytona_tui.cli.remote_output import Collected
        from daytona_tui.operations.execute import Order, command_line
        from daytona_tui.operations.find import find, require_running

        sandbox = await find(gateway, wanted)
        require_running(sandbox)
        order = Order(
            command_line(list(words)),
            cwd=said["cwd"],
            envs=dict(said["env"]),
            has_input=stdin.has_something(said["stdin"]),
            is_exact=is_exact,
        )
        return await carry_out(
            gateway,
            sandbox.id,
            order,
            grammar.common().clock.for_program(),
            Collected(_MOST_JSON) if form.is_data else None,
        )

    return running.run(executed, acts=True)


async def carry_out(
    gateway: Gateway,
    sandbox_id: SandboxId,
    order: Order,
    timeout_s: int | None,
    written: RemoteOutput | Collected | None = None,
) -> int:
    """Run a program, hand on its output, its input and our signals, and return the exit code.

    What is ``Collected`` is written as data when the program has ended.
    """
    import asyncio
    from contextlib import aclosing

    from daytona_tui.cli import output
    from daytona_tui.cli.relaying import TIMED_OUT, Relay
    from daytona_tui.cli.remote_output import Collected, RemoteOutput
    from daytona_tui.operations.execute import Program

    program = Program(gateway, sandbox_id, order)
    code: int | None = None
    is_late = False
    relay = Relay(program.signal)
    written = written or RemoteOutput()

    def end_late() -> None:
        nonlocal is_late
        is_late = True
        relay.end(TIMED_OUT, f"{timeout_s} s are over: the program is being ended")

    with relay.watching():
        alarm = asyncio.get_running_loop().call_later(timeout_s, end_late) if timeout_s else None
        feeding = asyncio.create_task(_feed(program)) if order.has_input else None
        try:
            async with aclosing(program.events()) as events:
                async for event in events:
                    code = await _pass_on(event, written)
        finally:
            for waiting in (alarm, feeding):
                if waiting is not None:
                    waiting.cancel()
    ours = relay.code if relay.code is not None else TIMED_OUT if is_late else exit_code(code)
    if isinstance(written, Collected):
        output.as_data(as_object(written, code, is_late=is_late), grammar.common().form)
    return ours


def as_object(written: Collected, code: int | None, *, is_late: bool) -> dict[str, object]:
    """Return what ``exec --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        "exit_code": -1 if code is None else code,
        "output": written.texts[Stream.STDOUT],
        "errors": written.texts[Stream.STDERR],
        "is_cut": written.is_cut,
        "is_timed_out": is_late,
    }


async def _feed(program: Program) -> None:
    """Hand on standard input until it ends, or until nobody reads it."""
    from daytona_tui.cli import narration, stdin
    from daytona_tui.errors import DaytonaTuiError

    try:
        async for chunk in stdin.chunks():
            if not await program.feed(chunk):
                return
        await program.end_input()
    except DaytonaTuiError as error:
        narration.say(f"no more input reaches the program: {error.message}")


async def _pass_on(event: ExecEvent, written: RemoteOutput | Collected) -> int | None:
    """Write what an event says; return the exit code if it is the end."""
    from daytona_tui.cli import narration, output
    from daytona_tui.domain.executions import OutputChunk
    from daytona_tui.operations.execute import Exact, LeftOpen, NotExact
    from daytona_tui.operations.tail import Dropped, Ended

    if isinstance(event, Exact):
        await output.write_bytes(event.data)
    elif isinstance(event, OutputChunk):
        written.write(event.stream, event.text)
    elif isinstance(event, Dropped):
        narration.say(f"the connection is lost, the program runs on ({event.reason}); trying again")
    elif isinstance(event, LeftOpen):
        narration.say("the program has ended, its output has not: what it left running may hold it, and is not awaited")
    elif isinstance(event, NotExact):
        narration.say(f"the output comes as text, and slower: {event.reason}")
    return event.exit_code if isinstance(event, Ended) else None


def exit_code(code: int | None) -> int:
    """Return ours for a remote ``code``: itself where a process can have it, else 1 (unknown, negative, too large)."""
    from daytona_tui.cli import narration
    from daytona_tui.cli.exit_codes import ExitCode

    if code is not None and 0 <= code <= 255:
        return code
    narration.say(f"the program ended, and the sandbox tells no usable exit code ({code})")
    return ExitCode.FAILED
