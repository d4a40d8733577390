"""The web application: every route, and what happens to each request before and after its route."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from datetime import datetime

from aiohttp import web
from aiohttp.typedefs import Handler

from daytona_tui.emulator import wire
from daytona_tui.emulator.api.admin import AdminRoutes
from daytona_tui.emulator.api.analytics import AnalyticsRoutes
from daytona_tui.emulator.api.audit import AuditRoutes
from daytona_tui.emulator.api.build_logs import BuildLogRoutes
from daytona_tui.emulator.api.changes import ChangeRoutes
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.document import DocumentRoute
from daytona_tui.emulator.api.keys import KeyRoutes
from daytona_tui.emulator.api.network import NetworkRoutes
from daytona_tui.emulator.api.organization import OrganizationRoutes
from daytona_tui.emulator.api.previews import PreviewRoutes
from daytona_tui.emulator.api.published import is_published
from daytona_tui.emulator.api.regions import RegionRoutes
from daytona_tui.emulator.api.sandboxes import SandboxRoutes
from daytona_tui.emulator.api.secrets import SecretRoutes
from daytona_tui.emulator.api.settings import SettingsRoutes
from daytona_tui.emulator.api.snapshots import SnapshotRoutes
from daytona_tui.emulator.api.telemetry import TelemetryRoutes
from daytona_tui.emulator.api.users import UserRoutes
from daytona_tui.emulator.api.volumes import VolumeRoutes
from daytona_tui.emulator.api.warm_pools import WarmPoolRoutes
from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.channel import events
from daytona_tui.emulator.envelope import ApiError, hang_up
from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.emulator.gate.access import permit
from daytona_tui.emulator.gate.limits import Guard
from daytona_tui.emulator.mishaps.ageing import Ageing
from daytona_tui.emulator.mishaps.lacking import Lacking
from daytona_tui.emulator.objects.routes import ObjectRoutes
from daytona_tui.emulator.toolbox import toolbox_routes
from daytona_tui.emulator.toolbox.metrics import metrics_routes

_log = logging.getLogger(__name__)

_ANSWERING = web.RequestKey("answering", bool)
"""Set on a request whose answer has begun."""
_NOT_RUNNING = (
    "bad request: failed to resolve container IP after 3 attempts: no IP address found. Is the Sandbox started?"
)


def routes(control: Control, previews: PreviewRoutes | None = None) -> list[web.RouteDef]:
    """Return every route that is served."""
    proxy = Proxy(control)
    previews = previews or PreviewRoutes(control, proxy.enter)
    measuring = metrics_routes(proxy.resolve, proxy.visit, control.fleet, control.telemetry)
    return [
        *SettingsRoutes(control).routes(),
        *KeyRoutes(control).routes(),
        *UserRoutes().routes(),
        *OrganizationRoutes(control).routes(),
        *RegionRoutes(control).routes(),
        *AuditRoutes(control).routes(),
        *AnalyticsRoutes(control).routes(),
        *TelemetryRoutes(control).routes(),
        *SnapshotRoutes(control).routes(),
        *VolumeRoutes(control).routes(),
        *SecretRoutes(control).routes(),
        *WarmPoolRoutes(control).routes(),
        *BuildLogRoutes(control).routes(),
        *ObjectRoutes(control.workshop.bucket).routes(),
        *SandboxRoutes(control).routes(),
        *ChangeRoutes(control).routes(),
        *NetworkRoutes(control).routes(),
        *previews.routes(),
        *(AdminRoutes(control).routes() if control.is_controllable else ()),
        web.get(events.PATH, control.events.handle),
        *(
            web.RouteDef(route.method, f"/toolbox{route.path}", route.handler, route.kwargs)
            for route in [*toolbox_routes(proxy.resolve, proxy), *measuring]
        ),
    ]


def build_app(control: Control) -> web.Application:
    """Return the application that serves ``control``."""
    guard = Guard(control.access, control.limits)
    previews = PreviewRoutes(control, Proxy(control).enter)
    lacking = Lacking(control.lacks)
    app = web.Application(
        middlewares=[
            Ageing(control.lacks).middleware,
            errors,
            control.journal.middleware,  # around the audit: an act is answered when its entry is kept as well
            control.faults.middleware,
            lacking.middleware,
            previews.by_host,
            guard.middleware,
            control.audit.middleware,
            permit,
            control.activity.middleware,
        ],
        client_max_size=0,  # uploads are as long as the caller likes
    )
    app.on_response_prepare.append(_note_answer)
    app.add_routes([*routes(control, previews), DocumentRoute(lacking.knows).route()])
    return app


async def _note_answer(request: web.Request, _response: web.StreamResponse) -> None:
    request[_ANSWERING] = True


class Proxy:
    """The way from a toolbox request to the sandbox's body."""

    def __init__(self, control: Control) -> None:
        self._control = control

    async def resolve(self, request: web.Request) -> Box:
        """Return the open box that a toolbox request is for, and count the request as activity.

        Raises:
            ApiError: 404 for no such sandbox, 400 for one that is not started.
        """
        return await self.enter(request, self._control.fleet.find(request.match_info["sandbox_id"]))

    async def enter(self, request: web.Request, record: SandboxRecord) -> Box:
        """Return the open box of ``record``, and count ``request`` as activity.

        Raises:
            ApiError: 400 for one that is not started.
        """
        self._admit(request, record)
        return await self._control.bodies.open(record)

    def visit(self, request: web.Request) -> SandboxRecord:
        """Return the started sandbox that a toolbox request is for, and count the request as activity.

        Raises:
            ApiError: 404 for no such sandbox, 400 for one that is not started.
        """
        record = self._control.fleet.find(request.match_info["sandbox_id"])
        self._admit(request, record)
        return record

    def _admit(self, request: web.Request, record: SandboxRecord) -> None:
        if record.state != "started":
            raise ApiError(400, _NOT_RUNNING, code="BAD_REQUEST")
        self._control.activity.visit(request, record)

    def now(self) -> datetime:
        """Return the emulator's time."""
        return self._control.fleet.clock.now()

    def signing_key(self, sandbox_id: str) -> str:
        """Return the key that signs file addresses of a sandbox; raises ApiError 404."""
        return self._control.fleet.find(sandbox_id).signing_key

    def update_env(self, sandbox_id: str, added: Mapping[str, str], removed: Collection[str]) -> None:
        """Keep a change of a sandbox's environment, for its next start."""
        record = self._control.fleet.find(sandbox_id)
        env = {name: value for name, value in record.env.items() if name not in removed}
        self._control.fleet.change(record, env=env | dict(added))


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals and surprises into Daytona's error envelope, and stamp every answer with the version."""
    try:
        response = await handler(request)
    except ApiError as error:
        response = _refusal(request, error)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        response = _refusal(request, _not_served(request))
    except web.HTTPException as error:
        response = _refusal(request, ApiError(error.status, error.reason))
    except ConnectionError:  # the client has gone, or what it was being sent has
        return hang_up(request)
    except Exception:
        _log.exception("%s %s failed", request.method, request.path)
        if _ANSWERING in request:
            return hang_up(request)
        response = _refusal(request, ApiError(500, "An unexpected error occurred."))
    if not response.prepared:
        response.headers["X-Daytona-Api-Version"] = wire.API_VERSION
    return response


def _not_served(request: web.Request) -> ApiError:
    """Return the refusal of what Daytona serves and this does not, or of what nobody does."""
    route = f"{request.method} {request.path}"
    if is_published(request.method, request.path):
        return ApiError(501, f"The local emulator does not serve {route}")
    return ApiError(404, f"Cannot {route}")


def _refusal(request: web.Request, error: ApiError) -> web.Response:
    text = json.dumps(error.body(request.method, request.path))
    return web.Response(status=error.status, text=text, content_type="application/json", headers=error.headers)
