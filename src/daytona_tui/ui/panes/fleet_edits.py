"""Changing what sandboxes are set to: lifetimes and labels, of the marked ones or the one under the cursor."""

from __future__ import annotations

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit, Verb
from daytona_tui.presentation.questions import Request
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui.commands import edits as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.fleet_acts import FleetActs

_VERBS = {commands.LIFETIMES.id: Verb.LIFETIMES, commands.LABELS.id: Verb.LABELS}


class FleetEdits(FleetActs):
    """Opens the editors, and does what they end with. They told what comes of it: nothing is asked afterwards."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        verb = _VERBS.get(command.id)
        return self._refusal(verb) if verb else super().refusal(command)

    def title_of(self, command: Command) -> str:
        """Return the title, with the number of marked sandboxes."""
        many = len(self.chosen) if command.id in _VERBS else 0
        return f"{command.title} {many:,}" if many else super().title_of(command)

    def do_lifetimes(self) -> None:
        """Edit lifetimes."""
        request = self.request(Verb.LIFETIMES)

        def then(edit: LifetimeEdit) -> None:
            self.begin(Deed(Verb.LIFETIMES, lifetimes=edit), request)

        self.dialogs.edit_lifetimes(_title(request), request.able, request.notes, then)

    def do_labels(self) -> None:
        """Edit labels."""
        request = self.request(Verb.LABELS)

        def then(edit: LabelEdit) -> None:
            self.begin(Deed(Verb.LABELS, labels=edit), request)

        self.dialogs.edit_labels(_title(request), request.able, request.notes, then)


def _title(request: Request) -> str:
    title = "Lifetimes" if request.verb is Verb.LIFETIMES else "Labels"
    able = request.able
    return f"{title} of {clip(safe(able[0].name), 40) if len(able) == 1 else f'{len(able):,} sandboxes'}"
