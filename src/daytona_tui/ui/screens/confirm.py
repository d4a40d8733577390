"""The dialog before a deed that deserves a second thought. It opens on Cancel."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static
from textual.widgets.button import ButtonVariant

from daytona_tui.presentation.questions import Question

SHOWN = 10
"""Names for which there is room at once."""


class ConfirmScreen(ModalScreen[bool]):
    """Asks one question; the answer is the screen's result."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer(False)", "Cancel", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
        Binding("pageup", "scroll(-1)", show=False, priority=True),
        Binding("pagedown", "scroll(1)", show=False, priority=True),
    ]
    AUTO_FOCUS = "#no"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual declares it
    CSS_PATH = "../styles/confirm.tcss"

    def __init__(self, question: Question, *, can_check: bool = False) -> None:
        """Prepare; with ``can_check`` the user may also ask to look first, which ``wants_check`` tells then."""
        super().__init__()
        self.question = question
        self.wants_check = False
        self._can_check = can_check

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        question = self.question
        with Vertical(classes="dialog -danger" if question.is_danger else "dialog") as dialog:
            dialog.border_title = Content(question.title).markup
            if len(question.lines) > SHOWN:
                dialog.border_subtitle = "pgdn shows the others"
            with VerticalScroll(id="objects", can_focus=False):
                yield Static(Content("\n".join(question.lines)))
            if question.effect:
                yield Static(Content(question.effect), classes="effect")
            for note in question.notes:
                yield Static(Content(note), classes="caution")
            if question.warning:
                yield Static(Content(question.warning), classes="loss" if question.is_danger else "quiet")
            if question.cautions:
                yield Static(Content(question.cautions), classes="caution")
            for line in question.left_out:
                yield Static(Content(line), classes="left-out")
            if question.typed:
                yield Static(Content(f"Type {question.typed} to go on:"), classes="typed-label")
                yield Input(id="typed", compact=True, select_on_focus=False)
            with Horizontal(id="answers"):
                if self._can_check:
                    yield Button("Check first", id="check")
                yield Button("Cancel", id="no")
                variant: ButtonVariant = "error" if question.is_danger else "default"
                yield Button(Content(question.yes), id="yes", variant=variant, disabled=bool(question.typed))

    def on_key(self, event: events.Key) -> None:
        """Let what is typed on a button go where it belongs: into the entry, if there is one."""
        if event.key == "K" and self._can_check and not self.question.typed:  # the key that checks elsewhere
            event.stop()
            self._look_first()
            return
        entry = self.query("#typed").first(Input) if self.question.typed else None
        if entry is None or entry.has_focus or not event.is_printable or event.key == "space":
            return
        event.stop()
        event.prevent_default()
        entry.focus()
        entry.insert_text_at_cursor(event.character or "")

    @on(Input.Changed)
    def _compare(self, event: Input.Changed) -> None:
        self.query_one("#yes", Button).disabled = event.value.strip() != self.question.typed

    @on(Input.Submitted)
    def _submit(self) -> None:
        button = self.query_one("#yes", Button)
        if button.disabled:
            return
        if self.focused is button:
            button.press()  # a second enter that was typed before the button had the focus
        else:
            self.set_focus(button)

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        if event.button.id == "check":
            self._look_first()
        else:
            self.dismiss(event.button.id == "yes")

    def _look_first(self) -> None:
        self.wants_check = True
        self.dismiss(False)

    def action_scroll(self, pages: int) -> None:
        """Show more of the names than there is room for."""
        objects = self.query_one("#objects", VerticalScroll)
        objects.scroll_relative(y=pages * max(1, objects.size.height), animate=False)

    def action_answer(self, yes: bool) -> None:
        """Close with an answer."""
        self.dismiss(yes)
