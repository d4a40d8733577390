"""What a transfer asks that was begun before anybody saw what it comes to."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from daytona_tui.domain.transfers import ConflictPolicy
from daytona_tui.operations.transferring import Planned, TransferOrder
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.transfers import MAX_ITEMS, plan_lines
from daytona_tui.ui.screens.pull import PolicyButton, PolicySet

POLICIES = {
    ConflictPolicy.SKIP: "keep it",
    ConflictPolicy.OVERWRITE: "overwrite",
    ConflictPolicy.NEWER: "newer",
    ConflictPolicy.RENAME: "keep both",
}
"""The answers; the first one loses nothing."""


class DecideScreen(ModalScreen[TransferOrder | None]):
    """Asks; the result is the order with its answers, None where nothing is to be copied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False),
        Binding("enter", "submit", show=False, priority=True),
        Binding("pageup", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(1)", show=False),
    ]
    AUTO_FOCUS = "#conflict"
    CSS_PATH = "../styles/transfer.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual declares it

    def __init__(self, planned: Planned) -> None:
        super().__init__()
        self._planned = planned

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        planned = self._planned
        order, conflicts = planned.order, planned.summary.conflicts
        side = "from" if order.is_pull else "to"
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(
                f"{order.direction.value.capitalize()} {side} {safe(order.sandbox.name)}"
            ).markup
            yield Static(Content("\n").join(self._lines()), id="plan")
            if conflicts:
                more = len(conflicts) - MAX_ITEMS
                names = [safe(each.path) for each in conflicts[:MAX_ITEMS]] + (
                    [f"and {more:,} more"] if more > 0 else []
                )
                with VerticalScroll(id="there", can_focus=False):
                    yield Static(Content("\n".join(names)))
                yield Static("What is there already and differs:", classes="label", markup=False)
                with PolicySet(id="conflict", compact=True):
                    for at, (policy, words) in enumerate(POLICIES.items()):
                        yield PolicyButton(words, value=at == 0, name=policy.value, compact=True)
            yield Static("Enter goes on · Esc copies nothing", classes="quiet -last", markup=False)

    def _lines(self) -> list[Content]:
        lines = plan_lines(self._planned.summary, ConflictPolicy.FAIL)
        return [Content(line).stylize("$warning") if warns else Content(line) for line, warns in lines]

    def action_submit(self) -> None:
        """Close with the answers."""
        order = self._planned.order
        if self._planned.summary.conflicts:
            policy = self.query_one("#conflict", PolicySet).policy
            order = replace(order, options=replace(order.options, conflict=policy))
        self.dismiss(replace(order, confirmed=True))

    def action_scroll(self, pages: int) -> None:
        """Show more of the names than there is room for."""
        for names in self.query("#there"):
            names.scroll_relative(y=pages * max(1, names.size.height), animate=False)

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
