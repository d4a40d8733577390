"""Commits in a repository of a sandbox."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import ConflictError, MisuseError, RemoteError, UnsupportedError
from daytona_tui.operations.git_person import Person, person_for

_UNSTAGE_S = 60


@dataclass(frozen=True, slots=True)
class Made:
    """A commit that was made.

    Attributes:
        hash: empty where the server does not tell.
    """

    hash: str
    subject: str
    person: Person


async def unstage(gateway: Gateway, sandbox_id: SandboxId, path: str, files: Sequence[str]) -> None:
    """Leave files out of the next commit again; an older toolbox does not know that, and git is asked itself.

    Raises:
        DaytonaTuiError: it did not work.
    """
    try:
        await gateway.unstage(sandbox_id, path, files)
    except UnsupportedError:
        words = ("git", "--literal-pathspecs", "-c", "core.hooksPath=/dev/null", "reset", "--quiet", "--", *files)
        outcome = await gateway.run(sandbox_id, f"{shlex.join(words)} 2>&1", cwd=path, timeout_s=_UNSTAGE_S)
        if outcome.exit_code != 0:
            said = " ".join(outcome.output.split())[:300]
            raise RemoteError(f"git reset: {said or f'exit code {outcome.exit_code}'}", source="toolbox") from None


async def commit(
    gateway: Gateway,
    sandbox_id: SandboxId,
    path: str,
    message: str,
    person: Person | None = None,
    *,
    allow_empty: bool = False,
) -> Made:
    """Commit what is staged.

    Args:
        gateway: where the sandbox is.
        sandbox_id: which.
        path: the repository.
        message: subject and body.
        person: who; None for the one of the repository's settings, or else of git on this machine.
        allow_empty: also if nothing is staged.

    Raises:
        MisuseError: there is no message, or nobody to commit as.
        ConflictError: nothing is staged, or files are in conflict.
    """
    if not message.strip():
        raise MisuseError("a commit needs a message")
    person = person or await person_for(gateway, sandbox_id, path)
    if person is None:
        raise MisuseError("nobody is named whom the commit is by", hint="say who: Name <address>")
    if not allow_empty and not (await gateway.repository_status(sandbox_id, path)).staged:
        raise ConflictError("nothing is staged", hint="stage files first, or everything")
    made = await gateway.commit(
        sandbox_id, path, message, author=person.name, email=person.email, allow_empty=allow_empty
    )
    return Made(made, message.strip().split("\n", 1)[0], person)
