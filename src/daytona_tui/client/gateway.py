"""The gateway: the control plane here, files, programs and logs in its other parts."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from daytona_tui.client import listing, settling
from daytona_tui.client.executor import ExecutorPart
from daytona_tui.client.feed import follow_feed
from daytona_tui.client.files import FilesPart
from daytona_tui.client.first_page import FirstPage
from daytona_tui.client.loading import REQUEST_S, Sdk
from daytona_tui.client.logs import LogsPart
from daytona_tui.client.mapping import sandbox_from
from daytona_tui.client.settling import Goal
from daytona_tui.config.connection import Connection
from daytona_tui.domain.ports import FeedEvent, Identity, ListedPage
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import (
    AuthError,
    DaytonaTuiError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    UnsupportedError,
)

_log = logging.getLogger(__name__)

_STARTED = Goal(
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

_Act = Callable[[Sdk], Awaitable[Any]]


class DaytonaGateway(FilesPart, ExecutorPart, LogsPart):
    """Everything that the program needs of Daytona; see ``domain.ports`` for the meaning of each method."""

    def __init__(
        self,
        connection: Connection | Awaitable[Connection],
        *,
        first_page: FirstPage | None = None,
        request_s: float = REQUEST_S,
    ) -> None:
        """Remember where to connect; ``request_s`` is the deadline of an ordinary request."""
        super().__init__(connection, request_s=request_s)
        self._first_page = first_page

    async def identify(self) -> Identity:
        """Return who the key belongs to; only the organisation where the server cannot tell."""
        async with self._link.calling("asking who the key belongs to") as sdk:
            call = sdk.keys.get_current_api_key_without_preload_content()
            organization = sdk.connection.organization_id
            try:
                told = await self._ask_api(call)
            except Exception as error:
                # An older server does not know the question, and any server has no such answer for a JWT.
                if getattr(error, "status", None) in ((404, 501) if sdk.connection.api_key else (403, 404, 501)):
                    return Identity(organization_id=organization)
                raise
        if not isinstance(told, dict):
            raise ProtocolError("what the server says of the key has an unknown form", source="api")
        return _identity(told, organization)

    def list_pages(self, *, errored_deleted: bool = False) -> AsyncIterator[ListedPage]:
        """Yield the fleet a page at a time, beginning with the page fetched in advance, if there is one."""
        first_page, self._first_page = self._first_page, None
        # The page in advance is of the ordinary fleet, and so is its cursor.
        return listing.pages(self._link, None if errored_deleted else first_page, errored_deleted=errored_deleted)

    async def get(self, id_or_name: str) -> Sandbox:
        """Return one sandbox."""
        if not id_or_name:
            raise NotFoundError("a sandbox has an id or a name; this is neither", source="api")
        async with self._link.calling("reading the sandbox") as sdk:
            call = sdk.sandboxes.get_sandbox_without_preload_content(id_or_name)
            sandbox = sandbox_from(await self._ask_api(call))
        if sandbox is None:
            raise ProtocolError("the sandbox's record has an unknown form", source="api")
        return sandbox

    async def start(self, sandbox_id: SandboxId, *, timeout_s: float) -> Sandbox:
        """Start a sandbox and wait until it runs. The same call restores an archived and resumes a paused one."""
        sandbox = await self._do(
            _STARTED, sandbox_id, lambda sdk: sdk.sandboxes.start_sandbox_without_preload_content(sandbox_id), timeout_s
        )
        return _still_there(sandbox)

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
        )
        return _still_there(sandbox)

    async def delete(self, sandbox_id: SandboxId, *, timeout_s: float) -> None:
        """Delete a sandbox and wait until it is gone."""
        await self._do(
            _GONE, sandbox_id, lambda sdk: sdk.sandboxes.delete_sandbox_without_preload_content(sandbox_id), timeout_s
        )
        self._handles.forget(sandbox_id)

    def feed(self) -> AsyncIterator[FeedEvent]:
        """Yield the organisation's events for ever."""
        return follow_feed(self._link)

    async def close(self) -> None:
        """Give back connections."""
        await self._link.close()

    async def _do(self, goal: Goal, sandbox_id: SandboxId, act: _Act, timeout_s: float) -> Sandbox | None:
        deadline = time.monotonic() + timeout_s
        try:
            async with self._link.calling(goal.doing, timeout_s=min(self._link.request_s, max(timeout_s, 1.0))) as sdk:
                first = sandbox_from(await self._ask_api(act(sdk)))
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
        return await settling.settle(goal, lambda: self.get(sandbox_id), deadline=deadline, first=first)

    async def _is_under_way(self, goal: Goal, sandbox_id: SandboxId, error: DaytonaTuiError) -> bool:
        _log.info("%s was refused (%s); looking at the sandbox", goal.doing, type(error).__name__)
        try:
            sandbox = await self.get(sandbox_id)
        except NotFoundError:
            return goal.ends_gone
        except DaytonaTuiError:
            return False
        return goal.is_reached_by(sandbox) or goal.is_on_its_way(sandbox)


def _still_there(sandbox: Sandbox | None) -> Sandbox:
    if sandbox is None:
        raise NotFoundError("the sandbox is gone", source="api")
    return sandbox


def _identity(told: dict[str, Any], organization: str) -> Identity:
    def text(key: str) -> str:
        value = told.get(key)
        return value if isinstance(value, str) else ""

    permissions = told.get("permissions")
    return Identity(
        key_name=text("name"),
        user_id=text("userId"),
        organization_id=text("organizationId") or organization,
        permissions=tuple(str(item) for item in permissions) if isinstance(permissions, list) else (),
    )
