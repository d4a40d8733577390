"""Routes of the audit log."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from aiohttp import web
from multidict import MultiMapping

from daytona_tui.emulator import wire
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.organization import check_organization
from daytona_tui.emulator.api.reading import moment_of, positive
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import ORGANIZATION_ID
from daytona_tui.emulator.gate.audit import Entry
from daytona_tui.emulator.gate.audit_acts import scenarios

_LONGEST_PAGE = 200
_ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
Test = Callable[[Entry], bool]

_WORDS: dict[str, Callable[[Entry], object]] = {
    "id": lambda entry: entry.id,
    "actorId": lambda entry: entry.actor_id,
    "actorEmail": lambda entry: entry.actor_email,
    "actorApiKeyPrefix": lambda entry: entry.key_prefix,
    "actorApiKeySuffix": lambda entry: entry.key_suffix,
    "action": lambda entry: entry.action,
    "targetType": lambda entry: entry.target_type,
    "targetId": lambda entry: entry.target_id or "",
    "statusCode": lambda entry: str(entry.status or ""),
}
"""What entries can be chosen by, as words."""


class AuditRoutes:
    """The routes under ``/api/audit``."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/api/audit/scenarios", self.scenarios),
            web.get("/api/audit/organizations/{organization}", self.entries),
        ]

    async def scenarios(self, _request: web.Request) -> web.Response:
        """Answer the acts that are recorded, by what they are done to."""
        return web.json_response({"targets": scenarios()})

    async def entries(self, request: web.Request) -> web.Response:
        """Answer one page of the log, the newest first."""
        check_organization(request)
        query = request.query
        page, limit = positive(query, "page", 1), positive(query, "limit", 100, most=_LONGEST_PAGE)
        before = _number_in(query["nextToken"]) if query.get("nextToken") else None
        tests = list(_tests(query))
        log = reversed(self._control.audit.entries)
        chosen = [entry for entry in log if all(test(entry) for test in tests)]
        total = len(chosen)
        rest = chosen[(page - 1) * limit :] if before is None else [each for each in chosen if each.number < before]
        body: wire.Json = {
            "items": [entry_body(entry) for entry in rest[:limit]],
            "total": total,
            "page": page,
            "totalPages": -(-total // limit),
        }
        if len(rest) > limit:
            body["nextToken"] = _token(rest[limit - 1].number)
        return web.json_response(body)


def entry_body(entry: Entry) -> wire.Json:
    """Return an entry as the wire spells it."""
    body: wire.Json = {
        "id": entry.id,
        "actorId": entry.actor_id,
        "actorEmail": entry.actor_email,
        "organizationId": ORGANIZATION_ID,
        "action": entry.action,
        "targetType": entry.target_type,
        "createdAt": wire.instant(entry.created_at),
    }
    optional = {
        "actorApiKeyPrefix": entry.key_prefix,
        "actorApiKeySuffix": entry.key_suffix,
        "targetId": entry.target_id,
        "statusCode": entry.status,
        "errorMessage": entry.error,
        "ipAddress": entry.ip,
        "userAgent": entry.agent,
        "source": entry.source,
        "metadata": entry.metadata,
    }
    body.update((key, value) for key, value in optional.items() if value not in (None, ""))
    return body


def _tests(query: MultiMapping[str]) -> Iterable[Test]:
    begin = _latest(query, "from", "createdAt[gte]", "createdAt[gt]") or _ALWAYS[0]
    end = _earliest(query, "to", "createdAt[lte]", "createdAt[lt]") or _ALWAYS[1]
    if (begin, end) != _ALWAYS:
        yield lambda entry: begin <= entry.created_at <= end
    for name, word in _WORDS.items():
        wanted = {*query.getall(name, []), *query.getall(f"{name}[eq]", []), *query.getall(f"{name}[in]", [])}
        unwanted = {*query.getall(f"{name}[not]", []), *query.getall(f"{name}[notIn]", [])}
        if wanted:
            yield _is_one_of(word, wanted)
        if unwanted:
            yield _is_none_of(word, unwanted)
    yield from _status_tests(query)


def _is_one_of(word: Callable[[Entry], object], wanted: set[str]) -> Test:
    return lambda entry: word(entry) in wanted


def _is_none_of(word: Callable[[Entry], object], unwanted: set[str]) -> Test:
    return lambda entry: word(entry) not in unwanted


def _status_tests(query: MultiMapping[str]) -> Iterable[Test]:
    for name, least, most in (("gte", 0, None), ("gt", 1, None), ("lte", None, 0), ("lt", None, -1)):
        text = query.get(f"statusCode[{name}]")
        if text is None:
            continue
        if not text.isascii() or not text.isdigit() or len(text) > 4:
            raise ApiError(400, f"statusCode.{name} must be a number")
        yield _is_between(
            int(text) + least if least is not None else None, int(text) + most if most is not None else None
        )


def _is_between(least: int | None, most: int | None) -> Test:
    return lambda entry: (
        entry.status is not None and (least is None or entry.status >= least) and (most is None or entry.status <= most)
    )


def _latest(query: MultiMapping[str], *names: str) -> datetime | None:
    return max((moment_of(query, name) for name in names if query.get(name)), default=None)


def _earliest(query: MultiMapping[str], *names: str) -> datetime | None:
    return min((moment_of(query, name) for name in names if query.get(name)), default=None)


def _token(number: int) -> str:
    return base64.urlsafe_b64encode(str(number).encode()).decode()


def _number_in(token: str) -> int:
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode("ascii")
        if text.isdigit() and len(text) < 20:
            return int(text)
    except (binascii.Error, UnicodeError, ValueError):
        pass
    raise ApiError(400, "Invalid next token")
