"""Repositories in started sandboxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from daytona_tui.domain.git import USUAL, Branches, CloneOrder, Commit, GitLogin, Remote, RemoteBranch, RepositoryStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daytona_tui.domain.sandbox import SandboxId

CLONE_S = 600.0
"""How long a clone, a pull or a push may take unless the caller says otherwise."""


class Repositories(Protocol):
    """Repositories in started sandboxes: what looks peeks, what changes counts as activity.

    ``path`` is a directory of the sandbox. A login goes with the one request, in its body, and is kept nowhere.
    Every method raises ``NotFoundError`` where there is no repository, and those that talk to a git server
    ``GitLoginError`` where it wants a login, or another one.
    """

    async def clone(
        self, sandbox_id: SandboxId, order: CloneOrder, login: GitLogin | None = None, *, timeout_s: float = CLONE_S
    ) -> None:
        """Clone a repository.

        Raises:
            ConfigError: the order or the login cannot be said.
            GitLoginError: the git server wants a login, or another one.
            OperationTimeoutError: it was not done in time; it may go on in the sandbox.
        """

    async def repository_status(self, sandbox_id: SandboxId, path: str) -> RepositoryStatus:
        """Return how a repository stands. Peeks."""

    async def branches(self, sandbox_id: SandboxId, path: str) -> Branches:
        """Return the local branches. Peeks."""

    async def history(self, sandbox_id: SandboxId, path: str) -> tuple[Commit, ...]:
        """Return the commits that lead to the one that is checked out, the latest first. Peeks."""

    async def remotes(self, sandbox_id: SandboxId, path: str) -> tuple[Remote, ...]:
        """Return the other repositories that this one knows by name. Peeks."""

    async def create_branch(self, sandbox_id: SandboxId, path: str, name: str) -> None:
        """Make a branch of the commit that is checked out; some servers check it out as well."""

    async def delete_branch(self, sandbox_id: SandboxId, path: str, name: str) -> None:
        """Delete a branch, also one whose commits are nowhere else."""

    async def checkout(self, sandbox_id: SandboxId, path: str, branch: str) -> None:
        """Check out a branch, or a commit by its hash.

        Raises:
            ConflictError: changed files are in the way.
        """

    async def stage(self, sandbox_id: SandboxId, path: str, files: Sequence[str]) -> None:
        """Take files as they are now into the next commit, also that they are gone; ``.`` stands for all."""

    async def unstage(self, sandbox_id: SandboxId, path: str, files: Sequence[str]) -> None:
        """Leave files out of the next commit again.

        Raises:
            UnsupportedError: the server does not do that.
        """

    async def commit(
        self, sandbox_id: SandboxId, path: str, message: str, *, author: str, email: str, allow_empty: bool = False
    ) -> str:
        """Commit what is staged and return the hash; empty where the server does not tell."""

    async def push(
        self,
        sandbox_id: SandboxId,
        path: str,
        login: GitLogin | None = None,
        *,
        there: RemoteBranch = USUAL,
        set_upstream: bool = False,
        timeout_s: float = CLONE_S,
    ) -> None:
        """Push a branch, the current one where none is named.

        Raises:
            ConflictError: the remote has commits that are missing here.
        """

    async def pull(
        self,
        sandbox_id: SandboxId,
        path: str,
        login: GitLogin | None = None,
        *,
        there: RemoteBranch = USUAL,
        timeout_s: float = CLONE_S,
    ) -> None:
        """Fetch and merge the upstream of the current branch, or what is named.

        Raises:
            ConflictError: it cannot be merged, or changed files are in the way.
        """

    async def keep_login(self, sandbox_id: SandboxId, login: GitLogin, *, host: str, protocol: str) -> None:
        """Store a login in the sandbox, in plain text, for every program in it: only where a person asks for that."""
