"""Clone a repository into a sandbox."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from daytona_tui.domain.git import CloneOrder, GitLogin
from daytona_tui.domain.git_address import Address, address_of
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.ports.git import CLONE_S
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.tree import home_of
from daytona_tui.errors import ConflictError, NotFoundError
from daytona_tui.operations.git_reading import commits


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be cloned, as a person said it.

    Attributes:
        address: where from, without a login.
        path: where to; empty for the repository's name in the working directory. One that ends with ``/`` is the
            directory that the repository's own goes into.
        branch: a branch or a tag; empty for the usual one.
        commit: a hash; empty for the latest.
        depth: so many commits; None for all.
        trusts_any_tls: the server's certificate is not checked.
    """

    address: Address
    path: str = ""
    branch: str = ""
    commit: str = ""
    depth: int | None = None
    trusts_any_tls: bool = False


@dataclass(frozen=True, slots=True)
class Cloned:
    """What came of it.

    Attributes:
        url: where from; it holds no login.
        path: absolute, in the sandbox.
        branch: what is checked out; empty for a commit.
        commit: its hash; empty where the server does not tell.
    """

    url: str
    path: str
    branch: str = ""
    commit: str = ""


def order_of(wanted: Wanted, work_dir: str) -> CloneOrder:
    """Return the order, with an absolute path."""
    said = wanted.path
    if said == "~" or said.startswith("~/"):
        said = home_of(work_dir) + said[1:]
    if not said or said.endswith("/"):
        said = posixpath.join(said, wanted.address.name)
    path = posixpath.normpath(posixpath.join(work_dir, said))
    return CloneOrder(wanted.address.url, path, wanted.branch, wanted.commit, wanted.depth, wanted.trusts_any_tls)


def wanted_of(said: str, path: str = "", branch: str = "", commit: str = "", depth: int | None = None) -> Wanted:
    """Return what is wanted, from a URL or ``user/repo``.

    Raises:
        ConfigError: it is no address.
    """
    return Wanted(address_of(said), path, branch, commit, depth)


async def clone(
    gateway: Gateway,
    sandbox_id: SandboxId,
    wanted: Wanted,
    login: GitLogin | None = None,
    *,
    timeout_s: float = CLONE_S,
) -> Cloned:
    """Clone a repository; a login that stood in its address is used where no other is given.

    Raises:
        ConflictError: there is something at the path.
        GitLoginError: the git server wants a login, or another one.
        DaytonaTuiError: it could not be cloned.
    """
    order = order_of(wanted, await gateway.work_dir(sandbox_id))
    await _require_free(gateway, sandbox_id, order.path)
    try:
        await gateway.clone(sandbox_id, order, login or wanted.address.login, timeout_s=timeout_s)
    except NotFoundError as error:  # what was found free above is not what is missing
        error.hint = error.hint or "check the address, and that this login may see it"
        raise
    status = await gateway.repository_status(sandbox_id, order.path)
    latest = next(iter(await commits(gateway, sandbox_id, order.path, 1)), None)
    return Cloned(order.address, order.path, status.branch, latest.hash if latest is not None else "")


async def _require_free(gateway: Gateway, sandbox_id: SandboxId, path: str) -> None:
    """Make sure that a clone would not end within what is there; servers say that in words of their own."""
    try:
        entry = await gateway.info(sandbox_id, path)
    except NotFoundError:
        return
    if entry.is_dir and not await gateway.list_dir(sandbox_id, path):
        return
    raise ConflictError(f"there is something at {path!r} already", hint="name another path")
