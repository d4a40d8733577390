"""Who made a sandbox and what was done to it, as the organisation's audit log knows it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from daytona_tui.client.accounts import AccountsPart
from daytona_tui.client.fields import text
from daytona_tui.client.mapping import time_from
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.audit import AuditTrail, LoggedAct
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import NotFoundError, ProtocolError, UnsupportedError

_NO_LOG = "this server keeps no audit log"
_DOES_NOT_CHOOSE = "this server does not look its audit log up by sandbox"
_MOST = 20  # creates of one sandbox: there is one, and perhaps some that failed
_MOST_ACTS = 200
_LONGEST = 300
"""Characters of a text that are kept: whoever asks writes what stands there."""


class AuditPart(AccountsPart):
    """Implements ``created_by`` and ``logged_acts``."""

    async def created_by(self, sandbox_id: SandboxId) -> AuditTrail | None:
        """Return who made a sandbox; None where the log has nothing of it."""
        rows = await self._rows(sandbox_id, ("action[eq]", "create"), ("limit", str(_MOST)))
        if any(row.get("action") != "create" for row in rows):
            raise UnsupportedError(_DOES_NOT_CHOOSE, source="api")
        return next((_from(row) for row in rows if _went_well(row.get("statusCode"))), None)

    async def logged_acts(self, sandbox_id: SandboxId) -> tuple[LoggedAct, ...]:
        """Return what was done to a sandbox last, the newest first."""
        rows = await self._rows(sandbox_id, ("limit", str(_MOST_ACTS)))
        return tuple(act for row in rows if (act := _act(row)) is not None)

    async def _rows(self, sandbox_id: SandboxId, *more: tuple[str, str]) -> list[dict[str, Any]]:
        organization = await self._organization_id()
        if not organization:
            raise UnsupportedError("the server does not tell which organisation the key belongs to", source="api")
        try:
            async with self._link.calling("reading the audit log") as sdk:
                told = await self._ask_api(_ask(sdk.keys.api_client, organization, sandbox_id, *more))
        except (NotFoundError, UnsupportedError) as error:
            words = self.abilities.note(Ability.AUDIT, _NO_LOG)
            raise UnsupportedError(words, source="api", status=error.status) from None
        return _chosen(told, sandbox_id)


async def _ask(client: Any, organization: str, sandbox_id: SandboxId, *more: tuple[str, str]) -> Any:
    # The generated method spells its filters as Python does ("eq='x' …"), which no server reads.
    asked = client.param_serialize(
        method="GET",
        resource_path="/audit/organizations/{organizationId}",
        path_params={"organizationId": organization},
        query_params=[
            ("targetType[eq]", "sandbox"),
            ("targetId[eq]", quote(sandbox_id)),
            *more,
        ],
        header_params={"Accept": "application/json"},
        auth_settings=["bearer"],
    )
    response = await client.call_api(*asked)
    return response.response


def _chosen(told: object, sandbox_id: SandboxId) -> list[dict[str, Any]]:
    """Return the rows of an answer; a server that knows no filters would tell of other sandboxes."""
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list):
        raise ProtocolError("what the server says of the audit log has an unknown form", source="api")
    rows = [item for item in items if isinstance(item, dict)]
    if any(row.get("targetId") != sandbox_id for row in rows):
        raise UnsupportedError(_DOES_NOT_CHOOSE, source="api")
    return rows


def _went_well(status: object) -> bool:
    return status is None or (isinstance(status, int | float) and 200 <= status < 300)


def _from(row: dict[str, Any]) -> AuditTrail:
    return AuditTrail(
        actor=text(row, "actorEmail", _LONGEST),
        key_suffix=text(row, "actorApiKeySuffix", _LONGEST),
        sdk=text(row, "source", _LONGEST),
        user_agent=text(row, "userAgent", _LONGEST),
        at=time_from(text(row, "createdAt", _LONGEST)),
        actor_id=text(row, "actorId", _LONGEST),
        key_prefix=text(row, "actorApiKeyPrefix", _LONGEST),
    )


def _act(row: dict[str, Any]) -> LoggedAct | None:
    at, action = time_from(text(row, "createdAt", _LONGEST)), text(row, "action", _LONGEST)
    if at is None or not action:
        return None
    is_bad = not _went_well(row.get("statusCode"))
    actor = text(row, "actorEmail", _LONGEST) or text(row, "actorId", _LONGEST)
    return LoggedAct(
        action,
        at,
        actor,
        text(row, "userAgent", _LONGEST),
        is_bad,
        text(row, "errorMessage", _LONGEST) if is_bad else "",
    )
