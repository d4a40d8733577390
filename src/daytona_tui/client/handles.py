"""Toolbox handles: the SDK's own way into one sandbox, made on demand and kept for a while.

A handle is built from the sandbox's toolbox address alone. The SDK's ``AsyncSandbox`` wants a whole record that passes
its validation, and one odd label or a field that an older server does not know would shut us out of a sandbox that
works; so the generated toolbox APIs are bound to the address through the SDK's own proxy instead.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daytona_tui.client.loading import Sdk
from daytona_tui.client.wire import answer
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import ProtocolError

if TYPE_CHECKING:
    from daytona_toolbox_api_client_async import (
        FileSystemApi,
        GitApi,
        InfoApi,
        InterpreterApi,
        PortApi,
        ProcessApi,
        SystemApi,
    )

_KEPT = 256


@dataclass(frozen=True)
class Toolbox:
    """One sandbox's toolbox. All peeks but ``process``, ``code``, ``changes``, ``repositories``: those are activity."""

    files: FileSystemApi
    info: InfoApi
    system: SystemApi
    watch: ProcessApi
    git: GitApi
    ports: PortApi
    process: ProcessApi
    code: InterpreterApi
    changes: FileSystemApi
    repositories: GitApi


class Handles:
    """The most recently used toolboxes, by sandbox id."""

    def __init__(self) -> None:
        self._toolboxes: OrderedDict[SandboxId, Toolbox] = OrderedDict()

    async def toolbox(self, sdk: Sdk, sandbox_id: SandboxId) -> Toolbox:
        """Return the sandbox's toolbox; the first call asks the server where it is."""
        toolbox = self._toolboxes.get(sandbox_id)
        if toolbox is None:
            toolbox = _bind(sdk, sandbox_id, await _address(sdk, sandbox_id))
            self._toolboxes[sandbox_id] = toolbox
        self._toolboxes.move_to_end(sandbox_id)
        while len(self._toolboxes) > _KEPT:
            self._toolboxes.popitem(last=False)
        return toolbox

    def forget(self, sandbox_id: SandboxId) -> None:
        """Ask anew where the toolbox is next time: it may have moved."""
        self._toolboxes.pop(sandbox_id, None)


async def _address(sdk: Sdk, sandbox_id: SandboxId) -> str:
    record = await answer(sdk.sandboxes.get_sandbox_without_preload_content(sandbox_id), source="api")
    url = record.get("toolboxProxyUrl") if isinstance(record, dict) else None
    if not isinstance(url, str) or not url:
        told = await answer(sdk.sandboxes.get_toolbox_proxy_url_without_preload_content(sandbox_id), source="api")
        url = told.get("url") if isinstance(told, dict) else None
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise ProtocolError("the server does not say where the sandbox's toolbox is", source="api")
    return url.rstrip("/")


def _bind(sdk: Sdk, sandbox_id: SandboxId, url: str) -> Toolbox:
    from daytona.internal.toolbox_api_client_proxy import ToolboxApiClientProxy
    from daytona_toolbox_api_client_async import (
        FileSystemApi,
        GitApi,
        InfoApi,
        InterpreterApi,
        PortApi,
        ProcessApi,
        SystemApi,
    )

    acting: Any = ToolboxApiClientProxy(sdk.acting, sandbox_id, url)
    peeking: Any = ToolboxApiClientProxy(sdk.peeking, sandbox_id, url)
    return Toolbox(
        files=FileSystemApi(peeking),
        info=InfoApi(peeking),
        system=SystemApi(peeking),
        watch=ProcessApi(peeking),
        git=GitApi(peeking),
        ports=PortApi(peeking),
        process=ProcessApi(acting),
        code=InterpreterApi(acting),
        changes=FileSystemApi(acting),
        repositories=GitApi(acting),
    )
