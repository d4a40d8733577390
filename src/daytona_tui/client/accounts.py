"""Whose key it is, what its organisation may use, and what that has cost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from daytona_tui.client.loading import REQUEST_S, Sdk
from daytona_tui.client.room import Part
from daytona_tui.client.tls import share_context
from daytona_tui.config.connection import Connection
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.ports import Identity
from daytona_tui.domain.sandbox import Resources, SandboxId
from daytona_tui.domain.usage import Quota, Quotas, RegionQuotas
from daytona_tui.errors import AuthError, NotFoundError, ProtocolError, UnsupportedError

if TYPE_CHECKING:
    from daytona_analytics_api_client_async import ApiClient, UsageApi

_MASKED = re.compile(r"([^*]{1,6})\*+([^*]{1,6})")
_NO_QUOTAS = "this server does not tell quotas"
_NO_COSTS = "this server keeps no accounts of what sandboxes cost"


class AccountsPart(Part):
    """Implements ``identify``, ``quotas`` and ``costs``."""

    def __init__(self, connection: Connection | Awaitable[Connection], *, request_s: float = REQUEST_S) -> None:
        super().__init__(connection, request_s=request_s)
        self._organization = ""
        self._analytics_url: str | None = None

    async def identify(self) -> Identity:
        """Return who the key belongs to; only the organisation where the server cannot tell."""
        async with self._link.calling("asking who the key belongs to") as sdk:
            call = sdk.keys.get_current_api_key_without_preload_content()
            organization = sdk.connection.organization_id
            try:
                told = await self._ask_api(call)
            except Exception as error:
                # An older server does not know the question, and any server has no such answer for a JWT.
                if getattr(error, "status", None) in ((404, 501) if sdk.connection.api_key else (403, 404, 501)):
                    return Identity(organization_id=organization)
                raise
        if not isinstance(told, dict):
            raise ProtocolError("what the server says of the key has an unknown form", source="api")
        return _identity(told, organization)

    async def quotas(self) -> Quotas | None:
        """Return what the organisation uses and may use; None where the key may not read it."""
        organization = await self._organization_id()
        if not organization:
            return None
        try:
            async with self._link.calling("reading the quotas") as sdk:
                from daytona_api_client_async import OrganizationsApi

                api = OrganizationsApi(sdk.keys.api_client)
                call = api.get_organization_usage_overview_without_preload_content(organization)
                told = await self._ask_api(call)
        except AuthError as error:
            if error.status == 403:
                return None
            raise
        except (NotFoundError, UnsupportedError) as error:
            words = self.abilities.note(Ability.QUOTAS, _NO_QUOTAS)
            raise UnsupportedError(words, source="api", status=error.status) from None
        return _quotas(told)

    async def costs(self, since: datetime, until: datetime) -> Mapping[SandboxId, float]:
        """Return what each sandbox has really cost between two moments, in dollars."""
        rows = await self._accounts_of(since, until)
        return {SandboxId(row["sandboxId"]): number(row, "totalPrice") for row in rows}

    async def _accounts_of(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Return the accounts of each sandbox between two moments."""
        organization = await self._organization_id()
        url = await self._address_of_analytics()
        if not url or not organization:
            raise UnsupportedError(_NO_COSTS, source="api")
        try:
            async with self._link.calling("reading the costs") as sdk:
                # In a thread: it builds a TLS context, although the session is ours.
                api = await asyncio.to_thread(_analytics, sdk, url)
                call = api.organization_organization_id_usage_sandbox_get_without_preload_content(
                    organization, var_from=moment(since), to=moment(until)
                )
                told = await self._ask_api(call)
        except (NotFoundError, UnsupportedError) as error:
            words = self.abilities.note(Ability.USAGE, _NO_COSTS)
            raise UnsupportedError(words, source="api", status=error.status) from None
        return _account_rows(told)

    async def _organization_id(self) -> str:
        """Return the id of the key's organisation, asked for once; empty where the server does not tell."""
        if not self._organization:
            self._organization = (await self.identify()).organization_id
        return self._organization

    async def _address_of_analytics(self) -> str:
        """Return where the accounts are read, asked for once; empty where the server has none.

        The key goes there, so that an address without TLS is taken only on the very host of the API.
        """
        if self._analytics_url is None:
            async with self._link.calling("reading the server's settings") as sdk:
                from daytona_api_client_async import ConfigApi

                call = ConfigApi(sdk.keys.api_client).config_controller_get_config_without_preload_content()
                told = await self._ask_api(call)
                url = told.get("analyticsApiUrl") if isinstance(told, dict) else None
                self._analytics_url = url.rstrip("/") if isinstance(url, str) and may_have_key(url, sdk) else ""
        return self._analytics_url


