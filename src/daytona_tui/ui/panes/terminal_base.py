"""What terminals in the pane look like, and why something is not possible with them now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.presentation.cells import state_word
from daytona_tui.presentation.safe_text import cell_width, clip, safe
from daytona_tui.ui.commands import terminal as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.panes.terminal_dialogs import TerminalDialogs
from daytona_tui.ui.panes.terminal_open import OpenTerminal
from daytona_tui.ui.panes.terminal_ssh import TerminalSsh
from daytona_tui.ui.panes.terminal_views import MOST_OPEN, OpenTerminals
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.rows_view import Placeholder
from daytona_tui.ui.widgets.terminal_shelf import TerminalShelf

AGAIN_S = 3.0
"""So long the same is not said again: a program may ring and a user type very often."""
_FRAME = 6
"""Cells of a frame beside its words."""
_STANDING_CELLS = 32
_NEEDS_FRONT = (
    commands.TYPE_TERMINAL,
    commands.TAKE_OVER,
    commands.CLOSE_TERMINAL,
    commands.RECONNECT_TERMINAL,
)
_ACTS = (commands.TERMINAL_OUTSIDE, commands.NEW_TERMINAL, commands.SSH)


class TerminalBase(Pane):
    """A line for each terminal, and below the one under the cursor. They run on when the cursor moves."""

    COMMANDS: ClassVar[tuple[Command, ...]] = commands.TERMINAL_COMMANDS
    NUMBER: ClassVar[int] = 3
    NAME: ClassVar[str] = "Terminal"

    sandbox: reactive[Sandbox | None] = reactive(None, layout=False, repaint=False, init=False)

    class HeldChanged(Message):
        """Other sandboxes than before are kept awake by connections of ours."""

    dialogs: TerminalDialogs

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.shelf = TerminalShelf(id="terminal-shelf")
        self.views = Vertical(id="terminal-views")
        self.reveal: Callable[[], None] = lambda: None
        """Brings this pane to the front and into focus; the screen gives it."""
        self.open = OpenTerminals(services, self.changed)
        self.ssh = TerminalSsh(self, services)
        self.types = False
        """Whether keys go to a terminal, as the user left it."""
        self._held: frozenset[SandboxId] = frozenset()
        self._said: dict[str, float] = {}

    @property
    def focus_target(self) -> Widget:
        """The terminal while the user is in it, else the lines."""
        front = self.entered or self.open.front(self.sandbox)
        return front.view if self.types and front is not None else self.shelf

    # What can be done

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        sandbox, front = self.sandbox, self.open.front(self.sandbox)
        if sandbox is None:
            return "there is no sandbox under the cursor"
        if command is commands.LEAVE_TERMINAL:
            return "" if self.is_typed_into else "no terminal has the keys"
        if command in _NEEDS_FRONT:
            return self._refusal_of_front(command, front)
        if command is commands.SSH and self.ssh.accesses.of(sandbox.id) is not None:
            return ""
        if not sandbox.is_running:
            hint = self.start_hint(sandbox, "in the list starts it")
            return f"{safe(sandbox.name)} is {state_word(sandbox)}: terminals are there while it is started" + (
                f"; {hint}" if hint else ""
            )
        types = front is not None and front.can_type
        is_there = front is not None and (front.is_live or bool(front.trouble))
        if command in _ACTS or (command is commands.TERMINAL and not is_there):
            needs = Ability.SSH if command is commands.SSH else Ability.PTYS
            lacking = self.services.abilities.lacks_in(sandbox.id, needs)
            if lacking or self.services.read_only:
                return lacking or self.services.read_only
            if self.open.is_full and (command is commands.NEW_TERMINAL or not types) and command is not commands.SSH:
                return f"{MOST_OPEN} terminals are open: {self._key(commands.CLOSE_TERMINAL)} closes one"
        return ""

    def _refusal_of_front(self, command: Command, front: OpenTerminal | None) -> str:
        if front is None:
            return f"no terminal is open: {self._key(commands.TERMINAL)} opens one"
        if command is commands.RECONNECT_TERMINAL:
            return "" if front.trouble else "it is connected" if front.is_live else "its program has ended"
        if command is commands.CLOSE_TERMINAL:
            return ""
        if not front.is_live:
            return f"{front.standing}; {self._key(commands.NEW_TERMINAL)} opens another"
        if command is commands.TAKE_OVER:
            return self.services.read_only if front.terminal.is_watching else ""
        return self.watched_words if front.terminal.is_watching else ""

    @property
    def watched_words(self) -> str:
        """Why nothing is typed into a terminal that is only watched."""
        return f"it is only watched: {self._key(commands.TAKE_OVER)} takes it over"

    def _key(self, command: Command) -> str:
        return self.services.keymap.label(command.id)

    @property
    def is_typed_into(self) -> bool:
        """True while keys go to a program, or to the view of one that has ended."""
        entered = self.entered
        return entered is not None and not entered.view.read_only

    @property
    def entered(self) -> OpenTerminal | None:
        """The terminal that the user is in, whichever sandbox is under the cursor by now.

        A sandbox that goes, or news that moves the cursor, must not turn what is typed into commands for another.
        """
        return next((each for each in self.open if each.view.has_focus), None)

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` now."""
        front = self.open.front(self.sandbox)
        if command is commands.TAKE_OVER and front is not None and not front.terminal.is_watching:
            return "Only watch"
        return command.title

    def footer_of(self, command: Command) -> int:
        """Return the place of ``command`` in the footer: what has no object now is left out."""
        front = self.open.front(self.sandbox)
        if self.is_typed_into:  # every other key is the program's
            return 1 if command is commands.LEAVE_TERMINAL else 0
        if command is commands.RECONNECT_TERMINAL:
            return 14 if front is not None and front.trouble else 0
        if command is commands.TERMINAL_OUTSIDE:
            return 20  # elsewhere there is no room to say so
        return 0 if front is None and command in _NEEDS_FRONT else command.footer

    # Appearance

    def changed(self, opened: OpenTerminal) -> None:
        """Say how a terminal stands; where nobody looks, only what went wrong."""
        if is_leaving(self):
            return
        if opened.trouble and opened not in (self.entered, self.open.front(self.sandbox)):
            self.app.notify(
                f"{safe(opened.sandbox.name)}: {opened.trouble}", title=opened.name, severity="warning", markup=False
            )
        self.show()
        held = frozenset(each.sandbox.id for each in self.open if each.keeps_awake)
        if held != self._held:
            self._held = held
            self.post_message(self.HeldChanged())
        self.post_message(self.KeysChanged())

    @property
    def held_awake(self) -> tuple[str, ...]:
        """Names of the sandboxes that connections of ours keep from stopping by themselves; safe."""
        names = {each.sandbox.id: safe(each.sandbox.name) for each in self.open if each.keeps_awake}
        return tuple(sorted(names.values()))

    def show(self) -> None:
        """Show the terminals of the sandbox under the cursor, and say in the frame how to get in and out."""
        if is_leaving(self):
            return
        entered = self.entered
        sandbox = entered.sandbox if entered is not None else self.sandbox
        front = entered or self.open.front(sandbox)
        for each in self.open:
            each.view.display = each is front
        terminals = self.open.of(sandbox)
        self.shelf.show([each.row(is_typed=self._is_typed(each)) for each in terminals])
        if front is not None and self.shelf.cursor != terminals.index(front):
            self.shelf.move_cursor(terminals.index(front))
        self.views.display = front is not None
        self.shelf.placeholder = self._placeholder()
        title = f"{safe(sandbox.name)}  {front.view.title if front else ''}".rstrip() if sandbox else ""
        self.entitle(title, self._words_below(front))

    def _is_typed(self, opened: OpenTerminal) -> bool:
        return opened.can_type and opened.view.has_focus

    def _placeholder(self) -> Placeholder:
        sandbox = self.sandbox
        if sandbox is None:
            return Placeholder("no sandbox under the cursor")
        if not sandbox.is_running:
            return Placeholder(
                f"{state_word(sandbox)}: terminals are there while it is started", self.start_hint(sandbox)
            )
        if lacking := self.services.abilities.lacks_in(sandbox.id, Ability.PTYS):
            return Placeholder(lacking, f"{self._key(commands.SSH)} goes in by SSH")
        if self.services.read_only:
            return Placeholder("no terminal is open", f"{self._key(commands.LIST_TERMINALS)} lists those there are")
        hint = (
            f"{self._key(commands.TERMINAL)} opens one · {self._key(commands.LIST_TERMINALS)} lists those there are, "
            f"also those of others\n{self._key(commands.TERMINAL_OUTSIDE)} gives it the whole screen · "
            f"{self._key(commands.SSH)} goes in by SSH"
        )
        return Placeholder("no terminal is open", hint)

    def _words_below(self, front: OpenTerminal | None) -> str:
        if front is None:
            return ""
        held = "holds the sandbox awake" if front.keeps_awake else ""
        if front.view.has_focus:
            ended = "" if front.is_live else f"{clip(front.standing, _STANDING_CELLS)} · "
            watched = f"watched only, {self._key(commands.TAKE_OVER)} takes over · "
            way = ended + (watched if front.is_live and front.terminal.is_watching else "") + front.view.hint
        elif front.can_type:
            way = f"{self._key(commands.TYPE_TERMINAL)} types · ctrl+\\ twice gets out"
        elif front.is_live:
            way = f"watched only · {self._key(commands.TAKE_OVER)} takes over"
        else:
            way = front.standing
        both = " · ".join(part for part in (held, way) if part)
        return both if cell_width(both) <= self.outer_size.width - _FRAME else way

    def say_once(self, text: str, title: str) -> None:
        """Say something that may come about very often, now and then."""
        if self.may_say(text):
            self.app.notify(text, title=title, severity="warning", markup=False)

    def may_say(self, what: str) -> bool:
        """Return whether the last time that the same was said is long enough ago."""
        now = asyncio.get_running_loop().time()
        may = now - self._said.get(what, -AGAIN_S) >= AGAIN_S
        if may:
            lately = {each: at for each, at in self._said.items() if now - at < AGAIN_S}
            self._said = {**lately, what: now}
        return may
