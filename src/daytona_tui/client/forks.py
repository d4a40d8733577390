"""A second virtual machine of a running one."""

from __future__ import annotations

import time
from typing import Any

from daytona_tui.client import settling
from daytona_tui.client.lifecycle import STARTED, LifecyclePart, still_there
from daytona_tui.client.mapping import sandbox_from
from daytona_tui.client.settling import Goal
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import (
    AuthError,
    ConflictError,
    DaytonaTuiError,
    NotFoundError,
    OperationTimeoutError,
    ProtocolError,
    RateLimitedError,
    UnsupportedError,
)

_UP = Goal("forking", "started", STARTED.states, via=STARTED.via | {SandboxState.CREATING, SandboxState.UNKNOWN})


class ForksPart(LifecyclePart):
    """Implements ``fork``."""

    async def fork(self, sandbox_id: SandboxId, name: str, *, timeout_s: float) -> Sandbox:
        """Make a fork under ``name`` and return it running."""
        deadline = time.monotonic() + timeout_s
        first = await self._forked(sandbox_id, name, timeout_s)
        if not timeout_s:
            return first
        try:
            fork = await settling.settle(_UP, lambda: self.get(first.id), deadline=deadline, first=first)
        except OperationTimeoutError as error:
            error.hint = f"{first.name} ({first.id}) is there and may still come up"
            raise
        return still_there(fork)

    async def _forked(self, sandbox_id: SandboxId, name: str, timeout_s: float) -> Sandbox:
        """Return the fork as the server has accepted it; where its answer was lost, as it is found by its name."""
        await self._refuse_if_taken(name)  # else what is found by it later might be somebody else's
        request_s = min(self._link.request_s, timeout_s or self._link.request_s)
        try:
            async with self._link.calling("forking", timeout_s=max(request_s, 1.0), needs=Ability.FORK) as sdk:
                from daytona_api_client_async import ForkSandbox

                body = ForkSandbox(name=name)
                told = await self._ask_api(sdk.sandboxes.fork_sandbox_without_preload_content(sandbox_id, body))
            return _record(told)
        except NotFoundError as error:
            # Where it is switched off the server says no more than that there is nothing.
            await self.get(sandbox_id)
            raise UnsupportedError(self.abilities.note(Ability.FORK), source="api", status=error.status) from None
        except (AuthError, RateLimitedError, ConflictError, UnsupportedError):
            raise
        except DaytonaTuiError as error:
            try:
                found = await self.get(name)
            except DaytonaTuiError:
                raise error from None
            return found

    async def _refuse_if_taken(self, name: str) -> None:
        try:
            taken = await self.get(name)
        except NotFoundError:
            return
        raise ConflictError(f"there is a sandbox called {name} already", hint=f"its id is {taken.id}", source="api")


def _record(told: Any) -> Sandbox:
    sandbox = sandbox_from(told)
    if sandbox is None:
        raise ProtocolError("the answer to forking has an unknown form", source="api")
    return sandbox
