"""Waiting until a deed has happened.

The SDK's own waits end at the first failed look, know some ways of ending and wait for ever in the others. A failed
look is not a failed deed: this wait looks again until its deadline, and it knows every state that is an end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from daytona_tui.client.errors import clean
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.errors import (
    DaytonaTuiError,
    NotFoundError,
    OperationTimeoutError,
    ProtocolError,
    RateLimitedError,
    RemoteError,
    UnreachableError,
)

FAILED_STATES = frozenset({SandboxState.ERROR, SandboxState.BUILD_FAILED})

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 1.0
_GROWTH = 1.3
_PASSING = (UnreachableError, RateLimitedError, RemoteError, ProtocolError, OperationTimeoutError)


@dataclass(frozen=True)
class Goal:
    """Where a deed is to end.

    Attributes:
        doing: the deed in progress, in one word: "starting".
        desired: the state that the platform then wants the sandbox to have, in its own word.
        states: the ends that are a success.
        ends_gone: whether it is a success when the sandbox is gone.
        via: transitional states on the way.
        may_begin_failed: whether an error state seen before any of ``via`` may be the one it was in before.
        falls_back_to: states in which it is again when the deed failed after any of ``via`` was seen.
    """

    doing: str
    desired: str
    states: frozenset[SandboxState]
    ends_gone: bool = False
    via: frozenset[SandboxState] = frozenset()
    may_begin_failed: bool = False
    falls_back_to: frozenset[SandboxState] = frozenset()

    def is_reached_by(self, sandbox: Sandbox) -> bool:
        """True if the deed is done."""
        return sandbox.state in self.states

    def is_on_its_way(self, sandbox: Sandbox) -> bool:
        """True if somebody has set the deed going already."""
        is_wanted = sandbox.desired_state == self.desired and sandbox.state not in FAILED_STATES
        return is_wanted or sandbox.state in self.via


Look = Callable[[], Awaitable[Sandbox]]


async def settle(goal: Goal, look: Look, *, deadline: float, first: Sandbox | None = None) -> Sandbox | None:
    """Look until ``goal`` is reached; return the sandbox then, None if it is gone and may be.

    Args:
        goal: where it is to end.
        look: fetches the sandbox.
        deadline: on the clock of ``time.monotonic``.
        first: the sandbox as the deed's own answer described it.

    Raises:
        OperationTimeoutError: the deadline passed; the deed may still happen.
        RemoteError: it ended in an error state.
        NotFoundError: it is gone and should not be.
    """
    waiting = _Waiting(goal)
    pause = _FIRST_PAUSE_S
    if first is not None and waiting.ends_with(first):
        return first
    while True:
        try:
            sandbox = await look()
            if sandbox.state is SandboxState.DESTROYED:
                raise NotFoundError("the sandbox is gone", source="api")
            if waiting.ends_with(sandbox):
                return sandbox
        except NotFoundError:
            if goal.ends_gone:
                return None
            raise
        except _PASSING as error:
            waiting.note(error)
            pause = max(pause, getattr(error, "retry_after_s", None) or 0.0)
        left = deadline - time.monotonic()
        if left <= 0:
            raise waiting.too_late()
        await asyncio.sleep(min(pause, left))
        pause = min(pause * _GROWTH, _LONGEST_PAUSE_S)


class _Waiting:
    """What was seen so far."""

    def __init__(self, goal: Goal) -> None:
        self._goal = goal
        self._last: Sandbox | None = None
        self._trouble: DaytonaTuiError | None = None
        self._set_out = False

    def ends_with(self, sandbox: Sandbox) -> bool:
        self._last, self._trouble = sandbox, None
        if self._goal.is_reached_by(sandbox):
            return True
        self._set_out = self._set_out or sandbox.state in self._goal.via
        if self._set_out and sandbox.state in self._goal.falls_back_to:
            raise _Failed(f"{self._goal.doing} failed: it is {sandbox.state} again", source="api")
        if sandbox.state in FAILED_STATES and (self._set_out or not self._goal.may_begin_failed):
            why = f": {sandbox.error_reason}" if sandbox.error_reason else ""
            raise _Failed(f"{self._goal.doing} ended in state {sandbox.state}{clean(why)}", source="api")
        return False

    def note(self, error: DaytonaTuiError) -> None:
        if isinstance(error, _Failed):
            raise error
        self._trouble = error

    def too_late(self) -> OperationTimeoutError:
        if self._trouble is not None:
            state = f"the last look failed: {self._trouble.message}"
        else:
            state = (
                f"it is {self._last.state_word or self._last.state}" if self._last is not None else "nothing was seen"
            )
        return OperationTimeoutError(
            f"{self._goal.doing} takes longer than expected; {state}", hint="it may still happen", source="api"
        )


class _Failed(RemoteError):
    """The deed failed, as opposed to a look that did."""
