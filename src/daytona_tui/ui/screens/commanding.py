"""How a command of the main screen is found and carried out: by key, by a click, in the help and in the palette."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from daytona_tui.domain.views import NamedView
from daytona_tui.presentation.questions import Question
from daytona_tui.ui import workers
from daytona_tui.ui.commands import app as app_commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.catalog import EVERYWHERE
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.fleet_bin import BIN_VIEW
from daytona_tui.ui.panes.fleet_jump import jump_to
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.screens.custom import CustomCommanding
from daytona_tui.ui.terminal import hear_mouse, hears_mouse
from daytona_tui.ui.widgets.key_bar import KeyBar, KeyHint

if TYPE_CHECKING:
    from daytona_tui.ui.screens.help import HelpEntry
    from daytona_tui.ui.screens.palette import PaletteChoice


class FleetCommanding(CustomCommanding):
    """Runs commands, or says why not."""

    class ProfilesRequested(Message):
        """The user wants another connection."""

    class ThemesRequested(Message):
        """The user wants another theme."""

    COMMANDS_HERE: ClassVar[tuple[Command, ...]] = EVERYWHERE
    """What has a meaning in every pane."""
    BINDINGS: ClassVar[list[BindingType]] = [binding for command in COMMANDS_HERE for binding in command.bindings]

    _has_old_keys = False
    """The footer is about to be written again."""

    @on(Pane.KeysChanged)
    def refresh_keys(self) -> None:
        """Say which keys help now, once for all that is told at a time."""
        if not self._has_old_keys:
            self._has_old_keys = True
            self.call_later(self._write_keys)

    def _write_keys(self) -> None:
        self._has_old_keys = False
        if is_leaving(self):
            return
        pane = self.current_pane
        commands = self._while_typing(pane) if isinstance(self.focused, Input) else self._footer_of(pane)
        self.query_one(KeyBar).show(
            tuple(
                KeyHint(command.id, key, pane.title_of(command), self._refusal(command), command is app_commands.HELP)
                for command, key in commands
            )
        )

    def _footer_of(self, pane: Pane) -> list[tuple[Command, str]]:
        keys = {self._key_of(command) for command in pane.COMMANDS}
        elsewhere = (command for command in self.COMMANDS_HERE if self._key_of(command) not in keys)
        # In an order that is the same in every run, where two have the same place.
        commands = dict.fromkeys(
            command
            for command in (*pane.COMMANDS, *elsewhere, *self.customs_for(pane))
            if pane.footer_of(command) and self.services.keymap.keys[command.id]
        )
        return [(command, self._key_of(command)) for command in sorted(commands, key=pane.footer_of)]

    def _while_typing(self, pane: Pane) -> list[tuple[Command, str]]:
        """Return what has another key than a letter, where the pane says what that is."""
        if not pane.TYPING_COMMANDS:
            return self._footer_of(pane)
        labels = ((command, self.services.keymap.typing_label(command.id)) for command in pane.TYPING_COMMANDS)
        return [(command, label) for command, label in labels if label]

    def _key_of(self, command: Command) -> str:
        return self.services.keymap.label(command.id)

    def _owner_of(self, command: Command) -> Pane | None:
        """The pane that carries a command out; None: the screen does."""
        return next((pane for pane in (self.current_pane, *self.panes) if command in pane.COMMANDS), None)

    def _refusal(self, command: Command) -> str:
        if command in self.customs:
            return self.custom_refusal(self.customs[command])
        pane = self._owner_of(command)
        if pane is None and command in (app_commands.NEXT_TAB, app_commands.PREVIOUS_TAB):
            return "" if len(self.places.current.panes) > 1 else "this pane has no tabs beside it"
        return pane.refusal(command) if pane else ""

    @on(KeyBar.Pressed)
    def _press(self, event: KeyBar.Pressed) -> None:
        commands = (*self.current_pane.COMMANDS, *self.COMMANDS_HERE, *self.customs)
        self.run_command(next(command for command in commands if command.id == event.command_id))

    def run_command(self, command: Command) -> None:
        """Carry out a command, or say why not."""
        pane = self._owner_of(command)
        if pane is not self.fleet_pane:
            self.show_sandbox(self.fleet_pane.select_now())
        reason = self._refusal(command) if pane is None else ""
        if reason:
            self.app.notify(reason, title=f"{command.title}: not now", severity="warning", markup=False)
        elif command in self.customs:
            self.run_custom(command, self.customs[command])
        elif pane is None:
            getattr(self, f"do_{command.id.replace('-', '_')}")()
        else:
            pane.action_run_command(command.id)

    def action_run_command(self, command_id: str) -> None:
        """Carry out a command that has a meaning in every pane."""
        self.run_command(next(command for command in (*self.COMMANDS_HERE, *self.customs) if command.id == command_id))

    # Finding

    def _entries(self) -> list[HelpEntry]:
        """Return every command once, those of the pane in which the user is first."""
        from daytona_tui.ui.screens.help import HelpEntry

        panes = (self.current_pane, *(pane for pane in self.panes if pane is not self.current_pane))
        entries = [
            HelpEntry(command, pane.NAME, pane.refusal(command), self._key_of(command))
            for pane in panes
            for command in pane.COMMANDS
        ]
        entries += [
            HelpEntry(command, "Yours", self._refusal(command), self._key_of(command)) for command in self.customs
        ]
        return entries + [
            HelpEntry(command, "Everywhere", self._refusal(command), self._key_of(command))
            for command in app_commands.APP_COMMANDS
            if self._owner_of(command) is None
        ]

    def do_help(self) -> None:
        """Show all commands; run the one that is chosen."""
        from daytona_tui.ui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self._entries()), self._chosen)

    def do_palette(self) -> None:
        """Find a command, a view or a sandbox by a few letters."""
        from daytona_tui.ui.screens.palette import PaletteScreen, ViewEntry

        views = [ViewEntry(view.name, view.filter or "every sandbox") for view in self._views]
        self.app.push_screen(PaletteScreen(self._entries(), views, tuple(self.fleet_pane.store.fleet)), self._chosen)

    @property
    def _views(self) -> tuple[NamedView, ...]:
        return (*self.fleet_pane.views, BIN_VIEW)

    def _chosen(self, choice: PaletteChoice | None) -> None:
        from daytona_tui.ui.screens.palette import JumpTo, ShowView

        if isinstance(choice, JumpTo):
            self.go_to(self.fleet_pane)
            jump_to(self.fleet_pane, choice.sandbox_id)
        elif isinstance(choice, ShowView):
            view = next((view for view in self._views if view.name == choice.name), None)
            if view is not None:
                self.go_to(self.fleet_pane)
                self.fleet_pane.load_view(view)
        elif choice is not None:
            self.run_command(choice)

    # Leaving

    def do_profiles(self) -> None:
        """Choose another connection."""
        self.post_message(self.ProfilesRequested())

    def do_theme(self) -> None:
        """Choose other colours."""
        self.post_message(self.ThemesRequested())

    def do_mouse(self) -> None:
        """Leave the mouse to the terminal, or take it back."""
        mine = not hears_mouse(self.app)
        hear_mouse(self.app, mine)
        back = self.services.keymap.hint(app_commands.MOUSE.id, "takes it back")
        said = "It is the program's again." if mine else "Select text with it as in any other program."
        self.notify(f"{said}\n{'' if mine else back}".strip(), title="Mouse", markup=False)

    def do_quit(self) -> None:
        """Leave; ask first while something is under way."""
        busy = workers.under_way(self.app.workers)
        if not busy:
            self.terminal_pane.leave_all(self.do_quit_now)
            return
        from daytona_tui.ui.screens.confirm import ConfirmScreen

        kept = "What a pull has brought is kept: the same pull goes on from there."
        notes = (kept,) if self.files_pane.transfers.has_pulls else ()
        question = Question("Quit now?", busy, "What is under way is given up half-way.", yes="Quit", notes=notes)
        leave = partial(self.terminal_pane.leave_all, self.do_quit_now)
        self.app.push_screen(ConfirmScreen(question), lambda yes: leave() if yes else None)

    def do_quit_now(self) -> None:
        """Leave."""
        self.app.exit(0)
