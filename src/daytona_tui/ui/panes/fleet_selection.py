"""Which sandbox the other panes speak about: the one on which the cursor rests."""

from __future__ import annotations

from textual import on
from textual.timer import Timer

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.ui.panes.fleet_base import FleetBase
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.rows_view import RowsView

REST_S = 0.15
"""Seconds that the cursor has to rest on a row before the other panes follow it."""


class FleetSelection(FleetBase):
    """Passes the selection on."""

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._rest: Timer | None = None
        self._selected: Sandbox | None = None

    @on(RowsView.CursorMoved)
    def await_rest(self) -> None:
        """Tell the other panes when the cursor has rested."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_S, self._select)
        self.post_message(self.KeysChanged())

    def select_now(self) -> Sandbox | None:
        """Return the sandbox under the cursor, and let it be selected though the cursor has not rested there."""
        current, selected = self.current, self._selected
        # The news that the cursor has moved may still be on its way.
        if self._rest is not None or (current.id if current else "") != (selected.id if selected else ""):
            if self._rest is not None:
                self._rest.stop()
            self._select()
        return self._selected

    def _select(self) -> None:
        self._rest = None
        self._selected = self.current
        self.post_message(self.Selected(self._selected))

    def follow_record(self) -> None:
        """Pass on another record of the selected sandbox; a first or a lost selection rests first."""
        known = self._selected and self.store.fleet.get(self._selected.id)
        if known is not None and known != self._selected:
            self._selected = known
            self.post_message(self.Selected(known))
        elif (self.current is None) != (self._selected is None) and self._rest is None:
            self.await_rest()
