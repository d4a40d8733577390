"""Looking whether a sandbox is safe to delete, and rescuing what would be lost."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from daytona_tui.domain.deeds import Deed, Verb
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.equivalents import equivalent
from daytona_tui.operations.journal import Entry
from daytona_tui.operations.rescue import DIRECTORY, RescueOrder, RescueOutcome, Tell, rescue
from daytona_tui.presentation.questions import Request, question
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.safety import kept_refusal
from daytona_tui.ui import workers
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.safety import CHECK
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.dialogs import AfterCheck, Checked
from daytona_tui.ui.panes.fleet_acts import FleetActs
from daytona_tui.ui.panes.rescue_task import RescueTask

RESCUING = "rescuing"
"""What the row of the sandbox says meanwhile."""


class FleetRescue(FleetActs):
    """Asks what deleting the sandbox under the cursor would lose, and carries out what the user decides then."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command != CHECK:
            return super().refusal(command)
        if self.current is None:
            return self.nobody
        act = self.store.pending.get(self.current.id)
        return f"it is {act.step} already" if act is not None else ""

    def do_check(self) -> None:
        """Look into the sandbox under the cursor."""
        if self.current is not None:
            self.check(self.current)

    def check(self, sandbox: Sandbox) -> None:
        """Look into a sandbox, and do what the user decides then."""
        self.dialogs.check_safety(sandbox, partial(self._checked, sandbox))

    def check_instead(self, request: Request) -> Callable[[], None] | None:
        """Return what looks into the one sandbox that ``request`` would delete."""
        if request.verb is not Verb.DELETE or len(request.able) != 1:
            return None
        return partial(self.check, request.able[0])

    def _checked(self, sandbox: Sandbox, checked: Checked) -> None:
        sandbox = self.store.fleet.get(sandbox.id) or sandbox
        answer, request = checked.answer, Request(Verb.DELETE, (sandbox,), running=checked.running)
        if answer is AfterCheck.DELETE:
            self.act(Deed(Verb.DELETE), request)
            return
        base = self.services.settings.pull_dir.expanduser() / DIRECTORY
        order = RescueOrder(
            sandbox,
            base,
            delete=answer is AfterCheck.RESCUE_AND_DELETE,
            timeout_s=self.services.settings.lifecycle_timeout_s,
        )
        if reason := self._rescue_refusal(order):
            self._refuse_rescue(reason)
            return
        asked = question(request, self.services.now(), frozenset({getpass.getuser()}))
        if order.delete and asked.cautions:  # what speaks against deleting speaks against it after a rescue as well
            asked = replace(
                asked, title=f"Rescue and delete {safe(sandbox.name)}?", yes="Rescue and delete",
                warning="It is deleted once everything that would be lost is here.",
            )  # fmt: skip
            self.dialogs.confirm(asked, partial(self.begin_rescue, order))
        else:
            self.begin_rescue(order)

    def begin_rescue(self, order: RescueOrder) -> None:
        """Rescue in the background; the row of the sandbox says so at once."""
        if is_leaving(self):
            return
        if reason := self._rescue_refusal(order):
            self._refuse_rescue(reason)
            return
        self.store.begin_act(order.sandbox.id, Verb.DELETE, RESCUING, self.services.now())
        self.view_changed()
        task = RescueTask(order, self.begin_rescue)
        task.worker = self.run_worker(self._rescue(task), name=task.title, group=workers.TRANSFER, exit_on_error=False)
        self.post_message(self.Begun(task))

    def _refuse_rescue(self, reason: str) -> None:
        self.app.notify(reason, title="Rescue: not now", severity="warning", markup=False)

    def _rescue_refusal(self, order: RescueOrder) -> str:
        if order.delete and (why := self.why_kept(order.sandbox)):
            return kept_refusal(why)
        if self.services.read_only and (order.delete or not order.sandbox.is_running):
            return self.services.read_only
        act = self.store.pending.get(order.sandbox.id)
        return f"it is {act.step} already" if act is not None else ""

    async def _rescue(self, task: RescueTask) -> None:
        order, key = task.order, task.order.sandbox.id
        after, is_gone, outcome = None, False, "cancelled"

        def step(word: str) -> None:
            task.step(word)
            self.store.note_step(key, word)
            self.changed()

        try:
            result = await rescue(
                self.services.gateway,
                order,
                self.services.now,
                forbids=self.services.keeper.why,
                tell=Tell(step, task.progress),
            )
            task.finish(result)
            after, is_gone = result.after, result.is_deleted or result.after is None
            outcome = "done" if result.is_success else "failed"
            await self._keep(order, outcome, result.text, result)
            self._tell_of_rescue(task, is_well=result.is_success)
        except DaytonaTuiError as error:
            task.fail(error)
            await self._keep(order, "failed", error.message)
            self._tell_of_rescue(task, is_well=False)
        except asyncio.CancelledError:
            task.give_up()
            self.deeds.journal.keep_now(self._entry(order, "cancelled", "cancelled"))
            raise
        finally:
            if not task.is_over:  # something unforeseen, which is told elsewhere
                task.give_up()
            if is_gone or after is not None:
                self.store.settle(key, None if is_gone else after)
            else:
                self.store.fail(key)
            self.changed()
            self.watch_news.wake()

    def _tell_of_rescue(self, task: RescueTask, *, is_well: bool) -> None:
        part = task.parts[0]
        text = "\n".join(filter(None, (safe(part.detail), safe(part.hint))))
        self.app.notify(text, title=task.title, severity="information" if is_well else "error", timeout=8, markup=False)

    async def _keep(self, order: RescueOrder, outcome: str, detail: str, result: RescueOutcome | None = None) -> None:
        """Keep it in the journal."""
        await self.deeds.journal.keep(self._entry(order, outcome, detail))
        if result is not None and result.is_deleted:
            line = equivalent(Deed(Verb.DELETE), order.sandbox)
            await self.deeds.journal.keep(
                replace(
                    self._entry(order, "done", "after its rescue"), verb=Verb.DELETE.value, parameters={}, line=line
                )
            )
        if trouble := self.deeds.journal.take_trouble():
            self.app.notify(trouble, severity="warning", markup=False)

    def _entry(self, order: RescueOrder, outcome: str, detail: str) -> Entry:
        parameters = {"into": str(order.base), "delete": order.delete}
        sandbox = order.sandbox
        return Entry(self.services.now(), "rescue", sandbox.id, sandbox.name, parameters, outcome, detail)
