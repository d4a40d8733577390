"""The top line of the main screen: where we are, how fresh the news is, what the fleet costs, and what may be done."""

from __future__ import annotations

from textual import on

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.safe_text import clip_name
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.accounts import Accounts
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.panes.fleet_health import status_parts
from daytona_tui.ui.panes.terminal import TerminalPane
from daytona_tui.ui.screens.commanding import FleetCommanding
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.status_line import StatusLine, StatusPart

_HELD_CELLS = 20
READ_ONLY = StatusPart((Cell("read-only", Tone.WARN),))


class FleetStatus(FleetCommanding):
    """Keeps the top line true, and asks for what it needs once the fleet is there: rows come first."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.accounts = Accounts(services, self.refresh_status)
        self.fleet_pane.leaks.quotas = self.fleet_pane.known_quotas = lambda: self.accounts.quotas
        self._is_asking = False
        self._selected: Sandbox | None = None

    @on(FleetPane.Changed)
    def _take_news(self, event: FleetPane.Changed) -> None:
        self.accounts.see(event.fleet)
        if event.health.listed_at is not None and not self._is_asking:
            self._is_asking = True
            self._ask()
        self.refresh_status()

    @on(TerminalPane.HeldChanged)
    def _take_held(self) -> None:
        self.refresh_status()

    @on(FleetPane.Selected)
    def _take_selection(self, event: FleetPane.Selected) -> None:
        self._selected = event.sandbox
        self.refresh_status()

    def refresh_status(self) -> None:
        """Show the line as things stand."""
        if is_leaving(self):
            return
        pane, services = self.fleet_pane, self.services
        title, *others = status_parts(services.profile, pane.store.fleet, pane.watch_news.health, services.now())
        badge = (READ_ONLY,) if services.read_only else ()
        parts = (
            title,
            *badge,
            *_held(self.terminal_pane.held_awake),
            *others,
            *pane.leak_parts(),
            *self.accounts.parts(self._selected),
        )
        self.query_one(StatusLine).show(parts)

    def _ask(self) -> None:
        asking = {
            "count the fleet": self.accounts.count(),
            "ask for quotas": self.accounts.ask_quotas(),
            "ask for costs": self.accounts.ask_costs(),
            "ask for rights": self._find_out_rights(),
        }
        for name, work in asking.items():
            self.run_worker(work, name=name, group=workers.ACCOUNTS, exit_on_error=False)

    async def _find_out_rights(self) -> None:
        why = await self.accounts.find_out_rights()
        if why:
            self.app.notify(f"{why}: nothing can be changed", title="Read-only", severity="warning", markup=False)
            self.refresh_status()
            self.refresh_keys()


def _held(names: tuple[str, ...]) -> tuple[StatusPart, ...]:
    """Say which sandboxes terminals of ours keep from stopping by themselves."""
    if not names:
        return ()
    whose = clip_name(names[0], _HELD_CELLS) if len(names) == 1 else f"{len(names)} sandboxes"
    short = StatusPart((Cell("held awake", Tone.WARN),), rank=1)
    return (StatusPart((Cell(f"held awake by you: {whose}", Tone.WARN),), rank=4, short=short),)
