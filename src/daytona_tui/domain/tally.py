"""What a fleet holds and costs together, counted a part at a time so that ten thousand sandboxes hold nobody up."""

from __future__ import annotations

from collections.abc import Iterable

from daytona_tui.domain.cost import Burn, PriceBook, hourly
from daytona_tui.domain.effects import Amount, uses
from daytona_tui.domain.sandbox import Sandbox


class Tally:
    """A sum that grows; see ``effects.uses`` for which state holds what.

    Attributes:
        regions: what the sandboxes of each region hold together.
        unknown: sandboxes whose cost cannot be told.
    """

    def __init__(self, book: PriceBook) -> None:
        self._book = book
        self.regions: dict[str, Amount] = {}
        self.unknown = 0

    def add(self, sandboxes: Iterable[Sandbox]) -> None:
        """Count ``sandboxes``."""
        for sandbox in sandboxes:
            held = uses(sandbox, self._book)
            if held:
                self.regions[sandbox.region] = self.regions.get(sandbox.region, Amount()) + held
            if hourly(sandbox, self._book) is None:
                self.unknown += 1

    @property
    def burn(self) -> Burn:
        """What all of them cost an hour, without the disk that is free: they are taken for the whole fleet."""
        held = sum(self.regions.values(), Amount())
        free = min(held.disk_gib, self._book.free_disk_gib) * self._book.disk
        return Burn(max(0.0, held.hourly - free), self.unknown)
