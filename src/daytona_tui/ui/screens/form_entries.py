"""The entries of a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Input, TextArea

from daytona_tui.presentation.forms import FormField, Kind, written
from daytona_tui.presentation.safe_text import cell_width, clip, safe
from daytona_tui.ui.screens.planning import Tick


class Fields(VerticalScroll, inherit_bindings=False):
    """The fields; up and down are not its keys, for they go from field to field."""


class ProposingInput(Input):
    """An entry that proposes the rest of a word of a few; right takes it."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)
    """Longer with each letter. The entry is not: nothing has to be arranged anew, as Textual's entries do."""

    proposals: Sequence[str] = ()

    def propose(self) -> None:
        """Show the first proposal that begins as what was typed."""
        typed = self.value.casefold()
        rest = next((word for word in self.proposals if typed and word.casefold().startswith(typed)), "")
        # Private in Textual 8.2: its suggesters answer a worker later, when the next key may have been pressed.
        self._suggestion = self.value + rest[len(self.value) :] if rest and self.cursor_at_end else ""


class Switch(Tick, inherit_bindings=False):
    """A box to tick with the space bar; enter submits, as in every other field."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "toggle_button", "Toggle", show=False)]


class Area(TextArea):
    """Several lines; up from the first one and down from the last go to the next field."""

    def action_cursor_up(self, select: bool = False) -> None:
        """Go up a line, or to the field before."""
        if self.cursor_at_first_line and not select:
            self.screen.focus_previous()
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Go down a line, or to the field after."""
        if self.cursor_at_last_line and not select:
            self.screen.focus_next()
        else:
            super().action_cursor_down(select)


Entry = ProposingInput | Switch | Area


class FieldRow(Widget):
    """A field: its entry, and before and behind that label and hint, which it draws itself.

    Widgets for those would be two thirds of all that a long form has to mount, style and arrange before it stands.
    """

    _GAP = 2
    """Cells between entry and hint."""

    def __init__(self, field: FormField, entry: Entry) -> None:
        super().__init__(entry, classes="field")
        self._entry = entry
        self._field = field
        self._mistake = ""
        self.set_class(field.kind in (Kind.LINES, Kind.BLOCK), "-tall")

    @property
    def words(self) -> str:
        """What stands behind the entry, whole: what is wrong, else the hint. Safe."""
        return safe(self._mistake) or self._field.locked or self._field.hint

    @property
    def is_cut(self) -> bool:
        """True where there is no room for all of the words."""
        return 0 < self._room < cell_width(self.words)

    @property
    def _room(self) -> int:
        return self.content_size.width - self._entry.virtual_region.right - self._GAP

    def say(self, mistake: str) -> None:
        """Say what is wrong; nothing where it is empty."""
        if mistake != self._mistake:
            self._mistake = mistake
            self.refresh()

    def render(self) -> Content:
        """Return label and words, with a gap for the entry."""
        at = self._entry.virtual_region
        label = clip(self._field.label, max(at.x - 1, 0))
        gap = " " * max(at.right + self._GAP - cell_width(label), 0)
        words = clip(self.words, max(self._room, 0))
        return Content.assemble(label, gap, (words, "$error") if self._mistake else words)


def shown(field: FormField) -> str:
    """Return what the entry of a field begins with; what no terminal should get is marked."""
    text = written(field.kind, field.value)
    return "\n".join(map(safe, text.split("\n"))) if field.kind in (Kind.LINES, Kind.BLOCK) else safe(text)


def entry_of(field: FormField) -> Entry:
    """Return the entry in which a field is filled."""
    is_off = bool(field.locked)
    if field.kind is Kind.SWITCH:
        return Switch("", field.value is True, id=_id(field), classes="entry", compact=True, disabled=is_off)
    if field.kind in (Kind.LINES, Kind.BLOCK):
        area = Area(shown(field), id=_id(field), classes="entry", compact=True, disabled=is_off)
        area.set_class(field.kind is Kind.BLOCK, "-block")
        return area
    entry = ProposingInput(
        shown(field), id=_id(field), classes="entry", compact=True, select_on_focus=False, disabled=is_off,
        password=field.kind is Kind.HIDDEN,
    )  # fmt: skip
    entry.proposals = tuple(map(safe, field.choices))
    return entry


def _id(field: FormField) -> str:
    return f"entry-{field.key.replace('_', '-')}"
