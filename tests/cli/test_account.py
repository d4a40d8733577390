"""``regions``, ``quotas``, ``usage`` and ``audit`` as processes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.conftest import OpenEmulator

from daytona_tui.emulator.server import Emulator

NAME = "scratch"


async def test_the_account_is_read(run: Run, emulator: Emulator) -> None:
    assert [each["id"] for each in json.loads((await run("regions", "--json")).out)] == ["us", "eu"]
    assert (await run("regions")).out.splitlines()[0].split() == [b"ID", b"NAME", b"KIND", b"WHOSE"]
    quotas = [json.loads(line) for line in (await run("quotas", "--jsonl")).out.splitlines()]
    assert {"region", "sandbox_class", "resource", "used", "limit"} == set(quotas[0])
    assert {each["resource"] for each in quotas} >= {"cpu", "memory_gib", "disk_gib", "snapshots", "volumes"}
    assert b"REGION" in (await run("quotas")).out

    usage = json.loads((await run("usage", "--since", "30d", "--limit", "3", "--json")).out)
    assert len(usage["sandboxes"]) == 3
    assert usage["total"]["dollars"] >= sum(each["dollars"] for each in usage["sandboxes"])
    told = await run("usage", "--limit", "2")
    assert told.out.splitlines()[-1].startswith(b"sum ")
    assert "more are in the sum" in told.err
    assert (await run("usage", "--since", "1h", "--until", "2h")).code == 2

    assert (await run("preview", "public", NAME, "on")).code == 0
    rows = json.loads((await run("audit", "--target", NAME, "--limit", "1", "--json")).out)
    assert [(each["target_type"], each["failed"], each["actor"]) for each in rows] == [
        ("sandbox", False, "local@localhost")
    ]
    assert (await run("ssh", "create", "nightly-etl")).code == 0
    acts = json.loads((await run("audit", "--type", "sandbox", "--since", "1m", "--json")).out)
    assert [each["action"] for each in acts][:2] == ["create_ssh_access", "update_public_status"]
    assert (await run("audit", "--failed")).code == 0
    for words in (("audit", "--limit", "0"), ("usage", "--limit", "0"), ("usage", "--since", "soon")):
        assert (await run(*words)).code == 2
    nothing = await run("audit", "--action", "frobnicate")
    assert (nothing.code, nothing.out) == (0, b"")
    assert "has nothing of it" in nothing.err
    assert emulator.api_key not in (await run("audit", "--json")).out.decode()


async def test_a_key_that_may_not_read_the_account(open_emulator: OpenEmulator, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps([{"name": "reader", "key": "dtn_reader_0123456789", "permissions": []}]))
    file.chmod(0o600)
    emulator = await open_emulator(seed="demo", keys=file)
    there = {"DAYTONA_API_URL": emulator.api_url, "DAYTONA_API_KEY": "dtn_reader_0123456789"}
    told = await asyncio.gather(*(run(*words, "--json", **there) for words in (("quotas",), ("audit",))))
    for each in told:
        assert each.code == 4
        assert json.loads(each.out)["error"]["code"] == "key_refused"


async def test_a_server_that_has_none_of_it_says_so(open_emulator: OpenEmulator, run: Run) -> None:
    lacks = frozenset({"previews", "signed-previews", "ssh", "regions", "quotas", "usage", "audit"})
    emulator = await open_emulator(seed="demo", lacks=lacks)
    there = {"DAYTONA_API_URL": emulator.api_url, "DAYTONA_API_KEY": emulator.api_key}
    commands = (
        ("regions",),
        ("quotas",),
        ("usage",),
        ("audit",),
        ("preview", "link", NAME, "3000"),
        ("preview", "signed", NAME, "3000"),
        ("ssh", "create", NAME),
    )
    for words in commands:
        told = await run(*words, "--json", **there)
        assert told.code == 1, words
        error = json.loads(told.out)["error"]
        assert error["code"] == "unsupported"
        assert "this server " in error["message"], words
    assert (await run("ports", NAME, **there)).code == 0
