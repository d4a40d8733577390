"""``leaks`` as a process: what it finds, what it leaves alone, and that it changes nothing."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Run

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator

pytestmark = pytest.mark.parametrize("emulator", ["leaky:40"], indirect=True)


async def test_leaks_as_json_and_as_a_table(emulator: Emulator, run: Run) -> None:
    before = {each.id: (each.state, each.last_activity_at) for each in emulator.fleet.records.values()}

    listed, shown = await run("leaks", "--json"), await run("leaks")

    assert (listed.code, shown.code) == (0, 0), listed.err
    found = json.loads(listed.out)
    assert found
    ranks = [(-round(row["daily_usd"] or 0, 2), -row["score"]) for row in found]
    assert ranks == sorted(ranks), "the most expensive comes first, then the highest score"
    for row in found:
        assert row["band"] in ("leak", "suspect", "untidy")
        assert row["reasons"]
        assert all(reason["code"] and reason["sentence"] for reason in row["reasons"])
        assert row["preselected"] == (
            row["band"] == "leak" and row["is_mine"] and not any(guard["vetoes"] for guard in row["guards"])
        )
        assert row["looked_into"] or row["band"] == "untidy"
    assert sum(row["preselected"] for row in found) >= 5
    text = shown.out.decode()
    assert "WHY" in text
    assert all(row["name"] in text for row in found)
    assert "/day" in shown.err
    assert {each.id: (each.state, each.last_activity_at) for each in emulator.fleet.records.values()} == before


async def test_what_is_held_back_is_shown_on_request(emulator: Emulator, run: Run) -> None:
    usual, more = await run("leaks", "--json"), await run("leaks", "--json", "--held")

    ids = {row["id"] for row in json.loads(usual.out)}
    held = [row for row in json.loads(more.out) if row["id"] not in ids]
    assert held
    assert all(any(guard["vetoes"] for guard in row["guards"]) and not row["preselected"] for row in held)


async def test_a_filter_narrows_what_is_shown_and_not_what_is_judged(emulator: Emulator, run: Run) -> None:
    whole, part = await run("leaks", "--json"), await run("leaks", "owner:harbor", "--json")

    wanted = [row for row in json.loads(whole.out) if row["owner"]["name"] == "harbor"]
    assert wanted
    assert [row["score"] for row in json.loads(part.out)] == [row["score"] for row in wanted]


async def test_nothing_of_it_and_no_filter_at_all(emulator: Emulator, run: Run) -> None:
    none, wrong = await run("leaks", "name:nobody-is-called-so"), await run("leaks", "state:")

    assert (none.code, none.out) == (0, b"")
    assert "nothing of this looks like a leak" in none.err
    assert wrong.code == 2


@pytest.mark.parametrize(
    ("rule", "code"), [(FaultRule(path="/api/sandbox", status=500), 1), (FaultRule(status=401), 4)]
)
async def test_a_fleet_that_cannot_be_listed_is_not_judged(
    emulator: Emulator, run: Run, rule: FaultRule, code: int
) -> None:
    emulator.faults.add(rule)

    outcome = await run("leaks", "--json")

    assert outcome.code == code
    assert json.loads(outcome.out).keys() == {"error"}


async def test_a_key_that_may_not_read_the_audit_log_finds_leaks_and_calls_none_its_own(
    emulator: Emulator, run: Run
) -> None:
    body = {"statusCode": 403, "message": "Access denied"}
    emulator.faults.add(FaultRule(path="/api/audit*", status=403, body=body))

    outcome = await run("leaks", "--json")

    assert outcome.code == 0
    assert outcome.err.count("no audit permission") == 1
    assert not any(row["preselected"] for row in json.loads(outcome.out))
    assert any(row["band"] == "leak" for row in json.loads(outcome.out))
