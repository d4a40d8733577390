"""The dialog before something is pulled from many sandboxes: what it comes to in all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Checkbox, Input, Static

from daytona_tui.domain.deeds import Deed, Verb
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.transfers import PlanSummary
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.bulk.pulling import directory_names, plan_pull
from daytona_tui.operations.copy import PullPlan
from daytona_tui.operations.transferring import summed
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import clip_name, safe
from daytona_tui.ui import workers
from daytona_tui.ui.screens.paths import LocalPaths
from daytona_tui.ui.screens.planning import PlanningScreen, Tick
from daytona_tui.ui.services import Services

MOST_PLANNED = 40
"""Sandboxes that are looked into beforehand; of more, the first ones speak for all."""
AT_ONCE = 4


class PullManyScreen(PlanningScreen[Deed | None]):
    """Asks what to copy from each, where to, and what happens to files that are there already."""

    AUTO_FOCUS = "#path"
    VERB = "pull"

    def __init__(self, services: Services, title: str, notes: tuple[str, ...], sandboxes: Sequence[Sandbox],
                 asleep: int = 0) -> None:  # fmt: skip
        """Prepare.

        Args:
            services: what looks into them.
            title: safe for a terminal.
            notes: who is left out whatever is answered, and who is hidden.
            sandboxes: those that run.
            asleep: how many more could be started for it.
        """
        super().__init__(services, title)
        self._asleep = asleep
        self._notes = notes
        self._sandboxes = sandboxes
        self._names = directory_names(sandboxes)
        self._looked_at: Deed | None = None
        self._plans: list[PullPlan] = []
        self._troubles: list[str] = []
        self._is_whole = False

    def fields(self) -> ComposeResult:
        """Make the entries."""
        for note in self._notes:
            yield Static(Content(note), classes="note")
        label = "File or directory in each (empty: the working directory):"
        yield Static(label, classes="label" if self._notes else "label -first", markup=False)
        yield Input(id="path", compact=True)
        yield Static("To, on this machine; each sandbox gets a directory in it:", classes="label", markup=False)
        yield Input(f"{self.services.settings.pull_dir}/", id="destination", compact=True, suggester=LocalPaths())

    def boxes(self) -> ComposeResult:
        """Make the offer to start those that do not run."""
        if self._asleep:
            one = self._asleep == 1
            words = f"start the {'one' if one else f'{self._asleep:,}'} that {'does' if one else 'do'} not run"
            yield Tick(
                f"{words}, pull, put {'it' if one else 'them'} back", not self._sandboxes, id="wakes", compact=True
            )

    @property
    def _wakes(self) -> bool:
        return any(box.value for box in self.query("#wakes").results(Checkbox))

    def deed(self) -> Deed:
        """Return what is asked for.

        Raises:
            ValueError: with what is wrong, in words.
        """
        destination = self.text("destination")
        if not destination:
            raise ValueError("type where to copy to")
        if not self._sandboxes and not self._wakes:
            raise ValueError("none of them runs: let them be started, or press Esc")
        into = Path(destination).expanduser()
        return Deed(Verb.PULL, source=self.text("path"), destination=into, options=self.options, wakes=self._wakes)

    # The plan

    def plan_now(self) -> None:
        """Begin to look into them, unless that is done already."""
        try:
            deed = self.deed()
        except (ValueError, RuntimeError):  # a home that nobody has
            self._looked_at = None
            self.say("")
            return
        if self._looked_at is None or not _is_same(deed, self._looked_at):
            self._looked_at, self._plans, self._troubles, self._is_whole = deed, [], [], False
            self.say("looking …")
            self.run_worker(self._plan(deed), name="plan", group=workers.DIALOG, exclusive=True, exit_on_error=False)

    async def _plan(self, deed: Deed) -> None:
        turns = asyncio.Semaphore(AT_ONCE)
        asked = self._sandboxes[:MOST_PLANNED]

        async def look_into(sandbox: Sandbox) -> None:
            async with turns:
                try:
                    plan = await plan_pull(self.services.gateway, deed, sandbox, self._names.get(sandbox.id, ""))
                except DaytonaTuiError as error:
                    self._troubles.append(f"{clip_name(safe(sandbox.name), 24)}: {phrase(error).detail}")
                else:
                    self._plans.append(plan)
            self.say(f"looking … {len(self._plans) + len(self._troubles):,} of {len(asked):,}")

        await asyncio.gather(*map(look_into, asked))
        self._is_whole = bool(asked)
        if not asked:
            self.say("none of them runs: what it comes to is seen on the way")
        self.show_plan()

    @property
    def _summary(self) -> PlanSummary:
        return summed([each.with_policy(self.policy).summary for each in self._plans], "")

    def show_plan(self) -> None:
        """Show what it comes to in all of them."""
        if not self._is_whole:
            return
        who = "the one that does not run" if self._asleep == 1 else f"the {self._asleep:,} that do not run"
        asleep = f"and {who} yet" if self._wakes else ""
        more = len(self._troubles) - 1
        troubles = [f"{self._troubles[0]}{f' · and {more:,} more' if more else ''}"] if self._troubles else []
        troubles += [asleep] if asleep else []
        if not self._plans:
            self.say("\n".join(troubles), is_bad=True)
            return
        part = len(self._sandboxes) > MOST_PLANNED
        before = f"the first {MOST_PLANNED} of {len(self._sandboxes):,}: " if part else ""
        self.show_summary(self._summary, before=before, after=troubles)

    # The answer

    def action_submit(self) -> None:
        """Close with the deed, or say what is wrong with it."""
        try:
            deed = self.deed()
        except (ValueError, RuntimeError) as error:
            self.tell(str(error))
            return
        if self._is_whole and self._looked_at is not None and _is_same(deed, self._looked_at):
            summary = self._summary
            if not self.has_answer(summary):
                return
            if summary.questions:  # they stand there, and are answered by this
                deed = replace(deed, options=replace(deed.options, max_files=None, max_bytes=None))
        self.dismiss(deed)


def _is_same(deed: Deed, other: Deed) -> bool:
    """Return whether two deeds are the same, save for the answers to what is there already and who is started."""
    same = replace(deed.options, conflict=other.options.conflict)
    return replace(deed, options=same, wakes=other.wakes) == other
