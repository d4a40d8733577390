"""Routes of the sandboxes: list, read, create, destroy, and their settings."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.creation import create_sandbox
from daytona_tui.emulator.api.listing import Ordered, page, parse
from daytona_tui.emulator.api.mounts import check_secrets, mounted_secrets
from daytona_tui.emulator.api.numbered import numbered_page
from daytona_tui.emulator.api.reading import json_object, whole_number
from daytona_tui.emulator.channel.events import toolbox_url
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import AUTO_ARCHIVE_MAXIMUM, LONGEST_MINUTES, new_signing_key
from daytona_tui.emulator.fleet.shapes import sandbox_body, sandbox_item
from daytona_tui.emulator.mishaps.lacking import without_unknown


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
            web.get("/api/sandbox/paginated", self.list_numbered),
            web.get("/api/sandbox/for-runner", self.refuse_runners),
            web.post("/api/sandbox", self.create),
            web.get(one, self.get),
            web.delete(one, self.delete),
            web.put(f"{one}/labels", self.set_labels),
            web.post(f"{one}/autostop/{{minutes}}", self.set_auto_stop),
            web.post(f"{one}/autopause/{{minutes}}", self.set_auto_pause),
            web.post(f"{one}/autoarchive/{{minutes}}", self.set_auto_archive),
            web.post(f"{one}/autodelete/{{minutes}}", self.set_auto_delete),
            web.post(f"{one}/ttl/{{minutes}}", self.set_ttl),
            web.post(f"{one}/public/{{public}}", self.set_public),
            web.get(f"{one}/secrets", self.refuse_runners),
            web.put(f"{one}/secrets", self.set_secrets),
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
        items = [sandbox_item(record, url, fleet.distortions.get(record.id)) for record in rows]
        return web.json_response({"items": items, "nextCursor": cursor})

    async def list_numbered(self, request: web.Request) -> web.Response:
        """Answer one page of the sandboxes that match, by its number."""
        found = numbered_page(self._control.fleet, request.query)
        url = toolbox_url(request)
        items = [sandbox_body(record, url, self._control.fleet.distortions.get(record.id)) for record in found.rows]
        body = {"items": items, "total": found.total, "page": found.page, "totalPages": found.total_pages}
        return web.json_response(body)

    async def refuse_runners(self, _request: web.Request) -> web.Response:
        """Refuse: on a real server too, only runners may ask for this."""
        raise ApiError(403, "Access denied")

    async def create(self, request: web.Request) -> web.Response:
        """Create a sandbox from a snapshot or from an image."""
        record = await create_sandbox(self._control, without_unknown(await json_object(request), self._control.lacks))
        return self._control.answer(request, record)

    async def get(self, request: web.Request) -> web.Response:
        """Answer one sandbox."""
        return self._control.answer(request, self._control.sandbox_of(request))

    async def delete(self, request: web.Request) -> web.Response:
        """Destroy a sandbox."""
        record = self._control.sandbox_of(request)
        await self._control.lifecycle.destroy(record)
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
        """Set the minutes after a stop when it is archived; 0, and what is longer, stand for the longest."""
        minutes = _interval(request, "Auto-archive interval")
        return self._set(request, auto_archive=min(minutes or AUTO_ARCHIVE_MAXIMUM, AUTO_ARCHIVE_MAXIMUM))

    async def set_auto_delete(self, request: web.Request) -> web.Response:
        """Set the minutes after a stop when it is deleted; 0 is at once, less than 0 never."""
        minutes = whole_number(request.match_info["minutes"])
        record = self._control.sandbox_of(request)
        if record.gpu and minutes != 0:
            raise ApiError(400, "GPU sandboxes must remain ephemeral")
        if record.linked_sandbox_id is not None and minutes != 0:
            raise ApiError(400, "Linked sandboxes must remain ephemeral")
        if abs(minutes) > LONGEST_MINUTES:
            raise ApiError(400, f"Auto-delete interval must not be greater than {LONGEST_MINUTES}")
        return self._set(request, auto_delete=minutes)

    async def set_ttl(self, request: web.Request) -> web.Response:
        """Set the minutes from this call after which it is destroyed in any state; 0 turns that off."""
        minutes = _interval(request, "TTL")
        now = self._control.fleet.clock.now()
        return self._set(request, auto_destroy_at=now + timedelta(minutes=minutes) if minutes else None)

    async def set_public(self, request: web.Request) -> web.Response:
        """Open the previews of a sandbox to everybody, or to those with its token only."""
        return self._set(request, public=request.match_info["public"] == "true")

    async def set_secrets(self, request: web.Request) -> web.Response:
        """Replace the secrets of a sandbox; what it starts from here on sees their placeholders."""
        record = self._control.sandbox_of(request)
        names = mounted_secrets(await json_object(request))
        check_secrets(self._control, names)
        added = self._control.catalogue.placeholders(names)
        removed = set(record.secret_names) - set(added)
        self._control.fleet.change(record, secret_names=names)
        self._control.bodies.update_env(record, added, removed)
        return self._control.answer(request, record)

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
