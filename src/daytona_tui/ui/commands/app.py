"""Commands that mean the same everywhere."""

from __future__ import annotations

from daytona_tui.presentation.keymap import UNBOUND
from daytona_tui.ui.commands.base import Command, Scope

FOCUS_FLEET = Command("focus-fleet", "1", "Sandboxes", "Go to the sandboxes.", Scope.APP)
FOCUS_FILES = Command("focus-files", "2", "Files", "Go to the files of the sandbox under the cursor.", Scope.APP)
FOCUS_CONSOLE = Command("focus-console", "3", "Console", "Go to the console of the sandbox.", Scope.APP)
FOCUS_LOGS = Command("focus-logs", "4", "Logs", "Go to the logs of the sandbox.", Scope.APP)
NEXT_PANE = Command("next-pane", "tab", "Next pane", "Go to the next pane.", Scope.APP)
PREVIOUS_PANE = Command("previous-pane", "shift+tab", "Previous pane", "Go to the previous pane.", Scope.APP)
FOCUS_DETAILS = Command(
    "focus-details",
    "d",
    "Details",
    "Go to the details of the sandbox under the cursor; there, go back.",
    Scope.APP,
)
FOCUS_PORTS = Command(
    "focus-ports", "b", "Ports", "Go to the ports on which the sandbox's programs listen; there, go back.", Scope.APP
)
FOCUS_GIT = Command(
    "focus-git", "U", "Git", "Go to the repositories of the sandbox under the cursor; there, go back.", Scope.APP
)
FOCUS_TASKS = Command(
    "focus-tasks", "w", "Tasks", "Go to what is under way and what came of it; there, go back.", Scope.APP, 60,
)  # fmt: skip
FOCUS_TAPE = Command(
    "focus-tape", "F", "Tape", "Go to what happened to the sandbox and in it; there, go back.", Scope.APP
)
JOURNAL = Command("journal", "at", "Journal", "Read what was done, each with the line for a shell.", Scope.APP)
SHELF = Command(
    "shelf", "I", "Shelf", "Show snapshots, volumes, secrets and what else the organisation has.", Scope.APP
)
SNAPSHOTS = Command(
    "snapshots", UNBOUND, "Snapshots", "List snapshots with who uses them; make, switch and delete them.", Scope.APP
)
VOLUMES = Command("volumes", UNBOUND, "Volumes", "List volumes with who mounts them; make and delete them.", Scope.APP)
SECRETS = Command("secrets", UNBOUND, "Secrets", "List secrets, never a value; make and delete them.", Scope.APP)
REGIONS = Command("regions", UNBOUND, "Regions", "List the regions in which sandboxes can be made.", Scope.APP)
QUOTAS = Command("quotas", UNBOUND, "Quotas", "Tell what the organisation uses and may use.", Scope.APP)
USAGE = Command("usage", UNBOUND, "Usage", "Tell what sandboxes used and cost in a span of time.", Scope.APP)
AUDIT = Command("audit", UNBOUND, "Audit log", "Tell what was done in the organisation, and by whom.", Scope.APP)
NEXT_TAB = Command("next-tab", "right_square_bracket", "Next tab", "Go to the next tab of this place.", Scope.APP)
PREVIOUS_TAB = Command(
    "previous-tab", "left_square_bracket", "Previous tab", "Go to the previous tab of this place.", Scope.APP
)
ZOOM = Command("zoom", "plus", "Zoom", "Give the whole screen to this pane.", Scope.APP)
UNZOOM = Command("unzoom", "underscore", "Unzoom", "Show all panes again.", Scope.APP)
CANCEL_PULL = Command("cancel-pull", "escape", "Cancel transfer", "Give up the transfer that runs longest.", Scope.APP)
PALETTE = Command(
    "palette",
    "colon,ctrl+p",
    "Palette",
    "Run a command, show a saved view, or go to a sandbox, by a few of its letters.",
    Scope.APP,
)
PROFILES = Command(
    "profiles", "A", "Profiles", "Choose another connection: a profile, the environment, or a local one.", Scope.APP,
)  # fmt: skip
THEME = Command(
    "theme", UNBOUND, "Theme", "Choose other colours: dark, light, with much contrast, or sixteen.", Scope.APP
)
MOUSE = Command(
    "mouse", "M", "Mouse", "Leave the mouse to the terminal, to select text with it; again, take it back.", Scope.APP
)
HELP = Command(
    "help",
    "question_mark,f1",
    "Help",
    "List every command with its key; type to find one, Enter to run it.",
    Scope.APP,
    footer=90,
)
QUIT = Command("quit", "q", "Quit", "Leave the program.", Scope.APP, footer=95)
QUIT_NOW = Command("quit-now", "ctrl+q", "Quit now", "Leave the program without being asked.", Scope.APP)

APP_COMMANDS = (
    FOCUS_FLEET,
    FOCUS_FILES,
    FOCUS_CONSOLE,
    FOCUS_LOGS,
    NEXT_PANE,
    PREVIOUS_PANE,
    FOCUS_DETAILS,
    FOCUS_PORTS,
    FOCUS_GIT,
    FOCUS_TASKS,
    FOCUS_TAPE,
    JOURNAL,
    SHELF,
    SNAPSHOTS,
    VOLUMES,
    SECRETS,
    REGIONS,
    QUOTAS,
    USAGE,
    AUDIT,
    NEXT_TAB,
    PREVIOUS_TAB,
    ZOOM,
    UNZOOM,
    CANCEL_PULL,
    PALETTE,
    PROFILES,
    THEME,
    MOUSE,
    HELP,
    QUIT,
    QUIT_NOW,
)
