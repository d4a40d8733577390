"""Acting on sandboxes: what is possible, what is asked first, what came of it."""

from __future__ import annotations

from textual.message import Message

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.operations import lifecycle
from daytona_tui.operations.lifecycle import Verb
from daytona_tui.presentation.questions import is_deleted_by_stopping
from daytona_tui.ui import workers
from daytona_tui.ui.commands import fleet as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.fleet_base import FleetBase
from daytona_tui.ui.panes.fleet_deeds import FleetDeeds, summary
from daytona_tui.ui.services import Services

_VERBS = {commands.START.id: Verb.START, commands.STOP.id: Verb.STOP, commands.ARCHIVE.id: Verb.ARCHIVE,
          commands.DELETE.id: Verb.DELETE}  # fmt: skip


class FleetActs(FleetBase):
    """Starts, stops, archives and deletes."""

    class DangerRequested(Message):
        """The user wants something that loses files; the screen asks, and calls ``begin`` if the answer is yes."""

        def __init__(self, verb: Verb, sandboxes: tuple[Sandbox, ...], *, skipped: int) -> None:
            super().__init__()
            self.verb = verb
            self.sandboxes = sandboxes
            self.skipped = skipped

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.deeds = FleetDeeds(services, self.store, self.changed)

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        verb = _VERBS.get(command.id)
        return self._refusal(verb) if verb else super().refusal(command)

    def title_of(self, command: Command) -> str:
        """Return the title, with the number of marked sandboxes for what acts on them."""
        is_act = command.id in _VERBS
        return f"{command.title} {len(self.view.marks)}" if is_act and self.view.marks else super().title_of(command)

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
