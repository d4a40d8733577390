"""Who made a sandbox, as the organisation's audit log knows it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from daytona_tui.client.accounts import AccountsPart
from daytona_tui.client.mapping import time_from
from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import NotFoundError, ProtocolError, UnsupportedError

_NO_LOG = "this server keeps no audit log"
_DOES_NOT_CHOOSE = "this server does not look its audit log up by sandbox"
_MOST = 20  # creates of one sandbox: there is one, and perhaps some that failed
_LONGEST = 300
"""Characters of a text that are kept: whoever asks writes what stands there."""


class AuditPart(AccountsPart):
    """Implements ``created_by``."""

    async def created_by(self, sandbox_id: SandboxId) -> AuditTrail | None:
        """Return who made a sandbox; None where the log has nothing of it."""
        organization = await self._organization_id()
        if not organization:
            raise UnsupportedError("the server does not tell which organisation the key belongs to", source="api")
        try:
            async with self._link.calling("reading the audit log") as sdk:
                told = await self._ask_api(_ask(sdk.keys.api_client, organization, sandbox_id))
        except (NotFoundError, UnsupportedError) as error:
            raise UnsupportedError(_NO_LOG, source="api", status=error.status) from None
        return _trail(told, sandbox_id)


async def _ask(client: Any, organization: str, sandbox_id: SandboxId) -> Any:
    # The generated method spells its filters as Python does ("eq='x' …"), which no server reads.
    asked = client.param_serialize(
        method="GET",
        resource_path="/audit/organizations/{organizationId}",
        path_params={"organizationId": organization},
        query_params=[
            ("targetType[eq]", "sandbox"),
            ("targetId[eq]", quote(sandbox_id)),
            ("action[eq]", "create"),
            ("limit", str(_MOST)),
        ],
        header_params={"Accept": "application/json"},
        auth_settings=["bearer"],
    )
    response = await client.call_api(*asked)
    return response.response


def _trail(told: object, sandbox_id: SandboxId) -> AuditTrail | None:
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list):
        raise ProtocolError("what the server says of the audit log has an unknown form", source="api")
    rows = [item for item in items if isinstance(item, dict)]
    if any(row.get("targetId") != sandbox_id or row.get("action") != "create" for row in rows):
        raise UnsupportedError(_DOES_NOT_CHOOSE, source="api")
    return next((_from(row) for row in rows if _went_well(row.get("statusCode"))), None)


def _went_well(status: object) -> bool:
    return status is None or (isinstance(status, int | float) and 200 <= status < 300)


def _from(row: dict[str, Any]) -> AuditTrail:
    def text(key: str) -> str:
        value = row.get(key)
        return value[:_LONGEST] if isinstance(value, str) else ""

    at = row.get("createdAt")
    return AuditTrail(
        actor=text("actorEmail"),
        key_suffix=text("actorApiKeySuffix"),
        sdk=text("source"),
        user_agent=text("userAgent"),
        at=time_from(at) if isinstance(at, str) else None,
        actor_id=text("actorId"),
        key_prefix=text("actorApiKeyPrefix"),
    )
