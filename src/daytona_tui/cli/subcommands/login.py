"""``login`` and ``logout``: keep a key that was tried, and forget it again. The key is never an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daytona_tui.cli import grammar

if TYPE_CHECKING:
    from daytona_tui.bootstrap.logging_in import LoggedIn
    from daytona_tui.config.connection import Secret
    from daytona_tui.operations.login import Order

_LONGEST = 8192


@grammar.command(
    "login",
    short_help="try a key and keep it, in the system's keyring or in a file",
    help="""Try a key on its server and, if it is good, keep it.

    The key is asked for, or comes from standard input or from a variable; it is never an argument. It is kept in the
    system's keyring where there is one, else in a file that only you may read, and is used from then on wherever no
    flag, variable or default profile says otherwise. --profile names it; usually it is called after the server.""",
    exclusive=(("key_stdin", "key_env"),),
)
@click.option("--key-stdin", is_flag=True, help="Read the key from standard input.")
@click.option("--key-env", metavar="NAME", help="Take the key from this variable.")
@click.option("--url", metavar="URL", help="Address of the server (default: DAYTONA_API_URL, or the hosted service).")
@click.option(
    "--keep",
    type=click.Choice(["keyring", "file"]),
    help="Where to keep it (default: keyring where there is one, else file).",
)
@grammar.form_options
def login(key_stdin: bool, key_env: str | None, url: str | None, keep: str | None) -> int:
    """Try and keep the key, and return the exit code."""
    import asyncio
    import os

    from daytona_tui import bootstrap
    from daytona_tui.bootstrap.logging_in import log_in
    from daytona_tui.cli import output, running
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.config.connection import DEFAULT_API_URL
    from daytona_tui.config.settings import Settings
    from daytona_tui.config.system_keyring import why_no_keyring
    from daytona_tui.operations.login import Order, Place, usual_name, why_no_name

    address = url or os.environ.get("DAYTONA_API_URL", "").strip() or DEFAULT_API_URL
    name = grammar.common().profile or usual_name(address)
    if reason := why_no_name(name):
        raise click.UsageError(f"--profile {name}: {reason}")
    key = _key(key_stdin=key_stdin, key_env=key_env)
    bootstrap.start_diagnostics(Settings(api_key=key))
    place = Place(keep) if keep else (Place.FILE if why_no_keyring() else Place.KEYRING)
    order = Order(name, address, key, place)
    kept = asyncio.run(running.in_time(log_in(order)))
    form = grammar.common().form
    if form.is_data:
        output.as_data(as_object(order, kept), form)
    else:
        _tell(order, kept)
    return ExitCode.OK


def _key(*, key_stdin: bool, key_env: str | None) -> Secret:
    import asyncio
    import os
    import sys

    from daytona_tui.cli import asking
    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.config.connection import Secret

    if key_env is not None:
        text = os.environ.get(key_env, "")
        if not text.strip():
            raise click.UsageError(f"the variable {key_env} is not set")
    elif key_stdin:
        text = sys.stdin.readline(_LONGEST) if sys.stdin is not None else ""
    elif asking.can_ask():
        text = asyncio.run(asking.line("Key (it is not shown):", is_secret=True))
    else:
        raise Refusal("no_terminal", "there is no terminal to ask for the key", hint="use --key-stdin or --key-env")
    if not text.strip():
        raise Refusal("no_key", "no key was given; nothing was kept", hint="make one in the dashboard")
    return Secret(text.strip())


def _tell(order: Order, kept: LoggedIn) -> None:
    from daytona_tui.cli import narration, output

    name = kept.identity.key_name or "without a name"
    organization = f", organisation {kept.identity.organization_id}" if kept.identity.organization_id else ""
    output.line(f"the key {name}{organization} is good")
    output.line(f"kept as {order.name} {kept.where}")
    if kept.note:
        narration.say(kept.note)


def as_object(order: Order, kept: LoggedIn) -> dict[str, object]:
    """Return what ``login --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        "profile": order.name,
        "api_url": order.connection().api_url,
        "kept_in": order.place.value,
        "where": kept.where,
        "key_name": kept.identity.key_name,
        "organization_id": kept.identity.organization_id,
        "permissions": list(kept.identity.permissions),
    }


@grammar.command(
    "logout",
    is_local=True,
    short_help="forget a key that login has kept",
    help="""Forget a login that is kept, with its key: the one that --profile names, or the one in use.

    The key stays good: end it in the dashboard. Settings, variables and the daytona command's login are left alone.""",
)
@grammar.form_options
def logout() -> int:
    """Forget the login, and return the exit code."""
    from daytona_tui.cli import output
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.config.kept_logins import read_logins
    from daytona_tui.operations.login import forget

    name = grammar.common().profile or read_logins().active
    if not name:
        raise Refusal("not_found", "no login is kept", hint="daytona-tui login keeps one", exit_code=ExitCode.NOT_FOUND)
    where = forget(name)
    form = grammar.common().form
    if form.is_data:
        output.as_data(forgotten_as_object(name, where), form)
    else:
        output.line(f"forgotten: {name}, kept in the {where}")
    return ExitCode.OK


def forgotten_as_object(name: str, where: str) -> dict[str, object]:
    """Return what ``logout --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {"profile": name, "kept_in": where}
