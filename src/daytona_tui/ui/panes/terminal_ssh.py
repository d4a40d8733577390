"""SSH into the sandbox under the cursor, from the terminal pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.notifications import SeverityLevel

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.ssh_access import DIRECTORY, SshAccesses, line_of, ssh_words
from daytona_tui.presentation.phrases import os_reason, phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.panes.terminal_dialogs import SshUse, SshWish
from daytona_tui.ui.services import Services
from daytona_tui.ui.terminal import outside

if TYPE_CHECKING:
    from daytona_tui.ui.panes.pane import Pane

_NO_PROGRAM = 255
"""What ``ssh`` returns where the connection fails."""


class TerminalSsh:
    """The accesses that were made here, and what is done with them."""

    def __init__(self, pane: Pane, services: Services) -> None:
        directory = None if services.is_passing else services.state_dir / DIRECTORY
        self.accesses = SshAccesses(services.gateway, directory, services.now)
        self._pane = pane
        self._services = services

    def begin(self) -> None:
        """Revoke what a run that crashed left behind."""
        if not self._services.read_only:
            work = self._revoke_left_behind
            workers.start(self._pane, work, name="revoke former SSH", group=workers.TERMINAL)

    async def use(self, sandbox: Sandbox, wish: SshWish) -> None:
        """Do what is wished, and say what came of it."""
        name = safe(sandbox.name)
        try:
            if wish.use is SshUse.REVOKE:
                if self.accesses.of(sandbox.id) is None:
                    await self._services.gateway.revoke_ssh_access(sandbox.id)
                    self._say(f"every access to {name} is useless now", "SSH revoked")
                else:
                    await self.accesses.revoke(sandbox.id)
                    self._say(f"{name} cannot be entered by it any more", "SSH revoked")
            elif wish.use is SshUse.COPY:
                access = await self.accesses.make(sandbox.id, wish.minutes)
                self._pane.app.copy_to_clipboard(line_of(access))
                until = self.accesses.until(sandbox.id)
                clock = f"{until.astimezone():%H:%M}" if until else "soon"
                self._say(f"the line for {name} works until {clock}, or until this program ends", "SSH line copied")
            else:
                await self._enter(sandbox, wish.minutes)
        except DaytonaTuiError as error:
            self._say(phrase(error).line, "SSH", severity="error")

    async def _enter(self, sandbox: Sandbox, minutes: int) -> None:
        access = await self.accesses.make(sandbox.id, minutes)
        try:
            async with ssh_words(access) as words:
                code = await outside(self._pane.app, words)
        except (OSError, SuspendNotSupported) as error:
            reason = os_reason(error) if isinstance(error, OSError) else "there is no terminal to lend"
            self._say(f"ssh cannot be run: {reason}", "SSH", severity="error")
        else:
            if code == _NO_PROGRAM:
                self._say("ssh could not connect, or the connection broke", "SSH", severity="warning")
        finally:
            await self.accesses.revoke(sandbox.id)

    async def _revoke_left_behind(self) -> None:
        revoked = await self.accesses.revoke_left_behind()
        if revoked:
            many = "a sandbox" if len(revoked) == 1 else f"{len(revoked)} sandboxes"
            self._say(f"an earlier run ended without revoking its access to {many}: done now", "SSH revoked")

    def _say(self, text: str, title: str, *, severity: SeverityLevel = "information") -> None:
        self._pane.app.notify(text, title=title, severity=severity, markup=False)
