"""Ends without a farewell: what was answered is there again, and nothing of the life before goes on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from daytona_tui.emulator.state.recovery import UNCOPIED

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")

Eventually = Callable[..., Awaitable[None]]
ENDED = "The emulator ended while the sandbox was "
WORKERS = 5
UNKNOWN = object()


@dataclass
class Served:
    """A running emulator process."""

    process: asyncio.subprocess.Process
    url: str
    http: aiohttp.ClientSession

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self.http.request(method, f"{self.url}{path}", **options) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def sandboxes(self) -> dict[str, Any]:
        _status, page = await self.ask("GET", "/api/sandbox?limit=200&includeErroredDeleted=true")
        return {row["id"]: row for row in page["items"]}


@asynccontextmanager
async def serve(state: Path, *options: str, limit_bytes: int | None = None) -> AsyncIterator[Served]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "daytona_tui.emulator", "--pace", "instant", "--state-dir", str(state), *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        preexec_fn=None if limit_bytes is None else lambda: _limit_files(limit_bytes),
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            ready = json.loads(await process.stdout.readline())
        headers = {"Authorization": f"Bearer {ready['api_key']}"}
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(30)) as http:
            yield Served(process, ready["api_url"].removesuffix("/api"), http)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def _limit_files(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@dataclass
class Known:
    """What a client was told of one sandbox; ``UNKNOWN`` while a change is asked for and not answered."""

    labels: object = field(default_factory=dict)
    state: object = "started"
    files: dict[str, object] = field(default_factory=dict)


class Storm:
    """Clients that create, label, fill, stop, start and delete sandboxes until the emulator is gone."""

    def __init__(self, served: Served, seed: int) -> None:
        self._served = served
        self._chance = random.Random(seed)
        self.known: dict[str, Known] = {}
        self.answers = 0

    async def blow(self) -> None:
        async def work() -> None:
            with contextlib.suppress(aiohttp.ClientError, asyncio.IncompleteReadError):
                while True:
                    await self._live_one_life()

        await asyncio.gather(*(work() for _ in range(WORKERS)))

    async def _live_one_life(self) -> None:
        status, body = await self._ask("POST", "/api/sandbox", json={"labels": {"n": "0"}})
        assert status == 200, body
        sandbox_id = body["id"]
        known = self.known[sandbox_id] = Known(labels={"n": "0"})
        for number in range(self._chance.randrange(2, 7)):
            deed = self._chance.choice([self._label, self._label, self._fill, self._stop_or_start])
            await deed(sandbox_id, known, str(number))
        if self._chance.random() < 0.4:
            known.state = UNKNOWN
            await self._ask("DELETE", f"/api/sandbox/{sandbox_id}")
            known.state = "gone"

    async def _label(self, sandbox_id: str, known: Known, word: str) -> None:
        labels, known.labels = {"n": word, "long": "x" * 500}, UNKNOWN
        status, _ = await self._ask("PUT", f"/api/sandbox/{sandbox_id}/labels", json={"labels": labels})
        assert status == 200
        known.labels = labels

    async def _fill(self, sandbox_id: str, known: Known, word: str) -> None:
        if known.state != "started":
            return
        content, known.files[f"file-{word}"] = word * 20_000, UNKNOWN
        form = aiohttp.FormData()
        form.add_field("files[0].path", f"file-{word}")
        form.add_field("files[0].file", content.encode(), filename="x")
        status, _ = await self._ask("POST", f"/toolbox/{sandbox_id}/files/bulk-upload", data=form)
        assert status == 200
        known.files[f"file-{word}"] = content

    async def _stop_or_start(self, sandbox_id: str, known: Known, _word: str) -> None:
        verb, after = ("stop", "stopped") if known.state == "started" else ("start", "started")
        known.state = UNKNOWN
        status, body = await self._ask("POST", f"/api/sandbox/{sandbox_id}/{verb}?force=true")
        assert (status, body["state"]) == (200, after)
        known.state = after

    async def _ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        answer = await self._served.ask(method, path, **options)
        self.answers += 1
        return answer


def processes_of(sandbox_ids: set[str]) -> list[int]:
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            with contextlib.suppress(OSError):
                lines = (each / "environ").read_bytes().split(b"\0")
                ids = {line.partition(b"=")[2].decode() for line in lines if line.startswith(b"DAYTONA_SANDBOX_ID=")}
                if ids & sandbox_ids:
                    found.append(int(each.name))
    return found


def children_of(parent: int) -> list[int]:
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(each.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(each.parent.name))
    return found


def assert_sound(state: Path) -> None:
    with contextlib.closing(sqlite3.connect(state / "state.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def assert_kept(state: Path, rows: dict[str, Any], sandbox_id: str, known: Known) -> None:
    row = rows.get(sandbox_id)
    body = state / "sandboxes" / sandbox_id
    if known.state == "gone" or (known.state is UNKNOWN and row is None):
        assert row is None
        assert not body.exists()
        return
    assert row is not None, f"sandbox {sandbox_id} was answered and is lost"
    assert row["state"] == "stopped"
    if known.state == "started":
        assert row["errorReason"] == f"{ENDED}running"
    elif known.state == "stopped":
        assert "errorReason" not in row or not row["errorReason"].startswith(ENDED)
    if known.labels is not UNKNOWN:
        assert row["labels"] == known.labels
    for name, content in known.files.items():
        if content is not UNKNOWN:
            assert (body / "home" / name).read_text() == content


async def live_and_be_killed(state: Path, seed: int, earlier: dict[str, Known], eventually: Eventually) -> Storm:
    """Start, look whether all is there, and be killed in the middle of a storm."""
    async with serve(state) as served:
        rows = await served.sandboxes()
        for sandbox_id, each in earlier.items():
            assert_kept(state, rows, sandbox_id, each)
        storm = Storm(served, seed)
        blowing = asyncio.create_task(storm.blow())
        await eventually(lambda: storm.answers >= 15 or blowing.done())
        await asyncio.sleep(random.Random(seed).uniform(0, 0.7))
        if blowing.done():
            await blowing
        served.process.kill()
        await served.process.wait()
        await blowing
    assert_sound(state)
    return storm


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_everything_answered_survives_a_kill(tmp_path: Path, seed: int, eventually: Eventually) -> None:
    known: dict[str, Known] = {}
    for life in range(2):
        storm = await live_and_be_killed(tmp_path, seed * 10 + life, known, eventually)
        known |= {sandbox_id: each for sandbox_id, each in storm.known.items()}
    await eventually(lambda: not processes_of(set(known)), within=10)

    async with serve(tmp_path) as served:
        rows = await served.sandboxes()
        for sandbox_id, each in known.items():
            assert_kept(tmp_path, rows, sandbox_id, each)
        assert {each.name for each in (tmp_path / "sandboxes").iterdir()} <= set(rows)
        one = next(sandbox_id for sandbox_id, row in rows.items() if row["state"] == "stopped")
        assert (await served.ask("POST", f"/api/sandbox/{one}/start"))[1]["state"] == "started"
        command = {"command": "echo alive"}
        assert (await served.ask("POST", f"/toolbox/{one}/process/execute", json=command))[1]["result"] == "alive\n"
        served.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await served.process.wait() == 0
    assert len(known) >= 10


async def test_a_fork_that_was_being_copied_is_no_half_of_its_parent(tmp_path: Path, eventually: Eventually) -> None:
    bodies = tmp_path / "sandboxes"
    async with serve(tmp_path) as served:
        _status, parent = await served.ask("POST", "/api/sandbox", json={"snapshot": "daytona-vm"})
        command = {"command": "sh -c 'mkdir many && cd many && seq 20000 | xargs touch'"}
        await served.ask("POST", f"/toolbox/{parent['id']}/process/execute", json=command)
        asking = asyncio.create_task(served.ask("POST", f"/api/sandbox/{parent['id']}/fork", json={}))
        await eventually(lambda: len(list(bodies.iterdir())) > 1)
        served.process.kill()
        await asyncio.wait([asking])
        assert isinstance(asking.exception(), aiohttp.ClientError)

    async with serve(tmp_path) as served:
        rows = await served.sandboxes()
        (fork,) = (row for row in rows.values() if row["id"] != parent["id"])
        assert (fork["state"], fork["errorReason"]) == ("error", UNCOPIED)
        assert [each.name for each in bodies.iterdir()] == [parent["id"]]
        assert (await served.ask("DELETE", f"/api/sandbox/{fork['id']}"))[0] == 200
        assert (await served.ask("DELETE", f"/api/sandbox/{parent['id']}"))[0] == 200


async def test_a_start_ends_what_nobody_else_could_end(tmp_path: Path, eventually: Eventually) -> None:
    async with serve(tmp_path, "--isolation", "plain") as served:
        _status, sandbox = await served.ask("POST", "/api/sandbox", json={})
        command = {"command": "nohup setsid sleep 987654 >/dev/null 2>&1 & echo gone"}
        await served.ask("POST", f"/toolbox/{sandbox['id']}/process/execute", json=command)
        await eventually(lambda: processes_of({sandbox["id"]}))
        [sleeper] = processes_of({sandbox["id"]})
        helpers = children_of(served.process.pid)  # the watchdog and the keepers, which would end it
        assert helpers
        for pid in helpers:
            os.kill(pid, signal.SIGKILL)
        served.process.kill()
        await served.process.wait()
    assert processes_of({sandbox["id"]}) == [sleeper]

    async with serve(tmp_path, "--isolation", "plain"):
        assert processes_of({sandbox["id"]}) == []


async def test_when_nothing_more_can_be_written_it_is_said_and_the_emulator_lives(tmp_path: Path) -> None:
    async with serve(tmp_path, limit_bytes=200_000) as served:
        _status, sandbox = await served.ask("POST", "/api/sandbox", json={})
        path = f"/api/sandbox/{sandbox['id']}/labels"
        answered, status = "", 200
        for number in range(200):
            word = f"{number}-" + "x" * 5000
            status, body = await served.ask("PUT", path, json={"labels": {"is": word}})
            if status != 200:
                break
            answered = word

        assert status == 507
        assert "could not be kept" in body["message"]
        assert answered
        assert (await served.ask("GET", f"/api/sandbox/{sandbox['id']}"))[0] == 200
        served.process.kill()
    assert_sound(tmp_path)
    async with serve(tmp_path) as served:
        _status, again = await served.ask("GET", f"/api/sandbox/{sandbox['id']}")
        assert again["labels"]["is"] == answered


@pytest.mark.parametrize(
    ("number", "delay_s"),
    [
        *((signal.SIGTERM, delay_s) for delay_s in (0.0, 0.03, 0.1, 0.2)),
        *((signal.SIGINT, delay_s) for delay_s in (0.01, 0.06, 0.15)),
    ],
)
async def test_a_signal_during_the_start_is_a_clean_end(
    tmp_path: Path, delay_s: float, number: signal.Signals, eventually: Eventually
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "daytona_tui.emulator", "--seed", "demo", "--state-dir", str(tmp_path / "state")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    status = Path(f"/proc/{process.pid}/status")
    await eventually(lambda: _catches(status, signal.SIGTERM))
    await asyncio.sleep(delay_s)
    process.send_signal(number)
    async with asyncio.timeout(20):
        _out, err = await process.communicate()

    assert (process.returncode, err) == (0, b"")
    assert not list(tmp_path.glob("daytona-emulator-*"))
    async with serve(tmp_path / "state") as served:  # what it may have begun does not stand in the way
        assert (await served.ask("GET", "/api/health"))[0] == 200


def _catches(status: Path, number: signal.Signals) -> bool:
    line = next(line for line in status.read_text().splitlines() if line.startswith("SigCgt:"))
    return bool(int(line.split()[1], 16) >> (number - 1) & 1)
