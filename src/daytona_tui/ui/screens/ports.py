"""The dialogs around ports: what a signed link is for, and a link as a QR code."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from daytona_tui.operations.previews import SECONDS, USUAL_S
from daytona_tui.presentation.human import interval
from daytona_tui.presentation.qr import qr_ascii, qr_lines
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.panes.port_dialogs import LinkUse, LinkWish
from daytona_tui.ui.screens.choosing import ChoosingScreen
from daytona_tui.ui.widgets.choice_list import Choice, ChoiceList

_USES = {
    LinkUse.COPY: ("copy it", "to the clipboard, to be given away"),
    LinkUse.OPEN: ("open it", "in the browser of this machine"),
    LinkUse.CODE: ("show its QR code", "for a telephone"),
}


class LinkScreen(ChoosingScreen[LinkWish]):
    """What a signed link is for, and how long it lasts."""

    HINT = "enter makes it · ← → how long it lasts · esc leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "longer(-1)", "Shorter", show=False),
        Binding("right,l", "longer(1)", "Longer", show=False),
    ]

    def __init__(self, title: str, first: LinkUse) -> None:
        super().__init__(ChoiceList((18, 50)))
        self._heading = title
        self._at = SECONDS.index(USUAL_S)
        lines = [Choice(use, (Cell(name), Cell(about, Tone.DIM))) for use, (name, about) in _USES.items()]
        self.choices.show(lines)
        self.choices.point_at(first)
        self._show()

    def on_mount(self) -> None:
        """Say where it leads."""
        self.query_one(".dialog").border_title = Content(self._heading).markup

    def _show(self) -> None:
        self.say(f"lasts ‹ {interval(SECONDS[self._at] // 60)} › · whoever has it may look; it can be revoked")

    def action_longer(self, by: int) -> None:
        """Let the link last longer or shorter."""
        self._at = max(0, min(self._at + by, len(SECONDS) - 1))
        self._show()

    def take(self) -> None:
        """Take the line."""
        if self.choices.current is not None:
            self.dismiss(LinkWish(LinkUse(self.choices.current.key), SECONDS[self._at]))


class CodeScreen(ModalScreen[None]):
    """A link as a QR code, dark on light whatever the theme, for a telephone; nothing around it, so that it fits."""

    DEFAULT_CSS = """
    CodeScreen { align: center middle; background: $background; layout: vertical; }
    CodeScreen #code { width: auto; height: auto; color: #000000; background: #ffffff; }
    CodeScreen #code.-none { color: $foreground; background: $background; max-width: 70; }
    CodeScreen #about { width: auto; height: 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,Q,enter", "close", "Close", show=False)]

    def __init__(self, url: str, title: str, *, is_ascii: bool) -> None:
        super().__init__()
        self._lines = qr_ascii(url) if is_ascii else qr_lines(url)
        self._about = Static(f"{title} · esc closes", id="about", markup=False)
        self._code = Static(id="code", markup=False)

    def compose(self) -> ComposeResult:
        """Put one line below the code."""
        yield self._code
        yield self._about

    def on_resize(self) -> None:
        """Show the code if there is room for all of it: a part of one is none."""
        wide, high = (len(self._lines[0]), len(self._lines)) if self._lines else (0, 0)
        width, height = self.app.size
        trouble = ""
        if not self._lines:
            trouble = "The link is too long for a QR code."
        elif wide > width or high >= height:
            trouble = f"The code takes {wide}×{high + 1} cells, and here are {width}×{height}: enlarge the terminal."
        self._code.set_class(bool(trouble), "-none")
        self._code.update(Content(trouble or "\n".join(self._lines)))

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)
