"""``create`` as a process: orders from flags, files and standard input, and what an interruption leaves behind."""

from __future__ import annotations

import asyncio
import json
import signal
import tomllib
from pathlib import Path

from tests.cli.conftest import Run, finish, start
from tests.conftest import OpenEmulator

from daytona_tui.emulator.server import Emulator


async def test_an_order_goes_to_a_file_and_back_and_another_like_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nRUN echo from the build\n")
    (tmp_path / "note.txt").write_text("hello")
    flags = ("--dockerfile", "Dockerfile", "--cpu", "2", "--env", "TASTE", "--label", "team=a", "--upload", "note.txt")
    dry = await run("create", *flags, "--dry-run", TASTE="sweet")
    assert dry.code == 0, dry.err
    order = tomllib.loads(dry.out.decode())
    assert order == {
        "dockerfile": str(tmp_path / "Dockerfile"), "cpu": 2, "env": ["TASTE=sweet"], "label": ["team=a"],
        "upload": ["note.txt"],
    }  # fmt: skip
    (tmp_path / "order.toml").write_bytes(dry.out)

    made = await run("create", "--from-file", "order.toml", "--name", "one", "--ttl", "2h", "--json")
    assert made.code == 0, made.err
    assert "from the build" in made.err
    told = json.loads(made.out)
    assert (told["name"], told["state"], told["cpu"], told["ignored"]) == ("one", "started", 2, [])
    assert told["destroy_at"] is not None
    assert (await run("exec", "one", "--", "cat note.txt; echo $TASTE")).out == b"hellosweet\n"

    like = await run("create", "--like", "one", "--dry-run", "--json")
    again = json.loads(like.out)["order"]
    assert again["dockerfile_text"] == "FROM debian:12\nRUN echo from the build\n"
    assert (again["label"], again["env"], again["cpu"]) == (["team=a"], ["TASTE=sweet"], 2)
    assert "it has a time to live" in like.err
    other = await run("create", "--like", "one", "--snapshot", "daytona-small", "--dry-run")
    assert "dockerfile" not in other.out.decode()
    assert "cpu" not in other.out.decode()


async def test_what_is_wrong_is_refused_before_anything_is_asked_for(
    run: Run, emulator: Emulator, tmp_path: Path
) -> None:
    before = len(emulator.fleet.records)
    (tmp_path / "bad.toml").write_text("colour = 'red'\n")
    for words, code, said in (
        (("--cpu", "2", "--auto-stop", "soon"), 2, "--auto-stop: 15m, 2h, 7d or off"),
        (("--from-file", "bad.toml"), 2, "'colour' is nothing that can be said"),
        (("--from-file", "missing.toml"), 2, "cannot be read"),
        (("--env", "NOT_SET_HERE"), 2, "is not set here"),
        (("--upload", "missing"), 6, "cannot be read here"),
        (("--repo", "a/b", "--no-wait"), 2, "leave --no-wait out"),
        (("--language", "cobol"), 2, "cobol"),
        (("--image", ""), 2, "it is empty"),
        (("--like", "no-such-sandbox"), 5, "no-such-sandbox"),
    ):
        told = await run("create", *words, "--json")
        assert (told.code, said in told.err) == (code, True), told.err
        assert json.loads(told.out)["error"]["exit_code"] == code
    assert (await run("create", "--name", "x", "--read-only")).code == 2
    assert len(emulator.fleet.records) == before


async def test_ctrl_c_names_what_is_left_behind(open_emulator: OpenEmulator, tmp_path: Path) -> None:
    emulator = await open_emulator(seed="empty", pace="natural")
    env = {"DAYTONA_API_URL": emulator.api_url, "DAYTONA_API_KEY": emulator.api_key}
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nRUN sleep 60\n")
    process = await start("create", "--name", "slow", "--dockerfile", "Dockerfile", cwd=tmp_path, env=env)
    async with asyncio.timeout(30):
        while not any(each.state == "building_snapshot" for each in emulator.fleet.records.values()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    told = await finish(process, signals=(signal.SIGINT,))
    (record,) = emulator.fleet.records.values()
    assert told.code == 130
    assert told.out == b""
    assert f"daytona-tui delete {record.id} takes away what is left behind: slow" in told.err


async def test_a_context_of_another_directory_is_told_and_sent(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    for name in ("app/data.txt", "app/.env", "elsewhere/Dockerfile"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("FROM python:3.12-slim\nCOPY . /app\n")
    flags = ("--dockerfile", "elsewhere/Dockerfile", "--context", "app")

    refused = await run("create", *flags, "--dry-run", "--json")
    planned = await run("create", *flags, "--context-secrets", "--dry-run", "--json")
    (tmp_path / "app/.env").unlink()
    ran = await run("run-once", *flags, "--quiet", "--command", "ls -A /app")

    assert refused.code == 2
    assert ".env" in refused.err
    told = json.loads(planned.out)["context"]
    assert (told["files"], told["bytes"], told["suspects"]) == (2, 68, [".env"])
    assert (ran.code, ran.out) == (0, b"data.txt\n"), ran.err
    left = [each.name for each in emulator.fleet.records.values() if each.state != "destroyed"]
    assert not [name for name in left if name.startswith("run-once")]
