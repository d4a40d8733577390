"""The editor of labels: adds, changes and takes away keys, and leaves all others alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from daytona_tui.domain.deeds import LabelEdit
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.labels import LabelDraft, LabelError, edit_words, parse_label
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.label_list import LabelList
from daytona_tui.ui.widgets.rows_view import RowsView
from daytona_tui.ui.widgets.tone_styles import toned


class LabelsScreen(ModalScreen[LabelEdit | None]):
    """A list over an entry; the result is the change, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("ctrl+d", "remove", "Take away", show=False, priority=True),
        Binding("ctrl+e", "change", "Change", show=False, priority=True),
        Binding("delete", "remove", show=False),
    ]
    AUTO_FOCUS = "Input"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-tall")]  # noqa: RUF012 - Textual declares it
    CSS_PATH = "../styles/edits.tcss"

    def __init__(self, title: str, sandboxes: Sequence[Sandbox], notes: Iterable[str] = ()) -> None:
        """Remember whose labels are edited.

        Args:
            title: plain and safe.
            sandboxes: at least one.
            notes: whom it concerns besides what can be seen; safe lines.
        """
        super().__init__()
        self._title = title
        self._notes = tuple(notes)
        self._draft = LabelDraft(sandboxes)

    def compose(self) -> ComposeResult:
        """Make list, entry and buttons."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._title).markup
            yield LabelList()
            yield Input(placeholder="key=value adds or changes a label", compact=True, select_on_focus=False)
            yield Static(id="said")
            if self._notes:
                yield Static(Content("\n".join(self._notes)), classes="quiet note")
            with Horizontal(classes="answers"):
                yield Static("^e changes · ^d takes away · enter applies", classes="quiet", markup=False)
                yield Button("Cancel", id="cancel")
                yield Button("Apply", id="apply", disabled=True)

    def on_mount(self) -> None:
        """Show the labels as they are."""
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """Take what is typed elsewhere into the entry."""
        entry = self.query_one(Input)
        if not entry.has_focus and event.is_printable and event.character and event.key != "space":
            event.stop()
            event.prevent_default()
            entry.focus()
            entry.insert_text_at_cursor(event.character)

    @property
    def _list(self) -> LabelList:
        return self.query_one(LabelList)

    def _draw(self, said: str = "", tone: Tone = Tone.WARN, *, key: str = "") -> None:
        self._list.show(self._draft.rows(), key=key)
        edit = self._draft.edit
        words = edit_words(edit)
        lines = [
            toned(Cell(f"{words[0].upper()}{words[1:]}; all others stay." if words else "Nothing is changed yet."))
        ]
        if said:
            lines.append(toned(Cell(said, tone)))
        self.query_one("#said", Static).update(Content("\n").join(lines))
        self.query_one("#apply", Button).disabled = not edit

    # What the user does

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        """Take what was typed; an empty entry means that it is done."""
        if not event.value.strip():
            self._apply()
            return
        try:
            key, value = parse_label(event.value)
            said = self._draft.put(key, value)
        except LabelError as error:
            self._draw(f"Not taken: {error}.", Tone.BAD)
            return
        event.input.value = ""
        self._draw(safe(said), key=key.strip())

    @on(RowsView.Chosen)
    def action_change(self) -> None:
        """Put the label under the cursor into the entry."""
        row = self._list.current
        if row is None:
            return
        entry = self.query_one(Input)
        value = row.becomes if row.becomes is not None else row.values[0] if len(row.values) == 1 else ""
        if safe(f"{row.key}{value}") != f"{row.key}{value}" or "=" in row.key:
            self._draw("This label holds what cannot be typed; ^d takes it away.", Tone.WARN)
            return
        entry.value = f"{row.key}={value}"
        entry.focus()
        entry.action_end()

    def action_remove(self) -> None:
        """Take the label under the cursor away, or keep it after all."""
        row = self._list.current
        if row is not None:
            self._draft.remove(row.key)
            self._draw()

    def action_move(self, rows: int) -> None:
        """Move the cursor of the list."""
        self._list.action_move(rows)

    def action_page(self, direction: int) -> None:
        """Move the cursor of the list by a page."""
        self._list.action_page(direction)

    @on(Button.Pressed, "#apply")
    def _apply(self) -> None:
        edit = self._draft.edit
        left_over = self.query_one(Input).value.strip()
        if left_over:
            self._draw("Enter takes what stands in the entry first.", Tone.WARN)
        elif not edit:
            self._draw("Type key=value, or ^d on a label; esc leaves everything as it is.", Tone.DIM)
        else:
            self.dismiss(edit)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)
