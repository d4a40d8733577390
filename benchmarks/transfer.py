"""How quick pulls and pushes are, beside the SDK, a raw stream, and cp: at 0, 50 and 150 ms of added round trip.

    python benchmarks/transfer.py [--quick] [--size MIB] [--only WORD ...]

The emulator runs in a process of its own, and so does the relay that puts it further away (``far_away.py``); everything
lies in memory (``/dev/shm``) where there is room. Every other way is measured in turn with ours. What would take minutes
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
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
from far_away import far_away

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.transfers import TransferOptions
from daytona_tui.operations.copy import plan, run
from daytona_tui.operations.push import plan_push, push

PIECE = 1 << 20
ROUND_TRIPS_MS = (0, 50, 150)
ALL = TransferOptions(ignore_usual=False, max_files=None, max_bytes=None)
BY_SIZE = replace(ALL, checksums=False)
FIND = r"find . -mindepth 1 -printf '%y %s %m %T@ %b %P\0%l\0'"
Run = Callable[[], Awaitable[float]]


@dataclass
class Machine:
    """An emulator with one sandbox, and what is in that.

    Attributes:
        home: its working directory as it is on this machine.
        inside: the same, as the sandbox calls it.
        files: how many files there are in what was put there, by its name.
    """

    port: int
    key: str
    sandbox_id: str
    home: Path
    inside: str
    files: dict[str, int] = field(default_factory=dict)

    def there(self, name: str) -> str:
        return f"{self.inside}/{name}"


@dataclass
class Line:
    """A way to the sandbox, so many milliseconds long; all of it is warm."""

    machine: Machine
    ms: int
    port: int
    gateway: Gateway
    http: aiohttp.ClientSession
    sdk: Any
    place: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def fresh(self) -> Path:
        """Return a path where nothing is."""
        return self.place / f"here-{self.ms}-{next(self.numbers)}"

    def url(self, route: str) -> str:
        return f"http://127.0.0.1:{self.port}/toolbox/{self.machine.sandbox_id}/{route}"


# What is copied


def make_big(home: Path, size_mib: int) -> int:
    """Real bytes: a file of holes would be copied as holes."""
    block = os.urandom(PIECE)
    with (home / "big").open("wb") as stream:
        for number in range(size_mib):
            stream.write(number.to_bytes(8, "big") + block[8:])
    return 1


def make_small(home: Path, files: int) -> int:
    for number in range(files):
        path = home / "small" / f"d{number // 100:03}" / f"file_{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(2048).hex().encode())
    return files


def make_repository(home: Path, files: int) -> int:
    """Take what every machine with this program has: the installed packages, with their caches."""
    made = 0
    source = Path(aiohttp.__file__).parent.parent
    for path in sorted(source.rglob("*")):
        if made == files:
            break
        if path.is_file() and not path.is_symlink():
            target = home / "repository" / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            made += 1
    return made


def make_deep(home: Path, depth: int) -> int:
    path = home / "deep"
    for number in range(depth):
        path = path / f"d{number}"
        path.mkdir(parents=True)
        (path / "file").write_bytes(b"x" * number)
    return depth


def make_empty(home: Path, files: int) -> int:
    for number in range(files):
        path = home / "empty" / f"d{number // 1000:03}" / f"file_{number:06}"
        if not number % 1000:
            path.parent.mkdir(parents=True)
        path.touch()
    return files


# Our way, and the others


async def ours(line: Line, name: str, options: TransferOptions = ALL) -> float:
    """Seconds from asking to everything in its place, the plan included."""
    target = line.fresh()
    begun = time.perf_counter()
    await pulled(line.gateway, line.machine, name, target, options)
    took = time.perf_counter() - begun
    remove(target)
    return took


async def pulled(gateway: Gateway, machine: Machine, name: str, target: Path, options: TransferOptions) -> None:
    planned = await plan(gateway, machine.sandbox_id, machine.there(name), target, options)
    report = await run(gateway, planned)
    done = report.files + report.equal
    assert done == machine.files[name] and not report.failed, (done, report.failed[:3])


async def raw(line: Line, name: str, size: int) -> float:
    """Seconds of one bare stream into one file."""
    target = line.fresh()
    begun = time.perf_counter()
    with target.open("wb") as stream:
        await streamed(line, name, stream.write)
    took = time.perf_counter() - begun
    assert target.stat().st_size == size
    target.unlink()
    return took


async def unpacked(line: Line, name: str) -> float:
    """Seconds of one bare stream of a tar that is there already, unpacked by tar as it comes."""
    target = line.fresh()
    target.mkdir()
    begun = time.perf_counter()
    with subprocess.Popen(["tar", "-xf", "-", "-C", str(target)], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        await streamed(line, f"{name}.tar", process.stdin.write)
        process.stdin.close()
        assert process.wait() == 0
    took = time.perf_counter() - begun
    remove(target)
    return took


async def streamed(line: Line, name: str, take: Callable[[bytes], object]) -> None:
    url = line.url("files/download")
    async with line.http.get(url, params={"path": line.machine.there(name)}) as answer:
        assert answer.status == 200, await answer.text()
        async for chunk in answer.content.iter_chunked(PIECE):
            take(chunk)


async def cp(line: Line, name: str) -> float:
    target = line.fresh()
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec("cp", "-r", str(line.machine.home / name), str(target))
    assert await process.wait() == 0
    took = time.perf_counter() - begun
    remove(target)
    return took


async def sdk_many(line: Line, name: str, share: int = 1) -> float:
    """Seconds of the SDK's ``download_files``; of one in ``share`` files, scaled."""
    from daytona import FileDownloadRequest

    target = line.fresh()
    wanted = []
    for path in files_of(line.machine.home / name)[::share]:
        here = target / path.relative_to(line.machine.home)
        here.parent.mkdir(parents=True, exist_ok=True)
        there = line.machine.there(str(path.relative_to(line.machine.home)))
        wanted.append(FileDownloadRequest(source=there, destination=str(here)))
    begun = time.perf_counter()
    answers = await line.sdk.fs.download_files(wanted)
    took = time.perf_counter() - begun
    assert not any(answer.error for answer in answers)
    remove(target)
    return took * share


