"""The tab of the snapshots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from shlex import quote
from typing import ClassVar

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.domain.snapshots import Snapshot, SnapshotState, SnapshotVerb, refusal, users_of
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.snapshots import capture, make_snapshot
from daytona_tui.presentation.columns import Column
from daytona_tui.presentation.forms import Values
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.shelf import (
    gib,
    origin_of,
    snapshot_about,
    snapshot_cells,
    snapshot_deletion,
    snapshot_state,
)
from daytona_tui.presentation.shelf_forms import SnapshotWish, snapshot_form, snapshot_line, snapshot_wish
from daytona_tui.presentation.tones import Cell
from daytona_tui.transfer.concurrency import closing
from daytona_tui.ui.commands import shelf as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.snapshot_task import SnapshotTask
from daytona_tui.ui.screens.build_log import BuildLog, BuildLogScreen
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.form import FormScreen
from daytona_tui.ui.screens.shelf_tab import ShelfHost, ShelfTab
from daytona_tui.ui.widgets.cell_table import heading
from daytona_tui.ui.widgets.rows_view import Placeholder

_BUSY_S, _USUAL_S = 2.0, 30.0
_VERBS = {
    commands.SHELF_ACTIVATE: SnapshotVerb.ACTIVATE,
    commands.SHELF_DEACTIVATE: SnapshotVerb.DEACTIVATE,
    commands.SHELF_DELETE: SnapshotVerb.DELETE,
}


class SnapshotsTab(ShelfTab[Snapshot]):
    """What sandboxes are made from."""

    NAME = "Snapshots"
    NOUNS = ("snapshot", "snapshots")
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        heading("state", "STATE", (8, 14, 14), 1),
        heading("name", "NAME", (14, 28, 60), 0),
        heading("users", "USED BY", (7, 7, 9), 2, right=True),
        heading("used", "LAST USED", (9, 9, 10), 3, right=True),
        heading("size", "GIB", (5, 5, 7), 4, right=True),
        heading("shape", "CPU/MEM/DISK", (12, 14, 16), 5, right=True),
        heading("origin", "MADE FROM", (10, 20, 50), 6),
        heading("age", "AGE", (4, 4, 5), 7, right=True),
    )
    COMMANDS: ClassVar[tuple[Command, ...]] = (
        commands.SHELF_OPEN,
        commands.SHELF_NEW,
        commands.SHELF_USE,
        commands.SHELF_DELETE,
        commands.SHELF_ACTIVATE,
        commands.SHELF_DEACTIVATE,
        commands.SHELF_LOG,
        commands.SHELF_COPY,
    )
    EMPTY = Placeholder("No snapshots", "n makes one of an image, a Dockerfile or a sandbox")

    def __init__(self, host: ShelfHost) -> None:
        super().__init__(host)
        self.builds: dict[str, BuildLog] = {}
        """What the builds that were begun here have said, by the name of the snapshot."""
        self._tried: tuple[Values, str] | None = None
        """What was ordered last in vain, and what came of it."""
        self._counted: tuple[object, Counter[str]] = (None, Counter())

    async def load(self) -> Sequence[Snapshot]:
        """Return every snapshot, the organisation's own first."""
        return sorted(await self.services.gateway.snapshots(), key=lambda each: each.is_general)

    def cells(self, row: Snapshot) -> Sequence[Cell]:
        """Return the cells of a snapshot."""
        return snapshot_cells(row, self._users(row), self.services.now())

    def about(self, row: Snapshot) -> Sequence[str]:
        """Return what is known of a snapshot."""
        return snapshot_about(row, users_of(row, self.host.fleet), self.services.now())

    def _users(self, row: Snapshot) -> int:
        """Return how many use it, from one count of the fleet for all rows."""
        fleet = self.host.fleet
        if fleet is not self._counted[0]:
            gone = SandboxState.DESTROYED
            self._counted = (fleet, Counter(each.snapshot for each in fleet if each.state is not gone))
        return sum(self._counted[1][called] for called in {row.name, row.id})

    def summary(self) -> str:
        """Return how many there are, in which states, and how large they are."""
        states = Counter(each.state for each in self.rows if not each.is_general)
        own = sum(states.values())
        parts = [f"{own:,} own", *(f"{n:,} {state.value.replace('_', ' ')}" for state, n in states.items())]
        size = sum(each.size_gib or 0.0 for each in self.rows)
        quotas = self.host.quotas
        parts += [f"{gib(size)} GiB"] if size else []
        parts += self.quota_words(quotas.snapshots if quotas is not None else None)
        return " · ".join([super().summary(), *parts])

    @property
    def period_s(self) -> float:
        """Return a short time while one is under way."""
        return _USUAL_S if all(each.state.is_settled for each in self.rows) else _BUSY_S

    def refusal(self, command: Command, row: Snapshot | None) -> str:
        """Return why a command is not possible now."""
        if (command in _VERBS or command in (commands.SHELF_NEW, commands.SHELF_USE)) and (
            reason := self.why_not_act()
        ):
            return reason
        if command is commands.SHELF_NEW:
            return ""
        if row is None:
            return "there is no snapshot under the cursor"
        if command in _VERBS:
            return refusal(_VERBS[command], row)
        if command is commands.SHELF_USE and row.state is not SnapshotState.ACTIVE:
            return f"it is {snapshot_state(row)}, and has to be active for that"
        if command is commands.SHELF_OPEN and not self._users(row):
            return "no sandbox that is there was made from it"
        if command is commands.SHELF_LOG and not row.dockerfile:
            return f"it was not built, but made of {origin_of(row)}"
        return ""

    def do_shelf_users(self, row: Snapshot) -> None:
        """Show the sandboxes that were made from it."""
        self.show_users([each.id for each in users_of(row, self.host.fleet)])

    def do_shelf_copy(self, row: Snapshot) -> None:
        """Copy its id."""
        self.host.copy(row.id)

    def do_shelf_use(self, row: Snapshot) -> None:
        """Ask what to create from it."""
        self.host.new_sandbox(row.name)

    def do_shelf_activate(self, row: Snapshot) -> None:
        """Let sandboxes be made of it again."""
        self._do(SnapshotVerb.ACTIVATE, row)

    def do_shelf_deactivate(self, row: Snapshot) -> None:
        """Let no sandboxes be made of it."""
        self._do(SnapshotVerb.DEACTIVATE, row)

    def do_shelf_delete(self, row: Snapshot) -> None:
        """Delete it, once that was confirmed."""
        question = snapshot_deletion(row, users_of(row, self.host.fleet), self.services.now())
        self.host.ask(ConfirmScreen(question), lambda yes: self._do(SnapshotVerb.DELETE, row) if yes else None)

    def _do(self, verb: SnapshotVerb, row: Snapshot) -> None:
        gateway = self.services.gateway

        async def work() -> None:
            line = f"daytona-tui snapshots {verb.value} {quote(row.id)}" + (
                " --yes" if verb is SnapshotVerb.DELETE else ""
            )
            try:
                if verb is SnapshotVerb.ACTIVATE:
                    await gateway.activate_snapshot(row.id)
                elif verb is SnapshotVerb.DEACTIVATE:
                    await gateway.deactivate_snapshot(row.id)
                else:
                    await gateway.delete_snapshot(row.id)
            except DaytonaTuiError as error:
                self.keep(verb.value, row.id, row.name, error, line)
                raise
            self.keep(verb.value, row.id, row.name, None, line)

        self.act(f"{verb.value}d", work)

    # Logs

    def do_shelf_log(self, row: Snapshot) -> None:
        """Show the log of its build, from the server where it was not begun here."""
        log = self.builds.get(row.name)
        if log is None:
            log = self.builds[row.name] = BuildLog(f"Build of {safe(row.name)}")
            self.host.begin(partial(self._follow, row, log), "follow a build")
        self._show(log)

    def _show(self, log: BuildLog) -> None:
        self.host.ask(BuildLogScreen(log), lambda _: None)

    async def _follow(self, row: Snapshot, log: BuildLog) -> None:
        try:
            async with closing(self.services.gateway.follow_snapshot_build(row.id)) as texts:
                async for text in texts:
                    log.add(text)
        except DaytonaTuiError as error:
            log.stand(safe(error.message), is_over=True, has_failed=True)
            del self.builds[row.name]  # the next look asks again
        else:
            log.stand("the end of the log", is_over=True)

    # A new one

    def do_shelf_new(self, _row: Snapshot | None) -> None:
        """Ask what is to be made; after a failure the form has what was tried."""
        self.ask_new(*(self._tried or ({}, "")))

    def ask_new(self, start: Values, trouble: str = "") -> None:
        """Ask what is to be made, with what was said before."""
        lacks = self.services.gateway.abilities.lacks(Ability.SNAPSHOT_OF_SANDBOX)
        taken = {each.name for each in self.rows if not each.is_general}
        context = self.services.abilities.lacks(Ability.CONTEXTS)
        made = snapshot_form(taken, self.host.fleet, lacks_capture=lacks, lacks_context=context, start=start)
        form = replace(made, trouble=safe(trouble))
        self.host.ask(FormScreen(form), lambda values: self._begin(values) if values is not None else None)

    def _begin(self, values: Values) -> None:
        wish = snapshot_wish(values, self.host.fleet)
        name = wish.order.name
        log = self.builds[name] = BuildLog(f"Snapshot {safe(name)}")
        log.stand("asking the server")
        self.awaited = name
        task = SnapshotTask(name, log.text)
        self.host.begin_task(task, partial(self._make_as, task, wish, values, log))
        if wish.order.dockerfile:
            self._show(log)

    async def _make_as(self, task: SnapshotTask, wish: SnapshotWish, values: Values, log: BuildLog) -> None:
        try:
            await self._make(task, wish, values, log)
        finally:
            task.give_up()
            if not log.is_over:
                log.stand("not waited for any more; the server goes on with it", is_over=True)
                self.builds.pop(wish.order.name, None)  # the next look asks the server

    async def _make(self, task: SnapshotTask, wish: SnapshotWish, values: Values, log: BuildLog) -> None:
        name, gateway, is_accepted = wish.order.name, self.services.gateway, False

        def tell_state(snapshot: Snapshot) -> None:
            nonlocal is_accepted
            is_accepted = True
            log.stand(snapshot_state(snapshot))
            task.take_step(snapshot_state(snapshot))
            self.reload()

        def tell_text(text: str) -> None:
            log.add(text)
            task.on_change()

        try:
            if wish.sandbox is not None:
                made = await capture(gateway, wish.sandbox, name, on_state=tell_state)
            else:
                made = await make_snapshot(gateway, wish.order, on_text=tell_text, on_state=tell_state)
        except DaytonaTuiError as error:
            self.keep("create", "", name, error, snapshot_line(values))
            log.stand(safe(error.message), is_over=True, has_failed=True)
            task.fail(error)
            self._tried = (values, phrase(error).line)
            if is_accepted:
                self.host.tell(error.message, f"Snapshot {name}", is_bad=True)
            else:
                self.awaited = ""
                self.host.close_dialog(BuildLogScreen)
                self.ask_new(values, phrase(error).line)
        else:
            self._tried = None
            self.keep("create", made.id, name, None, snapshot_line(values))
            log.stand(f"{snapshot_state(made)}: sandboxes can be made from it", is_over=True)
            task.succeed(snapshot_state(made))
            self.host.tell(f"{name} is {snapshot_state(made)}", "Snapshot")
        self.reload()
