"""``snapshots``, ``volumes`` and ``secrets`` as processes: made, listed, deleted, refused."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.operations.shelf_helpers import sandbox_with

from daytona_tui.emulator.server import Emulator

VALUE = "hush-nobody-sees-this"


async def test_snapshots_from_a_build_to_the_end(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python:3.12\nRUN echo built-here\n", encoding="utf-8")

    made = await run("snapshots", "create", "base:1", "--dockerfile", "Dockerfile", "--cpu", "2", "--json")
    assert made.code == 0, made.err
    told = json.loads(made.out)
    assert (told["name"], told["state"], told["cpu"], told["is_built"]) == ("base:1", "active", 2, True)
    assert "built-here" in made.err

    listed = await run("snapshots", "list", "--own", "--json")
    rows = {each["name"]: each for each in json.loads(listed.out)}
    assert set(rows) == {"base:1", "harbor__9f31c0aa77e2__snapshot"}
    assert len(rows["harbor__9f31c0aa77e2__snapshot"]["used_by"]) == 3
    assert rows["base:1"]["used_by"] == []
    unused = await run("snapshots", "list", "--own", "--unused")
    assert unused.out.decode().splitlines()[1].startswith("base:1  active")

    assert (await run("snapshots", "log", "base")).out.decode().count("built-here") == 2
    log = json.loads((await run("snapshots", "log", "base", "--json")).out)
    assert (log["name"], "built-here" in log["lines"]) == ("base:1", True)
    off = await run("snapshots", "deactivate", "base:1", "--json")
    assert json.loads(off.out) == [{"id": told["id"], "name": "base:1", "verb": "deactivate", "status": "done"}]
    again = await run("snapshots", "deactivate", "base:1")
    assert (again.code, "inactive already" in again.err) == (1, True)
    assert (await run("snapshots", "activate", "base")).code == 0

    asked = await run("snapshots", "delete", "base:1", "harbor")
    assert (asked.code, "no terminal" in asked.err) == (2, True)
    dry = await run("snapshots", "delete", "harbor", "--dry-run")
    assert "3 sandboxes were made from it" in dry.err
    gone = await run("snapshots", "delete", "base:1", "--yes")
    assert gone.code == 0, gone.err
    missing = await run("snapshots", "get", "base:1", "--json")
    assert (missing.code, json.loads(missing.out)["error"]["code"]) == (5, "not_found")
    general = await run("snapshots", "delete", "daytona-small", "--yes")
    assert (general.code, "Daytona's own" in general.err) == (1, True)


async def test_what_makes_no_snapshot_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python:3.12\nCOPY ../mine /app\n", encoding="utf-8")
    (tmp_path / "broken").write_text("FROM python:3.12\nRUN exit 4\n", encoding="utf-8")
    for words, code, said in (
        (("x",), 2, "say one of"),
        (("x", "--image", "a:1", "--from-sandbox", "b"), 2, "say one of"),
        (("x", "--from-sandbox", "b", "--cpu", "2"), 2, "leave the other flags out"),
        (("x y", "--image", "python"), 2, "a tag or a digest"),
        (("x", "--dockerfile", "Dockerfile"), 2, "outside the context"),
        (("x", "--dockerfile", "nowhere"), 2, "cannot be read"),
        (("broken", "--dockerfile", "broken"), 1, "exit code 4"),
        (("x", "--image", "python:3.12", "--read-only"), 2, "nothing was done"),
    ):
        outcome = await run("snapshots", "create", *words)
        assert (outcome.code, outcome.out) == (code, b""), outcome.err
        assert said in outcome.err


async def test_a_snapshot_of_a_sandbox_by_name(run: Run, emulator: Emulator) -> None:
    name = next(each.name for each in emulator.fleet.records.values() if each.state == "stopped")
    made = await run("snapshots", "create", "of-it", "--from-sandbox", name, "--json")
    assert made.code == 0, made.err
    assert json.loads(made.out)["source_sandbox_id"]


async def test_volumes_with_who_has_them(emulator: Emulator, run: Run) -> None:
    made = await run("volumes", "create", "data", "--json")
    volume = json.loads(made.out)
    assert (made.code, volume["state"], volume["mounted_by"]) == (0, "ready", [])
    await sandbox_with(emulator, "reader", volumes=[{"volumeId": volume["id"], "mountPath": "/home/daytona/in"}])

    (row,) = json.loads((await run("volumes", "list", "--json")).out)
    (user,) = row["mounted_by"]
    assert (user["name"], user["mounts"]) == ("reader", [{"path": "/home/daytona/in", "subpath": ""}])
    (row,) = json.loads((await run("volumes", "list", "--no-users", "--json")).out)
    assert row["mounted_by"] is None

    refused = await run("volumes", "delete", "data", "--yes")
    assert (refused.code, "reader has it mounted" in refused.err) == (1, True)
    assert (await run("volumes", "create", "")).code == 2
    taken = await run("volumes", "create", "data")
    assert (taken.code, "already exists" in taken.err) == (1, True)
    assert (await run("delete", "reader", "--yes")).code == 0
    gone = await run("volumes", "delete", "dat", "--yes", "--jsonl")
    assert json.loads(gone.out) == {"id": volume["id"], "name": "data", "verb": "delete", "status": "done"}
    assert (await run("volumes", "list", "--json")).out == b"[]\n"


async def test_secrets_never_tell_a_value(emulator: Emulator, run: Run, tmp_path: Path) -> None:
    (tmp_path / "value").write_text(VALUE, encoding="utf-8")
    words = ("secrets", "create", "KEY", "--host", "api.example.org,*.example.org", "--description", "of tests")
    made = await run(*words, "--value-env", "MINE", "--json", MINE=VALUE)
    assert made.code == 0, made.err
    secret = json.loads(made.out)
    assert secret["hosts"] == ["api.example.org", "*.example.org"]
    changed = await run("secrets", "set", "KEY", "--value-file", "value", "--json")
    assert {**json.loads(changed.out), "updated_at": ""} == {**secret, "updated_at": ""}

    await sandbox_with(emulator, "holder", secrets=[{"TOKEN": "KEY"}])
    seen = await run("secrets", "list", "--users", "--json")
    (row,) = json.loads(seen.out)
    assert [(each["name"], each["variables"]) for each in row["seen_in"]] == [("holder", ["TOKEN"])]
    dry = await run("secrets", "delete", "KEY", "--dry-run")
    assert "holder has it in TOKEN" in dry.err

    for refused, code, said in (
        (("secrets", "create", "KEY", "--value-env", "MINE"), 1, "already exists"),
        (("secrets", "create", "OTHER"), 2, "no terminal"),
        (("secrets", "create", "a b", "--value-env", "MINE"), 2, "letters, digits"),
        (("secrets", "create", "OTHER", "--value-env", "NOT_THERE"), 2, "no environment variable"),
        (("secrets", "create", "OTHER", "--value-file", "nowhere"), 2, "cannot be read"),
        (("secrets", "create", "OTHER", "--value-env", "MINE", "--value-stdin"), 2, "say one of"),
        (("secrets", "create", "OTHER", "--value-env", "MINE", "--host", "no host!"), 2, "is no host"),
        (("secrets", "delete", "NOPE", "--yes"), 5, "no secret is called"),
    ):
        outcome = await run(*refused, MINE=VALUE)
        assert outcome.code == code, outcome.err
        assert said in outcome.err
        assert VALUE not in outcome.err + outcome.out.decode()
    assert (await run("secrets", "delete", "KEY", "--yes")).code == 0
    for each in (made, changed, seen, dry):
        assert VALUE not in each.err + each.out.decode()


async def test_an_older_server_is_told_apart(run: Run, emulator: Emulator) -> None:
    from daytona_tui.emulator.mishaps.faults import FaultRule

    body = {"message": "Cannot GET /api/secret/paginated"}
    emulator.faults.add(FaultRule(path="*/secret/*", method="GET", status=404, body=body))
    outcome = await run("secrets", "list", "--json")
    told = json.loads(outcome.out)["error"]
    assert told["code"] == "unsupported"
    assert "this server has no secrets" in told["message"]
