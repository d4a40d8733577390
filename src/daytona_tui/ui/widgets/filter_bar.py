"""The line into which a filter is typed, with what can come next and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from daytona_tui.domain.filters import Completions, FilterError, complete, parse
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.filter_errors import pointed
from daytona_tui.presentation.safe_text import cell_width
from daytona_tui.ui.widgets.completion_list import CompletionList

PROMPT_CELLS = 3
HINT = "words · state:started · owner: · label:team=ml · age>2h · autostop=off · $>1 · or ( ) !"
TAKING = "tab takes it, down chooses"
SHORTEST_KEY = 2
"""Characters of a word from which keys are offered: one alone is more likely the beginning of a name."""


class FilterInput(Input):
    """The text. Shows in faint letters how it goes on."""

    class Accepted(Message):
        """The way to go on is taken."""

    def __init__(self, submit: Callable[[], None]) -> None:
        super().__init__(placeholder="what to look for", compact=True, select_on_focus=False)
        self._submit = submit

    async def action_submit(self) -> None:
        """Take the text as it stands."""
        self._submit()

    def show_ghost(self, ghost: str) -> None:
        """Show how the text goes on; only at its end, where it is also taken with the right arrow."""
        # Private in Textual 8.2: its suggesters answer a worker later, when the next key may have been pressed.
        self._suggestion = self.value + ghost if ghost and self.cursor_at_end else ""

    def action_cursor_right(self, select: bool = False) -> None:
        """Take the ghost at the end of the text, and go right anywhere else."""
        if self._suggestion and self.cursor_at_end and not select:
            self.post_message(self.Accepted())
        else:
            super().action_cursor_right(select)


class FilterBar(Vertical):
    """Filters while one types; Enter keeps the filter, Escape takes it away.

    Tab, or right at the end, takes what is offered; up and down choose it. Where nothing is offered, tab and down go to
    the rows. Below the text stands what is wrong with it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave(True)", "Clear", show=False),
        Binding("down", "next(1)", "Next, or to the rows", show=False),
        Binding("up", "next(-1)", "Previous", show=False),
        Binding("tab", "accept", "Accept, or to the rows", show=False),
    ]
    DEFAULT_CSS = """
    FilterBar { height: 2; width: 1fr; display: none; }
    FilterBar.-open { display: block; }
    FilterBar Horizontal { height: 1; }
    FilterBar #filter-prompt { width: 3; color: $accent; text-style: bold; padding: 0 1; }
    FilterBar Input { height: 1; width: 1fr; border: none; padding: 0; background: transparent; }
    FilterBar Input:focus { border: none; }
    FilterBar #filter-count { width: 18; color: $text-muted; padding: 0 1; text-align: right; }
    FilterBar #filter-note {
        height: 1; color: $text-disabled; padding: 0 1 0 3; text-wrap: nowrap; text-overflow: ellipsis;
    }
    FilterBar.-wrong #filter-note { color: $warning; }
    """

    class Changed(Message):
        """The text is another."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The user is done with typing."""

    def __init__(self) -> None:
        super().__init__()
        self._sandboxes: Callable[[], Iterable[Sandbox]] = tuple
        self._completions = Completions(0)
        self._offered_for = ("", 0)
        self._error: FilterError | None = None
        self._count = ""
        self._back_to: Widget | None = None

    def compose(self) -> ComposeResult:
        """Make prompt, input and count, the line below, and the list over both."""
        with Horizontal():
            yield Static("/", id="filter-prompt")
            yield FilterInput(self._submit)
            yield Static(id="filter-count")
        yield Static(id="filter-note")
        yield CompletionList()

    @property
    def _entry(self) -> FilterInput:
        return self.query_one(FilterInput)

    @property
    def is_offering(self) -> bool:
        """True while a list of what can come next lies over the rows."""
        return self.query_one(CompletionList).chosen is not None

    # What the pane calls

    def open(
        self, text: str, sandboxes: Callable[[], Iterable[Sandbox]] = tuple, back_to: Widget | None = None
    ) -> None:
        """Show the line with ``text`` in it and take the focus.

        Args:
            text: what is there to be changed.
            sandboxes: gives those whose values are offered, as they are whenever it is called.
            back_to: gets the focus when the line is left.
        """
        self._back_to = back_to
        self._sandboxes = sandboxes
        self.add_class("-open")
        with self.prevent(Input.Changed):
            self._entry.value = text
        self._entry.cursor_position = len(text)
        self._judge(text)
        self._offer(Completions(len(text)))
        self._show_count()
        # At once: the keys that follow in the same burst belong to the text.
        self.screen.set_focus(self._entry)

    def count(self, shown: int, total: int) -> None:
        """Say how many sandboxes the filter lets through."""
        self._count = f"{shown:,} of {total:,}"
        self._show_count()

    def close(self) -> None:
        """Hide the line."""
        self.remove_class("-open")
        self._offer(Completions(0))

    # What the user does

    @on(Input.Changed)
    def _change(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))
        self._judge(event.value)
        self._offer(self._found())

    @on(Input.Blurred)
    def _hide_offer(self) -> None:
        self._offer(Completions(self._entry.cursor_position))

    def on_mount(self) -> None:
        """Offer nothing any more when the cursor has gone elsewhere."""
        self.watch(self._entry, "selection", self._moved, init=False)

    def _moved(self) -> None:
        entry = self._entry
        if entry.value == self._offered_for[0] and entry.cursor_position != self._offered_for[1]:
            self._hide_offer()

    def on_resize(self) -> None:
        """Say again what is wrong, in the room that there is."""
        self._note()

    def _submit(self) -> None:
        if self._error is None:
            self.action_leave(clear=False)
        else:
            self._entry.cursor_position = self._error.position

    @on(FilterInput.Accepted)
    def action_accept(self) -> None:
        """Take what is offered; where nothing is, go to the rows."""
        chosen = self.query_one(CompletionList).chosen
        if chosen is None:
            self.action_leave(clear=False)
            return
        entry = self._entry
        text, cursor = self._completions.applied(entry.value, entry.cursor_position, chosen)
        entry.value = text
        entry.cursor_position = cursor

    def action_next(self, step: int) -> None:
        """Choose the next of what is offered; where nothing is, down goes to the rows."""
        offered = self.query_one(CompletionList)
        if offered.chosen is not None:
            offered.choose(step)
            self._show_ghost()
        elif step > 0:
            self.action_leave(clear=False)

    def action_leave(self, clear: bool) -> None:
        """Close the line; with ``clear`` the filter goes as well."""
        if clear:
            self.post_message(self.Changed(""))
        self.close()
        if self._back_to is not None:
            self.screen.set_focus(self._back_to)
        self.post_message(self.Left())

    # What is shown

    def _show_count(self) -> None:
        if self.has_class("-open"):
            self.query_one("#filter-count", Static).update(Content(self._count), layout=False)

    def _found(self) -> Completions:
        entry = self._entry
        found = complete(entry.value, entry.cursor_position, self._sandboxes())
        typed = entry.value[found.start : entry.cursor_position]
        is_key = not found.subject
        if [option.text for option in found.options] == [typed] or (is_key and len(typed) < SHORTEST_KEY):
            return Completions(entry.cursor_position, subject=found.subject)
        return found

    def _offer(self, found: Completions) -> None:
        self._completions = found
        self._offered_for = (self._entry.value, self._entry.cursor_position)
        before = self._entry.value[: found.start]
        column = PROMPT_CELLS - 1 + cell_width(before) - round(self._entry.scroll_offset.x)
        self.query_one(CompletionList).show(found.options, max(0, column))
        self._show_ghost()
        self._note()

    def _show_ghost(self) -> None:
        chosen = self.query_one(CompletionList).chosen
        entry = self._entry
        typed = entry.value[self._completions.start : entry.cursor_position]
        fits = chosen is not None and chosen.text.casefold().startswith(typed.casefold())
        entry.show_ghost(chosen.text[len(typed) :] if chosen is not None and fits else "")

    def _judge(self, text: str) -> None:
        try:
            parse(text)
            self._error = None
        except FilterError as error:
            self._error = error

    def _note(self) -> None:
        """Say what is wrong; of what is only not finished yet, what it is going to be."""
        error, found = self._error, self._completions
        if error is not None and found.options and error.position >= found.start:
            error = None
        self.set_class(error is not None, "-wrong")
        if error is not None:
            room, first = self.size.width - PROMPT_CELLS - 1, round(self._entry.scroll_offset.x)
            line = pointed(self._entry.value, error, max(1, room), first=first)
        elif found.options:
            line = f"{found.subject} · {TAKING}" if found.subject else TAKING
        else:
            line = HINT
        self.query_one("#filter-note", Static).update(Content(line), layout=False)
