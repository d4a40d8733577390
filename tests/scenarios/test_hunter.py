"""The hunter on fleets whose truth is known: what it would sweep by itself, what it finds, and why."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.conftest import OpenEmulator
from tests.scenarios.hunting import Hunt, hunt, table

from daytona_tui.domain.leaks import Action, Band
from daytona_tui.emulator.accounts.quotas import Quota
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.seed.leaky import USUAL
from daytona_tui.operations.sweep.scanning import MOST_LOOKED_INTO

RECALL = 0.95

CODES = {
    "stranded": {"run.no-autostop-idle"},
    "zombie": {"run.overdue"},
    "stuck": {"stuck.transition"},
    "error": {"err.unrecoverable", "err.recoverable", "err.build"},
    "quota-hog": {"stop.no-delete"},
    "kept-warm": {"run.kept-warm"},
    "lost-create": {"own.retry-twin"},
    "expired": {"own.expired"},
}
"""For each kind, reasons of which one has to be named."""


@pytest.mark.parametrize(
    ("count", "numbers"),
    [(30, range(1, 13)), (100, range(1, 7)), (300, (USUAL, 1, 2, 3))],
    ids=lambda value: str(value) if isinstance(value, int) else f"{len(value)}-fleets",
)
async def test_it_proposes_nothing_wrong_and_finds_the_stranded(
    open_emulator: OpenEmulator, capsys: pytest.CaptureFixture[str], count: int, numbers: Sequence[int]
) -> None:
    hunts = [await hunt(await open_emulator(seed=f"leaky:{count}:{number}")) for number in numbers]

    with capsys.disabled():
        print(f"\n{len(hunts)} fleets of {count}; ! is what leaks\n{table(hunts)}")  # noqa: T201 - asked for
    assert [wrong for each in hunts for wrong in each.wrong()] == []
    assert recall(hunts) >= RECALL


def recall(hunts: Sequence[Hunt]) -> float:
    counts = [each.recall("stranded", mine=mine) for each in hunts for mine in (True, False)]
    return sum(found for found, _all in counts) / max(1, sum(many for _found, many in counts))


async def test_of_a_thousand_it_proposes_those_that_it_looked_into(open_emulator: OpenEmulator) -> None:
    found = await hunt(await open_emulator(seed="leaky:1000"))

    stranded = [verdict for verdict, truth in found.pairs() if truth.kind == "stranded"]
    assert found.wrong() == []
    assert len(stranded) > MOST_LOOKED_INTO
    assert sum(each.band is Band.LEAK for each in stranded) >= RECALL * len(stranded)
    proposed = [verdict for verdict in found.verdicts.values() if verdict.preselected]
    assert 0.25 * MOST_LOOKED_INTO <= len(proposed) <= MOST_LOOKED_INTO


async def test_whatever_fleet_it_is_it_proposes_nothing_wrong(open_emulator: OpenEmulator) -> None:
    number = random.randrange(1_000_000)
    found = await hunt(await open_emulator(seed=f"leaky:150:{number}"))

    assert found.wrong() == [], f"leaky:150:{number}"


async def test_every_leak_has_its_reason_and_what_is_kept_its_guard(open_emulator: OpenEmulator) -> None:
    found = await hunt(await open_emulator(seed="leaky:200"))  # so many are looked into, at the most

    seen = set()
    for verdict, truth in found.pairs():
        codes = {reason.code for reason in verdict.reasons}
        if truth.kind in CODES:
            assert codes & CODES[truth.kind], f"{truth.kind}: {truth.why}; it says {codes or 'nothing'}"
        if truth.kind in {"kept", "new"}:
            assert verdict.is_vetoed, truth.why
        if truth.kind in {"live", "new"}:
            assert verdict.band in {Band.FINE, Band.UNTIDY}, truth.why
        seen.add(truth.kind)
    assert CODES.keys() | {"kept", "new", "live"} <= seen


async def test_members_of_warm_pools_are_not_even_listed(open_emulator: OpenEmulator) -> None:
    found = await hunt(await open_emulator(seed="leaky:300"))

    pooled = {each for each, truth in found.truths.items() if truth.kind == "warm-pool"}
    assert pooled
    assert not pooled & set(found.verdicts)


async def test_a_full_disk_makes_suspects_of_what_hogs_it(open_emulator: OpenEmulator) -> None:
    roomy = await hunt(await open_emulator(seed="leaky:300"))
    used = sum(
        verdict.frees.disk_gib for verdict in roomy.verdicts.values() if verdict.sandbox.sandbox_class == "container"
    )
    short = await hunt(await open_emulator(seed="leaky:300", quota=Quota(disk=round(used / 0.9))))

    def scores(found: Hunt) -> list[int]:
        return sorted(verdict.score for verdict, truth in found.pairs() if truth.kind == "quota-hog")

    assert sum(scores(short)) > sum(scores(roomy))
    assert any("stop.quota" in {reason.code for reason in verdict.reasons} for verdict in short.verdicts.values())
    assert short.wrong() == []


async def test_without_a_look_inside_it_begins_with_what_ends_nothing(open_emulator: OpenEmulator) -> None:
    """Nobody can tell a silent job from a stranded one by the record: so the first offer gives a day to object."""
    for number in range(1, 5):
        emulator = await open_emulator(seed=f"leaky:150:{number}")
        mute = emulator.faults.add(FaultRule(path="/toolbox/*/system/metrics", status=502))
        found = await hunt(emulator)

        assert mute.hits
        mistaken = [(verdict, truth) for verdict, truth in found.pairs() if verdict.preselected and not truth.is_leak]
        assert {truth.kind for _verdict, truth in mistaken} <= {"background"}
        assert {verdict.offers[0].action for verdict, _truth in mistaken} <= {Action.TTL}


async def test_a_key_that_may_not_read_the_audit_log_sweeps_nothing_by_itself(
    open_emulator: OpenEmulator, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    entry = {"name": "ci", "key": "dtn_ci_0123456789", "permissions": ["write:sandboxes", "delete:sandboxes"]}
    keys.write_text(json.dumps([entry]))
    found = await hunt(await open_emulator(seed="leaky:100", keys=keys), key=str(entry["key"]))

    assert any(verdict.band is Band.LEAK for verdict in found.verdicts.values())
    assert not any(verdict.preselected for verdict in found.verdicts.values())
