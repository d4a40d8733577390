"""The toolbox: what Daytona's daemon serves for one sandbox, over a box's real files and processes."""

from __future__ import annotations

from aiohttp import web

from daytona_tui.emulator.toolbox.execute import execute_routes
from daytona_tui.emulator.toolbox.files import file_routes
from daytona_tui.emulator.toolbox.git_routes import git_routes
from daytona_tui.emulator.toolbox.pty_routes import pty_routes
from daytona_tui.emulator.toolbox.requests import Resolve
from daytona_tui.emulator.toolbox.session_routes import session_routes
from daytona_tui.emulator.toolbox.transfers import transfer_routes

__all__ = ["Resolve", "toolbox_routes"]


def toolbox_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the routes of all toolboxes; each path begins with ``/{sandbox_id}/``.

    Args:
        resolve: finds the open box a request is meant for, or raises ApiError.
    """
    return [
        *file_routes(resolve),
        *transfer_routes(resolve),
        *execute_routes(resolve),
        *session_routes(resolve),
        *pty_routes(resolve),
        *git_routes(resolve),
    ]
