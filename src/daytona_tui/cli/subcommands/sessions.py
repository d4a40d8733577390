"""``sessions``: shells in a sandbox that keep their directory and variables, and the commands they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daytona_tui.cli import grammar

if TYPE_CHECKING:
    from daytona_tui.cli.remote_output import Collected
    from daytona_tui.domain.executions import Execution, Session
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox

_MOST_JSON = 32 << 20
_PREFIX = "session-"


@grammar.room(
    "sessions",
    short_help="shells in a sandbox that run on by themselves",
    help="""Sessions: shells in a sandbox that keep their directory and variables from one command to the next.

    They run on without anybody. Each command has an id; its output is kept as long as its session.""",
)
def sessions() -> None:
    """Do nothing: the verbs do."""


@sessions.command("list", short_help="list sessions with their commands", help="List sessions with their commands.")
@grammar.sandbox_argument
@grammar.form_options
def list_sessions(sandbox: str) -> int:
    """List and return the exit code."""

    async def listed(gateway: Gateway, found: Sandbox) -> int:
        _show(await gateway.sessions(found.id), found)
        return 0

    from daytona_tui.cli import running

    return running.in_sandbox(sandbox, listed)


def _show(told: tuple[Session, ...], sandbox: Sandbox) -> None:
    from daytona_tui.cli import narration, output
    from daytona_tui.presentation.safe_text import safe

    form = grammar.common().form
    if form.is_data:
        output.as_data([as_object(each) for each in told], form)
        return
    if not told:
        narration.say(f"no session is open in {sandbox.name}")
        return
    rows = [
        (
            safe(session.id),
            safe(each.id) if each else "",
            _standing(each) if each else "empty",
            safe(each.command) if each else "",
        )
        for session in told
        for each in (session.executions or (None,))
    ]
    head = ("SESSION", "ID", "STATE", "COMMAND")
    output.table(head, rows, right=(False, False, False, False), room=output.room_of_terminal())


def _standing(execution: Execution) -> str:
    return "runs" if execution.exit_code is None else f"exit {execution.exit_code}"


def as_object(session: Session) -> dict[str, object]:
    """Return what ``sessions list --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {"id": session.id, "commands": [command_as_object(session.id, each) for each in session.executions]}


def command_as_object(session_id: str, execution: Execution) -> dict[str, object]:
    """Return a command of a session as JSON shows it; ``exit_code`` is null while it runs."""
    return {
        "id": execution.id,
        "session_id": session_id,
        "command": execution.command,
        "exit_code": execution.exit_code,
        "is_running": execution.exit_code is None,
    }


@sessions.command("create", short_help="open a session", help="Open a session, and write its name to stdout.")
@grammar.sandbox_argument
@click.argument("name", metavar="[NAME]", required=False, help="of the new session (default: one that is not taken)")
@grammar.form_options
def create(sandbox: str, name: str | None) -> int:
    """Open it and return the exit code."""
    import secrets

    chosen = _named(f"{_PREFIX}{secrets.token_hex(4)}" if name is None else name)

    async def opened(gateway: Gateway, found: Sandbox) -> int:
        from daytona_tui.cli import output
        from daytona_tui.domain.executions import Session

        await gateway.open_session(found.id, chosen)
        form = grammar.common().form
        if form.is_data:
            output.as_data(as_object(Session(chosen)), form)
        else:
            output.line(chosen)
        return 0

    from daytona_tui.cli import running

    return running.in_sandbox(sandbox, opened, acts=True)


def _named(name: str) -> str:
    if not name or "/" in name or not name.isprintable():
        raise click.BadParameter(f"{name!r} is no name of a session")
    return name


class _InSession(grammar.Remote):
    """The words behind sandbox and session are the command."""

    OWN_WORDS = 2


