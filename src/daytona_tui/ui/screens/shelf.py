"""The shelf: what the organisation keeps beside its sandboxes, and what it may use; a tab for each kind of thing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from daytona_tui.presentation.human import age
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.shelf import SHELF_COMMANDS, SHELF_COMMON, SHELF_HELP, SHELF_OPEN
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.screens.help import HelpEntry, HelpScreen
from daytona_tui.ui.screens.shelf_tab import ShelfTab
from daytona_tui.ui.widgets.cell_table import CellTable
from daytona_tui.ui.widgets.key_bar import KeyBar, KeyHint
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.widgets.tab_strip import TabStrip

_TICK_S = 1.0
"""Seconds between two looks at whether the rows of the tab are to be read again."""


class ShelfScreen(workers.FailureFunnel, ModalScreen[None]):
    """Shows one tab at a time; the tabs live longer than the screen.

    Args:
        tabs: in their order.
        first: name of the tab to begin with; empty is the first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(binding for command in SHELF_COMMANDS for binding in command.bindings),
        Binding("tab,right_square_bracket,right", "beside(1)", show=False),
        Binding("shift+tab,left_square_bracket,left", "beside(-1)", show=False),
        *(Binding(str(number), f"go_to({number})", show=False) for number in range(1, 10)),
    ]
    AUTO_FOCUS = "CellTable"
    CSS_PATH = "../styles/shelf.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual declares it

    def __init__(self, tabs: Sequence[ShelfTab[Any]], first: str = "") -> None:
        super().__init__()
        self.tabs = tuple(tabs)
        self.front: ShelfTab[Any] = next((tab for tab in self.tabs if first == tab.NAME), self.tabs[0])
        self.shown: Sequence[Any] = ()
        """The rows of the tab that the filter lets through."""
        self._typed = ""

    def compose(self) -> ComposeResult:
        """Make the tabs, what they come to, the filter, a table for each, what is known of a row, the keys."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Shelf"
            yield TabStrip(self._strip, id="shelf-tabs")
            yield Static("", id="sum", markup=False)
            yield Input(placeholder="words of the rows", compact=True)
            for number, tab in enumerate(self.tabs):
                yield CellTable(tab.COLUMNS, id=f"rows-{number}", placeholder=tab.placeholder)
            yield Static("", id="about", markup=False)
            yield KeyBar(id="shelf-keys")

    def on_mount(self) -> None:
        """Show the first tab, and look at it as long as it is there."""
        self.query_one(Input).display = False
        self._show_front()
        self.set_interval(_TICK_S, self._tick)

    # What is seen

    @property
    def table(self) -> CellTable:
        """The table of the tab that is seen."""
        return self.query_one(f"#rows-{self.tabs.index(self.front)}", CellTable)

    @property
    def current(self) -> Any | None:
        """The row under the cursor."""
        cursor = self.table.cursor
        return self.shown[cursor] if cursor < len(self.shown) else None

    @property
    def _strip(self) -> tuple[tuple[int, str], ...]:
        return tuple((number, tab.NAME) for number, tab in enumerate(self.tabs, 1))

    def draw(self) -> None:
        """Show the rows as they are now; the cursor stays on its row, wherever that has gone."""
        if is_leaving(self) or not self.is_mounted:
            return
        before = self.current
        tab, words = self.front, self._typed.casefold().split()
        self.shown = [row for row in tab.rows if not words or all(word in tab.words_of(row) for word in words)]
        table = self.table
        is_narrowed = bool(words) and bool(tab.rows)
        table.placeholder = (
            Placeholder("No row has these words", "esc takes them away") if is_narrowed else tab.placeholder
        )
        table.show([tab.cells(row) for row in self.shown])
        self._put_cursor(tab.identity(before) if before is not None else "")
        self.query_one("#sum", Static).update(Content(self._sum()))
        self._tell_of_row()

    def _put_cursor(self, before: str) -> None:
        """Put the cursor on the row that is new, or on the one where it was."""
        tab = self.front
        ids = [tab.identity(row) for row in self.shown]
        awaited = [at for at, row in enumerate(self.shown) if tab.awaited and tab.awaited == getattr(row, "name", "")]
        if awaited:
            tab.awaited = ""
            self.table.move_cursor(awaited[0])
        elif before in ids:
            self.table.move_cursor(ids.index(before))

    def _sum(self) -> str:
        tab = self.front
        parts = [tab.summary()] if tab.is_read else []
        if len(self.shown) != len(tab.rows):
            parts.insert(0, f"{len(self.shown):,} of")
        said = " ".join(parts)
        if tab.trouble and tab.rows:
            return f"{said} · as of {self._age(tab)} ago: {tab.trouble}"
        return f"{said} · reading …" if tab.is_loading and not tab.is_read and said else said

    def _age(self, tab: ShelfTab[Any]) -> str:
        return age((tab.services.now() - tab.read_at).total_seconds() if tab.read_at else None)

    @on(RowsView.CursorMoved)
    def _tell_of_row(self) -> None:
        row = self.current
        lines = self.front.about(row) if row is not None else ()
        self.query_one("#about", Static).update(Content("\n".join(lines)))
        self.refresh_keys()

    def refresh_keys(self) -> None:
        """Say which keys help now."""
        keymap = self.front.services.keymap
        commands = [command for command in self._commands if command.footer and keymap.keys.get(command.id)]
        self.query_one(KeyBar).show(
            tuple(
                KeyHint(
                    command.id,
                    keymap.label(command.id),
                    self._title_of(command),
                    self.refusal(command),
                    command is SHELF_HELP,
                )
                for command in sorted(commands, key=lambda command: command.footer)
            )
        )

    # The rows

    def _tick(self) -> None:
        tab = self.front
        if tab.is_loading or tab.unsupported or not tab.period_s or tab.read_at is None:
            return
        if (tab.services.now() - tab.read_at).total_seconds() >= tab.period_s:
            self.load(tab)

    def load(self, tab: ShelfTab[Any]) -> None:
        """Read the rows of a tab anew."""
        if not is_leaving(self):
            name = f"read the {tab.NOUNS[1]}"
            workers.start(
                self, partial(self._load, tab), name=name, group=f"{workers.SHELF}-{tab.NAME}", exclusive=True
            )

    async def _load(self, tab: ShelfTab[Any]) -> None:
        await tab.read()
        if tab is self.front and not tab.trouble:
            tab.entered()

    # Tabs

    def _show_front(self) -> None:
        for number, tab in enumerate(self.tabs):
            self.query_one(f"#rows-{number}").display = tab is self.front
        self.query_one(TabStrip).show(self._strip, self.tabs.index(self.front) + 1)
        self.draw()
        if not self.query_one(Input).has_focus:
            self.set_focus(self.table)
        if not self.front.is_loading and not self.front.unsupported:
            self.load(self.front)

    def show_tab(self, name: str) -> None:
        """Bring a tab to the front."""
        self._go_to(next((tab for tab in self.tabs if name == tab.NAME), self.front))

    def _go_to(self, tab: ShelfTab[Any]) -> None:
        if tab is not self.front:
            self.front = tab
            self.shown = ()
            self._show_front()

    def action_beside(self, step: int) -> None:
        """Go to the tab beside this one."""
        self._go_to(self.tabs[(self.tabs.index(self.front) + step) % len(self.tabs)])

    def action_go_to(self, number: int) -> None:
        """Go to a tab by its number."""
        if number <= len(self.tabs):
            self._go_to(self.tabs[number - 1])

    @on(TabStrip.Chosen)
    def _choose_tab(self, event: TabStrip.Chosen) -> None:
        self.action_go_to(event.number)

    # Commands

    @property
    def _commands(self) -> tuple[Command, ...]:
        return (*self.front.COMMANDS, *SHELF_COMMON)

    def _title_of(self, command: Command) -> str:
        return command.title if command in SHELF_COMMON else self.front.title_of(command)

    def refusal(self, command: Command) -> str:
        """Return why a command is not possible now, in words; empty when it is."""
        if command in SHELF_COMMON:
            return ""
        if command not in self.front.COMMANDS:
            return f"{self.front.NAME.lower()} have no such thing"
        return self.front.refusal(command, self.current)

    def action_run_command(self, command_id: str) -> None:
        """Carry out a command, or say why not."""
        command = next(each for each in SHELF_COMMANDS if each.id == command_id)
        reason = self.refusal(command)
        title = self._title_of(command)
        if reason:
            self.app.notify(safe(reason), title=f"{title}: not now", severity="warning", markup=False)
        elif command in SHELF_COMMON:
            getattr(self, f"do_{command.id.replace('-', '_')}")()
        else:
            getattr(self.front, f"do_{command.id.replace('-', '_')}")(self.current)

    @on(KeyBar.Pressed)
    def _press(self, event: KeyBar.Pressed) -> None:
        event.stop()
        self.action_run_command(event.command_id)

    @on(RowsView.Chosen)
    def _open(self, event: RowsView.Chosen) -> None:
        event.stop()
        self.action_run_command(SHELF_OPEN.id)

    def do_shelf_filter(self) -> None:
        """Go to the filter."""
        entry = self.query_one(Input)
        entry.display = True
        self.set_focus(entry)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._typed = event.value
        self.draw()

    @on(Input.Submitted)
    def _to_rows(self) -> None:
        self.query_one(Input).display = bool(self._typed)
        self.set_focus(self.table)

    def do_shelf_refresh(self) -> None:
        """Read the rows again."""
        self.front.unsupported = False
        self.load(self.front)

    def do_shelf_help(self) -> None:
        """List what can be done here; do what is chosen."""
        keymap = self.front.services.keymap
        entries = [
            HelpEntry(
                command,
                "Shelf" if command in SHELF_COMMON else self.front.NAME,
                self.refusal(command),
                keymap.label(command.id),
            )
            for command in self._commands
        ]

        def run(command: Command | None) -> None:
            if command is not None:
                self.action_run_command(command.id)

        self.app.push_screen(HelpScreen(entries), run)

    def do_shelf_close(self) -> None:
        """Take the filter away; without one, close."""
        entry = self.query_one(Input)
        if entry.display:
            entry.value = ""
            entry.display = False
            self.set_focus(self.table)
        else:
            self.dismiss(None)
