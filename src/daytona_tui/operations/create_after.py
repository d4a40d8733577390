"""What a new sandbox gets once it runs: files of this machine, and a repository."""

from __future__ import annotations

from daytona_tui.domain.creation import Repository, Upload
from daytona_tui.domain.git import GitLogin
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.transfers import ConflictPolicy, TransferOptions
from daytona_tui.errors import TransferError
from daytona_tui.operations import git_clone, git_logins
from daytona_tui.operations.create_order import local_path
from daytona_tui.operations.git_clone import wanted_of
from daytona_tui.operations.push import plan_push, push

_OPTIONS = TransferOptions(conflict=ConflictPolicy.OVERWRITE, max_files=None, max_bytes=None)


async def upload(gateway: Gateway, sandbox: Sandbox, what: Upload) -> None:
    """Push a file or directory.

    Raises:
        TransferError: something of it is not there afterwards.
        DaytonaTuiError: it was impossible to go on.
    """
    plan = await plan_push(gateway, sandbox.id, [local_path(what)], what.remote, _OPTIONS)
    report = await push(gateway, plan, confirmed=True)
    if report.failed:
        more = f" and {len(report.failed) - 1} more" if len(report.failed) > 1 else ""
        raise TransferError(f"{report.failed[0].path!r}{more} could not be uploaded: {report.failed[0].reason}")


async def clone(
    gateway: Gateway, sandbox: Sandbox, what: Repository, login: GitLogin | None, *, timeout_s: float
) -> None:
    """Clone a repository.

    Raises:
        ConfigError: the address cannot be understood.
        GitLoginError: its server wants a login, or another one.
        DaytonaTuiError: it failed.
    """
    wanted = wanted_of(what.url, what.path, what.branch, what.commit, what.depth)
    if login is None and what.token_env:
        login = git_logins.of_variable(what.token_env, wanted.address, what.login_user)
    elif login is None and what.login:
        login = await git_logins.take(git_logins.Source(what.login), wanted.address)
    await git_clone.clone(gateway, sandbox.id, wanted, login, timeout_s=max(timeout_s, 1.0))
