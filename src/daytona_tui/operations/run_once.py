"""A sandbox for one piece of work: made, used, and always deleted.

Three keep it from staying behind: this operation, which deletes it on every way out; the guardian, a process that does
so when this one was killed; and the sandbox's own timers, should both be gone: it is deleted when it stops, stops when
it is idle, and has a time to live where the server knows that.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from daytona_tui.domain.creation import CreateEvent, CreateOrder, LeftBehind, NothingMade, Stage, StageBegun
from daytona_tui.domain.executions import OutputChunk
from daytona_tui.domain.naming import unique_name
from daytona_tui.domain.ports import Gateway, Guard
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import (
    DaytonaTuiError,
    NotFoundError,
    OperationTimeoutError,
)
from daytona_tui.operations.create import DEFAULT_TIMEOUT_S, create
from daytona_tui.operations.execute import Order, Program
from daytona_tui.operations.tail import Ended
from daytona_tui.transfer.concurrency import settled

IDLE_MIN = 15
"""A sandbox that nobody keeps awake any more stops after so long, and is deleted by that."""
SPARE_MIN = 15
"""What the time to live has on top of what everything may take."""
DELETE_S = 60.0
"""How long this program tries to delete it; then that is left to the guardian."""

_AWAKE_S = 240.0
_FIRST_PAUSE_S = 0.3
_LONGEST_PAUSE_S = 3.0

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Deleted:
    """The sandbox is gone."""

    name: str


@dataclass(frozen=True, slots=True)
class LeftToGuardian:
    """The sandbox is not gone yet, or perhaps still to come: the guardian goes on.

    Attributes:
        why: in words; empty where it is not known whether it was made at all.
    """

    name: str
    why: str = ""


RunEvent = CreateEvent | Deleted | LeftToGuardian
OnRun = Callable[[RunEvent], None]


def passing(order: CreateOrder, timeout_s: float) -> CreateOrder:
    """Return ``order`` for a sandbox that goes away by itself, under a name of its own, if nobody deletes it."""
    minutes = int((DEFAULT_TIMEOUT_S + timeout_s) // 60) + SPARE_MIN
    return replace(
        order,
        name=unique_name("run-once"),
        ephemeral=True,
        auto_delete_min=None,
        auto_stop_min=IDLE_MIN,
        auto_pause_min=None,
        ttl_min=minutes,
    )


async def run_once(
    gateway: Gateway,
    order: CreateOrder,
    work: Callable[[Sandbox], Awaitable[_T]],
    *,
    on_event: OnRun,
) -> _T:
    """Make a sandbox, do ``work`` with it, and delete it, whatever comes.

    Args:
        gateway: where.
        order: of ``passing``: with a name that nobody else has.
        work: is given the sandbox, running.
        on_event: told what happens.

    Raises:
        DaytonaTuiError: it could not be made, or whatever ``work`` raises.
    """
    guard = await gateway.guardian(order.name)
    stay = _Stay(gateway, order.name, guard, on_event)
    await guard.begin()
    try:
        sandbox = await create(gateway, order, on_event=stay.note)
        stay.made(sandbox.id)
        async with awake(gateway, sandbox.id):
            return await work(sandbox)
    finally:
        try:
            await settled(stay.end())
        finally:
            await guard.end()


async def run_program(
    gateway: Gateway,
    sandbox_id: SandboxId,
    command: str,
    cwd: str,
    on_output: Callable[[OutputChunk], None],
    *,
    timeout_s: float,
) -> int | None:
    """Run shell text without input and return its exit code; None where the sandbox does not tell one.

    Raises:
        OperationTimeoutError: its time was over; it was ended.
    """
    program, code = Program(gateway, sandbox_id, Order(command, cwd=cwd)), None
    try:
        async with asyncio.timeout(timeout_s), contextlib.aclosing(program.events()) as events:
            async for event in events:
                if isinstance(event, OutputChunk):
                    on_output(event)
                elif isinstance(event, Ended):
                    code = event.exit_code
    except TimeoutError:
        raise OperationTimeoutError(f"its time of {timeout_s:g} s was over") from None
    return code


class _Stay:
    """The time of a sandbox here.

    Attributes:
        may_come: whether there may be a sandbox although none is known.
    """

    def __init__(self, gateway: Gateway, name: str, guard: Guard, on_event: OnRun) -> None:
        self.may_come = False
        self._gateway = gateway
        self._name = name
        self._guard = guard
        self._tell = on_event
        self._id: SandboxId | None = None

    def note(self, event: CreateEvent) -> None:
        """Hand on what the creation tells, and take the id from it."""
        if isinstance(event, StageBegun) and event.stage is Stage.ASKING:
            self.may_come = True
            self._guard.asked()
        if isinstance(event, NothingMade):
            self.may_come = False
        if isinstance(event, StageBegun | LeftBehind) and event.sandbox is not None:
            self.made(event.sandbox.id)
        if not isinstance(event, LeftBehind):  # nothing is left behind here
            self._tell(event)

    def made(self, sandbox_id: SandboxId) -> None:
        if self._id is None:
            self._id = sandbox_id
            self._guard.made(sandbox_id)

    async def end(self) -> None:
        """Delete it; what cannot be done in time is the guardian's."""
        if self._id is None and not self.may_come:
            self._guard.done()
            return
        if self._id is None:
            self._tell(LeftToGuardian(self._name))
            return
        why = await take_away(self._gateway, self._id)
        if why:
            self._tell(LeftToGuardian(self._name, why))
        else:
            self._guard.done()
            self._tell(Deleted(self._name))


async def take_away(gateway: Gateway, sandbox_id: SandboxId, *, within_s: float = DELETE_S) -> str:
    """Delete a sandbox in any state; return why it is not gone in time, in words; empty when it is."""
    deadline, pause, why = time.monotonic() + within_s, _FIRST_PAUSE_S, ""
    while (left_s := deadline - time.monotonic()) > 0:
        try:
            await gateway.delete(sandbox_id, timeout_s=left_s)
        except DaytonaTuiError as error:
            why = error.message
            if isinstance(error, OperationTimeoutError):
                break
        else:
            return ""
        await asyncio.sleep(min(pause, max(left_s, 0.0)))
        pause = min(pause * 2, _LONGEST_PAUSE_S)
    with contextlib.suppress(DaytonaTuiError):
        try:
            if (await gateway.get(sandbox_id)).state is SandboxState.DESTROYED:
                return ""
        except NotFoundError:
            return ""
    return why or "it takes too long"


@contextlib.asynccontextmanager
async def awake(gateway: Gateway, sandbox_id: SandboxId) -> AsyncIterator[None]:
    """Keep a sandbox from being idle as long as the block runs: what works in it quietly does not count."""

    async def refresh() -> None:
        while True:
            await asyncio.sleep(_AWAKE_S)
            with contextlib.suppress(DaytonaTuiError):
                await gateway.refresh_activity(sandbox_id)

    refreshing = asyncio.create_task(refresh(), name="keep awake")
    try:
        yield
    finally:
        refreshing.cancel()
        await asyncio.wait([refreshing])
