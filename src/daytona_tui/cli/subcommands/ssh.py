"""``ssh``: access to a sandbox by SSH, made for a while, used, and revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.port_words import token_options, token_said

if TYPE_CHECKING:
    from pathlib import Path

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.domain.ssh import SshAccess

_USUAL_S = 3600
_ABOUT_FOR = "how long it lasts, in whole minutes (default: 1h)"
_ABOUT_MOST = "how long the access lasts at most (default: 24h)"


@grammar.room(
    "ssh",
    short_help="access to a sandbox by SSH",
    help="""Make access to a sandbox by SSH, connect, and revoke it.

    An access is a token, which is a secret. On a real server an access that is made replaces those there were.""",
)
def ssh() -> None:
    """Hold the verbs."""


@ssh.command(
    "create",
    short_help="make an access, and write the line to connect with",
    help="""Make an access and write the line to connect with: a secret, for it holds the token.

    It works until it expires or is revoked; ssh connect revokes its own.""",
)
@grammar.sandbox_argument
@click.option("--for", "seconds", type=grammar.Duration(), metavar="TIME", default=_USUAL_S, help=_ABOUT_FOR)
@grammar.form_options
def create(sandbox: str, seconds: int) -> int:
    """Make, write and return the exit code."""
    from daytona_tui.cli import narration, output, running
    from daytona_tui.cli.exit_codes import ExitCode

    wanted = sandbox

    async def done(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find
        from daytona_tui.operations.ssh_access import line_of
        from daytona_tui.presentation.account import stamp

        sandbox = await find(gateway, wanted)
        access = await gateway.create_ssh_access(sandbox.id, _minutes(seconds))
        form = grammar.common().form
        if form.is_data:
            output.as_data(as_object(sandbox, access), form)
            return ExitCode.OK
        output.line(line_of(access))
        until = f"until {stamp(access.expires_at)}" if access.expires_at else "until it is revoked"
        narration.say(f"it opens {sandbox.name} {until}")
        narration.add(f"daytona-tui ssh revoke {sandbox.name} ends that before")
        return ExitCode.OK

    return running.run(done, acts=True)


@ssh.command(
    "connect",
    cls=grammar.Remote,
    no_data="it is a terminal, or a command that writes what it likes; exec has --json",
    short_help="go in by SSH, or run one command; revoked at the end",
    help="""Run ssh with an access made for it, which is revoked when it ends.

    The token is not among the arguments of ssh, where everybody on the machine could read it. What ~/.ssh/config says
    of the host holds. Several words are a program and its arguments, a single one is shell text.""",
    epilog="Returns what ssh returns: the exit code of the command, or of the last one that was typed; 255 where it "
    "could not connect.",
)
@grammar.sandbox_argument
@click.argument(
    "command", metavar="[COMMAND]...", nargs=-1, type=click.UNPROCESSED, help="what to run instead of a shell"
)
@click.option("--for", "seconds", type=grammar.Duration(), metavar="TIME", default=24 * 3600, help=_ABOUT_MOST)
def connect(sandbox: str, command: tuple[str, ...], seconds: int) -> int:
    """Connect and return the exit code."""
    from daytona_tui.cli import running

    wanted = sandbox

    async def done(gateway: Gateway, settings: Settings) -> int:
        from datetime import UTC, datetime

        from daytona_tui.operations.find import find, require_running
        from daytona_tui.operations.ssh_access import SshAccesses

        sandbox = await find(gateway, wanted)
        require_running(sandbox)
        accesses = SshAccesses(gateway, _notes(settings), lambda: datetime.now(UTC))
        try:
            access = await accesses.make(sandbox.id, _minutes(seconds))
            return await _run(access, command)
        finally:
            await accesses.revoke_all()

    return running.run(done, acts=True)


@ssh.command(
    "revoke",
    short_help="make accesses useless",
    help="Make every access to a sandbox useless, or only the one whose token, or line, is given.",
)
@grammar.sandbox_argument
@token_options
@grammar.form_options
def revoke(sandbox: str, token_env: str | None, token_stdin: bool) -> int:
    """Revoke and return the exit code."""
    from daytona_tui.cli import narration, output, running
    from daytona_tui.cli.exit_codes import ExitCode

    said = token_said(token_env, token_stdin)
    wanted = sandbox

    async def done(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find

        sandbox = await find(gateway, wanted)
        await gateway.revoke_ssh_access(sandbox.id, _access_of(said) if said else None)
        form = grammar.common().form
        if form.is_data:
            output.as_data(revoked_object(sandbox, is_one=bool(said)), form)
        else:
            narration.say(f"{'that access' if said else 'every access by SSH'} to {sandbox.name} is useless now")
        return ExitCode.OK

    return running.run(done, acts=True)


def _minutes(seconds: int) -> int:
    return max(1, -(-seconds // 60))


def _access_of(said: str) -> SshAccess:
    """Return the access whose token, or whose line, somebody gave."""
    from daytona_tui.domain.ssh import SshAccess

    place = next((word for word in said.split() if "@" in word), said)
    return SshAccess(place.partition("@")[0], ())


def _notes(settings: Settings) -> Path:
    """Return where it is noted that there is an access, so that the screen revokes it after a crash."""
    from daytona_tui.config import paths
    from daytona_tui.config.connection import Secret
    from daytona_tui.operations.ssh_access import DIRECTORY

    shape = settings.connection(Secret("unknown-yet")) if settings.keyring else settings.connection()
    return paths.profile_dir(shape.profile_id(settings.profile)) / DIRECTORY


async def _run(access: SshAccess, command: tuple[str, ...]) -> int:
    import asyncio

    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.operations.execute import command_line
    from daytona_tui.operations.ssh_access import ssh_words

    remote = ("--", command_line(list(command))) if command else ()
    async with ssh_words(access) as words:
        try:
            process = await asyncio.create_subprocess_exec(*words, *remote)
        except FileNotFoundError:
            raise Refusal("no_ssh", "there is no ssh on this machine", hint="daytona-tui shell needs none") from None
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
    return code if code >= 0 else 128 - code


def as_object(sandbox: Sandbox, access: SshAccess) -> dict[str, object]:
    """Return what ``ssh create --json`` shows. The keys are a promise: more may come, none goes or changes."""
    from daytona_tui.operations.ssh_access import line_of

    return {
        "sandbox_id": sandbox.id,
        "line": line_of(access),
        "token": access.token,
        "host": access.host,
        "port": access.port,
        "expires_at": access.expires_at.isoformat(timespec="seconds") if access.expires_at else None,
    }


def revoked_object(sandbox: Sandbox, *, is_one: bool) -> dict[str, object]:
    """Return what ``ssh revoke --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {"sandbox_id": sandbox.id, "revoked": "one" if is_one else "all"}
