"""How quick the emulator is: creation, list, exec, transfers, logs and start, each beside its aim.

    python benchmarks/emulator.py [MIB]

The emulator runs as its own process, started by the command; so does the plain aiohttp server that transfers are
compared with. ``MIB`` is the size of the transferred file, 1024 when left out. Single figures move with the machine,
ratios less.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web

CHUNK = 2**20
ROWS = 10_000
LINES = 1_000_000
BOUNDARY = "benchmark"


@dataclass(frozen=True)
class Running:
    """An emulator or a plain server in a process of its own."""

    pid: int
    origin: str
    api_key: str
    ready_s: float

    def memory_mib(self, field: str = "VmRSS") -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", encoding="utf-8")

    def session(self) -> aiohttp.ClientSession:
        headers = {"Authorization": f"Bearer {self.api_key}"}
        return aiohttp.ClientSession(self.origin, headers=headers, read_bufsize=CHUNK)


@contextmanager
def started(command: Sequence[str]) -> Iterator[Running]:
    begun = time.perf_counter()
    with subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        took = time.perf_counter() - begun
        try:
            yield Running(process.pid, ready["api_url"].removesuffix("/api"), ready["api_key"], took)
        finally:
            process.terminate()


def emulator(seed: str) -> list[str]:
    return ["-m", "daytona_tui.emulator", "--pace", "instant", "--seed", seed]


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def tell(name: str, values: Sequence[float], aim: float, unit: str = "ms") -> None:
    median, worst = statistics.median(values), percentile(values, 0.99)
    print(
        f"{name:44} median {median:8.1f} {unit}   p99 {worst:8.1f} {unit}   aim <= {aim:6.0f} {unit}   "
        f"{median / aim:5.2f} of it"
    )


async def timed(act: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await act()
    return (time.perf_counter() - begun) * 1000


async def pages(server: Running) -> list[float]:
    """Milliseconds of one page of 200, for every page of the fleet."""
    took = []
    async with server.session() as http:
        cursor = ""
        while cursor is not None:
            begun = time.perf_counter()
            async with http.get(
                "/api/sandbox", params={"limit": 200, **({"cursor": cursor} if cursor else {})}
            ) as answer:
                body = await answer.read()
            took.append((time.perf_counter() - begun) * 1000)
            cursor = json.loads(body)["nextCursor"]
    return took


async def creations(server: Running, rounds: int) -> list[float]:
    from daytona import AsyncDaytona, DaytonaConfig

    config = DaytonaConfig(
        api_key=server.api_key, api_url=f"{server.origin}/api", target="us", use_deprecated_polling=True
    )
    async with AsyncDaytona(config) as daytona:
        await daytona.create()  # the first one loads what both sides need
        return [await timed(daytona.create) for _ in range(rounds)]


async def new_sandbox(http: aiohttp.ClientSession) -> str:
    async with http.post("/api/sandbox", json={}) as answer:
        return str((await answer.json())["id"])


async def executions(server: Running, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of ``true`` through the toolbox, and of the bare subprocess, in turn."""
    async with server.session() as http:
        path = f"/toolbox/{await new_sandbox(http)}/process/execute"

        async def through() -> None:
            async with http.post(path, json={"command": "true"}) as answer:
                assert (await answer.json())["exitCode"] == 0

        async def bare() -> None:
            assert await (await asyncio.create_subprocess_shell("true")).wait() == 0

        await through()
        both = [(await timed(through), await timed(bare)) for _ in range(rounds)]
    return [each for each, _ in both], [each for _, each in both]


async def sent(http: aiohttp.ClientSession, path: str, file: Path, *, is_multipart: bool) -> float:
    """Seconds of uploading ``file``."""

    async def body() -> AsyncIterator[bytes]:
        if is_multipart:
            yield (
                f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files[0].path"\r\n\r\nlarge\r\n--{BOUNDARY}\r\n'
                'Content-Disposition: form-data; name="files[0].file"; filename="large"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n"
            ).encode()
        with file.open("rb") as source:
            while chunk := source.read(CHUNK):
                yield chunk
        if is_multipart:
            yield f"\r\n--{BOUNDARY}--\r\n".encode()

    kind = f"multipart/form-data; boundary={BOUNDARY}" if is_multipart else "application/octet-stream"
    begun = time.perf_counter()
    async with http.post(path, data=body(), headers={"Content-Type": kind}) as answer:
        assert answer.status == 200, await answer.text()
        await answer.read()
    return time.perf_counter() - begun


async def received(http: aiohttp.ClientSession, method: str, path: str, size: int, **request: object) -> float:
    """Seconds of downloading at least ``size`` bytes."""
    begun = time.perf_counter()
    got = 0
    async with http.request(method, path, timeout=aiohttp.ClientTimeout(total=None), **request) as answer:  # type: ignore[arg-type]
        assert answer.status == 200, await answer.text()
        async for chunk in answer.content.iter_any():
            got += len(chunk)
    assert size <= got < size + 4096, got
    return time.perf_counter() - begun


