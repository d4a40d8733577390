"""One sandbox's record: as a row of the fleet, and whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from daytona_tui.client.mapping import sandbox_from
from daytona_tui.client.room import Part
from daytona_tui.domain.masking import masked_record
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import NotFoundError, ProtocolError


class RecordsPart(Part):
    """Reads single sandboxes; the parts that change them build on it."""

    async def get(self, id_or_name: str) -> Sandbox:
        """Return one sandbox."""
        sandbox = sandbox_from(await self._fetch(id_or_name))
        if sandbox is None:
            raise ProtocolError("the sandbox's record has an unknown form", source="api")
        return sandbox

    async def record(self, id_or_name: str) -> Mapping[str, object]:
        """Return everything that the server says of a sandbox, as JSON values; what looks like a secret is masked."""
        told = masked_record(await self._fetch(id_or_name))
        if not isinstance(told, dict):
            raise ProtocolError("the sandbox's record has an unknown form", source="api")
        return told

    async def _fetch(self, id_or_name: str) -> Any:
        if not id_or_name:
            raise NotFoundError("a sandbox has an id or a name; this is neither", source="api")
        async with self._link.calling("reading the sandbox") as sdk:
            return await self._ask_api(sdk.sandboxes.get_sandbox_without_preload_content(id_or_name))
