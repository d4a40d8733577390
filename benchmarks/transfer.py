"""How quick pulls and pushes are, beside the SDK, a raw stream, and cp: at 0, 50 and 150 ms of added round trip.

    python benchmarks/transfer.py [--quick] [--size MIB] [--only WORD ...]

The emulator runs in a process of its own, and so does the relay that puts it further away (``far_away.py``); all files
lie in memory (``/dev/shm``) where there is room. Every other way is measured in turn with ours. What would take minutes
is done for a part and scaled, and says so. Words for ``--only``: big small repository deep empty push again alone keys.
Single figures move with the machine, ratios of one run less.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import transfer_ways as ways
from far_away import far_away
from fleet import under_cursor
from transfer_ways import ALL, BY_SIZE, PIECE, Line, Machine, ours, pulled, pushed, raw, raw_up, remove, unpacked

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.ui.collector import collect_rarely
from terminal import Terminal, latencies

ROUND_TRIPS_MS = (0, 50, 150)
ROWS = 12
KEY_EVERY_S = 0.06
PULL_S = 60
Run = Callable[[], Awaitable[float]]


# The races


@dataclass(frozen=True)
class Other:
    """Another way, how often it is tried (0: as often as ours), and what ours may take of its time."""

    run: Run
    times: int = 0
    aim: float = 0.0


async def race(what: str, line: Line, mine: Run, others: Mapping[str, Other], rounds: int) -> None:
    """Try all in turn, as the machine is not equally busy all the time, and tell."""
    took: dict[str, list[float]] = {name: [] for name in ("", *others)}
    for number in range(rounds):
        took[""].append(await mine())
        for name, other in others.items():
            if number < (other.times or rounds):
                took[name].append(await other.run())
    tell(f"{what}, {line.ms} ms", took[""])
    for name, other in others.items():
        ratio = statistics.median(took[""]) / statistics.median(took[name])
        verdict = f"aim <= {other.aim:.2f}  {'held' if ratio <= other.aim else 'MISSED'}" if other.aim else ""
        tell(f"    {name}", took[name], f"ours {ratio:6.2f} of it  {verdict}")


def tell(what: str, seconds: Sequence[float], verdict: str = "") -> None:
    worst = sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * 0.99))]
    print(f"{what:52} median {statistics.median(seconds):8.3f} s  p99 {worst:8.3f} s  {verdict}".rstrip(), flush=True)


async def big(line: Line, rounds: int) -> None:
    size = (line.machine.home / "big").stat().st_size
    others = {
        "raw stream": Other(lambda: raw(line, "big", size), aim=1 / 0.85),
        "ours, without SHA-256": Other(lambda: ours(line, "big", BY_SIZE)),
    }
    if not line.ms:
        others["cp"] = Other(lambda: ways.cp(line, "big"))
        others["download_files of the SDK"] = Other(lambda: ways.sdk_many(line, "big"), 1)
    await race(f"pull one file of {size >> 20:,} MiB", line, lambda: ours(line, "big"), others, rounds)


async def tree(line: Line, name: str, rounds: int) -> None:
    files = line.machine.files[name]
    size = (line.machine.home / f"{name}.tar").stat().st_size
    others = {
        "raw stream of its tar": Other(lambda: raw(line, f"{name}.tar", size), aim=1.5 if name == "small" else 0),
        "the same, unpacked": Other(lambda: unpacked(line, name)),
        "the same, and made by an exec": Other(
            lambda: ways.made_and_unpacked(line, name), aim=1.0 if name == "small" else 0
        ),
        "ours, without SHA-256": Other(lambda: ours(line, name, BY_SIZE), 1),
    }
    if not line.ms:
        others["cp -r"] = Other(lambda: ways.cp(line, name))
    if not line.ms or name == "small":
        share = 50 if name == "empty" else 1
        said = f"download_files of the SDK{', a part, scaled' if share > 1 else ''}"
        others[said] = Other(lambda: ways.sdk_many(line, name, share), 1)
    if name == "small":
        part = max(10, int(5000 / (line.ms + 10)))
        others[f"{part} of them one by one, scaled"] = Other(lambda: ways.sdk_each(line, name, part), 1, 1 / 20)
    await race(f"pull {files:,} files ({name})", line, lambda: ours(line, name), others, rounds)


async def second(line: Line, rounds: int) -> None:
    target = line.fresh()
    await pulled(line.gateway, line.machine, "small", target, ALL)
    others = {"one exec of find": Other(lambda: ways.found(line, "small"), aim=1.3)}
    await race("pull the same again (small)", line, lambda: ways.again(line, "small", target), others, 3 * rounds)
    remove(target)


async def pushes(line: Line, rounds: int) -> None:
    others = {"raw upload": Other(lambda: raw_up(line, "big"), aim=1 / 0.85)}
    size = (line.machine.home / "big").stat().st_size
    await race(f"push one file of {size >> 20:,} MiB", line, lambda: pushed(line, "big"), others, min(rounds, 2))
    others = {
        "raw upload of its tar": Other(lambda: raw_up(line, "small.tar"), aim=1.5),
        "the same, unpacked by an exec": Other(lambda: raw_up(line, "small.tar", is_unpacked=True)),
    }
    if not line.ms:
        others["upload_files of the SDK, a part, scaled"] = Other(lambda: ways.sdk_up(line, "small", 5), 1)
        part = max(1, line.machine.files["small"] // 1000)
        others["ours, no Python there, a part, scaled"] = Other(
            lambda: pushed(line, "small", without="python3", part=part), 1
        )
    await race(
        f"push {line.machine.files['small']:,} files (small)", line, lambda: pushed(line, "small"), others, rounds
    )


# A process of its own: memory, and how long the loop stands still


async def alone(machine: Machine, name: str, place: str) -> None:
    """Pull once in this process, which has done nothing else; print what it took."""
    go_ahead()
    gateway = open_gateway(Connection(f"http://127.0.0.1:{machine.port}/api", Secret(machine.key)))
    await gateway.read_range(machine.sandbox_id, machine.there("deep/d0/file"), 0, 1)  # loads what all transfers need
    process = Path("/proc/self")
    idle = in_mib(process, "VmRSS")
    calm = await late(lambda: asyncio.sleep(1.0))
    (process / "clear_refs").write_text("5", encoding="utf-8")
    begun = time.perf_counter()
    lags = await late(lambda: pulled(gateway, machine, name, Path(place), ALL))
    took = time.perf_counter() - begun
    await gateway.close()
    print(json.dumps({"idle": idle, "peak": in_mib(process, "VmHWM"), "took": took, "calm": calm, "lags": lags}))


def go_ahead() -> None:
    """Go before all others where we may: how late this process is shall tell of its own work, not of the machine's."""
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))


