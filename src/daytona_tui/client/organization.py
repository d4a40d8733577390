"""What the organisation has, used and did: regions, accounts, and its audit log page by page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from daytona_tui.client.accounts import moment, number
from daytona_tui.client.audit import AuditPart
from daytona_tui.client.fields import text
from daytona_tui.client.mapping import time_from
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.audit import AuditEntry, AuditPage, AuditQuestion
from daytona_tui.domain.regions import Region
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.usage import Usage, Used
from daytona_tui.errors import MisuseError, NotFoundError, ProtocolError, UnsupportedError

MOST_A_PAGE = 200
_LONGEST = 300
"""Characters of a text that are kept: whoever asks writes what stands there."""
_DOES_NOT_CHOOSE = "this server does not look its audit log up by what was asked"


class OrganizationPart(AuditPart):
    """Implements ``Account``."""

    async def regions(self) -> tuple[Region, ...]:
        """Return the regions in which sandboxes can be made."""
        try:
            async with self._link.calling("listing the regions", needs=Ability.REGIONS) as sdk:
                from daytona_api_client_async import OrganizationsApi

                api = OrganizationsApi(sdk.keys.api_client)
                told = await self._ask_api(api.list_available_regions_without_preload_content())
        except NotFoundError as error:
            raise self._lacks(Ability.REGIONS, error) from None
        if not isinstance(told, list):
            raise ProtocolError("the list of regions has an unknown form", source="api")
        return tuple(_region(row) for row in told if isinstance(row, dict) and text(row, "id", _LONGEST))

    async def usage(self, since: datetime, until: datetime) -> Usage:
        """Return what was used between two moments and what that cost, by sandbox, the dearest first."""
        rows = [(SandboxId(row["sandboxId"]), _used(row)) for row in await self._accounts_of(since, until)]
        rows.sort(key=lambda row: (-row[1].dollars, row[0]))
        return Usage(since, until, _sum(used for _, used in rows), tuple(rows))

    async def audit_page(self, question: AuditQuestion, *, limit: int, after: str = "") -> AuditPage:
        """Return a page of the audit log, the newest first."""
        if type(limit) is not int or not 1 <= limit <= MOST_A_PAGE:
            raise MisuseError(f"a page of the audit log has from 1 to {MOST_A_PAGE} entries")
        organization = await self._organization_id()
        if not organization:
            raise UnsupportedError("the server does not tell which organisation the key belongs to", source="api")
        try:
            async with self._link.calling("reading the audit log", needs=Ability.AUDIT) as sdk:
                told = await self._ask_api(_ask(sdk.keys.api_client, organization, question, limit, after))
        except NotFoundError as error:
            raise self._lacks(Ability.AUDIT, error) from None
        return _page(told, question)

    def _lacks(self, ability: Ability, error: NotFoundError) -> UnsupportedError:
        return UnsupportedError(self.abilities.note(ability), source="api", status=error.status)


def _region(row: dict[str, Any]) -> Region:
    return Region(
        text(row, "id", _LONGEST),
        text(row, "name", _LONGEST),
        text(row, "regionType", _LONGEST),
        text(row, "organizationId", _LONGEST),
    )


def _used(row: dict[str, Any]) -> Used:
    return Used(
        cpu_s=number(row, "totalCPUSeconds"),
        memory_gib_s=number(row, "totalRAMGBSeconds"),
        disk_gib_s=number(row, "totalDiskGBSeconds"),
        gpu_s=number(row, "totalGPUSeconds"),
        dollars=number(row, "totalPrice"),
        first=time_from(text(row, "firstStart", _LONGEST)),
        last=time_from(text(row, "lastEnd", _LONGEST)),
    )


def _sum(rows: Iterable[Used]) -> Used:
    """Return all of it together.

    The server has a question for the sum alone; but that knows nothing that the rows do not, and may be older.
    """
    rows = tuple(rows)
    return Used(
        cpu_s=sum(row.cpu_s for row in rows),
        memory_gib_s=sum(row.memory_gib_s for row in rows),
        disk_gib_s=sum(row.disk_gib_s for row in rows),
        gpu_s=sum(row.gpu_s for row in rows),
        dollars=sum(row.dollars for row in rows),
        first=min((row.first for row in rows if row.first), default=None),
        last=max((row.last for row in rows if row.last), default=None),
    )


async def _ask(client: Any, organization: str, question: AuditQuestion, limit: int, after: str) -> Any:
    # The generated method spells its filters as Python does ("eq='x' …"), which no server reads.
    asked = client.param_serialize(
        method="GET",
        resource_path="/audit/organizations/{organizationId}",
        path_params={"organizationId": organization},
        query_params=[*_filters(question), ("limit", str(limit)), *([("nextToken", after)] if after else ())],
        header_params={"Accept": "application/json"},
        auth_settings=["bearer"],
    )
    response = await client.call_api(*asked)
    return response.response


def _filters(question: AuditQuestion) -> Iterable[tuple[str, str]]:
    words = {
        "action[eq]": question.action,
        "targetType[eq]": question.target_type,
        "targetId[eq]": question.target_id,
        "createdAt[gte]": moment(question.since) if question.since else "",
        "createdAt[lte]": moment(question.until) if question.until else "",
    }
    return ((key, word) for key, word in words.items() if word)


def _page(told: object, question: AuditQuestion) -> AuditPage:
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(items, list):
        raise ProtocolError("what the server says of the audit log has an unknown form", source="api")
    entries = tuple(_entry(item) for item in items if isinstance(item, dict))
    if any(not _is_meant(entry, question) for entry in entries):
        raise UnsupportedError(_DOES_NOT_CHOOSE, source="api")
    after = told.get("nextToken")
    total = int(number(told, "total")) if "total" in told else None
    return AuditPage(entries, after if isinstance(after, str) else "", total)


def _is_meant(entry: AuditEntry, question: AuditQuestion) -> bool:
    """Whether an entry is one of those that were asked for; a server that knows no filters tells of others."""
    return (
        question.action in ("", entry.action)
        and question.target_type in ("", entry.target_type)
        and question.target_id in ("", entry.target_id)
    )


def _entry(row: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        id=text(row, "id", _LONGEST),
        at=time_from(text(row, "createdAt", _LONGEST)),
        action=text(row, "action", _LONGEST),
        actor=text(row, "actorEmail", _LONGEST),
        actor_id=text(row, "actorId", _LONGEST),
        key_prefix=text(row, "actorApiKeyPrefix", _LONGEST),
        key_suffix=text(row, "actorApiKeySuffix", _LONGEST),
        target_type=text(row, "targetType", _LONGEST),
        target_id=text(row, "targetId", _LONGEST),
        status=int(number(row, "statusCode")) or None,
        trouble=text(row, "errorMessage", _LONGEST),
        source=text(row, "source", _LONGEST),
        user_agent=text(row, "userAgent", _LONGEST),
        ip=text(row, "ipAddress", _LONGEST),
    )
