"""Changing what sandboxes are set to, lifetimes, labels and resources, and forking them."""

from __future__ import annotations

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit, Verb
from daytona_tui.domain.naming import fork_name
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.sizes import SizeEdit
from daytona_tui.operations.bulk import BulkRun, RowStatus
from daytona_tui.presentation.questions import Request
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.sizes import fork_words
from daytona_tui.ui.panes.fleet_acts import FleetActs
from daytona_tui.ui.panes.growth import ForkDraft, SizeDraft

_LONGEST_NAME = 255


class FleetEdits(FleetActs):
    """Opens the editors, and does what they end with. They told what comes of it: nothing is asked afterwards."""

    def do_lifetimes(self) -> None:
        """Edit lifetimes."""
        request = self.request(Verb.LIFETIMES)

        def then(edit: LifetimeEdit) -> None:
            self.begin(Deed(Verb.LIFETIMES, lifetimes=edit), request)

        self.dialogs.edit_lifetimes(_title("Lifetimes of", request), request.able, request.notes, then)

    def do_labels(self) -> None:
        """Edit labels."""
        request = self.request(Verb.LABELS)

        def then(edit: LabelEdit) -> None:
            self.begin(Deed(Verb.LABELS, labels=edit), request)

        self.dialogs.edit_labels(_title("Labels of", request), request.able, request.notes, then)

    def do_resize(self) -> None:
        """Ask for other resources."""
        request = self.request(Verb.RESIZE)
        tried, trouble = self._in_vain(request)
        draft = SizeDraft(
            _title("Resize", request), request.able, self.services.prices, (*trouble, *request.notes),
            (tried.size if tried else None) or SizeEdit(),
        )  # fmt: skip
        self.dialogs.edit_size(draft, lambda edit: self.begin(Deed(Verb.RESIZE, size=edit), request))

    def do_fork(self) -> None:
        """Ask for a name, and fork."""
        request = self.request(Verb.FORK)
        tried, trouble = self._in_vain(request)
        is_one = len(request.able) == 1
        draft = ForkDraft(
            _title("Fork", request),
            is_one,
            (tried.fork_name if tried else "") or fork_name(request.able[0].name),
            fork_words(request.able, self.services.prices),
            self._why_not_called,
            (*trouble, *request.notes),
        )
        self.dialogs.ask_fork(draft, lambda name: self.begin(Deed(Verb.FORK, fork_name=name), request))

    def _why_not_called(self, name: str) -> str:
        if not name:
            return "it needs a name"
        if len(name) > _LONGEST_NAME:
            return f"a name has at most {_LONGEST_NAME} characters"
        if not name.isprintable():
            return "a name is one line of text"
        return "a sandbox is called so already" if any(each.name == name for each in self.store.fleet) else ""

    def _in_vain(self, request: Request) -> tuple[Deed | None, tuple[str, ...]]:
        """Return what was asked of just these sandboxes last, if it failed, and why: it need not be typed again."""
        whom = {each.id for each in request.able}
        for run in reversed(self.deeds.finished):
            if run.plan.deed.verb is request.verb and _concerned(run) & whom:
                failed = [row for row in run.rows if row.status is RowStatus.FAILED and row.sandbox.id in whom]
                if not failed:
                    break
                return run.plan.deed, (f"The last try failed: {clip(safe(failed[0].detail), 160)}",)
        return None, ()


def _concerned(run: BulkRun) -> set[SandboxId]:
    return {row.sandbox.id for row in run.rows}


def _title(doing: str, request: Request) -> str:
    able = request.able
    return f"{doing} {clip(safe(able[0].name), 40) if len(able) == 1 else f'{len(able):,} sandboxes'}"
