"""Everything that is known of the sandbox under the cursor."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widget import Widget

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.details import Known, sections
from daytona_tui.presentation.records import record_text
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands import details as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.details_reading import DetailsReading
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.details_view import DetailsView
from daytona_tui.ui.widgets.rows_view import Placeholder


class DetailsPane(Pane):
    """Shows what is known. What the list does not tell is read only while somebody looks; nothing wakes a sandbox.

    Attributes:
        known: tells what the fleet knows of a sandbox beyond its row; the screen sets it before anything is mounted.
        run_of_fleet: carries out a command of the sandboxes pane, by its id; set likewise.
    """

    COMMANDS: ClassVar[tuple[Command, ...]] = commands.DETAILS_COMMANDS
    NUMBER: ClassVar[int] = 2
    NAME: ClassVar[str] = "Details"

    known: Callable[[Sandbox], Known]
    run_of_fleet: Callable[[str], None]
    sandbox: reactive[Sandbox | None] = reactive(None, layout=False, repaint=False, init=False)

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.view = DetailsView(id="details-view")
        self.view.placeholder = Placeholder("no sandbox under the cursor")
        self.reading = DetailsReading(services, self._draw)
        self._is_seen = False

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

    @property
    def is_seen(self) -> bool:
        """True while somebody can look at it."""
        return self._is_seen

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if self.sandbox is None:
            return "there is no sandbox under the cursor"
        if command == commands.COPY_FIELD and not (self.view.current and self.view.current.raw):
            return "there is nothing to copy under the cursor"
        return super().refusal(command)

    def watch_sandbox(self, old: Sandbox | None, new: Sandbox | None) -> None:
        """Show another sandbox from its beginning, another record of the same where the eye was."""
        is_same = old is not None and new is not None and old.id == new.id
        self.entitle(clip(safe(new.name), 40) if new else "")
        self._draw(keeps_place=is_same)
        if not is_same or (old and new and old.is_running != new.is_running):
            self._read()

    def on_show(self) -> None:
        """Begin to look."""
        self._is_seen = True
        self._draw()
        self._read()

    def on_hide(self) -> None:
        """Ask nothing while nobody looks."""
        self._is_seen = False
        self._stop_reading()

    def _stop_reading(self) -> None:
        self.workers.cancel_group(self, workers.DETAILS_METRICS)
        self.workers.cancel_group(self, workers.DETAILS_RECORD)

    def _read(self) -> None:
        if not self._is_seen:
            return
        self._stop_reading()
        if self.sandbox is None:
            return
        sandbox_id = self.sandbox.id

        async def read_record() -> None:
            await self.reading.read_record(sandbox_id, lambda: self.sandbox)

        async def measure() -> None:
            await self.reading.measure(sandbox_id)

        workers.start(self, read_record, name="read record", group=workers.DETAILS_RECORD)
        if self.sandbox.is_running:
            workers.start(self, measure, name="measure", group=workers.DETAILS_METRICS)

    def _draw(self, *, keeps_place: bool = True) -> None:
        if self.sandbox is None:
            self.view.show((), keeps_place=False)
        elif self._is_seen or not keeps_place:
            known = self.reading.added_to(self.known(self.sandbox), self.sandbox)
            self.view.show(sections(self.sandbox, known), keeps_place=keeps_place)

    # Commands

    def do_copy_field(self) -> None:
        """Copy a value."""
        field = self.view.current
        if field is not None:
            self._copy(field.raw, field.label or "line")

    def do_copy_record(self) -> None:
        """Copy the record, read anew if it is not there."""
        sandbox = self.sandbox
        if sandbox is None:
            return

        async def copy() -> None:
            record = await self.reading.record_of(sandbox.id)
            if record is None:
                self.app.notify(self.reading.unread, title="Not copied", severity="error", markup=False)
            else:
                self._copy(record_text(record), f"record of {safe(sandbox.name)}")

        workers.start(self, copy, name="copy record", group=workers.DIALOG, exclusive=True)

    def _copy(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        first = text.split("\n", 1)[0] if "\n" not in text else f"{text.count(chr(10)) + 1:,} lines"
        self.app.notify(clip(safe(first), 60), title=f"Copied: {what}", markup=False, timeout=2)

    def do_details_lifetimes(self) -> None:
        """Edit lifetimes, as from the sandboxes."""
        self.run_of_fleet("lifetimes")

    def do_details_labels(self) -> None:
        """Edit labels, as from the sandboxes."""
        self.run_of_fleet("labels")

    def do_details_recover(self) -> None:
        """Recover, as from the sandboxes."""
        self.run_of_fleet("recover")
