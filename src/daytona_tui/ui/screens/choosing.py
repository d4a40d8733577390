"""What the dialogs about the layout have in common: a list of lines, keys, and a line that says what they come to."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from daytona_tui.ui.widgets.choice_list import ChoiceList
from daytona_tui.ui.widgets.rows_view import RowsView

Answer = TypeVar("Answer")

_FRAME = 7
"""Lines of a dialog beside those of its list."""


class ChoosingScreen(ModalScreen[Answer | None], Generic[Answer]):
    """A dialog with one list. It takes keys from the moment it is pushed, also before it is drawn.

    Subclasses fill ``choices`` in their constructor, write ``take`` for Enter, and may open an entry for a text.
    """

    TITLE_TEXT: ClassVar[str] = ""
    HINT: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False),
        Binding("enter", "take", "Take", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
    ]
    AUTO_FOCUS = "ChoiceList"
    CSS_PATH = "../styles/choosing.tcss"

    def __init__(self, choices: ChoiceList) -> None:
        super().__init__()
        self.choices = choices
        self._foot = Static(id="foot", markup=False)
        self._entry = Input(id="entry", compact=True, select_on_focus=False)
        self._question = Static(id="question", markup=False)

    def compose(self) -> ComposeResult:
        """Make the dialog as high as its list, as far as there is room."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self.TITLE_TEXT
            dialog.styles.height = max(6, self.choices.row_count()) + _FRAME
            yield self.choices
            yield self._foot
            yield self._question
            yield self._entry
            yield Static(Content(self.HINT), id="hint")

    def say(self, text: str) -> None:
        """Say at the foot what the choice comes to."""
        self._foot.update(Content(text))

    def take(self) -> None:
        """Do what Enter means on the line under the cursor."""
        raise NotImplementedError

    # A text

    def ask(self, question: str, text: str = "") -> None:
        """Let the user type a text; ``typed`` is told."""
        self._question.update(Content(question))
        self._entry.value = text
        self.add_class("-asks")
        self._entry.cursor_position = len(text)
        self.set_focus(self._entry)

    def typed(self, text: str) -> None:
        """Do what was asked for with the text that was typed. Nothing was asked for: nothing is done."""

    @property
    def is_asking(self) -> bool:
        """True while a text is typed."""
        return self.has_class("-asks")

    def _stop_asking(self) -> None:
        self.remove_class("-asks")
        self.set_focus(self.choices)

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        self._stop_asking()
        self.typed(event.value.strip())

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to the entry, while it is open, all keys but Escape."""
        return action in ("leave", "app.help_quit") or not self.is_asking

    @on(RowsView.Chosen)
    def _take_clicked(self, event: RowsView.Chosen) -> None:
        event.stop()
        self.take()

    def action_take(self) -> None:
        """Take the line under the cursor."""
        self.take()

    def action_leave(self) -> None:
        """Close the entry, or leave without choosing anything."""
        if self.is_asking:
            self._stop_asking()
        else:
            self.dismiss(None)

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.choices.action_move(rows)
