"""Acting on sandboxes: what is possible, what is asked first, what is begun, what is told at the end."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import replace

from textual.message import Message
from textual.notifications import SeverityLevel

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.deeds import Deed, Verb
from daytona_tui.domain.effects import effect_of
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.errors import UnsupportedError
from daytona_tui.operations import lifecycle
from daytona_tui.operations.bulk import BulkRow, BulkRun, Plan, RowStatus, make_plan
from daytona_tui.presentation.deeds import WORDS, effect_words
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.questions import Request, needs_question, question
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands import acts as commands
from daytona_tui.ui.commands import edits
from daytona_tui.ui.commands.app import FOCUS_TASKS
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.bulk_task import BulkTask
from daytona_tui.ui.panes.dialogs import Dialogs
from daytona_tui.ui.panes.fleet_base import FleetBase
from daytona_tui.ui.panes.fleet_deeds import FleetDeeds
from daytona_tui.ui.panes.task_book import Task
from daytona_tui.ui.panes.wakes import refusal_to_wake
from daytona_tui.ui.services import Services

VERBS = {
    commands.START.id: Verb.START,
    commands.STOP.id: Verb.STOP,
    commands.FORCE_STOP.id: Verb.FORCE_STOP,
    commands.PAUSE.id: Verb.PAUSE,
    commands.ARCHIVE.id: Verb.ARCHIVE,
    commands.DELETE.id: Verb.DELETE,
    commands.RECOVER.id: Verb.RECOVER,
    commands.EXECUTE.id: Verb.EXECUTE,
    commands.PULL_MARKED.id: Verb.PULL,
    edits.LIFETIMES.id: Verb.LIFETIMES,
    edits.LABELS.id: Verb.LABELS,
    edits.RESIZE.id: Verb.RESIZE,
    edits.FORK.id: Verb.FORK,
}
"""What the commands do."""

_NEEDS = {
    Verb.PAUSE: Ability.PAUSE,
    Verb.ARCHIVE: Ability.ARCHIVE,
    Verb.RECOVER: Ability.RECOVER,
    Verb.RESIZE: Ability.RESIZE,
    Verb.FORK: Ability.FORK,
}
"""What the server has to have for them."""

_STARTS = {SandboxState.PAUSED: "Resume", SandboxState.ARCHIVED: "Restore"}
"""What starting is called, by the state that it begins in."""

_SHOWN_S = 8

_TOLD = frozenset({Verb.EXECUTE, Verb.PULL, Verb.LABELS, Verb.LIFETIMES, Verb.RESIZE, Verb.FORK})
"""Verbs of which the row does not show that they have happened."""


class FleetActs(FleetBase):
    """Does what can be done to sandboxes.

    Attributes:
        dialogs: asks the user; the screen sets it before the pane is mounted.
    """

    dialogs: Dialogs

    class Begun(Message):
        """Something was begun: the screen shows it among the tasks."""

        def __init__(self, task: Task) -> None:
            super().__init__()
            self.begun = task

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.deeds = FleetDeeds(services, self.store, self.changed)

    # What is possible

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command == commands.EXECUTE and not self.chosen:
            return ""  # it goes to the console, which says itself what it cannot do
        verb = VERBS.get(command.id)
        return self._refusal(verb) if verb else super().refusal(command)

    def title_of(self, command: Command) -> str:
        """Return the title, with the number of marked sandboxes for what acts on them."""
        many = len(self.chosen) if command.id in VERBS else 0
        title = self._start_title() if command == commands.START else command.title
        return f"{title} {many:,}" if many else title if command == commands.START else super().title_of(command)

    def _start_title(self) -> str:
        """Return what starting is for those it would be done to: the same call resumes and restores."""
        states = {each.state for each in self.targets}
        return _STARTS.get(states.pop(), commands.START.title) if len(states) == 1 else commands.START.title

    def _refusal(self, verb: Verb) -> str:
        """Return why ``verb`` is possible for nobody who is marked or under the cursor."""
        if self.services.read_only and verb is not Verb.PULL:
            return self.services.read_only
        if verb in _NEEDS and (lacking := self.services.abilities.lacks(_NEEDS[verb])):
            return lacking
        targets = self.targets
        if not targets:
            return self.nobody
        if verb is Verb.PULL and len(targets) == 1 and not targets[0].is_running:
            return refusal_to_wake(self.services, targets[0])
        first = ""
        for sandbox in targets:
            reason = self._refusal_for(verb, sandbox)
            if not reason or (verb is Verb.PULL and self._can_wake(sandbox)):
                return ""
            first = first or reason
        return first if len(targets) == 1 else f"none of the {len(targets):,} marked: the first because {first}"

    def _refusal_for(self, verb: Verb, sandbox: Sandbox) -> str:
        if verb in _NEEDS and (lacking := self.services.abilities.lacks(_NEEDS[verb])):
            return lacking
        act = self.store.pending.get(sandbox.id)
        if act is not None and verb not in (Verb.EXECUTE, Verb.PULL):
            return f"it is {act.step} already"
        return lifecycle.refusal(verb, sandbox)

    # The keys

    def do_start(self) -> None:
        """Start what is marked or under the cursor."""
        self.act(Deed(Verb.START))

    def do_stop(self) -> None:
        """Stop it."""
        self.act(Deed(Verb.STOP))

    def do_force_stop(self) -> None:
        """Kill what runs, and stop."""
        self.act(Deed(Verb.FORCE_STOP))

    def do_pause(self) -> None:
        """Suspend it with its memory."""
        self.act(Deed(Verb.PAUSE))

    def do_archive(self) -> None:
        """Archive it."""
        self.act(Deed(Verb.ARCHIVE))

    def do_delete(self) -> None:
        """Ask whether to delete it."""
        self.act(Deed(Verb.DELETE))

    def do_recover(self) -> None:
        """Put right what failed."""
        self.act(Deed(Verb.RECOVER))

    def do_execute(self) -> None:
        """Ask for a command for the marked; without any, go to the console."""
        if not self.chosen:
            self.dialogs.go_to_console()
            return
        request = self.request(Verb.EXECUTE)
        self.dialogs.ask_command(self._about(request), request.notes, lambda deed: self.act(deed, request))

    def do_pull_marked(self) -> None:
        """Ask what to pull, and where to."""
        targets = self.targets
        if len(targets) == 1:
            self.dialogs.pull_one(targets[0])
            return
        request = self.request(Verb.PULL)
        asleep = tuple(each for each, _reason in request.skipped if self._can_wake(each))
        ids = {each.id for each in asleep}
        skipped = tuple(each for each in request.skipped if each[0].id not in ids)
        with_all = replace(request, able=request.able + asleep, skipped=skipped)
        self.dialogs.ask_pull(
            WORDS[Verb.PULL].about(len(request.able) or len(asleep), safe(with_all.able[0].name)),
            replace(request, skipped=skipped),
            asleep,
            lambda deed: self.act(deed, with_all if deed.wakes else request),
        )

    def _can_wake(self, sandbox: Sandbox) -> bool:
        return not sandbox.is_running and not refusal_to_wake(self.services, sandbox)

    def _about(self, request: Request) -> str:
        return WORDS[request.verb].about(len(request.able), safe(request.able[0].name))

    # From the key to the deed

    def request(self, verb: Verb) -> Request:
        """Return whom ``verb`` would be done to, who is left out, who of them is hidden, and what it frees."""
        able: list[Sandbox] = []
        skipped: list[tuple[Sandbox, str]] = []
        for sandbox in self.targets:
            reason = self._refusal_for(verb, sandbox)
            if reason:
                skipped.append((sandbox, reason))
            else:
                able.append(sandbox)
        hidden = self.view.hidden(self.chosen)
        effect = effect_words(verb, effect_of(verb, able, self.services.prices))
        keymap = self.services.keymap
        undo_key = keymap.label(commands.UNDO.id) if keymap.keys.get(commands.UNDO.id) else ""
        return Request(verb, tuple(able), tuple(skipped), frozenset(hidden), effect, undo_key=undo_key)

    def act(self, deed: Deed, request: Request | None = None) -> None:
        """Do a deed to what is marked or under the cursor, or to those of ``request``; ask first where that is due."""
        request = request or self.request(deed.verb)
        if not request.able:
            return
        request = self.with_keepers(request)
        if needs_question(request):
            asked = question(
                replace(request, command=deed.command), self.services.now(), frozenset({getpass.getuser()})
            )
            self.dialogs.confirm(asked, lambda: self.begin(deed, request), check=self.check_instead(request))
        else:
            self.begin(deed, request)

    def with_keepers(self, request: Request) -> Request:
        """Return ``request`` with what wants those kept of which nothing would be left."""
        kept = {each.id: why for each in request.doomed if (why := self.why_kept(each))}
        return replace(request, kept=kept)

    def why_kept(self, sandbox: Sandbox) -> str:
        """Return why a sandbox is to be kept, in words; empty where nothing says so. A part overrides it."""
        return ""

    def check_instead(self, request: Request) -> Callable[[], None] | None:
        """Return what looks first at what ``request`` would lose; None where nothing can. A part overrides it."""
        return None

    def begin(self, deed: Deed, request: Request) -> None:
        """Do a deed to those of ``request`` without asking; who is left out stands in the task as well."""
        reasons = {sandbox.id: reason for sandbox, reason in request.skipped}
        whom = (*request.able, *(sandbox for sandbox, _reason in request.skipped))
        plan = make_plan(deed, whom, self.services.now())
        rows = tuple(replace(row, skip=reasons.get(row.sandbox.id, row.skip)) for row in plan.rows)
        self.carry_out(replace(plan, rows=rows), note=request.effect)

    def carry_out(self, plan: Plan, *, title: str = "", note: str = "", undone: BulkRun | None = None) -> None:
        """Carry a plan out in the background; the rows say so at once. Who is busy by now is left out.

        Args:
            plan: what to do.
            title: how the task is called; empty: after its verb.
            note: what it frees or takes.
            undone: the run that is taken back by it.
        """
        if is_leaving(self):
            return  # there is nobody to show it to, and nothing is begun
        if self.services.read_only and plan.deed.verb is not Verb.PULL:
            # It may have turned out since the question, or since what is tried again was done.
            self.app.notify(self.services.read_only, title="Not now", severity="warning", markup=False)
            return
        rows = tuple(
            replace(row, skip=reason) if not row.skip and (reason := self._busy(row.deed.verb, row.sandbox)) else row
            for row in plan.rows
        )
        task = self.deeds.begin(replace(plan, rows=rows), self.carry_out, title=title, note=note)
        self.view.marks -= {row.sandbox.id for row in rows if not row.skip}
        self.table.end_range()
        self.view_changed()
        self.post_message(self.Begun(task))
        self.run_worker(self._carry_out(task, undone), name=task.title, group=workers.LIFECYCLE, exit_on_error=False)

    def _busy(self, verb: Verb, sandbox: Sandbox) -> str:
        act = self.store.pending.get(sandbox.id)
        return f"it is {act.step} already" if act and verb not in (Verb.EXECUTE, Verb.PULL) else ""

    # What came of it

    async def _carry_out(self, task: BulkTask, undone: BulkRun | None) -> None:
        try:
            await self.deeds.carry_out(task, undone)
        finally:
            self.watch_news.wake()
        rows = task.run.rows
        if len(rows) == 1:
            self._tell_one(rows[0], task)
        else:
            self._tell_many(task)
        if trouble := self.deeds.journal.take_trouble():
            self.app.notify(trouble, severity="warning", markup=False)

    def _tell_one(self, row: BulkRow, task: BulkTask) -> None:
        """Tell of one sandbox only what its row in the list does not show."""
        verb = row.deed.verb
        if row.status is RowStatus.FAILED and row.error is not None:
            said = phrase(row.error, f"{WORDS[verb].title.lower()} {row.sandbox.name}")
            detail = safe(row.detail) if task.run.stopped_because else said.detail
            text = "\n".join(part for part in (detail, said.hint) if part)
            # What the server has not is no trouble: from now on it is not offered.
            severity: SeverityLevel = "warning" if isinstance(row.error, UnsupportedError) else "error"
            self.app.notify(text, title=said.title, severity=severity, timeout=_SHOWN_S, markup=False)
        elif row.status is not RowStatus.DONE or verb in _TOLD:
            title = WORDS[verb].about(1, safe(row.sandbox.name))
            is_well = row.status is RowStatus.DONE
            self.app.notify(
                safe(row.detail) or row.status.value, title=title, severity="information" if is_well else "warning",
                markup=False,
            )  # fmt: skip

    def _tell_many(self, task: BulkTask) -> None:
        parts = [task.outcome]
        if task.run.stopped_because:
            parts.append(f"stopped asking: {safe(task.run.stopped_because)}")
        parts.append(self.services.keymap.hint(FOCUS_TASKS.id, "shows each"))
        has_failed = task.tally.failed > 0
        self.app.notify(
            "\n".join(filter(None, parts)), title=task.title, severity="warning" if has_failed else "information",
            timeout=_SHOWN_S, markup=False,
        )  # fmt: skip
