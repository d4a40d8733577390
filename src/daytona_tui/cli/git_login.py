"""The login for a git server on the command line: where it may come from, and asking for it where a person is.

No password stands on the command line: flags name a variable, a program of this machine, or standard input.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from daytona_tui.cli.refused_flags import renamed_option

if TYPE_CHECKING:
    from daytona_tui.domain.git import GitLogin
    from daytona_tui.domain.git_address import Address

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Result = TypeVar("_Result")

WAYS = ("git", "gh", "env", "ask", "none")
HINT = "--login git, gh or env takes one of this machine; --token-env NAME or --token-stdin gives one"


class Said(NamedTuple):
    """What the flags say of the login.

    Attributes:
        way: one of ``WAYS``; None where nothing is said.
        user: user name; empty for the usual one.
        variable: of the environment, that holds the token.
        takes_stdin: the token is the first line of standard input.
    """

    way: str | None = None
    user: str = ""
    variable: str = ""
    takes_stdin: bool = False


def login_options(function: _Function) -> _Function:
    """Give a subcommand the flags of a login as ``login``, ``login_user``, ``token_env`` and ``token_stdin``."""
    options = (
        click.option(
            "--login",
            type=click.Choice(WAYS),
            help="take the login for the git server from git's own credential helper, the GitHub CLI, or the usual "
            "variable of the environment; ask; or give none (default: ask when the server wants one)",
        ),
        click.option(
            "--login-user", metavar="NAME", default="", help="user name for the git server (default: fits a token)"
        ),
        renamed_option("--user", "--login-user", "a user is one of the operating system"),
        click.option("--token-env", metavar="VAR", default="", help="the variable that holds the password or token"),
        click.option("--token-stdin", is_flag=True, help="the first line of standard input is the password or token"),
    )
    for option in reversed(options):
        function = option(function)
    return function


def said(options: dict[str, Any]) -> Said:
    """Return what the flags say, and take them out of ``options``.

    Raises:
        Refusal: they contradict each other.
    """
    from daytona_tui.cli.trouble import Refusal

    told = Said(options.pop("login"), options.pop("login_user"), options.pop("token_env"), options.pop("token_stdin"))
    if sum((bool(told.way), bool(told.variable), told.takes_stdin)) > 1:
        raise Refusal("usage", "--login, --token-env and --token-stdin name several logins", hint="leave one of them")
    return told


def warn_of_login(*said: str) -> None:
    """Say that a login among the words of a command line can be read by others; the login itself is shown nowhere."""
    from daytona_tui.cli import narration
    from daytona_tui.domain.git_address import holds_login

    if any(map(holds_login, said)):
        narration.say("a login on the command line can be read by others here; --token-env and --login keep it off")


async def with_login(
    address: Address, told: Said, act: Callable[[GitLogin | None], Awaitable[_Result]], doing: str = ""
) -> _Result:
    """Return what ``act`` comes to, done with the login that is wanted; asked for only if the server wants one.

    ``doing`` is said where a person watches, while it is done.

    Raises:
        GitLoginError: the server wants a login, and nobody can be asked, or wants another one.
        DaytonaTuiError: whatever ``act`` raises.
    """
    from daytona_tui.cli import asking, narration
    from daytona_tui.errors import GitLoginError

    given = await _given(address, told)
    try:
        return await _told(doing, act(given or address.login))
    except GitLoginError as error:
        if given or told.way or not address.host or not asking.can_ask():
            error.hint = HINT if address.host else "over ssh the sandbox needs a key of its own: use the https address"
            raise
        narration.say(f"{address.host} wants a login")
    return await _told(doing, act(await _chosen(address, told)))


async def _told(doing: str, work: Awaitable[_Result]) -> _Result:
    """Do something while a line says so, where a person watches."""
    from daytona_tui.cli import narration

    line = narration.LiveLine()
    if doing:
        line.show(f"{doing} …")
    try:
        return await work
    finally:
        line.end()


async def _given(address: Address, told: Said) -> GitLogin | None:
    """Return the login that the flags name."""
    from daytona_tui.operations import git_logins
    from daytona_tui.operations.git_logins import Source

    if told.variable:
        return git_logins.of_variable(told.variable, address, told.user)
    if told.takes_stdin:
        return git_logins.of_token(await _first_line(), address, told.user)
    if told.way == "ask":
        return await _typed(address, told)
    if told.way in (None, "none"):
        return None
    return await git_logins.take(Source(told.way), address)


async def _chosen(address: Address, told: Said) -> GitLogin:
    """Return the login that a person chooses: one of this machine, or one that is typed."""
    from daytona_tui.cli import asking, narration
    from daytona_tui.operations import git_logins

    found = await git_logins.offers(address)
    for number, offer in enumerate(found, 1):
        narration.add(f"{number}  use {offer.words}, for this once")
    if found:
        answer = await asking.answer(f"Which one? 1 to {len(found)}, or enter to type one:")
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(found):
            offer = found[int(answer) - 1]
            if offer.variable:
                return git_logins.of_variable(offer.variable, address, told.user)
            return await git_logins.take(offer.source, address)
    return await _typed(address, told)


async def _typed(address: Address, told: Said) -> GitLogin:
    from daytona_tui.cli import asking
    from daytona_tui.cli.trouble import no_terminal
    from daytona_tui.domain.git_address import usual_user
    from daytona_tui.operations import git_logins

    if not asking.can_ask():
        refusal = no_terminal()
        refusal.hint = HINT
        raise refusal
    usual = told.user or address.username or usual_user(address.host)
    user = told.user or await asking.line(f"User name for {address.host} (enter for {usual}):") or usual
    return git_logins.of_token(
        await asking.line(f"Password or token of {user} (not shown):", is_secret=True), address, user
    )


async def _first_line() -> str:
    from daytona_tui.cli import stdin

    data = b""
    async for chunk in stdin.chunks():
        data += chunk
        if b"\n" in data or len(data) > 65536:
            break
    return data.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
