"""Everything that is known of the sandbox under the cursor."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widget import Widget

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.details import sections
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui.commands import details as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.details_view import DetailsView
from daytona_tui.ui.widgets.rows_view import Placeholder


class DetailsPane(Pane):
    """Shows what the list told; looking costs the sandbox nothing."""

    COMMANDS: ClassVar[tuple[Command, ...]] = commands.DETAILS_COMMANDS
    NUMBER: ClassVar[int] = 2
    NAME: ClassVar[str] = "Details"

    sandbox: reactive[Sandbox | None] = reactive(None, layout=False, repaint=False, init=False)

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.view = DetailsView(id="details-view")
        self.view.placeholder = Placeholder("no sandbox under the cursor")

    def compose(self) -> ComposeResult:
        """Make the view."""
        yield self.view

    def on_mount(self) -> None:
        """Count the times down."""
        self.set_interval(1.0, self._draw)

    @property
    def focus_target(self) -> Widget:
        """The fields."""
        return self.view

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if self.sandbox is None:
            return "there is no sandbox under the cursor"
        if command == commands.COPY_FIELD and not (self.view.current and self.view.current.raw):
            return "there is nothing to copy under the cursor"
        return super().refusal(command)

    def watch_sandbox(self, old: Sandbox | None, new: Sandbox | None) -> None:
        """Show another sandbox from its beginning, another record of the same where the eye was."""
        self.entitle(clip(safe(new.name), 40) if new else "")
        self._draw(keeps_place=old is not None and new is not None and old.id == new.id)

    def on_show(self) -> None:
        """Draw what was left undone while nobody saw it."""
        self._draw()

    def _draw(self, *, keeps_place: bool = True) -> None:
        if self.sandbox is None:
            self.view.show((), keeps_place=False)
        elif self.is_on_screen or not keeps_place:
            self.view.show(sections(self.sandbox, self.services.now()), keeps_place=keeps_place)

    # Commands

    def do_copy_field(self) -> None:
        """Copy a value."""
        field = self.view.current
        if field is not None:
            self.app.copy_to_clipboard(field.raw)
            self.app.notify(clip(field.cell.text, 60), title=f"Copied: {field.label}", markup=False, timeout=2)
