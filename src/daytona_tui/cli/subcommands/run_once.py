"""``run-once``: a sandbox for one program, which is deleted whatever comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import git_login, grammar
from daytona_tui.cli.remote_output import RemoteOutput
from daytona_tui.cli.run_once_words import OF_CREATE, TIMEOUT_S, Kept, Told, What
from daytona_tui.cli.subcommands.create import Telling, option
from daytona_tui.domain.executions import Stream
from daytona_tui.presentation.creation_fields import BY_KEY

if TYPE_CHECKING:
    from daytona_tui.cli.last_signals import LastSignals
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.creation import CreateOrder, Upload
    from daytona_tui.domain.git import GitLogin
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.git_clone import Cloned, Wanted
    from daytona_tui.operations.run_once import LeftToGuardian

_LONGEST_SIGNED_S = 24 * 3600


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for key in reversed(OF_CREATE):
        function = option(BY_KEY[key])(function)
    return function


@grammar.command(
    "run-once",
    cls=grammar.Remote,
    short_help="run something in a sandbox of its own, and delete it",
    help="""Create a sandbox, clone, upload, run, print, and delete it: also on errors, time-outs, ctrl+c and kill.

    What runs is --command, shell text; or words after --, a program and its arguments; or --code. With --repo it runs
    in the repository. Its output comes as it is written; standard input, where that is no terminal, goes to it.

    Should this program be killed, a small guardian process deletes the sandbox; should both be, the sandbox stops when
    it is idle for a quarter of an hour and is deleted by that, and has a time to live where the server knows that.""",
    epilog="Returns the program's own exit code, 124 where its time was over, or a code of ours. Ctrl+c reaches the "
    "program, a second one ends it. While the sandbox is deleted ctrl+c twice leaves that to the guardian.",
)
@click.argument("words", metavar="[-- CMD...]", nargs=-1, type=click.UNPROCESSED, help="what to run")
@click.option("--command", metavar="TEXT", default="", help="Run this shell text.")
@click.option("--code", metavar="CODE", default="", help="Run this code, in --language.")
@click.option("--code-file", metavar="FILE", default="", help="Run the code of this file here; - is standard input.")
@click.option("--repo", metavar="REPO", default="", help="Clone this repository first: an address, or OWNER/NAME.")
@click.option("--branch", metavar="NAME", default="", help="Check out this branch or tag.")
@click.option("--commit", metavar="HASH", default="", help="Check out this commit.")
@click.option("--depth", metavar="N", type=grammar.Count(), help="Clone only the latest N commits.")
@click.option("--cwd", metavar="DIR", default="", help="Where the program runs (default: the repository).")
@_options
@click.option("--preview", metavar="PORT", type=grammar.Count(1, 65535), multiple=True,
              help="Print the link of this port while it runs; may be repeated.")  # fmt: skip
@click.option("--keep", is_flag=True, help="Do not delete the sandbox; print its id and how to delete it.")
@click.option("--quiet", is_flag=True, help="Say only what goes wrong.")
@git_login.login_options
@grammar.timeout_option("1h; ten minutes more to create it")
@grammar.form_options
def run_once(words: tuple[str, ...], **said: Any) -> int:
    """Do it and return the exit code."""
    from daytona_tui.cli import running

    what = What(words, grammar.common().clock.seconds or TIMEOUT_S, said)

    async def ran(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli.last_signals import LastSignals

        grammar.common().clock.taken_over(TIMEOUT_S)  # the sandbox is deleted whatever comes

        signals = LastSignals("the sandbox is being deleted; ctrl+c once more leaves that to the guardian",
                              "left to the guardian")  # fmt: skip
        run = _Run(gateway, what, signals)
        return await run.whole()

    return running.run(ran, acts=True)


class _Run:
    """One run of ``run-once``."""

    def __init__(self, gateway: Gateway, what: What, signals: LastSignals) -> None:
        self._gateway = gateway
        self._what = what
        self._signals = signals
        self._told = Told(is_kept=what.keeps)
        self._creating = Telling(is_quiet=what.is_quiet)
        self._deadline = 0.0
        self._code = ""

    async def whole(self) -> int:
        """Do everything and return the exit code."""
        import asyncio

        from daytona_tui.cli import output
        from daytona_tui.cli.subcommands.create import order_of_flags
        from daytona_tui.cli.subcommands.run_code import read_code

        what = self._what
        if what.code_file:
            self._code = await read_code(what.code_file)
        else:
            self._code = what.code
        if self._code:
            what.values["language"] = what.language
        order = await order_of_flags(what.values)
        self._signals.watch()
        code = 0
        try:
            code = await (self._kept(order) if what.keeps else self._passing(order))
        except asyncio.CancelledError:
            if not self._signals.swallow():
                raise
        finally:
            self._creating.end()
            self._say_kept()
        code = self._signals.code or code
        if grammar.common().form.is_data:
            output.as_data(as_object(self._told, code), grammar.common().form)
        return code

    async def _passing(self, order: CreateOrder) -> int:
        from dataclasses import replace

        from daytona_tui.operations.run_once import passing, run_once

        order = passing(order, self._what.timeout_s)
        uploads, order = order.uploads, replace(order, uploads=())

        async def work(sandbox: Sandbox) -> int:
            try:
                return await self._work(sandbox, uploads)
            finally:
                self._signals.clear_up()
                self._signals.watch()

        return await run_once(self._gateway, order, work, on_event=self._tell)

    async def _kept(self, order: CreateOrder) -> int:
        from dataclasses import replace

        from daytona_tui.domain.naming import unique_name
        from daytona_tui.operations.create import create
        from daytona_tui.operations.run_once import awake

        uploads, order = order.uploads, replace(order, uploads=(), name=unique_name("run-once"))
        sandbox = self._told.sandbox = await create(self._gateway, order, on_event=self._tell)
        async with awake(self._gateway, sandbox.id):
            return await self._work(sandbox, uploads)

    # In the sandbox

    async def _work(self, sandbox: Sandbox, uploads: tuple[Upload, ...]) -> int:
        import time

        from daytona_tui.operations.create_after import upload

        what = self._what
        self._told.sandbox = sandbox
        self._deadline = time.monotonic() + what.timeout_s
        for port in what.previews:
            await self._preview(sandbox, port)
        if what.repo is not None:
            await self._clone(sandbox, what.repo)
        for each in uploads:
            self._say(f"uploading {each.local}")
            await upload(self._gateway, sandbox, each)
        if self._code:
            self._told.exit_code = await self._run_code(sandbox)
        elif what.command:
            self._told.exit_code = await self._run_command(sandbox)
        elif what.previews:
            return await self._hold()
        return self._told.exit_code or 0

    @property
    def _left_s(self) -> int:
        import time

        return max(1, round(self._deadline - time.monotonic()))

    async def _preview(self, sandbox: Sandbox, port: int) -> None:
        from daytona_tui.cli import narration
        from daytona_tui.errors import UnsupportedError

        try:
            seconds = min(self._what.timeout_s, _LONGEST_SIGNED_S)
            url = (await self._gateway.sign_preview(sandbox.id, port, seconds)).url
        except UnsupportedError:
            url = (await self._gateway.preview_link(sandbox.id, port)).url
        self._told.previews.append((port, url))
        narration.say(f"port {port}: {url}")

    async def _clone(self, sandbox: Sandbox, wanted: Wanted) -> None:
        from daytona_tui.operations.git_clone import clone

        self._say(f"cloning {wanted.address.url}")

        async def act(login: GitLogin | None) -> Cloned:
            return await clone(self._gateway, sandbox.id, wanted, login, timeout_s=self._left_s)

        cloned = self._told.repository = await git_login.with_login(wanted.address, self._what.login, act)
        self._say(f"cloned into {cloned.path}")

    async def _run_command(self, sandbox: Sandbox) -> int:
        from daytona_tui.cli import output, stdin
        from daytona_tui.cli.relaying import TIMED_OUT
        from daytona_tui.cli.subcommands.execute import carry_out
        from daytona_tui.operations.execute import Order

        is_data = grammar.common().form.is_data
        order = Order(
            self._what.command,
            cwd=self._cwd,
            has_input=not self._what.login.takes_stdin and stdin.has_something(False),
            is_exact=not is_data and not output.is_terminal(),
        )
        written = Kept(self._told) if is_data else None
        code = await carry_out(self._gateway, sandbox.id, order, self._left_s, written)
        self._told.is_late = code == TIMED_OUT and self._left_s <= 1
        return code

    async def _run_code(self, sandbox: Sandbox) -> int:
        from daytona_tui.cli import narration
        from daytona_tui.cli.relaying import TIMED_OUT
        from daytona_tui.cli.subcommands.execute import exit_code
        from daytona_tui.domain.code import Language
        from daytona_tui.errors import OperationTimeoutError
        from daytona_tui.operations.code import CodeOrder, outcome_of

        order = CodeOrder(Language(self._what.language), self._code, timeout_s=self._left_s)
        try:
            outcome = await outcome_of(self._gateway, sandbox.id, order)
        except OperationTimeoutError as error:
            narration.say(error.message)
            self._told.is_late = True
            return TIMED_OUT
        if grammar.common().form.is_data:
            self._told.output = outcome.output
        else:
            RemoteOutput().write(Stream.STDOUT, outcome.output)
        return exit_code(outcome.exit_code if outcome.exit_code >= 0 else None)

    @property
    def _cwd(self) -> str:
        import posixpath

        repository = self._told.repository
        return posixpath.join(repository.path if repository is not None else "", self._what.cwd)

    async def _hold(self) -> int:
        import asyncio

        from daytona_tui.cli import narration
        from daytona_tui.cli.relaying import TIMED_OUT

        self._say("it runs until ctrl+c")
        await asyncio.sleep(self._left_s)
        narration.say(f"{self._what.timeout_s} s are over")
        self._told.is_late = True
        return TIMED_OUT

    # What is said

    def _say(self, words: str) -> None:
        from daytona_tui.cli import narration

        if not self._what.is_quiet:
            narration.say(words)

    def _tell(self, event: Any) -> None:
        from daytona_tui.cli import narration
        from daytona_tui.domain.creation import BuildLog, Ignored, LeftBehind, StageBegun
        from daytona_tui.operations.run_once import Deleted, LeftToGuardian

        if isinstance(event, StageBegun | LeftBehind) and event.sandbox is not None:
            self._told.sandbox = event.sandbox
        if isinstance(event, Deleted):
            self._told.is_deleted = True
            self._say(f"deleted {event.name}")
        elif isinstance(event, LeftToGuardian):
            narration.say(left_words(event))
        elif isinstance(event, Ignored) and event.field == "ttl_min":
            return  # auto-stop holds
        elif isinstance(event, BuildLog) or not self._what.is_quiet:
            self._creating(event)

    def _say_kept(self) -> None:
        from daytona_tui.cli import narration

        sandbox = self._told.sandbox
        if self._what.keeps and sandbox is not None:
            narration.say(f"kept: {sandbox.name} ({sandbox.id})")
            narration.add(f"daytona-tui delete {sandbox.id} deletes it")


def left_words(event: LeftToGuardian) -> str:
    """Return what is to be known of a sandbox that the guardian is to delete."""
    if event.why:
        return f"{event.name} is not deleted yet ({event.why}): the guardian goes on with it"
    return f"whether {event.name} was made is not known: the guardian deletes it, should it come to be"


def as_object(told: Told, code: int) -> dict[str, object]:
    """Return what ``run-once --json`` shows. The keys are a promise: more may come, none goes or changes."""
    sandbox, repository = told.sandbox, told.repository
    return {
        "id": sandbox.id if sandbox is not None else None,
        "name": sandbox.name if sandbox is not None else None,
        "exit_code": code,
        "is_timed_out": told.is_late,
        "output": told.output,
        "errors": told.stderr,
        "repository": {"url": repository.url, "path": repository.path, "commit": repository.commit or None}
        if repository is not None
        else None,
        "previews": [{"port": port, "url": url} for port, url in told.previews],
        "is_kept": told.is_kept,
        "is_deleted": told.is_deleted,
    }
