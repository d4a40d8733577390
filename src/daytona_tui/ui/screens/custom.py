"""Commands of the user's own: who they are for, why one is not possible now, and running them."""

from __future__ import annotations

import os
from dataclasses import replace

from textual import on
from textual.app import SuspendNotSupported
from textual.screen import ModalScreen
from textual.widget import Widget

from daytona_tui.domain.custom_commands import CustomCommand, Place, environment, missing, script
from daytona_tui.domain.deeds import Deed, Verb
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.operations import lifecycle
from daytona_tui.operations.bulk import make_plan
from daytona_tui.operations.local_commands import command_of, shown_command_of
from daytona_tui.presentation.questions import Question
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.custom import customs_of
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.custom_task import CustomTask
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.screens.layout import FleetLayout
from daytona_tui.ui.services import Services
from daytona_tui.ui.terminal import outside

_LINE_CELLS = 200


class CustomCommanding(FleetLayout):
    """Runs what the settings file has under ``[[commands]]``.

    Attributes:
        customs: the user's own commands.
    """

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.customs: dict[Command, CustomCommand] = dict(customs_of(services.keymap, services.settings.commands))
        self._watched = ""
        for command, custom in self.customs.items():
            nodes: list[Widget] = [pane for pane in self.places.panes if _is_for(custom, pane)]
            for node in nodes or [self]:
                for binding in command.bindings:
                    # Private in Textual 8.2: bindings of a class are made before the settings are read.
                    node._bindings.bind(binding.key, f"screen.{binding.action}", binding.description, show=False)

    def customs_for(self, pane: Pane) -> list[Command]:
        """Return the commands that mean something in ``pane``."""
        return [each for each, custom in self.customs.items() if custom.scope == "everywhere" or _is_for(custom, pane)]

    def custom_refusal(self, custom: CustomCommand) -> str:
        """Return why it is not possible now, in words; empty when it is, for one sandbox at the least."""
        if self.services.read_only and custom.place is Place.REMOTE:
            return self.services.read_only
        if self.services.read_only and not custom.only_reads:
            return f"{self.services.read_only}; reads = true in the settings says that it changes nothing"
        targets = self._targets(custom)
        if not targets:
            return self.fleet_pane.nobody
        reasons = [self._refusal_for(custom, sandbox) for sandbox in targets]
        return "" if "" in reasons else reasons[0]

    def _targets(self, custom: CustomCommand) -> tuple[Sandbox, ...]:
        current = self.fleet_pane.current
        return self.fleet_pane.targets if custom.on_marked else (current,) if current else ()

    def _refusal_for(self, custom: CustomCommand, sandbox: Sandbox) -> str:
        asleep = lifecycle.refusal(Verb.EXECUTE, sandbox) if custom.place is Place.REMOTE else ""
        return asleep or safe(missing(custom.line, sandbox))

    def run_custom(self, command: Command, custom: CustomCommand) -> None:
        """Run it, or say why not; ask first where it is to."""
        reason = self.custom_refusal(custom)
        if reason:
            self.app.notify(reason, title=f"{command.title}: not now", severity="warning", markup=False)
            return
        targets = self._targets(custom)
        if not custom.confirm:
            self._begin(command, custom, targets)
            return
        from daytona_tui.ui.screens.confirm import ConfirmScreen

        names = tuple(safe(each.name) for each in targets if not self._refusal_for(custom, each))
        left_out = tuple(
            f"not {safe(each.name)}: {why}" for each in targets if (why := self._refusal_for(custom, each))
        )
        question = Question(
            f"{command.title}?", names, clip(safe(custom.line), _LINE_CELLS), yes="Run", left_out=left_out[:3],
            is_danger=False,
        )  # fmt: skip

        def answered(yes: bool | None) -> None:
            if yes:
                self._begin(command, custom, targets)

        self.app.push_screen(ConfirmScreen(question), answered)

    def _begin(self, command: Command, custom: CustomCommand, targets: tuple[Sandbox, ...]) -> None:
        able = tuple(each for each in targets if not self._refusal_for(custom, each))
        if is_leaving(self) or not able:
            return
        whom = safe(able[0].name) if len(able) == 1 else f"{len(able):,} sandboxes"
        title = f"{command.title} · {whom}"
        if custom.place is Place.REMOTE:
            self._begin_there(custom, targets, title)
        elif custom.background:
            self._begin_here(custom, able, title)
        else:
            work = self._lend_to(custom, able, command.title)
            self.run_worker(work, name=title, group=workers.LIFECYCLE, exit_on_error=False)

    def _begin_there(self, custom: CustomCommand, targets: tuple[Sandbox, ...], title: str) -> None:
        plan = make_plan(Deed(Verb.EXECUTE, command=custom.line), targets, self.services.now())
        rows = tuple(
            replace(
                row,
                deed=replace(row.deed, command=script(custom.line, row.sandbox)),
                skip=row.skip or self._refusal_for(custom, row.sandbox),
            )
            for row in plan.rows
        )
        self._watched = "" if custom.background else title
        self.fleet_pane.carry_out(replace(plan, rows=rows), title=title)

    @on(FleetPane.Begun)
    def _show_watched(self, event: FleetPane.Begun) -> None:
        """Show what a command in the foreground brings, as it comes."""
        if self._watched and event.begun.title == self._watched and not isinstance(self.app.screen, ModalScreen):
            from daytona_tui.ui.screens.results import ResultsScreen

            self._watched = ""
            parts = event.begun.parts
            self.app.push_screen(ResultsScreen(self.services, event.begun, parts[0].key if parts else ""))

    def _begin_here(self, custom: CustomCommand, able: tuple[Sandbox, ...], title: str) -> None:
        task = CustomTask(title, custom.line, able)
        self.tasks_pane.add(task)

        async def carry_out() -> None:
            await task.carry_out()
            if not is_leaving(self):
                last = safe(task.parts[0].detail) if len(able) == 1 else ""
                self.notify(
                    last or task.outcome, title=title, severity="warning" if task.tally.failed else "information",
                    markup=False,
                )  # fmt: skip

        task.worker = self.run_worker(carry_out(), name=title, group=workers.LIFECYCLE, exit_on_error=False)

    async def _lend_to(self, custom: CustomCommand, able: tuple[Sandbox, ...], title: str) -> None:
        """Give the terminal to the command, for one sandbox after another."""
        words = shown_command_of(custom.line) if custom.waits else command_of(custom.line)
        for sandbox in able:
            try:
                code = await outside(self.app, words, environment(sandbox, os.environ))
            except (OSError, SuspendNotSupported) as error:
                self.notify(f"there is no terminal to lend: {safe(str(error))}", title=title, severity="error",
                            markup=False)  # fmt: skip
                return
            if code and not custom.waits:
                self.notify(f"exit {code}", title=f"{title} · {safe(sandbox.name)}", severity="warning", markup=False)


def _is_for(custom: CustomCommand, pane: Pane) -> bool:
    """Return whether the key of ``custom`` holds in ``pane`` alone."""
    return pane.id == ("fleet" if custom.scope == "sandboxes" else custom.scope)
