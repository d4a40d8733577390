"""What the table of sandboxes shows, as one value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from operator import attrgetter

from daytona_tui.domain import cost
from daytona_tui.domain.grouping import Heading, Hourly, Row
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.views import Sort
from daytona_tui.presentation.columns import DEFAULT_COLUMNS, Column, Doing

_DAWN = datetime.fromtimestamp(0, UTC)
_USUAL_PRICES = partial(cost.hourly, book=cost.PriceBook())


@dataclass(frozen=True)
class TableRows:
    """Everything that the table shows.

    Attributes:
        rows: sandboxes and headings, from top to bottom. The same object as before means: the same rows.
        columns: from left to right, as many as there is room for.
        sorts: what the headings of the columns say.
        now: the moment from which ages count.
        hourly: what sandboxes cost.
        doing: acts of ours that have not settled.
        marks: the marked sandboxes.
        marked_in: how many sandboxes of a group are marked, by the id of its heading.
        doubtful: sandboxes that are known from an earlier run only.
        words: what to make stand out in texts.
    """

    rows: tuple[Row, ...] = ()
    columns: tuple[Column, ...] = DEFAULT_COLUMNS
    sorts: tuple[Sort, ...] = ()
    now: datetime = _DAWN
    hourly: Hourly = _USUAL_PRICES
    doing: Mapping[SandboxId, Doing] = field(default_factory=dict)
    marks: Collection[SandboxId] = frozenset()
    marked_in: Mapping[str, int] = field(default_factory=dict)
    doubtful: Collection[SandboxId] = frozenset()
    words: tuple[str, ...] = ()

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the rows, from top to bottom."""
        return list(map(attrgetter("id"), self.rows))

    def index(self, row_id: str | None) -> int | None:
        """Return where a row is; None if it is not shown. Asked rarely: rows are put in order far more often."""
        try:
            return self.ids.index(row_id) if row_id is not None else None
        except ValueError:
            return None

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Where each row is, by its id: for whoever asks again and again."""
        return {row_id: index for index, row_id in enumerate(self.ids)}

    @property
    def has_headings(self) -> bool:
        """Whether the rows are grouped: then the first one is a heading."""
        return bool(self.rows) and isinstance(self.rows[0], Heading)

    @cached_property
    def sandboxes(self) -> tuple[Sandbox, ...]:
        """The rows that are no headings."""
        return tuple(row for row in self.rows if isinstance(row, Sandbox))
