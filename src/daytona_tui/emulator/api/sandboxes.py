"""Routes of the sandboxes: list, read, create, change, destroy."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from daytona_tui.emulator import wire
from daytona_tui.emulator.api.control import Control, json_object, whole_number
from daytona_tui.emulator.api.creation import new_record
from daytona_tui.emulator.api.listing import Ordered, page, parse
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.events import toolbox_url
from daytona_tui.emulator.records import AUTO_ARCHIVE_MAXIMUM, LONGEST_MINUTES, new_signing_key, utcnow


class SandboxRoutes:
    """The routes under ``/api/sandbox``; behaviour and words are those of a real server."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._ordered = Ordered()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        one = "/api/sandbox/{sandbox}"
        return [
            web.get("/api/sandbox", self.list),
            web.post("/api/sandbox", self.create),
            web.get(one, self.get),
            web.delete(one, self.delete),
            web.post(f"{one}/start", self.start),
            web.post(f"{one}/stop", self.stop),
            web.post(f"{one}/archive", self.archive),
            web.put(f"{one}/labels", self.set_labels),
            web.post(f"{one}/autostop/{{minutes}}", self.set_auto_stop),
            web.post(f"{one}/autopause/{{minutes}}", self.set_auto_pause),
            web.post(f"{one}/autoarchive/{{minutes}}", self.set_auto_archive),
            web.post(f"{one}/autodelete/{{minutes}}", self.set_auto_delete),
            web.post(f"{one}/ttl/{{minutes}}", self.set_ttl),
            web.post(f"{one}/last-activity", self.refresh_activity),
            web.get(f"{one}/toolbox-proxy-url", self.toolbox_proxy_url),
            web.get(f"{one}/signing-key", self.signing_key),
            web.post(f"{one}/signing-key/rotate", self.rotate_signing_key),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Answer one page of the sandboxes that match."""
        fleet = self._control.fleet
        rows, cursor = page(fleet, self._ordered, parse(request.query))
        url = toolbox_url(request)
        items = [wire.list_item(record, url, fleet.distortions.get(record.id)) for record in rows]
        return web.json_response({"items": items, "nextCursor": cursor})

    async def create(self, request: web.Request) -> web.Response:
        """Create a sandbox from a snapshot."""
        record = new_record(self._control.fleet, await json_object(request))
        await self._control.lifecycle.create(record)
        return self._control.answer(request, record)

    async def get(self, request: web.Request) -> web.Response:
        """Answer one sandbox."""
        return self._control.answer(request, self._control.sandbox_of(request))

    async def delete(self, request: web.Request) -> web.Response:
        """Destroy a sandbox."""
        record = self._control.sandbox_of(request)
        await self._control.lifecycle.destroy(record)
        return self._control.answer(request, record)

    async def start(self, request: web.Request) -> web.Response:
        """Bring a sandbox up."""
        record = self._control.sandbox_of(request)
        await self._control.lifecycle.start(record)
        return self._control.answer(request, record)

    async def stop(self, request: web.Request) -> web.Response:
        """Stop a sandbox."""
        record = self._control.sandbox_of(request)
        await self._control.lifecycle.stop(record, force=request.query.get("force") == "true")
        return self._control.answer(request, record)

    async def archive(self, request: web.Request) -> web.Response:
        """Archive a stopped sandbox."""
        record = self._control.sandbox_of(request)
        await self._control.lifecycle.archive(record)
        return self._control.answer(request, record)

    async def set_labels(self, request: web.Request) -> web.Response:
        """Replace all labels."""
        record = self._control.sandbox_of(request)
        labels = (await json_object(request)).get("labels")
        if not isinstance(labels, dict):
            raise ApiError(400, "labels must be an object")
        self._control.fleet.change(record, labels=labels)
        return web.json_response({"labels": labels})

    async def set_auto_stop(self, request: web.Request) -> web.Response:
        """Set the minutes of idleness after which it stops; 0 turns that off."""
        minutes = _interval(request, "Auto-stop interval")
        return self._set(request, auto_stop=minutes, **({"auto_pause": 0} if minutes else {}))

    async def set_auto_pause(self, request: web.Request) -> web.Response:
        """Set the minutes of idleness after which it pauses; virtual machines only."""
        minutes = _interval(request, "Auto-pause interval")
        if self._control.sandbox_of(request).sandbox_class == "container":
            raise ApiError(422, "Pausing is not supported for this sandbox")
        return self._set(request, auto_pause=minutes, **({"auto_stop": 0} if minutes else {}))

    async def set_auto_archive(self, request: web.Request) -> web.Response:
        """Set the minutes after a stop when it is archived; 0 stands for the longest."""
        minutes = _interval(request, "Auto-archive interval")
        if minutes > AUTO_ARCHIVE_MAXIMUM:
            raise ApiError(400, f"Auto-archive interval must be at most {AUTO_ARCHIVE_MAXIMUM} minutes")
        return self._set(request, auto_archive=minutes or AUTO_ARCHIVE_MAXIMUM)

    async def set_auto_delete(self, request: web.Request) -> web.Response:
        """Set the minutes after a stop when it is deleted; 0 is at once, less than 0 never."""
        return self._set(request, auto_delete=whole_number(request.match_info["minutes"]))

    async def set_ttl(self, request: web.Request) -> web.Response:
        """Set the minutes from this call after which it is destroyed in any state; 0 turns that off."""
        minutes = _interval(request, "TTL")
        return self._set(request, auto_destroy_at=utcnow() + timedelta(minutes=minutes) if minutes else None)

    async def refresh_activity(self, request: web.Request) -> web.Response:
        """Count this moment as activity."""
        self._control.fleet.touch(self._control.sandbox_of(request))
        return web.Response(status=201)

    async def toolbox_proxy_url(self, request: web.Request) -> web.Response:
        """Answer where the toolbox of a sandbox is reached."""
        self._control.sandbox_of(request)
        return web.json_response({"url": toolbox_url(request)})

    async def signing_key(self, request: web.Request) -> web.Response:
        """Answer the key that signs file addresses of a sandbox, as a JSON string."""
        return web.json_response(self._control.sandbox_of(request).signing_key)

    async def rotate_signing_key(self, request: web.Request) -> web.Response:
        """Give a sandbox another signing key: addresses signed with the old one open nothing any more."""
        record = self._control.sandbox_of(request)
        self._control.fleet.change(record, signing_key=new_signing_key())
        return web.json_response(record.signing_key)

    def _set(self, request: web.Request, **fields: object) -> web.Response:
        record = self._control.sandbox_of(request)
        self._control.fleet.change(record, **fields)
        return self._control.answer(request, record)


def _interval(request: web.Request, what: str) -> int:
    minutes = whole_number(request.match_info["minutes"])
    if minutes < 0:
        raise ApiError(400, f"{what} must be non-negative")
    if minutes > LONGEST_MINUTES:
        raise ApiError(400, f"{what} must not be greater than {LONGEST_MINUTES}")
    return minutes
