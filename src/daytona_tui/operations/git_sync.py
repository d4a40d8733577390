"""Between a repository in a sandbox and its remotes: fetch, pull, push, and checking out what a remote has.

There is no request for a fetch, so it is a command. Its login is in the environment of that one program, from where a
helper of git answers for the one host; hooks and helpers of the repository do not run beside it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from daytona_tui.domain.git import USUAL, GitLogin, Remote, RemoteBranch, RepositoryStatus
from daytona_tui.domain.git_address import Address, address_of, without_logins
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.ports.git import CLONE_S
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import ConflictError, DaytonaTuiError, GitLoginError, MisuseError, NotFoundError, RemoteError
from daytona_tui.operations import git_reading

_USER, _PASSWORD = "DAYTONA_GIT_USERNAME", "DAYTONA_GIT_PASSWORD"
_HELPER = f'!f() {{ test "$1" = get && printf "username=%s\\npassword=%s\\n" "${_USER}" "${_PASSWORD}"; }}; f'
_ODD_IN_NAMES = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/]|/$|\.lock$|^$|^@$")
_WANTS_LOGIN = ("authentication failed", "could not read username", "could not read password", "terminal prompts")
_SAID = 300
_BEHIND = re.compile(r"\[rejected\]|non-fast-forward|fetch first")
"""How git and the library that the daemon uses say that a remote has more."""
_PULL = "pull first, then push again"


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where a push goes to and a pull comes from.

    Attributes:
        remote: its name.
        address: None where the server does not tell, or what it tells is none.
    """

    remote: str
    address: Address | None = None


def checked_branch(name: str) -> str:
    """Return the name of a branch.

    Raises:
        MisuseError: git takes it for none.
    """
    if _ODD_IN_NAMES.search(name):
        raise MisuseError(f"{name[:60]!r} is no name of a branch", hint="letters, digits, and - _ . / between them")
    return name


async def upstream_of(gateway: Gateway, sandbox_id: SandboxId, path: str, remote: str = "") -> Upstream:
    """Return the remote that is named, or else the one that the branch follows, or ``origin``. Peeks.

    Raises:
        NotFoundError: the repository has no such remote.
        DaytonaTuiError: it could not be looked at.
    """
    status = await gateway.repository_status(sandbox_id, path)
    remotes = await git_reading.remotes(gateway, sandbox_id, path)
    name = remote or _followed(status, remotes)
    found = next((each for each in remotes if each.name == name), None)
    if found is None:
        known = ", ".join(each.name for each in remotes) or "it has none"
        raise NotFoundError(f"the repository has no remote {name[:60]!r}", hint=f"remotes: {known}")
    try:
        return Upstream(name, address_of(found.address))
    except MisuseError:
        return Upstream(name)


def _followed(status: RepositoryStatus, remotes: tuple[Remote, ...]) -> str:
    names = [each.name for each in remotes if status.upstream.startswith(f"{each.name}/")]
    return max(names, key=len) if names else "origin" if len(remotes) != 1 else remotes[0].name


async def push(
    gateway: Gateway,
    sandbox_id: SandboxId,
    path: str,
    login: GitLogin | None = None,
    there: RemoteBranch = USUAL,
    *,
    timeout_s: float = CLONE_S,
) -> RepositoryStatus:
    """Push, and return how the repository stands then; a branch that follows none follows what was pushed.

    Raises:
        ConflictError: the remote has commits that are missing here.
        GitLoginError: the git server wants a login, or another one.
    """
    status = await gateway.repository_status(sandbox_id, path)
    if not status.branch and not there.branch:
        raise ConflictError("no branch is checked out", hint="check one out, or name the branch")
    is_new = not there.branch and status.is_published is False
    try:
        await gateway.push(sandbox_id, path, login, there=there, set_upstream=is_new, timeout_s=timeout_s)
    except ConflictError as error:
        if not _BEHIND.search(error.message):
            raise
        words = f"the remote has commits that {status.branch or 'the branch'} does not have here"
        raise ConflictError(words, code=error.code, source=error.source, status=error.status, hint=_PULL) from error
    return await gateway.repository_status(sandbox_id, path)