@sessions.command(
    "run",
    cls=_InSession,
    short_help="run a command in a session",
    help="""Run a command in a session, and show its output until it ends.

    It is shell text, and what it changes of directory and variables holds for the next. With --detach its id is written
    to stdout, and it is left alone; ctrl+c and --timeout leave it alone too.""",
    epilog="Returns the command's own exit code; 124 where the time was over before it ended.",
)
@grammar.sandbox_argument
@click.argument("session", metavar="SESSION", help="as list shows it")
@click.argument("words", metavar="[--] CMD...", nargs=-1, type=click.UNPROCESSED, help="what to run: shell text")
@click.option("--detach", is_flag=True, help="Write the id of the command, and leave it alone.")
@click.option("--no-echo", is_flag=True, help="What is sent to it as input does not stand in its output.")
@grammar.timeout_option("until it has ended; it runs on")
@grammar.form_options
def run(sandbox: str, session: str, words: tuple[str, ...], *, detach: bool, no_echo: bool) -> int:
    """Run it and return the exit code."""
    if not any(words):
        raise click.UsageError("a command is needed: daytona-tui sessions run SANDBOX SESSION -- CMD...")

    async def ran(gateway: Gateway, found: Sandbox) -> int:
        from daytona_tui.cli import output, trouble

        with trouble.named(f"session {session} of {found.name}", f"daytona-tui sessions list {found.name} shows them"):
            execution = await gateway.submit(found.id, session, " ".join(words), echoes=not no_echo)
        if not detach:
            return await _watch(gateway, found, session, execution.id)
        form = grammar.common().form
        if form.is_data:
            output.as_data(command_as_object(session, execution), form)
        else:
            output.line(execution.id)
        return 0

    from daytona_tui.cli import running

    return running.in_sandbox(sandbox, ran, acts=True)


@sessions.command(
    "input",
    short_help="send input to a command that runs",
    help="""Send input to a command that runs: --text, as a line, or what comes on standard input until it ends.""",
)
@grammar.sandbox_argument
@click.argument("session", metavar="SESSION", help="as list shows it")
@click.argument("command", metavar="ID", help="of the command")
@click.option("--text", metavar="TEXT", help="a line that is sent in place of standard input")
@grammar.form_options
def send_input(sandbox: str, session: str, command: str, text: str | None) -> int:
    """Send it and return the exit code."""

    async def sent(gateway: Gateway, found: Sandbox) -> int:
        from daytona_tui.cli import done, sending, trouble

        what = f"command {command} of session {session} of {found.name}"
        with trouble.named(what, f"daytona-tui sessions list {found.name} shows them"):
            async for piece in sending.pieces(text):
                await gateway.send_input(found.id, session, command, piece)
        done.tell([(command, session)], "input")
        return 0

    from daytona_tui.cli import running

    return running.in_sandbox(sandbox, sent, acts=True)


@sessions.command(
    "logs",
    short_help="show the output of a command",
    help="""Show the output of a command: what it has written by now, or with --follow also what comes until it ends.

    Its errors go to stderr. Without an ID it is the last command of the session.""",
    epilog="Returns 0; with --follow the command's own exit code.",
)
@grammar.sandbox_argument
@click.argument("session", metavar="SESSION", help="as list shows it")
@click.argument("command", metavar="[ID]", required=False, help="of the command (default: the last one)")
@click.option("-f", "--follow", is_flag=True, help="Go on until the command ends.")
@grammar.timeout_option("until it has ended; needs --follow")
@grammar.form_options
def logs(sandbox: str, session: str, command: str | None, follow: bool) -> int:
    """Show it and return the exit code."""

    async def shown(gateway: Gateway, found: Sandbox) -> int:
        execution_id = command or await _last(gateway, found, session)
        if follow:
            return await _watch(gateway, found, session, execution_id)
        from daytona_tui.cli import output
        from daytona_tui.cli.remote_output import Collected, RemoteOutput

        form = grammar.common().form
        written = Collected(_MOST_JSON) if form.is_data else RemoteOutput()
        for chunk in await gateway.output_so_far(found.id, session, execution_id):
            written.write(chunk.stream, chunk.text)
        if isinstance(written, Collected):
            execution = await gateway.execution(found.id, session, execution_id)
            output.as_data(output_as_object(session, execution, written), form)
        return 0

    from daytona_tui.cli import running

    return running.in_sandbox(sandbox, shown)


