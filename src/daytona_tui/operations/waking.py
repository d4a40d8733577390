"""Doing something with a sandbox that does not run: start it, do it, put it back as it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.ports import SandboxGateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import ConflictError, DaytonaTuiError, NotFoundError, RemoteError
from daytona_tui.operations import lifecycle
from daytona_tui.operations.lifecycle import DEFAULT_TIMEOUT_S, Step, ignore
from daytona_tui.transfer.concurrency import settled

T = TypeVar("T")

PUT_BACK = {SandboxState.STOPPED: "stopped", SandboxState.ARCHIVED: "archived", SandboxState.PAUSED: "paused"}
"""States that a sandbox can be put back into, and how it is said that it was."""


Back = Callable[[], Awaitable[Sandbox | None]]
"""Puts a sandbox back, and returns it as it is then."""


@dataclass(slots=True)
class _Use:
    """What this program does with one sandbox: how many works, and what is owed after the last of them."""

    works: int = 0
    back: Back | None = None


_uses: dict[SandboxId, _Use] = {}


@dataclass(frozen=True, slots=True)
class Woken(Generic[T]):
    """What came of doing something with a sandbox.

    Attributes:
        result: what came of the work.
        was_put_back: it was started for it, and something was done to have it as it was.
        after: the sandbox as it is then; None where it ran all the time, or is gone.
    """

    result: T
    was_put_back: bool = False
    after: Sandbox | None = None


def waking_refusal(sandbox: Sandbox) -> str:
    """Return why a sandbox cannot be started for something and put back afterwards; empty when it can or runs."""
    if sandbox.is_running:
        return ""
    if sandbox.state not in PUT_BACK:
        return lifecycle.refusal(Verb.START, sandbox) or f"it is {sandbox.state_word or sandbox.state.value}"
    if sandbox.lifetimes.auto_delete_min in (0, None):
        return "stopping it again could delete it (its auto-delete is 0 or not known)"
    return lifecycle.refusal(Verb.START, sandbox)


def waking_offer(sandbox: Sandbox, doing: str) -> str:
    """Return what starting a sandbox for something comes to: ``start it, pull, stop it again``."""
    back = {SandboxState.ARCHIVED: "archive", SandboxState.PAUSED: "pause"}.get(sandbox.state, "stop")
    begin = {SandboxState.ARCHIVED: "restore", SandboxState.PAUSED: "resume"}.get(sandbox.state, "start")
    return f"{begin} it, {doing}, {back} it again"


async def awake(
    gateway: SandboxGateway,
    sandbox: Sandbox,
    work: Callable[[Sandbox], Awaitable[T]],
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    on_step: Step = ignore,
    is_gone: Callable[[T], bool] = lambda _result: False,
) -> Woken[T]:
    """Do ``work`` with a sandbox that runs; start one that does not, and put it back however the work ends.

    Where something else of this program uses it by then, it is put back after that.

    Args:
        gateway: where it is.
        sandbox: as the user saw it.
        work: is given the sandbox while it runs.
        timeout_s: how long each change of state may take to settle.
        on_step: is told each change of state before it begins.
        is_gone: told what came of the work, says whether there is nothing left to put back.

    Raises:
        ConflictError: it is not in the state that ``sandbox`` says, or cannot be started and put back.
        DaytonaTuiError: whatever the work raises, or it could not be put back.
    """
    found = await gateway.get(sandbox.id)
    if found.state is not sandbox.state:
        was, now = (each.state_word or each.state.value for each in (sandbox, found))
        raise ConflictError(f"{found.name} was {was} and is {now}: look again")
    if found.is_running:
        return await using(found.id, lambda: work(found), is_gone=is_gone)
    if reason := waking_refusal(found):
        raise ConflictError(f"cannot start {found.name} for it: {reason}")

    async def started() -> T:
        _uses[found.id].back = partial(_put_back, gateway, found, timeout_s=timeout_s, on_step=on_step)
        return await work(await lifecycle.start(gateway, found, timeout_s=timeout_s, on_step=on_step))

    return await using(found.id, started, is_gone=is_gone)


async def using(
    sandbox_id: SandboxId, work: Callable[[], Awaitable[T]], *, is_gone: Callable[[T], bool] = lambda _result: False
) -> Woken[T]:
    """Do ``work`` with a sandbox that runs: one that was started for something else stays so until it is over.

    Raises:
        DaytonaTuiError: whatever the work raises, or it could not be put back.
    """
    use = _uses.setdefault(sandbox_id, _Use())
    use.works += 1
    try:
        result = await work()
        if is_gone(result):
            use.back = None
    except DaytonaTuiError as error:
        if back := _left(sandbox_id):
            await _put_back_after(error, back)
        raise
    except BaseException:
        if back := _left(sandbox_id):
            await settled(back())
        raise
    back = _left(sandbox_id)
    return Woken(result) if back is None else Woken(result, True, await settled(back()))


def _left(sandbox_id: SandboxId) -> Back | None:
    """Note that a work is over; return what puts the sandbox back, if it was the last and something is owed."""
    use = _uses[sandbox_id]
    use.works -= 1
    if use.works:
        return None
    del _uses[sandbox_id]
    return use.back


async def _put_back_after(error: DaytonaTuiError, back: Back) -> None:
    try:
        await settled(back())
    except NotFoundError:
        return
    except DaytonaTuiError as second:
        raise RemoteError(f"{error.message}; and it could not be put back: {second.message}") from error


async def _put_back(gateway: SandboxGateway, before: Sandbox, *, timeout_s: float, on_step: Step) -> Sandbox | None:
    """Return the sandbox as it is after it was put back into the state it had ``before``."""
    found = await gateway.get(before.id)
    if not found.is_running or found.lifetimes.auto_delete_min in (0, None):
        return found  # somebody else has seen to it, or stopping it would delete it by now
    if before.state is SandboxState.PAUSED:
        return await lifecycle.pause(gateway, found, timeout_s=timeout_s, on_step=on_step)
    if before.state is SandboxState.ARCHIVED:
        return await lifecycle.archive(gateway, found, timeout_s=timeout_s, on_step=on_step)
    return await lifecycle.stop(gateway, found, timeout_s=timeout_s, on_step=on_step)
