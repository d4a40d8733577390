"""What a seed consists of."""

from __future__ import annotations

from dataclasses import dataclass

from daytona_tui.emulator.body.bodies import Builder
from daytona_tui.emulator.fleet.records import SandboxRecord


@dataclass(frozen=True, slots=True)
class Planting:
    """A sandbox to begin with, and what furnishes its body; None for one whose body is made when touched."""

    record: SandboxRecord
    builder: Builder | None = None
