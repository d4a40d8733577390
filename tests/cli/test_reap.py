"""``reap`` as a process: dry by default, the same checks as on the screen, and codes that scripts can go by."""

from __future__ import annotations

import json
import signal
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams, DaytonaConfig
from tests.cli.conftest import Run, finish, start
from tests.cli.test_asking import terminal
from tests.operations.bulk_helpers import until

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator

pytestmark = pytest.mark.parametrize("emulator", ["leaky:40"], indirect=True)

LEAKS = "state:started"


def _states(emulator: Emulator) -> dict[str, tuple[Any, ...]]:
    return {
        each.id: (each.state, each.desired_state, each.auto_destroy_at, dict(each.labels))
        for each in emulator.fleet.records.values()
    }


def _changed(emulator: Emulator, before: dict[str, tuple[Any, ...]]) -> set[str]:
    after = _states(emulator)
    return {each for each, was in before.items() if after.get(each) != was}


async def _proposed(run: Run, *words: str) -> list[dict[str, Any]]:
    outcome = await run("reap", *words, "--json")
    assert outcome.code == 0, outcome.err
    return [row for row in json.loads(outcome.out)["rows"] if row["chosen"]]


async def test_without_a_flag_nothing_is_done(emulator: Emulator, run: Run) -> None:
    before = _states(emulator)

    told, listed = await run("reap", LEAKS), await run("reap", LEAKS, "--action", "delete", "--json")

    assert (told.code, listed.code) == (0, 0), told.err
    assert _states(emulator) == before
    assert "nothing was done" in told.err
    assert "WHAT COMES OF IT" in told.out.decode()
    plan = json.loads(listed.out)
    assert plan["format"] == "daytona-tui sweep"
    assert all(row["looked_into"] for row in plan["rows"] if row["band"] in ("leak", "suspect"))
    assert all(row["ties"].keys() == {"forks", "volumes", "linked"} for row in plan["rows"])
    assert all(row["band"] == "leak" and row["mine"] and not row["veto"] for row in plan["rows"] if row["chosen"])
    assert emulator.api_key not in listed.out.decode()


async def test_with_yes_what_was_proposed_is_done_and_nothing_else(emulator: Emulator, run: Run, home: Path) -> None:
    proposed, before = await _proposed(run, LEAKS, "--action", "delete"), _states(emulator)

    outcome = await run("reap", LEAKS, "--action", "delete", "--yes", "--json")

    assert outcome.code == 0, outcome.err
    report = json.loads(outcome.out)
    assert report["counts"] == {"deleted": len(proposed)}
    assert _changed(emulator, before) == {row["id"] for row in proposed}
    assert report["freed"]["daily_usd"] == pytest.approx(sum(row["daily_usd"] for row in proposed), rel=0.01)
    (journal,) = home.glob("**/journal.jsonl")
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert {line["id"] for line in lines if line["verb"] == "delete"} == {row["id"] for row in proposed}
    assert [(line["verb"], line["outcome"]) for line in (lines[0], lines[-1])] == [
        ("sweep", "begun"),
        ("sweep", "done"),
    ]
    assert all(line["parameters"]["reasons"] for line in lines[1:-1])


async def test_the_usual_action_is_the_gentlest(emulator: Emulator, run: Run) -> None:
    outcome = await run("reap", "owner:benchflow", "--ttl", "2d", "--yes", "--json")

    assert outcome.code == 0, outcome.err
    rows = json.loads(outcome.out)["rows"]
    assert rows
    assert {(row["action"], row["outcome"]) for row in rows} == {("ttl", "repaired")}
    for row in rows:
        record = emulator.fleet.records[row["id"]]
        assert record.state == "started"
        assert record.auto_destroy_at is not None


async def test_a_plan_is_written_edited_and_applied(emulator: Emulator, run: Run, tmp_path: Path) -> None:
    before = _states(emulator)
    written = await run("reap", LEAKS, "--action", "delete", "--plan", "plan.json")
    assert (written.code, _states(emulator)) == (0, before)
    path = tmp_path / "plan.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    plan = json.loads(path.read_text())
    chosen = [row for row in plan["rows"] if row["chosen"]]
    chosen[0]["chosen"] = False
    chosen[1]["action"] = "ttl"
    path.write_text(json.dumps(plan))

    outcome = await run("reap", "--apply", "plan.json", "--yes", "--json")

    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["counts"] == {"deleted": len(chosen) - 2, "repaired": 1}
    assert chosen[0]["id"] not in _changed(emulator, before)
    assert emulator.fleet.records[chosen[1]["id"]].state == "started"


