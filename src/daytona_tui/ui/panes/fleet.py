"""The sandboxes: all of them, live, and what can be done to them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.message import Message

from daytona_tui.errors import AuthError
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands import fleet as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.fleet_acts import FleetActs
from daytona_tui.ui.panes.fleet_drawing import FleetDrawing
from daytona_tui.ui.panes.fleet_finding import FleetFinding
from daytona_tui.ui.panes.fleet_marks import FleetMarks
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.filter_bar import FilterBar
from daytona_tui.ui.widgets.sandbox_table import SandboxTable


class FleetPane(FleetActs, FleetFinding, FleetMarks, FleetDrawing):
    """Lists, filters, sorts and marks sandboxes; starts, stops, archives and deletes them."""

    COMMANDS = commands.FLEET_COMMANDS
    NUMBER = 1
    NAME: ClassVar[str] = "Sandboxes"

    class Refused(Message):
        """The key is refused."""

        def __init__(self, error: AuthError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._listens = False

    def compose(self) -> ComposeResult:
        """Make filter line and table."""
        yield FilterBar()
        yield SandboxTable(id="sandboxes")

    def on_mount(self) -> None:
        """Show the frame first: whatever asks the network loads modules, and those would hold up the first paint."""
        self.draw()
        self.call_after_refresh(self._begin_asking)

    def _begin_asking(self) -> None:
        self.run_worker(self._poll(), name="poll fleet", group=workers.FLEET_POLL, exclusive=True, exit_on_error=False)
        self.set_interval(1.0, self.draw)

    def draw(self) -> None:
        """Show the store as it is now, and listen to the feed once there is something to compare its news with."""
        super().draw()
        if self.store.listed_at is not None or self.watch_news.health.error is not None:
            self.call_after_refresh(self._begin_listening)

    def _begin_listening(self) -> None:
        """Listen once the first rows are there: the feed loads the SDK, which takes the processor for a second."""
        if not self._listens:
            self._listens = True
            self.run_worker(
                self.watch_news.listen(), name="hear events", group=workers.FLEET_FEED, exclusive=True,
                exit_on_error=False,
            )  # fmt: skip

    async def _poll(self) -> None:
        try:
            await self.watch_news.poll()
        except AuthError as error:
            self.post_message(self.Refused(error))

    # Commands

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command == commands.COPY_ID and self.current is None:
            return "there is no sandbox under the cursor"
        return super().refusal(command)

    def do_refresh(self) -> None:
        """List again now."""
        self.watch_news.wake()

    def do_copy_id(self) -> None:
        """Put the id on the clipboard."""
        if self.current is not None:
            self.app.copy_to_clipboard(self.current.id)
            self.app.notify(safe(self.current.id), title="Copied", markup=False, timeout=3)
