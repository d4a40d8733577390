"""What every pane shares: its frame, its commands, and how a command is refused or carried out."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, NamedTuple

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.operations.lifecycle import refusal
from daytona_tui.presentation.safe_text import cell_width
from daytona_tui.ui.commands.acts import START
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.services import Services
from daytona_tui.ui.workers import FailureFunnel

_BETWEEN = 3
"""Cells between two titles in a frame."""
_AROUND = 8
"""Cells of a frame that are neither title nor subject: corners, line, spaces."""
_BEFORE_SIZE = 200


class TabTitle(NamedTuple):
    """One of the titles in a frame.

    Attributes:
        text: plain and safe.
        pane_id: which pane a click on it shows.
        is_front: it is the pane that is seen.
    """

    text: str
    pane_id: str
    is_front: bool = False


class Pane(FailureFunnel, Vertical):
    """A framed region of the main screen.

    Subclasses list their commands and write ``do_<id>`` for each; ``refusal`` says why one is not possible now.
    """

    COMMANDS: ClassVar[tuple[Command, ...]] = ()
    TYPING_COMMANDS: ClassVar[tuple[Command, ...]] = ()
    """Those whose keys an entry of the pane leaves alone; empty where it has none that stays."""
    NUMBER: ClassVar[int] = 0
    NAME: ClassVar[str] = ""

    class KeysChanged(Message):
        """What the keys can do may be different now: the footer looks again."""

        bubble = True

        def can_replace(self, message: Message) -> bool:
            """Once is enough."""
            return isinstance(message, Pane.KeysChanged)

    def __init_subclass__(cls, **kwargs: bool) -> None:
        """Bind the keys of the subclass's commands."""
        cls.BINDINGS = [*cls.BINDINGS, *(binding for command in cls.COMMANDS for binding in command.bindings)]
        super().__init_subclass__(**kwargs)

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self.services = services
        self._tabs: tuple[TabTitle, ...] = (TabTitle(f"{self.NUMBER} {self.NAME}", id, True),)
        self._subject = ""
        self._note = ""
        self._framed: tuple[object, ...] = ()
        self.entitle("")

    def entitle(self, subject: str, note: str = "") -> None:
        """Write the frame: ``subject`` beside the pane's name, ``note`` at the bottom right. Both are plain text."""
        self._subject, self._note = subject, note
        framed = (subject, note, self._tabs)
        if framed == self._framed:
            return  # each assignment repaints the whole pane, also with what stands there already
        self._framed = framed
        tabs = Content(" ─ ").stylize("$text-disabled").join(map(_heading, self._tabs))
        self.border_title = Content.assemble(tabs, (f"  {subject}" if subject else ""))
        self.border_subtitle = Content(note)

    @property
    def subject_cells(self) -> int:
        """How many cells of the frame a subject may take; many before there is a frame."""
        tabs = sum(cell_width(tab.text) for tab in self._tabs) + _BETWEEN * (len(self._tabs) - 1)
        return max(0, self.outer_size.width - tabs - _AROUND) if self.outer_size.width else _BEFORE_SIZE

    def show_tabs(self, tabs: tuple[TabTitle, ...]) -> None:
        """Name in the frame all panes that share this one's place."""
        if tabs != self._tabs:
            self._tabs = tabs
            self.entitle(self._subject, self._note)

    def bring_forward(self, view: Widget, other: Widget) -> None:
        """Show ``view`` where ``other`` was; the focus goes along."""
        has_focus = other.has_focus
        view.display, other.display = True, False
        if has_focus:
            view.focus()
        self.post_message(self.KeysChanged())

    def start_hint(self, sandbox: Sandbox, does: str = "starts it") -> str:
        """Return which key starts ``sandbox``, in a sentence; empty where it cannot be started, or no key does."""
        return "" if refusal(Verb.START, sandbox) else self.services.keymap.hint(START.id, does)

    @property
    def focus_target(self) -> Widget:
        """The widget that gets the focus when the pane does: the first that can have it."""
        return next((node for node in self.walk_children(Widget) if node.focusable), self)

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now, in words; empty when it is."""
        return ""

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` now."""
        return command.title

    def footer_of(self, command: Command) -> int:
        """Return the place of ``command`` in the footer now, smallest first; 0 keeps it out."""
        return command.footer

    def action_run_command(self, command_id: str) -> None:
        """Carry out a command, or say why not: a key never does nothing in silence."""
        command = self._command(command_id)
        reason = self.refusal(command)
        if reason:
            self.app.notify(reason, title=f"{command.title}: not now", severity="warning", markup=False)
        else:
            getattr(self, f"do_{command.id.replace('-', '_')}")()

    def _command(self, command_id: str) -> Command:
        return next(command for command in self.COMMANDS if command.id == command_id)


@lru_cache(maxsize=256)  # names and places are few; each is read as markup, in every frame that has it
def _heading(tab: TabTitle) -> Content:
    # Only ids of this program's own panes become actions.
    style = "bold" if tab.is_front else "$text-disabled"
    return Content.from_markup(f"[@click=screen.show_pane('{tab.pane_id}')]$text[/]", text=tab.text).stylize(style)
