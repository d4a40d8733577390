"""A hunt as the program does it, on a fleet whose truth is known, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.leaks import Band, LeakPolicy, Verdict, Verdicts
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.seed.planting import Truth
from daytona_tui.emulator.server import Emulator
from daytona_tui.operations.protection import Pins
from daytona_tui.operations.sweep.scanning import Scanner
from daytona_tui.operations.who import Who


@dataclass(frozen=True)
class Hunt:
    """What the hunter said of a fleet, beside the truth of it.

    Attributes:
        verdicts: what it said of each sandbox that it could see.
        truths: what is really the matter.
    """

    verdicts: Verdicts
    truths: Mapping[SandboxId, Truth]

    def pairs(self) -> Iterable[tuple[Verdict, Truth]]:
        """Yield each verdict with its truth."""
        for sandbox_id, verdict in self.verdicts.items():
            yield verdict, self.truths[sandbox_id]

    def wrong(self) -> list[str]:
        """Return, in words, each sandbox that it would sweep by itself and must not."""
        return [
            f"{truth.kind}, score {verdict.score}: {truth.why}; {verdict.headline}"
            for verdict, truth in self.pairs()
            if verdict.preselected and not (truth.is_leak and truth.is_mine)
        ]

    def recall(self, kind: str, *, mine: bool = True) -> tuple[int, int]:
        """Return how many of a kind it found, and how many there are; of ours, found is what it would sweep."""
        those = [verdict for verdict, truth in self.pairs() if truth.kind == kind and truth.is_mine == mine]
        return sum(each.preselected if mine else each.band is Band.LEAK for each in those), len(those)


def table(hunts: Iterable[Hunt]) -> str:
    """Return the confusion table: for each kind, mine or not, how many were put into which band and preselected."""
    counts: Counter[tuple[tuple[bool, str, bool], str]] = Counter()
    for verdict, truth in (pair for each in hunts for pair in each.pairs()):
        row = (not truth.is_leak, truth.kind, not truth.is_mine)
        counts[row, verdict.band.value] += 1
        counts[row, "preselected"] += verdict.preselected
    columns = [*(band.value for band in Band), "preselected"]
    lines = [f"{'really':24}" + "".join(f"{column:>14}" for column in columns)]
    for row in sorted({row for row, _column in counts}):
        name = f"{'  ' if row[0] else '! '}{row[1]}{', of others' if row[2] else ''}"
        lines.append(f"{name:24}" + "".join(f"{counts[row, column] or '.':>14}" for column in columns))
    return "\n".join(lines)


async def hunt(emulator: Emulator, *, key: str = "", band: Band = Band.UNTIDY) -> Hunt:
    """Look at the fleet of an emulator as the program does: through the real gateway, with its own key or another."""
    gateway = open_gateway(Connection(emulator.api_url, Secret(key or emulator.api_key)))
    try:
        with TemporaryDirectory() as directory:
            scanner = Scanner(gateway, LeakPolicy(), PriceBook(), Who(gateway), Pins(Path(directory) / "pins.json"))
            look = await scanner.look(band)
        return Hunt(look.verdicts, {SandboxId(each): truth for each, truth in emulator.truths.items()})
    finally:
        await gateway.close()
