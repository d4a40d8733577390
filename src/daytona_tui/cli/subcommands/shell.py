"""``shell``: a terminal in a sandbox on the whole of the user's own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.grammar import Said

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.inspection import Terminal as OpenTerminal
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.terminal import Terminal


@grammar.command(
    "shell",
    short_help="a terminal in a sandbox",
    help="""Open a terminal in a sandbox that runs, until its shell ends or ctrl+\\ is pressed twice.

    Left so, its programs run on, and --attach goes back to them.""",
    epilog="Returns the shell's own exit code; 0 where it was left. An open terminal keeps its sandbox awake, a "
    "watched one and one that was left do not.",
    exclusive=[("watch", "type")],
)
@grammar.sandbox_argument
@click.option("--attach", metavar="NAME", help="go back to a terminal that is open there; another's is only watched")
@click.option("--watch", is_flag=True, help="only watch it: nothing is sent, not even its size")
@click.option("--type", is_flag=True, help="type into it, whoever opened it")
@click.option("--cwd", metavar="DIR", help="where a new one begins (default: the sandbox's own directory)")
@click.option("--list", is_flag=True, help="list the terminals of the sandbox instead")
@grammar.form_options
def shell(**words: Any) -> int:
    """Open, attach or list, and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.trouble import Refusal

    arguments = Said(**words)
    if misuse := _misuse(arguments):
        raise Refusal("usage", misuse)
    if not arguments.list and not _has_terminal():
        hint = "daytona-tui exec runs a program without one"
        raise Refusal("no_terminal", "shell needs a terminal on stdin and stdout", hint=hint)

    async def done(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find, require_running

        sandbox = await find(gateway, arguments.sandbox)
        require_running(sandbox)
        if arguments.list:
            return await list_open(gateway, sandbox)
        return await _lend(gateway, sandbox, arguments)

    looks_only = arguments.list or (arguments.attach and _only_watches(arguments))
    return running.run(done, acts=not looks_only)


def _misuse(arguments: Said) -> str:
    """Return what makes no sense in the words, empty where they do."""
    if arguments.attach == "":
        return "--attach needs the name of a terminal; --list shows them"
    if (arguments.watch or arguments.type) and not arguments.attach:
        return "--watch and --type need --attach: they are for a terminal that is open already"
    return ""


def _only_watches(arguments: Said) -> bool:
    """Whether a terminal that is there is only watched: where that was said, and where it is another's."""
    from daytona_tui.operations.shell import SESSION_PREFIX

    return bool(arguments.watch or not (arguments.type or arguments.attach.startswith(SESSION_PREFIX)))


def _has_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


async def list_open(gateway: Gateway, sandbox: Sandbox) -> int:
    """Write the terminals that are open in a sandbox, and return the exit code."""
    from datetime import UTC, datetime

    from daytona_tui.cli import narration, output
    from daytona_tui.presentation.human import age
    from daytona_tui.presentation.safe_text import safe

    terminals = await gateway.terminals(sandbox.id)
    if (form := grammar.common().form).is_data:
        output.as_data([as_object(each) for each in terminals], form)
        return 0
    if not terminals:
        narration.say(f"no terminal is open in {sandbox.name}")
        return 0
    now = datetime.now(UTC)
    rows = [
        (
            safe(each.id),
            "runs" if each.is_active else "waits",
            f"{each.size.cols}x{each.size.rows}" if each.size else "",
            age((now - each.created_at).total_seconds()) if each.created_at else "",
            safe(each.cwd),
        )
        for each in terminals
    ]
    output.table(("NAME", "STATE", "SIZE", "AGE", "DIRECTORY"), rows, right=(False, False, False, True, False))
    return 0


def as_object(terminal: OpenTerminal) -> dict[str, object]:
    """Return a terminal as ``shell --list --json`` shows it. The keys are a promise: more may come, none goes."""
    return {
        "id": terminal.id,
        "is_active": terminal.is_active,
        "cols": terminal.size.cols if terminal.size else None,
        "rows": terminal.size.rows if terminal.size else None,
        "cwd": terminal.cwd,
        "created_at": terminal.created_at.isoformat() if terminal.created_at else None,
    }


async def _lend(gateway: Gateway, sandbox: Sandbox, arguments: Said) -> int:
    from daytona_tui.operations.own_terminal import WAY_OUT, lend, size_of
    from daytona_tui.operations.terminal import Terminal

    terminal = Terminal(
        gateway,
        sandbox.id,
        size=size_of(sys.stdout.fileno()),
        attach_to=arguments.attach or "",
        cwd=arguments.cwd,
    )
    if arguments.attach:
        terminal.is_watching = _only_watches(arguments)
    doing = "only watched, nothing is sent (--type types)" if terminal.is_watching else "a terminal"
    greeting = f"{sandbox.name}: {doing} · {WAY_OUT}"
    await lend(terminal, sys.stdin.fileno(), sys.stdout.fileno(), greeting=greeting, repaints=bool(arguments.attach))
    return _farewell(terminal, sandbox)


def _farewell(terminal: Terminal, sandbox: Sandbox) -> int:
    """Say what became of the terminal, and return the exit code."""
    import shlex

    from daytona_tui.cli import narration
    from daytona_tui.cli.exit_codes import ExitCode

    end = terminal.end
    if end is None and not terminal.begun.is_set():
        narration.say(f"left {sandbox.name} before its terminal was connected")
        return 0
    if end is None:
        back = f"daytona-tui shell {shlex.quote(sandbox.name)} --attach {shlex.quote(terminal.pty_id)}"
        narration.say(f"left {sandbox.name}; its programs run on: {back}")
        return 0
    if end.exit_code is not None and 0 <= end.exit_code <= 255:
        return end.exit_code
    narration.say(f"the terminal ended without an exit code{f': {end.reason}' if end.reason else ''}")
    return ExitCode.FAILED