async def pull(
    gateway: Gateway,
    sandbox_id: SandboxId,
    path: str,
    login: GitLogin | None = None,
    there: RemoteBranch = USUAL,
    *,
    timeout_s: float = CLONE_S,
) -> RepositoryStatus:
    """Fetch and merge, and return how the repository stands then.

    Raises:
        ConflictError: it cannot be merged, or changed files are in the way.
        GitLoginError: the git server wants a login, or another one.
    """
    await gateway.pull(sandbox_id, path, login, there=there, timeout_s=timeout_s)
    return await gateway.repository_status(sandbox_id, path)


async def fetch(
    gateway: Gateway,
    sandbox_id: SandboxId,
    path: str,
    upstream: Upstream,
    login: GitLogin | None = None,
    *,
    timeout_s: float = CLONE_S,
) -> RepositoryStatus:
    """Learn what a remote has, merge nothing, and return how the repository stands then.

    Raises:
        GitLoginError: the git server wants a login, or another one.
        RemoteError: it did not work; the words are git's.
    """
    words = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=", "-c", "credential.helper="]
    envs = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "", "LC_ALL": "C.UTF-8"}
    if login is not None and upstream.address is not None:
        login.check()
        place = f"{upstream.address.scheme}://{upstream.address.host}"
        words += ["-c", f"credential.{place}.helper={_HELPER}"]
        envs |= {_USER: login.username, _PASSWORD: login.password}
    words += ["fetch", "--quiet", "--prune", "--", upstream.remote]
    command = " ".join(map(shlex.quote, words))
    outcome = await gateway.run(sandbox_id, f"{command} 2>&1", cwd=path, envs=envs, timeout_s=int(timeout_s))
    if outcome.exit_code != 0:
        said = " ".join(without_logins(outcome.output).split())
        for secret in login.secrets if login is not None else ():
            said = said.replace(secret, "…")
        kind = GitLoginError if any(sign in said.lower() for sign in _WANTS_LOGIN) else RemoteError
        raise kind(f"git fetch: {said[-_SAID:] or f'exit code {outcome.exit_code}'}", source="toolbox")
    return await gateway.repository_status(sandbox_id, path)


async def checkout(gateway: Gateway, sandbox_id: SandboxId, path: str, name: str, *, creates: bool = False) -> str:
    """Check out a branch, or a commit by its hash; return the branch that is checked out then, empty for none.

    A branch that only a remote has becomes a local one that follows it.

    Raises:
        ConflictError: changed files are in the way, or the new branch is there already.
        NotFoundError: there is no such branch.
    """
    checked_branch(name)
    if creates:
        await gateway.create_branch(sandbox_id, path, name)
    try:
        await gateway.checkout(sandbox_id, path, name)
    except (NotFoundError, RemoteError):
        remote = await _having(gateway, sandbox_id, path, name)
        if not remote:
            raise
        ref = f"{remote}/{name}"
        command = " ".join(map(shlex.quote, ("git", "switch", "--quiet", "--create", name, "--track", ref)))
        outcome = await gateway.run(sandbox_id, f"{command} 2>&1", cwd=path, timeout_s=int(CLONE_S))
        if outcome.exit_code != 0:
            raise ConflictError(" ".join(outcome.output.split())[:_SAID], source="toolbox") from None
    return (await gateway.repository_status(sandbox_id, path)).branch


async def _having(gateway: Gateway, sandbox_id: SandboxId, path: str, name: str) -> str:
    """Return the remote that has a branch which is not here; empty for none, or several."""
    try:
        found = [each.remote for each in await git_reading.branches(gateway, sandbox_id, path) if each.name == name]
    except DaytonaTuiError:
        return ""
    return found[0] if len(found) == 1 else ""
