"""Snapshots made and waited for: of an image, of a Dockerfile with its log, of a sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.ports.shelves import Snapshots
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.snapshots import Snapshot, SnapshotOrder, SnapshotState, capture_problem, name_problem
from daytona_tui.errors import (
    ConflictError,
    DaytonaTuiError,
    MisuseError,
    NotFoundError,
    OperationTimeoutError,
    RemoteError,
)
from daytona_tui.operations.build_context import ContextWish, find_context, send_context
from daytona_tui.transfer.concurrency import closing

BUILD_TIMEOUT_S = 1_800
"""How long a snapshot is waited for where nobody says."""

_POLL_S = 1.0
_FIRST_POLL_S = 0.2
_REST_OF_LOG_S = 10.0

OnText = Callable[[str], None]
OnState = Callable[[Snapshot], None]


def _ignore(_told: object) -> None:
    """Tell nobody."""


async def make_snapshot(
    gateway: Snapshots,
    order: SnapshotOrder,
    *,
    timeout_s: float = BUILD_TIMEOUT_S,
    on_text: OnText = _ignore,
    on_state: OnState = _ignore,
    waits: bool = True,
) -> Snapshot:
    """Make a snapshot and return it once it is active.

    Args:
        gateway: to the server.
        order: what is to be made.
        timeout_s: seconds after which it is waited for no longer; the server goes on all the same.
        on_text: told the log of the build as it comes, cut anywhere: hostile text.
        on_state: told the snapshot whenever its state is another.
        waits: return when it is active, or as soon as it is accepted.

    Raises:
        MisuseError: the order is not what the server takes, or files for its build are missing.
        UnsupportedError: the server takes no files for builds.
        RemoteError: it could not be made; the snapshot is there and says why.
        OperationTimeoutError: it goes on.
    """
    deadline = time.monotonic() + timeout_s
    context = await find_context(context_wish(order))
    contexts: tuple[str, ...] = ()
    if context is not None:
        try:
            async with asyncio.timeout(timeout_s):
                contexts = await send_context(gateway, context, on_text)
        except TimeoutError:
            raise OperationTimeoutError(
                "the files for the build were not sent in time", hint="nothing was made"
            ) from None
    made = await gateway.create_snapshot(order, contexts)
    on_state(made)
    if not waits:
        return made
    log = asyncio.create_task(_follow(gateway, made, on_text)) if order.dockerfile else None
    try:
        settled = await _settled(gateway, made, deadline, on_state)
        if log is not None:
            await asyncio.wait([log], timeout=_REST_OF_LOG_S)
    finally:
        if log is not None:
            log.cancel()
            await asyncio.wait([log])
    return settled


async def capture(
    gateway: Gateway,
    sandbox: Sandbox,
    name: str,
    *,
    timeout_s: float = BUILD_TIMEOUT_S,
    on_state: OnState = _ignore,
    waits: bool = True,
) -> Snapshot:
    """Make a snapshot of a sandbox and return it once it is active.

    Raises:
        MisuseError: the name is not what the server takes.
        ConflictError: the sandbox's state does not allow it.
        RemoteError: it could not be made.
        OperationTimeoutError: it goes on.
    """
    if wrong := name_problem(name):
        raise MisuseError(f"name: {wrong}")
    if wrong := capture_problem(sandbox):
        raise ConflictError(f"no snapshot can be made of {sandbox.name}: {wrong}")
    deadline = time.monotonic() + timeout_s
    await gateway.snapshot_sandbox(sandbox.id, name)
    while True:
        with contextlib.suppress(NotFoundError):  # it may come up late in the list
            made = await gateway.snapshot(name)
            break
        if time.monotonic() >= deadline:
            raise _late(name, "")
        await asyncio.sleep(_FIRST_POLL_S)
    on_state(made)
    return await _settled(gateway, made, deadline, on_state) if waits else made


def context_wish(order: SnapshotOrder) -> ContextWish:
    """Return what a snapshot is built with."""
    return ContextWish(order.dockerfile, order.origin, order.context, order.sends_secrets)


async def await_gone(gateway: Snapshots, snapshot: Snapshot, *, timeout_s: float) -> None:
    """Wait until a snapshot that is being deleted is gone.

    Raises:
        OperationTimeoutError: it is not yet.
    """
    deadline = time.monotonic() + timeout_s
    pause = _FIRST_POLL_S
    while True:
        try:
            seen = await gateway.snapshot(snapshot.id)
        except NotFoundError:
            return
        if seen.state.has_failed:
            raise RemoteError(f"the snapshot {snapshot.name} was not deleted: {seen.error_reason or seen.state_word}")
        if time.monotonic() >= deadline:
            raise OperationTimeoutError(f"the snapshot {snapshot.name} is still being deleted")
        await asyncio.sleep(pause)
        pause = _POLL_S


async def _settled(gateway: Snapshots, made: Snapshot, deadline: float, on_state: OnState) -> Snapshot:
    pause = _FIRST_POLL_S
    while not made.state.is_settled:
        if time.monotonic() >= deadline:
            raise _late(made.name, made.state.value.replace("_", " "))
        await asyncio.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(_POLL_S, pause * 1.5)
        seen = await gateway.snapshot(made.id)
        if seen.state is not made.state:
            on_state(seen)
        made = seen
    if made.state.has_failed:
        reason = made.error_reason or made.state.value.replace("_", " ")
        raise RemoteError(
            f"the snapshot {made.name} could not be made: {reason}",
            hint="it is kept in the list with its reason: delete it before the name can be used again",
        )
    if made.state is SnapshotState.INACTIVE:
        on_state(made)
    return made


def _late(name: str, state: str) -> OperationTimeoutError:
    return OperationTimeoutError(
        f"the snapshot {name} is not ready yet" + (f": {state}" if state else ""),
        hint="the server goes on with it; the list of snapshots tells when it is done",
    )


async def _follow(gateway: Snapshots, made: Snapshot, on_text: OnText) -> None:
    """Tell the log of a build; that it cannot be read is no failure of the build."""
    try:
        async with closing(gateway.follow_snapshot_build(made.id)) as texts:
            async for text in texts:
                on_text(text)
    except DaytonaTuiError as error:
        on_text(f"\n(the log of the build cannot be read: {error.message})\n")
