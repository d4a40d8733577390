"""How the sandboxes are laid out: columns, order, groups, views; and that it is so again the next time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

from textual import on

from daytona_tui.config.views import Remembered, load_views, save_views, views_file
from daytona_tui.domain.views import Arrangement, ColumnChoice, NamedView, Sort
from daytona_tui.presentation.columns import DEFAULT_COLUMNS, column_named
from daytona_tui.ui import workers
from daytona_tui.ui.commands.layout import COLUMNS, SORT
from daytona_tui.ui.panes.fleet_base import FleetBase
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.sandbox_table import SandboxTable


class Dialog(StrEnum):
    """What the pane asks its screen to open."""

    COLUMNS = "columns"
    SORT = "sort"
    GROUP = "group"
    VIEWS = "views"


class LayoutDialogs(Protocol):
    """Opens dialogs; the screen does it, which is above the panes."""

    def open(self, dialog: Dialog) -> None:
        """Open a dialog at once: the keys that follow in the same burst are meant for it."""


class FleetArrangement(FleetBase):
    """Lays the rows out as the user wants them, and remembers that for this connection.

    Attributes:
        views: saved views, in the order of their number keys.
        layout_dialogs: the screen sets it before the pane is mounted.
    """

    layout_dialogs: LayoutDialogs

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.views: tuple[NamedView, ...] = ()
        self._views_file = views_file(services.state_dir)
        self._is_loaded = False
        self._unsaved: Remembered | None = None

    # Remembering

    def on_mount(self) -> None:
        """Take over what was remembered of this connection."""
        self.run_worker(self._load_layout(), name="load views", group=workers.LAYOUT, exit_on_error=False)

    async def _load_layout(self) -> None:
        remembered, trouble = await asyncio.to_thread(load_views, self._views_file)
        was_changed = self._unsaved is not None
        self._is_loaded = True
        named = {view.name: view for view in (*remembered.views, *self.views)}
        self.views = tuple(named.values())
        if trouble:
            self.app.notify(trouble, title="Columns and views", severity="warning", markup=False)
        if was_changed:
            await self._save_layout()
        else:
            self.view.arrangement = remembered.arrangement
            self.view_changed()

    def remember(self) -> None:
        """Keep the layout and the views for the next time."""
        is_saving = self._unsaved is not None
        self._unsaved = Remembered(self.view.arrangement, self.views)
        if self._is_loaded and not is_saving:
            self.run_worker(self._save_layout(), name="save views", group=workers.LAYOUT, exit_on_error=False)

    async def _save_layout(self) -> None:
        # One after another: two that write at the same time could end in the wrong order.
        while self._unsaved is not None:
            remembered = Remembered(self.view.arrangement, self.views)
            try:
                await asyncio.to_thread(save_views, self._views_file, remembered)
            except OSError as error:
                self.app.notify(
                    f"{self._views_file} cannot be written: {error.strerror}",
                    title="Columns and views are not remembered",
                    severity="warning",
                    markup=False,
                )
                self._unsaved = None
            if remembered == Remembered(self.view.arrangement, self.views):
                self._unsaved = None

    # Changing

    def lay_out(self, arrangement: Arrangement) -> None:
        """Lay the rows out otherwise, and remember it."""
        if arrangement != self.view.arrangement:
            self.view.arrangement = arrangement
            self.remember()
            self.view_changed()

    def arrange_columns(self, columns: tuple[ColumnChoice, ...]) -> None:
        """Show these columns; none: the usual ones."""
        self.lay_out(replace(self.view.arrangement, columns=columns))

    def arrange_sorts(self, sorts: tuple[Sort, ...]) -> None:
        """Sort by these columns."""
        self.lay_out(replace(self.view.arrangement, sorts=sorts))

    def arrange_group(self, group: str) -> None:
        """Group by this; empty: by nothing."""
        self.lay_out(replace(self.view.arrangement, group=group))

    def keep_views(self, views: tuple[NamedView, ...]) -> None:
        """Save these views instead of those there are."""
        self.views = views
        self.remember()

    @property
    def present_view(self) -> NamedView:
        """What is shown now, without a name."""
        return NamedView("", self.view.filter_text, self.view.arrangement)

    def load_view(self, view: NamedView) -> None:
        """Show what a saved view shows. One whose filter does not parse shows nothing, and says why."""
        self.view.filter_text = view.filter
        self.view.arrangement = view.arrangement
        self.remember()
        self.view_changed()

    @property
    def chosen_columns(self) -> tuple[ColumnChoice, ...]:
        """The columns that are shown if there is room, from left to right; the usual ones where none were chosen."""
        known = (choice for choice in self.view.arrangement.columns if column_named(choice.key) is not None)
        return tuple(known) or tuple(ColumnChoice(column.key) for column in DEFAULT_COLUMNS)

    # Commands

    def do_sort(self) -> None:
        """Let the user choose what to sort by."""
        self._open_dialog(Dialog.SORT)

    def do_columns(self) -> None:
        """Let the user choose columns."""
        self._open_dialog(Dialog.COLUMNS)

    def do_group(self) -> None:
        """Let the user choose what to group by."""
        self._open_dialog(Dialog.GROUP)

    def do_views(self) -> None:
        """Let the user load, save, rename and delete views."""
        self._open_dialog(Dialog.VIEWS)

    def _open_dialog(self, dialog: Dialog) -> None:
        self.layout_dialogs.open(dialog)

    def do_reverse(self) -> None:
        """Turn the order round."""
        self.view.reverse()
        self.remember()
        self.view_changed()

    def do_cost(self) -> None:
        """Show or hide the column with the cost."""
        columns = self.chosen_columns
        without = tuple(choice for choice in columns if choice.key != "cost")
        hides = 0 < len(without) < len(columns)
        self.arrange_columns(without if hides else (*without, ColumnChoice("cost")))
        if not hides:
            self.app.notify(f"estimated by {self.services.prices.words}", title="Cost", timeout=4, markup=False)

    @on(SandboxTable.SortRequested)
    def _sort_by_heading(self, event: SandboxTable.SortRequested) -> None:
        if reason := self.refusal(SORT):
            self.app.notify(reason, title=f"{SORT.title}: not now", severity="warning", markup=False)
            return
        (self.view.sort_also_by if event.is_further else self.view.sort_by)(event.column)
        self.remember()
        self.view_changed()

    @on(SandboxTable.Resized)
    def _resize_column(self, event: SandboxTable.Resized) -> None:
        if self.refusal(COLUMNS):
            return  # the table is drawn as before
        columns = self.chosen_columns
        self.arrange_columns(
            tuple(ColumnChoice(each.key, event.width) if each.key == event.column else each for each in columns)
        )
