"""What else changes the life of sandboxes, as processes: names and filters, waiting and not, sizes, forks."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Run
from tests.conftest import OpenEmulator

from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator

pytestmark = pytest.mark.parametrize("emulator", ["empty"], indirect=True)


def _add(emulator: Emulator, name: str, state: str = "started", kind: str = "container") -> SandboxRecord:
    now = emulator.fleet.clock.now()
    record = SandboxRecord(
        new_id(), name, state=state, desired_state=state, sandbox_class=kind, auto_stop=0, created_at=now,
        updated_at=now, last_activity_at=now,
    )  # fmt: skip
    emulator.fleet.add(record)
    return record


async def test_names_mean_just_those(emulator: Emulator, run: Run) -> None:
    api, api_2, web = _add(emulator, "api"), _add(emulator, "api-2"), _add(emulator, "web")
    outcome = await run("force-stop", "api", web.id, "--yes", "--jsonl")
    assert outcome.code == 0, outcome.err
    assert [api.state, api_2.state, web.state] == ["stopped", "started", "stopped"]
    rows = [json.loads(line) for line in outcome.out.splitlines()]
    assert {(row["name"], row["verb"], row["state"]) for row in rows} == {
        ("api", "force_stop", "stopped"), ("web", "force_stop", "stopped"),
    }  # fmt: skip
    assert (await run("start", "api", "--yes")).code == 0
    unclear = await run("stop", "ap", "--yes")
    assert unclear.code == 2
    assert f"'ap' may be any of api ({api.id}), api-2 ({api_2.id})" in unclear.err
    assert (await run("stop", "name:ap*", "--yes")).code == 0
    assert {api.state, api_2.state} == {"stopped"}
    assert (await run("stop", "api", "nobody", "--yes")).code == 5


async def test_machines_are_paused_resumed_forked_and_resized(emulator: Emulator, run: Run) -> None:
    vm, box = _add(emulator, "vm", kind="linux-vm"), _add(emulator, "box")
    paused = await run("pause", "vm", "box", "--yes")
    assert paused.code == 1
    assert "box: not paused: it is a container: only virtual machines are paused" in paused.err
    assert (vm.state, box.state) == ("paused", "started")
    resumed = await run("resume", "vm", "box", "--yes")
    assert vm.state == "started"
    assert "box: skipped: it is started already" in resumed.err

    forked = await run("fork", "vm", "--name", "twin", "--json")
    assert forked.code == 0, forked.err
    value = json.loads(forked.out)
    assert (value["name"], value["state"], value["parent"]) == ("twin", "started", {"id": vm.id, "name": "vm"})
    taken, refused = await run("fork", "vm", "--name", "twin"), await run("fork", "box")
    assert (taken.code, refused.code) == (1, 1)
    assert "a sandbox called twin already" in taken.err
    assert "only virtual machines are forked" in refused.err

    cpu = box.cpu
    dry = await run("resize", "box", "--cpu", str(cpu + 2), "--dry-run", "--json")
    assert json.loads(dry.out)[0]["takes"]["cpu"] == 2
    assert box.cpu == cpu
    assert (await run("resize", "box", "--cpu", str(cpu + 2), "--yes")).code == 0
    assert box.cpu == cpu + 2
    less = await run("resize", "box", "--cpu", "1", "--yes")
    assert "stop it first, to give it fewer" in less.err
    for words in ((), ("--cpu", "0"), ("--disk", "many"), ("--memory", "999999")):
        assert (await run("resize", "box", "--yes", *words)).code == 2, words
    emulator.faults.add(FaultRule(path="*/resize", status=404, body={"message": "Cannot POST /resize"}))
    old = await run("resize", "box", "--cpu", "64", "--yes")
    assert old.code == 1
    assert "this server has no resizing" in old.err


async def test_errors_are_recovered_and_archives_restored(emulator: Emulator, run: Run) -> None:
    sick, kept = _add(emulator, "sick", "stopped"), _add(emulator, "kept", "stopped")
    assert (await run("archive", "kept", "--yes")).code == 0
    emulator.fleet.change(sick, state="error", error_reason="no space left on device", recoverable=True)
    recovered = await run("recover", "sick", "kept", "--yes")
    assert recovered.code == 0, recovered.err
    restored = await run("restore", "sick", "kept", "--yes")
    assert (sick.state, kept.state) == ("started", "started")
    assert "sick: skipped: it is started already" in restored.err


async def test_nobody_waits_or_nobody_waits_longer(emulator: Emulator, run: Run, open_emulator: OpenEmulator) -> None:
    slow = await open_emulator(seed="empty", pace="natural")
    one, two = _add(slow, "one", "stopped"), _add(slow, "two", "stopped")
    env = {"DAYTONA_API_URL": slow.api_url, "DAYTONA_API_KEY": slow.api_key}
    asked = await run("start", "one", "--yes", "--no-wait", "--json", **env)
    assert asked.code == 0
    assert "1 asked for" in asked.err
    (row,) = json.loads(asked.out)
    assert row["state"] in ("starting", "stopped")
    assert row["detail"] == "asked for, and not waited for" or row["state"] == "stopped"
    late = await run("archive", "two", "--yes", "--timeout", "2", **env)
    assert late.code == 7, late.err
    assert "two: interrupted: it may still happen" in late.err
    assert (one.state, two.state) == ("started", "archiving")
