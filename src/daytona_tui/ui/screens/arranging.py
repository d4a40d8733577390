"""Opens the dialogs about the layout of the sandboxes, and hands their answers to the pane."""

from __future__ import annotations

from textual.screen import ModalScreen

from daytona_tui.domain.grouping import GROUPINGS, LABEL_PREFIX, count_groups
from daytona_tui.presentation.columns import all_columns, label_keys
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.panes.fleet_arrangement import Dialog
from daytona_tui.ui.panes.fleet_bin import BIN_VIEW

MAX_LABELS = 100
"""Labels that are offered; columns of others are named by typing."""


class ArrangingDialogs:
    """The dialogs about the layout of ``pane``; while any dialog is open no other opens."""

    def __init__(self, pane: FleetPane) -> None:
        self._pane = pane

    def open(self, dialog: Dialog) -> None:
        """Open a dialog at once: the keys that follow in the same burst are meant for it."""
        if isinstance(self._pane.app.screen, ModalScreen):
            return
        match dialog:
            case Dialog.SORT:
                self._choose_sorts()
            case Dialog.COLUMNS:
                self._choose_columns()
            case Dialog.GROUP:
                self._choose_group()
            case Dialog.VIEWS:
                self._choose_view()

    @property
    def _labels(self) -> tuple[str, ...]:
        return label_keys(self._pane.store.fleet)[:MAX_LABELS]

    def _choose_sorts(self) -> None:
        from daytona_tui.ui.screens.sort import SortScreen

        pane = self._pane
        columns = all_columns(self._labels)
        shown = [choice.key for choice in pane.chosen_columns]
        first = sorted(columns, key=lambda column: shown.index(column.key) if column.key in shown else len(shown))
        pane.app.push_screen(
            SortScreen(pane.view.sorts, first), lambda sorts: pane.arrange_sorts(sorts) if sorts is not None else None
        )

    def _choose_columns(self) -> None:
        from daytona_tui.ui.screens.columns import ColumnsScreen

        pane = self._pane
        pane.app.push_screen(
            ColumnsScreen(pane.chosen_columns, all_columns(self._labels)),
            lambda columns: pane.arrange_columns(columns) if columns is not None else None,
        )

    def _choose_group(self) -> None:
        from daytona_tui.ui.screens.group import GroupOffer, GroupScreen

        pane = self._pane
        counts = count_groups(pane.store.fleet.by_id.values())
        keys = (*GROUPINGS, *(f"{LABEL_PREFIX}{name}" for name in self._labels))
        offers = [GroupOffer(""), *(GroupOffer(key, counts.get(key, 0)) for key in keys)]
        pane.app.push_screen(
            GroupScreen(pane.view.group, offers), lambda by: pane.arrange_group(by) if by is not None else None
        )

    def _choose_view(self) -> None:
        from daytona_tui.ui.screens.views import ViewsScreen

        pane = self._pane
        pane.app.push_screen(
            ViewsScreen(pane.views, pane.present_view, pane.keep_views, (BIN_VIEW,)),
            lambda view: pane.load_view(view) if view is not None else None,
        )
