"""What deletes a sandbox when the program that made it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from daytona_tui.domain.sandbox import SandboxId


class Guard(Protocol):
    """Watches over one sandbox; see ``client.guardian``. Nothing but ``done`` keeps it from deleting."""

    async def begin(self) -> None:
        """Start.

        Raises:
            ConfigError: it does not, so that nothing may be made.
        """

    def asked(self) -> None:
        """The sandbox is asked for now: from here on it may come to be."""

    def made(self, sandbox_id: SandboxId) -> None:
        """The sandbox is there."""

    def done(self) -> None:
        """It is gone, or was never made."""

    async def end(self) -> None:
        """Let go of it. It ends at once if there is nothing to do, else when it has done that."""


class Guards(Protocol):
    """Has guardians."""

    async def guardian(self, name: str) -> Guard:
        """Return the guardian of a sandbox that is to be made under ``name``, which nobody else has; not begun."""
