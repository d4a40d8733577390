"""What the control plane keeps besides sandboxes: records of one kind, and who is told when they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from daytona_tui.emulator.fleet.records import CHANGED

REMOVED = "removed"
"""Event by which listeners hear that a record is gone for good."""


class Kept(Protocol):
    """A record that a shelf can hold: a dataclass with an id."""

    id: str


T = TypeVar("T", bound=Kept)

ShelfListener = Callable[[str, T, Mapping[str, object]], None]
"""Told the event's name as the wire spells it, the record after the change, and the event's own fields."""


class Shelf(Generic[T]):
    """Records of one kind, by id.

    Args:
        kind: their name in events, such as ``volume`` in ``volume.created``.
        records: what is there from the start.

    Attributes:
        records: the records by id; change them through :meth:`change`, so that listeners hear of it.
    """

    def __init__(self, kind: str, records: Iterable[T] = ()) -> None:
        self.kind = kind
        self.records: dict[str, T] = {record.id: record for record in records}
        self._listeners: list[ShelfListener[T]] = []

    def subscribe(self, listener: ShelfListener[T]) -> None:
        """Tell ``listener`` of every change from here on."""
        self._listeners.append(listener)

    def add(self, record: T) -> None:
        """Take in a new record and announce ``KIND.created``."""
        self.records[record.id] = record
        self._announce(f"{self.kind}.created", record, {})

    def change(self, record: T, **fields: Any) -> None:
        """Set ``fields`` of ``record``; announce ``KIND.state.updated`` when its state is another."""
        old_state = getattr(record, "state", None)
        for name, value in fields.items():
            setattr(record, name, value)
        state = getattr(record, "state", None)
        if state == old_state:
            self._announce(CHANGED, record, {})
        else:
            self._announce(f"{self.kind}.state.updated", record, {"oldState": old_state, "newState": state})

    def remove(self, record: T) -> None:
        """Forget a record."""
        if self.records.pop(record.id, None) is not None:
            self._announce(f"{self.kind}.{REMOVED}", record, {})

    def _announce(self, event: str, record: T, extra: Mapping[str, object]) -> None:
        for listener in self._listeners:
            listener(event, record, extra)
