"""The bin: what is put there is stopped and deleted in some days, unless somebody takes it out before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.leaks.codes import HELD
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.views import Arrangement, ColumnChoice, NamedView, Sort
from daytona_tui.errors import ConflictError, DaytonaTuiError
from daytona_tui.operations.bin import (
    AT_ONCE,
    BIN_LABEL,
    DEFAULT_TTL_MIN,
    Put,
    bin_refusal,
    is_in_bin,
    put_all_in_bin,
    take_out,
)
from daytona_tui.operations.journal import Entry
from daytona_tui.presentation.human import interval
from daytona_tui.presentation.questions import NAMED, Question, named
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands.acts import UNDO
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.leaks import BIN, HOLD
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.each_task import EachTask
from daytona_tui.ui.panes.fleet_leaks import FleetLeaks
from daytona_tui.ui.panes.fleet_undo import FleetUndo

BIN_VIEW = NamedView(
    "bin",
    f"label:{BIN_LABEL}",
    Arrangement(
        tuple(ColumnChoice(key) for key in ("name", "state", "owner", "ttl", "age", "disk", "cost")), (Sort("ttl"),)
    ),
)
"""What is in the bin, what is deleted first before the rest."""

_KEPT_LINES = 3
"""Lines about who wants what goes into the bin kept."""

_Work = Callable[[EachTask], Coroutine[None, None, None]]


class FleetBin(FleetLeaks, FleetUndo):
    """Puts sandboxes in the bin, and takes them out."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command == UNDO and self._binned:
            return self.services.read_only
        return self._bin_refusal() if command == BIN else super().refusal(command)

    def title_of(self, command: Command) -> str:
        """Return the title, with the number of marked sandboxes; of undo, that it takes out of the bin."""
        if command == UNDO and self._binned:
            return "Take out"
        many = len(self.chosen) if command == BIN else 0
        return f"{command.title} {many:,}" if many else super().title_of(command)

    def _bin_refusal(self) -> str:
        if self.services.read_only:
            return self.services.read_only
        if lacking := self.services.abilities.lacks(Ability.TTL):
            return f"{lacking}, and the bin is made of it"
        if self.leaks.trouble:
            return self.leaks.trouble
        first = ""
        for sandbox in self.targets:
            reason = self._reason(sandbox)
            if not reason:
                return ""
            first = first or reason
        return first or self.nobody

    def _reason(self, sandbox: Sandbox) -> str:
        act = self.store.pending.get(sandbox.id)
        if act is not None:
            return f"it is {act.step} already"
        return bin_refusal(sandbox) or self._held(sandbox)

    def _held(self, sandbox: Sandbox) -> str:
        """Why it is not put there before somebody lets go of it, in words; empty where nobody holds it."""
        held = [safe(guard.sentence) for guard in self.leaks.keepers(sandbox) if guard.code in HELD]
        if not held:
            return ""
        hint = self.services.keymap.hint(HOLD.id, "lets go")
        return f"it is {' and '.join(held)}{f': {hint}' if hint else ''}"

    def _kept(self, sandboxes: Sequence[Sandbox]) -> tuple[str, ...]:
        """What else wants some of them kept, in words: nobody can let go of that, so whoever insists is told."""
        told = dict[str, list[str]]()
        for sandbox in sandboxes:
            for guard in self.leaks.keepers(sandbox):
                told.setdefault(guard.sentence, []).append(sandbox.name)
        return tuple(f"is to be kept, {clip(safe(why), 60)}: {named(names)}" for why, names in told.items())

    @property
    def _binned(self) -> tuple[Sandbox, ...]:
        """The targets, if all of them are in the bin."""
        targets = self.targets
        return targets if targets and all(map(is_in_bin, targets)) else ()

    # Into it

    def do_bin(self) -> None:
        """Ask how long the bin keeps them, and put them there."""
        able = tuple(sandbox for sandbox in self.targets if not self._reason(sandbox))
        left = [sandbox for sandbox in self.targets if sandbox not in able]
        left_out = (f"left out: {named([each.name for each in left])}: {self._reason(left[0])}",) if left else ()
        notes = (*self._kept(able)[:_KEPT_LINES], *left_out)
        title = f"Put {_whom(able)} in the bin"
        self.dialogs.ask_bin(title, notes, interval(DEFAULT_TTL_MIN), lambda ttl_min: self.put(able, ttl_min))

    def put(self, sandboxes: Sequence[Sandbox], ttl_min: int) -> None:
        """Put sandboxes in the bin, in the background."""

        async def work(task: EachTask) -> None:
            def over(result: Put) -> None:
                if result.error is None:
                    self.store.settle(result.sandbox.id, result.sandbox)
                    task.succeed(result.sandbox.id, f"in the bin, is deleted in {interval(ttl_min)}")
                else:
                    self.store.fail(result.sandbox.id)
                    task.fail(result.sandbox.id, result.error)
                self.changed()

            free = await self._free(task, sandboxes)
            await put_all_in_bin(
                self.services.gateway, free, ttl_min, on_over=over, journal=self.deeds.journal,
                timeout_s=self.services.settings.lifecycle_timeout_s,
            )  # fmt: skip

        note = f"deleted in {interval(ttl_min)} unless taken out"
        self._begin(EachTask(f"Put {_whom(sandboxes)} in the bin", sandboxes, done="in the bin", note=note), sandboxes,
                    "going into the bin", work)  # fmt: skip

    async def _free(self, task: EachTask, sandboxes: Sequence[Sandbox]) -> list[Sandbox]:
        """Return whom nobody holds by now: another program may do so since the rows were drawn."""
        await self.leaks.load_pins(anew=True)
        held = {each.id: why for each in sandboxes if (why := self.leaks.trouble or self._held(each))}
        for sandbox_id, why in held.items():
            self.store.fail(sandbox_id)
            task.fail(sandbox_id, ConflictError(why))
        return [each for each in sandboxes if each.id not in held]

    # Out of it

    def do_undo(self) -> None:
        """Take out of the bin what is in it; anything else is undone as ever."""
        binned = self._binned
        if not binned:
            super().do_undo()
            return
        question = Question(
            f"Take {_whom(binned)} out of the bin?",
            tuple(safe(each.name) for each in binned[:NAMED]),
            "Nothing deletes it then but what it was set to before; it is not started." if len(binned) == 1
            else "Nothing deletes them then but what they were set to before; they are not started.",
            "Take out", is_danger=False,
        )  # fmt: skip
        self.dialogs.confirm(question, lambda: self.take_out(binned))

    def take_out(self, sandboxes: Sequence[Sandbox]) -> None:
        """Take sandboxes out of the bin, in the background."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(task: EachTask, sandbox: Sandbox) -> None:
            outcome, detail = "done", ""
            async with turns:
                try:
                    taken = await take_out(
                        self.services.gateway, sandbox, timeout_s=self.services.settings.lifecycle_timeout_s
                    )
                    self.store.settle(sandbox.id, taken.sandbox)
                    detail = taken.told
                    task.succeed(sandbox.id, detail)
                except DaytonaTuiError as error:
                    self.store.fail(sandbox.id)
                    outcome, detail = "failed", error.message
                    task.fail(sandbox.id, error)
            self.changed()
            entry = Entry(self.services.now(), "take out", sandbox.id, sandbox.name, {}, outcome, detail)
            await self.deeds.journal.keep(entry)

        async def work(task: EachTask) -> None:
            async with asyncio.TaskGroup() as group:
                for sandbox in sandboxes:
                    group.create_task(one(task, sandbox))

        self._begin(EachTask(f"Take {_whom(sandboxes)} out of the bin", sandboxes, done="taken out"), sandboxes,
                    "coming out of the bin", work)  # fmt: skip

    # Both

    def _begin(self, task: EachTask, sandboxes: Sequence[Sandbox], step: str, work: _Work) -> None:
        if is_leaving(self):
            return
        for sandbox in sandboxes:
            self.store.begin_act(sandbox.id, Verb.STOP, step, self.services.now())
        self.view.marks -= {sandbox.id for sandbox in sandboxes}
        self.table.end_range()
        self.view_changed()

        async def carried_out() -> None:
            try:
                await work(task)
            finally:
                task.give_up()
                for sandbox in sandboxes:
                    self.store.fail(sandbox.id)
                self.changed()
                self.watch_news.wake()
            failed = task.tally.failed > 0
            self.app.notify(
                task.outcome, title=task.title, severity="warning" if failed else "information", markup=False
            )

        task.worker = self.run_worker(carried_out(), name=task.title, group=workers.LIFECYCLE, exit_on_error=False)
        self.post_message(self.Begun(task))


def _whom(sandboxes: Sequence[Sandbox]) -> str:
    return clip(safe(sandboxes[0].name), 40) if len(sandboxes) == 1 else f"{len(sandboxes):,} sandboxes"