async def transfers(server: Running, plain: Running, file: Path) -> None:
    """Print throughput of both servers, in turn, and the emulator's memory."""
    size = file.stat().st_size
    up: dict[str, list[float]] = {"emulator": [], "plain": []}
    down: dict[str, list[float]] = {"emulator": [], "plain": []}
    async with server.session() as ours, plain.session() as theirs:
        box = f"/toolbox/{await new_sandbox(ours)}/files"
        async with ours.get(f"{box}?path=.") as answer:
            await answer.read()
        before = server.memory_mib()
        server.forget_peak()
        for turn in range(6):
            # Each writes a file that is not there yet: whose pages the system has at hand must not decide.
            Path(f"{file}.received").unlink(missing_ok=True)
            async with ours.delete(f"{box}?path=large") as answer:
                await answer.read()
            # Nor must the order: who comes second finds the disk busy with what the first has written.
            for name in ("plain", "emulator") if turn % 2 else ("emulator", "plain"):
                if name == "plain":
                    seconds = await sent(theirs, "/", file, is_multipart=False)
                else:
                    seconds = await sent(ours, f"{box}/bulk-upload", file, is_multipart=True)
                up[name].append(size / CHUNK / seconds)
            down["plain"].append(size / CHUNK / await received(theirs, "GET", "/", size))
            asked = {"json": {"paths": ["large"]}}
            down["emulator"].append(size / CHUNK / await received(ours, "POST", f"{box}/bulk-download", size, **asked))
        peak, after = server.memory_mib("VmHWM"), server.memory_mib()
    for name, rates in (("upload", up), ("download", down)):
        mine, other = (statistics.median(rates[each]) for each in ("emulator", "plain"))
        print(
            f"{f'{name} of {size // CHUNK} MiB':44} emulator {mine:6.0f} MiB/s  plain aiohttp {other:6.0f} MiB/s  "
            f"aim >= 0.70 of it   {mine / other:5.2f}"
        )
    print(
        f"{'memory of the emulator meanwhile':44} before {before:.0f} MiB, peak {peak:.0f} MiB, after {after:.0f} MiB"
    )


async def log_lines(server: Running, rounds: int) -> list[float]:
    """Lines a second of a followed log, from the start of the command to the end of the stream."""
    rates = []
    async with server.session() as http:
        session = f"/toolbox/{await new_sandbox(http)}/process/session"
        async with http.post(session, json={"sessionId": "s"}) as answer:
            assert answer.status == 201
        for _ in range(rounds):
            begun = time.perf_counter()
            asked = {"command": f"seq {LINES}", "runAsync": True}
            async with http.post(f"{session}/s/exec", json=asked) as answer:
                command = (await answer.json())["cmdId"]
            lines = 0
            async with http.ws_connect(f"{session}/s/command/{command}/logs?follow=true", max_msg_size=0) as stream:
                async for message in stream:
                    lines += message.data.count("\n" if message.type is aiohttp.WSMsgType.TEXT else b"\n")
            assert lines == LINES, lines
            rates.append(LINES / (time.perf_counter() - begun))
    return rates


def serve_plainly(file: str) -> None:
    """Serve one file and receive others, as simply as aiohttp allows."""

    async def receive(request: web.Request) -> web.Response:
        with Path(f"{file}.received").open("wb") as target:  # noqa: ASYNC230 - the plainest server there is
            async for chunk in request.content.iter_any():
                target.write(chunk)
        return web.Response()

    async def serve() -> None:
        app = web.Application(client_max_size=0)
        app.add_routes([web.get("/", lambda _: _file()), web.post("/", receive)])
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        print(json.dumps({"api_url": f"http://127.0.0.1:{port}", "api_key": "none"}), flush=True)
        await asyncio.Event().wait()

    async def _file() -> web.FileResponse:
        return web.FileResponse(file)

    asyncio.run(serve())


def measure(mib: int) -> None:
    ready = []
    for _ in range(5):
        with started(emulator(f"fleet:{ROWS}")) as server:
            ready.append(server.ready_s * 1000)
    tell(f"start with {ROWS} sandboxes, to the ready line", ready, 3000)
    with started(emulator(f"fleet:{ROWS}")) as server:
        tell(f"one page of 200 out of {ROWS}", asyncio.run(pages(server)), 25)
    with started(emulator("empty")) as server:
        tell("create to started, by the SDK", asyncio.run(creations(server, 100)), 30)
        through, bare = asyncio.run(executions(server, 100))
        print(f"{'the bare subprocess of `true`':44} median {statistics.median(bare):8.1f} ms")
        tell("exec of `true`, over that", [a - b for a, b in zip(through, bare, strict=True)], 15)
        rates = asyncio.run(log_lines(server, 3))
        rate = statistics.median(rates)
        name = f"a followed log of {LINES} lines"
        print(f"{name:44} median {rate:8.0f} lines/s   aim >= 100000   {rate / 1e5:5.2f} of it")
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as directory:
        file = Path(directory, "large")
        with file.open("wb") as target:
            for _ in range(mib):
                target.write(os.urandom(CHUNK))
        with started([__file__, "--plain", str(file)]) as plain, started(emulator("empty")) as server:
            asyncio.run(transfers(server, plain, file))


def main() -> None:
    warnings.simplefilter("ignore")
    if "--plain" in sys.argv:
        serve_plainly(sys.argv[-1])
    else:
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1024)


if __name__ == "__main__":
    main()
