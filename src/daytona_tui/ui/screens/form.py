"""A dialog for a form: fields in groups, checked as one types, submitted when nothing is wrong any more.

How to use it::

    form = Form("New volume", (FormField("name", "name", hint="letters, digits and -"),), check=check)
    app.push_screen(FormScreen(form), lambda values: ... if values is not None else None)

The result is the values by the keys of the fields, without those that are empty; None where the user thought better
of it. ``Form`` and ``FormField`` are those of ``presentation.forms``: kinds of entries are text, hidden text,
numbers, switches, choices, words, lines and blocks. ``check`` is called for every letter and must not touch disk or
network; what has to goes into ``verify``, which is awaited before the form closes and may find something wrong, too.
After a failure open a new one whose fields have the values that were tried, and say what happened in
``Form.trouble``: ``filled(form, values, trouble)`` does that. ``fill`` adds what is known late, ``suggest`` proposes
words for a field once they are known.

Keys: up, down and tab go from field to field, page up and down from group to group, enter and ctrl+s submit (in a field
of several lines only ctrl+s). Escape leaves it: what was typed is there again when it is opened again, until ctrl+l
starts afresh; see ``form_memory``. ctrl+y copies ``Form.copied``, where there is such a thing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Static, TextArea

from daytona_tui.presentation.forms import Form, FormField, Kind, Value, Values, read
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.screens.form_entries import Entry, FieldRow, Fields, ProposingInput, entry_of, shown
from daytona_tui.ui.screens.form_memory import Afresh, FormMemory, begun, put
from daytona_tui.ui.screens.typing_ahead import take_typed_ahead

Verify = Callable[[Values], Awaitable[Mapping[str, str]]]


_MOST_ROWS = 12
"""More rows than these are scrolled, in a dialog that takes what there is."""


def _rows(form: Form) -> int:
    groups = {field.group for field in form.fields if field.group}
    tall = {Kind.LINES: 3, Kind.BLOCK: 6}
    return 2 * len(groups) + sum(tall.get(field.kind, 1) for field in form.fields)


def filled(form: Form, values: Values, trouble: str = "") -> Form:
    """Return ``form`` with what was tried in its fields, and what came of it."""
    fields = tuple(replace(field, value=values.get(field.key, "")) for field in form.fields)
    return replace(form, fields=fields, trouble=trouble)


class FormScreen(workers.FailureFunnel, ModalScreen[dict[str, Value] | None]):
    """Asks for what a form says; the result is what was said, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("pageup", "group(-1)", show=False, priority=True),
        Binding("pagedown", "group(1)", show=False, priority=True),
        Binding("enter", "submit", show=False),
        Binding("ctrl+s", "submit", show=False, priority=True),
        Binding("ctrl+y", "copy", show=False, priority=True),
        Binding("ctrl+l", "clear", show=False, priority=True),
    ]
    AUTO_FOCUS = ".entry"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012
    CSS_PATH = "../styles/form.tcss"
    AT_ONCE = 12
    """Rows that are there when it opens, and so many more with each step after that."""

    def __init__(self, form: Form, verify: Verify | None = None) -> None:
        """Remember what is asked for; ``verify`` finds what only disk or network can tell, when all else is right."""
        super().__init__()
        self.form = form
        self._verify = verify
        self._late: dict[str, str] = {}
        self._entries: dict[str, Entry] = {}
        self._rows: dict[str, FieldRow] = {}
        self._afresh = Afresh()
        self._said: Mapping[str, str] = {}
        self._more: list[Widget] = []
        self._below: dict[str, tuple[str, ...]] = {}

    def compose(self) -> ComposeResult:
        """Make the fields and the buttons."""
        form = self.form
        self._memory = FormMemory(self.app, form)
        with Vertical(classes="dialog -large" if _rows(form) > _MOST_ROWS else "dialog") as dialog:
            dialog.border_title = Content(form.title).markup
            if form.trouble:
                yield Static(Content(form.trouble), classes="trouble")
            rows = list(self._all_rows())
            yield Static(Content(self._recall()), id="recalled")
            yield Static(Content("\n".join(form.notes)), id="notes")
            self._more = rows[self.AT_ONCE :]
            with Fields(id="fields", can_focus=False):
                yield from rows[: self.AT_ONCE]
            yield Static(id="told")
            yield Static(id="mistakes", classes="bad")
            yield Static(Content(self._keys), id="keys", classes="quiet")
            with Horizontal(classes="answers"):
                yield Button("Cancel", id="cancel")
                yield Button(Content(form.submit), id="submit", disabled=True)

    def _all_rows(self) -> Iterator[Widget]:
        for group, fields in groupby(self.form.fields, key=lambda field: field.group):
            if group:
                yield Static(Content(group), classes="group")
            yield from map(self._row, fields)

    def _row(self, field: FormField) -> Widget:
        entry = self._entries[field.key] = entry_of(field)
        row = self._rows[field.key] = FieldRow(field, entry)
        return row

    def _recall(self) -> str:
        """Put back what was typed before, and return what is to be said about it."""
        left = self._memory.recall()
        for field in self.form.fields:
            if field.key in left and not field.locked:
                put(self._entries[field.key], left[field.key])
        hidden = "; what is hidden has to be typed again" if self._memory.had_hidden else ""
        return f"What was typed before is back{hidden}. ctrl+l starts afresh." if left else hidden[2:].capitalize()

    def on_mount(self) -> None:
        """Say what is wrong with what it begins with."""
        self.query_one("#notes").display = bool(self.form.notes)
        recalled = self.query_one("#recalled", Static)
        recalled.display = bool(str(recalled.content))
        self._tell()
        self.call_after_refresh(self._mount_more)

    def _mount_more(self) -> None:
        """Add rows that there was no room for, a few at a time: keys come first."""
        some, self._more = self._more[: self.AT_ONCE], self._more[self.AT_ONCE :]
        if some and not is_leaving(self):
            self.query_one("#fields").mount_all(some)
            self.call_after_refresh(self._mount_more)

    def on_key(self, event: events.Key) -> None:
        """Take what was typed before a field had the focus."""
        take_typed_ahead(self, event)

    # What was typed

    @property
    def values(self) -> dict[str, Value]:
        """What was said so far, without what cannot be read."""
        return self._read()[0]

    def _read(self) -> tuple[dict[str, Value], dict[str, str]]:
        """Return what was said, and what of it cannot be read."""
        values: dict[str, Value] = {}
        wrong: dict[str, str] = {}
        for field in self.form.fields:
            try:
                value = self._value(field)
            except ValueError as error:
                wrong[field.key] = str(error)
            else:
                if value:
                    values[field.key] = value
        return values, wrong

    def _value(self, field: FormField) -> Value:
        entry = self._entries[field.key]
        if isinstance(entry, Checkbox):
            return entry.value
        text = entry.text if isinstance(entry, TextArea) else entry.value
        # An untouched entry stands for the value itself: what it shows of it may be marks.
        return field.value if text == shown(field) else read(field.kind, text)

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Checkbox.Changed)
    def _change(self, event: Input.Changed | TextArea.Changed | Checkbox.Changed) -> None:
        if isinstance(event.control, ProposingInput):
            event.control.propose()
        self._late = {}
        self._tell()

    def _mistakes(self) -> tuple[dict[str, Value], dict[str, str]]:
        """Return what was said, and what is wrong with it as far as can be told at once."""
        values, wrong = self._read()
        return values, {**self.form.check(values), **wrong}

    def _tell(self) -> None:
        if is_leaving(self):
            return
        values, mistakes = self._mistakes()
        self.query_one("#submit", Button).disabled = bool(mistakes)  # what was found late may be right by now
        mistakes |= self._late
        for field in self.form.fields:
            self._rows[field.key].say(mistakes.get(field.key, ""))
        self._said = mistakes
        self._show("#mistakes", [self._reason(mistakes)] if mistakes else [])
        self._show("#told", self.form.told(values))
        self._say_whole()

    def on_descendant_focus(self) -> None:
        """Say in full what is beside the field."""
        self.call_after_refresh(self._say_whole)

    def on_resize(self) -> None:
        """Find out again what is cut off."""
        self.call_after_refresh(self._arranged)

    def _arranged(self) -> None:
        for row in self._rows.values():
            row.refresh()  # it draws around its entry, which may be narrower now
        self._say_whole()

    def _say_whole(self) -> None:
        """Put what is cut off beside the field that has the focus into the frame: that moves nothing."""
        if is_leaving(self):
            return
        row = next((self._rows[key] for key, entry in self._entries.items() if entry.has_focus), None)
        words = row.words if row is not None and row.is_cut else ""
        self.query_one(".dialog").border_subtitle = Content(words).markup

    def _show(self, selector: str, lines: Sequence[str]) -> None:
        if self._below.get(selector) == tuple(lines):
            return
        area, self._below[selector] = self.query_one(selector, Static), tuple(lines)
        area.display = bool(lines)
        # Where its height is fixed, nothing moves: to arrange every field anew takes longer than all else.
        area.update(
            Content("\n").join(map(Content, lines)),
            layout=area.styles.height is None or not area.is_mounted or area.styles.height.is_auto,
        )

    @property
    def _keys(self) -> str:
        """Every key, in words that have room in eighty columns."""
        keys = [f"ctrl+s {self.form.submit.lower()}", "esc leave"]
        keys += ["pgup pgdn group"] if any(field.group for field in self.form.fields) else []
        keys += ["ctrl+y copy"] if self.form.copied is not None else []
        return "  ".join([*keys, "ctrl+l clear"])

    def _reason(self, mistakes: Mapping[str, str]) -> str:
        """Return why it cannot be submitted."""
        labels = {field.key: field.label for field in self.form.fields}
        key, words = next(iter(mistakes.items()))
        more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
        return f"{labels.get(key, key)}: {safe(words)}{more}"

    def fill(self, values: Values, notes: Sequence[str]) -> None:
        """Put what has become known into the fields that nobody has touched, and say ``notes`` above them."""
        fields = []
        for field in self.form.fields:
            entry, value = self._entries[field.key], values.get(field.key, "")
            fields.append(field)
            if value == field.value or field.locked or self._value_or_none(field) != field.value:
                continue
            fields[-1] = new = replace(field, value=value)
            put(entry, begun(new))
        self.form = replace(self.form, fields=tuple(fields), notes=tuple(notes))
        area = self.query_one("#notes", Static)
        area.update(Content("\n".join(notes)))
        area.display = bool(notes)
        self._tell()

    def _value_or_none(self, field: FormField) -> Value | None:
        try:
            value = self._value(field)
        except ValueError:
            return None
        return value if value else field.value if not field.value else value

    def suggest(self, key: str, words: Sequence[str]) -> None:
        """Propose words for a field, in place of those that it had."""
        entry = self._entries[key]
        if isinstance(entry, ProposingInput):
            entry.proposals = tuple(map(safe, words))
            entry.propose()

    # Keys

    def action_group(self, step: int) -> None:
        """Go to the first field of the group before or after this one."""
        firsts = list(self._firsts())
        order = [self._entries[field.key] for field in self.form.fields]
        focused = next((at for at, entry in enumerate(order) if entry.has_focus), 0)
        here = max((at for at, first in enumerate(firsts) if order.index(first) <= focused), default=0)
        target = firsts[(here + step) % len(firsts)]
        target.focus()
        row = target.parent
        above = row.parent.children if isinstance(row, Widget) and isinstance(row.parent, Widget) else ()
        at = list(above).index(row) if above and isinstance(row, Widget) else 0
        if at:  # its heading
            self.call_after_refresh(above[at - 1].scroll_visible, top=True, animate=False)

    def _firsts(self) -> Iterator[Entry]:
        for _, fields in groupby(self.form.fields, key=lambda field: field.group):
            yield self._entries[next(fields).key]

    @on(Input.Submitted)
    @on(Button.Pressed, "#submit")
    def action_submit(self) -> None:
        """Close with what was said, or say what is wrong with it."""
        values, mistakes = self._mistakes()
        if mistakes:
            entry = self._entries.get(next(iter(mistakes)))
            if entry is not None:
                entry.focus()
            self.app.bell()
        elif self._verify is None:
            self._close(values)
        else:
            work = partial(self._close_with, values)
            workers.start(self, work, name="verify", group=workers.DIALOG, exclusive=True)

    async def _close_with(self, values: dict[str, Value]) -> None:
        assert self._verify is not None
        self._late = dict(await self._verify(values))
        if self._late:
            self._tell()
            self.app.bell()
        else:
            self._close(values)

    def _close(self, values: dict[str, Value]) -> None:
        self._memory.forget()
        self.dismiss(values)

    def action_clear(self) -> None:
        """Start afresh; from there to empty fields, and back to what was typed."""
        found = self._afresh.after(self.form, self._entries)
        if found is None:
            self.app.bell()
            return
        texts, is_back = found
        for key, text in texts.items():
            put(self._entries[key], text)
        self._late = {}
        recalled = self.query_one("#recalled", Static)
        recalled.display = True
        words = "What was typed is back." if is_back else "Started afresh. ctrl+l again brings back what was typed."
        recalled.update(words)

    def action_copy(self) -> None:
        """Copy what stands below the fields, whole."""
        if self.form.copied is not None:
            self.app.copy_to_clipboard(self.form.copied(self.values))
            self.app.notify("the same as a line for a shell", title="Copied", markup=False, timeout=3)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Close without an answer; what was typed is there again when it is opened again."""
        self._memory.keep(self.form, self._entries)
        self.dismiss(None)
