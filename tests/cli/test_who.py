"""``who`` as a process: marks, audit log and what is mine."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
from tests.cli.conftest import Run
from tests.conftest import OpenEmulator

from daytona_tui.emulator.server import Emulator


async def made(emulator: Emulator, **fields: object) -> str:
    """Make a sandbox with the emulator's own key and return its name."""
    headers = {"Authorization": f"Bearer {emulator.api_key}", "X-Daytona-Source": "sdk-python-async"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{emulator.api_url}/sandbox", json=fields) as response,
    ):
        assert response.status < 300, await response.text()
        return str((await response.json())["name"])


async def test_marks_and_log_and_whose_it_is(emulator: Emulator, run: Run, home: Path) -> None:
    name = await made(emulator, name="hermes-fix", labels={"hermes_task_id": "fix"})

    told = await run("who", name)

    assert told.code == 0, told.err
    lines = dict(line.split(maxsplit=1) for line in told.out.decode().replace("made by", "made_by").splitlines())
    assert lines["owner"] == "hermes (certain: label hermes_task_id)"
    assert lines["run"] == "fix"
    assert lines["made_by"].startswith(f"local@localhost · key …{emulator.api_key[-3:]} · sdk-python-async")
    assert lines["mine"] == "yes: made with this key"
    assert emulator.api_key not in told.out.decode()

    answer = json.loads((await run("who", name, "--json")).out)
    assert answer["owner"] == {"name": "hermes", "run": "fix", "why": "label hermes_task_id", "confidence": "certain"}
    assert answer["made_by"]["actor"] == "local@localhost"
    assert answer["is_mine"] is True
    assert [path.name for path in home.rglob("audit.json")] == ["audit.json"]


async def test_what_the_log_has_nothing_of(run: Run) -> None:
    told = await run("who", "hermes-docs-crawl")
    assert told.code == 0
    assert "the audit log has nothing of it" in told.out.decode()
    assert "mine     not known" in told.out.decode()
    answer = json.loads((await run("who", "hermes-docs-crawl", "--json")).out)
    assert (answer["made_by"], answer["is_mine"]) == (None, False)
    assert answer["not_told"] == "the audit log has nothing of it"


async def test_a_key_that_may_not_read_the_log_still_tells_the_marks(
    open_emulator: OpenEmulator, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps([{"name": "reader", "key": "dtn_reader_0123456789", "permissions": []}]))
    file.chmod(0o600)
    emulator = await open_emulator(seed="demo", keys=file)
    told = await run(
        "who", "hermes-docs-crawl", DAYTONA_API_URL=emulator.api_url, DAYTONA_API_KEY="dtn_reader_0123456789"
    )
    assert told.code == 0, told.err
    assert "hermes (certain" in told.out.decode()
    assert "made by  no audit permission" in told.out.decode()


async def test_rules_of_the_settings_file_count(run: Run, home: Path) -> None:
    config = home / "config" / "daytona-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[[owners]]\nowner = "etl team"\nfilter = "name:nightly-*"\n\n[mine]\nowners = ["etl team"]\n')

    told = await run("who", "nightly-etl")

    assert "owner    etl team (user: your rule name:nightly-*)" in told.out.decode()
    assert "mine     yes: the settings say that etl team is mine" in told.out.decode()
    listed = json.loads((await run("list", "owner:'etl team'", "--json")).out)
    assert [each["name"] for each in listed] == ["nightly-etl"]
    doctor = (await run("doctor")).out.decode()
    assert "etl team: name:nightly-*" in doctor
    assert "mine: etl team" in doctor


async def test_a_rule_that_means_everything_is_refused(run: Run, home: Path) -> None:
    config = home / "config" / "daytona-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[mine]\nfilter = "name:*"\n')
    told = await run("who", "nightly-etl")
    assert told.code == 2
    assert "mine: filter 'name:*' would mean nearly every sandbox" in told.err
    assert not told.out


async def test_nobody_is_called_so(run: Run) -> None:
    told = await run("who", "nosuch")
    assert told.code == 5
    assert "no sandbox is called 'nosuch'" in told.err


async def test_hostile_text_stays_on_its_line(emulator: Emulator, run: Run) -> None:
    sandbox_id = next(iter(emulator.fleet.records))
    emulator.fleet.distort(sandbox_id, {"name": "evil\x1b[31m\nowner root", "labels": {"owner": "a\nb\x1b[2J"}})
    told = await run("who", sandbox_id)
    assert told.code == 0
    assert b"\x1b" not in told.out
    assert len(told.out.splitlines()) == 4
