"""The sandboxes: all of them, live, and what can be done to them."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.message import Message
from textual.timer import Timer

from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import AuthError
from daytona_tui.operations import lifecycle
from daytona_tui.operations.lifecycle import Verb
from daytona_tui.presentation.columns import Doing
from daytona_tui.presentation.human import age, nameless_rows
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.questions import is_deleted_by_stopping
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tones import Tone
from daytona_tui.store.fleet import FleetStore
from daytona_tui.store.fleet_view import FleetView
from daytona_tui.ui import workers
from daytona_tui.ui.commands import fleet as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.fleet_deeds import FleetDeeds, summary
from daytona_tui.ui.panes.fleet_health import Health
from daytona_tui.ui.panes.fleet_watch import FleetWatch
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.filter_bar import FilterBar
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.widgets.sandbox_table import SandboxTable, TableRows

REST_S = 0.15
"""Seconds that the cursor has to rest on a row before the other panes follow it."""

REDRAW_S = 0.05
"""Seconds that news is gathered before the rows are drawn again."""

_VERBS = {commands.START.id: Verb.START, commands.STOP.id: Verb.STOP, commands.ARCHIVE.id: Verb.ARCHIVE,
          commands.DELETE.id: Verb.DELETE}  # fmt: skip


class FleetPane(Pane):
    """Lists, filters, sorts and marks sandboxes; starts, stops, archives and deletes them."""

    COMMANDS = commands.FLEET_COMMANDS
    NUMBER = 1
    NAME: ClassVar[str] = "Sandboxes"

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
            return isinstance(message, FleetPane.Changed)

    class DangerRequested(Message):
        """The user wants something that loses files; the screen asks, and calls ``begin`` if the answer is yes."""

        def __init__(self, verb: Verb, sandboxes: tuple[Sandbox, ...], *, skipped: int) -> None:
            super().__init__()
            self.verb = verb
            self.sandboxes = sandboxes
            self.skipped = skipped

    class Refused(Message):
        """The key is refused."""

        def __init__(self, error: AuthError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.store = FleetStore()
        self.view = FleetView()
        self.watch_news = FleetWatch(services, self.store, self.changed)
        self.deeds = FleetDeeds(services, self.store, self.changed)
        self._redraw: Timer | None = None
        self._rest: Timer | None = None
        self._selected: Sandbox | None = None
        self._hidden = 0
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

    def _begin_listening(self) -> None:
        """Listen once the first rows are there: the feed loads the SDK, which takes the processor for a second."""
        if not self._listens:
            self._listens = True
            self.run_worker(
                self.watch_news.listen(), name="hear events", group=workers.FLEET_FEED, exclusive=True,
                exit_on_error=False,
            )  # fmt: skip

    # What is seen

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
    def targets(self) -> tuple[Sandbox, ...]:
        """What a command acts on: the marked sandboxes, shown or not; without marks the one under the cursor."""
        fleet, marks = self.store.fleet, self.view.marks
        shown = [sandbox.id for sandbox in self.table.rows.sandboxes if sandbox.id in marks]
        hidden = marks.difference(shown)
        marked = tuple(sandbox for key in (*shown, *hidden) if (sandbox := fleet.get(key)))
        return marked or ((self.current,) if self.current else ())

    def changed(self) -> None:
        """Draw soon: news that comes in a burst is drawn together."""
        if self._redraw is None and self.is_mounted:
            self._redraw = self.set_timer(REDRAW_S, self.draw)

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
        self._follow_record()
        if self.store.listed_at is not None or self.watch_news.health.error is not None:
            self.call_after_refresh(self._begin_listening)
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

    # The selection

    @on(RowsView.CursorMoved)
    def await_rest(self) -> None:
        """Tell the other panes when the cursor has rested."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_S, self._select)
        self.post_message(self.KeysChanged())

    def _select(self) -> None:
        self._rest = None
        self._selected = self.current
        self.post_message(self.Selected(self._selected))

    def _follow_record(self) -> None:
        """Pass on another record of the selected sandbox; a first or a lost selection rests first."""
        known = self._selected and self.store.fleet.get(self._selected.id)
        if known is not None and known != self._selected:
            self._selected = known
            self.post_message(self.Selected(known))
        elif (self.current is None) != (self._selected is None) and self._rest is None:
            self.await_rest()

    # Commands

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command.id in _VERBS:
            return self._refusal(_VERBS[command.id])
        if command in (commands.MARK, commands.COPY_ID) and self.current is None:
            return "there is no sandbox under the cursor"
        return ""

    def title_of(self, command: Command) -> str:
        """Return the title, with the number of marked sandboxes for what acts on them."""
        return f"{command.title} {len(self.view.marks)}" if command.id in _VERBS and self.view.marks else command.title

    def _refusal(self, verb: Verb) -> str:
        targets = self.targets
        if not targets:
            return "there is no sandbox under the cursor"
        reasons = [self._refusal_of(verb, sandbox) for sandbox in targets]
        if not all(reasons):
            return ""
        return reasons[0] if len(targets) == 1 else f"none of the {len(targets)} marked: the first because {reasons[0]}"

    def _refusal_of(self, verb: Verb, sandbox: Sandbox) -> str:
        act = self.store.pending.get(sandbox.id)
        return f"it is {act.step} already" if act else lifecycle.refusal(verb, sandbox)

    def do_start(self) -> None:
        """Start what is marked or under the cursor."""
        self._act(Verb.START)

    def do_stop(self) -> None:
        """Stop it."""
        self._act(Verb.STOP)

    def do_archive(self) -> None:
        """Archive it."""
        self._act(Verb.ARCHIVE)

    def do_delete(self) -> None:
        """Ask whether to delete it."""
        self._act(Verb.DELETE)

    def _act(self, verb: Verb) -> None:
        targets = self.targets
        able = tuple(sandbox for sandbox in targets if not self._refusal_of(verb, sandbox))
        skipped = len(targets) - len(able)
        loses_files = verb is Verb.DELETE or (verb is Verb.STOP and any(map(is_deleted_by_stopping, able)))
        if loses_files:
            self.post_message(self.DangerRequested(verb, able, skipped=skipped))
        else:
            self.begin(verb, able, skipped=skipped)

    def begin(self, verb: Verb, sandboxes: tuple[Sandbox, ...], *, skipped: int = 0) -> None:
        """Do ``verb`` to each sandbox that has no act under way; the rows say so at once."""
        begun = self.deeds.begin(verb, sandboxes)
        if begun:
            self.view.marks -= {sandbox.id for sandbox in begun}
            self.draw()
            self.run_worker(
                self._carry_out(verb, begun, skipped), name=f"{verb} sandboxes", group=workers.LIFECYCLE,
                exit_on_error=False,
            )  # fmt: skip

    async def _carry_out(self, verb: Verb, sandboxes: tuple[Sandbox, ...], skipped: int) -> None:
        outcome = await self.deeds.carry_out(verb, sandboxes)
        self.watch_news.wake()
        if len(sandboxes) + skipped > 1:
            self.app.notify(
                summary(outcome, skipped),
                title=verb.capitalize(),
                severity="warning" if outcome.failed else "information",
                markup=False,
            )
        for _sandbox, said in outcome.failed if len(sandboxes) == 1 and not skipped else ():
            text = "\n".join(part for part in (said.detail, said.hint) if part)
            self.app.notify(text, title=said.title, severity="error", timeout=8, markup=False)

    def do_mark(self) -> None:
        """Mark the row, or take its mark away, and go on to the next."""
        if self.current is not None:
            self.view.toggle(self.current.id)
            self.table.action_move(1)
            self._view_changed()

    def do_mark_all(self) -> None:
        """Mark every row that is shown."""
        self.view.marks |= {sandbox.id for sandbox in self.table.rows.sandboxes}
        self._view_changed()

    def do_invert(self) -> None:
        """Turn the marks of the rows that are shown round."""
        self.view.invert(tuple(self.table.rows.sandboxes))
        self._view_changed()

    def do_clear(self) -> None:
        """Clear the filter; without one, the marks."""
        if self.view.filter_text:
            self.filter_by("")
        elif self.view.marks:
            self.view.marks.clear()
            self._view_changed()
        else:
            raise SkipAction  # escape may mean something to the screen

    def do_filter(self) -> None:
        """Open the filter line."""
        self.query_one(FilterBar).open(self.view.filter_text)

    def do_sort(self) -> None:
        """Sort by the next column."""
        self.view.next_order()
        self._view_changed()

    def do_reverse(self) -> None:
        """Turn the order round."""
        self.view.is_reversed = not self.view.is_reversed
        self._view_changed()

    def do_refresh(self) -> None:
        """List again now."""
        self.watch_news.wake()

    def do_copy_id(self) -> None:
        """Put the id on the clipboard."""
        if self.current is not None:
            self.app.copy_to_clipboard(self.current.id)
            self.app.notify(safe(self.current.id), title="Copied", markup=False, timeout=3)

    def filter_by(self, text: str) -> None:
        """Show what matches ``text``."""
        self.view.filter_text = text
        self._view_changed()

    @on(FilterBar.Changed)
    def _filter(self, event: FilterBar.Changed) -> None:
        self.filter_by(event.text)

    @on(FilterBar.Left)
    def _focus_rows(self) -> None:
        # Who has filtered has chosen the row that the cursor came to: it stays there when the others come back.
        self.table.follows_cursor = True
        self.table.focus()

    @on(SandboxTable.SortRequested)
    def _sort(self, event: SandboxTable.SortRequested) -> None:
        self.view.sort_by(event.order)
        self._view_changed()

    def _view_changed(self) -> None:
        self.draw()
        self.post_message(self.KeysChanged())

    async def _poll(self) -> None:
        try:
            await self.watch_news.poll()
        except AuthError as error:
            self.post_message(self.Refused(error))
