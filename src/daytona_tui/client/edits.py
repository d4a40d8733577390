"""What can be changed of a sandbox without changing its state: labels, intervals, its idle clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from daytona_tui.client.loading import Sdk
from daytona_tui.client.mapping import sandbox_from
from daytona_tui.client.records import RecordsPart
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.errors import UnsupportedError

_Call = Callable[[Sdk], Awaitable[Any]]


class EditsPart(RecordsPart):
    """Implements the edits of ``SandboxGateway``."""

    async def set_labels(self, sandbox_id: SandboxId, labels: Mapping[str, str]) -> Sandbox:
        """Replace all labels of a sandbox."""
        from daytona_api_client_async import SandboxLabels

        body = SandboxLabels(labels=dict(labels))
        return await self._edit(
            sandbox_id, "labels", lambda sdk: sdk.sandboxes.replace_labels_without_preload_content(sandbox_id, body)
        )

    async def set_auto_stop(self, sandbox_id: SandboxId, minutes: int) -> Sandbox:
        """Set the interval of auto-stop."""
        return await self._edit(
            sandbox_id,
            "auto-stop",
            lambda sdk: sdk.sandboxes.set_autostop_interval_without_preload_content(sandbox_id, minutes),
        )

    async def set_auto_pause(self, sandbox_id: SandboxId, minutes: int) -> Sandbox:
        """Set the interval of auto-pause."""
        return await self._edit(
            sandbox_id,
            "auto-pause",
            lambda sdk: sdk.sandboxes.set_auto_pause_interval_without_preload_content(sandbox_id, minutes),
            needs=Ability.AUTO_PAUSE,
        )

    async def set_auto_archive(self, sandbox_id: SandboxId, minutes: int) -> Sandbox:
        """Set the interval of auto-archive."""
        return await self._edit(
            sandbox_id,
            "auto-archive",
            lambda sdk: sdk.sandboxes.set_auto_archive_interval_without_preload_content(sandbox_id, minutes),
        )

    async def set_auto_delete(self, sandbox_id: SandboxId, minutes: int) -> Sandbox:
        """Set the interval of auto-delete."""
        return await self._edit(
            sandbox_id,
            "auto-delete",
            lambda sdk: sdk.sandboxes.set_auto_delete_interval_without_preload_content(sandbox_id, minutes),
        )

    async def set_ttl(self, sandbox_id: SandboxId, minutes: int) -> Sandbox:
        """Set or take back the time to live."""
        return await self._edit(
            sandbox_id,
            "time to live",
            lambda sdk: sdk.sandboxes.set_ttl_without_preload_content(sandbox_id, minutes),
            needs=Ability.TTL,
        )

    async def refresh_activity(self, sandbox_id: SandboxId) -> None:
        """Count this moment as activity."""
        async with self._link.calling("refreshing the idle clock") as sdk:
            await self._ask_api(sdk.sandboxes.update_last_activity_without_preload_content(sandbox_id))

    async def _edit(self, sandbox_id: SandboxId, what: str, call: _Call, *, needs: Ability | None = None) -> Sandbox:
        """Make the edit and return the sandbox after it, from the answer where it holds it."""
        try:
            async with self._link.calling(f"setting {what}", needs=needs) as sdk:
                told = await self._ask_api(call(sdk))
        except UnsupportedError as error:
            if needs is not None and error.status != 422:
                raise
            error.message = f"{what} cannot be set: {_reason(error)}"
            error.args = (error.message,)
            raise
        return sandbox_from(told) or await self.get(sandbox_id)


def _reason(error: UnsupportedError) -> str:
    if error.status == 422:
        return error.message[:1].lower() + error.message[1:]
    return "this server is older than that"
