"""Commands of the shelf: what the organisation keeps beside its sandboxes, a tab for each kind of thing."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

SHELF_OPEN = Command(
    "shelf-users", "enter", "Who has it", "Show who uses the snapshot, volume or secret.", Scope.SHELF, footer=10
)
SHELF_NEW = Command("shelf-new", "n", "New", "Make a new snapshot, volume or secret.", Scope.SHELF, footer=20)
SHELF_DELETE = Command(
    "shelf-delete", "D", "Delete", "Delete it, after telling who uses it.", Scope.SHELF, footer=30, danger=True
)
SHELF_ACTIVATE = Command(
    "shelf-activate", "s", "Activate", "Let sandboxes be made of an inactive snapshot again.", Scope.SHELF, footer=40
)
SHELF_DEACTIVATE = Command(
    "shelf-deactivate", "x", "Deactivate", "Let no sandboxes be made of a snapshot for now.", Scope.SHELF, footer=45
)
SHELF_USE = Command("shelf-use", "N", "New sandbox", "Create a sandbox from the snapshot.", Scope.SHELF, footer=25)
SHELF_CHANGE = Command(
    "shelf-change", "c", "Change", "Give the secret another value, other hosts or another description.", Scope.SHELF,
    footer=25,
)  # fmt: skip
SHELF_LOG = Command("shelf-log", "l", "Build log", "Read the log of the snapshot's build.", Scope.SHELF, footer=50)
SHELF_PERIOD = Command("shelf-period", "p", "Period", "Tell of another span of time.", Scope.SHELF, footer=60)
SHELF_FAILED = Command(
    "shelf-failed", "e", "Failed", "Show only what was refused or failed; again, all of it.", Scope.SHELF, footer=62
)
SHELF_MORE = Command("shelf-more", "m", "Further back", "Read older entries of the audit log.", Scope.SHELF, footer=64)
SHELF_FILTER = Command(
    "shelf-filter", "slash", "Filter", "Show the rows with some words; esc takes them away.", Scope.SHELF, footer=70
)
SHELF_COPY = Command("shelf-copy", "y", "Copy id", "Copy the id to the clipboard.", Scope.SHELF)
SHELF_REFRESH = Command("shelf-refresh", "r", "Refresh", "Ask the server again now.", Scope.SHELF)
SHELF_HELP = Command(
    "shelf-help", "question_mark,f1", "Help", "List the keys of the shelf; Enter runs one.", Scope.SHELF, footer=90
)
SHELF_CLOSE = Command("shelf-close", "escape,q,I", "Close", "Go back to the sandboxes.", Scope.SHELF, footer=95)

SHELF_COMMON = (SHELF_FILTER, SHELF_REFRESH, SHELF_HELP, SHELF_CLOSE)
"""What every tab has; the screen carries it out."""

SHELF_COMMANDS = (
    SHELF_OPEN,
    SHELF_NEW,
    SHELF_USE,
    SHELF_CHANGE,
    SHELF_DELETE,
    SHELF_ACTIVATE,
    SHELF_DEACTIVATE,
    SHELF_LOG,
    SHELF_PERIOD,
    SHELF_FAILED,
    SHELF_MORE,
    SHELF_COPY,
    *SHELF_COMMON,
)
"""All of them; a tab lists those it carries out itself."""
