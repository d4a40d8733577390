"""What was changed in a file that was edited, before it goes back to its sandbox."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.panes.file_dialogs import Changes, EditAnswer

MOST_LINES = 2_000
"""Lines that are shown."""


class ChangesScreen(ModalScreen[EditAnswer]):
    """Shows the changed lines; the result is what to do with them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer('discard')", show=False),
        Binding("e", "answer('edit')", show=False),
        Binding("enter,u", "upload", show=False),
        Binding("o", "overwrite", show=False),
    ]
    AUTO_FOCUS = "#lines"
    CSS_PATH = "../styles/changes.tcss"

    def __init__(self, changes: Changes) -> None:
        super().__init__()
        self._changes = changes

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        changes = self._changes
        go = "o overwrites it" if changes.conflict else "enter uploads"
        with Vertical(classes="dialog -danger" if changes.conflict else "dialog") as dialog:
            dialog.border_title = Content(safe(changes.path)).markup
            if changes.conflict:
                yield Static(Content(f"It {safe(changes.conflict)}. Yours would change in it:"), classes="bad")
            with VerticalScroll(id="lines"):
                yield Static(Content("\n").join(map(_coloured, changes.lines[:MOST_LINES])))
            yield Static(f"{go} · e edits on · esc puts nothing back", classes="quiet", markup=False)

    def action_upload(self) -> None:
        """Take it, unless somebody else's change would be lost by it."""
        if self._changes.conflict:
            self.app.notify("o overwrites what is there", title="Upload: not now", severity="warning", markup=False)
        else:
            self.dismiss(EditAnswer.UPLOAD)

    def action_overwrite(self) -> None:
        """Take it, whatever is there."""
        self.dismiss(EditAnswer.UPLOAD)

    def action_answer(self, answer: str) -> None:
        """Close with an answer."""
        self.dismiss(EditAnswer(answer))


def _coloured(line: str) -> Content:
    style = {"+": "$success", "-": "$error", "@": "$text-muted"}.get(line[:1], "")
    text = Content(safe(line))
    return text.stylize(style) if style else text
