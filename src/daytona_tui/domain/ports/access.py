"""Ways into sandboxes from outside: previews of their ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from daytona_tui.domain.previews import PreviewLink, SignedLink
    from daytona_tui.domain.sandbox import Sandbox, SandboxId


class PreviewDoor(Protocol):
    """Addresses of ports. None of it counts as activity of the sandbox; following a link does."""

    async def preview_link(self, sandbox_id: SandboxId, port: int) -> PreviewLink:
        """Return the address of a port, whether anything listens there or not.

        Raises:
            NotFoundError: there is no such sandbox.
            UnsupportedError: the server has no previews.
        """

    async def sign_preview(self, sandbox_id: SandboxId, port: int, seconds: int) -> SignedLink:
        """Make an address that opens by itself for so many seconds.

        Raises:
            ConfigError: a port or a time that cannot be.
            NotFoundError: there is no such sandbox.
            UnsupportedError: the server has no signed links.
        """

    async def sandbox_of_signed(self, port: int, token: str) -> SandboxId | None:
        """Return the sandbox whose port a signed address opens now; None where it opens nothing.

        Raises:
            AuthError: the server does not tell us.
            UnsupportedError: it tells nobody.
        """

    async def revoke_preview(self, sandbox_id: SandboxId, port: int, token: str) -> None:
        """Make a signed address open nothing. One that opens nothing already is a success."""

    async def set_public(self, sandbox_id: SandboxId, is_public: bool) -> Sandbox:
        """Open the ports of a sandbox to everybody who knows their address, or close them."""
