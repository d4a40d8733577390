"""The tab of the secrets. It never has a value in its hands but the one that was typed for a new one."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import ClassVar

from daytona_tui.domain.secrets import SecretEntry, SecretUser, SecretUsers
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.shelf_users import who_has_secrets
from daytona_tui.presentation.columns import Column
from daytona_tui.presentation.forms import Values
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.shelf import secret_about, secret_cells, secret_deletion
from daytona_tui.presentation.shelf_forms import secret_form, secret_line, secret_order
from daytona_tui.presentation.tones import Cell
from daytona_tui.ui.commands import shelf as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.form import FormScreen, filled
from daytona_tui.ui.screens.shelf_tab import ShelfHost, ShelfTab
from daytona_tui.ui.widgets.cell_table import heading
from daytona_tui.ui.widgets.rows_view import Placeholder


class SecretsTab(ShelfTab[SecretEntry]):
    """Names that stand for values."""

    NAME = "Secrets"
    NOUNS = ("secret", "secrets")
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        heading("name", "NAME", (14, 28, 60), 0),
        heading("users", "SEEN IN", (7, 7, 9), 1, right=True),
        heading("hosts", "MAY GO TO", (10, 28, 60), 2),
        heading("about", "DESCRIPTION", (12, 24, 60), 3),
        heading("changed", "CHANGED", (7, 7, 8), 4, right=True),
        heading("age", "AGE", (4, 4, 5), 5, right=True),
    )
    COMMANDS: ClassVar[tuple[Command, ...]] = (
        commands.SHELF_OPEN,
        commands.SHELF_NEW,
        commands.SHELF_CHANGE,
        commands.SHELF_DELETE,
        commands.SHELF_COPY,
    )
    EMPTY = Placeholder("No secrets", "n makes one: sandboxes see a placeholder, its hosts get the value")

    def __init__(self, host: ShelfHost) -> None:
        super().__init__(host)
        self.seen: SecretUsers | None = None
        """Who has what, as far as was looked; None before anybody was looked into."""
        self._is_looking = False

    async def load(self) -> Sequence[SecretEntry]:
        """Return every secret."""
        return await self.services.gateway.secrets()

    def users(self, row: SecretEntry) -> tuple[SecretUser, ...] | None:
        """Return in which sandboxes a secret was seen, and in which variables; None as long as nobody looked."""
        return None if self.seen is None else self.seen.users_of(row, self.host.fleet)

    @property
    def _unread(self) -> int:
        return len(self.seen.unread & {each.id for each in self.host.fleet}) if self.seen is not None else 0

    def cells(self, row: SecretEntry) -> Sequence[Cell]:
        """Return the cells of a secret."""
        return secret_cells(row, self.users(row), self.services.now())

    def about(self, row: SecretEntry) -> Sequence[str]:
        """Return what is known of a secret."""
        return secret_about(row, self.users(row), self._unread)

    def title_of(self, command: Command) -> str:
        """Say that the first question has to look."""
        return "Look who has it" if command is commands.SHELF_OPEN and self.seen is None else command.title

    def refusal(self, command: Command, row: SecretEntry | None) -> str:
        """Return why a command is not possible now."""
        acts = command in (commands.SHELF_NEW, commands.SHELF_CHANGE, commands.SHELF_DELETE)
        if acts and (reason := self.why_not_act()):
            return reason
        if command is commands.SHELF_NEW:
            return ""
        if row is None:
            return "there is no secret under the cursor"
        if command is commands.SHELF_OPEN:
            if self._is_looking:
                return "the sandboxes that run are being looked into"
            if self.seen is not None and not self.users(row):
                return "no sandbox that runs has it"
        return ""

    def do_shelf_users(self, row: SecretEntry) -> None:
        """Look into the sandboxes that run, or show those that have it."""
        users = self.users(row)
        if users:
            self.show_users([each.sandbox.id for each in users])
        else:
            self.host.begin(self._look, "look who has secrets")

    async def _look(self) -> None:
        self._is_looking = True
        self.host.changed()
        try:
            self.seen = await who_has_secrets(self.services.gateway, self.host.fleet, self.rows)
        finally:
            self._is_looking = False
            self.host.changed()

    def do_shelf_copy(self, row: SecretEntry) -> None:
        """Copy its id."""
        self.host.copy(row.id)

    def do_shelf_new(self, _row: SecretEntry | None) -> None:
        """Ask for name and value of a new secret."""
        self._ask_new({})

    def _ask_new(self, start: Values, trouble: str = "") -> None:
        form = filled(secret_form({each.name for each in self.rows}), start, safe(trouble))
        self.host.ask(FormScreen(form), lambda values: self._make(values) if values is not None else None)

    def _make(self, values: Values) -> None:
        order = secret_order(values)

        async def work() -> None:
            line = secret_line(order)
            self.awaited = order.name
            try:
                made = await self.services.gateway.create_secret(order)
            except DaytonaTuiError as error:
                self.awaited = ""
                self.keep("create", "", order.name, error, line)
                self._ask_new(values, phrase(error).line)
            else:
                self.keep("create", made.id, order.name, None, line)

        self.act("made", work)

    def do_shelf_change(self, row: SecretEntry) -> None:
        """Ask for its new value; hosts and description begin as they are."""
        self._ask_change(row, {"hosts": ", ".join(row.hosts), "description": row.description})

    def _ask_change(self, row: SecretEntry, start: Values, trouble: str = "") -> None:
        form = filled(secret_form((), of=row.name), {**start, "name": row.name}, safe(trouble))
        self.host.ask(FormScreen(form), lambda values: self._change(row, values) if values is not None else None)

    def _change(self, row: SecretEntry, values: Values) -> None:
        order = secret_order({**values, "name": row.name})

        async def work() -> None:
            line = f"daytona-tui secrets set {quote(row.id)} --value-stdin"
            try:
                await self.services.gateway.update_secret(row.id, order)
            except DaytonaTuiError as error:
                self.keep("change", row.id, row.name, error, line)
                self._ask_change(row, values, phrase(error).line)
            else:
                self.keep("change", row.id, row.name, None, line)

        self.act("changed", work)

    def do_shelf_delete(self, row: SecretEntry) -> None:
        """Delete it, once that was confirmed; who has it is looked up first."""

        async def work() -> None:
            if self.seen is None:
                await self._look()
            question = secret_deletion(row, self.users(row), self._unread)
            self.host.ask(ConfirmScreen(question), lambda yes: self._delete(row) if yes else None)

        self.host.begin(work, "look who has the secret")

    def _delete(self, row: SecretEntry) -> None:
        async def work() -> None:
            line = f"daytona-tui secrets delete {quote(row.id)} --yes"
            try:
                await self.services.gateway.delete_secret(row.id)
            except DaytonaTuiError as error:
                self.keep("delete", row.id, row.name, error, line)
                raise
            self.keep("delete", row.id, row.name, None, line)

        self.act("deleted", work)
