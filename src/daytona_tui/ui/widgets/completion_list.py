"""A short list over the rest of the screen: what the word that is being typed can become."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from daytona_tui.domain.filters import Option
from daytona_tui.presentation.safe_text import cell_width, clip, safe

LINES = 8
"""Options that are seen at once."""

_TEXT_CELLS = 40
_NOTE_CELLS = 48
_CHOSEN = "$block-cursor-foreground on $block-cursor-background"


class CompletionList(Static):
    """Shows options, one of them chosen. Never has the focus: whoever has it asks for the next one."""

    DEFAULT_CSS = """
    CompletionList {
        overlay: screen; constrain: inside inside; display: none; width: auto; height: auto; background: $panel;
    }
    CompletionList.-open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._options: tuple[Option, ...] = ()
        self._chosen = 0

    @property
    def chosen(self) -> Option | None:
        """The option that is to be taken; None while nothing is shown."""
        return self._options[self._chosen] if self._options else None

    def show(self, options: Sequence[Option], column: int) -> None:
        """Show ``options`` from cell ``column`` on, the first one chosen; hide where there are none."""
        if not options and not self._options:
            return  # whatever is set lays the whole screen out again
        self._options, self._chosen = tuple(options), 0
        self.set_class(bool(self._options), "-open")
        if self._options:
            self.styles.offset = (column, 0)
            self._draw()

    def choose(self, step: int) -> None:
        """Choose another option; behind the last one comes the first."""
        self._chosen = (self._chosen + step) % len(self._options)
        self._draw()

    def _draw(self) -> None:
        room = max(cell_width(_text(option)) for option in self._options)
        note_room = max(cell_width(_note(option)) for option in self._options)
        first = max(0, min(self._chosen - LINES // 2, len(self._options) - LINES))
        shown = self._options[first : first + LINES]
        lines = []
        for index, option in enumerate(shown, first):
            text, note = _text(option), _note(option)
            blank = " " * (note_room - cell_width(note))
            is_count = note.replace(",", "").isdecimal()
            sign = "▸" if index == self._chosen else " "
            line = Content(f"{sign}{text}{' ' * (room - cell_width(text))}  ")
            line += Content.styled(f"{blank + note if is_count else note + blank} ", "$text-muted")
            lines.append(line.stylize(_CHOSEN) if index == self._chosen else line)
        if below := len(self._options) - first - len(shown):
            lines.append(Content.styled(f" {below} more", "$text-disabled"))
        self.update(Content("\n").join(lines))


def _text(option: Option) -> str:
    return clip(safe(option.text), _TEXT_CELLS)


def _note(option: Option) -> str:
    return clip(safe(option.note), _NOTE_CELLS)
