"""Running something in a sandbox of its own, which is deleted whatever comes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from daytona_tui.domain.creation import CreateOrder, StageBegun
from daytona_tui.domain.executions import OutputChunk
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError, UnsupportedError
from daytona_tui.operations.create_after import upload
from daytona_tui.operations.create_order import prepared
from daytona_tui.operations.git_clone import clone, wanted_of
from daytona_tui.operations.run_once import Deleted, LeftToGuardian, RunEvent, passing, run_once, run_program
from daytona_tui.presentation.creation import order_of
from daytona_tui.presentation.creation_events import event_words
from daytona_tui.presentation.forms import Value, Values
from daytona_tui.presentation.run_once import ordered, run_once_form, timeout_of
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands.app import FOCUS_TASKS
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.making import RUN_ONCE
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.fleet_acts import FleetActs
from daytona_tui.ui.panes.form_dialogs import FormDraft
from daytona_tui.ui.panes.run_once_task import RunOnceTask
from daytona_tui.ui.services import Services

_SHOWN_S = 10


class FleetRunOnce(FleetActs):
    """Asks what is to run, and runs it in the background."""

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._last_run: Values = {}
        self._run_trouble = ""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        return self.services.read_only if command == RUN_ONCE else super().refusal(command)

    def do_run_once(self) -> None:
        """Ask what is to run; the form has what ran last."""
        ready: dict[str, Value] = {}

        async def verify(values: Values) -> Mapping[str, str]:
            told, mistakes = await prepared(ordered(values), os.environ)
            ready.clear()
            ready.update(told)
            return mistakes

        def then(values: Values) -> None:
            self.begin_run_once(values, order_of(ready))

        self.dialogs.ask_form(FormDraft(run_once_form(self._last_run, trouble=self._run_trouble), verify), then)

    def begin_run_once(self, values: Values, order: CreateOrder) -> None:
        """Run what is said of a sandbox as it is ordered, in the background."""
        if is_leaving(self):
            return
        self._last_run, self._run_trouble = values, ""
        task = RunOnceTask(str(values["command"]))
        task.worker = self.run_worker(
            self._carry_out_once(task, values, order), name=task.title, group=workers.LIFECYCLE, exit_on_error=False
        )
        self.post_message(self.Begun(task))

    async def _carry_out_once(self, task: RunOnceTask, values: Values, order: CreateOrder) -> None:
        def hear(event: RunEvent) -> None:
            if isinstance(event, StageBegun) and event.sandbox is not None:
                task.call(event.sandbox.name)
                self.store.settle(event.sandbox.id, event.sandbox)
                self.changed()
            if isinstance(event, Deleted):
                task.is_deleted = True
            elif not isinstance(event, LeftToGuardian) and (words := event_words(event)):
                task.take_step(safe(words))

        async def work(sandbox: Sandbox) -> int | None:
            return await self._run_once_in(sandbox, task, values, order)

        once = replace(passing(order, timeout_of(values)), uploads=())
        try:
            task.end(await run_once(self.services.gateway, once, work, on_event=hear))
        except DaytonaTuiError as error:
            task.fail(error)
            self._run_trouble = task.trouble
        finally:
            task.give_up()
            self.watch_news.wake()
        self._tell_run(task)

    def _tell_run(self, task: RunOnceTask) -> None:
        words = task.trouble or safe(task.parts[0].detail)
        text = "\n".join(filter(None, (words, self.services.keymap.hint(FOCUS_TASKS.id, "shows its output"))))
        is_well = task.exit_code == 0
        self.app.notify(
            text, title=task.title, severity="information" if is_well else "warning", timeout=_SHOWN_S, markup=False
        )

    async def _run_once_in(self, sandbox: Sandbox, task: RunOnceTask, values: Values, order: CreateOrder) -> int | None:
        gateway, timeout_s = self.services.gateway, timeout_of(values)
        if values.get("preview"):
            await self._tell_preview(sandbox, int(str(values["preview"])), timeout_s)
        cwd = ""
        if values.get("repo"):
            wanted = wanted_of(str(values["repo"]))
            task.take_step(safe(f"cloning {wanted.address.url}"))
            cwd = (await clone(gateway, sandbox.id, wanted, timeout_s=timeout_s)).path
        for each in order.uploads:
            task.take_step(safe(f"uploading {each.local}"))
            await upload(gateway, sandbox, each)
        task.take_step("running")

        def hear(chunk: OutputChunk) -> None:
            task.write(chunk.text)

        code = await run_program(gateway, sandbox.id, str(values["command"]), cwd, hear, timeout_s=timeout_s)
        task.take_step("deleting the sandbox")
        return code

    async def _tell_preview(self, sandbox: Sandbox, port: int, timeout_s: int) -> None:
        gateway = self.services.gateway
        try:
            url = (await gateway.sign_preview(sandbox.id, port, min(timeout_s, 24 * 3600))).url
        except UnsupportedError:
            url = (await gateway.preview_link(sandbox.id, port)).url
        self.app.notify(safe(url), title=f"Port {port}", timeout=30, markup=False)
