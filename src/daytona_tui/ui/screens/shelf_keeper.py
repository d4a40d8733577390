"""Keeps the tabs of the shelf, and does on the main screen what they ask for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from textual.screen import Screen

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.usage import Quotas
from daytona_tui.operations.journal import Entry
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.worked_task import WorkedTask
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

    def begin_task(self, task: WorkedTask, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Start ``work`` in the background of the main screen, and show it among the tasks."""
        if not is_leaving(self._owner):
            task.worker = self._owner.run_worker(work, name=task.title, group=workers.SHELF, exit_on_error=False)
            self._owner.tasks_pane.add(task)

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
