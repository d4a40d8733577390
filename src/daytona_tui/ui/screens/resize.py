"""The dialog of other resources: what they cost, and who does not get them."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from daytona_tui.domain.sizes import SizeEdit, size_refusal
from daytona_tui.presentation.sizes import SizeError, read_amount, resize_lines
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.growth import SizeDraft
from daytona_tui.ui.screens.typing_ahead import take_typed_ahead
from daytona_tui.ui.widgets.tone_styles import toned

_FIELDS = (
    ("cpu", "vCPU", "fewer only while stopped"),
    ("memory_gib", "memory GiB", "less only while stopped"),
    ("disk_gib", "disk GiB", "only grows, and only while stopped"),
)


class ResizeScreen(ModalScreen[SizeEdit | None]):
    """Asks for resources; the result is what is to be different, None where nothing is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    AUTO_FOCUS = "Input"
    CSS_PATH = "../styles/growth.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide")]  # noqa: RUF012 - Textual declares it

    def __init__(self, draft: SizeDraft) -> None:
        super().__init__()
        self._draft = draft
        self._shown = {name: self._common(name) for name, _label, _hint in _FIELDS}

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        tried = self._draft.tried.wanted
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._draft.title).markup
            for note in self._draft.notes:
                yield Static(Content(note), classes="note")
            for name, label, hint in _FIELDS:
                with Horizontal(classes="field"):
                    yield Static(label, classes="label", markup=False)
                    text = str(tried[name]) if name in tried else self._shown[name]
                    yield Input(text, placeholder=self._placeholder(), id=name, compact=True)
                    yield Static(hint, id=f"hint-{name}", classes="quiet", markup=False)
            yield Static(id="outcome")
            with Horizontal(classes="answers"):
                yield Static("empty leaves it", classes="quiet", markup=False)
                yield Button("Cancel", id="cancel")
                yield Button("Resize", id="apply", disabled=True)

    def on_mount(self) -> None:
        """Say what it has, or what the last try would come to."""
        self._tell()

    def on_key(self, event: events.Key) -> None:
        """Take what was typed before a field had the focus."""
        take_typed_ahead(self, event)

    def _common(self, name: str) -> str:
        values = {getattr(each.resources, name) for each in self._draft.sandboxes}
        value = values.pop()
        return "" if values or value is None else str(value)

    def _placeholder(self) -> str:
        return "mixed: leave" if len(self._draft.sandboxes) > 1 else "not told"

    def _read(self) -> tuple[SizeEdit, dict[str, str]]:
        """Return the edit that the fields make, and what is wrong with those that make none."""
        amounts: dict[str, int] = {}
        wrong: dict[str, str] = {}
        for name, _label, _hint in _FIELDS:
            text = self.query_one(f"#{name}", Input).value.strip()
            if text == self._shown[name]:
                continue
            try:
                amount = read_amount(text)
            except SizeError as error:
                wrong[name] = str(error)
            else:
                if amount is not None:
                    amounts[name] = amount
        return SizeEdit(**amounts), wrong

    def _problem(self) -> tuple[SizeEdit, str]:
        """Return the edit, and why it cannot be applied, in words; empty where it can."""
        edit, wrong = self._read()
        if wrong:
            labels = {name: label for name, label, _hint in _FIELDS}
            name, words = next(iter(wrong.items()))
            return edit, f"{labels[name]}: {words}"
        if not edit:
            return edit, "nothing is changed yet"
        reasons = [size_refusal(edit, each) for each in self._draft.sandboxes]
        return edit, reasons[0] if all(reasons) else ""

    @on(Input.Changed)
    def _tell(self) -> None:
        if is_leaving(self):
            return
        edit, wrong = self._read()
        for name, _label, words in _FIELDS:
            hint = self.query_one(f"#hint-{name}", Static)
            hint.set_class(name in wrong, "bad")
            hint.update(Content(wrong.get(name, words)))
        self.query_one("#apply", Button).disabled = bool(self._problem()[1])
        cells = resize_lines(self._draft.sandboxes, edit, self._draft.prices)
        self.query_one("#outcome", Static).update(Content("\n").join([toned(cell) for cell in cells]))

    @on(Input.Submitted)
    @on(Button.Pressed, "#apply")
    def _apply(self) -> None:
        edit, problem = self._problem()
        if problem:
            self.app.notify(problem, title="Not resized", severity="warning", markup=False)
        else:
            self.dismiss(edit)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)
