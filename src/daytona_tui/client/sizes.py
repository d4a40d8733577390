"""Other resources for a sandbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from daytona_tui.client.lifecycle import LifecyclePart, still_there
from daytona_tui.client.loading import Sdk
from daytona_tui.client.settling import Goal
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.domain.sizes import SizeEdit
from daytona_tui.errors import NotFoundError, UnsupportedError

_AT_REST = frozenset({SandboxState.STARTED, SandboxState.STOPPED})


@dataclass(frozen=True)
class _Resized(Goal):
    """The goal is not a state: it is one of two, with the resources that were asked for."""

    edit: SizeEdit = field(default_factory=SizeEdit)

    def is_reached_by(self, sandbox: Sandbox) -> bool:
        return sandbox.state in self.states and self.edit.is_met_by(sandbox.resources)

    def is_on_its_way(self, sandbox: Sandbox) -> bool:
        return sandbox.state in self.via


class SizesPart(LifecyclePart):
    """Implements ``resize``."""

    async def resize(self, sandbox_id: SandboxId, edit: SizeEdit, *, timeout_s: float) -> Sandbox:
        """Give a sandbox other resources and wait until it has them."""
        goal = _Resized(
            "resizing", "resized", _AT_REST, via=frozenset({SandboxState.RESIZING}), falls_back_to=_AT_REST, edit=edit
        )
        try:
            return still_there(
                await self._do(goal, sandbox_id, _call(sandbox_id, edit), timeout_s, needs=Ability.RESIZE)
            )
        except NotFoundError as error:
            # Where it is switched off the server says no more than that there is nothing.
            await self.get(sandbox_id)
            raise UnsupportedError(self.abilities.note(Ability.RESIZE), source="api", status=error.status) from None


def _call(sandbox_id: SandboxId, edit: SizeEdit) -> Callable[[Sdk], Awaitable[Any]]:
    def call(sdk: Sdk) -> Awaitable[Any]:
        from daytona_api_client_async import ResizeSandbox

        body = ResizeSandbox(cpu=edit.cpu, memory=edit.memory_gib, disk=edit.disk_gib)
        return sdk.sandboxes.resize_sandbox_without_preload_content(sandbox_id, body)

    return call
