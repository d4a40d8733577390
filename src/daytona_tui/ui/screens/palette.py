"""The palette: a few letters, and a command is run, a view is shown, or the cursor is on a sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.widgets import Input

from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.presentation.fuzzy import Needle, best
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.screens.chooser import ChooserList, ChooserScreen
from daytona_tui.ui.screens.help import HelpEntry
from daytona_tui.ui.widgets.rows_view import Placeholder

MOST_SANDBOXES = 100
"""Sandboxes that are shown; whoever does not see theirs types one more letter."""

_BY_DESCRIPTION = 100
"""More than any rank that a title or a name can have."""

_KEY_WIDTH = 10
_TITLE_WIDTH = 34
_WHERE_WIDTH = 12


@dataclass(frozen=True, slots=True)
class ViewEntry:
    """A saved view.

    Attributes:
        detail: what it shows, in words.
    """

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class JumpTo:
    """Put the cursor on a sandbox."""

    sandbox_id: SandboxId


@dataclass(frozen=True, slots=True)
class ShowView:
    """Show a saved view."""

    name: str


PaletteChoice = Command | JumpTo | ShowView


@dataclass(frozen=True, slots=True)
class PaletteRow:
    """One line of the palette: plain, safe text and what it stands for."""

    title: str
    where: str
    choice: PaletteChoice
    detail: str = ""
    key: str = ""
    off: bool = False


class PaletteList(ChooserList):
    """Commands and views, and, once something is typed, sandboxes.

    Args:
        commands: with what is possible now.
        views: the saved ones.
        sandboxes: the whole fleet; it is looked at only when something is typed.
    """

    def __init__(self, commands: Sequence[HelpEntry], views: Sequence[ViewEntry], sandboxes: Sequence[Sandbox]) -> None:
        super().__init__()
        self._fixed = [_command_row(entry) for entry in commands] + [_view_row(view) for view in views]
        self._fixed_texts = [_text_of(row) for row in self._fixed]
        self._sandboxes = tuple(sandboxes)
        self._sandbox_texts: list[str] = []
        self._needle = Needle("")
        self.fitting = 0
        """How many sandboxes fit, shown or not."""
        self.shown: tuple[PaletteRow, ...] = tuple(self._fixed)
        self.placeholder = Placeholder("Nothing has these letters", "a command, a view, or a sandbox by name or id")

    def read_fleet(self) -> None:
        """Note the names of the sandboxes, so that the first letter need not wait for it."""
        if not self._sandbox_texts:
            self._sandbox_texts = [f"{sandbox.name}\n{sandbox.id}".casefold() for sandbox in self._sandboxes]

    def filter_by(self, text: str) -> None:
        """Show what fits ``text``, best first."""
        self._needle = Needle(text)
        self.fitting = 0
        if not self._needle:
            self.shown = tuple(self._fixed)
        else:
            self.shown = self._ranked(text.strip())
        self.narrowed()

    def _ranked(self, text: str) -> tuple[PaletteRow, ...]:
        needle = self._needle
        ranked = [
            (rank, row.off, row)
            for row, row_text in zip(self._fixed, self._fixed_texts, strict=True)
            if (rank := _rank(needle, text, row, row_text)) is not None
        ]
        self.read_fleet()
        found, self.fitting = best(
            needle, self._sandboxes, self._sandbox_texts, most=MOST_SANDBOXES, key=lambda sandbox: sandbox.name
        )
        for sandbox in found:
            rank = needle.rank(f"{sandbox.name}\n{sandbox.id}".casefold())
            ranked.append((rank or 0, False, _sandbox_row(sandbox)))
        return tuple(row for _, _, row in sorted(ranked, key=lambda each: each[:2]))

    def row_count(self) -> int:
        """Return how many rows are shown."""
        return len(self.shown)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return key, title, place and detail."""
        row = self.shown[index]
        title_width = min(_TITLE_WIDTH, width // 3)
        title, key = (Tone.FAINT, Tone.FAINT) if row.off else (Tone.NEUTRAL, Tone.ACCENT)
        return [
            Segment(" "),
            *self.cell(row.title, title_width, title, self._needle),
            *self.cell(row.where, _WHERE_WIDTH, Tone.FAINT),
            *self.cell(row.key, _KEY_WIDTH, key),
            *self.cell(row.detail, max(0, width - 1 - title_width - _WHERE_WIDTH - _KEY_WIDTH), Tone.DIM),
        ]


def _text_of(row: PaletteRow) -> str:
    return f"{row.title}\n{row.where} {row.detail}".casefold()


def _rank(needle: Needle, typed: str, row: PaletteRow, text: str) -> int | None:
    """Return how well a command or a view fits: by its key, by its title, or, after all others, by what it does."""
    if typed == row.key:
        return -1
    rank = needle.rank(row.title.casefold())
    if rank is None:
        rank = needle.rank(text)
        return None if rank is None else rank + _BY_DESCRIPTION
    return rank


def _command_row(entry: HelpEntry) -> PaletteRow:
    return PaletteRow(entry.command.title, entry.where, entry.command, entry.detail, entry.key, off=bool(entry.reason))


def _view_row(view: ViewEntry) -> PaletteRow:
    return PaletteRow(safe(view.name), "View", ShowView(view.name), safe(view.detail))


def _sandbox_row(sandbox: Sandbox) -> PaletteRow:
    parts = (sandbox.state_word or sandbox.state.value, sandbox.region, sandbox.id)
    detail = " · ".join(safe(part) for part in parts if part)
    return PaletteRow(safe(sandbox.name), "Sandbox", JumpTo(sandbox.id), detail)


class PaletteScreen(ChooserScreen[PaletteChoice]):
    """A list that is filtered by typing; the result is what to do."""

    TITLE_TEXT = "Palette"

    def __init__(self, commands: Sequence[HelpEntry], views: Sequence[ViewEntry], sandboxes: Sequence[Sandbox]) -> None:
        self._list = PaletteList(commands, views, sandboxes)
        self._many = len(sandboxes)
        super().__init__(self._list)

    def on_mount(self) -> None:
        """Say what can be typed."""
        sandboxes = "a sandbox" if self._many == 1 else f"one of {self._many:,} sandboxes"
        self.query_one(Input).placeholder = f"a command, a view, or {sandboxes} by name or id"
        self.call_after_refresh(self._list.read_fleet)

    def narrow(self, text: str) -> None:
        """Show what fits, and say where more sandboxes do than are shown."""
        super().narrow(text)
        more = f"{self._list.fitting:,} sandboxes fit · " if self._list.fitting > MOST_SANDBOXES else ""
        self.query_one(".dialog").border_subtitle = f"{more}{self.subtitle}"

    def choice(self, index: int) -> PaletteChoice:
        """Return what the row stands for. A command that is not possible now says so when it is tried."""
        return self._list.shown[index].choice
