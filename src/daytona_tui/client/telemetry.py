"""What programs in sandboxes logged through OpenTelemetry, where the deployment keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from daytona_tui.client.accounts import AccountsPart, analytics_client, moment
from daytona_tui.client.loading import Sdk
from daytona_tui.client.mapping import time_from
from daytona_tui.client.toolbox_mapping import well_formed
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.executions import TelemetryLine
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import NotFoundError, ProtocolError, UnsupportedError

_NONE_KEPT = "this deployment keeps no telemetry of sandboxes"
_PAGE = 500
_MOST = 10_000
_UNKNOWN = "what the server says of a sandbox's telemetry has an unknown form"


class TelemetryPart(AccountsPart):
    """Implements ``telemetry``."""

    async def telemetry(self, sandbox_id: SandboxId, since: datetime, until: datetime) -> tuple[TelemetryLine, ...]:
        """Return what programs logged between two moments, oldest first; of very many the newest."""
        try:
            url = await self._address_of_analytics()
            rows = await (
                self._analysed(url, sandbox_id, since, until) if url else self._paged(sandbox_id, since, until)
            )
        except (NotFoundError, UnsupportedError) as error:
            words = self.abilities.note(Ability.TELEMETRY, _NONE_KEPT)
            raise UnsupportedError(words, source="api", status=error.status) from None
        return tuple(sorted(_lines(rows), key=lambda line: line.at))

    async def _paged(self, sandbox_id: SandboxId, since: datetime, until: datetime) -> list[Any]:
        rows: list[Any] = []
        page, pages = 1, 1
        while page <= pages and len(rows) < _MOST:
            async with self._link.calling("reading telemetry") as sdk:
                call = sdk.sandboxes.get_sandbox_logs_without_preload_content(
                    sandbox_id, var_from=since, to=until, page=page, limit=_PAGE
                )
                told = await self._ask_api(call)
            items = told.get("items") if isinstance(told, dict) else None
            if not isinstance(told, dict) or not isinstance(items, list):
                raise ProtocolError(_UNKNOWN, source="api")
            rows += items
            count = told.get("totalPages")
            pages = count if type(count) is int and items else 0
            page += 1
        return rows

    async def _analysed(self, url: str, sandbox_id: SandboxId, since: datetime, until: datetime) -> list[Any]:
        organization = await self._organization_id()
        rows: list[Any] = []
        while len(rows) < _MOST:
            async with self._link.calling("reading telemetry") as sdk:
                api = await asyncio.to_thread(_api, sdk, url)
                call = api.organization_organization_id_sandbox_sandbox_id_telemetry_logs_get_without_preload_content(
                    organization, sandbox_id, var_from=moment(since), to=moment(until), limit=_PAGE, offset=len(rows)
                )
                told = await self._ask_api(call) or []
            if not isinstance(told, list):
                raise ProtocolError(_UNKNOWN, source="api")
            if not told:  # and not a short page: the server may have a size of its own
                break
            rows += told
        return rows


def _api(sdk: Sdk, url: str) -> Any:
    from daytona_analytics_api_client_async import TelemetryApi

    return TelemetryApi(analytics_client(sdk, url))


def _lines(rows: Iterable[Any]) -> Iterable[TelemetryLine]:
    for row in rows:
        at = row.get("timestamp") if isinstance(row, dict) else None
        when = time_from(at) if isinstance(at, str) else None
        if when is None:
            continue

        def text(key: str, row: dict[str, Any] = row) -> str:
            return well_formed(row.get(key))

        yield TelemetryLine(when.astimezone(UTC), text("severityText"), text("body"), text("serviceName"))
