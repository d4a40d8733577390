"""How the program fares with ten thousand sandboxes: start from the kept fleet, loading, keys, storms, memory, rest.

    python benchmarks/fleet.py [ROWS]

The emulator runs in a process of its own; the program is the installed one, in a real pseudo-terminal. *Key to frame*
is the time from writing a key to the end of the first frame that shows what it did. Single figures move with the
machine, ratios of one run less.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from first_paint import judge

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.operations.fleet_cache import PER_LINE
from daytona_tui.store.fleet import FleetStore
from terminal import Probe, Terminal, latencies

PROGRAM = [str(Path(sys.executable).with_name("daytona-tui"))]
ROUND_TRIP_S = 0.05
KEY_EVERY_S = 0.1
KEYS = 200
STORM = 1000
"""Events a second."""
STORM_S = 10


class Server:
    """An emulator in a process of its own that can be slow, and can change a thousand sandboxes a second."""

    def __init__(self, process: subprocess.Popen[str], ready: dict[str, str]) -> None:
        self._process = process
        self.url, self.key = ready["api_url"], ready["api_key"]
        self.env = {"DAYTONA_API_URL": self.url, "DAYTONA_API_KEY": self.key}

    def slow_down(self, seconds: float) -> None:
        self._ask("DELETE", "faults", None)
        if seconds:
            self._ask("POST", "faults", {"path": "/api/*", "delay_s": seconds})

    def storm(self, seconds: float) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()

    def _ask(self, method: str, path: str, body: object) -> None:
        request = urllib.request.Request(
            f"{self.url.removesuffix('/api')}/_emulator/{path}",
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request):
            pass


@contextmanager
def serving(seed: str) -> Iterator[Server]:
    command = [sys.executable, __file__, "--serve", seed]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Server(process, json.loads(process.stdout.readline()))
        finally:
            process.terminate()


async def serve(seed: str) -> None:
    """Run an emulator; every line on stdin is the length of a storm of changes in seconds."""
    from daytona_tui.emulator.server import Emulator, EmulatorOptions

    async with Emulator(EmulatorOptions(seed=seed, pace="instant", control=True)) as emulator:
        print(json.dumps({"api_url": emulator.api_url, "api_key": emulator.api_key}), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            await storm(emulator.fleet, float(line))


async def storm(fleet: Any, seconds: float) -> None:
    records = itertools.cycle([record for record in fleet.records.values() if record.state in ("stopped", "archived")])
    began = time.perf_counter()
    sent = 0
    while (passed := time.perf_counter() - began) < seconds:
        while sent < passed * STORM:
            record = next(records)
            fleet.change(record, state="archived" if record.state == "stopped" else "stopped")
            sent += 1
        await asyncio.sleep(0.005)


# What is measured


def measure(rows: int) -> None:
    with serving("empty") as empty, serving(f"fleet:{rows}") as server, tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        asyncio.run(compare_loading(server, rows))
        keep(server, home, rows)
        start_from_what_was_kept(server, home)
        little = rest(empty, home / "empty")
        with Terminal(PROGRAM, home, server.env) as program:
            program.watch(8)
            much = program.memory_mib()
            tell("memory over that of an empty fleet", [much - little], 60, "MiB")
            idle(program)
            keys(program, server)


def keep(server: Server, home: Path, rows: int) -> None:
    """Let the program list the fleet once, so that it is kept."""
    with Terminal(PROGRAM, home, server.env) as program:
        for _ in range(60):
            program.watch(0.5)
            kept = list(home.rglob("fleet.jsonl"))
            if kept and kept[0].read_bytes().count(b"\n") > rows // PER_LINE:
                return
    raise AssertionError("the fleet was not kept")


def start_from_what_was_kept(server: Server, home: Path, runs: int = 9) -> None:
    server.slow_down(3)  # nothing but what was kept can be painted
    painted, filled = [], []
    for number in range(runs + 1):
        with Terminal(PROGRAM, home, server.env) as program:
            program.watch(2)
            run = judge(program.chunks)
        if number:  # the first one warms the caches
            painted.append(run.painted_s * 1000)
            filled.append(run.filled_s * 1000)
    server.slow_down(0)
    tell("start to first paint, from the kept fleet", painted, 600)
    tell("start to every row of the screen painted", filled, 600)


async def compare_loading(server: Server, rows: int, rounds: int = 5) -> None:
    """The whole fleet at a round trip of 50 ms: gateway and store against bare aiohttp and json."""
    import aiohttp

    gateway = open_gateway(Connection(server.url, Secret(server.key)))
    await gateway.identify()
    server.slow_down(ROUND_TRIP_S)
    headers = {"Authorization": f"Bearer {server.key}"}

    async def ours() -> int:
        store = FleetStore()
        store.begin_listing()
        async for page in gateway.list_pages():
            store.apply_page(page)
        return len(store.fleet)

    async with aiohttp.ClientSession(headers=headers) as session:

        async def bare() -> int:
            count, query = 0, {"limit": "200", "sort": "name", "order": "asc"}
            while True:
                async with session.get(f"{server.url}/sandbox", params=query) as answer:
                    body = json.loads(await answer.read())
                count += len(body["items"])
                if not body["nextCursor"]:
                    return count
                query["cursor"] = body["nextCursor"]

        ratios, own, floor = [], [], []
        for _ in range(rounds):
            own.append(await timed(ours, rows))
            floor.append(await timed(bare, rows))
            ratios.append(own[-1] / floor[-1])
    await gateway.close()
    server.slow_down(0)
    tell("bare aiohttp and json, whole fleet at 50 ms", floor, 0)
    tell("gateway and store, whole fleet at 50 ms", own, 0)
    tell("ratio", ratios, 1.3, "x")


async def timed(run: Callable[[], Awaitable[int]], rows: int) -> float:
    began = time.perf_counter()
    assert await run() == rows
    return (time.perf_counter() - began) * 1000


def rest(empty: Server, home: Path) -> float:
    home.mkdir()
    with Terminal(PROGRAM, home, empty.env) as program:
        program.watch(8)
        return program.memory_mib()


def idle(program: Terminal, seconds: float = 60) -> None:
    """Long enough for a listing: with the feed there is one a minute or so."""
    before = program.cpu_s()
    program.watch(seconds)
    tell("idle, share of a core", [(program.cpu_s() - before) / seconds * 100], 2, "%")


def keys(program: Terminal, server: Server) -> None:
    program.press(b"1")
    program.watch(1)
    press(program, "scrolling: j at the end of the page", [b"j"] * KEYS, under_cursor)
    press(program, "scrolling: page down", [b"\x1b[6~"] * (KEYS // 4), under_cursor)
    press(program, "sorting: O", [b"O"] * (KEYS // 2), first_rows, 0.2)
    program.press(b"g")
    program.press(b"/")
    program.watch(1)
    typed = [key for letter in b"abcdefgimnorst" for key in (bytes([letter]), b"\x7f")]
    press(program, "filtering: a letter, and back", typed * (KEYS // 2 // len(typed)), first_rows, 0.2)
    program.press(b"\x1b")
    program.watch(1)
    for _ in range(10):
        program.press(b"j")
    program.watch(1)
    server.storm(STORM_S)
    program.watch(0.3)
    before = program.cpu_s()
    back_and_forth = [b"j", b"k"] * int((STORM_S - 0.5) / KEY_EVERY_S / 2)
    press(program, f"a key while {STORM} events a second arrive", back_and_forth, under_cursor, aims=(0, 50))
    share = (program.cpu_s() - before) / (len(back_and_forth) * KEY_EVERY_S)
    tell("processor meanwhile, share of a core", [share * 100], 0, "%")


def press(
    program: Terminal,
    name: str,
    pressed: Sequence[bytes],
    probe: Probe,
    every_s: float = KEY_EVERY_S,
    aims: tuple[float, float] = (16, 33),
) -> None:
    times = program.press_all(pressed, every_s)
    program.watch(0.5)
    took = latencies(program.chunks, times, probe)
    p99 = percentile(took, 0.99)
    aim = f"aim <= {aims[0]:.0f} and {aims[1]:.0f} ms" if aims[0] else f"aim p99 <= {aims[1]:.0f} ms"
    missed = f"   {len(times) - len(took)} changed nothing" if len(took) < len(times) else ""
    print(
        f"{name:44} median {statistics.median(took):8.1f} ms   p99 {p99:8.1f} ms   max {max(took):7.1f} ms   {aim}"
        f"   n={len(took)}{missed}",
        flush=True,
    )


def under_cursor(lines: list[str]) -> object:
    return next(((number, line[:30]) for number, line in enumerate(lines) if "▌" in line), None)


def first_rows(lines: list[str]) -> object:
    return [line[:30] for line in lines[2:30]]


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def tell(name: str, values: Sequence[float], aim: float, unit: str = "ms") -> None:
    median = statistics.median(values)
    spread = f"p99 {percentile(values, 0.99):8.1f} {unit}" if len(values) > 1 else " " * (13 + len(unit))
    goal = f"   aim <= {aim:6.1f} {unit}   {median / aim:5.2f} of it" if aim else ""
    print(f"{name:44} median {median:8.2f} {unit}   {spread}{goal}", flush=True)


def main() -> None:
    warnings.simplefilter("ignore")
    if "--serve" in sys.argv:
        asyncio.run(serve(sys.argv[-1]))
    else:
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)


if __name__ == "__main__":
    main()
