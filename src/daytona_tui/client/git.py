"""Repositories in started sandboxes. Looking peeks; what changes counts as activity.

A login travels in the body of one request, and is cut out of whatever comes back.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

from daytona_tui.client.errors import without_key
from daytona_tui.client.git_mapping import branches_from, commits_from, remotes_from, repository_status_from
from daytona_tui.client.room import Part, is_no_route
from daytona_tui.domain.git import USUAL, Branches, CloneOrder, Commit, GitLogin, Remote, RemoteBranch, RepositoryStatus
from daytona_tui.domain.ports.git import CLONE_S
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError, GitLoginError, MisuseError, UnsupportedError

_WANTS_LOGIN = re.compile(
    r"authentication (?:required|failed)|could not read (?:username|password)|terminal prompts disabled"
    r"|invalid (?:username|credentials)|authorization failed",
    re.IGNORECASE,
)
_LOGIN_CODE = "GIT_AUTH_FAILED"
_HASH = re.compile(r"[0-9a-fA-F]{4,64}")


class GitPart(Part):
    """Implements ``Repositories``."""

    async def clone(
        self, sandbox_id: SandboxId, order: CloneOrder, login: GitLogin | None = None, *, timeout_s: float = CLONE_S
    ) -> None:
        """Clone a repository."""
        from daytona_toolbox_api_client_async import GitCloneRequest

        if order.commit and not _HASH.fullmatch(order.commit):
            raise MisuseError(f"{order.commit[:60]!r} is no hash of a commit", hint="4 to 64 hexadecimal digits")
        if order.depth is not None and order.depth < 1:
            raise MisuseError("the depth is a number of commits from 1 on", hint="leave it out for all of them")
        request = GitCloneRequest(
            url=order.address,
            path=order.path,
            branch=order.branch or None,
            commit_id=order.commit or None,
            depth=order.depth,
            insecure_skip_tls=True if order.trusts_any_tls else None,
            **_said(login),
        )
        async with self._git(sandbox_id, "cloning", login, timeout_s=timeout_s) as git:
            await self._ask_toolbox(git.clone_repository_without_preload_content(request))

    async def repository_status(self, sandbox_id: SandboxId, path: str) -> RepositoryStatus:
        """Return how a repository stands."""
        async with self._git(sandbox_id, "asking how a repository stands", peeks=True) as git:
            return repository_status_from(await self._ask_toolbox(git.get_status_without_preload_content(path)))

    async def branches(self, sandbox_id: SandboxId, path: str) -> Branches:
        """Return the local branches."""
        async with self._git(sandbox_id, "asking for branches", peeks=True) as git:
            return branches_from(await self._ask_toolbox(git.list_branches_without_preload_content(path)))

    async def history(self, sandbox_id: SandboxId, path: str) -> tuple[Commit, ...]:
        """Return the commits that lead to the one that is checked out."""
        async with self._git(sandbox_id, "asking for commits", peeks=True) as git:
            return commits_from(await self._ask_toolbox(git.get_commit_history_without_preload_content(path)))

    async def remotes(self, sandbox_id: SandboxId, path: str) -> tuple[Remote, ...]:
        """Return the other repositories that this one knows by name."""
        async with self._git(sandbox_id, "asking for remotes", peeks=True) as git:
            return remotes_from(await self._ask_toolbox(git.list_remotes_without_preload_content(path)))

    async def create_branch(self, sandbox_id: SandboxId, path: str, name: str) -> None:
        """Make a branch of the commit that is checked out."""
        from daytona_toolbox_api_client_async import GitBranchRequest

        request = GitBranchRequest(path=path, name=name)
        async with self._git(sandbox_id, "making a branch") as git:
            await self._ask_toolbox(git.create_branch_without_preload_content(request))

    async def delete_branch(self, sandbox_id: SandboxId, path: str, name: str) -> None:
        """Delete a branch."""
        # The package leaves this one out of what it shows; it is a model like the others.
        from daytona_toolbox_api_client_async.models.git_delete_branch_request import GitDeleteBranchRequest

        request = GitDeleteBranchRequest(path=path, name=name)
        async with self._git(sandbox_id, "deleting a branch") as git:
            await self._ask_toolbox(git.delete_branch_without_preload_content(request))

    async def checkout(self, sandbox_id: SandboxId, path: str, branch: str) -> None:
        """Check out a branch, or a commit by its hash."""
        from daytona_toolbox_api_client_async import GitCheckoutRequest

        request = GitCheckoutRequest(path=path, branch=branch)
        async with self._git(sandbox_id, "checking out") as git:
            await self._ask_toolbox(git.checkout_branch_without_preload_content(request))

    async def stage(self, sandbox_id: SandboxId, path: str, files: Sequence[str]) -> None:
        """Take files as they are now into the next commit."""
        from daytona_toolbox_api_client_async import GitAddRequest

        request = GitAddRequest(path=path, files=list(files))
        async with self._git(sandbox_id, "staging") as git:
            await self._ask_toolbox(git.add_files_without_preload_content(request))

    async def unstage(self, sandbox_id: SandboxId, path: str, files: Sequence[str]) -> None:
        """Leave files out of the next commit again."""
        from daytona_toolbox_api_client_async import GitResetRequest

        request = GitResetRequest(path=path, files=list(files))
        async with self._git(sandbox_id, "unstaging") as git:
            await self._ask_toolbox(git.reset_changes_without_preload_content(request))

    async def commit(
        self, sandbox_id: SandboxId, path: str, message: str, *, author: str, email: str, allow_empty: bool = False
    ) -> str:
        """Commit what is staged and return the hash."""
        from daytona_toolbox_api_client_async import GitCommitRequest

        for what, value in (("message", message), ("author", author), ("address", email)):
            if not value.strip():
                raise MisuseError(f"a commit needs {'an' if what[0] == 'a' else 'a'} {what}")
        request = GitCommitRequest(path=path, message=message, author=author, email=email, allow_empty=allow_empty)
        async with self._git(sandbox_id, "committing") as git:
            told = await self._ask_toolbox(git.commit_changes_without_preload_content(request))
        made = told.get("hash") if isinstance(told, dict) else None
        return made if isinstance(made, str) else ""

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
        """Push a branch."""
        from daytona_toolbox_api_client_async import GitPushRequest

        request = GitPushRequest(
            path=path,
            remote=there.remote or None,
            branch=there.branch or None,
            set_upstream=True if set_upstream else None,
            **_said(login),
        )
        async with self._git(sandbox_id, "pushing", login, timeout_s=timeout_s) as git:
            await self._ask_toolbox(git.push_changes_without_preload_content(request))

    async def pull(
        self,
        sandbox_id: SandboxId,
        path: str,
        login: GitLogin | None = None,
        *,
        there: RemoteBranch = USUAL,
        timeout_s: float = CLONE_S,
    ) -> None:
        """Fetch and merge."""
        from daytona_toolbox_api_client_async import GitPullRequest

        request = GitPullRequest(path=path, remote=there.remote or None, branch=there.branch or None, **_said(login))
        async with self._git(sandbox_id, "pulling", login, timeout_s=timeout_s) as git:
            await self._ask_toolbox(git.pull_changes_without_preload_content(request))

    async def keep_login(self, sandbox_id: SandboxId, login: GitLogin, *, host: str, protocol: str) -> None:
        """Store a login in the sandbox."""
        from daytona_toolbox_api_client_async import GitAuthenticateRequest

        request = GitAuthenticateRequest(host=host, protocol=protocol, **_said(login))
        async with self._git(sandbox_id, "storing a login", login) as git:
            await self._ask_toolbox(git.authenticate_without_preload_content(request))

    @contextlib.asynccontextmanager
    async def _git(
        self,
        sandbox_id: SandboxId,
        doing: str,
        login: GitLogin | None = None,
        *,
        timeout_s: float | None = None,
        peeks: bool = False,
    ) -> AsyncIterator[Any]:
        """Give the block git of the sandbox; no error that leaves it holds the login."""
        try:
            async with self._toolbox(sandbox_id, doing, timeout_s=timeout_s, is_act=not peeks) as toolbox:
                yield toolbox.git if peeks else toolbox.repositories
        except DaytonaTuiError as error:
            ours = _as_login_error(_as_unsupported(error, doing))
            _scrub(ours, login)
            if ours is error:
                raise
            raise ours from None


def _said(login: GitLogin | None) -> dict[str, Any]:
    if login is None:
        return {}
    login.check()
    return {"username": login.username, "password": login.password}


def _as_unsupported(error: DaytonaTuiError, doing: str) -> DaytonaTuiError:
    """Return the error; another one where the toolbox, which may be older than its server, does not know the path."""
    if not is_no_route(error):
        return error
    words = f"what runs in the sandbox is older than {doing} there"
    return UnsupportedError(words, source="toolbox", status=404)


def _as_login_error(error: DaytonaTuiError) -> DaytonaTuiError:
    """Return the error; another one where it is not our key that was refused but a git server's login."""
    is_of_git = error.source == "toolbox" and _WANTS_LOGIN.search(error.message)
    if error.code != _LOGIN_CODE and not is_of_git:
        return error
    return GitLoginError(
        error.message,
        code=error.code,
        source=error.source,
        status=error.status,
        hint="give a user name and a password or token of the git server",
    )


def _scrub(error: DaytonaTuiError, login: GitLogin | None) -> None:
    if login is not None:
        for secret in login.secrets:
            error.message = without_key(error.message, secret)
            if error.code and secret in error.code:
                error.code = None
        error.args = (error.message,)
