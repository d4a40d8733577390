"""Which part of the fleet is shown, in what order, and what is marked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from daytona_tui.domain.deadlines import next_event
from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState

SortKey = tuple[Any, ...]

_RANKS = {
    state: rank
    for rank, state in enumerate(
        (
            SandboxState.ERROR,
            SandboxState.BUILD_FAILED,
            SandboxState.UNKNOWN,
            SandboxState.STARTED,
            SandboxState.PAUSED,
            SandboxState.STOPPED,
            SandboxState.ARCHIVED,
            SandboxState.DESTROYED,
        )
    )
}
_TRANSITIONAL_RANK = 2.5
"""Between what needs attention and what runs."""


def _moment(moment: datetime | None, *, newest_first: bool) -> tuple[bool, float]:
    """Unknown moments come last."""
    if moment is None:
        return (True, 0.0)
    return (False, -moment.timestamp() if newest_first else moment.timestamp())


def _by_owner(sandbox: Sandbox) -> SortKey:
    owner = owner_of(sandbox)
    return (not owner.name, owner.name.casefold(), owner.run)


def _by_next(sandbox: Sandbox) -> SortKey:
    event = next_event(sandbox)
    return _moment(event.at if event else None, newest_first=False)


ORDERS: dict[str, Callable[[Sandbox], SortKey]] = {
    "name": lambda sandbox: (),
    "state": lambda sandbox: (_RANKS.get(sandbox.state, _TRANSITIONAL_RANK),),
    "owner": _by_owner,
    "age": lambda sandbox: _moment(sandbox.created_at, newest_first=True),
    "idle": lambda sandbox: _moment(sandbox.last_activity_at, newest_first=True),
    "next": _by_next,
}
"""Sort orders by column key; equal ones go by name."""


@dataclass
class FleetView:
    """What the user asked to see. Remembers texts and sort keys by record, so that a keystroke costs little."""

    filter_text: str = ""
    order: str = "age"
    is_reversed: bool = False
    marks: set[SandboxId] = field(default_factory=set)
    _texts: dict[SandboxId, tuple[Sandbox, str]] = field(default_factory=dict, repr=False)
    _keys: dict[SandboxId, tuple[Sandbox, SortKey]] = field(default_factory=dict, repr=False)

    def rows(self, fleet: Fleet) -> tuple[Sandbox, ...]:
        """Return the sandboxes that the filter lets through, in order; marks of sandboxes that are gone go too."""
        self.marks &= fleet.by_id.keys()
        if len(self._keys) > 2 * len(fleet) + 100:
            self._keys.clear()
            self._texts.clear()
        words = self.filter_text.casefold().split()
        shown = [sandbox for sandbox in fleet if all(word in self._text(sandbox) for word in words)]
        return tuple(sorted(shown, key=self._key, reverse=self.is_reversed))

    def sort_by(self, order: str) -> None:
        """Sort by a column; asking for the one in force reverses it."""
        self.is_reversed = order == self.order and not self.is_reversed
        self.order = order
        self._keys.clear()

    def next_order(self) -> None:
        """Sort by the column after the one in force."""
        orders = list(ORDERS)
        self.is_reversed = False
        self.order = orders[(orders.index(self.order) + 1) % len(orders)]
        self._keys.clear()

    def toggle(self, sandbox_id: SandboxId) -> None:
        """Mark a sandbox, or take its mark away."""
        self.marks ^= {sandbox_id}

    def invert(self, shown: tuple[Sandbox, ...]) -> None:
        """Mark what is shown without a mark, and take the marks away that it has."""
        self.marks ^= {sandbox.id for sandbox in shown}

    def _text(self, sandbox: Sandbox) -> str:
        entry = self._texts.get(sandbox.id)
        if entry is None or entry[0] is not sandbox:
            owner = owner_of(sandbox)
            labels = (f"{key}={value}" for key, value in sandbox.labels.items())
            state = (sandbox.state_word or sandbox.state.value).replace("_", " ")
            texts = (sandbox.name, sandbox.id, *labels, owner.name, owner.run, state, sandbox.snapshot)
            entry = self._texts[sandbox.id] = (sandbox, "\n".join(texts).casefold())
        return entry[1]

    def _key(self, sandbox: Sandbox) -> SortKey:
        entry = self._keys.get(sandbox.id)
        if entry is None or entry[0] is not sandbox:
            key = (*ORDERS[self.order](sandbox), sandbox.name.casefold(), sandbox.id)
            entry = self._keys[sandbox.id] = (sandbox, key)
        return entry[1]
