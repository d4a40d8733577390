"""The dialogs around a pull: where to, and what was not copied."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, RadioButton, RadioSet, Static

from daytona_tui.domain.transfers import ConflictPolicy, TransferReport
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.panes.files import FilesPane
from daytona_tui.ui.panes.pulls import PullDraft, PullOrder, item_lines, report_line

POLICIES = {
    ConflictPolicy.FAIL: "stop before anything is copied",
    ConflictPolicy.OVERWRITE: "overwrite",
    ConflictPolicy.SKIP: "keep mine",
}


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


class PullScreen(ModalScreen[PullOrder | None]):
    """Asks where a pull goes to and what happens to files that are there already."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
    ]
    AUTO_FOCUS = "#destination"
    CSS_PATH = "../styles/pull.tcss"

    def __init__(self, draft: PullDraft) -> None:
        super().__init__()
        self.draft = draft

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        draft = self.draft
        kind = "Directory, with all that is in it" if draft.is_dir else "File"
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(f" Pull from {safe(draft.sandbox.name)} ").markup
            yield Static(f"{kind}:", classes="label -first", markup=False)
            yield Static(Content(safe(draft.path)))
            yield Static("To, on this machine:", classes="label", markup=False)
            yield Input(safe(_shown(draft.destination)), id="destination", compact=True)
            yield Static("Where a file is there already:", classes="label", markup=False)
            with RadioSet(id="conflict", compact=True):
                for policy, words in POLICIES.items():
                    yield PolicyButton(words, value=policy is ConflictPolicy.FAIL, name=policy.value, compact=True)
            yield Static("Enter pulls · Tab goes on · Esc cancels", classes="quiet", markup=False)

    @on(Input.Submitted)
    def submit(self) -> None:
        """Close with the order; an empty destination is none."""
        text = self.query_one("#destination", Input).value.strip()
        if not text:
            self.app.notify("type where to copy to", severity="warning", markup=False)
            return
        # An untouched entry stands for the path itself: what it shows of it may be cut or marked.
        untouched = text == safe(_shown(self.draft.destination))
        destination = self.draft.destination if untouched else Path(text)
        button = self.query_one("#conflict", RadioSet).pressed_button
        conflict = ConflictPolicy(button.name) if button is not None and button.name else ConflictPolicy.FAIL
        self.dismiss(PullOrder(self.draft.sandbox, self.draft.path, self.draft.is_dir, destination, conflict))

    def action_cancel(self) -> None:
        """Close without an order."""
        self.dismiss(None)


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
            dialog.border_title = " Pulled, but not everything "
            yield Static(Content(report_line(report)))
            with VerticalScroll():
                yield Static(Content("\n".join(item_lines(report))))
            yield Static("Esc closes", classes="quiet", markup=False)

    def action_close(self) -> None:
        """Close."""
        self.dismiss()


def ask_for_destination(app: App[object], event: FilesPane.PullRequested) -> None:
    """Open the dialog and start the pull that it orders."""

    def answered(order: PullOrder | None) -> None:
        if order is not None:
            event.pane.start_pull(order)

    app.push_screen(PullScreen(event.draft), answered)


def _shown(path: Path) -> str:
    return str(path) if path.is_absolute() else f"./{path}"
