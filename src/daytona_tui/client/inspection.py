"""What goes on in started sandboxes. Looking never keeps a sandbox awake: every request here peeks."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from daytona_tui.client.room import Part
from daytona_tui.client.toolbox_mapping import outcome_from
from daytona_tui.client.toolbox_status import git_status_from, ports_from, terminals_from
from daytona_tui.client.wire import check, parse, read_whole
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.executions import ExecOutcome
from daytona_tui.domain.inspection import GitStatus, Terminal
from daytona_tui.domain.sandbox import SandboxId

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_MAX_TOLD = 32 * 1024 * 1024
_GRACE_S = 5.0
"""What the server gets on top of its own limit, so that it is the one to say that time is up."""


class InspectionPart(Part):
    """Implements ``Inspector``."""

    async def git_status(self, sandbox_id: SandboxId, path: str) -> GitStatus:
        """Return what git says of the repository at ``path``."""
        async with self._toolbox(sandbox_id, "asking for a repository's status") as toolbox:
            return git_status_from(await self._ask_toolbox(toolbox.git.get_status_without_preload_content(path)))

    async def listening_ports(self, sandbox_id: SandboxId) -> tuple[int, ...]:
        """Return the ports on which programs listen, in order."""
        async with self._toolbox(sandbox_id, "asking for its ports") as toolbox:
            return ports_from(await self._ask_toolbox(toolbox.ports.get_ports_without_preload_content()))

    async def terminals(self, sandbox_id: SandboxId) -> tuple[Terminal, ...]:
        """Return the terminals that are open."""
        async with self._toolbox(sandbox_id, "asking for its terminals", needs=Ability.PTYS) as toolbox:
            return terminals_from(await self._ask_toolbox(toolbox.watch.list_pty_sessions_without_preload_content()))

    async def look(self, sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
        """Run a shell script that only reads, and return its output."""
        from daytona_toolbox_api_client_async import ExecuteRequest

        request = ExecuteRequest(command=script, timeout=timeout_s)
        async with self._toolbox(sandbox_id, "looking round in it", timeout_s=timeout_s + _GRACE_S) as toolbox:
            call = toolbox.watch.execute_command_without_preload_content(request)
            return outcome_from(await self._ask_bounded(call))

    async def _ask_bounded(self, call: Awaitable[Any]) -> Any:
        """Return the JSON of an answer that may be long, but not endless."""
        response: ClientResponse = await call
        async with response:
            await check(response, source="toolbox")
            body = await read_whole(response, _MAX_TOLD)
        return await parse(body, source="toolbox") if body else None