async def test_a_file_that_is_there_is_replaced_only_on_request(emulator: Emulator, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("somebody's")

    refused = await run("reap", LEAKS, "--plan", "plan.json")
    assert (refused.code, refused.out, path.read_text()) == (2, b"", "somebody's")
    assert "The plan: plan.json is there already" in refused.err
    assert "--force replaces it" in refused.err
    accepted = await run("reap", LEAKS, "--plan", "plan.json", "--force")

    assert accepted.code == 0, accepted.err
    assert json.loads(path.read_text())["rows"]


async def test_a_program_that_is_killed_leaves_the_rest_to_the_next(
    emulator: Emulator, run: Run, env: dict[str, str], tmp_path: Path, home: Path
) -> None:
    await run("reap", LEAKS, "--action", "delete", "--plan", "plan.json")
    emulator.faults.add(FaultRule(method="DELETE", delay_s=0.4))
    process = await start("reap", "--apply", "plan.json", "--yes", cwd=tmp_path, env=env)
    await until(lambda: any(line["outcome"] == "done" for line in _lines(home)), within_s=30)
    await finish(process, signals=(signal.SIGKILL,))
    (journal,) = home.glob("**/journal.jsonl")
    emulator.faults.clear()
    told = [json.loads(line) for line in journal.read_text().splitlines()]
    done = {line["id"] for line in told if line["outcome"] == "done"}
    assert done
    plan = [row["id"] for row in json.loads((tmp_path / "plan.json").read_text())["rows"] if row["chosen"]]
    assert all(emulator.fleet.records.get(each) is None for each in done)
    begun = {line["id"] for line in told if line["outcome"] == "begun"}
    assert done <= begun, "each was noted before it was asked for"
    assert {each for each in plan if emulator.fleet.records.get(each) is None} <= begun, "what was in flight, too"

    again = await run("reap", "--apply", "plan.json", "--yes", "--json")

    assert again.code == 0, again.err
    assert all(emulator.fleet.records.get(each) is None for each in plan), "the rest is done"
    assert {row["id"] for row in json.loads(again.out)["rows"] if row["outcome"] == "deleted"} == set(plan)


async def test_ctrl_c_tells_how_far_it_came(
    emulator: Emulator, run: Run, env: dict[str, str], tmp_path: Path, home: Path
) -> None:
    await run("reap", "owner:benchflow", "--action", "delete", "--plan", "plan.json")
    chosen = [row for row in json.loads((tmp_path / "plan.json").read_text())["rows"] if row["chosen"]]
    slow = emulator.faults.add(FaultRule(method="DELETE", path=f"*/{chosen[0]['id']}", delay_s=30))
    process = await start("reap", "--apply", "plan.json", "--yes", "--json", cwd=tmp_path, env=env)
    await until(lambda: slow.hits > 0 and len(_lines(home)) >= len(chosen), within_s=30)

    outcome = await finish(process, signals=(signal.SIGINT,))

    assert outcome.code == 130, outcome.err
    rows = {row["id"]: row for row in json.loads(outcome.out)["rows"]}
    assert rows.keys() == {row["id"] for row in chosen}
    assert rows[chosen[0]["id"]]["outcome"] == "accepted_not_confirmed"
    assert "it may still happen" in rows[chosen[0]["id"]]["detail"]
    assert _lines(home)[-1]["verb"] == "sweep"


def _lines(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for each in home.glob("**/journal.jsonl") for line in each.read_text().splitlines()]


async def test_what_changed_since_the_plan_is_left_alone(emulator: Emulator, run: Run, tmp_path: Path) -> None:
    await run("reap", "owner:benchflow", "--action", "delete", "--plan", "plan.json")
    plan = json.loads((tmp_path / "plan.json").read_text())
    victim = next(row["id"] for row in plan["rows"] if row["chosen"])
    emulator.fleet.touch(emulator.fleet.records[victim])

    outcome = await run("reap", "--apply", "plan.json", "--yes", "--json")

    assert outcome.code == 0
    rows = {row["id"]: row for row in json.loads(outcome.out)["rows"]}
    assert (rows[victim]["outcome"], rows[victim]["detail"]) == (
        "skipped_changed",
        "changed since plan: it has been used since",
    )
    assert emulator.fleet.records[victim].state == "started"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["reap"], 2, "empty filter"),
        (["reap", "", "--yes"], 2, "empty filter"),
        (["reap", "  ", "--action", "delete", "--yes"], 2, "empty filter"),
        (["reap", "state:", "--yes"], 2, "the filter"),
        (["reap", "((", "--yes"], 2, "the filter"),
        (["reap", LEAKS, "--action", "destroy", "--yes"], 2, "--action"),
        (["reap", LEAKS, "--ttl", "-5m", "--yes"], 2, "--ttl"),
        (["reap", LEAKS, "--ttl", "0", "--yes"], 2, "is no time to live"),
        (["reap", LEAKS, "--ttl", "soon", "--yes"], 2, "--ttl"),
        (["reap", LEAKS, "--ttl", "90s", "--yes"], 2, "whole minutes"),
        (["reap", LEAKS, "--ttl", "2h", "--action", "stop", "--yes"], 2, "--ttl says nothing of"),
        (["reap", LEAKS, "--max", "-1", "--yes"], 2, "--max"),
        (["reap", LEAKS, "--max", "1", "--yes"], 2, "more than --max 1"),
        (["reap", LEAKS, "--plan", "p", "--apply", "p"], 2, "not allowed with"),
        (["reap", LEAKS, "--plan", "p", "--yes"], 2, "leave --yes out"),
        (["reap", LEAKS, "--apply", "p", "--yes"], 2, "takes no filter"),
        (["reap", "--apply", "p", "--action", "stop", "--yes"], 2, "takes no filter"),
        (["reap", "--apply", "nowhere.json", "--yes"], 2, "cannot be read"),
        (["reap", "--apply", "nowhere.json"], 2, "no terminal"),
        (["reap", "name:nobody-is-called-so", "--yes"], 5, "no sandbox matches"),
        (
            ["reap", "--apply", "plan.json", "--band", "untidy", "--yes"],
            2,
            "takes no filter, --action, --ttl or --band",
        ),
        (["reap", LEAKS, "--confirm", "ada"], 2, "--confirm says nothing without --yes"),
        (["reap", LEAKS, "--plan", "plan.json", "--allow-delete"], 2, "--allow-delete says nothing without --yes"),
        (["reap", "owner:benchflow", "--action", "stop", "--yes"], 2, "--allow-delete accepts that"),
        (["reap", LEAKS, "--force", "--yes"], 2, "--force says nothing without --plan"),
        (["--read-only", "reap", LEAKS, "--yes"], 2, "nothing was done"),
    ],
)
async def test_what_is_refused_leaves_everything_alone(
    emulator: Emulator, run: Run, words: list[str], code: int, told: str
) -> None:
    before = _states(emulator)

    outcome = await run(*words)

    assert (outcome.code, outcome.out) == (code, b""), outcome.err
    assert told in outcome.err
    assert _states(emulator) == before


