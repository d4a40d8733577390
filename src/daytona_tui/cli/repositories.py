"""What the verbs of ``git`` share: getting to a repository of a sandbox, and how one stands, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import places

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.git import Commit, GitFile, RepositoryStatus
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox

    Work = Callable[[Gateway, Settings, Sandbox, str], Awaitable[int]]

ABOUT = "SANDBOX:PATH names the repository; without :PATH it is the only one that the sandbox has."


def repository_argument(function: Any) -> Any:
    """Give a function ``place``: a repository of a sandbox."""
    about = "the sandbox by id, name or the beginning of one; the path of a repository in it"
    return click.argument("place", metavar=places.PLACE, type=places.place, help=about)(function)


def run(place: places.Place, work: Work, *, start: bool = False, acts: bool = False) -> int:
    """Return the exit code of ``work``, done with the repository that ``place`` means."""
    from daytona_tui.cli import running

    async def done(gateway: Gateway, settings: Settings) -> int:
        async def there(sandbox: Sandbox) -> int:
            from daytona_tui.operations.git_finding import repository_at

            path = await repository_at(gateway, sandbox.id, place.path)
            return await work(gateway, settings, sandbox, path)

        return await places.there(gateway, settings, place.sandbox, there, start=start)

    return running.run(done, acts=acts or start)


def status_object(path: str, status: RepositoryStatus) -> dict[str, object]:
    """Return how a repository stands as ``git status --json`` shows it. The keys are a promise."""
    return {
        "path": path,
        "branch": status.branch or None,
        "upstream": status.upstream or None,
        "is_published": status.is_published,
        "ahead": status.ahead,
        "behind": status.behind,
        "is_dirty": bool(status.files),
        "files": [file_object(file) for file in status.files],
    }


def file_object(file: GitFile) -> dict[str, object]:
    """Return a file that differs. The keys are a promise."""
    return {
        "name": file.name,
        "staged": file.staged.value,
        "unstaged": file.unstaged.value,
        "origin": file.origin or None,
    }


def commit_object(commit: Commit) -> dict[str, object]:
    """Return a commit as ``git log --json`` shows it. The keys are a promise."""
    return {
        "hash": commit.hash,
        "author": commit.author,
        "email": commit.email,
        "at": commit.at.isoformat() if commit.at is not None else None,
        "subject": commit.subject,
        "message": commit.message,
    }
