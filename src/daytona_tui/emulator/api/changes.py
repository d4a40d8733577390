"""Routes that change a sandbox's state, copy it, and tell what was copied from what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.reading import check_kinds, integer, json_object
from daytona_tui.emulator.channel.events import toolbox_url
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import LONGEST_MINUTES, SandboxRecord
from daytona_tui.emulator.fleet.shapes import sandbox_body

_RESOURCES = ("cpu", "memory", "disk")
_FORKS_SHOWN = 100
_ANCESTORS_SHOWN = 50


class ChangeRoutes:
    """The routes of a sandbox's life; behaviour and words are those of a real server."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        one = "/api/sandbox/{sandbox}"
        return [
            web.post(f"{one}/start", self.start),
            web.post(f"{one}/stop", self.stop),
            web.post(f"{one}/pause", self.pause),
            web.post(f"{one}/archive", self.archive),
            web.post(f"{one}/recover", self.recover),
            web.post(f"{one}/resize", self.resize),
            web.post(f"{one}/fork", self.fork),
            web.post(f"{one}/snapshot", self.snapshot),
            web.post(f"{one}/backup", self.back_up),
            web.put(f"{one}/state", self.refuse_runners),
            web.get(f"{one}/forks", self.forks),
            web.get(f"{one}/parent", self.parent),
            web.get(f"{one}/ancestors", self.ancestors),
        ]

    async def start(self, request: web.Request) -> web.Response:
        """Bring a sandbox up."""
        record = self._control.sandbox_of(request)
        await self._control.lifecycle.start(record)
        return self._control.answer(request, record)

    async def stop(self, request: web.Request) -> web.Response:
        """Stop a sandbox; with ``force`` its processes are not asked first."""
        record = self._control.sandbox_of(request)
        await self._control.lifecycle.stop(record, force=request.query.get("force") == "true")
        return self._control.answer(request, record)

    async def pause(self, request: web.Request) -> web.Response:
        """Stop a virtual machine's processes where they are."""
        record = self._control.sandbox_of(request)
        await self._control.lifecycle.pause(record)
        return self._control.answer(request, record)

    async def archive(self, request: web.Request) -> web.Response:
        """Archive a stopped sandbox."""
        record = self._control.sandbox_of(request)
        await self._control.lifecycle.archive(record)
        return self._control.answer(request, record)

    async def recover(self, request: web.Request) -> web.Response:
        """Put right a sandbox in an error that allows it, and start it unless ``skipStart``."""
        record = self._control.sandbox_of(request)
        await self._control.lifecycle.recover(record, skip_start=request.query.get("skipStart") == "true")
        return self._control.answer(request, record)

    async def resize(self, request: web.Request) -> web.Response:
        """Give a sandbox other resources."""
        record = self._control.sandbox_of(request)
        wanted = _resources(await json_object(request))
        await self._control.lifecycle.resize(record, wanted)
        return self._control.answer(request, record)

    async def fork(self, request: web.Request) -> web.Response:
        """Make a second virtual machine of a running one; the answer is the new one."""
        record = self._control.sandbox_of(request)
        body = await json_object(request)
        check_kinds(body, {"name": str})
        return self._control.answer(request, await self._control.lifecycle.fork(record, body.get("name")))

    async def snapshot(self, request: web.Request) -> web.Response:
        """Make a snapshot of a sandbox."""
        record = self._control.sandbox_of(request)
        body = await json_object(request)
        check_kinds(body, {"name": str})
        if not body.get("name"):
            raise ApiError(400, "name should not be empty")
        if body.get("includeMemory"):
            raise ApiError(400, "includeMemory is only supported for Windows sandboxes")
        await self._control.lifecycle.snapshot(record, body["name"])
        return self._control.answer(request, record)

    async def back_up(self, request: web.Request) -> web.Response:
        """Make a backup of a sandbox."""
        record = self._control.sandbox_of(request)
        await self._control.lifecycle.back_up(record)
        return self._control.answer(request, record)

    async def refuse_runners(self, request: web.Request) -> web.Response:
        """Refuse: on a real server too, only runners may say this of their sandboxes."""
        self._control.sandbox_of(request)
        raise ApiError(403, "Access denied")

    async def forks(self, request: web.Request) -> web.Response:
        """Answer the forks of a sandbox, with ``includeDestroyed`` those of the last day that are gone, too."""
        with_gone = request.query.get("includeDestroyed") == "true"
        children = self._control.fleet.children(self._control.sandbox_of(request))
        shown = [child for child in children if with_gone or not child.is_hidden]
        return self._answer_all(request, shown[:_FORKS_SHOWN])

    async def parent(self, request: web.Request) -> web.Response:
        """Answer the sandbox that this one was forked from."""
        lineage = self._lineage(self._control.sandbox_of(request))
        if not lineage:
            raise ApiError(404, f"Parent sandbox not found for sandbox {request.match_info['sandbox']}")
        return self._control.answer(request, lineage[0])

    async def ancestors(self, request: web.Request) -> web.Response:
        """Answer the sandboxes that this one goes back to, the oldest first."""
        return self._answer_all(request, reversed(self._lineage(self._control.sandbox_of(request))))

    def _lineage(self, record: SandboxRecord) -> list[SandboxRecord]:
        """Return parent, grandparent and so on."""
        lineage: list[SandboxRecord] = []
        parent = record.parent_id
        while parent is not None and len(lineage) < _ANCESTORS_SHOWN:
            found = self._control.fleet.recall(parent)
            if found is None:
                break
            lineage.append(found)
            parent = found.parent_id
        return lineage

    def _answer_all(self, request: web.Request, records: Iterable[SandboxRecord]) -> web.Response:
        url = toolbox_url(request)
        return web.json_response([sandbox_body(record, url) for record in records])


def _resources(body: dict[str, Any]) -> dict[str, int]:
    wanted = {name: body[name] for name in _RESOURCES if body.get(name) is not None}
    return {name: integer(name, amount, least=1, most=LONGEST_MINUTES) for name, amount in wanted.items()}