async def test_there_is_json_though_there_is_nothing_to_do(emulator: Emulator, run: Run, tmp_path: Path) -> None:
    before, path = _states(emulator), tmp_path / "plan.json"
    await run("reap", LEAKS, "--plan", "plan.json")
    path.write_text(path.read_text().replace('"chosen": true', '"chosen": false'))

    nobody, planned = await run("reap", "name:nobody", "--yes", "--json"), await run("reap", "name:nobody", "--json")
    fine = await run("reap", "--apply", "plan.json", "--yes", "--json")

    assert (nobody.code, planned.code, fine.code) == (5, 5, 0)
    assert [json.loads(each.out)["rows"] for each in (nobody, planned, fine)] == [[], [], []]
    assert [json.loads(each.out)["format"].endswith("report") for each in (nobody, planned, fine)] == [
        True,
        False,
        True,
    ]
    assert _states(emulator) == before


async def test_a_fleet_without_leaks_is_no_failure(emulator: Emulator, run: Run) -> None:
    """A sweep that is run every night ends well where there is nothing to sweep."""
    (fresh, *_) = [each for each in json.loads((await run("list", "--json", "age<50m")).out)]
    words = ["reap", f"name:{fresh['name']}"]

    outcomes = [await run(*words, *more) for more in ([], ["--yes"], ["--yes", "--json"], ["--plan", "p.json"])]
    applied = await run("reap", "--apply", "p.json", "--yes", "--json")

    assert [each.code for each in (*outcomes, applied)] == [0] * 5, outcomes[0].err
    assert all("nothing that the filter means looks like a leak" in each.err for each in outcomes)
    assert "the plan is empty" in applied.err
    assert json.loads(applied.out)["rows"] == []


async def test_what_has_forks_says_so_and_is_not_deleted(emulator: Emulator, run: Run) -> None:
    config = DaytonaConfig(api_key=emulator.api_key, api_url=emulator.api_url)
    async with AsyncDaytona(config) as daytona:
        parent = await daytona.create(CreateSandboxFromSnapshotParams(snapshot="daytona-vm", name="parent"))
        await parent.fork("child", timeout=20)
    long_ago = datetime.now(UTC) - timedelta(hours=40)
    record = emulator.fleet.records[parent.id]
    emulator.fleet.change(record, auto_stop=0, auto_delete=-1, created_at=long_ago, last_activity_at=long_ago)

    words = ["reap", "name:parent", "--band", "suspect"]
    deleted = await run(*words, "--action", "delete", "--yes", "--json")
    told = await run(*words, "--action", "delete")
    gentle = await run(*words, "--json")

    assert (deleted.code, json.loads(deleted.out)["rows"]) == (0, [])
    assert record.state == "started"
    assert "it has forks, which Daytona wants deleted first: child" in told.out.decode()
    (row,) = json.loads(gentle.out)["rows"]
    assert (row["action"], row["chosen"], row["ties"]["forks"]) == ("ttl", True, ["child"])
    assert any(guard["words"] == "has a fork (child)" for guard in row["guards"])


