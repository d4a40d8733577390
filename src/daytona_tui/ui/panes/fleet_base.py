"""What all parts of the sandboxes pane share: the fleet as it is known, what is shown of it, what is selected."""

from __future__ import annotations

from functools import partial

from textual.message import Message
from textual.timer import Timer

from daytona_tui.domain import cost
from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.grouping import Heading, Hourly
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.store.fleet import FleetStore
from daytona_tui.store.fleet_view import FleetView
from daytona_tui.ui.commands.fleet import MARK
from daytona_tui.ui.panes.fleet_health import Health
from daytona_tui.ui.panes.fleet_watch import FleetWatch
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.sandbox_table import SandboxTable

REDRAW_S = 0.05
"""Seconds that news is gathered, at the least, before the rows are drawn again."""


_Marked = tuple[Fleet, tuple[Sandbox, ...], set[SandboxId], tuple[Sandbox, ...]]
"""Who was chosen when it was last asked, and what that depended on."""


class FleetBase(Pane):
    """State of the pane. Its parts (drawing, selection, marks, finding, acts) derive from this; the pane from them.

    Each part overrides ``refusal`` and ``title_of`` for its own commands and asks ``super()`` about all others.
    """

    class Selected(Message):
        """The cursor rested on a sandbox, or the record of that sandbox is another; None: there is none."""

        def __init__(self, sandbox: Sandbox | None) -> None:
            super().__init__()
            self.sandbox = sandbox

    class Changed(Message):
        """The fleet, or how fresh its news is, is different."""

        def __init__(self, fleet: Fleet, health: Health) -> None:
            super().__init__()
            self.fleet = fleet
            self.health = health

        def can_replace(self, message: Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, FleetBase.Changed)

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.store = FleetStore()
        self.view = FleetView()
        self.watch_news = FleetWatch(services, self.store, self.changed)
        self.hourly: Hourly = partial(cost.hourly, book=services.prices)
        self.redraw_s = REDRAW_S
        self._redraw: Timer | None = None
        self._marked_before: _Marked = (Fleet(), (), set(), ())

    @property
    def table(self) -> SandboxTable:
        """The rows."""
        return self.query_one(SandboxTable)

    @property
    def focus_target(self) -> SandboxTable:
        """The rows have the focus, not the filter."""
        return self.table

    @property
    def current(self) -> Sandbox | None:
        """The sandbox under the cursor, as it is known by now: the rows are drawn a moment later."""
        shown = self.table.current
        return self.store.fleet.get(shown.id) if shown else None

    @property
    def chosen(self) -> set[SandboxId]:
        """Who is marked, and who is in the range that is being made."""
        return self.view.marks.union(sandbox.id for sandbox in self.table.range_sandboxes)

    @property
    def targets(self) -> tuple[Sandbox, ...]:
        """What a command acts on: the marked sandboxes, shown or not; without marks the one under the cursor."""
        return self._marked() or ((self.current,) if self.current else ())

    @property
    def nobody(self) -> str:
        """Why there is no sandbox to act on, in words."""
        if isinstance(self.table.current_row, Heading):
            hint = self.services.keymap.hint(MARK.id, "marks all of it")
            return f"the cursor is on a group{f': {hint}' if hint else ''}"
        return "there is no sandbox under the cursor"

    def _marked(self) -> tuple[Sandbox, ...]:
        """The chosen sandboxes as they are known by now: those that are shown in their order, then the others."""
        fleet, matching, chosen = self.store.fleet, self.view.matching, self.chosen
        if not chosen:
            return ()
        known_fleet, known_matching, known_chosen, marked = self._marked_before
        if fleet is known_fleet and matching is known_matching and chosen == known_chosen:
            return marked  # every command asks, at every key
        by_id = fleet.by_id
        shown = [each.id for each in matching if each.id in chosen and each.id in by_id]
        hidden = chosen.difference(shown)
        others = (key for key in by_id if key in hidden) if hidden else ()
        marked = tuple(by_id[key] for key in (*shown, *others))
        self._marked_before = (fleet, matching, chosen, marked)
        return marked

    def changed(self) -> None:
        """Draw soon: news that comes in a burst is drawn together."""
        if self._redraw is None and self.is_mounted:
            self._redraw = self.set_timer(self.redraw_s, self.draw)

    def draw(self) -> None:
        """Show the store as it is now."""
        raise NotImplementedError

    def notes(self) -> list[str]:
        """Return what the frame says of the rows; each part adds what it knows."""
        return []

    def view_changed(self) -> None:
        """Draw at once what the user asked to see."""
        self.draw()
        self.post_message(self.KeysChanged())
