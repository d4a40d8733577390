"""The tabs of what the organisation has, may use, used and did: regions, quotas, usage and audit log. For reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from daytona_tui.domain.audit import AuditEntry, AuditQuestion
from daytona_tui.domain.regions import Region
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.usage import Usage, Used
from daytona_tui.errors import AuthError
from daytona_tui.operations.audit_log import entries
from daytona_tui.presentation.account import (
    QuotaRow,
    audit_about,
    audit_cells,
    audit_lines,
    hours,
    quota_cells,
    quota_rows,
    region_cells,
    stamp,
    usage_cells,
)
from daytona_tui.presentation.columns import Column
from daytona_tui.presentation.figures import dollars
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell
from daytona_tui.ui.commands import shelf as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.screens.shelf_tab import ShelfHost, ShelfTab
from daytona_tui.ui.widgets.cell_table import heading
from daytona_tui.ui.widgets.rows_view import Placeholder

PERIODS = (("a day", 1), ("a week", 7), ("30 days", 30), ("90 days", 90))
"""Spans of time that the usage is told of: in words, and in days."""
ENTRIES = 100
"""Entries of the audit log that are read at first, and that each further reading adds."""
MOST_ENTRIES = 5_000


class RegionsTab(ShelfTab[Region]):
    """Where sandboxes can be made."""

    NAME = "Regions"
    NOUNS = ("region", "regions")
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        heading("id", "ID", (6, 20, 40), 0),
        heading("name", "NAME", (6, 20, 40), 2),
        heading("kind", "KIND", (6, 10, 16), 1),
        heading("whose", "WHOSE", (9, 18, 18), 4),
        heading("here", "SANDBOXES", (9, 9, 9), 3, right=True),
    )
    COMMANDS: ClassVar[tuple[Command, ...]] = (commands.SHELF_OPEN, commands.SHELF_COPY)
    EMPTY = Placeholder("No regions", "the server lists none")
    PERIOD_S = 300.0

    async def load(self) -> Sequence[Region]:
        """Return the regions."""
        return await self.services.gateway.regions()

    def _here(self, row: Region) -> list[SandboxId]:
        return [each.id for each in self.host.fleet if each.region == row.id]

    def cells(self, row: Region) -> Sequence[Cell]:
        """Return the cells of a region."""
        return (*region_cells(row), Cell(f"{len(self._here(row)):,}"))

    def about(self, row: Region) -> Sequence[str]:
        """Return how it is chosen."""
        return (f"daytona-tui create --target {safe(row.id)}",)

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` in this tab."""
        return "Sandboxes there" if command is commands.SHELF_OPEN else command.title

    def refusal(self, command: Command, row: Region | None) -> str:
        """Return why a command is not possible now."""
        if row is None:
            return "there is no region under the cursor"
        return "no sandbox is there" if command is commands.SHELF_OPEN and not self._here(row) else ""

    def do_shelf_users(self, row: Region) -> None:
        """Show the sandboxes that are there."""
        self.host.show_sandboxes(f"region:{row.id}")

    def do_shelf_copy(self, row: Region) -> None:
        """Copy its id."""
        self.host.copy(row.id)


class QuotasTab(ShelfTab[QuotaRow]):
    """What may be used, and how much of it is."""

    NAME = "Quotas"
    NOUNS = ("quota", "quotas")
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        heading("region", "REGION", (6, 14, 30), 0),
        heading("class", "CLASS", (6, 12, 20), 4),
        heading("what", "WHAT", (10, 12, 12), 1),
        heading("used", "USED", (5, 10, 12), 2, right=True),
        heading("limit", "LIMIT", (5, 10, 12), 3, right=True),
        heading("full", "FULL", (9, 12, 12), 5, right=True),
    )
    COMMANDS: ClassVar[tuple[Command, ...]] = ()
    EMPTY = Placeholder("No quotas", "nothing is used, and nothing is limited")
    PERIOD_S = 60.0

    async def load(self) -> Sequence[QuotaRow]:
        """Return the quotas, the fullest first within each region."""
        known = await self.services.gateway.quotas()
        if known is None:
            raise AuthError("this key may not read the quotas", hint="it takes the permission read:limits")
        return quota_rows(known)

    def cells(self, row: QuotaRow) -> Sequence[Cell]:
        """Return the cells of a quota."""
        return quota_cells(row)

    def about(self, row: QuotaRow) -> Sequence[str]:
        """Return what frees it."""
        if row.what in ("cpu", "memory_gib", "gpu"):
            return ("Sandboxes that are stopped or archived do not count.",)
        if row.what == "disk_gib":
            return ("Stopped sandboxes count; archived ones do not.",)
        return (f"Of the whole organisation; {row.what} have a tab of their own here.",)

    def identity(self, row: QuotaRow) -> str:
        """Return what tells a quota from the others."""
        return f"{row.region} {row.sandbox_class} {row.what}"


