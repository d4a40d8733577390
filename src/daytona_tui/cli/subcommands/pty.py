"""``pty``: the terminals of a sandbox: list, open, enter, type into, resize, end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar, remote_words

if TYPE_CHECKING:
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.ptys import PtySize
    from daytona_tui.domain.sandbox import Sandbox

_SIZE = re.compile(r"([0-9]{1,4})[xX×]([0-9]{1,4})")
_MOST_CELLS = 1000
_USUAL = (80, 24)


@grammar.room(
    "pty",
    short_help="terminals in a sandbox",
    help="""Terminals in a sandbox: each is a shell that runs on when nobody is connected to it.

    daytona-tui shell opens one and enters it at once.""",
)
def pty() -> None:
    """Do nothing: the verbs do."""


@pty.command("list", short_help="list terminals", help="List the terminals that are open, whoever opened them.")
@grammar.sandbox_argument
@grammar.form_options
def list_terminals(sandbox: str) -> int:
    """List and return the exit code."""

    async def listed(gateway: Gateway, found: Sandbox) -> int:
        from daytona_tui.cli.subcommands.shell import list_open

        return await list_open(gateway, found)

    from daytona_tui.cli import running

    return running.in_sandbox(sandbox, listed)


class _Size(click.ParamType):  # type: ignore[type-arg]  # generic in new versions only
    """Columns and rows, such as ``120x36``."""

    name = "COLSxROWS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Return columns and rows."""
        if isinstance(value, tuple):
            return value[0], value[1]
        found = _SIZE.fullmatch(str(value))
        size = (int(found[1]), int(found[2])) if found else (0, 0)
        if not all(1 <= cells <= _MOST_CELLS for cells in size):
            self.fail(f"{value!r} is no size: columns and rows from 1 to {_MOST_CELLS}, such as 120x36", param, ctx)
        return size


@pty.command(
    "create",
    short_help="open a terminal without entering it",
    help="""Open a terminal without entering it, and write its name to stdout.

    Its shell runs on by itself: pty attach enters it, pty input types into it.""",
)
@grammar.sandbox_argument
@click.argument("name", metavar="[NAME]", required=False, help="of the new terminal (default: one that is not taken)")
@click.option("--cwd", metavar="DIR", help="where it begins (default: the sandbox's own directory)")
@click.option("--size", type=_Size(), metavar="COLSxROWS", default=_USUAL, help="how large it is (default: 80x24)")
@click.option(
    "-e", "--env", metavar="NAME=VALUE", type=remote_words.variable_of, multiple=True,
    help="a variable of its shell; NAME alone takes the value it has here; may be repeated",
)  # fmt: skip
@grammar.form_options
def create(sandbox: str, name: str | None, **said: Any) -> int:
    """Open it and return the exit code."""
    import secrets

    if name is not None and (not name or "/" in name or not name.isprintable()):
        raise click.BadParameter(f"{name!r} is no name of a terminal")

    async def opened(gateway: Gateway, found: Sandbox) -> int:
        from daytona_tui.cli import output
        from daytona_tui.cli.subcommands.shell import as_object
        from daytona_tui.domain.inspection import Terminal
        from daytona_tui.operations.shell import SESSION_PREFIX

        chosen = name or f"{SESSION_PREFIX}{secrets.token_hex(4)}"
        size = _size_of(said["size"])
        link = await gateway.open_pty(found.id, chosen, size=size, cwd=said["cwd"], envs=dict(said["env"]))
        await link.close()
        form = grammar.common().form
        if form.is_data:
            told = next((each for each in await gateway.terminals(found.id) if each.id == chosen), None)
            output.as_data(as_object(told or Terminal(chosen, True, said["cwd"] or "", size)), form)
        else:
            output.line(chosen)
        return 0

    from daytona_tui.cli import running

    return running.in_sandbox(sandbox, opened, acts=True)


def _size_of(size: tuple[int, int]) -> PtySize:
    from daytona_tui.domain.ptys import PtySize

    return PtySize(*size)


