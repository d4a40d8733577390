"""The dialogs around terminals: which to watch, what becomes of one that is closed, and what SSH is wanted for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from daytona_tui.domain.inspection import Terminal
from daytona_tui.domain.ports import Inspector
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.shell import SESSION_PREFIX
from daytona_tui.operations.ssh_access import MINUTES
from daytona_tui.presentation.human import age, interval
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.terminal_dialogs import Closing, SshUse, SshWish
from daytona_tui.ui.screens.choosing import ChoosingScreen
from daytona_tui.ui.widgets.choice_list import Choice, ChoiceList
from daytona_tui.ui.widgets.rows_view import Placeholder

AGAIN_S = 3.0
"""Time between two looks at which terminals there are."""
_NEW = "new"
_TITLE_CELLS = 60


class ClosingScreen(ChoosingScreen[Closing]):
    """What becomes of the program on a terminal that is closed. It opens on what loses nothing."""

    HINT = "enter chooses · esc leaves it as it is"

    def __init__(self, title: str, *, about: str) -> None:
        super().__init__(ChoiceList((10, 50)))
        lines = {
            Closing.DETACH: ("detach", "programs run on; shell or l goes back to them"),
            Closing.END: ("end", "programs and all that they started are ended"),
        }
        self.choices.show([Choice(key, (Cell(name), Cell(about, Tone.DIM))) for key, (name, about) in lines.items()])
        self._heading = title
        self.say(about)

    def on_mount(self) -> None:
        """Say what it is about."""
        self.query_one(".dialog").border_title = Content(self._heading).markup

    def take(self) -> None:
        """Take the line."""
        if self.choices.current is not None:
            self.dismiss(Closing(self.choices.current.key))


class SshScreen(ChoosingScreen[SshWish]):
    """What SSH is wanted for, and for how long."""

    TITLE_TEXT = "SSH"
    HINT = "enter chooses · ← → how long it lasts · esc leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "longer(-1)", "Shorter", show=False),
        Binding("right,l", "longer(1)", "Longer", show=False),
    ]

    def __init__(self, sandbox: Sandbox, until: datetime | None, *, read_only: bool) -> None:
        super().__init__(ChoiceList((16, 60)))
        self._called = safe(sandbox.name)
        self._until = until
        self._read_only = read_only
        self._at = 1
        self._show()

    def on_mount(self) -> None:
        """Say where it leads."""
        self.query_one(".dialog").border_title = Content(f"SSH into {clip(self._called, _TITLE_CELLS)}").markup

    @property
    def _minutes(self) -> int:
        return MINUTES[self._at]

    def _show(self) -> None:
        make = {
            SshUse.ENTER: ("go in", "run ssh on the whole screen; revoked when it ends"),
            SshUse.COPY: ("copy the line", "for another terminal; revoked when this program ends"),
        }
        lines = {} if self._read_only else make
        if self._until is not None:
            lines[SshUse.REVOKE] = ("revoke", f"the access made before, good until {self._until.astimezone():%H:%M}")
        elif not self._read_only:
            lines[SshUse.REVOKE] = ("revoke", "every access there may be, also those of others")
        self.choices.show([Choice(key, (Cell(name), Cell(about, Tone.DIM))) for key, (name, about) in lines.items()])
        self.say(f"lasts ‹ {interval(self._minutes)} › · an access made now replaces those there are")

    def action_longer(self, by: int) -> None:
        """Let the access last longer or shorter."""
        self._at = max(0, min(self._at + by, len(MINUTES) - 1))
        self._show()

    def take(self) -> None:
        """Take the line."""
        if self.choices.current is not None:
            self.dismiss(SshWish(SshUse(self.choices.current.key), self._minutes))


@dataclass(frozen=True, slots=True)
class Pick:
    """What was chosen: a terminal that is there, or None for a new one."""

    found: Terminal | None


class TerminalsScreen(ChoosingScreen[Pick]):
    """The terminals of a sandbox, whoever opened them. Looking peeks.

    Args:
        shown: names of those that are open in the pane.
    """

    TITLE_TEXT = "Terminals"
    HINT = "enter watches, and sends nothing · n a new one · esc leaves"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "new", "A new one", show=False)]

    def __init__(
        self, inspector: Inspector, sandbox: Sandbox, shown: frozenset[str], now: Callable[[], datetime]
    ) -> None:
        super().__init__(ChoiceList((1, 28, 11, 9, 8, 34), Placeholder("looking …")))
        self._inspector = inspector
        self._sandbox = sandbox
        self._shown = shown
        self._now = now
        self._found: dict[str, Terminal] = {}
        self.say("a terminal is watched first; typing into it is a key of its own")

    def on_mount(self) -> None:
        """Begin to look."""
        name = clip(safe(self._sandbox.name), _TITLE_CELLS)
        self.query_one(".dialog").border_title = Content(f"Terminals of {name}").markup
        self.query_one(".dialog").styles.width = 104
        workers.start(self, self._look, name="list terminals", group=workers.TERMINAL)

    async def _look(self) -> None:
        while not is_leaving(self):
            try:
                self._show(await self._inspector.terminals(self._sandbox.id))
            except DaytonaTuiError as error:
                self.say(phrase(error).line)
            await asyncio.sleep(AGAIN_S)

    def _show(self, terminals: Sequence[Terminal]) -> None:
        self._found = {each.id: each for each in terminals}
        new = Choice(_NEW, (Cell("+"), Cell("a new one"), Cell(""), Cell(""), Cell(""), Cell("")))
        self.choices.show([*(self._line(each) for each in terminals), new])
        many = f"{len(terminals)} there" if terminals else "none there"
        self.say(f"{many} · a terminal is watched first; typing into it is a key of its own")

    def _line(self, terminal: Terminal) -> Choice:
        is_shown = terminal.id in self._shown
        size = f"{terminal.size.cols}×{terminal.size.rows}" if terminal.size else ""
        made = terminal.created_at
        old = age((self._now() - made).total_seconds()) if made else ""
        whose = "open here" if is_shown else "daytona-tui" if terminal.id.startswith(SESSION_PREFIX) else "another's"
        return Choice(
            f"pty:{terminal.id}",
            (
                Cell("●" if terminal.is_active else "○", Tone.GOOD if terminal.is_active else Tone.DIM),
                Cell(safe(terminal.id), Tone.STRONG if is_shown else Tone.NEUTRAL, is_name=True),
                Cell(whose, Tone.DIM),
                Cell(size, Tone.DIM),
                Cell(old, Tone.DIM),
                Cell(safe(terminal.cwd), Tone.FAINT, is_name=True),
            ),
        )

    def take(self) -> None:
        """Watch the terminal of the line, or open a new one."""
        current = self.choices.current
        if current is None:
            return
        if current.key == _NEW:
            self.dismiss(Pick(None))
        elif (found := self._found.get(current.key.removeprefix("pty:"))) is not None:
            self.dismiss(Pick(found))

    def action_new(self) -> None:
        """Open a new one."""
        self.dismiss(Pick(None))
