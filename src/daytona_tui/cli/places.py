"""Places in sandboxes as they are said on the command line, ``SANDBOX:PATH``, and getting there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox

_Function = TypeVar("_Function", bound=Callable[..., Any])

PLACE = "SANDBOX[:PATH]"
ABOUT_PLACE = (
    "the sandbox by id, name or the beginning of one; the path absolute, below ~, or relative to the sandbox's working "
    "directory, which is meant without one"
)


class Place(NamedTuple):
    """A path in a sandbox, as somebody said it.

    Attributes:
        sandbox: id, name, or the beginning of one.
        path: empty for the working directory.
    """

    sandbox: str
    path: str = ""


def place(word: str) -> Place:
    """Return the place that ``word`` means; the first colon ends the name.

    Raises:
        click.BadParameter: it names no sandbox.
    """
    sandbox, _, path = word.partition(":")
    if not sandbox:
        raise click.BadParameter(f"{word!r} names no sandbox")
    return Place(sandbox, path)


def file_name(word: str) -> str:
    """Return a name that one file of a directory can have.

    Raises:
        click.BadParameter: it is none.
    """
    if word in (".", "..") or "/" in word or "\0" in word:
        raise click.BadParameter(f"{word!r} is not the name of a file")
    return word


def start_option(function: _Function) -> _Function:
    """Give a subcommand ``--start`` as ``start``: a sandbox that does not run is started for a while."""
    about = "start a sandbox that does not run, and put it back afterwards however this ends"
    return click.option("--start", is_flag=True, help=about)(function)


def place_argument(function: _Function) -> _Function:
    """Give a function ``place``: a path in a sandbox."""
    return click.argument("place", metavar=PLACE, type=place, help=ABOUT_PLACE)(function)


def remote_path(path: str, work_dir: str) -> str:
    """Return the absolute path in the sandbox that a person means by ``path``."""
    import posixpath

    from daytona_tui.domain.tree import home_of

    if path == "~" or path.startswith("~/"):
        path = home_of(work_dir) + path[1:]
    return posixpath.normpath(posixpath.join(work_dir, path))


async def there(
    gateway: Gateway,
    settings: Settings,
    wanted: str,
    work: Callable[[Sandbox], Awaitable[int]],
    *,
    start: bool,
) -> int:
    """Return the exit code of ``work``, done with the sandbox that ``wanted`` means while it runs.

    Args:
        gateway: where it is.
        settings: how long a change of state may take.
        wanted: id, name, or the beginning of one.
        work: is given the sandbox.
        start: start one that does not run, and put it back.

    Raises:
        NotFoundError: there is no such sandbox.
        ConflictError: it does not run, and is not to be started for this or cannot be.
        DaytonaTuiError: whatever the work raises.
    """
    from functools import partial

    from daytona_tui.cli import narration
    from daytona_tui.errors import NotFoundError
    from daytona_tui.operations.find import find
    from daytona_tui.operations.waking import awake

    try:
        sandbox = await find(gateway, wanted)
    except NotFoundError as error:
        if "/" in wanted:
            error.hint = "a path stands behind a colon: SANDBOX:PATH"
        raise
    work = partial(_named, work)
    if sandbox.is_running:
        return await work(sandbox)
    if not start:
        raise _asleep(sandbox)

    def step(doing: str) -> None:
        narration.say(f"{doing} {sandbox.name}")

    woken = await awake(gateway, sandbox, work, timeout_s=settings.lifecycle_timeout_s, on_step=step)
    if woken.after is not None and woken.after.state is not sandbox.state:
        narration.say(f"{sandbox.name} is {woken.after.state_word or woken.after.state.value} now")
    return woken.result


async def _named(work: Callable[[Sandbox], Awaitable[int]], sandbox: Sandbox) -> int:
    """Do ``work``; what is not there then is a path, and the command is told that shows which ones are."""
    import shlex

    from daytona_tui.errors import NotFoundError

    try:
        return await work(sandbox)
    except NotFoundError as error:
        error.hint = error.hint or f"daytona-tui ls {shlex.quote(sandbox.name)} shows what is there"
        raise


def _asleep(sandbox: Sandbox) -> Exception:
    from daytona_tui.errors import ConflictError
    from daytona_tui.operations.waking import waking_offer, waking_refusal
    from daytona_tui.presentation.safe_text import safe

    word = safe(sandbox.state_word) or sandbox.state.value
    if reason := waking_refusal(sandbox):
        hint = f"it has to run for that, and cannot be started for a while: {safe(reason)}"
    else:
        hint = f"it has to run for that: start it first, or say --start: {waking_offer(sandbox, 'do this')}"
    return ConflictError(f"{safe(sandbox.name)} is {word}", hint=hint)
