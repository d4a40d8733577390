"""Choosing a place in a sandbox: among all that is there, among what a search found, by its path."""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable

from rich.segment import Segment
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from daytona_tui.errors import DaytonaTuiError
from daytona_tui.presentation.fuzzy import Needle
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import cell_width, clip, clip_path, safe
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.panes.spots import Spot, Spots
from daytona_tui.ui.screens.chooser import ChooserList, ChooserScreen
from daytona_tui.ui.widgets.rows_view import Placeholder
from daytona_tui.ui.workers import DIALOG, FailureFunnel

MOST_RANKED = 300
"""Of what fits, the best; whoever does not see theirs types one more letter."""

_FIGURE_WIDTH = 7
_ASIDE_WIDTH = 6
_READING = "reading …"


class SpotList(ChooserList):
    """Places: title, detail, figures."""

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[Spot, ...] = ()
        self._texts: list[str] = []
        self._typed = ""
        self._title_cells = 0
        self._needle = Needle("")
        self.wanted = Needle("")
        """What is underlined in the details."""
        self._fitting: tuple[Spot, ...] = ()
        self._fitting_texts: list[str] = []
        self.shown: tuple[Spot, ...] = ()
        self.fitting = 0
        """How many places fit, shown or not."""
        self.placeholder = Placeholder(_READING)

    def fill(self, spots: Spots, text: str = "") -> None:
        """Choose from these, of which those that fit ``text`` are shown."""
        self._all = self._fitting = spots.spots
        self._texts = self._fitting_texts = [spot.title.casefold() for spot in spots.spots]
        self._typed = ""
        self._title_cells = max((cell_width(spot.title) for spot in spots.spots if spot.detail), default=0)
        self.placeholder = Placeholder("nothing has these letters" if spots.spots else spots.empty)
        self.filter_by(text)

    def filter_by(self, text: str) -> None:
        """Show what fits ``text``, best first; without a text all of it, as it came."""
        needle = Needle(text)
        # One more letter leaves less of what fitted before; nothing else is looked at again.
        if not (self._typed and text.startswith(self._typed)):
            self._fitting, self._fitting_texts = self._all, self._texts
        self._needle, self._typed = needle, text
        if needle:
            rank = needle.rank
            ranked = [
                (rank_of, len(text), text, at)
                for at, text in enumerate(self._fitting_texts)
                if (rank_of := rank(text)) is not None
            ]
            best = [self._fitting[each[3]] for each in heapq.nsmallest(MOST_RANKED, ranked)]
            self._fitting = tuple([self._fitting[each[3]] for each in ranked])
            self._fitting_texts = [each[2] for each in ranked]
            self.shown, self.fitting = tuple(best), len(ranked)
        else:
            self.shown, self.fitting = self._all, len(self._all)
        self.narrowed()

    def row_count(self) -> int:
        """Return how many places are shown."""
        return len(self.shown)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one place."""
        spot = self.shown[index]
        # Lines that were found have no figures, and all that there is of room.
        figures = 0 if spot.detail else _FIGURE_WIDTH + _ASIDE_WIDTH
        room = max(8, width - 1 - figures)
        title_width = min(room // 2, self._title_cells + 2) if spot.detail else room
        title = clip_path(spot.title, title_width - (2 if spot.detail else 1))
        return [
            Segment(" "),
            *self.cell(title, title_width, Tone.ACCENT if spot.is_dir else Tone.NEUTRAL, self._needle),
            *self.cell(spot.detail, room - title_width, Tone.DIM, self.wanted),
            *(self._figures(spot) if figures else ()),
        ]

    def _figures(self, spot: Spot) -> tuple[Segment, Segment]:
        return self._figure(spot.figure, _FIGURE_WIDTH), self._figure(spot.aside, _ASIDE_WIDTH)

    def _figure(self, text: str, width: int) -> Segment:
        text = clip(text, width)
        return Segment(" " * (width - cell_width(text)) + text, self.tone_style(Tone.FAINT))


class SpotScreen(FailureFunnel, ChooserScreen[Spot]):
    """A list that is filtered by typing, as soon as it is there."""

    def __init__(self, title: str, placeholder: str, load: Callable[[], Awaitable[Spots]] | None) -> None:
        self.spots = SpotList()
        super().__init__(self.spots, subtitle="enter goes there · esc closes")
        self._heading, self._hint, self._load = title, placeholder, load

    def on_mount(self) -> None:
        """Begin to read."""
        dialog = self.query_one(".dialog")
        dialog.border_title = Content(self._heading).markup
        self.query_one(Input).placeholder = self._hint
        if self._load is not None:
            self.read(self._load)

    def read(self, load: Callable[[], Awaitable[Spots]]) -> None:
        """Show what ``load`` returns, or why it could not."""
        self.spots.fill(Spots((), empty=_READING))
        self.run_worker(self._fill(load), name="find files", group=DIALOG, exclusive=True, exit_on_error=False)

    async def _fill(self, load: Callable[[], Awaitable[Spots]]) -> None:
        try:
            spots = await load()
        except DaytonaTuiError as error:
            self.spots.fill(Spots((), empty=phrase(error).line))
            self.spots.placeholder = Placeholder(phrase(error).line, "", Tone.BAD)
        else:
            self.filled(spots)

    def filled(self, spots: Spots) -> None:
        """Show them."""
        self.spots.fill(spots, self.query_one(Input).value)
        self.tell(spots.note)

    def tell(self, note: str) -> None:
        """Say what is to be known of the list, and what the keys do."""
        self.query_one(".dialog").border_subtitle = Content(" · ".join(filter(None, (note, self.subtitle)))).markup

    def choice(self, index: int) -> Spot | None:
        """Return the place."""
        return self.spots.shown[index]


class SearchScreen(SpotScreen):
    """A text is looked for with Enter; a second Enter goes where it was found."""

    def __init__(
        self,
        title: str,
        placeholder: str,
        search: Callable[[str], Awaitable[Spots]],
        text: str = "",
        found: Spots | None = None,
    ) -> None:
        super().__init__(title, placeholder, None)
        self.subtitle = "enter looks for it, then goes there · esc closes"
        self._search, self._searched, self._found = search, text if found else "", found
        self.spots.placeholder = Placeholder("type what a line has, and press enter")

    def on_mount(self) -> None:
        """Show what was found last."""
        super().on_mount()
        entry = self.query_one(Input)
        if self._found is not None:
            entry.value = self._searched
            self.filled(self._found)
        else:
            self.tell("")

    def narrow(self, text: str) -> None:
        """Leave the lines as they are: what is typed is looked for in the sandbox, not among them."""

    def filled(self, spots: Spots) -> None:
        """Show all of them."""
        self.spots.wanted = Needle(self._searched)
        self.spots.fill(spots)
        self.tell(spots.note)

    def _submit(self, text: str) -> None:
        if text == self._searched and self.spots.row_count():
            self._take(self.spots.cursor)
        elif text.strip():
            self._searched = text
            self.read(lambda: self._search(text))


class GoToScreen(FailureFunnel, ChooserScreen[str]):
    """A path is typed; below it is what lies in the directory that is typed so far."""

    BINDINGS = [Binding("tab", "complete", "Complete", show=False, priority=True)]  # noqa: RUF012 - as Textual declares

    def __init__(
        self, title: str, text: str, resolve: Callable[[str], str], read: Callable[[str], Awaitable[Spots]]
    ) -> None:
        self.spots = SpotList()
        super().__init__(self.spots, subtitle="tab completes · enter goes there · esc closes")
        self._heading, self._text, self._resolve, self._read = title, text, resolve, read
        self._directory = ""
        self._is_moved = False

    def on_mount(self) -> None:
        """Begin at the directory in which the cursor is."""
        self.query_one(".dialog").border_title = Content(self._heading).markup
        entry = self.query_one(Input)
        entry.placeholder = "a path: absolute, ~/…, or from here"
        entry.value = self._text
        entry.cursor_position = len(self._text)
        self.narrow(self._text)

    def narrow(self, text: str) -> None:
        """Show what lies in the directory, of which the name is begun."""
        self._is_moved = False
        head, _, name = text.rpartition("/")
        directory = self._resolve(f"{head}/" if head or text.startswith("/") else "")
        if directory != self._directory:
            self._directory = directory
            self.spots.fill(Spots((), empty=_READING))
            work = self._fill(directory)
            self.run_worker(work, name="read a directory", group=DIALOG, exclusive=True, exit_on_error=False)
        else:
            self.spots.filter_by(name)

    async def _fill(self, directory: str) -> None:
        try:
            spots = await self._read(directory)
        except DaytonaTuiError as error:
            spots = Spots((), empty=phrase(error).line)
        self.spots.fill(spots, self.query_one(Input).value.rpartition("/")[2])

    def action_move(self, rows: int) -> None:
        """Move the cursor of the list: from now on Enter means the line under it."""
        self._is_moved = True
        super().action_move(rows)

    def action_complete(self) -> None:
        """Type the rest of the name under the cursor."""
        if not self.spots.shown:
            return
        spot = self.spots.shown[self.spots.cursor]
        entry = self.query_one(Input)
        head, slash, _ = entry.value.rpartition("/")
        name = spot.path.rsplit("/", 1)[1]
        if safe(name) != name:
            self._is_moved = True
            self.notify("this name cannot be typed: enter goes there", title="Complete", markup=False)
            return
        entry.value = head + slash + name + ("/" if spot.is_dir else "")
        entry.cursor_position = len(entry.value)

    def _submit(self, text: str) -> None:
        if self._is_moved and self.spots.shown:
            self._take(self.spots.cursor)
        elif text.strip():
            self.dismiss(self._resolve(text))

    def choice(self, index: int) -> str | None:
        """Return the path."""
        return self.spots.shown[index].path
