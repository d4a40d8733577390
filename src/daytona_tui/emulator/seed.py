"""Which sandboxes an emulator begins with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from daytona_tui.emulator.bodies import Builder
from daytona_tui.emulator.records import SandboxRecord

FLEET_MAXIMUM = 100_000


@dataclass(frozen=True)
class Planting:
    """A sandbox to begin with, and what furnishes its body; None for one whose body is made when touched."""

    record: SandboxRecord
    builder: Builder | None = None


Seed = Callable[[], Sequence[Planting]]


def parse_seed(text: str) -> Seed:
    """Return the seed that ``text`` names.

    Raises:
        ValueError: it names none; the message says which there are.
    """
    if text == "empty":
        return lambda: ()
    raise ValueError(f"the seed is empty, demo or fleet:N, not {text!r}")
