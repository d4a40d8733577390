"""Routes of the emulator itself, outside the Daytona interface: faults, time and odd rows on request."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from daytona_tui.emulator import wire
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.reading import json_object
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.mishaps.faults import FaultRule


class AdminRoutes:
    """The routes under ``/_emulator``; they need the key as all others do, and no fault reaches them."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/_emulator/faults", self.list_faults),
            web.post("/_emulator/faults", self.add_fault),
            web.delete("/_emulator/faults", self.clear_faults),
            web.delete("/_emulator/faults/{fault}", self.remove_fault),
            web.get("/_emulator/clock", self.clock),
            web.post("/_emulator/clock", self.advance_clock),
            web.post("/_emulator/sandboxes/{sandbox}/distort", self.distort),
            web.get("/_emulator/truth", self.truth),
        ]

    async def list_faults(self, _request: web.Request) -> web.Response:
        """Answer the faults at work, with their hits."""
        return web.json_response([asdict(fault) for fault in self._control.faults.active])

    async def add_fault(self, request: web.Request) -> web.Response:
        """Put a fault to work; the answer carries its id."""
        fault = self._control.faults.add(FaultRule.from_json(await json_object(request)))
        return web.json_response({"id": fault.id}, status=201)

    async def clear_faults(self, _request: web.Request) -> web.Response:
        """End every fault."""
        self._control.faults.clear()
        return web.Response(status=204)

    async def remove_fault(self, request: web.Request) -> web.Response:
        """End one fault."""
        text = request.match_info["fault"]
        if not text.isascii() or not text.isdigit():
            raise ApiError(404, f"Fault {text} not found")
        self._control.faults.remove(int(text))
        return web.Response(status=204)

    async def clock(self, _request: web.Request) -> web.Response:
        """Answer the emulator's time, and the seconds by which it has been advanced."""
        clock = self._control.fleet.clock
        return web.json_response({"now": wire.instant(clock.now()), "ahead_s": clock.ahead_s})

    async def advance_clock(self, request: web.Request) -> web.Response:
        """Let ``advance_s`` seconds pass at once; timers fire as if they had."""
        seconds = (await json_object(request)).get("advance_s")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ApiError(400, "advance_s must be a number of seconds")
        try:
            self._control.fleet.clock.advance(seconds)
        except (ValueError, OverflowError):
            raise ApiError(400, "advance_s must be zero or more, and a century at most") from None
        return await self.clock(request)

    async def truth(self, _request: web.Request) -> web.Response:
        """Answer what is really the matter with each sandbox that was planted, by its id."""
        return web.json_response({each: asdict(truth) for each, truth in self._control.truths.items()})

    async def distort(self, request: web.Request) -> web.Response:
        """Make the wire say odd things of a sandbox; an empty object makes it honest again."""
        record = self._control.sandbox_of(request)
        body = await json_object(request)
        changes, drop = body.get("changes", {}), body.get("drop", [])
        if not isinstance(changes, dict) or not isinstance(drop, list):
            raise ApiError(400, "A distortion has an object 'changes' and an array 'drop'")
        self._control.fleet.distort(record.id, changes, drop)
        return self._control.answer(request, record)
