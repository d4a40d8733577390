"""What the server says of itself in the answer to the one question that needs no key."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from daytona_tui.client.room import Part
from daytona_tui.client.wire import check, parse, read_whole
from daytona_tui.domain.server import ServerFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRIES = 3
_LONGEST = 60
"""Characters of a version that are kept."""
_MOST_BYTES = 1 << 20


class ServerPart(Part):
    """Implements ``about_server``."""

    async def about_server(self) -> ServerFacts:
        """Return the server's version, clock and distance."""
        facts = ServerFacts()
        for _ in range(_TRIES):
            facts = await self._asked(facts)
        return facts

    async def _asked(self, before: ServerFacts) -> ServerFacts:
        async with self._link.calling("asking the server about itself") as sdk:
            from daytona_api_client_async import ConfigApi

            api = ConfigApi(sdk.keys.api_client)
            asked_at, began = datetime.now(UTC), time.monotonic()
            response = await api.config_controller_get_config_without_preload_content()
            async with response:
                await check(response, source="api")
                took_ms = (time.monotonic() - began) * 1000
                told = await parse(await read_whole(response, _MOST_BYTES, source="api"), source="api")
            version = response.headers.get("X-Daytona-Api-Version") or (
                told.get("version") if isinstance(told, dict) else ""
            )
        if before.answers_ms and took_ms >= before.answers_ms:
            return before
        # A header tells whole seconds: on average half of one has passed since.
        middle = asked_at.timestamp() + took_ms / 2000 - 0.5
        said = version if isinstance(version, str) else ""
        return ServerFacts(said[:_LONGEST], _skew(response.headers, middle), max(took_ms, 0.001))


def _skew(headers: Mapping[str, str], ours: float) -> float | None:
    try:
        return parsedate_to_datetime(headers.get("Date", "")).timestamp() - ours
    except (ValueError, OverflowError):
        return None
