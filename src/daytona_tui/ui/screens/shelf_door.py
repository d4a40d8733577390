"""The way from the main screen to the shelf, and what the tabs of the shelf ask of the main screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from textual import on
from textual.screen import Screen

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.usage import Quotas
from daytona_tui.operations.journal import Entry
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands import app as app_commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.fleet_capture import FleetCapture
from daytona_tui.ui.screens.commanding import FleetCommanding
from daytona_tui.ui.screens.layout import FleetLayout
from daytona_tui.ui.screens.shelf import ShelfScreen
from daytona_tui.ui.screens.shelf_account import AuditTab, QuotasTab, RegionsTab, UsageTab
from daytona_tui.ui.screens.shelf_secrets import SecretsTab
from daytona_tui.ui.screens.shelf_snapshots import SnapshotsTab
from daytona_tui.ui.screens.shelf_tab import ShelfTab
from daytona_tui.ui.screens.shelf_volumes import VolumesTab
from daytona_tui.ui.services import Services

Answer = TypeVar("Answer")

TABS: tuple[type[ShelfTab[Any]], ...] = (
    SnapshotsTab,
    VolumesTab,
    SecretsTab,
    RegionsTab,
    QuotasTab,
    UsageTab,
    AuditTab,
)
"""Every tab, in its order."""

_NEEDS = {
    app_commands.SNAPSHOTS: Ability.SNAPSHOTS,
    app_commands.VOLUMES: Ability.VOLUMES,
    app_commands.SECRETS: Ability.SECRETS,
}
"""Commands that open a tab, and without what the tab has nothing to show."""


class ShelfKeeper:
    """Keeps the tabs of one connection, and is what they know of the program; implements ``ShelfHost``."""

    def __init__(self, owner: FleetLayout) -> None:
        self._owner = owner
        self._fleet: tuple[object, tuple[Sandbox, ...]] = (None, ())
        self.tabs = tuple(tab(self) for tab in TABS)

    @property
    def services(self) -> Services:
        """The connection."""
        return self._owner.services

    @property
    def fleet(self) -> Sequence[Sandbox]:
        """The sandboxes as they are known now; the same object as long as they are the same."""
        known = self._owner.fleet_pane.store.fleet
        if known is not self._fleet[0]:
            self._fleet = (known, tuple(known))
        return self._fleet[1]

    @property
    def quotas(self) -> Quotas | None:
        """What the organisation may use; None where that is not known."""
        return self._owner.fleet_pane.known_quotas()

    @property
    def _screen(self) -> ShelfScreen | None:
        stack = self._owner.app.screen_stack if self._owner.is_attached else ()
        return next((screen for screen in stack if isinstance(screen, ShelfScreen)), None)

    def ask(self, dialog: Screen[Answer], then: Callable[[Answer | None], None]) -> None:
        """Show a dialog and hand its answer on."""
        if not is_leaving(self._owner):
            self._owner.app.push_screen(dialog, then)

    def close_dialog(self, kind: type[Screen[Any]]) -> None:
        """Close the dialog in front, if it is of a kind."""
        if not is_leaving(self._owner) and isinstance(self._owner.app.screen, kind):
            self._owner.app.pop_screen()

    def begin(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Start ``work`` in the background of the main screen."""

        async def whole() -> None:
            await work()

        if not is_leaving(self._owner):
            workers.start(self._owner, whole, name=name, group=workers.SHELF)

    def tell(self, text: str, title: str, *, is_bad: bool = False) -> None:
        """Say something in passing."""
        if not is_leaving(self._owner):
            severity = "error" if is_bad else "information"
            self._owner.notify(safe(text), title=safe(title), severity=severity, timeout=8, markup=False)  # type: ignore[arg-type]

    def keep(self, entry: Entry) -> None:
        """Write an act into the journal."""

        async def kept() -> None:
            await self._owner.fleet_pane.deeds.journal.keep(entry)

        self.begin(kept, "keep the journal")

    def show_sandboxes(self, filter_text: str) -> None:
        """Close the shelf and show the sandboxes that a filter finds."""
        self._leave()
        self._owner.fleet_pane.filter_by(filter_text)

    def new_sandbox(self, snapshot: str) -> None:
        """Close the shelf and ask what to create from a snapshot."""
        self._leave()
        self._owner.fleet_pane.new_from(snapshot)

    def _leave(self) -> None:
        if (screen := self._screen) is not None:
            screen.dismiss(None)
        self._owner.go_to(self._owner.fleet_pane)

    def copy(self, text: str) -> None:
        """Put a text on the clipboard."""
        self._owner.app.copy_to_clipboard(text)
        self.tell(text, "Copied")

    def changed(self) -> None:
        """Draw the shelf anew, if it is there."""
        if (screen := self._screen) is not None:
            screen.draw()

    def reload(self, tab: ShelfTab[Any]) -> None:
        """Read the rows of a tab again, if the shelf is there."""
        if (screen := self._screen) is not None:
            screen.load(tab)


class ShelfDoor(FleetCommanding):
    """Opens the shelf."""

    _keeper: ShelfKeeper | None = None

    @property
    def shelf(self) -> ShelfKeeper:
        """The tabs of this connection."""
        if self._keeper is None:
            self._keeper = ShelfKeeper(self)
        return self._keeper

    def _refusal(self, command: Command) -> str:
        """Return why a command is not possible now; of a tab, what the server was found to lack."""
        needs = _NEEDS.get(command)
        return (self.services.abilities.lacks(needs) if needs is not None else "") or super()._refusal(command)

    def open_shelf(self, first: str = "") -> None:
        """Show the shelf with one of its tabs; the one of the last time where none is named."""
        if any(isinstance(screen, ShelfScreen) for screen in self.app.screen_stack):
            return
        screen = ShelfScreen(self.shelf.tabs, first or self._last)

        def closed(_: None) -> None:
            self._last = screen.front.NAME

        self.app.push_screen(screen, closed)

    _last = ""

    def do_shelf(self) -> None:
        """Show what the organisation keeps beside its sandboxes."""
        self.open_shelf()

    @on(FleetCapture.CaptureRequested)
    def _capture(self, event: FleetCapture.CaptureRequested) -> None:
        """Ask for the name of a snapshot of a sandbox, on the shelf."""
        self.open_shelf(SnapshotsTab.NAME)
        tab = next(tab for tab in self.shelf.tabs if isinstance(tab, SnapshotsTab))
        self.call_after_refresh(tab.ask_new, {"sandbox": event.sandbox.name})

    def do_snapshots(self) -> None:
        """Show the snapshots."""
        self.open_shelf(SnapshotsTab.NAME)

    def do_volumes(self) -> None:
        """Show the volumes."""
        self.open_shelf(VolumesTab.NAME)

    def do_secrets(self) -> None:
        """Show the secrets."""
        self.open_shelf(SecretsTab.NAME)

    def do_regions(self) -> None:
        """Show the regions."""
        self.open_shelf(RegionsTab.NAME)

    def do_quotas(self) -> None:
        """Show the quotas."""
        self.open_shelf(QuotasTab.NAME)

    def do_usage(self) -> None:
        """Show what sandboxes used and cost."""
        self.open_shelf(UsageTab.NAME)

    def do_audit(self) -> None:
        """Show the audit log."""
        self.open_shelf(AuditTab.NAME)
