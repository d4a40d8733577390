"""What the sandboxes pane shows: rows, frame, and what stands there when there are no rows."""

from __future__ import annotations

from daytona_tui.presentation.columns import Doing
from daytona_tui.presentation.human import age, nameless_rows
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.panes.fleet_selection import FleetSelection
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.rows_view import Placeholder
from daytona_tui.ui.widgets.sandbox_table import TableRows


class FleetDrawing(FleetSelection):
    """Draws the store as the view wants it."""

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._hidden = 0

    def draw(self) -> None:
        """Show the store as it is now."""
        if self._redraw is not None:
            self._redraw.stop()
            self._redraw = None
        now = self.services.now()
        rows = self.view.rows(self.store.fleet)
        self._hidden = len(self.store.fleet) - len(rows)
        doing = {key: Doing(act.step, act.since) for key, act in self.store.pending.items()}
        table = self.table
        table.set_class(self.watch_news.health.is_stale(now), "-stale")
        table.show(
            TableRows(rows, doing, frozenset(self.view.marks), now, self.view.order, self.view.is_reversed),
            self._placeholder(),
        )
        self._entitle()
        self.follow_record()
        self.post_message(self.Changed(self.store.fleet, self.watch_news.health))

    def _entitle(self) -> None:
        total, shown = len(self.store.fleet), self.table.row_count()
        known = bool(total) or self.store.listed_at is not None
        count = f"{total:,}" if known else ""
        if self.watch_news.is_listing and self.store.listed_at is None and total:
            count += "…"
        if self.view.filter_text:
            count = f"{shown:,} of {count}   {clip(safe(self.view.filter_text), 40)}"
        self.entitle(count, " · ".join(self._notes()))

    def _notes(self) -> list[str]:
        notes = [f"{len(self.view.marks)} marked"] if self.view.marks else []
        if self._hidden:
            notes.append(f"{self._hidden:,} hidden by filter")
        health, now = self.watch_news.health, self.services.now()
        if health.nameless:
            notes.append(nameless_rows(health.nameless))
        if health.listed_at and health.is_stale(now):
            notes.append(f"as of {age((now - health.listed_at).total_seconds())} ago")
        return notes

    def _placeholder(self) -> Placeholder:
        error = self.watch_news.health.error
        if self.view.filter_text and len(self.store.fleet):
            return Placeholder(f"No sandbox matches “{clip(safe(self.view.filter_text), 40)}”", "esc clears the filter")
        if self.store.listed_at is None and error is not None:
            said = phrase(error)
            detail = "\n".join(part for part in (said.detail, said.hint, "r  ask again now") if part)
            return Placeholder(said.title, detail, Tone.BAD)
        if self.store.listed_at is None:
            return Placeholder("Asking for the sandboxes …")
        return Placeholder("No sandboxes", "Whatever is created shows up here by itself.")