async def test_a_plan_that_is_only_tried_says_how_it_is_done(emulator: Emulator, run: Run) -> None:
    before = _states(emulator)
    await run("reap", LEAKS, "--plan", "plan.json")

    outcome = await run("reap", "--apply", "plan.json", "--dry-run")

    assert (outcome.code, _states(emulator)) == (0, before)
    assert "nothing was done: it is done without --dry-run" in outcome.err


async def test_a_listing_that_breaks_off_plans_nothing(emulator: Emulator, run: Run) -> None:
    emulator.faults.add(FaultRule(path="/api/sandbox", status=500))
    before = _states(emulator)

    outcome = await run("reap", LEAKS, "--yes")

    assert outcome.code == 1
    assert _states(emulator) == before


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "daytona-tui sweep", "version": 9}'])
async def test_a_damaged_plan_does_nothing(emulator: Emulator, run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    before = _states(emulator)

    outcome = await run("reap", "--apply", "plan.json", "--yes")

    assert outcome.code == 2
    assert "The plan: plan.json: it is " in outcome.err
    assert "Settings" not in outcome.err
    assert _states(emulator) == before


async def test_damaged_pins_stop_everything(emulator: Emulator, run: Run, home: Path) -> None:
    await run("reap", "owner:benchflow", "--action", "delete", "--plan", "plan.json")
    (directory,) = home.glob("**/profiles/*")
    (directory / "pins.json").write_text("{")
    before = _states(emulator)

    planned, applied = await run("reap", LEAKS, "--yes"), await run("reap", "--apply", "plan.json", "--yes")

    assert (planned.code, applied.code) == (2, 2)
    assert "nobody knows who is held" in planned.err
    assert _states(emulator) == before


async def test_a_key_that_may_not_delete(emulator: Emulator, run: Run) -> None:
    body = {"statusCode": 403, "message": "Missing permission delete:sandboxes"}
    emulator.faults.add(FaultRule(method="DELETE", path="/api/sandbox/*", status=403, body=body))

    outcome = await run("reap", LEAKS, "--action", "delete", "--yes")

    assert outcome.code == 4
    assert "delete:sandboxes" in outcome.err
    assert "--action stop or --action ttl may still be done" in outcome.err


async def test_without_the_audit_log_nothing_is_ours_and_a_name_is_asked_for(
    emulator: Emulator, run: Run, tmp_path: Path
) -> None:
    """A plan that somebody else made is carried out only with a name: what is theirs is not ours."""
    await run("reap", "owner:benchflow", "--action", "ttl", "--plan", "plan.json")
    body = {"statusCode": 403, "message": "Access denied"}
    emulator.faults.add(FaultRule(path="/api/audit*", status=403, body=body))
    before = _states(emulator)
    elsewhere = {"XDG_STATE_HOME": str(tmp_path / "other")}  # there the answers of the audit log are not kept

    refused = await run("reap", "--apply", "plan.json", "--yes", **elsewhere)
    wrong = await run("reap", "--apply", "plan.json", "--yes", "--confirm", "mastra", **elsewhere)
    assert (refused.code, wrong.code) == (2, 2)
    assert "--confirm 'benchflow' accepts that" in refused.err
    assert "no audit permission" in refused.err, "why nothing is known to be ours"
    assert _states(emulator) == before
    accepted = await run("reap", "--apply", "plan.json", "--yes", "--confirm", "benchflow", **elsewhere)

    assert accepted.code == 0, accepted.err
    assert "repaired" in accepted.err


async def test_at_a_terminal_the_number_is_typed(
    emulator: Emulator, run: Run, env: dict[str, str], tmp_path: Path
) -> None:
    await run("reap", "owner:benchflow", "--action", "ttl", "--plan", "plan.json")
    many = sum(row["chosen"] for row in json.loads((tmp_path / "plan.json").read_text())["rows"])
    assert many > 1
    before = _states(emulator)

    async with terminal("reap", "--apply", "plan.json", cwd=tmp_path, env=env) as shown:
        await shown.until(f"Type {many} to go on")
        shown.type("yes\n")
        assert await shown.code() == 1
    assert _states(emulator) == before
    async with terminal("reap", "--apply", "plan.json", cwd=tmp_path, env=env) as shown:
        await shown.until(f"Type {many} to go on")
        shown.type(f"{many}\n")
        assert await shown.code() == 0

    assert len(_changed(emulator, before)) == many