async def sdk_each(line: Line, name: str, part: int) -> float:
    """Seconds of the SDK's ``download_file``, one after the other; of ``part`` files, scaled."""
    target = line.fresh()
    target.mkdir()
    paths = files_of(line.machine.home / name)
    begun = time.perf_counter()
    for number, path in enumerate(paths[:part]):
        there = line.machine.there(str(path.relative_to(line.machine.home)))
        await line.sdk.fs.download_file(there, str(target / str(number)))
    took = time.perf_counter() - begun
    remove(target)
    return took * len(paths) / part


def files_of(path: Path) -> list[Path]:
    return sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]


async def again(line: Line, name: str, target: Path) -> float:
    begun = time.perf_counter()
    await pulled(line.gateway, line.machine, name, target, ALL)
    return time.perf_counter() - begun


async def found(line: Line, name: str) -> float:
    """Seconds of one bare exec of ``find``, with all that it says."""
    asked = {"command": f"cd {line.machine.there(name)} && {FIND}", "timeout": 60}
    begun = time.perf_counter()
    async with line.http.post(line.url("process/execute"), json=asked) as answer:
        assert (await answer.json())["exitCode"] == 0
    return time.perf_counter() - begun


# The other direction


async def pushed(line: Line, name: str, *, without: str = "", part: int = 0) -> float:
    """Seconds of a push; ``without`` a program in the sandbox; of its first ``part`` directories, scaled."""
    source = line.machine.home / name
    names = sorted(path.name for path in source.iterdir())[:part] if part else []
    sources = [source / each for each in names] or [source]
    target = f"pushed-{line.ms}-{next(line.numbers)}"
    begun = time.perf_counter()
    planned = await plan_push(line.gateway, line.machine.sandbox_id, sources, line.machine.there(target), ALL)
    planned = replace(planned, tools=planned.tools - {without})
    report = await push(line.gateway, planned)
    took = time.perf_counter() - begun
    assert report.files and not report.failed, report.failed[:3]
    remove(line.machine.home / target)
    return took * line.machine.files[name] / report.files


async def raw_up(line: Line, name: str, *, is_unpacked: bool = False) -> float:
    """Seconds of one bare upload of a file."""

    async def body() -> AsyncIterator[bytes]:
        with (line.machine.home / name).open("rb") as stream:
            while chunk := stream.read(PIECE):
                yield chunk

    target = f"raw-{line.ms}-{next(line.numbers)}"
    begun = time.perf_counter()
    url = line.url("files/upload-v2")
    async with line.http.post(url, params={"path": line.machine.there(target)}, data=body()) as answer:
        assert answer.status == 200, await answer.text()
    if is_unpacked:
        command = f"mkdir {target}.d && tar -xf {target} -C {target}.d"
        async with line.http.post(line.url("process/execute"), json={"command": command}) as answer:
            assert (await answer.json())["exitCode"] == 0
    took = time.perf_counter() - begun
    remove(line.machine.home / target)
    remove(line.machine.home / f"{target}.d")
    return took


async def sdk_up(line: Line, name: str, share: int = 1) -> float:
    from daytona import FileUpload

    target = f"sdk-{line.ms}-{next(line.numbers)}"
    paths = files_of(line.machine.home / name)[::share]
    uploads = [FileUpload(str(path), line.machine.there(f"{target}/{number}")) for number, path in enumerate(paths)]
    begun = time.perf_counter()
    await line.sdk.fs.upload_files(uploads)
    took = time.perf_counter() - begun
    remove(line.machine.home / target)
    return took * share


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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
        others["cp"] = Other(lambda: cp(line, "big"))
        others["download_files of the SDK"] = Other(lambda: sdk_many(line, "big"), 1)
    await race(f"pull one file of {size >> 20:,} MiB", line, lambda: ours(line, "big"), others, rounds)