class UsageTab(ShelfTab[tuple[SandboxId, Used]]):
    """What sandboxes used in a span of time, and what that cost."""

    NAME = "Usage"
    NOUNS = ("sandbox", "sandboxes")
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        heading("name", "SANDBOX", (14, 30, 60), 0),
        heading("cost", "COST", (7, 9, 10), 1, right=True),
        heading("cpu", "CPU", (6, 8, 9), 2, right=True),
        heading("memory", "MEMORY", (7, 8, 9), 3, right=True),
        heading("disk", "DISK", (6, 8, 9), 4, right=True),
        heading("gpu", "GPU", (5, 7, 9), 5, right=True),
    )
    COMMANDS: ClassVar[tuple[Command, ...]] = (commands.SHELF_OPEN, commands.SHELF_PERIOD, commands.SHELF_COPY)
    EMPTY = Placeholder("Nothing was used", "in this span of time")
    PERIOD_S = 600.0

    def __init__(self, host: ShelfHost) -> None:
        super().__init__(host)
        self.usage: Usage | None = None
        self._at = 2

    async def load(self) -> Sequence[tuple[SandboxId, Used]]:
        """Return what each sandbox used, the dearest first."""
        now = self.services.now()
        self.usage = await self.services.gateway.usage(now - timedelta(days=PERIODS[self._at][1]), now)
        return self.usage.sandboxes

    def _name(self, sandbox_id: SandboxId) -> str:
        return next((each.name for each in self.host.fleet if each.id == sandbox_id), f"{sandbox_id} (gone)")

    def _is_there(self, sandbox_id: SandboxId) -> bool:
        return any(each.id == sandbox_id for each in self.host.fleet)

    def cells(self, row: tuple[SandboxId, Used]) -> Sequence[Cell]:
        """Return the cells of a sandbox."""
        return usage_cells(self._name(row[0]), row[1])

    def about(self, row: tuple[SandboxId, Used]) -> Sequence[str]:
        """Return when it was used, and what hours are."""
        used = row[1]
        return (
            f"id {safe(row[0])}",
            f"used from {stamp(used.first)} to {stamp(used.last)}",
            "Hours of one processor, one GiB of memory or disk, one GPU.",
        )

    def identity(self, row: tuple[SandboxId, Used]) -> str:
        """Return its id."""
        return row[0]

    def summary(self) -> str:
        """Return what it comes to."""
        said = f"{super().summary()} in {PERIODS[self._at][0]}"
        if self.usage is None:
            return said
        total = self.usage.total
        return f"{said}: {dollars(total.dollars)}, {hours(total.cpu_s)} CPU; the last hours come late"

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` in this tab."""
        if command is commands.SHELF_PERIOD:
            return PERIODS[(self._at + 1) % len(PERIODS)][0].capitalize()
        return "Show it" if command is commands.SHELF_OPEN else command.title

    def refusal(self, command: Command, row: tuple[SandboxId, Used] | None) -> str:
        """Return why a command is not possible now."""
        if command is commands.SHELF_PERIOD:
            return self.trouble if self.unsupported else ""
        if row is None:
            return "there is no sandbox under the cursor"
        return "it is gone" if command is commands.SHELF_OPEN and not self._is_there(row[0]) else ""

    def do_shelf_users(self, row: tuple[SandboxId, Used]) -> None:
        """Show the sandbox among the others."""
        self.show_users([row[0]])

    def do_shelf_period(self, _row: tuple[SandboxId, Used] | None) -> None:
        """Tell of another span of time."""
        self._at = (self._at + 1) % len(PERIODS)
        self.reload()

    def do_shelf_copy(self, row: tuple[SandboxId, Used]) -> None:
        """Copy its id."""
        self.host.copy(row[0])


class AuditTab(ShelfTab[AuditEntry]):
    """What was done, and by whom."""

    NAME = "Audit"
    NOUNS = ("act", "acts")
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        heading("at", "TIME", (19, 19, 19), 0),
        heading("who", "WHO", (10, 22, 40), 2),
        heading("act", "ACT", (10, 20, 30), 1),
        heading("to", "TO", (12, 34, 60), 3),
        heading("ended", "ENDED", (6, 16, 60), 4),
    )
    COMMANDS: ClassVar[tuple[Command, ...]] = (
        commands.SHELF_OPEN,
        commands.SHELF_FAILED,
        commands.SHELF_MORE,
        commands.SHELF_COPY,
    )
    EMPTY = Placeholder("Nothing was done", "or the log does not go back so far")

    def __init__(self, host: ShelfHost) -> None:
        super().__init__(host)
        self._is_failed_only = False
        self._most = ENTRIES

    async def load(self) -> Sequence[AuditEntry]:
        """Return the newest entries."""
        gateway = self.services.gateway
        return await entries(gateway, AuditQuestion(), limit=self._most, failed=self._is_failed_only)

    def _sandbox(self, row: AuditEntry) -> str:
        names = (each.name for each in self.host.fleet if row.target_id and each.id == row.target_id)
        return next(names, "")

    def cells(self, row: AuditEntry) -> Sequence[Cell]:
        """Return the cells of an act."""
        return audit_cells(row, self._sandbox(row))

    def about(self, row: AuditEntry) -> Sequence[str]:
        """Return what the log tells of an act beside its row."""
        return audit_about(row)

    def summary(self) -> str:
        """Return how many there are, and of which kind."""
        kind = "that failed" if self._is_failed_only else "the newest first"
        return f"{super().summary()}, {kind}"

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` in this tab."""
        if command is commands.SHELF_FAILED and self._is_failed_only:
            return "All of them"
        return "Show sandbox" if command is commands.SHELF_OPEN else command.title

    def refusal(self, command: Command, row: AuditEntry | None) -> str:
        """Return why a command is not possible now."""
        if command in (commands.SHELF_FAILED, commands.SHELF_MORE) and self.unsupported:
            return self.trouble
        if command is commands.SHELF_FAILED:
            return ""
        if command is commands.SHELF_MORE:
            return self._why_not_more()
        if row is None:
            return "there is no act under the cursor"
        return "it is not about a sandbox that is there" if self._is_lost(command, row) else ""

    def _why_not_more(self) -> str:
        if len(self.rows) < self._most:
            return "that is all there is"
        return "older ones are told by daytona-tui audit --until" if self._most >= MOST_ENTRIES else ""

    def _is_lost(self, command: Command, row: AuditEntry) -> bool:
        return command is commands.SHELF_OPEN and not self._sandbox(row)

    def do_shelf_users(self, row: AuditEntry) -> None:
        """Show the sandbox that it is about."""
        self.show_users([SandboxId(row.target_id)])

    def do_shelf_failed(self, _row: AuditEntry | None) -> None:
        """Show only what failed, or all again."""
        self._is_failed_only = not self._is_failed_only
        self.reload()

    def do_shelf_more(self, _row: AuditEntry | None) -> None:
        """Read further back."""
        self._most = min(MOST_ENTRIES, self._most + ENTRIES)
        self.reload()

    def do_shelf_copy(self, row: AuditEntry) -> None:
        """Copy all that the log tells of it."""
        self.host.copy("\n".join(audit_lines(row)))
