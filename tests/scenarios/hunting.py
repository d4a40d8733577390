"""A hunt as the program does it, on a fleet whose truth is known, and what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.cost import PriceBook, hourly
from daytona_tui.domain.leaks import Band, Evidence, LeakPolicy, Verdict, Verdicts, judge
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.usage import Metrics
from daytona_tui.emulator.seed.planting import Truth
from daytona_tui.emulator.server import Emulator
from daytona_tui.operations.who import Who

_AT_ONCE = 8


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
    """Return the confusion table: for each kind, mine or not, how many were put into which band and pre-selected."""
    counts: Counter[tuple[tuple[bool, str, bool], str]] = Counter()
    for verdict, truth in (pair for each in hunts for pair in each.pairs()):
        row = (not truth.is_leak, truth.kind, not truth.is_mine)
        counts[row, verdict.band.value] += 1
        counts[row, "pre-selected"] += verdict.preselected
    columns = [*(band.value for band in Band), "pre-selected"]
    lines = [f"{'really':24}" + "".join(f"{column:>14}" for column in columns)]
    for row in sorted({row for row, _column in counts}):
        name = f"{'  ' if row[0] else '! '}{row[1]}{', of others' if row[2] else ''}"
        lines.append(f"{name:24}" + "".join(f"{counts[row, column] or '.':>14}" for column in columns))
    return "\n".join(lines)


async def hunt(emulator: Emulator, *, looks_inside: bool = True, key: str = "") -> Hunt:
    """Judge the fleet of an emulator through the real gateway, with its own key or another.

    First by the records alone; then, for whatever may be more than fine, with what the audit log says of its maker,
    and, if ``looks_inside``, with what its processors do.
    """
    gateway = open_gateway(Connection(emulator.api_url, Secret(key or emulator.api_key)))
    try:
        fleet = [each async for page in gateway.list_pages(errored_deleted=True) for each in page]
        evidence = Evidence(emulator.fleet.clock.now(), _hourly, quotas=await gateway.quotas())
        policy = LeakPolicy()
        first = judge(fleet, evidence, policy)
        worth_a_look = [
            verdict.sandbox for verdict in first.values() if verdict.suspicion or verdict.sandbox.is_running
        ]
        who = Who(gateway)
        while await who.complete(worth_a_look):
            pass
        more = Evidence(
            emulator.fleet.clock.now(),
            _hourly,
            await _measured(gateway, [each for each in worth_a_look if each.is_running]) if looks_inside else {},
            evidence.quotas,
            trails={each.id: who.trail_of(each.id) for each in worth_a_look},
            mine=who.is_mine,
        )
        return Hunt(judge(fleet, more, policy), {SandboxId(each): truth for each, truth in emulator.truths.items()})
    finally:
        await gateway.close()


def _hourly(sandbox: Sandbox) -> float | None:
    return hourly(sandbox, PriceBook())


async def _measured(gateway: Gateway, sandboxes: Iterable[Sandbox]) -> dict[SandboxId, Metrics]:
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(sandbox: Sandbox) -> tuple[SandboxId, Metrics]:
        async with room:
            return sandbox.id, await gateway.metrics(sandbox.id)

    return dict(await asyncio.gather(*map(one, sandboxes)))
