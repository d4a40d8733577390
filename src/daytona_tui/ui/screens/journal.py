"""The journal: what was done through this connection, the newest first, each with the line that does the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from daytona_tui.operations.journal import Entry, Journal
from daytona_tui.presentation.safe_text import cell_width, clip, safe
from daytona_tui.presentation.tasks import Status, glyph
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.workers import DIALOG, FailureFunnel

MOST = 5_000
"""Entries that are read."""

_VERB_CELLS = 11
_NAME_CELLS = 26


class JournalList(RowsView):
    """One line per act."""

    def __init__(self, now: datetime) -> None:
        super().__init__(id="entries")
        self.entries: Sequence[Entry] = ()
        self.shown: Sequence[Entry] = ()
        self._today = now.astimezone().date()
        self._words: list[str] = []
        self._texts: list[str] = []
        self.placeholder = Placeholder("Reading …")

    @property
    def current(self) -> Entry | None:
        """The entry under the cursor."""
        return self.shown[self.cursor] if self.cursor < len(self.shown) else None

    def show(self, entries: Sequence[Entry]) -> None:
        """Show entries, the newest first."""
        self.entries, self._texts = entries, list(map(_text_of, entries))
        self.filter_by(" ".join(self._words))

    def filter_by(self, text: str) -> None:
        """Show the entries with all words of ``text``."""
        self._words = text.casefold().split()
        read = zip(self.entries, self._texts, strict=True)
        self.shown = [entry for entry, text in read if all(word in text for word in self._words)]
        if self.entries:
            self.placeholder = Placeholder("No entry has these words", "esc takes them away")
        else:
            self.placeholder = Placeholder("Nothing was done yet", "Every act stands here, with the line for a shell.")
        self.cursor = 0
        self.top = 0
        self.rows_changed()

    def row_count(self) -> int:
        """Return how many entries are shown."""
        return len(self.shown)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one line: when, how it ended, what, to whom, what came of it."""
        entry = self.shown[index]
        at = entry.at.astimezone()
        when = f"{at:%H:%M:%S}" if at.date() == self._today else f"{at:%b %d %H:%M}"
        mark = _mark(entry)
        name_cells = min(_NAME_CELLS, max(8, width // 4))
        name = clip(safe(entry.name), name_cells)
        room = max(0, width - 13 - 2 - _VERB_CELLS - name_cells - 2)
        return [
            Segment(f" {when:<12}", self.tone_style(Tone.FAINT)),
            Segment(f"{mark.text} ", self.tone_style(mark.tone)),
            Segment(f"{_verb(entry):<{_VERB_CELLS}}", self.tone_style(Tone.ACCENT)),
            Segment(name + " " * (name_cells - cell_width(name) + 2), self.tone_style(Tone.NEUTRAL)),
            Segment(clip(safe(entry.detail) or safe(entry.outcome), room), self.tone_style(Tone.DIM)),
        ]


class JournalScreen(FailureFunnel, ModalScreen[None]):
    """Shows the journal; the fields of the entry under the cursor stand below when asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False),
        Binding("q", "close", show=False),
        Binding("slash", "filter", show=False),
        Binding("y", "copy", "Copy", show=False),
        Binding("enter", "fields", show=False),
    ]
    AUTO_FOCUS = "#entries"
    CSS_PATH = "../styles/journal.tcss"

    def __init__(self, journal: Journal, now: datetime) -> None:
        super().__init__()
        self._journal = journal
        self._now = now

    def compose(self) -> ComposeResult:
        """Make filter, list and fields."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Journal"
            dialog.border_subtitle = "/ filters · enter shows all fields · y copies the line · esc closes"
            yield Input(placeholder="words of verb, name, outcome, line", compact=True)
            yield JournalList(self._now)
            with VerticalScroll(id="fields", can_focus=False):
                yield Static(id="fields-text")

    def on_mount(self) -> None:
        """Read what there is."""
        self.query_one(Input).display = False
        self.query_one("#fields").display = False
        self.run_worker(self._read(), name="read the journal", group=DIALOG, exclusive=True, exit_on_error=False)

    async def _read(self) -> None:
        self._list.show(await self._journal.recent(MOST))
        self._show_fields()

    @property
    def _list(self) -> JournalList:
        return self.query_one(JournalList)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._list.filter_by(event.value)
        self._show_fields()

    @on(Input.Submitted)
    def _to_list(self) -> None:
        self._list.focus()

    @on(RowsView.CursorMoved)
    def _show_fields(self) -> None:
        entry = self._list.current
        self.query_one("#fields-text", Static).update(Content(_fields(entry)) if entry else "")

    @on(RowsView.Chosen)
    def action_fields(self) -> None:
        """Show all fields of the entry, or hide them again."""
        fields = self.query_one("#fields")
        fields.display = not fields.display
        self._show_fields()

    def action_filter(self) -> None:
        """Go to the filter."""
        entry = self.query_one(Input)
        entry.display = True
        self.set_focus(entry)

    def action_copy(self) -> None:
        """Put the line for a shell on the clipboard."""
        entry = self._list.current
        if entry is None or not entry.line:
            self.app.notify("there is no line under the cursor", title="Copy: not now", severity="warning")
            return
        self.app.copy_to_clipboard(entry.line)
        self.app.notify(clip(safe(entry.line), 200), title="Copied", markup=False, timeout=3)

    def action_leave(self) -> None:
        """Take the filter away; without one, close."""
        entry = self.query_one(Input)
        if entry.display:
            entry.value = ""
            entry.display = False
            self._list.focus()
        else:
            self.dismiss()

    def action_close(self) -> None:
        """Close."""
        self.dismiss()


def _verb(entry: Entry) -> str:
    return clip(safe(entry.verb).replace("_", " "), _VERB_CELLS - 1)


def _mark(entry: Entry) -> Cell:
    try:
        return glyph(Status(entry.outcome))
    except ValueError:
        return glyph(Status.WAITING)


def _text_of(entry: Entry) -> str:
    return f"{entry.verb} {entry.name} {entry.sandbox_id} {entry.outcome} {entry.detail} {entry.line}".casefold()


def _fields(entry: Entry) -> str:
    said = {
        "when": f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S %Z}",
        "what": _verb(entry),
        "sandbox": f"{safe(entry.name)}  {safe(entry.sandbox_id)}",
        "told": safe(", ".join(f"{key}={value}" for key, value in entry.parameters.items())),
        "outcome": " · ".join(filter(None, (safe(entry.outcome), safe(entry.detail)))),
        "profile": safe(entry.profile),
        "line": safe(entry.line),
    }
    return "\n".join(f"{key:<9}{value}" for key, value in said.items() if value)
