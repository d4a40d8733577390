"""The life of a sandbox: every deed that changes its state, until it has settled."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from daytona_tui.client import settling
from daytona_tui.client.loading import Sdk
from daytona_tui.client.mapping import sandbox_from
from daytona_tui.client.records import RecordsPart
from daytona_tui.client.settling import Goal
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import AuthError, DaytonaTuiError, NotFoundError, RateLimitedError, UnsupportedError

_log = logging.getLogger(__name__)

STARTED = Goal(
    "starting",
    "started",
    frozenset({SandboxState.STARTED}),
    via=frozenset({SandboxState.STARTING, SandboxState.RESTORING, SandboxState.RESUMING}),
)
_STOPPED = Goal(
    "stopping",
    "stopped",
    # Auto-archive may take it on from "stopped" between two looks; it has stopped all the same.
    frozenset({SandboxState.STOPPED, SandboxState.ARCHIVING, SandboxState.ARCHIVED}),
    ends_gone=True,
    via=frozenset({SandboxState.STOPPING, SandboxState.DESTROYING}),
)
_ARCHIVED = Goal("archiving", "archived", frozenset({SandboxState.ARCHIVED}), via=frozenset({SandboxState.ARCHIVING}))
_GONE = Goal(
    "deleting",
    "destroyed",
    frozenset(),
    ends_gone=True,
    via=frozenset({SandboxState.DESTROYING}),
    may_begin_failed=True,
)
_PAUSED = Goal(
    "pausing",
    "paused",
    frozenset({SandboxState.PAUSED}),
    via=frozenset({SandboxState.PAUSING}),
    falls_back_to=frozenset({SandboxState.STARTED}),
)
_RECOVERED = Goal(
    "recovering",
    "started",
    frozenset({SandboxState.STARTED}),
    via=frozenset({SandboxState.STARTING, SandboxState.RESTORING, SandboxState.RESUMING}),
    may_begin_failed=True,
)

_Act = Callable[[Sdk], Awaitable[Any]]


class LifecyclePart(RecordsPart):
    """Implements the deeds of ``SandboxGateway``."""

    async def start(self, sandbox_id: SandboxId, *, timeout_s: float) -> Sandbox:
        """Start a sandbox and wait until it runs. The same call restores an archived and resumes a paused one."""
        sandbox = await self._do(
            STARTED, sandbox_id, lambda sdk: sdk.sandboxes.start_sandbox_without_preload_content(sandbox_id), timeout_s
        )
        return still_there(sandbox)

    async def stop(self, sandbox_id: SandboxId, *, timeout_s: float, force: bool = False) -> Sandbox | None:
        """Stop a sandbox and wait for it; None if it ceased to exist by it."""
        return await self._do(
            _STOPPED,
            sandbox_id,
            lambda sdk: sdk.sandboxes.stop_sandbox_without_preload_content(sandbox_id, force=force),
            timeout_s,
        )

    async def archive(self, sandbox_id: SandboxId, *, timeout_s: float) -> Sandbox:
        """Archive a stopped sandbox and wait until it is archived."""
        sandbox = await self._do(
            _ARCHIVED,
            sandbox_id,
            lambda sdk: sdk.sandboxes.archive_sandbox_without_preload_content(sandbox_id),
            timeout_s,
            needs=Ability.ARCHIVE,
        )
        return still_there(sandbox)

    async def pause(self, sandbox_id: SandboxId, *, timeout_s: float) -> Sandbox:
        """Pause a started virtual machine and wait until it is paused."""
        sandbox = await self._do(
            _PAUSED,
            sandbox_id,
            lambda sdk: sdk.sandboxes.pause_sandbox_without_preload_content(sandbox_id),
            timeout_s,
            needs=Ability.PAUSE,
        )
        return still_there(sandbox)

    async def recover(self, sandbox_id: SandboxId, *, timeout_s: float) -> Sandbox:
        """Put right a sandbox whose error is recoverable and wait until it runs."""
        sandbox = await self._do(
            _RECOVERED,
            sandbox_id,
            lambda sdk: sdk.sandboxes.recover_sandbox_without_preload_content(sandbox_id),
            timeout_s,
            needs=Ability.RECOVER,
        )
        return still_there(sandbox)

    async def delete(self, sandbox_id: SandboxId, *, timeout_s: float) -> None:
        """Delete a sandbox and wait until it is gone."""
        await self._do(
            _GONE, sandbox_id, lambda sdk: sdk.sandboxes.delete_sandbox_without_preload_content(sandbox_id), timeout_s
        )
        self._handles.forget(sandbox_id)

    async def _do(
        self, goal: Goal, sandbox_id: SandboxId, act: _Act, timeout_s: float, *, needs: Ability | None = None
    ) -> Sandbox | None:
        deadline = time.monotonic() + timeout_s
        try:
            request_s = min(self._link.request_s, max(timeout_s or self._link.request_s, 1.0))
            async with self._link.calling(goal.doing, timeout_s=request_s, needs=needs) as sdk:
                first = sandbox_from(await self._ask_api(act(sdk)))
                self.abilities.forget_in(sandbox_id)
        except NotFoundError:
            if goal is _GONE:
                return None
            raise
        except (AuthError, RateLimitedError, UnsupportedError):
            raise
        except DaytonaTuiError as error:
            # The answer may be lost although the deed was accepted, or somebody else did it first: look.
            if not await self._is_under_way(goal, sandbox_id, error):
                raise
            first = None
        if first is not None and first.state is SandboxState.DESTROYED:
            first = None
        if not timeout_s:  # nobody waits
            return first or await self._look(goal, sandbox_id)
        return await settling.settle(goal, lambda: self.get(sandbox_id), deadline=deadline, first=first)

    async def _look(self, goal: Goal, sandbox_id: SandboxId) -> Sandbox | None:
        try:
            return await self.get(sandbox_id)
        except NotFoundError:
            if goal.ends_gone:
                return None
            raise

    async def _is_under_way(self, goal: Goal, sandbox_id: SandboxId, error: DaytonaTuiError) -> bool:
        _log.info("%s was refused (%s); looking at the sandbox", goal.doing, type(error).__name__)
        try:
            sandbox = await self.get(sandbox_id)
        except NotFoundError:
            return goal.ends_gone
        except DaytonaTuiError:
            return False
        return goal.is_reached_by(sandbox) or goal.is_on_its_way(sandbox)


def still_there(sandbox: Sandbox | None) -> Sandbox:
    """Return ``sandbox``.

    Raises:
        NotFoundError: it is None: gone.
    """
    if sandbox is None:
        raise NotFoundError("the sandbox is gone", source="api")
    return sandbox
