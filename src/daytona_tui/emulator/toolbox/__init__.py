"""The toolbox: what Daytona's daemon serves for one sandbox, over a box's real files and processes."""

from __future__ import annotations

from aiohttp import web

from daytona_tui.emulator.toolbox.about import about_routes
from daytona_tui.emulator.toolbox.code_run import code_run_routes
from daytona_tui.emulator.toolbox.execute import execute_routes
from daytona_tui.emulator.toolbox.files import file_routes
from daytona_tui.emulator.toolbox.git_routes import git_routes
from daytona_tui.emulator.toolbox.interpreter_routes import interpreter_routes
from daytona_tui.emulator.toolbox.ports import port_routes
from daytona_tui.emulator.toolbox.pty_routes import pty_routes
from daytona_tui.emulator.toolbox.requests import Desk, Resolve
from daytona_tui.emulator.toolbox.searches import search_routes
from daytona_tui.emulator.toolbox.session_routes import session_routes
from daytona_tui.emulator.toolbox.signed import signable
from daytona_tui.emulator.toolbox.transfers import signable_routes, transfer_routes

__all__ = ["Desk", "Resolve", "toolbox_routes"]


def toolbox_routes(resolve: Resolve, desk: Desk | None = None) -> list[web.RouteDef]:
    """Return the routes of all toolboxes; each path begins with ``/{sandbox_id}/``.

    Args:
        resolve: finds the open box a request is meant for, or raises ApiError.
        desk: the control plane's side; without it no address is signed, and changes of the environment are not kept.
    """
    return [
        *file_routes(resolve),
        *search_routes(resolve),
        *transfer_routes(resolve),
        *signable_routes(resolve if desk is None else signable(resolve, desk)),
        *about_routes(resolve, desk),
        *execute_routes(resolve),
        *session_routes(resolve),
        *pty_routes(resolve),
        *git_routes(resolve),
        *port_routes(resolve),
        *code_run_routes(resolve),
        *interpreter_routes(resolve),
    ]
