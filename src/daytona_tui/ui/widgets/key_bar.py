"""The bottom line: the keys that make sense here now, and what is being copied."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from daytona_tui.presentation.safe_text import cell_width, clip
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.widgets.tone_styles import tone_style

GAP = 3


@dataclass(frozen=True, slots=True)
class KeyHint:
    """One key and what it does.

    Attributes:
        command_id: what a click asks for.
        key: the key as a person writes it.
        title: one or two words.
        reason: why it is not possible now; empty when it is.
        stays: kept where room is scarce, whatever else leaves.
    """

    command_id: str
    key: str
    title: str
    reason: str = ""
    stays: bool = False

    @property
    def width(self) -> int:
        """Terminal cells it takes."""
        return cell_width(self.key) + 1 + cell_width(self.title)


class KeyBar(Widget):
    """One line of keys. What is not possible now is dimmed; pointing at it tells why."""

    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; }"

    class Pressed(Message):
        """A key of the line was clicked."""

        def __init__(self, command_id: str) -> None:
            super().__init__()
            self.command_id = command_id

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hints: tuple[KeyHint, ...] = ()
        self.transfer = ""
        self.progress = ""
        self._spans: list[tuple[int, int, KeyHint]] = []

    def show(self, hints: tuple[KeyHint, ...]) -> None:
        """Show other keys."""
        if hints != self.hints:
            self.hints = hints
            self.refresh()

    def show_transfer(self, text: str) -> None:
        """Say at the right what is being copied; empty: nothing is."""
        if text != self.transfer:
            self.transfer = text
            self.refresh()

    def show_progress(self, text: str) -> None:
        """Say at the right how far what is done to sandboxes is, while nothing is copied; empty: nothing is done."""
        if text != self.progress:
            self.progress = text
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the keys from the left as far as they fit, the transfer at the right."""
        width = self.size.width
        transfer = clip(self.transfer or self.progress, max(0, width - 12))
        room = width - 2 - (cell_width(transfer) + GAP if transfer else 0)
        segments = [Segment(" ")]
        self._spans = []
        position = 1
        for hint in self._fitting(room):
            self._spans.append((position, position + hint.width, hint))
            segments += self._drawn(hint)
            position += hint.width + GAP
        strip = Strip(segments).adjust_cell_length(width - cell_width(transfer) - 1)
        end = [Segment(transfer, self._style(Tone.BUSY)), Segment(" ")]
        return Strip.join([strip, Strip(end)]).adjust_cell_length(width).apply_style(self.rich_style)

    def _fitting(self, room: int) -> list[KeyHint]:
        room -= sum(hint.width + GAP for hint in self.hints if hint.stays) - GAP
        fitting, is_full = [], False
        for hint in self.hints:
            is_full = is_full or (not hint.stays and hint.width + GAP > room)
            if hint.stays or not is_full:
                fitting.append(hint)
                room -= 0 if hint.stays else hint.width + GAP
        return fitting

    def on_click(self, event: events.Click) -> None:
        """Ask for the command that was clicked."""
        hint = self._hint_at(event.x)
        if hint is not None:
            self.post_message(self.Pressed(hint.command_id))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell why the key under the pointer is not possible now."""
        hint = self._hint_at(event.x)
        self.tooltip = hint.reason if hint and hint.reason else None

    def _hint_at(self, x: int) -> KeyHint | None:
        return next((hint for start, end, hint in self._spans if start <= x < end), None)

    def _drawn(self, hint: KeyHint) -> list[Segment]:
        key = self._style(Tone.FAINT) if hint.reason else self._style(Tone.ACCENT, bold=True)
        title = self._style(Tone.FAINT if hint.reason else Tone.DIM)
        return [Segment(hint.key, key), Segment(f" {hint.title}", title), Segment(" " * GAP)]

    def _style(self, tone: Tone, *, bold: bool = False) -> Style:
        return tone_style(self.app.theme_variables, tone, bold=bold)
