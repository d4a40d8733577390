"""Acting on sandboxes: what is possible, what is asked first, what is begun."""

from __future__ import annotations

import getpass

from daytona_tui.domain.deeds import Deed, Verb
from daytona_tui.domain.effects import effect_of
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.operations import lifecycle
from daytona_tui.presentation.deeds import WORDS, effect_words
from daytona_tui.presentation.questions import Request, needs_question, question
from daytona_tui.ui import workers
from daytona_tui.ui.commands import fleet as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.dialogs import Dialogs
from daytona_tui.ui.panes.fleet_base import FleetBase
from daytona_tui.ui.panes.fleet_deeds import FleetDeeds, summary
from daytona_tui.ui.services import Services

_VERBS = {commands.START.id: Verb.START, commands.STOP.id: Verb.STOP, commands.ARCHIVE.id: Verb.ARCHIVE,
          commands.DELETE.id: Verb.DELETE}  # fmt: skip


class FleetActs(FleetBase):
    """Does what can be done to sandboxes.

    Attributes:
        dialogs: asks the user; the screen sets it before the pane is mounted.
    """

    dialogs: Dialogs

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.deeds = FleetDeeds(services, self.store, self.changed)

    # What is possible

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        verb = _VERBS.get(command.id)
        return self._refusal(verb) if verb else super().refusal(command)

    def title_of(self, command: Command) -> str:
        """Return the title, with the number of marked sandboxes for what acts on them."""
        is_act = command.id in _VERBS
        return f"{command.title} {len(self.view.marks)}" if is_act and self.view.marks else super().title_of(command)

    def _refusal(self, verb: Verb) -> str:
        if self.services.read_only:
            return self.services.read_only
        targets = self.targets
        if not targets:
            return "there is no sandbox under the cursor"
        reasons = [self._refusal_of(verb, sandbox) for sandbox in targets]
        if not all(reasons):
            return ""
        return reasons[0] if len(targets) == 1 else f"none of the {len(targets)} marked: the first because {reasons[0]}"

    def _refusal_of(self, verb: Verb, sandbox: Sandbox) -> str:
        act = self.store.pending.get(sandbox.id)
        return f"it is {act.step} already" if act else lifecycle.refusal(lifecycle.Verb(verb), sandbox)

    # The keys

    def do_start(self) -> None:
        """Start what is marked or under the cursor."""
        self.act(Deed(Verb.START))

    def do_stop(self) -> None:
        """Stop it."""
        self.act(Deed(Verb.STOP))

    def do_archive(self) -> None:
        """Archive it."""
        self.act(Deed(Verb.ARCHIVE))

    def do_delete(self) -> None:
        """Ask whether to delete it."""
        self.act(Deed(Verb.DELETE))

    # From the key to the deed

    def request(self, verb: Verb) -> Request:
        """Return whom ``verb`` would be done to, who is left out, and what it frees."""
        able, skipped = [], []
        for sandbox in self.targets:
            reason = self._refusal_of(verb, sandbox)
            if reason:
                skipped.append((sandbox, reason))
            else:
                able.append(sandbox)
        hidden = self.view.marks.difference(sandbox.id for sandbox in self.table.rows.sandboxes)
        effect = effect_words(verb, effect_of(verb, able, self.services.prices))
        return Request(verb, tuple(able), tuple(skipped), frozenset(hidden), effect)

    def act(self, deed: Deed, request: Request | None = None) -> None:
        """Do a deed to what is marked or under the cursor, or to those of ``request``; ask first where that is due."""
        request = request or self.request(deed.verb)
        if not request.able:
            return
        if needs_question(request):
            asked = question(request, self.services.now(), frozenset({getpass.getuser()}))
            self.dialogs.confirm(asked, lambda: self.begin(deed, request))
        else:
            self.begin(deed, request)

    def begin(self, deed: Deed, request: Request) -> None:
        """Do a deed to each sandbox of ``request`` that has no act under way; the rows say so at once."""
        begun = self.deeds.begin(lifecycle.Verb(deed.verb), request.able)
        if begun:
            self.view.marks -= {sandbox.id for sandbox in begun}
            self.draw()
            self.run_worker(
                self._carry_out(lifecycle.Verb(deed.verb), begun, len(request.skipped)), name=f"{deed.verb} sandboxes",
                group=workers.LIFECYCLE, exit_on_error=False,
            )  # fmt: skip

    async def _carry_out(self, verb: lifecycle.Verb, sandboxes: tuple[Sandbox, ...], skipped: int) -> None:
        outcome = await self.deeds.carry_out(verb, sandboxes)
        self.watch_news.wake()
        if len(sandboxes) + skipped > 1:
            self.app.notify(
                summary(outcome, skipped),
                title=WORDS[Verb(verb)].title,
                severity="warning" if outcome.failed else "information",
                markup=False,
            )
        for _sandbox, said in outcome.failed if len(sandboxes) == 1 and not skipped else ():
            text = "\n".join(part for part in (said.detail, said.hint) if part)
            self.app.notify(text, title=said.title, severity="error", timeout=8, markup=False)
