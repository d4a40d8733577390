"""``run-once``: what it prints and returns, and that no sandbox stays, at whatever stage and however it is killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from tests.cli.conftest import DEADLINE_S, Outcome, Run, finish, start
from tests.conftest import OpenEmulator
from tests.support.git_server import PASSWORD, USER, git_server

from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator

_GUARDIAN = b"daytona_tui.client.guardian"


def _left(emulator: Emulator) -> list[SandboxRecord]:
    return [each for each in emulator.fleet.records.values() if not each.is_hidden and "run-once" in each.name]


def _guardians(home: Path) -> list[int]:
    """Return the guardians that programs of this test have started."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            is_ours = f"HOME={home}".encode() in (place / "environ").read_bytes().split(b"\0")
            if is_ours and _GUARDIAN in (place / "cmdline").read_bytes().split(b"\0"):
                found.append(int(place.name))
    return found


async def _until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, f"not so in time: {what}"
        await asyncio.sleep(0.05)


async def _is_cleared(emulator: Emulator, home: Path) -> None:
    await _until(lambda: not _guardians(home), "the guardians end")
    assert _left(emulator) == []


# What it prints and returns


@pytest.mark.parametrize("emulator", ["empty"], indirect=True)
async def test_it_runs_prints_returns_the_code_and_leaves_nothing(
    emulator: Emulator, run: Run, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("taken along")
    program = "import sys; print(sys.argv[1:]); print('oh', file=sys.stderr); sys.exit(3)"
    ran, coded, told, keeps = await asyncio.gather(
        run("run-once", "--upload", "note.txt", "--env", "WHO=me", "--command", "cat note.txt; echo $WHO; exit 7"),
        run("run-once", "--code", "console.log(6*7)", "--language", "javascript", "--quiet"),
        run("run-once", "--json", "--preview", "8080", "--", "python3", "-c", program, "a b"),
        run("run-once", "--keep", "--command", "touch here"),
    )
    assert (ran.code, ran.out) == (7, b"taken alongme\n"), ran.err
    assert "asking for run-once-" in ran.err
    assert "deleted run-once-" in ran.err
    assert (coded.code, coded.out, coded.err) == (0, b"42\n", "")
    value = json.loads(told.out)
    assert (told.code, value["exit_code"], value["output"], value["errors"]) == (3, 3, "['a b']\n", "oh\n")
    assert (value["is_deleted"], value["is_kept"], value["is_timed_out"]) == (True, False, False)
    assert value["previews"][0]["port"] == 8080
    assert value["previews"][0]["url"] in told.err

    (kept,) = _left(emulator)
    assert f"kept: {kept.name} ({kept.id})" in keeps.err
    assert f"daytona-tui delete {kept.id} deletes it" in keeps.err
    assert (await run("delete", "--yes", f"id:{kept.id}")).code == 0
    await _is_cleared(emulator, home)


@pytest.mark.parametrize("emulator", ["empty"], indirect=True)
async def test_it_runs_in_a_repository_whose_login_stays_nowhere(
    emulator: Emulator, run: Run, home: Path, tmp_path: Path
) -> None:
    async with git_server(tmp_path / "served") as server:
        address = server.make("app", {"src/one.txt": "1\n"})
        look = "pwd; cat one.txt; git remote -v; env; cat ~/.git-credentials ~/.gitconfig .git/config ../.git/config"
        words = ("run-once", "--repo", address, "--branch", "main", "--cwd", "src", "--command", look)
        ran, refused = await asyncio.gather(
            run(*words, "--login-user", USER, "--token-env", "TOKEN", TOKEN=PASSWORD), run(*words, "--json")
        )
    assert b"/app/src\n1\n" in ran.out, ran.err
    assert PASSWORD not in ran.out.decode() + ran.err
    assert refused.code == 1
    assert json.loads(refused.out)["error"]["code"] == "git_login"
    await _is_cleared(emulator, home)


@pytest.mark.parametrize("emulator", ["empty"], indirect=True)
async def test_what_cannot_be_is_refused_and_what_fails_leaves_nothing(
    emulator: Emulator, run: Run, home: Path
) -> None:
    nothing, several, wrong, late, no_file = await asyncio.gather(
        run("run-once"),
        run("run-once", "--command", "a", "--code", "b"),
        run("run-once", "--snapshot", "nobodys", "--command", "true"),
        run("run-once", "--command", "sleep 60", "--timeout", "1"),
        run("run-once", "--command", "true", "--upload", "not-there"),
    )
    assert (nothing.code, several.code) == (2, 2)
    assert "there is nothing to run" in nothing.err
    assert "several programs" in several.err
    assert (wrong.code, late.code) == (1, 124), wrong.err + late.err
    assert "nobodys" in wrong.err
    assert no_file.code not in (0, 124), no_file.err
    emulator.faults.add(FaultRule(method="POST", path="/api/sandbox", drop=True))
    emulator.faults.add(FaultRule(method="POST", path="*/toolbox/*/process/*", status=500))
    await _is_cleared(emulator, home)


# However it ends


@dataclass(frozen=True)
class Stage:
    """Where a run is killed: what it is told, and the words after which it is."""

    words: tuple[str, ...]
    sign: bytes
    is_on_stdout: bool = False


SLEEPS = ("--command", "echo up; sleep 60")
STAGES = {
    "creating": Stage(SLEEPS, b"daytona-tui: creating"),
    "building": Stage(("--image", "debian:12", *SLEEPS), b"building its image"),
    "cloning": Stage(("--repo", "http://127.0.0.1:{port}/a/b.git", *SLEEPS), b"cloning http"),
    "uploading": Stage(("--upload", "large", *SLEEPS), b"uploading large"),
    "running": Stage(SLEEPS, b"up", is_on_stdout=True),
    "coding": Stage(("--code", "import time; time.sleep(60)"), b" runs\n"),
    "deleting": Stage(("--command", "echo bye"), b"bye", is_on_stdout=True),
}


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """A git server that takes connections and says nothing."""

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def slow(open_emulator: OpenEmulator, tmp_path: Path) -> Emulator:
    """An emulator at the natural pace, whose answers to creating and deleting take a moment."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(64 << 20)
    emulator = await open_emulator(seed="empty", pace="natural")
    emulator.faults.add(FaultRule(method="POST", path="/api/sandbox", delay_s=0.5))
    emulator.faults.add(FaultRule(method="DELETE", path="/api/sandbox/*", delay_s=0.5))
    return emulator


async def _killed_at(
    stage: Stage, numbers: tuple[signal.Signals, ...], emulator: Emulator, port: int, cwd: Path
) -> Outcome:
    words = [word.replace("{port}", str(port)) for word in stage.words]
    env = {"DAYTONA_API_URL": emulator.api_url, "DAYTONA_API_KEY": emulator.api_key}
    process = await start("run-once", *words, cwd=cwd, env=env)
    assert process.stdout is not None
    assert process.stderr is not None
    stream = process.stdout if stage.is_on_stdout else process.stderr
    said = b""
    async with asyncio.timeout(DEADLINE_S):
        while stage.sign not in said:
            piece = await stream.read(4096)
            assert piece, f"it ended before it came to {stage.sign!r}: {said!r}"
            said += piece
    outcome = await finish(process, signals=numbers)
    return Outcome(outcome.code, outcome.out, said.decode() + outcome.err)


@pytest.mark.parametrize("half", [("creating", "building", "cloning"),
                                  ("uploading", "running", "coding", "deleting")], ids=["making", "using"])  # fmt: skip
async def test_killed_at_every_stage_it_leaves_no_sandbox(
    slow: Emulator, half: tuple[str, ...], silent_port: int, home: Path, tmp_path: Path
) -> None:
    killed = [_killed_at(STAGES[each], (signal.SIGKILL,), slow, silent_port, tmp_path) for each in half]
    outcomes = await asyncio.gather(*killed)
    assert {outcome.code for outcome in outcomes} == {-signal.SIGKILL}
    await _is_cleared(slow, home)


async def test_killed_while_it_is_asked_for_it_leaves_no_sandbox_that_comes_late(
    open_emulator: OpenEmulator, home: Path, tmp_path: Path
) -> None:
    emulator = await open_emulator(seed="empty")
    asked = emulator.faults.add(FaultRule(method="POST", path="/api/sandbox", silent=True))
    env = {"DAYTONA_API_URL": emulator.api_url, "DAYTONA_API_KEY": emulator.api_key}
    process = await start("run-once", *SLEEPS, cwd=tmp_path, env=env)
    await _until(lambda: asked.hits, "it asks")
    outcome = await finish(process, signals=(signal.SIGKILL,))
    assert len(_guardians(home)) == 1

    emulator.faults.clear()  # the server comes round to it, and nobody is there any more
    name = outcome.err.partition("asking for ")[2].split()[0]
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    url = f"{emulator.api_url}/sandbox"
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json={"name": name}) as answer:
        assert answer.status == 200
    await _is_cleared(emulator, home)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_ended_by_a_signal_it_deletes_the_sandbox_itself(
    slow: Emulator, number: signal.Signals, silent_port: int, home: Path, tmp_path: Path
) -> None:
    stages = ("creating", "running", "deleting")
    outcomes = await asyncio.gather(
        *(_killed_at(STAGES[each], (number,), slow, silent_port, tmp_path) for each in stages)
    )
    for stage, outcome in zip(stages, outcomes, strict=True):
        # A signal that comes while the program ends by itself changes nothing any more.
        assert outcome.code in (128 + number, *([0] if stage == "deleting" else [])), (stage, outcome)
        assert "deleted run-once-" in outcome.err, (stage, outcome)
    assert _left(slow) == []
    await _is_cleared(slow, home)


@pytest.mark.parametrize("emulator", ["empty"], indirect=True)
async def test_a_reader_that_goes_away_ends_it_and_nothing_stays(
    emulator: Emulator, env: dict[str, str], home: Path, tmp_path: Path
) -> None:
    process = await start("run-once", "--command", "yes; true", cwd=tmp_path, env=env)
    assert process.stdout is not None
    await process.stdout.readexactly(1000)
    process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]  # there is no public way
    async with asyncio.timeout(DEADLINE_S):
        assert await process.wait() == 141
    await _is_cleared(emulator, home)


async def test_no_process_shows_the_key_and_without_the_guardian_the_sandbox_goes_by_itself(
    open_emulator: OpenEmulator, home: Path, tmp_path: Path
) -> None:
    emulator = await open_emulator(seed="empty")
    env = {"DAYTONA_API_URL": emulator.api_url, "DAYTONA_API_KEY": emulator.api_key}
    process = await start("run-once", *SLEEPS, cwd=tmp_path, env=env)
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        await process.stdout.readexactly(2)
    (guardian,) = _guardians(home)
    for name in ("cmdline", "environ"):
        assert emulator.api_key.encode() not in Path(f"/proc/{guardian}/{name}").read_bytes()
    assert os.getsid(guardian) == guardian

    os.kill(guardian, signal.SIGTERM)  # does not move it
    os.kill(guardian, signal.SIGKILL)
    await finish(process, signals=(signal.SIGKILL,))
    (left,) = _left(emulator)
    assert (left.auto_stop, left.auto_delete) == (15, 0)
    assert left.auto_destroy_at is not None

    def is_left_behind() -> bool:
        # The end of its last request is activity as well, and may come after the clock has been put forward.
        emulator.fleet.clock.advance(20 * 60)
        return not _left(emulator)

    await _until(is_left_behind, "its own timers delete it")


# What was never asked for


@pytest.fixture
async def refusing_port() -> AsyncIterator[int]:
    """A proxy that makes no connections."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_what_never_came_to_the_server_needs_no_guardian_any_more(
    run: Run, refusing_port: int, unused_tcp_port: int, home: Path
) -> None:
    nobody = f"http://127.0.0.1:{unused_tcp_port}/api"
    proxy = f"http://127.0.0.1:{refusing_port}"
    outcomes = await asyncio.gather(
        run("run-once", "--command", "true", DAYTONA_API_URL=nobody),
        run("run-once", "--command", "true", DAYTONA_API_URL="http://nowhere.invalid/api", NO_PROXY="*", no_proxy="*"),
        run("run-once", "--command", "true", DAYTONA_API_URL="https://far.invalid/api", HTTPS_PROXY=proxy,
            https_proxy=proxy, NO_PROXY="", no_proxy=""),
    )  # fmt: skip
    for outcome, words in zip(outcomes, ("refused", "cannot be found", "the proxy makes no connection"), strict=True):
        assert outcome.code == 3, outcome
        assert words in outcome.err
        assert "guardian" not in outcome.err
    await _until(lambda: not _guardians(home), "the guardians end, as there is nothing to wait for")


@pytest.mark.parametrize("emulator", ["empty"], indirect=True)
async def test_an_answer_that_is_lost_keeps_the_guardian(emulator: Emulator, run: Run, home: Path) -> None:
    emulator.faults.add(FaultRule(method="POST", path="/api/sandbox", drop=True))
    outcome = await run("run-once", "--command", "true")
    assert outcome.code == 3, outcome
    assert "guardian" in outcome.err
    (guardian,) = _guardians(home)
    os.kill(guardian, signal.SIGKILL)