async def late(work: Callable[[], Awaitable[object]]) -> list[float]:
    """Return by how many milliseconds a timer is late while ``work`` is under way, every 2 ms."""
    lags: list[float] = []

    async def probe() -> None:
        while True:
            due = time.perf_counter() + 0.002
            await asyncio.sleep(0.002)
            lags.append((time.perf_counter() - due) * 1000)

    probing = asyncio.create_task(probe())
    try:
        await work()
    finally:
        probing.cancel()
    return lags


def in_mib(process: Path, name: str) -> float:
    text = (process / "status").read_text(encoding="utf-8")
    return next(int(row.split()[1]) / 1024 for row in text.splitlines() if row.startswith(f"{name}:"))


def tell_alone(line: Line, name: str) -> None:
    machine, target = line.machine, line.fresh()
    reached = [line.port, machine.key, machine.sandbox_id, machine.inside, machine.files]
    told = [*reached, name, str(target)]
    made = subprocess.run(
        [sys.executable, __file__, "--alone", json.dumps(told)], check=True, stdout=subprocess.PIPE, text=True
    )
    remove(target)
    seen = json.loads(made.stdout)
    over = seen["peak"] - seen["idle"]
    lags, calm = sorted(seen["lags"]), sorted(seen["calm"])
    p99 = lags[int(len(lags) * 0.99)]
    print(
        f"{f'alone: {name}, {line.ms} ms':30} {seen['took']:7.2f} s  memory over idle {over:6.1f} MiB  "
        f"aim <= 80 {'held' if over <= 80 else 'MISSED'}  loop late p99 {p99:6.1f} ms, worst {lags[-1]:6.1f} "
        f"(idle {calm[int(len(calm) * 0.99)]:.1f})  aim <= 5 {'held' if p99 <= 5 else 'MISSED'}",
        flush=True,
    )


