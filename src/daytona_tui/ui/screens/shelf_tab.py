"""A tab of the shelf: how its rows are read, told and acted upon. The screen draws it, see ``shelf``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from textual.screen import Screen

from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.usage import Quota, Quotas
from daytona_tui.errors import AuthError, DaytonaTuiError, UnsupportedError
from daytona_tui.operations.journal import Entry
from daytona_tui.presentation.columns import Column
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.shelf import SHELF_REFRESH
from daytona_tui.ui.panes.worked_task import WorkedTask
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.rows_view import Placeholder

Row = TypeVar("Row")
Answer = TypeVar("Answer")


class ShelfHost(Protocol):
    """What a tab may ask of those around it. It outlives the screen: what a tab has begun goes on when that closes."""

    @property
    def services(self) -> Services:
        """The connection."""

    @property
    def fleet(self) -> Sequence[Sandbox]:
        """The sandboxes as they are known now."""

    @property
    def quotas(self) -> Quotas | None:
        """What the organisation may use; None where that is not known yet, or may not be."""

    def ask(self, dialog: Screen[Answer], then: Callable[[Answer | None], None]) -> None:
        """Show a dialog and hand its answer on."""

    def close_dialog(self, kind: type[Screen[Any]]) -> None:
        """Close the dialog in front, if it is of a kind."""

    def begin(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Start ``work`` in the background; its end is awaited by nobody."""

    def begin_task(self, task: WorkedTask, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Start ``work`` in the background, and show it among the tasks, where it can be given up."""

    def tell(self, text: str, title: str, *, is_bad: bool = False) -> None:
        """Say something in passing; both texts are made safe."""

    def keep(self, entry: Entry) -> None:
        """Write an act into the journal."""

    def show_sandboxes(self, filter_text: str) -> None:
        """Close the shelf and show the sandboxes that a filter finds."""

    def new_sandbox(self, snapshot: str) -> None:
        """Close the shelf and ask what to create from a snapshot."""

    def copy(self, text: str) -> None:
        """Put a text on the clipboard."""

    def changed(self) -> None:
        """Draw anew: rows, state or words of a tab are others."""

    def reload(self, tab: ShelfTab[Any]) -> None:
        """Ask the server for the rows of ``tab`` again."""


class ShelfTab(Generic[Row]):
    """One kind of thing. It lives as long as the connection, so that the rows of the last time are there at once.

    Subclasses give the class variables, ``load``, ``cells``, ``about`` and ``do_<command id>(row)`` for each of their
    commands, with dashes as underscores. Every text that they return is safe for a terminal.

    Attributes:
        rows: as they were read last.
        is_read: they were read at least once.
        is_loading: they are being read.
        trouble: why they could not be read the last time, in words; empty when they could.
        remedy: what to do about that.
        unsupported: the trouble is that this server has no such thing, and nobody asks again.
        read_at: when they were read.
        awaited: name of a row on which the cursor is put once it is there.
    """

    NAME: ClassVar[str] = ""
    """On the tab."""
    NOUNS: ClassVar[tuple[str, str]] = ("", "")
    """One of them, and several."""
    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    COMMANDS: ClassVar[tuple[Command, ...]] = ()
    """Those that it carries out itself, in the order of the help."""
    EMPTY: ClassVar[Placeholder] = Placeholder("Nothing is there")
    PERIOD_S: ClassVar[float] = 30.0
    """Seconds after which the rows are read again while the tab is looked at; see ``period_s``."""

    def __init__(self, host: ShelfHost) -> None:
        self.host = host
        self.rows: Sequence[Row] = ()
        self.is_read = False
        self.is_loading = False
        self.trouble = ""
        self.remedy = ""
        self.unsupported = False
        self.read_at: datetime | None = None
        self.awaited = ""

    # What subclasses give

    async def load(self) -> Sequence[Row]:
        """Return the rows, in the order in which they are shown.

        Raises:
            DaytonaTuiError: they cannot be read; the screen says so.
        """
        raise NotImplementedError

    def cells(self, row: Row) -> Sequence[Cell]:
        """Return the cells of a row, one for each column."""
        raise NotImplementedError

    def about(self, row: Row) -> Sequence[str]:
        """Return what is known of a row, in lines."""
        return ()

    def identity(self, row: Row) -> str:
        """Return what tells a row from the others, so that the cursor stays on it."""
        return str(getattr(row, "id", ""))

    def summary(self) -> str:
        """Return what stands above the rows: what they come to."""
        one, many = self.NOUNS
        return f"{len(self.rows):,} {one if len(self.rows) == 1 else many}"

    def quota_words(self, quota: Quota | None) -> list[str]:
        """Return how much of a quota is used, in words; none where it is not known."""
        return [f"quota {quota.used:,.0f} of {quota.limit:,.0f}"] if quota is not None and quota.limit > 0 else []

    def refusal(self, command: Command, row: Row | None) -> str:
        """Return why a command of this tab is not possible now, in words; empty when it is."""
        return ""

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` in this tab."""
        return command.title

    def entered(self) -> None:
        """Take note that the user looks at the tab now; what is costly to know may be asked for."""

    @property
    def period_s(self) -> float:
        """Seconds after which the rows are read again; fewer while something is under way. 0 is never."""
        return self.PERIOD_S

    # What the screen does with it

    @property
    def services(self) -> Services:
        """The connection."""
        return self.host.services

    @property
    def placeholder(self) -> Placeholder:
        """What stands there while there are no rows."""
        if self.trouble:
            return Placeholder(self.trouble, self.remedy, Tone.DIM if self.unsupported else Tone.BAD)
        return self.EMPTY if self.is_read else Placeholder("Reading …")

    def words_of(self, row: Row) -> str:
        """Return what a filter looks through: everything that a row shows, and its id."""
        return " ".join([*(cell.text for cell in self.cells(row)), self.identity(row)]).casefold()

    async def read(self) -> None:
        """Read the rows; what goes wrong is noted, and the rows of before stay."""
        self.is_loading = True
        self.host.changed()
        try:
            self.rows = await self.load()
        except DaytonaTuiError as error:
            said = phrase(error)
            self.unsupported = isinstance(error, UnsupportedError)
            self.trouble = safe(error.message if self.unsupported else f"{said.title}: {said.detail}")
            again = self.services.keymap.hint(SHELF_REFRESH.id, "asks again")
            self.remedy = "" if self.unsupported else " · ".join(filter(None, (said.hint, again)))
            if self.unsupported or isinstance(error, AuthError):
                self.rows = ()
        else:
            self.is_read, self.trouble, self.remedy, self.unsupported = True, "", "", False
        finally:
            self.is_loading = False
            self.read_at = self.services.now()
            self.host.changed()

    def reload(self) -> None:
        """Ask for the rows again."""
        self.host.reload(self)

    # What many tabs do alike

    def why_not_act(self) -> str:
        """Return why nothing may be changed, in words; empty when it may."""
        return self.trouble if self.unsupported else self.services.read_only

    def keep(
        self, verb: str, row_id: str, name: str, error: DaytonaTuiError | None, line: str, detail: str = ""
    ) -> None:
        """Write an act into the journal: to which of its things it was done, and the line for a shell that does it."""
        outcome = "failed" if error is not None else "done"
        told = error.message if error is not None else detail
        at = self.services.now()
        self.host.keep(Entry(at, verb, row_id, f"{self.NOUNS[0]} {name}", outcome=outcome, detail=told, line=line))

    def act(self, doing: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do something in the background, say how it went wrong if it does, and read the rows again.

        Args:
            doing: what is done, in words that follow "was not": ``deleted``.
            work: raises only our errors.
        """

        async def whole() -> None:
            try:
                await work()
            except DaytonaTuiError as error:
                said = phrase(error)
                hint = f"\n{said.hint}" if said.hint else ""
                self.host.tell(f"{said.title}: {said.detail}{hint}", f"Not {doing}", is_bad=True)
            self.reload()

        self.host.begin(whole, f"{self.NOUNS[0]}: {doing}")

    def show_users(self, ids: Sequence[SandboxId]) -> None:
        """Close the shelf and show these sandboxes."""
        self.host.show_sandboxes(f"id:{','.join(ids)}")
