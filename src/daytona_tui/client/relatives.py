"""Where a sandbox comes from, and what came of it."""

from __future__ import annotations

from daytona_tui.client.mapping import sandbox_from
from daytona_tui.client.room import Part
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import Relatives, Sandbox, SandboxId
from daytona_tui.errors import NotFoundError, ProtocolError


class RelativesPart(Part):
    """Implements ``relatives``."""

    async def relatives(self, sandbox_id: SandboxId) -> Relatives:
        """Return the sandbox that this one was forked from, and those that were forked from it."""
        async with self._link.calling("reading its forks", needs=Ability.FORK) as sdk:
            told = await self._ask_api(sdk.sandboxes.get_sandbox_forks_without_preload_content(sandbox_id))
        if not isinstance(told, list):
            raise ProtocolError("the list of its forks has an unknown form", source="api")
        forks = tuple(fork for record in told if (fork := sandbox_from(record)) is not None)
        return Relatives(await self._parent_of(sandbox_id), forks)

    async def _parent_of(self, sandbox_id: SandboxId) -> Sandbox | None:
        try:
            async with self._link.calling("reading what it was forked from") as sdk:
                return sandbox_from(
                    await self._ask_api(sdk.sandboxes.get_sandbox_parent_without_preload_content(sandbox_id))
                )
        except NotFoundError:  # it is nobody's fork
            return None
