"""Commands of the details pane."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

COPY_FIELD = Command("copy-field", "y", "Copy", "Copy the value under the cursor, whole.", Scope.DETAILS, footer=20)
COPY_RECORD = Command(
    "copy-record", "Y", "Copy record", "Copy everything that Daytona says of the sandbox, as JSON.", Scope.DETAILS,
    footer=21,
)  # fmt: skip
DETAILS_LIFETIMES = Command(
    "details-lifetimes", "i", "Lifetimes", "Edit lifetimes, as from the sandboxes.", Scope.DETAILS, footer=22,
)  # fmt: skip
DETAILS_LABELS = Command(
    "details-labels", "L", "Labels", "Edit labels, as from the sandboxes.", Scope.DETAILS, footer=23
)
DETAILS_RECOVER = Command(
    "details-recover", "R", "Recover", "Recover what failed, as from the sandboxes.", Scope.DETAILS
)

DETAILS_COMMANDS = (COPY_FIELD, COPY_RECORD, DETAILS_LIFETIMES, DETAILS_LABELS, DETAILS_RECOVER)