# The program: keys while it pulls all that there is


def tell_keys(machine: Machine, place: Path) -> None:
    home = place / "user"
    home.mkdir()
    go_ahead()  # what reads the terminal must never be what is waited for
    env = {"DAYTONA_API_URL": f"http://127.0.0.1:{machine.port}/api", "DAYTONA_API_KEY": machine.key}
    with Terminal([str(Path(sys.executable).with_name("daytona-tui"))], home, env) as program:
        program.watch(6)
        program.press(b"1")
        program.watch(1)
        tell_lateness("a key while nothing is pulled", program, program.press_all([b"j", b"k"] * 40, KEY_EVERY_S))
        program.press(b"P")
        program.watch(4)
        program.press(b"\r")
        program.watch(0.3)
        times, begun, keys = [], program.now, itertools.cycle([b"j", b"k"])
        while not (home / f"row-{ROWS - 1}").exists() and program.now - begun < PULL_S:
            times += program.press_all([next(keys)], KEY_EVERY_S)
        tell_lateness(f"a key during {program.now - begun:.1f} s of a pull of everything", program, times, 40)
        remove(home / f"row-{ROWS - 1}")


def tell_lateness(what: str, program: Terminal, times: Sequence[float], aim: float = 0) -> None:
    program.watch(0.5)
    late_by = sorted(latencies(program.chunks, times, under_cursor))
    p99 = late_by[int(len(late_by) * 0.99)]
    verdict = f"aim <= {aim:.0f} ms  {'held' if p99 <= aim else 'MISSED'}" if aim else ""
    said = f"median {statistics.median(late_by):6.1f} ms  p99 {p99:6.1f} ms  worst {late_by[-1]:6.1f} ms  {verdict}"
    print(f"{what:52} {said}", flush=True)


# Everything together


async def serve(state: Path) -> None:
    """Run an emulator with one sandbox, and say where; end with stdin."""
    from daytona_tui.emulator.server import Emulator, EmulatorOptions

    async with Emulator(EmulatorOptions(pace="instant", state_dir=state)) as emulator:
        headers = {"Authorization": f"Bearer {emulator.api_key}"}
        async with aiohttp.ClientSession(headers=headers) as http:
            for number in range(ROWS):  # the newest is the first in the list
                async with http.post(f"{emulator.api_url}/sandbox", json={"name": f"row-{number}"}) as answer:
                    sandbox_id = (await answer.json())["id"]
        port = int(emulator.api_url.rpartition(":")[2].partition("/")[0])
        print(json.dumps([port, emulator.api_key, sandbox_id]), flush=True)
        await asyncio.to_thread(sys.stdin.read)