@pty.command(
    "attach",
    no_data="it is a terminal; pty list has --json",
    short_help="enter a terminal that is open",
    help="Enter a terminal that is open, as shell --attach does; another's is only watched, unless --type is said.",
    exclusive=[("watch", "type")],
)
@grammar.sandbox_argument
@click.argument("name", metavar="NAME", help="as list shows it")
@click.option("--watch", is_flag=True, help="only watch it: nothing is sent, not even its size")
@click.option("--type", is_flag=True, help="type into it, whoever opened it")
@click.pass_context
def attach(context: click.Context, /, sandbox: str, name: str, **said: bool) -> int:
    """Enter it and return the exit code."""
    from daytona_tui.cli.subcommands.shell import shell

    code: int = context.invoke(shell, sandbox=sandbox, attach=name, cwd=None, list=False, **said)
    return code


@pty.command(
    "input",
    short_help="type into a terminal",
    help="""Type into a terminal without entering it: --text, and enter after it, or what comes on standard input.""",
)
@grammar.sandbox_argument
@click.argument("name", metavar="NAME", help="as list shows it")
@click.option("--text", metavar="TEXT", help="a line that is typed in place of standard input")
@click.option("--no-enter", is_flag=True, help="Enter is not typed after --text.")
@grammar.form_options
def type_into(sandbox: str, name: str, text: str | None, no_enter: bool) -> int:
    """Type it and return the exit code."""

    async def typed(gateway: Gateway, found: Sandbox) -> int:
        from daytona_tui.cli import done, sending, trouble

        with trouble.named(f"terminal {name} of {found.name}", f"daytona-tui pty list {found.name} shows them"):
            link = await gateway.attach_pty(found.id, name, peeks=False)
        try:
            async for piece in sending.pieces(text, ends_line=not no_enter):
                await link.send(piece.encode("utf-8", "surrogateescape"))
        finally:
            await link.close()
        done.tell([(name, name)], "input")
        return 0

    from daytona_tui.cli import running

    return running.in_sandbox(sandbox, typed, acts=True)


@pty.command("resize", short_help="change the size of a terminal", help="Change the size of a terminal for everybody.")
@grammar.sandbox_argument
@click.argument("name", metavar="NAME", help="as list shows it")
@click.argument("size", metavar="COLSxROWS", type=_Size(), help="such as 120x36")
@grammar.form_options
def resize(sandbox: str, name: str, size: tuple[int, int]) -> int:
    """Resize it and return the exit code."""

    async def resized(gateway: Gateway, found: Sandbox) -> int:
        from daytona_tui.cli import done, trouble

        with trouble.named(f"terminal {name} of {found.name}", f"daytona-tui pty list {found.name} shows them"):
            await gateway.resize_pty(found.id, name, _size_of(size))
        done.tell([(name, name)], "resize")
        return 0

    from daytona_tui.cli import running

    return running.in_sandbox(sandbox, resized, acts=True)


@pty.command(
    "delete",
    short_help="end terminals with what runs in them",
    help="End terminals with what runs in them, whoever opened them. Asks first.",
)
@grammar.sandbox_argument
@click.argument("names", metavar="NAME...", nargs=-1, required=True, help="as list shows them")
@grammar.yes_option
@grammar.form_options
def delete(sandbox: str, names: tuple[str, ...], yes: bool) -> int:
    """End them and return the exit code."""

    async def ended(gateway: Gateway, found: Sandbox) -> int:
        from daytona_tui.cli.ending import end
        from daytona_tui.errors import NotFoundError

        await end(
            names,
            {each.id: each for each in await gateway.terminals(found.id)},
            lambda terminal: [f"terminal {terminal.id}"] if terminal.is_active else [],
            lambda name: gateway.kill_pty(found.id, name),
            yes=yes,
            lacks=lambda name: NotFoundError(
                f"{found.name} has no terminal {name}", hint="daytona-tui pty list shows them; nothing was ended"
            ),
        )
        return 0

    from daytona_tui.cli import running

    return running.in_sandbox(sandbox, ended, acts=True)
