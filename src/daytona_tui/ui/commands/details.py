"""Commands of the details pane."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

COPY_FIELD = Command("copy-field", "y", "Copy", "Copy the value under the cursor, whole.", Scope.DETAILS, footer=20)

DETAILS_COMMANDS = (COPY_FIELD,)
