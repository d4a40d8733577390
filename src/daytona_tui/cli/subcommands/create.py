"""``create``: a new sandbox, from a snapshot, an image, a Dockerfile or parts of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.grammar import Form
from daytona_tui.presentation.creation_fields import FIELDS, Field
from daytona_tui.presentation.forms import Kind

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.build_context import BuildContext
    from daytona_tui.domain.creation import CreateEvent, CreateOrder
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.presentation.forms import Value, Values


_ADDRESSES = ("repo", "proxy", "telemetry")
"""Fields in which a login may stand."""


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give the subcommand a flag for every field."""
    for field in reversed(FIELDS):
        if field.kind is not Kind.BLOCK:
            function = option(field)(function)
    return function


def option(field: Field) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what gives a subcommand the flag of a field, as its key."""
    flags = [field.flag, *(["--title"] if field.key == "name" else [])]
    if field.kind is Kind.SWITCH:
        return click.option(*flags, field.key, is_flag=True, help=field.about)
    kind = click.Choice(list(field.choices)) if field.kind is Kind.CHOICE else None
    return click.option(
        *flags,
        field.key,
        metavar=field.metavar or None,
        type=kind,
        multiple=field.is_many,
        callback=_not_empty,
        help=field.about,
    )


def _not_empty(_context: click.Context, _param: click.Parameter, value: Any) -> Any:
    """Refuse what is empty, as ``--image "$IMAGE"`` is without the variable: it would mean the usual one."""
    if value == "" or (isinstance(value, tuple) and "" in value):
        raise click.BadParameter("it is empty")
    return value


@grammar.command(
    "create",
    help="""Create a sandbox, and write its id to stdout.

    It begins as a snapshot, the server's usual one unless told, or as an image that the server builds: of a registry
    (--image), of a Dockerfile (--dockerfile) or of parts (--base, --debian-slim, --pip, --run and the like, of which
    the SDK's builder makes the Dockerfile). The log of the build goes to stderr. Once the sandbox runs, files are
    uploaded and a repository is cloned.

    What COPY and ADD of a Dockerfile name is sent along, from its directory unless --context says another;
    .dockerignore counts, and what looks like a secret is not sent unless --context-secrets says so.

    Times are 15m, 2h, 7d or off.""",
    epilog="An order file holds the flags as TOML, with _ for -; --dry-run writes one. Flags win over --from-file, and "
    "that over --like. Exit codes: 0 it runs, 1 it failed, 2 the order is wrong, 6 something was not uploaded, 7 not "
    "ready in time. What a failure leaves behind is named.",
)
@_options
@click.option("--like", metavar="SANDBOX", help="Begin with what this sandbox was made of.")
@click.option("--from-file", metavar="FILE", help="Begin with an order file, in TOML; - reads standard input.")
@click.option("--dry-run", is_flag=True, help="Write the order as a file, and create nothing.")
@click.option("--wait/--no-wait", "waits", default=True, help="Return when it runs, or as soon as it is accepted.")
@click.option("--quiet", is_flag=True, help="Leave the log of the build out.")
@grammar.timeout_option("10m")
@grammar.form_options
def create(
    *,
    like: str | None,
    from_file: str | None,
    dry_run: bool,
    waits: bool,
    quiet: bool,
    **said: Any,
) -> int:
    """Create and return the exit code."""
    from daytona_tui.cli import git_login, narration, running
    from daytona_tui.domain.git_address import holds_login

    flags: dict[str, Value] = {key: value for key, value in said.items() if value}
    git_login.warn_of_login(said["repo"] or "")
    if holds_login(said["proxy"] or ""):
        narration.say("a login on the command line can be read by others here; --from-file keeps that of a proxy off")

    async def made(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.create import DEFAULT_TIMEOUT_S

        values = await _values(gateway, flags, like, from_file)
        order = await order_of_flags(values)
        if dry_run:
            return await _show_order(gateway, order)
        _check_waits(order, waits)
        telling = Telling(is_quiet=quiet)
        return await _create(gateway, order, telling, grammar.common().clock.taken_over(DEFAULT_TIMEOUT_S), waits)

    return running.run(made, acts=not dry_run)


async def _values(
    gateway: Gateway, flags: dict[str, Value], like: str | None, from_file: str | None
) -> dict[str, Value]:
    """Return what was said everywhere; the nearer word wins, and of the sources the nearest only."""
    import asyncio
    import sys
    from pathlib import Path

    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.operations.create_order import STDIN, read_order_file

    if from_file == STDIN and flags.get("dockerfile") == STDIN:
        raise Refusal("usage", "standard input is the order or the Dockerfile, not both")
    values: dict[str, Value] = {}
    if like is not None:
        values = await _like(gateway, like)
    if from_file is not None:
        file = Path("/dev/stdin" if from_file == STDIN and sys.stdin is not None else from_file)
        values = _over(values, await asyncio.to_thread(read_order_file, file))
    return _over(values, flags)


def _over(values: Values, nearer: Values) -> dict[str, Value]:
    from daytona_tui.presentation.creation import without_source

    return {**without_source(values, nearer), **nearer}


async def _like(gateway: Gateway, wanted: str) -> dict[str, Value]:
    from daytona_tui.cli import narration
    from daytona_tui.domain.creation_like import like
    from daytona_tui.operations.find import find
    from daytona_tui.presentation.creation import values_of

    sandbox = await find(gateway, wanted)
    order, unknown = like(await gateway.record(sandbox.id), sandbox)
    for words in unknown:
        narration.say(f"like {sandbox.name}: {words}")
    return values_of(order)


async def order_of_flags(values: Values) -> CreateOrder:
    """Return the order, with what it needs of this machine.

    Raises:
        Refusal: something is wrong with it; all of it is said.
    """
    import asyncio
    import os
    import sys

    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.errors import MisuseError
    from daytona_tui.operations.build_context import find_context
    from daytona_tui.operations.create_order import STDIN, context_wish, with_dockerfile, with_variables
    from daytona_tui.presentation.creation import OrderError, order_of
    from daytona_tui.presentation.creation_fields import BY_KEY

    values = with_variables(values, os.environ)
    text = await _stdin_text() if values.get("dockerfile") == STDIN and sys.stdin is not None else ""
    values = await asyncio.to_thread(with_dockerfile, values, stdin_text=text)
    try:
        order = order_of(values)
        await find_context(context_wish(order.source))
        return order
    except MisuseError as error:
        raise Refusal("order", error.message, hint=error.hint) from None
    except OrderError as error:
        lines = [f"{BY_KEY[key].flag}: {words}" for key, words in error.mistakes.items()]
        raise Refusal("order", lines[0] if len(lines) == 1 else "this makes no sandbox",
                      below=lines if len(lines) > 1 else ()) from None  # fmt: skip


async def _stdin_text() -> str:
    """Return what comes on standard input; ctrl+c and ``--timeout`` need not wait for its end."""
    from daytona_tui.cli import stdin

    return b"".join([chunk async for chunk in stdin.chunks()]).decode("utf-8", "replace")


def _check_waits(order: CreateOrder, waits: bool) -> None:
    from daytona_tui.cli.trouble import Refusal

    if not waits and (order.uploads or order.repository is not None):
        raise Refusal("usage", "uploading and cloning need the sandbox to run", hint="leave --no-wait out")


async def _show_order(gateway: Gateway, order: CreateOrder) -> int:
    from daytona_tui.cli import narration, output
    from daytona_tui.operations.build_context import context_remarks, context_words, find_context
    from daytona_tui.operations.create_order import context_wish
    from daytona_tui.presentation.creation import order_file, values_of

    dockerfile = await gateway.dockerfile_of(order.source)
    context = await find_context(context_wish(order.source))
    values = _without_logins(values_of(order))
    form = grammar.common().form
    if form is not Form.TEXT:
        told = None if context is None else context_object(context)
        output.as_data({"order": order_object(values), "dockerfile": dockerfile, "context": told}, form)
        return 0
    output.write(order_file(values))
    if context is not None:
        narration.say(f"would send {context_words(context)}")
        for words in context_remarks(context):
            narration.say(words)
    for line in dockerfile.splitlines() if dockerfile else ():
        narration.add(line)
    return 0


def _without_logins(values: dict[str, Value]) -> dict[str, Value]:
    """Return what an order file may hold: no login that stands in an address, which is said."""
    from daytona_tui.cli import narration
    from daytona_tui.domain.git_address import holds_login, without_logins

    told = [key for key, value in values.items() if key in _ADDRESSES and holds_login(str(value))]
    for key in told:
        narration.say(f"the login in the address of --{key} is left out here")
    return {key: without_logins(str(value)) if key in told else value for key, value in values.items()}


async def _create(gateway: Gateway, order: CreateOrder, telling: Telling, timeout_s: float, waits: bool) -> int:
    import asyncio

    from daytona_tui.cli import narration, output
    from daytona_tui.operations.create import create as make

    try:
        sandbox = await make(gateway, order, timeout_s=timeout_s, on_event=telling, waits=waits)
    except asyncio.CancelledError:
        telling.end()
        if telling.left and not grammar.common().clock.is_over:  # which is told with the same words
            narration.say(telling.left)
        raise
    finally:
        telling.end()
    form = grammar.common().form
    if form is Form.TEXT:
        output.line(sandbox.id)
    else:
        output.as_data(as_object(sandbox, telling.ignored), form)
    return 0


class Telling:
    """Says on stderr what happens, line by line."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._rest = ""
        self.ignored: list[dict[str, object]] = []
        self.left = ""

    def __call__(self, event: CreateEvent) -> None:
        """Say what an event tells."""
        from daytona_tui.cli import narration
        from daytona_tui.domain.creation import BuildLog, Ignored, LeftBehind
        from daytona_tui.presentation.creation_events import event_words

        if isinstance(event, BuildLog):
            self._log(event.text)
            return
        self.end()
        if isinstance(event, LeftBehind):
            way_on = f"daytona-tui delete {event.sandbox.id} takes away what is left behind: {event.sandbox.name}"
            grammar.common().way_on = self.left = way_on  # an error says so in its hint
            return
        if isinstance(event, Ignored):
            self.ignored.append({"field": event.field, "message": event.words})
        if words := event_words(event):
            narration.say(words)

    def _log(self, text: str) -> None:
        from daytona_tui.cli import narration

        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines if not self._is_quiet else ():
            narration.add(line.rstrip("\r").rpartition("\r")[2])

    def end(self) -> None:
        """Say what is left of the log."""
        if self._rest:
            self._log("\n")


def order_object(values: Values) -> dict[str, object]:
    """Return an order as JSON: the keys are those of the order file."""
    from daytona_tui.presentation.creation_fields import BY_KEY

    told: dict[str, object] = {}
    for key, value in values.items():
        is_number = BY_KEY[key].kind is Kind.COUNT
        told[key] = list(value) if isinstance(value, tuple) else int(str(value)) if is_number else value
    return told


def context_object(context: BuildContext) -> dict[str, object]:
    """Return what would be sent for the Dockerfile, as JSON."""
    return {
        "root": context.root,
        "files": context.files,
        "bytes": context.size,
        "ignored": context.ignored,
        "stays_here": list(context.left_out),
        "suspects": list(context.suspects),
    }


def as_object(sandbox: Sandbox, ignored: list[dict[str, object]]) -> dict[str, object]:
    """Return what ``create --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        "id": sandbox.id,
        "name": sandbox.name,
        "state": sandbox.state_word or sandbox.state.value,
        "region": sandbox.region,
        "snapshot": sandbox.snapshot,
        "user": sandbox.user,
        "class": sandbox.sandbox_class,
        "labels": dict(sandbox.labels),
        "cpu": sandbox.resources.cpu,
        "memory_gib": sandbox.resources.memory_gib,
        "disk_gib": sandbox.resources.disk_gib,
        "gpu": sandbox.resources.gpu,
        "created_at": sandbox.created_at.isoformat() if sandbox.created_at else None,
        "destroy_at": sandbox.lifetimes.destroy_at.isoformat() if sandbox.lifetimes.destroy_at else None,
        "ignored": ignored,
    }
