"""``start``, ``stop``, ``archive`` and ``delete`` as processes: what they do, refuse and tell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator

pytestmark = pytest.mark.parametrize("emulator", ["fleet:30"], indirect=True)


def _lasting(emulator: Emulator, state: str) -> list[SandboxRecord]:
    return [each for each in emulator.fleet.records.values() if each.state == state and each.auto_delete != 0]


def _states(emulator: Emulator) -> dict[str, str]:
    return {each.id: each.state for each in emulator.fleet.records.values()}


async def test_stopping_what_a_filter_means(emulator: Emulator, run: Run, home: Path) -> None:
    wanted = _lasting(emulator, "started")[:2]
    names = " or ".join(f"name:{each.name}" for each in wanted)
    before = _states(emulator)

    outcome = await run("stop", f"({names})", "state:started", "--yes", "--json")

    assert outcome.code == 0, outcome.err
    rows = json.loads(outcome.out)
    assert {(row["id"], row["status"], row["state"]) for row in rows} == {
        (each.id, "done", "stopped") for each in wanted
    }
    changed = {each for each, state in _states(emulator).items() if state != before[each]}
    assert changed == {each.id for each in wanted}
    assert "2 stopped" in outcome.err
    journals = list(home.glob("**/journal.jsonl"))
    assert len(journals) == 1
    outcomes = [json.loads(line)["outcome"] for line in journals[0].read_text().splitlines()]
    assert sorted(outcomes) == ["begun", "begun", "done", "done"]
    assert emulator.api_key not in journals[0].read_text()


@pytest.mark.parametrize(
    ("verb", "before", "after"), [("start", "stopped", "started"), ("archive", "stopped", "archived")]
)
async def test_other_verbs(emulator: Emulator, run: Run, verb: str, before: str, after: str) -> None:
    wanted = _lasting(emulator, before)

    outcome = await run(verb, f"state:{before}", "autodelete=off", "--yes")

    assert outcome.code == 0, outcome.err
    assert outcome.out == b""
    assert {each.state for each in wanted if each.auto_delete < 0} == {after}


async def test_deleting(emulator: Emulator, run: Run) -> None:
    wanted = {each.id for each in _lasting(emulator, "stopped")}

    outcome = await run("delete", "state:stopped", "--yes", "--held")

    assert outcome.code == 0, outcome.err
    assert all(emulator.fleet.records[each].state == "destroyed" for each in wanted if each in emulator.fleet.records)


async def test_who_is_to_be_kept_is_left_out_unless_it_is_said(emulator: Emulator, run: Run) -> None:
    kept, other = [each for each in _lasting(emulator, "stopped") if "persistent" not in each.labels][:2]
    kept.labels["daytona-tui.keep"] = "true"
    names = f"(name:{kept.name} or name:{other.name})"

    outcome = await run("delete", names, "--yes", "--json")

    assert outcome.code == 0, outcome.err
    assert {row["id"]: row["status"] for row in json.loads(outcome.out)} == {kept.id: "skipped", other.id: "done"}
    assert "it is to be kept (kept); --held deletes it all the same" in outcome.err
    assert kept.state == "stopped"

    assert (await run("delete", f"name:{kept.name}", "--yes", "--held")).code == 0
    assert _states(emulator).get(kept.id, "destroyed") == "destroyed"


async def test_who_is_held_is_not_deleted_by_stopping_it(emulator: Emulator, run: Run) -> None:
    doomed = next(each for each in emulator.fleet.records.values() if each.state == "started" and not each.auto_delete)
    doomed.labels["keep"] = "true"

    outcome = await run("stop", f"name:{doomed.name}", "--yes", "--allow-delete")

    assert "it is to be kept (label keep=true)" in outcome.err
    assert doomed.state == "started"


async def test_a_dry_run_does_nothing_and_says_everything(emulator: Emulator, run: Run) -> None:
    before = _states(emulator)

    told = await run("stop", "state:started or state:archived", "--dry-run")
    listed = await run("stop", "state:started or state:archived", "--dry-run", "--json")

    assert (told.code, listed.code) == (0, 0)
    assert _states(emulator) == before
    assert "stopping deletes it (auto-delete is 0)" in told.err
    assert "skipped: it is archived: it does not run" in told.err
    running = [each for each in emulator.fleet.records.values() if each.state == "started"]
    freed = f"frees {sum(each.cpu for each in running):g} vCPU, {sum(each.memory for each in running):g} GiB RAM"
    assert freed in told.err
    assert "/h; stop keeps the other " in told.err  # the disk of those goes whom stopping deletes
    rows = json.loads(listed.out)
    assert {row["status"] for row in rows} == {"planned", "skipped"}
    assert len(rows) == sum(state in ("started", "archived") for state in before.values())
    assert sum(row["frees"]["cpu"] for row in rows) == sum(each.cpu for each in running)
    assert all(row["frees"]["hourly_usd"] > 0 for row in rows if row["status"] == "planned")
    assert not any(row["takes"]["cpu"] or row["takes"]["hourly_usd"] for row in rows)
    assert "would be refused" not in told.err


async def test_a_dry_run_says_that_it_would_be_too_many(emulator: Emulator, run: Run) -> None:
    outcome = await run("stop", "state:started", "--dry-run", "--max", "1")

    assert outcome.code == 0
    assert "without --dry-run it would be refused" in outcome.err


async def test_nothing_is_done_without_a_terminal_or_yes(emulator: Emulator, run: Run) -> None:
    before = _states(emulator)

    outcome = await run("delete", "state:started")

    assert outcome.code == 2
    assert "--yes" in outcome.err
    assert _states(emulator) == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["stop", "", "--yes"], 2, "empty filter"),
        (["stop", "  ", "--yes"], 2, "empty filter"),
        (["stop", "state:", "--yes"], 2, "the filter"),
        (["delete", "((", "--yes"], 2, "the filter"),
        (["stop", "--yes"], 2, "FILTER"),
        (["stop", "state:started", "--yes", "--max", "1"], 2, "more than --max 1"),
        (["stop", "state:started", "--yes", "--max", "-1"], 2, "--max"),
        (["stop", "state:started", "--yes"], 2, "stopping deletes 5 of them; nothing was done"),
        (["stop", "name:nobody-is-called-so", "--yes"], 5, "no sandbox matches"),
        (["--read-only", "stop", "state:started", "--yes"], 2, "nothing was done"),
    ],
)
async def test_what_is_refused_leaves_everything_alone(
    emulator: Emulator, run: Run, words: list[str], code: int, told: str
) -> None:
    before = _states(emulator)

    outcome = await run(*words)

    assert (outcome.code, outcome.out) == (code, b"")
    assert told in outcome.err
    assert _states(emulator) == before


async def test_a_listing_that_breaks_off_acts_on_nobody(emulator: Emulator, run: Run) -> None:
    emulator.faults.add(FaultRule(path="/api/sandbox", status=500))
    before = _states(emulator)

    assert (await run("stop", "state:started", "--yes")).code == 1
    assert _states(emulator) == before


async def test_failures_have_their_code_and_their_names(emulator: Emulator, run: Run) -> None:
    failing = _lasting(emulator, "started")[0]
    emulator.faults.add(FaultRule(path=f"*/{failing.id}/stop", status=500))

    outcome = await run("stop", "state:started", "--yes", "--json", "--allow-delete")

    assert outcome.code == 1
    assert f"{failing.name}: failed" in outcome.err
    assert {row["status"] for row in json.loads(outcome.out)} == {"done", "failed"}


async def test_a_missing_permission_is_named(emulator: Emulator, run: Run) -> None:
    body = {"statusCode": 403, "message": "Access denied"}
    emulator.faults.add(FaultRule(method="DELETE", path="/api/sandbox/*", status=403, body=body))

    outcome = await run("delete", "state:started", "--yes")

    assert outcome.code == 4
    assert "delete:sandboxes" in outcome.err
