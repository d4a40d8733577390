"""Taking back what was done last."""

from __future__ import annotations

from daytona_tui.domain.effects import effect_of
from daytona_tui.operations.bulk import PlannedRow
from daytona_tui.presentation.deeds import effect_words
from daytona_tui.presentation.questions import undo_question
from daytona_tui.ui.commands import acts as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.bulk_task import title_of
from daytona_tui.ui.panes.fleet_acts import FleetActs


class FleetUndo(FleetActs):
    """Finds what can be taken back, and asks before it does."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command != commands.UNDO:
            return super().refusal(command)
        if self.services.read_only:
            return self.services.read_only
        if self.deeds.last_undo() is not None:
            return ""
        if not self.deeds.finished:
            return "nothing was done in this run of the program"
        return "nothing of what was done can be taken back"

    def do_undo(self) -> None:
        """Ask whether to take back the last act of which something can be."""
        found = self.deeds.last_undo()
        if found is None:
            return
        run, undo = found
        title, acting = title_of(run.plan), undo.plan.acting
        skipped = [(row.sandbox, row.skip) for row in undo.plan.skipped]
        asked = undo_question(
            title,
            [(row.sandbox, row.deed.verb, row.warning) for row in acting],
            (*undo.cannot, *skipped),
            self._effect(acting),
        )

        def take_back() -> None:
            self.deeds.forget(run)
            self.carry_out(undo.plan, title=f"Undo “{title}”", note=self._effect(acting), undone=run)

        self.dialogs.confirm(asked, take_back)

    def _effect(self, rows: tuple[PlannedRow, ...]) -> str:
        words = []
        for verb in dict.fromkeys(row.deed.verb for row in rows):
            whom = [row.sandbox for row in rows if row.deed.verb is verb]
            words.append(effect_words(verb, effect_of(verb, whom, self.services.prices)))
        return "; ".join(filter(None, words))