async def _last(gateway: Gateway, sandbox: Sandbox, session_id: str) -> str:
    from daytona_tui.errors import NotFoundError

    told = next((each for each in await gateway.sessions(sandbox.id) if each.id == session_id), None)
    if told is None:
        raise NotFoundError(f"{sandbox.name} has no session {session_id}", hint="daytona-tui sessions list shows them")
    if not told.executions:
        raise NotFoundError(f"the session {session_id} was given no command yet")
    return told.executions[-1].id


async def _watch(gateway: Gateway, sandbox: Sandbox, session_id: str, execution_id: str) -> int:
    """Show the output of a command until it ends, and return its exit code."""
    import asyncio

    from daytona_tui.cli import narration, output
    from daytona_tui.cli.relaying import TIMED_OUT
    from daytona_tui.cli.remote_output import Collected, RemoteOutput
    from daytona_tui.cli.subcommands.execute import exit_code
    from daytona_tui.transfer.concurrency import closing

    form = grammar.common().form
    grammar.common().way_on = (
        f"it runs on: daytona-tui sessions logs {sandbox.name} {session_id} {execution_id} --follow"
    )
    written = Collected(_MOST_JSON) if form.is_data else RemoteOutput()
    is_late, timeout_s = False, grammar.common().clock.for_program()
    try:
        async with asyncio.timeout(timeout_s):
            async with closing(gateway.follow(sandbox.id, session_id, execution_id)) as chunks:
                async for chunk in chunks:
                    written.write(chunk.stream, chunk.text)
    except TimeoutError:
        is_late = True
        narration.say(f"{timeout_s} s are over, and the command runs on: {session_id} {execution_id}")
    execution = await gateway.execution(sandbox.id, session_id, execution_id)
    if isinstance(written, Collected):
        output.as_data(output_as_object(session_id, execution, written), form)
    return TIMED_OUT if is_late else exit_code(execution.exit_code)


def output_as_object(session_id: str, execution: Execution, written: Collected) -> dict[str, object]:
    """Return what ``sessions run --json`` and ``sessions logs --json`` show. The keys are a promise."""
    from daytona_tui.domain.executions import Stream

    return {
        **command_as_object(session_id, execution),
        "output": written.texts[Stream.STDOUT],
        "errors": written.texts[Stream.STDERR],
        "is_cut": written.is_cut,
    }


@sessions.command(
    "delete",
    short_help="end sessions with all that runs in them",
    help="End sessions with everything that runs in them; their output goes too. Asks where something runs.",
)
@grammar.sandbox_argument
@click.argument("names", metavar="SESSION...", nargs=-1, required=True, help="as list shows them")
@grammar.yes_option
@grammar.form_options
def delete(sandbox: str, names: tuple[str, ...], yes: bool) -> int:
    """End them and return the exit code."""

    async def ended(gateway: Gateway, found: Sandbox) -> int:
        from daytona_tui.cli.ending import end
        from daytona_tui.errors import NotFoundError

        await end(
            names,
            {each.id: each for each in await gateway.sessions(found.id)},
            lambda session: [each.command for each in session.executions if each.exit_code is None],
            lambda name: gateway.close_session(found.id, name),
            yes=yes,
            lacks=lambda name: NotFoundError(
                f"{found.name} has no session {name}", hint="daytona-tui sessions list shows them; nothing was ended"
            ),
        )
        return 0

    from daytona_tui.cli import running

    return running.in_sandbox(sandbox, ended, acts=True)
