"""Commands of the ports pane."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

OPEN_PORT = Command(
    "open-port", "enter,o", "Open", "Open the port in the browser; of a private sandbox by a link signed for an hour.",
    Scope.PORTS, footer=2,
)  # fmt: skip
COPY_LINK = Command("copy-link", "y", "Copy link", "Copy the link under the cursor.", Scope.PORTS, footer=3)
SIGN_LINK = Command(
    "sign-link", "l", "Signed link", "Make a link that opens by itself for a time: copy, open or show it.", Scope.PORTS,
    footer=4,
)  # fmt: skip
SHOW_CODE = Command(
    "show-code",
    "Q",
    "QR code",
    "Show the link as a QR code; where it asks for a login, a signed one.",
    Scope.PORTS,
    footer=5,
)
REVOKE_LINK = Command(
    "revoke-link", "R", "Revoke", "Let the signed link under the cursor open nothing any more.", Scope.PORTS, footer=6
)
COPY_TOKEN_LINK = Command(
    "copy-token-link", "Y", "Copy with token",
    "Copy the link with the sandbox's token, which opens every port of it for as long as it lives.", Scope.PORTS,
)  # fmt: skip
OTHER_PORT = Command("other-port", "n", "Other port", "Name a port that is not listed.", Scope.PORTS, footer=7)
PUBLIC_PORTS = Command(
    "public-ports", "P", "Public", "Open the ports of the sandbox to everybody, or close them.", Scope.PORTS, footer=8,
    danger=True,
)  # fmt: skip
REFRESH_PORTS = Command("refresh-ports", "r", "Refresh", "Look again now.", Scope.PORTS)

PORTS_COMMANDS = (
    OPEN_PORT,
    COPY_LINK,
    SIGN_LINK,
    SHOW_CODE,
    REVOKE_LINK,
    COPY_TOKEN_LINK,
    OTHER_PORT,
    PUBLIC_PORTS,
    REFRESH_PORTS,
)
