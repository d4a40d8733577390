"""What owners left on this machine: real files, of every kind."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.operations.conftest import Bench
from tests.unit.leak_fleet import NOW, box, judged

from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.leaks import LeakPolicy
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.operations.local_traces import LocalTraces, usual_pi_sessions
from daytona_tui.operations.protection import Pins
from daytona_tui.operations.sweep.scanning import Scanner
from daytona_tui.operations.who import Who

ENDED = datetime(2026, 11, 21, 12, 2, tzinfo=UTC)


def trial(name: str) -> Sandbox:
    labels = {"harbor.managed": "true", "harbor.session_id": f"{name}__env"}
    return box(id=SandboxId(name), labels=labels, last_activity_at=NOW - timedelta(hours=3))


def session(name: str) -> Sandbox:
    return box(id=SandboxId(f"sb-{name}"), labels={"created-by": "pi-daytona", "session-id": name})


def write_result(directory: Path, job: str, name: str, text: str) -> Path:
    file = directory / job / name / "result.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return file


async def test_a_trial_with_a_result_has_ended(tmp_path: Path) -> None:
    write_result(tmp_path, "monday", "t1", json.dumps({"finished_at": ENDED.isoformat()}))
    write_result(tmp_path, "monday", "t2", json.dumps({"finished_at": None}))
    write_result(tmp_path, "monday", "other", json.dumps({"finished_at": ENDED.isoformat()}))

    traces = await LocalTraces([tmp_path / "nowhere", tmp_path], tmp_path).of([trial("t1"), trial("t2"), trial("t3")])

    assert traces.finished_runs == {"t1": ENDED}
    verdict = judged(trial("t1"), finished_runs=traces.finished_runs)
    assert "harbor run finished 2h ago" in [reason.sentence for reason in verdict.reasons]


async def test_tried_twice_it_ended_the_second_time(tmp_path: Path) -> None:
    write_result(tmp_path, "b", "t1", json.dumps({"finished_at": (ENDED - timedelta(days=1)).isoformat()}))
    write_result(tmp_path, "a", "t1", json.dumps({"finished_at": ENDED.isoformat()}))

    assert (await LocalTraces([tmp_path], tmp_path).of([trial("t1")])).finished_runs == {"t1": ENDED}


async def test_without_a_zone_the_file_tells_when(tmp_path: Path) -> None:
    file = write_result(tmp_path, "a", "t1", '{"finished_at": "2026-11-21T20:00:00"}')
    os.utime(file, (ENDED.timestamp(), ENDED.timestamp()))

    assert (await LocalTraces([tmp_path], tmp_path).of([trial("t1")])).finished_runs == {"t1": ENDED}


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"finished_at": 5}', '{"finished_at": "soon"}', "[" * 10_000])
async def test_a_damaged_result_tells_nothing(tmp_path: Path, text: str) -> None:
    write_result(tmp_path, "a", "t1", text)

    assert (await LocalTraces([tmp_path], tmp_path).of([trial("t1")])).finished_runs == {}


async def test_names_in_the_fleet_lead_nowhere(tmp_path: Path) -> None:
    jobs = tmp_path / "jobs"
    write_result(jobs, "a", "t1", "{}")
    write_result(tmp_path, "outside", "secret", json.dumps({"finished_at": ENDED.isoformat()}))

    hostile = [trial("../../outside/secret"), trial(str(tmp_path / "outside" / "secret")), trial("a\0b"), trial("..")]
    assert (await LocalTraces([jobs], tmp_path).of(hostile)).finished_runs == {}


async def test_a_session_file_that_is_gone(tmp_path: Path) -> None:
    project = tmp_path / "--home-ana--"
    project.mkdir()
    (project / "2026-11-21T10-00-00-000Z_0199-here.jsonl").touch()
    (project / "notes.txt").touch()

    boxes = [session("0199-here"), session("0199-gone"), replace(session("x"), labels={"session-id": "x"})]
    assert (await LocalTraces([], tmp_path).of(boxes)).gone_sessions == {SandboxId("sb-0199-gone")}


async def test_a_machine_without_sessions_misses_none(tmp_path: Path) -> None:
    assert (await LocalTraces([], tmp_path).of([session("a")])).gone_sessions == frozenset()
    assert (await LocalTraces([], tmp_path / "nowhere").of([session("a")])).gone_sessions == frozenset()


def test_pi_may_keep_its_sessions_elsewhere(home: Path) -> None:
    assert usual_pi_sessions({}) == home / ".pi" / "agent" / "sessions"
    assert usual_pi_sessions({"PI_CODING_AGENT_DIR": "/srv/pi"}) == Path("/srv/pi/sessions")


async def test_a_search_on_a_real_server_tells_of_the_run_that_ended(bench: Bench, tmp_path: Path) -> None:
    used = datetime.now(UTC) - timedelta(hours=3)
    bench.emulator.fleet.change(
        bench.emulator.fleet.records[bench.sandbox.id],
        labels={"harbor.managed": "true", "harbor.session_id": "t1__env"},
        auto_stop=0,
        auto_delete=0,
        created_at=used,
        last_activity_at=used,
    )
    ended = datetime.now(UTC) - timedelta(hours=2)
    write_result(tmp_path / "jobs", "monday", "t1", json.dumps({"finished_at": ended.isoformat()}))
    who, pins = Who(bench.gateway), Pins(tmp_path / "pins.json")
    scanner = Scanner(bench.gateway, LeakPolicy(), PriceBook(), who, pins, LocalTraces([tmp_path / "jobs"], tmp_path))

    verdict = (await scanner.look()).verdicts[bench.sandbox.id]

    sentences = {reason.code: reason.sentence for reason in verdict.reasons}
    assert sentences["own.run-finished"] == "harbor run finished 2h ago"
