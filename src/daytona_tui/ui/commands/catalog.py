"""All commands, in the order in which help and README list them."""

from __future__ import annotations

from daytona_tui.ui.commands.app import APP_COMMANDS
from daytona_tui.ui.commands.base import Command, Scope
from daytona_tui.ui.commands.console import CONSOLE_COMMANDS
from daytona_tui.ui.commands.details import DETAILS_COMMANDS
from daytona_tui.ui.commands.files import FILES_COMMANDS
from daytona_tui.ui.commands.fleet import FLEET_COMMANDS
from daytona_tui.ui.commands.git import GIT_COMMANDS
from daytona_tui.ui.commands.logs import LOGS_COMMANDS
from daytona_tui.ui.commands.ports import PORTS_COMMANDS
from daytona_tui.ui.commands.shelf import SHELF_COMMANDS
from daytona_tui.ui.commands.tape import TAPE_COMMANDS
from daytona_tui.ui.commands.tasks import TASKS_COMMANDS
from daytona_tui.ui.commands.terminal import TERMINAL_COMMANDS

COMMANDS: tuple[Command, ...] = (
    *FLEET_COMMANDS,
    *FILES_COMMANDS,
    *DETAILS_COMMANDS,
    *PORTS_COMMANDS,
    *GIT_COMMANDS,
    *CONSOLE_COMMANDS,
    *TERMINAL_COMMANDS,
    *LOGS_COMMANDS,
    *TAPE_COMMANDS,
    *TASKS_COMMANDS,
    *SHELF_COMMANDS,
    *APP_COMMANDS,
)
"""Every command there is."""

EVERYWHERE = tuple(command for command in COMMANDS if command.everywhere or command.scope is Scope.APP)
"""What has a meaning in every pane."""

__all__ = [
    "APP_COMMANDS",
    "COMMANDS",
    "CONSOLE_COMMANDS",
    "EVERYWHERE",
    "FILES_COMMANDS",
    "FLEET_COMMANDS",
    "GIT_COMMANDS",
    "LOGS_COMMANDS",
    "PORTS_COMMANDS",
    "SHELF_COMMANDS",
    "TAPE_COMMANDS",
    "TASKS_COMMANDS",
    "TERMINAL_COMMANDS",
]
