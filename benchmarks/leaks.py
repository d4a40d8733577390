"""Time of judging a whole fleet: the goal is 100 ms for 10,000 sandboxes.

    python benchmarks/leaks.py [ROWS] [ROUNDS]

A third of the rows give reasons, half have owners, all guards and sibling facts are looked for, two filters protect.
The first round also finds the owners, which are remembered from then on; it is told apart.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from daytona_tui.domain.cost import PriceBook, hourly
from daytona_tui.domain.filters import parse
from daytona_tui.domain.leaks import Evidence, LeakPolicy, Protect, judge
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.usage import Metrics, Quota, Quotas, RegionQuotas

GOAL_MS = 100
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STATES = (
    (SandboxState.STARTED, 45),
    (SandboxState.STOPPED, 35),
    (SandboxState.ARCHIVED, 12),
    (SandboxState.ERROR, 4),
    (SandboxState.BUILD_FAILED, 1),
    (SandboxState.STARTING, 3),
)
SETTINGS = (Lifetimes(0, 0, 10_080, 0), Lifetimes(15, 0, 10_080, -1), Lifetimes(60, 0, 60, 10_080))
LANGUAGE = ("code-toolbox-language", "python")


def fleet(rows: int, seed: int = 7) -> list[Sandbox]:
    """Return the same mixed fleet for the same seed."""
    dice = random.Random(seed)
    states, weights = zip(*STATES, strict=True)
    return [_row(dice, number, dice.choices(states, weights)[0]) for number in range(rows)]


def _row(dice: random.Random, number: int, state: SandboxState) -> Sandbox:
    made = NOW - timedelta(minutes=dice.uniform(5, 60_000))
    used = made + (NOW - made) * dice.random()
    if state is SandboxState.STARTED and dice.random() < 0.6:
        used = NOW - timedelta(minutes=dice.uniform(0, 25))
    labels = dict([LANGUAGE])
    if dice.random() < 0.5:
        labels |= {"inspect_run_id": f"run{number % 300}", "created_by": "inspect-ai"}
    elif dice.random() < 0.3:
        labels |= {"harbor.managed": "true", "harbor.session_id": f"trial{number % 2000}__env"}
    return Sandbox(
        SandboxId(f"sb-{number:06}"),
        f"box-{number}",
        state,
        state.value,
        state.value if state.is_settled and state not in _FAILED else "started",
        region="eu" if number % 3 else "us",
        labels=labels,
        resources=Resources(2, 4, dice.choice((3, 8, 10)), 0),
        lifetimes=dice.choice(SETTINGS),
        created_at=made,
        updated_at=used,
        last_activity_at=used,
        sandbox_class="container",
        recoverable=number % 2 == 0,
    )


_FAILED = frozenset({SandboxState.ERROR, SandboxState.BUILD_FAILED})


def evidence(rows: list[Sandbox]) -> Evidence:
    book = PriceBook()
    return Evidence(
        NOW,
        lambda sandbox: hourly(sandbox, book),
        metrics={row.id: Metrics(NOW, 1.0) for row in rows[::20]},
        quotas=Quotas((RegionQuotas("eu", disk_gib=Quota(92, 100)),)),
        pins=frozenset(row.id for row in rows[::50]),
        mine=lambda sandbox: "inspect_run_id" in sandbox.labels,
    )


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    policy = LeakPolicy(protects=(Protect(parse("label:team=core")), Protect(parse("name:prod-* or cpu>16"))))
    sandboxes = fleet(rows)
    known = evidence(sandboxes)
    walls, times = [], []
    for _ in range(rounds + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        verdicts = judge(sandboxes, known, policy)
        total = verdicts.total
        walls.append((time.perf_counter() - wall) * 1000)
        times.append((time.process_time() - cpu) * 1000)
    first, *rest = times
    with_reasons = sum(bool(verdict.reasons) for verdict in verdicts.values())
    print(f"{rows} sandboxes: {with_reasons} with reasons, {total.leaks} leaks, {total.suspects} suspects")
    print(f"CPU  first round {first:.0f} ms, median {statistics.median(rest):.0f} ms, best {min(rest):.0f} ms", end="")
    print(f"   (goal: {GOAL_MS * rows / 10_000:.0f} ms)")
    print(f"wall median {statistics.median(walls[1:]):.0f} ms")
    fresh = [replace(row) for row in sandboxes]
    cpu = time.process_time()
    judge(fresh, known, policy)
    print(f"records that are all new: {(time.process_time() - cpu) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
