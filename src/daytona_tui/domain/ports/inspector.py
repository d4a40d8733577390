"""Looking at what goes on in started sandboxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from daytona_tui.domain.executions import ExecOutcome
    from daytona_tui.domain.inspection import GitStatus, Terminal
    from daytona_tui.domain.sandbox import SandboxId


class Inspector(Protocol):
    """What goes on in started sandboxes. All of it peeks."""

    async def git_status(self, sandbox_id: SandboxId, path: str) -> GitStatus:
        """Return what git says of the repository at ``path``.

        Raises:
            NotFoundError: there is no repository.
        """

    async def listening_ports(self, sandbox_id: SandboxId) -> tuple[int, ...]:
        """Return the ports on which programs listen, in order; only those in the range that the toolbox looks at."""

    async def terminals(self, sandbox_id: SandboxId) -> tuple[Terminal, ...]:
        """Return the terminals that are open."""

    async def look(self, sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
        """Run a shell script and return its output, without that counting as activity.

        Only for scripts that read and change nothing: the header belongs to looking.
        """