@contextmanager
def serving(place: Path) -> Iterator[Machine]:
    state = place / "emulator"
    command = [sys.executable, __file__, "--serve", str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        port, key, sandbox_id = json.loads(process.stdout.readline())
        home = next(state.glob(f"**/{sandbox_id}/home"))
        shutil.rmtree(home / "none", ignore_errors=True)
        yield Machine(port, key, sandbox_id, home, "")
        process.stdin.close()


@asynccontextmanager
async def reaching(machine: Machine, ms: int, place: Path) -> AsyncIterator[Line]:
    from daytona import AsyncDaytona, DaytonaConfig

    with far_away(machine.port, ms / 1000) as port:
        api = f"http://127.0.0.1:{port}/api"
        gateway = open_gateway(Connection(api, Secret(machine.key)))
        machine.inside = await gateway.work_dir(machine.sandbox_id)
        config = DaytonaConfig(api_key=machine.key, api_url=api, target="us", use_deprecated_polling=True)
        headers = {"Authorization": f"Bearer {machine.key}"}
        timeout = aiohttp.ClientTimeout(total=None)
        async with (
            AsyncDaytona(config) as daytona,
            aiohttp.ClientSession(headers=headers, read_bufsize=PIECE, timeout=timeout) as http,
        ):
            sdk = await daytona.get(machine.sandbox_id)
            line = Line(machine, ms, port, gateway, http, sdk, place)
            async with http.get(line.url("work-dir")) as answer:  # the connection is there
                await answer.read()
            yield line
        await gateway.close()


def prepare(machine: Machine, wanted: set[str], size_mib: int, quick: bool) -> None:
    files = 2000 if quick else 10_000
    makers: dict[str, Callable[[], int]] = {
        "deep": lambda: ways.make_deep(machine.home, 200),
        "big": lambda: ways.make_big(machine.home, size_mib),
        "small": lambda: ways.make_small(machine.home, files),
        "repository": lambda: ways.make_repository(machine.home, files // 2),
        "empty": lambda: ways.make_empty(machine.home, 10 * files),
    }
    if wanted & {"push", "alone", "keys"}:
        wanted = wanted | {"big", "small"}
    if "again" in wanted:
        wanted = wanted | {"small"}
    for name, make in makers.items():
        if name in wanted or name == "deep":
            machine.files[name] = make()
            if name != "big":
                subprocess.run(["tar", "-cf", f"{name}.tar", name], cwd=machine.home, check=True)


async def measure(machine: Machine, wanted: set[str], quick: bool, place: Path) -> None:
    for ms in ROUND_TRIPS_MS:
        async with reaching(machine, ms, place) as line:
            await ours(line, "deep")  # whatever is done once is done
            rounds = 1 if quick else 3
            if "big" in wanted:
                await big(line, rounds if not ms else 1)
            for name in ("small", "repository", "deep", "empty"):
                if name in wanted:
                    await tree(line, name, (rounds if not ms else 1) if name == "empty" else rounds)
            if "again" in wanted:
                await second(line, rounds)
            if "push" in wanted:
                await pushes(line, rounds if ms < 100 else 1)
            if "alone" in wanted and ms < 100:
                for name in ("big", "small", "empty"):
                    if name in machine.files and (name != "empty" or not ms):
                        await asyncio.to_thread(tell_alone, line, name)


ALL_WORDS = ("big", "small", "repository", "deep", "empty", "push", "again", "alone", "keys")


def main() -> None:
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=ALL_WORDS, default=ALL_WORDS)
    parser.add_argument("--serve")
    parser.add_argument("--alone")
    given = parser.parse_args()
    collect_rarely()  # as the program does, and the next line
    sys.setswitchinterval(0.001)
    if given.serve:
        asyncio.run(serve(Path(given.serve)))
        return
    if given.alone:
        port, key, sandbox_id, inside, files, name, target = json.loads(given.alone)
        asyncio.run(alone(Machine(port, key, sandbox_id, Path(), inside, files), name, target))
        return
    size_mib = given.size or (256 if given.quick else 2048)
    shared = Path("/dev/shm")
    is_roomy = shared.is_dir() and shutil.disk_usage(shared).free > 4 * (size_mib << 20) + (2 << 30)
    with tempfile.TemporaryDirectory(dir=shared if is_roomy else None) as directory:
        place = Path(directory)
        with serving(place) as machine:
            prepare(machine, set(given.only), size_mib, given.quick)
            asyncio.run(measure(machine, set(given.only), given.quick, place))
            if "keys" in given.only:
                tell_keys(machine, place)


if __name__ == "__main__":
    main()
