"""``secrets``: list, make, give another value, delete. A value comes from a prompt, stdin, a variable or a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.grammar import Form
from daytona_tui.cli.trouble import Refusal

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.domain.secrets import SecretEntry, SecretOrder, SecretUser, SecretUsers


@grammar.room(
    "secrets",
    short_help="list, make and delete secrets",
    help="Secrets: names that stand for values. Programs in sandboxes see a placeholder; the value goes only to the "
    "hosts of the secret. No value is ever shown, kept on this machine, or taken from the command line.",
)
def secrets() -> None:
    """Do nothing: the verbs do."""


@secrets.command(
    "list",
    short_help="list secrets",
    help="""List secrets, without their values.

    No list tells which sandboxes have one: --users looks into those that run, which does not keep them awake.""",
)
@click.option("--users", is_flag=True, help="Look into the sandboxes that run for who has each.")
@grammar.form_options
def list_secrets(users: bool) -> int:
    """List and return the exit code."""
    from daytona_tui.cli import running

    async def listed(gateway: Gateway, settings: Settings) -> int:
        every = await gateway.secrets()
        fleet, seen = await _look(gateway, every) if users and every else ((), None)
        _show(every, fleet, seen)
        return 0

    return running.run(listed)


async def _look(gateway: Gateway, every: Sequence[SecretEntry]) -> tuple[tuple[Sandbox, ...], SecretUsers]:
    from daytona_tui.cli import narration
    from daytona_tui.cli.shelving import fleet_of
    from daytona_tui.operations.shelf_users import who_has_secrets
    from daytona_tui.presentation.shelf import unseen

    fleet = await fleet_of(gateway)
    seen = await who_has_secrets(gateway, fleet, every)
    if seen.unread:
        narration.say(unseen(len(seen.unread)))
    return fleet, seen


def _show(every: Sequence[SecretEntry], fleet: Sequence[Sandbox], seen: SecretUsers | None) -> None:
    from datetime import UTC, datetime

    from daytona_tui.cli import output
    from daytona_tui.presentation.safe_text import safe
    from daytona_tui.presentation.shelf import ago

    form = grammar.common().form
    told = [(each, None if seen is None else seen.users_of(each, fleet)) for each in every]
    if form is not Form.TEXT:
        output.as_data([as_object(each, users) for each, users in told], form)
        return
    now = datetime.now(UTC)
    rows = [
        (
            safe(each.name),
            "?" if users is None else f"{len(users)}",
            safe(", ".join(each.hosts)) or "any host",
            ago(each.updated_at, now),
            safe(each.description),
        )
        for each, users in told
    ]
    head = ("NAME", "SEEN IN", "MAY GO TO", "CHANGED", "DESCRIPTION")
    output.table(head, rows, right=(False, True, False, True, False), room=output.room_of_terminal())


def _value_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--description", metavar="TEXT", help="What it is for."),
        click.option(
            "--host",
            "hosts",
            metavar="HOST",
            multiple=True,
            help="Where the value may go, such as *.example.org; may be repeated. Without one: anywhere.",
        ),
        click.option("--value-file", metavar="FILE", help="Read the value from this file, to the last byte."),
        click.option("--value-env", metavar="NAME", help="Take the value of this environment variable."),
        click.option(
            "--value-stdin", is_flag=True, help="Read the value from standard input, without its last line break."
        ),
    ):
        function = option(function)
    return function


@secrets.command(
    "create",
    short_help="make a secret",
    help="""Make a secret, and write its id to stdout.

    The value is asked for, without showing it, unless a flag says where it is.""",
)
@click.argument("name", metavar="NAME", help="letters, digits, dashes and underscores")
@_value_options
@grammar.form_options
def create(name: str, **words: Any) -> int:
    """Make it and return the exit code."""

    async def make(gateway: Gateway, order: SecretOrder) -> SecretEntry:
        return await gateway.create_secret(order)

    return _give(name, words, make)


@secrets.command(
    "set",
    short_help="give a secret another value",
    help="""Give a secret another value.

    Its name and its placeholder stay; description and hosts stay too, unless they are said.""",
)
@click.argument("wanted", metavar="SECRET", help="an id, a name, or a unique beginning of one")
@_value_options
@grammar.form_options
def set_value(wanted: str, **words: Any) -> int:
    """Change it and return the exit code."""

    async def change(gateway: Gateway, order: SecretOrder) -> SecretEntry:
        from dataclasses import replace

        from daytona_tui.operations.shelf_users import choose

        found = choose(await gateway.secrets(), wanted, "secret")
        description = found.description if words["description"] is None else order.description
        hosts = order.hosts or found.hosts
        return await gateway.update_secret(
            found.id, replace(order, name=found.name, description=description, hosts=hosts)
        )

    return _give("x", words, change)


def _give(name: str, words: dict[str, Any], give: Callable[[Gateway, SecretOrder], Any]) -> int:
    """Check what was said, read the value, hand it to the server, and write what came of it."""
    from daytona_tui.cli import asking, running
    from daytona_tui.domain.secrets import SecretOrder, hosts_in, problems

    said = [bool(words[each]) for each in ("value_stdin", "value_env", "value_file")]
    if sum(said) > 1:
        raise Refusal("usage", "say one of --value-stdin, --value-env and --value-file")
    if not any(said) and not asking.can_ask():
        hint = "--value-stdin, --value-env NAME or --value-file FILE says where it is"
        raise Refusal("no_terminal", "there is no terminal to ask for the value at", hint=hint)
    hosts = tuple(host for each in words["hosts"] for host in hosts_in(each))
    _check(problems(SecretOrder(name, "to be read", words["description"] or "", hosts)))

    async def given(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli import output

        order = SecretOrder(name, await _value(words), words["description"] or "", hosts)
        _check(problems(order))
        made = await give(gateway, order)
        form = grammar.common().form
        if form is Form.TEXT:
            output.line(made.id)
        else:
            output.as_data(as_object(made, None), form)
        return 0

    return running.run(given, acts=True)


def _check(wrong: Any) -> None:
    lines = [f"{what}: {words}" for what, words in wrong.items()]
    if lines:
        message = lines[0] if len(lines) == 1 else "this makes no secret"
        raise Refusal("order", message, below=lines if len(lines) > 1 else ())


async def _value(words: dict[str, Any]) -> str:
    """Return the value, from where the flags say or else from the person at the terminal."""
    import asyncio
    import os

    from daytona_tui.cli import asking, stdin
    from daytona_tui.presentation.phrases import os_reason

    if words["value_stdin"]:
        data = b"".join([chunk async for chunk in stdin.chunks()])
        return _text(data.removesuffix(b"\n").removesuffix(b"\r"), "standard input")
    if name := words["value_env"]:
        if name not in os.environ:
            raise Refusal("usage", f"there is no environment variable {name}")
        return os.environ[name]
    if path := words["value_file"]:
        try:
            return _text(await asyncio.to_thread(_bytes_of, path), path)
        except OSError as error:
            raise Refusal("usage", f"{path} cannot be read: {os_reason(error)}") from None
    return await asking.line("Value (not shown):", is_secret=True)


def _bytes_of(path: str) -> bytes:
    from pathlib import Path

    return Path(path).expanduser().read_bytes()


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("usage", f"the value in {where} is no text") from None


@secrets.command("delete", short_help="delete secrets", help="Delete secrets, after telling who has them.")
@click.argument("wanted", metavar="SECRET...", nargs=-1, required=True, help="ids, names, or unique beginnings of them")
@grammar.yes_option
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted, and who has it.")
@grammar.form_options
def delete(wanted: tuple[str, ...], yes: bool, dry_run: bool) -> int:
    """Delete and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.shelving import require_answer

    require_answer(yes or dry_run)

    async def deleted(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli.shelving import agree, delete_each
        from daytona_tui.operations.shelf_users import choose_each
        from daytona_tui.presentation.shelf import secret_deletion

        found = choose_each(await gateway.secrets(), wanted, "secret")
        fleet, seen = await _look(gateway, found)
        await agree(
            [secret_deletion(each, seen.users_of(each, fleet), 0) for each in found], "secret", yes=yes, dry_run=dry_run
        )
        await delete_each(found, lambda each: gateway.delete_secret(each.id), dry_run=dry_run)
        return 0

    return running.run(deleted, acts=not dry_run)


def as_object(secret: SecretEntry, users: Sequence[SecretUser] | None) -> dict[str, object]:
    """Return what ``secrets --json`` shows, never a value. The keys are a promise: more may come, none goes or changes.

    ``seen_in`` is null where nobody was looked into.
    """
    from daytona_tui.cli.shelving import iso, sandbox_object

    return {
        "id": secret.id,
        "name": secret.name,
        "description": secret.description,
        "hosts": list(secret.hosts),
        "placeholder": secret.placeholder,
        "created_at": iso(secret.created_at),
        "updated_at": iso(secret.updated_at),
        "seen_in": None
        if users is None
        else [{**sandbox_object(each.sandbox), "variables": list(each.variables)} for each in users],
    }
