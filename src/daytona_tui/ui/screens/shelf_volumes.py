"""The tab of the volumes."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import ClassVar

from daytona_tui.domain.volumes import Mounts, Volume, VolumeUser, refusal_to_delete
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.shelf_users import who_mounts
from daytona_tui.presentation.columns import Column
from daytona_tui.presentation.forms import Values
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.shelf import volume_about, volume_cells, volume_deletion
from daytona_tui.presentation.shelf_forms import volume_form, volume_line
from daytona_tui.presentation.tones import Cell
from daytona_tui.ui.commands import shelf as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.form import FormScreen, filled
from daytona_tui.ui.screens.shelf_tab import ShelfHost, ShelfTab
from daytona_tui.ui.widgets.cell_table import heading
from daytona_tui.ui.widgets.rows_view import Placeholder

_BUSY_S, _USUAL_S = 2.0, 30.0
_ASKED_AT_ONCE = 300
"""Sandboxes that are asked what they have mounted, each time the volumes are read; the others the next time."""


class VolumesTab(ShelfTab[Volume]):
    """Directories that sandboxes share."""

    NAME = "Volumes"
    NOUNS = ("volume", "volumes")
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        heading("state", "STATE", (8, 16, 16), 1),
        heading("name", "NAME", (14, 28, 60), 0),
        heading("users", "MOUNTED BY", (10, 10, 12), 2, right=True),
        heading("who", "WHO", (10, 24, 60), 4),
        heading("used", "LAST USED", (9, 9, 10), 3, right=True),
        heading("age", "AGE", (4, 4, 5), 5, right=True),
    )
    COMMANDS: ClassVar[tuple[Command, ...]] = (
        commands.SHELF_OPEN,
        commands.SHELF_NEW,
        commands.SHELF_DELETE,
        commands.SHELF_COPY,
    )
    EMPTY = Placeholder("No volumes", "n makes one: a directory that sandboxes share")

    def __init__(self, host: ShelfHost) -> None:
        super().__init__(host)
        self.mounts: Mounts | None = None
        """Who has what mounted, as far as it was read; None before it was."""
        self._is_asking = False

    async def load(self) -> Sequence[Volume]:
        """Return every volume; who has them mounted is read afterwards, since that takes a request for each sandbox."""
        return await self.services.gateway.volumes()

    def entered(self) -> None:
        """Read who has them mounted."""
        if self.rows and not self._is_asking:
            self._is_asking = True
            self.host.begin(self._read_mounts, "read who mounts volumes")

    async def _read_mounts(self) -> None:
        try:
            self.mounts = await who_mounts(self.services.gateway, self.host.fleet, self.mounts, most=_ASKED_AT_ONCE)
        finally:
            self._is_asking = False
        self.host.changed()

    def users(self, row: Volume) -> tuple[VolumeUser, ...] | None:
        """Return who has a volume mounted; None as long as nobody knows."""
        return None if self.mounts is None else self.mounts.users_of(row, self.host.fleet)

    @property
    def _unread(self) -> int:
        return len(self.mounts.unread & {each.id for each in self.host.fleet}) if self.mounts is not None else 0

    def cells(self, row: Volume) -> Sequence[Cell]:
        """Return the cells of a volume."""
        return volume_cells(row, self.users(row), self.services.now())

    def about(self, row: Volume) -> Sequence[str]:
        """Return what is known of a volume."""
        return volume_about(row, self.users(row), self._unread, self.services.now())

    def summary(self) -> str:
        """Return how many there are, and how many there may be."""
        quotas = self.host.quotas
        return " · ".join([super().summary(), *self.quota_words(quotas.volumes if quotas is not None else None)])

    @property
    def period_s(self) -> float:
        """Return a short time while one is under way."""
        return _USUAL_S if all(each.state.is_settled for each in self.rows) else _BUSY_S

    def refusal(self, command: Command, row: Volume | None) -> str:
        """Return why a command is not possible now."""
        acts = command in (commands.SHELF_NEW, commands.SHELF_DELETE)
        if acts and (reason := self.why_not_act()):
            return reason
        if command is commands.SHELF_NEW:
            return ""
        if row is None:
            return "there is no volume under the cursor"
        if command is commands.SHELF_DELETE:
            return self._why_not_delete(row)
        if command is commands.SHELF_OPEN:
            users = self.users(row)
            return (
                "who has it mounted is still being read" if users is None else "" if users else "nobody has it mounted"
            )
        return ""

    def _why_not_delete(self, row: Volume) -> str:
        if reason := refusal_to_delete(row):
            return reason
        users = self.users(row) or ()
        if not users:
            return ""
        more = f" and {len(users) - 1} more" if len(users) > 1 else ""
        return f"{users[0].sandbox.name}{more} has it mounted: delete the sandboxes first"

    def do_shelf_users(self, row: Volume) -> None:
        """Show the sandboxes that have it mounted."""
        self.show_users([each.sandbox.id for each in self.users(row) or ()])

    def do_shelf_copy(self, row: Volume) -> None:
        """Copy its id."""
        self.host.copy(row.id)

    def do_shelf_new(self, _row: Volume | None) -> None:
        """Ask for the name of a new volume."""
        self._ask_new({})

    def _ask_new(self, start: Values, trouble: str = "") -> None:
        form = filled(volume_form({each.name for each in self.rows}), start, safe(trouble))
        self.host.ask(FormScreen(form), lambda values: self._make(values) if values is not None else None)

    def _make(self, values: Values) -> None:
        name = str(values["name"])

        async def work() -> None:
            line = volume_line(name)
            self.awaited = name
            try:
                made = await self.services.gateway.create_volume(name)
            except DaytonaTuiError as error:
                self.awaited = ""
                self.keep("create", "", name, error, line)
                self._ask_new(values, phrase(error).line)
            else:
                self.keep("create", made.id, name, None, line)

        self.act("made", work)

    def do_shelf_delete(self, row: Volume) -> None:
        """Delete it, once that was confirmed."""
        question = volume_deletion(row, self.users(row), self._unread, self.services.now())
        self.host.ask(ConfirmScreen(question), lambda yes: self._delete(row) if yes else None)

    def _delete(self, row: Volume) -> None:
        async def work() -> None:
            line = f"daytona-tui volumes delete {quote(row.id)} --yes"
            try:
                await self.services.gateway.delete_volume(row.id)
            except DaytonaTuiError as error:
                self.keep("delete", row.id, row.name, error, line)
                raise
            self.keep("delete", row.id, row.name, None, line)

        self.act("deleted", work)
