"""The columns of the sandbox table, for the screen and for ``list`` alike, so that they cannot disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

from daytona_tui.domain.deadlines import MAX_ARCHIVE_MIN
from daytona_tui.domain.grouping import LABEL_PREFIX
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation import cells, sort_keys
from daytona_tui.presentation.cells import CellContext, CellOf, Doing, next_cell, state_cell, state_word
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.sort_keys import SortKey

__all__ = [
    "COLUMNS",
    "DEFAULT_COLUMNS",
    "Align",
    "CellContext",
    "Column",
    "Doing",
    "all_columns",
    "column_named",
    "label_keys",
    "next_cell",
    "state_cell",
    "state_word",
]


class Align(StrEnum):
    """On which side the text of a column stands."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        key: stable name, such as ``idle`` or ``label:team``.
        title: heading.
        cell: what stands in it.
        sort_key: by what it is sorted.
        width: cells it takes at least.
        ideal: cells with which nearly everything fits.
        most: cells beyond which more room is of no use.
        priority: the smaller, the longer it stays when room gets scarce.
        is_chosen: somebody chose the width: it is not bounded by what the texts take.
        is_steady: the texts depend on the records alone, and not on the time of day.
        about: what it shows, in a few words, for whoever chooses columns.
    """

    key: str
    title: str
    cell: CellOf
    sort_key: SortKey
    width: int
    ideal: int
    most: int
    priority: int
    align: Align = Align.LEFT
    is_chosen: bool = False
    is_steady: bool = True
    about: str = ""

    @property
    def is_measured(self) -> bool:
        """True where the room it should get depends on its texts."""
        return self.is_steady and not self.is_chosen and self.most - self.width > 3


def _of_text(text_of: Callable[[Sandbox], str]) -> tuple[CellOf, SortKey]:
    return cells.text_cell(text_of), sort_keys.by_text(text_of)


def _of_number(number_of: Callable[[Sandbox], int | None], unit: str = "") -> tuple[CellOf, SortKey]:
    return cells.number_cell(number_of, unit), sort_keys.by_number(number_of)


def _name(sandbox: Sandbox) -> str:
    return sandbox.name or sandbox.id


def _error(sandbox: Sandbox) -> str:
    return sandbox.error_reason


def _created(sandbox: Sandbox) -> datetime | None:
    return sandbox.created_at


def _active(sandbox: Sandbox) -> datetime | None:
    return sandbox.last_activity_at


def _destroyed(sandbox: Sandbox) -> datetime | None:
    return sandbox.lifetimes.destroy_at


def _gpus(sandbox: Sandbox) -> int | None:
    return sandbox.resources.gpu


def _auto_stop(sandbox: Sandbox) -> int | None:
    return sandbox.lifetimes.auto_stop_min


def _auto_archive(sandbox: Sandbox) -> int | None:
    # An interval of 0 stands for the longest that the platform allows.
    minutes = sandbox.lifetimes.auto_archive_min
    return MAX_ARCHIVE_MIN if minutes == 0 else minutes


def _auto_delete(sandbox: Sandbox) -> int | None:
    return sandbox.lifetimes.auto_delete_min


_keys, _cells = sort_keys, cells
_right = partial(Column, align=Align.RIGHT)

COLUMNS: tuple[Column, ...] = (
    Column("name", "NAME", _cells.name_cell, _keys.by_text(_name), 12, 22, 44, 0, about="how it is called"),
    Column("state", "STATE", _cells.state_cell, _keys.by_state, 14, 15, 24, 1, is_steady=False, about="what it does"),
    Column("owner", "OWNER", _cells.owner_cell, _keys.by_owner, 10, 12, 24, 4, about="who made it, and in which run"),
    _right("age", "AGE", _cells.age_cell, _keys.by_time_since(_created), 4, 4, 4, 3, about="since it was made"),
    _right("idle", "IDLE", _cells.idle_cell, _keys.by_time_since(_active), 4, 5, 5, 2, about="since its last activity"),
    Column(
        "next", "NEXT", _cells.next_cell, _keys.by_next, 14, 21, 40, 3, is_steady=False,
        about="what happens by itself, and when",
    ),
    _right("cost", "$/DAY", _cells.cost_cell, _keys.by_cost, 6, 6, 8, 5, about="estimate from the list of prices"),
    Column("snapshot", "SNAPSHOT", *_of_text(lambda s: s.snapshot), 10, 18, 40, 7, about="what it was made from"),
    Column("region", "REGION", *_of_text(lambda s: s.region), 6, 6, 16, 8, about="where it is"),
    _right("cpu", "CPU", *_of_number(lambda s: s.resources.cpu), 4, 4, 4, 6, about="virtual processors"),
    _right("mem", "MEM", *_of_number(lambda s: s.resources.memory_gib, "G"), 5, 5, 5, 6, about="memory in GiB"),
    _right("disk", "DISK", *_of_number(lambda s: s.resources.disk_gib, "G"), 5, 5, 5, 6, about="disk in GiB"),
    _right("gpu", "GPU", _cells.gpu_cell, _keys.by_number(_gpus), 4, 6, 14, 9, about="GPUs and their kind"),
    Column("labels", "LABELS", *_of_text(_cells.labels_text), 12, 24, 60, 9, about="all labels"),
    Column("created", "CREATED", _cells.created_cell, _keys.by_moment(_created), 16, 16, 16, 9, about="date and time"),
    _right("ttl", "TTL", _cells.ttl_cell, _keys.by_moment(_destroyed), 5, 5, 5, 6, about="time to live that is left"),
    _right(
        "autostop", "AUTOSTOP", _cells.interval_cell(_auto_stop, {0: "off"}), _keys.off_is_zero(_auto_stop),
        9, 9, 9, 8, about="idle time until it is stopped",
    ),
    _right(
        "autoarchive", "AUTOARCHIVE", _cells.interval_cell(_auto_archive, {}),
        _keys.by_interval(_auto_archive), 12, 12, 12, 9, about="stopped time until it is archived",
    ),
    _right(
        "autodelete", "AUTODELETE", _cells.interval_cell(_auto_delete, {0: "on stop"}, below="off"),
        _keys.by_interval(_auto_delete), 11, 11, 11, 8, about="stopped time until it is deleted",
    ),
    Column("run", "RUN", _cells.run_cell, _keys.by_run, 10, 12, 40, 9, about="run or task of its owner"),
    Column("class", "CLASS", *_of_text(lambda s: s.sandbox_class), 6, 10, 16, 10, about="what it runs in"),
    Column("user", "USER", *_of_text(lambda s: s.user), 6, 10, 20, 10, about="whom programs in it run as"),
    Column(
        "public", "PUBLIC", _cells.public_cell, _keys.by_number(lambda s: not s.public), 6, 6, 6, 10,
        about="whether its previews are open to all",
    ),
    Column("error", "ERROR", _cells.error_cell, _keys.by_text(_error), 12, 24, 80, 9, about="why it failed"),
    Column("id", "ID", *_of_text(lambda s: s.id), 9, 36, 36, 11, about="what the platform calls it"),
)  # fmt: skip
"""All columns but those of labels, in the order in which they are offered."""

_BY_KEY: Mapping[str, Column] = {column.key: column for column in COLUMNS}

DEFAULT_COLUMNS = tuple(_BY_KEY[key] for key in ("name", "state", "owner", "age", "idle", "next", "cost"))
"""Those that are shown unless somebody chose others."""


def column_named(key: str) -> Column | None:
    """Return the column with this key, which may be that of a label; None where there is no such column."""
    if not key.startswith(LABEL_PREFIX):
        return _BY_KEY.get(key)
    name = key.removeprefix(LABEL_PREFIX)
    if not name:
        return None

    def value(sandbox: Sandbox) -> str:
        return sandbox.labels.get(name, "")

    title = safe(name).upper()
    return Column(
        key, title, cells.text_cell(value), sort_keys.by_text(value), min(max(6, len(title)), 14), 14, 40, 6,
        about=f"label {safe(name)}",
    )  # fmt: skip


def label_keys(sandboxes: Iterable[Sandbox]) -> tuple[str, ...]:
    """Return the names of all labels that any of ``sandboxes`` has, by the alphabet."""
    names: set[str] = set()
    for sandbox in sandboxes:
        names.update(sandbox.labels)
    return tuple(sorted(names, key=lambda name: (name.casefold(), name)))


def all_columns(labels: Iterable[str] = ()) -> tuple[Column, ...]:
    """Return every column, those of ``labels`` last."""
    named = (column_named(f"{LABEL_PREFIX}{name}") for name in labels)
    return (*COLUMNS, *(column for column in named if column is not None))
