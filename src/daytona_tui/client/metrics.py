"""What a sandbox uses at this moment, as its toolbox measures it."""

from __future__ import annotations

from math import isfinite
from typing import Any

from daytona_tui.client.mapping import time_from
from daytona_tui.client.room import Part, is_no_route
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.usage import Metrics
from daytona_tui.errors import NotFoundError, ProtocolError, UnsupportedError

_UNKNOWN = "this server has no metrics here: what runs in the sandbox is older than the measurement of its use"


class MetricsPart(Part):
    """Implements ``metrics``."""

    async def metrics(self, sandbox_id: SandboxId) -> Metrics:
        """Return what a started sandbox uses at this moment."""
        try:
            async with self._toolbox(sandbox_id, "measuring its use") as toolbox:
                told = await self._ask_toolbox(toolbox.system.get_system_metrics_without_preload_content())
        except UnsupportedError as error:
            raise UnsupportedError(_UNKNOWN, source="toolbox", status=error.status) from None
        except NotFoundError as error:
            if not is_no_route(error):
                raise
            raise UnsupportedError(_UNKNOWN, source="toolbox", status=404) from None
        if not isinstance(told, dict):
            raise ProtocolError("what the sandbox says of its use has an unknown form", source="toolbox")
        return _metrics(told)


def _metrics(told: dict[str, Any]) -> Metrics:
    def number(key: str) -> float | None:
        value = told.get(key)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number and isfinite(value) and value >= 0 else None  # type: ignore[arg-type,operator]

    def whole(key: str) -> int | None:
        value = number(key)
        return None if value is None else int(value)

    at = told.get("timestamp")
    return Metrics(
        time_from(at) if isinstance(at, str) else None,
        number("cpuUsedPct"),
        whole("cpuCount"),
        whole("memUsed"),
        whole("memTotal"),
        whole("memCache"),
        whole("diskUsed"),
        whole("diskTotal"),
    )
