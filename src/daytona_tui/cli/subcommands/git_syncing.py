"""``git``: the verbs between a repository of a sandbox, its remotes, and home."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from daytona_tui.cli import git_login, grammar, places
from daytona_tui.cli import repositories as shared
from daytona_tui.cli.grammar import Form

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.git import GitLogin, RepositoryStatus
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.git_patch import Patch
    from daytona_tui.operations.git_sync import Upstream

    Sync = Callable[[Gateway, Sandbox, str, Upstream, GitLogin | None], Awaitable[RepositoryStatus]]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _sync_options(preposition: str, *, branch: str = "") -> Callable[[_Function], _Function]:
    """Give a verb what it is told of repository, remote, login and time; with ``branch``, the branch it means."""
    about = f"{preposition} this remote (default: what the branch follows)"
    told = [
        shared.repository_argument,
        click.option("--remote", metavar="NAME", default="", help=about),
        *([click.option("--branch", metavar="NAME", default="", help=branch)] if branch else []),
        git_login.login_options,
        grammar.timeout_option("10 minutes"),
        places.start_option,
        grammar.form_options,
    ]

    def give(function: _Function) -> _Function:
        for option in reversed(told):
            function = option(function)
        return function

    return give


def _with_branch(verb: Literal["pull", "push"], options: dict[str, Any]) -> Sync:
    """Return what pulls or pushes the branch that was named."""

    async def act(
        gateway: Gateway, sandbox: Sandbox, path: str, upstream: Upstream, login: GitLogin | None
    ) -> RepositoryStatus:
        from daytona_tui.domain.git import RemoteBranch
        from daytona_tui.operations import git_sync

        there = RemoteBranch(options["remote"], options["branch"])
        move = git_sync.pull if verb == "pull" else git_sync.push
        return await move(gateway, sandbox.id, path, login, there, timeout_s=_seconds())

    return act


@grammar.command(
    "fetch",
    short_help="learn what a remote has",
    help=f"""Learn what a remote has; nothing is merged.

    {shared.ABOUT}""",
)
@_sync_options("from")
def fetch(place: places.Place, **options: Any) -> int:
    """Fetch and return the exit code."""

    async def act(
        gateway: Gateway, sandbox: Sandbox, path: str, upstream: Upstream, login: GitLogin | None
    ) -> RepositoryStatus:
        from daytona_tui.operations import git_sync

        return await git_sync.fetch(gateway, sandbox.id, path, upstream, login, timeout_s=_seconds())

    return _synced(place, options, "fetched", act)


@grammar.command(
    "pull",
    short_help="fetch and merge",
    help=f"""Fetch and merge what the branch follows, or what is named.

    {shared.ABOUT}""",
)
@_sync_options("from", branch="this branch of it")
def pull(place: places.Place, **options: Any) -> int:
    """Pull and return the exit code."""
    return _synced(place, options, "pulled", _with_branch("pull", options))


@grammar.command(
    "push",
    short_help="push a branch",
    help=f"""Push the branch that is checked out, or another one. One that
    follows none follows what was pushed from then on.

    {shared.ABOUT}""",
)
@_sync_options("to", branch="this branch (default: the one that is checked out)")
def push(place: places.Place, **options: Any) -> int:
    """Push and return the exit code."""
    return _synced(place, options, "pushed", _with_branch("push", options))


_DOING = {"fetched": "fetching for", "pulled": "pulling into", "pushed": "pushing"}


def _seconds() -> float:
    from daytona_tui.domain.ports.git import CLONE_S

    return grammar.common().clock.taken_over(CLONE_S)


def _synced(place: places.Place, options: dict[str, Any], done: str, act: Sync) -> int:
    told = git_login.said(options)

    async def work(gateway: Gateway, settings: Settings, sandbox: Sandbox, path: str) -> int:
        from daytona_tui.cli.subcommands.git_acting import show_status
        from daytona_tui.domain.git_address import Address
        from daytona_tui.operations.git_sync import upstream_of

        upstream = await upstream_of(gateway, sandbox.id, path, options["remote"])

        async def attempt(login: GitLogin | None) -> RepositoryStatus:
            return await act(gateway, sandbox, path, upstream, login)

        address = upstream.address or Address("", "")
        doing = f"{_DOING[done]} {path} of {sandbox.name}"
        status = await git_login.with_login(address, told, attempt, doing)
        return await show_status(gateway, sandbox, path, status, f"{path}: {done}")

    return shared.run(place, work, start=options["start"], acts=True)


@grammar.command(
    "patch",
    short_help="take home what a remote does not have",
    help=f"""Write one patch of all that the
    remote does not have: commits that were not pushed, changes that were not committed, new files. It is for git apply,
    binary files included, and was tried out on the commit that its first lines name. The repository stays as it is.

    {shared.ABOUT}""",
)
@shared.repository_argument
@click.option("-o", "--output", metavar="FILE", default="", help="write it to this file, which must not be there yet")
@click.option("--save", is_flag=True, help="write it where pulls go, under a name that says where it is from")
@click.option("--base", metavar="REVISION", default="", help="count from this commit (default: what the remote has)")
@places.start_option
@grammar.form_options
def patch(place: places.Place, output: str, save: bool, base: str, start: bool) -> int:
    """Write and return the exit code."""

    async def work(gateway: Gateway, settings: Settings, sandbox: Sandbox, path: str) -> int:
        from daytona_tui.operations.git_patch import take_patch

        taken = await take_patch(gateway, sandbox, path, base)
        return await _written(sandbox, taken, Path(output) if output else None, settings.pull_dir if save else None)

    return shared.run(place, work, start=start)


async def _written(sandbox: Sandbox, taken: Patch, file: Path | None, directory: Path | None) -> int:
    import asyncio
    from datetime import UTC, datetime

    from daytona_tui.cli import narration, output
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.operations.git_patch import save_patch
    from daytona_tui.presentation.safe_text import safe

    form, text = grammar.common().form, taken.whole(sandbox)
    where: Path | None = None
    if taken.text and (file is not None or directory is not None):
        parent, name = (file.parent, file.name) if file is not None else (directory, "")
        name = name or taken.file_name(sandbox, datetime.now(UTC))
        where = await asyncio.to_thread(save_patch, parent or Path(), name, text, may_rename=file is None)
    if form is not Form.TEXT:
        output.as_data(patch_object(taken, where), form)
    elif taken.text and where is None:
        if output.is_terminal():
            output.write(safe(text.decode("utf-8", "replace"), keep_newlines=True))
        else:
            await output.write_bytes(text)
    elif where is not None:
        output.line(str(where))
    if taken.text:
        narration.say(f"{taken.files} files, {len(taken.text):,} bytes; applies to {taken.base[:10] or 'nothing'}")
    else:
        narration.say("there is nothing to take: the remote has all of it")
    return ExitCode.OK


def patch_object(taken: Patch, where: Path | None) -> dict[str, object]:
    """Return what ``git patch --json`` shows; the text only where no file has it. The keys are a promise."""
    encoding, text = "utf-8", taken.text.decode("utf-8", "replace")
    if text.encode() != taken.text:
        encoding, text = "base64", b64encode(taken.text).decode()
    return {
        "path": taken.repository,
        "branch": taken.branch or None,
        "base": taken.base or None,
        "head": taken.head or None,
        "files": taken.files,
        "size_bytes": len(taken.text),
        "file": str(where) if where is not None else None,
        "encoding": encoding,
        "text": text if where is None else None,
    }
