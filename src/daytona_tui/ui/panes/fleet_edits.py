"""Changing what sandboxes are set to: lifetimes and labels, of the marked ones or the one under the cursor."""

from __future__ import annotations

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit, Verb
from daytona_tui.presentation.questions import Request
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui.panes.fleet_acts import FleetActs


class FleetEdits(FleetActs):
    """Opens the editors, and does what they end with. They told what comes of it: nothing is asked afterwards."""

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
