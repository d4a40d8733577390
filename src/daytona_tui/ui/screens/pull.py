"""What dialogs about copying share, and the one that says what was not copied."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import RadioButton, RadioSet, Static

from daytona_tui.domain.transfers import ConflictPolicy, TransferReport
from daytona_tui.presentation.transfers import item_lines, report_line, report_notes


class PolicyButton(RadioButton):
    """One of the policies; the chosen one has another mark, not only another colour."""

    BUTTON_LEFT = " "
    BUTTON_INNER = "○"
    BUTTON_RIGHT = " "

    def on_mount(self) -> None:
        """Mark the choice that is made already."""
        self.BUTTON_INNER = "●" if self.value else "○"

    def watch_value(self) -> None:
        """Change the mark with the choice."""
        self.BUTTON_INNER = "●" if self.value else "○"
        super().watch_value()


class PolicySet(RadioSet):
    """The policies, of which the arrows choose; Enter is left to the dialog."""

    @property
    def policy(self) -> ConflictPolicy:
        """The chosen one."""
        button = self.pressed_button
        return ConflictPolicy(button.name) if button is not None and button.name else ConflictPolicy.FAIL

    def action_next_button(self) -> None:
        """Choose the next."""
        super().action_next_button()
        self._choose()

    def action_previous_button(self) -> None:
        """Choose the one before."""
        super().action_previous_button()
        self._choose()

    def _choose(self) -> None:
        if self.pressed_button is not None and self._selected != self.pressed_index:
            self.action_toggle_button()


class ReportScreen(ModalScreen[None]):
    """Lists what was left out and what failed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "close", "Close", show=False)]
    CSS_PATH = "../styles/pull.tcss"

    def __init__(self, report: TransferReport) -> None:
        super().__init__()
        self.report = report

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        report = self.report
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Copied, but not everything"
            yield Static(Content("\n".join([report_line(report), *report_notes(report)])))
            with VerticalScroll():
                yield Static(Content("\n".join(item_lines(report))))
            yield Static("Esc closes", classes="quiet", markup=False)

    def action_close(self) -> None:
        """Close."""
        self.dismiss()