def _identity(told: dict[str, Any], organization: str) -> Identity:
    def text(key: str) -> str:
        value = told.get(key)
        return value if isinstance(value, str) else ""

    permissions = told.get("permissions")
    prefix, suffix = _ends(text("value"))
    return Identity(
        key_name=text("name"),
        user_id=text("userId"),
        organization_id=text("organizationId") or organization,
        permissions=tuple(str(item) for item in permissions) if isinstance(permissions, list) else (),
        key_prefix=prefix,
        key_suffix=suffix,
    )


def _ends(masked: str) -> tuple[str, str]:
    """Return the letters that a masked key shows at its beginning and its end; empty ones for another form."""
    found = _MASKED.fullmatch(masked)
    return (found[1], found[2]) if found else ("", "")


def _quotas(told: object) -> Quotas:
    rows = told.get("regionUsage") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(rows, list):
        raise ProtocolError("what the server says of quotas has an unknown form", source="api")
    return Quotas(
        tuple(_region(row) for row in rows if isinstance(row, dict)),
        Quota(number(told, "currentSnapshotUsage"), number(told, "totalSnapshotQuota")),
        Quota(number(told, "currentVolumeUsage"), number(told, "totalVolumeQuota")),
    )


def _region(row: dict[str, Any]) -> RegionQuotas:
    def quota(what: str) -> Quota:
        return Quota(number(row, f"current{what}Usage"), number(row, f"total{what}Quota"))

    return RegionQuotas(
        str(row.get("regionId") or ""),
        str(row.get("sandboxClass") or ""),
        quota("Cpu"),
        quota("Memory"),
        quota("Disk"),
        quota("Gpu"),
        Resources(_limit(row, "Cpu"), _limit(row, "Memory"), _limit(row, "Disk")),
    )


def _limit(row: Mapping[str, Any], what: str) -> int | None:
    value = row.get(f"max{what}PerSandbox")
    return value if type(value) is int and value > 0 else None


def _account_rows(told: object) -> list[dict[str, Any]]:
    if told is None:  # what an empty list is to a server written in Go
        return []
    if not isinstance(told, list):
        raise ProtocolError("what the server says of costs has an unknown form", source="api")
    return [row for row in told if isinstance(row, dict) and isinstance(row.get("sandboxId"), str)]


def number(row: Mapping[str, Any], key: str) -> float:
    """Return a number of an answer; 0 where it is none."""
    value = row.get(key)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isfinite(value) else 0.0  # type: ignore[arg-type]


def moment(at: datetime) -> str:
    """Return a moment as the server spells it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def may_have_key(url: str, sdk: Sdk) -> bool:
    """Whether the key may be sent to ``url``: with TLS, or without it only to the very host of the API."""
    theirs, ours = urlsplit(url), urlsplit(sdk.connection.api_url)
    return theirs.scheme == "https" or (theirs.scheme == "http" and theirs.hostname == ours.hostname)


def _analytics(sdk: Sdk, url: str) -> UsageApi:
    """Return the generated client of the accounts."""
    from daytona_analytics_api_client_async import UsageApi

    return UsageApi(analytics_client(sdk, url))


def analytics_client(sdk: Sdk, url: str) -> ApiClient:
    """Return the client under the generated ones of the analytics, on our session and with our key; blocking."""
    from daytona_analytics_api_client_async import ApiClient, Configuration

    share_context("daytona_analytics_api_client_async")
    client = ApiClient(Configuration(host=url))
    client.rest_client.pool_manager = sdk.session
    client.default_headers["Authorization"] = f"Bearer {sdk.connection.bearer.reveal()}"
    return client
