"""The audit log: every act through the interface, who did it, on what, and how it ended; the newest are kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler

from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import Fleet, SandboxRecord, utcnow
from daytona_tui.emulator.gate.access import ACTOR, Actor
from daytona_tui.emulator.gate.audit_acts import ACTS, INTERVALS, Act
from daytona_tui.emulator.gate.permissions import route_pattern
from daytona_tui.emulator.state.journal import Journal

KIND = "audit"
"""Kind of the log's entries in a state directory."""
KEPT = 100_000
"""How many entries are kept."""
SYSTEM = Actor("", "", "system", "", frozenset())
"""Who does what the server does by itself."""

_SLACK = 5_000  # entries over the number that are kept, before the oldest go
_LONGEST_WORDS = 1_000
_LONGEST_AGENT = 300


@dataclass(slots=True)
class Entry:
    """One act, as the log keeps it; an act that goes on has no status yet."""

    number: int
    action: str
    target_type: str
    target_id: str | None = None
    actor_id: str = ""
    actor_email: str = ""
    key_prefix: str = ""
    key_suffix: str = ""
    ip: str = ""
    agent: str = ""
    source: str = ""
    metadata: dict[str, Any] | None = None
    status: int | None = None
    error: str | None = None
    id: str = field(default_factory=lambda: str(uuid4()))
    created_at: datetime = field(default_factory=utcnow)


class Audit:
    """The log, oldest entry first.

    Args:
        fleet: the sandboxes, to know them by their names; and the emulator's time.
        journal: keeps the entries.
        entries: those that were kept from an earlier life, oldest first.
    """

    def __init__(
        self, fleet: Fleet | None = None, journal: Journal | None = None, entries: Iterable[Entry] = ()
    ) -> None:
        self._fleet = fleet or Fleet()
        self._journal = journal or Journal()
        self.entries: list[Entry] = list(entries)
        self._next = self.entries[-1].number + 1 if self.entries else 1

    def note_system(self, action: str, record: SandboxRecord) -> None:
        """Note what the server did to a sandbox by itself, such as ``auto_stop``."""
        self._close(self._add(Act(action, "sandbox"), SYSTEM, target_id=record.id), 200)

    def note_creation(self, record: SandboxRecord, actor: Actor, *, agent: str, source: str) -> None:
        """Note that ``actor`` made a sandbox before this server began; call in the order in which they were made."""
        entry = self._add(Act("create", "sandbox"), actor, target_id=record.id, agent=agent, source=source)
        entry.created_at = record.created_at
        self._close(entry, 200)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record the act of a request, if it is one, with how it ended."""
        act = ACTS.get((request.method, route_pattern(request)))
        if act is None:
            return await handler(request)
        entry = self._begin(act, request)
        status, error = 499, None  # the client went away
        try:
            response = await handler(request)
            status = response.status
            if act.target is None and status < 300:
                entry.target_id = _id_in(response, act.target_type)
            return response
        except ApiError as refusal:
            status, error = refusal.status, refusal.message
            raise
        except web.HTTPException as refusal:
            status, error = refusal.status, refusal.reason
            raise
        except Exception:
            status, error = 500, "An unexpected error occurred."
            raise
        finally:
            self._close(entry, status, error)

    def _begin(self, act: Act, request: web.Request) -> Entry:
        parameters = list(request.match_info.values())
        metadata = {"params": {INTERVALS[act.action]: parameters[-1]}} if act.action in INTERVALS else None
        return self._add(
            act,
            request[ACTOR],
            target_id=None if act.target is None else self._target_id(act, parameters[act.target]),
            ip=sys.intern(request.remote or ""),
            agent=sys.intern(request.headers.get("User-Agent", "")[:_LONGEST_AGENT]),
            source=sys.intern(request.headers.get("X-Daytona-Source", "")[:_LONGEST_AGENT]),
            metadata=metadata,
        )

    def _target_id(self, act: Act, named: str) -> str:
        if act.target_type != "sandbox":
            return named[:_LONGEST_WORDS]
        try:
            return self._fleet.find(named).id
        except ApiError:
            return named[:_LONGEST_WORDS]

    def _add(self, act: Act, actor: Actor, **fields: Any) -> Entry:
        entry = Entry(
            self._next,
            act.action,
            act.target_type,
            actor_id=actor.user_id,
            actor_email=actor.email,
            key_prefix=actor.prefix,
            key_suffix=actor.suffix,
            created_at=self._fleet.clock.now(),
            **fields,
        )
        self._next += 1
        self.entries.append(entry)
        if len(self.entries) > KEPT + _SLACK:
            del self.entries[: len(self.entries) - KEPT]
        return entry

    def _close(self, entry: Entry, status: int, error: str | None = None) -> None:
        entry.status, entry.error = status, None if error is None else error[:_LONGEST_WORDS]
        self._journal.append(KIND, _spelt(entry))


def kept_entries(kept: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Return the entries of an earlier life; one that cannot be understood is left out."""
    entries = []
    for number, values in enumerate(kept, 1):
        known = {name: value for name, value in values.items() if name in Entry.__slots__}
        try:
            moment = datetime.fromisoformat(known.pop("created_at"))
            entries.append(Entry(**{**known, "number": number}, created_at=moment))
        except (KeyError, TypeError, ValueError):
            continue
    return entries


def _spelt(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def _id_in(response: web.StreamResponse, target_type: str) -> str | None:
    body = response.body if isinstance(response, web.Response) else None
    if not isinstance(body, bytes):
        return None
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    name = "name" if target_type == "api_key" else "id"
    found = answer.get(name) if isinstance(answer, dict) else None
    return found if isinstance(found, str) else None
