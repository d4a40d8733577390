"""The event channel: every change of the organisation's sandboxes, snapshots and volumes, pushed to whoever listens.

Names and payloads of the events: the notification gateway of the open server (v0.190). What is created, removed or
only used comes bare; what changes comes as ``{KIND: record, old…, new…}``.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from daytona_tui.emulator.fleet.records import CHANGED, Fleet, SandboxRecord
from daytona_tui.emulator.fleet.shapes import sandbox_body
from daytona_tui.emulator.fleet.shelf import REMOVED, Kept, Shelf
from daytona_tui.emulator.mishaps.faults import Faults
from daytona_tui.emulator.wire import Json

if TYPE_CHECKING:
    from daytona_tui.emulator.channel.hub import Hub

PATH = "/api/socket.io/"
PING_INTERVAL_S = 25.0
PING_TIMEOUT_S = 20.0
BACKLOG = 2000
"""A client that lets this many events wait is cut off."""

LAST_USED = "lastUsedAt.updated"
"""End of the name of an event whose record comes bare, as those of the created and the removed do."""

_BARE = (".created", f".{REMOVED}", f".{LAST_USED}")


class EventChannel:
    """Every connected client, and the pushing of changes to all of them.

    Args:
        fleet: where the sandboxes' changes come from.
        faults: refuses clients and swallows events on request.
        admits: whether the token that a client shows is a known key.
        backlog: how many events may wait for one client.
        aged: makes of a payload what an older server would send; by default it stays as it is.
    """

    def __init__(
        self,
        fleet: Fleet,
        faults: Faults,
        admits: Callable[[str], bool],
        *,
        backlog: int = BACKLOG,
        aged: Callable[[object], object] = lambda payload: payload,
    ) -> None:
        self._fleet = fleet
        self._faults = faults
        self._admits = admits
        self._backlog = backlog
        self._aged = aged
        self._loading: asyncio.Task[Hub] | None = None
        self._hub: Hub | None = None
        fleet.subscribe(self._sandbox_changed)

    @property
    def client_count(self) -> int:
        """How many clients are connected and accepted."""
        return 0 if self._hub is None else len(self._hub.joined)

    def watch_shelf(self, shelf: Shelf[Any], body: Callable[[str, Any], Json]) -> None:
        """Push the changes of ``shelf``, and of volumes their use.

        Args:
            shelf: its kind begins the events' names.
            body: the wire's shape of a record, from its kind and itself.
        """
        used = {record_id: getattr(record, "last_used_at", None) for record_id, record in shelf.records.items()}

        def changed(event: str, record: Kept, extra: Mapping[str, object]) -> None:
            before, used[record.id] = used.get(record.id), getattr(record, "last_used_at", None)
            if event == CHANGED and shelf.kind == "volume" and used[record.id] != before:
                event = f"{shelf.kind}.{LAST_USED}"
            if event.endswith(f".{REMOVED}"):
                del used[record.id]
            if event == CHANGED or not self._is_heard():
                return
            payload: object = body(shelf.kind, record)
            if not event.endswith(_BARE):
                payload = {shelf.kind: payload, **extra}
            self._send(event, lambda _request: ("", self._aged(payload)))

        shelf.subscribe(changed)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one client until it leaves, falls silent or is refused."""
        if request.query.get("transport") != "websocket" or request.query.get("EIO") != "4":
            return web.json_response({"code": 0, "message": "Transport unknown"}, status=400)
        if not web.WebSocketResponse().can_prepare(request):
            return web.json_response({"code": 3, "message": "Bad request"}, status=400)
        if self._loading is None:
            self._loading = asyncio.create_task(self._load(), name="load the event channel")
        return await (await asyncio.shield(self._loading)).serve(request)

    async def close(self) -> None:
        """Say goodbye to every client."""
        if self._loading is not None:
            hub = await self._loading
            await hub.close()

    async def _load(self) -> Hub:
        module = await asyncio.to_thread(importlib.import_module, "daytona_tui.emulator.channel.hub")
        self._hub = module.Hub(
            self._refusal, backlog=self._backlog, ping_interval_s=PING_INTERVAL_S, ping_timeout_s=PING_TIMEOUT_S
        )
        return self._hub

    def _refusal(self, request: web.Request, shown: object) -> str | None:
        refusal = self._faults.refusal(request.path)
        if refusal is not None:
            return refusal
        token = shown.get("token") if isinstance(shown, dict) else None
        return None if isinstance(token, str) and self._admits(token) else "Unauthorized"

    def _is_heard(self) -> bool:
        return self._hub is not None and bool(self._hub.joined) and not self._faults.swallows_event(PATH)

    def _sandbox_changed(self, event: str, record: SandboxRecord, extra: Mapping[str, object]) -> None:
        if event == CHANGED or not self._is_heard():
            return

        def payload(request: web.Request) -> tuple[str, object]:
            url = toolbox_url(request)
            body = sandbox_body(record, url, self._fleet.distortions.get(record.id))
            return url, self._aged(body if event.endswith(_BARE) else {"sandbox": body, **extra})

        self._send(event, payload)

    def _send(self, event: str, payload_for: Callable[[web.Request], tuple[str, object]]) -> None:
        if self._hub is not None:
            self._hub.send(event, payload_for)


def toolbox_url(request: web.Request) -> str:
    """Return the address of the toolbox proxy as this client reaches it, without a sandbox's id."""
    return f"{request.scheme}://{request.host}/toolbox"
