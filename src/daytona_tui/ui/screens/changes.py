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
        Binding("escape", "discard", show=False),
        Binding("e", "edit", show=False),
        Binding("enter,u", "upload", show=False),
        Binding("o", "overwrite", show=False),
    ]
    AUTO_FOCUS = "#lines"
    CSS_PATH = "../styles/changes.tcss"

    def __init__(self, changes: Changes) -> None:
        super().__init__()
        self._changes = changes
        self._warned_of: EditAnswer | None = None

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
            yield Static(f"{go} · e edits on · esc puts nothing back", id="keys", classes="quiet", markup=False)

    def _means(self, answer: EditAnswer, warning: str) -> bool:
        """Return whether the key of ``answer`` was pressed before; else say what it does."""
        if self._warned_of is answer:
            return True
        self._warned_of = answer
        self.query_one("#keys", Static).update(Content(warning).stylize("$warning"))
        return False

    def action_upload(self) -> None:
        """Take it, unless somebody else's change would be lost by it."""
        if self._changes.conflict:
            self.app.notify("o overwrites what is there", title="Upload: not now", severity="warning", markup=False)
        else:
            self.dismiss(EditAnswer.UPLOAD)

    def action_overwrite(self) -> None:
        """Take it, whatever is there."""
        if not self._changes.conflict:
            self.action_upload()
        elif self._means(EditAnswer.UPLOAD, "o once more overwrites what is there with yours"):
            self.dismiss(EditAnswer.UPLOAD)

    def action_edit(self) -> None:
        """Go back to the editor."""
        self.dismiss(EditAnswer.EDIT)

    def action_discard(self) -> None:
        """Put nothing back."""
        if self._means(EditAnswer.DISCARD, "esc once more throws away what you wrote · e edits on"):
            self.dismiss(EditAnswer.DISCARD)


def _coloured(line: str) -> Content:
    style = {"+": "$success", "-": "$error", "@": "$text-muted"}.get(line[:1], "")
    text = Content(safe(line))
    return text.stylize(style) if style else text