async def tree(line: Line, name: str, rounds: int) -> None:
    files = line.machine.files[name]
    size = (line.machine.home / f"{name}.tar").stat().st_size
    others = {
        "raw stream of its tar": Other(lambda: raw(line, f"{name}.tar", size), aim=1.5 if name == "small" else 0),
        "the same, unpacked": Other(lambda: unpacked(line, name)),
    }
    if not line.ms:
        others["cp -r"] = Other(lambda: cp(line, name))
    if not line.ms or name == "small":
        share = 50 if name == "empty" else 1
        said = f"download_files of the SDK{', a part, scaled' if share > 1 else ''}"
        others[said] = Other(lambda: sdk_many(line, name, share), 1)
    if name == "small":
        part = max(10, int(5000 / (line.ms + 10)))
        others[f"{part} of them one by one, scaled"] = Other(lambda: sdk_each(line, name, part), 1, 1 / 20)
    await race(f"pull {files:,} files ({name})", line, lambda: ours(line, name), others, rounds)


async def second(line: Line, rounds: int) -> None:
    target = line.fresh()
    await pulled(line.gateway, line.machine, "small", target, ALL)
    others = {"one exec of find": Other(lambda: found(line, "small"), aim=1.3)}
    await race("pull the same again (small)", line, lambda: again(line, "small", target), others, 3 * rounds)
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
        others["upload_files of the SDK, a part, scaled"] = Other(lambda: sdk_up(line, "small", 5), 1)
        part = max(1, line.machine.files["small"] // 1000)
        others["ours, no Python there, a part, scaled"] = Other(
            lambda: pushed(line, "small", without="python3", part=part), 1
        )
    await race(
        f"push {line.machine.files['small']:,} files (small)", line, lambda: pushed(line, "small"), others, rounds
    )


# A process of its own: memory, and how long the loop stands still


async def alone(port: int, key: str, sandbox_id: str, inside: str, name: str, files: int, place: str) -> None:
    """Pull once in this process, which has done nothing else; print what it took."""
    gateway = open_gateway(Connection(f"http://127.0.0.1:{port}/api", Secret(key)))
    machine = Machine(port, key, sandbox_id, Path(), inside, {name: files, "deep/d0": 0})
    await gateway.read_range(sandbox_id, f"{inside}/deep/d0/file", 0, 1)  # loads what every transfer needs
    process = Path("/proc/self")
    idle = in_mib(process, "VmRSS")
    calm = await late(lambda: asyncio.sleep(1.0))
    (process / "clear_refs").write_text("5", encoding="utf-8")
    begun = time.perf_counter()
    lags = await late(lambda: pulled(gateway, machine, name, Path(place), ALL))
    took = time.perf_counter() - begun
    await gateway.close()
    print(json.dumps({"idle": idle, "peak": in_mib(process, "VmHWM"), "took": took, "calm": calm, "lags": lags}))


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
    told = [line.port, machine.key, machine.sandbox_id, machine.inside, name, machine.files[name], str(target)]
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


# Everything together


async def serve(state: Path) -> None:
    """Run an emulator with one sandbox, and say where; end with stdin."""
    from daytona_tui.emulator.server import Emulator, EmulatorOptions

    async with Emulator(EmulatorOptions(pace="instant", state_dir=state)) as emulator:
        headers = {"Authorization": f"Bearer {emulator.api_key}"}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.post(f"{emulator.api_url}/sandbox", json={}) as answer,
        ):
            sandbox_id = (await answer.json())["id"]
        port = int(emulator.api_url.rpartition(":")[2].partition("/")[0])
        print(json.dumps([port, emulator.api_key, sandbox_id]), flush=True)
        await asyncio.to_thread(sys.stdin.read)


@contextmanager
def serving(place: Path) -> Iterator[Machine]:
    state = place / "emulator"
    command = [sys.executable, __file__, "--serve", str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
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
        "deep": lambda: make_deep(machine.home, 200),
        "big": lambda: make_big(machine.home, size_mib),
        "small": lambda: make_small(machine.home, files),
        "repository": lambda: make_repository(machine.home, files // 2),
        "empty": lambda: make_empty(machine.home, 10 * files),
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
    if given.serve:
        asyncio.run(serve(Path(given.serve)))
        return
    if given.alone:
        asyncio.run(alone(*json.loads(given.alone)))
        return
    size_mib = given.size or (256 if given.quick else 2048)
    shared = Path("/dev/shm")
    is_roomy = shared.is_dir() and shutil.disk_usage(shared).free > 4 * (size_mib << 20) + (2 << 30)
    with tempfile.TemporaryDirectory(dir=shared if is_roomy else None) as directory:
        place = Path(directory)
        with serving(place) as machine:
            prepare(machine, set(given.only), size_mib, given.quick)
            asyncio.run(measure(machine, set(given.only), given.quick, place))


if __name__ == "__main__":
    main()
