"""The ways in which files come out of a sandbox and into one: ours, the SDK's, bare streams. Used by ``transfer.py``.

Each is a function that returns seconds, and leaves nothing behind that it has brought.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.transfers import TransferOptions
from daytona_tui.operations.copy import plan, run
from daytona_tui.operations.push import plan_push, push

PIECE = 1 << 20
ALL = TransferOptions(ignore_usual=False, max_files=None, max_bytes=None)
BY_SIZE = replace(ALL, checksums=False)
FIND = r"find . -mindepth 1 -printf '%y %s %m %T@ %b %P\0%l\0'"


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
    assert report.files + report.equal == machine.files[name], report
    assert not report.failed, report.failed[:3]


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
    unpack = ["tar", "-xf", "-", "-C", str(target)]
    with subprocess.Popen(unpack, stdin=subprocess.PIPE) as process:  # noqa: ASYNC220 - nothing else is to be done
        assert process.stdin is not None
        await streamed(line, f"{name}.tar", process.stdin.write)
        process.stdin.close()
        assert process.wait() == 0
    took = time.perf_counter() - begun
    remove(target)
    return took


async def made_and_unpacked(line: Line, name: str) -> float:
    """Seconds of the same with a tar that an exec makes first."""
    begun = time.perf_counter()
    asked = {"command": f"cd {line.machine.inside} && tar -cf made.tar {name}", "timeout": 60}
    async with line.http.post(line.url("process/execute"), json=asked) as answer:
        assert (await answer.json())["exitCode"] == 0
    took = time.perf_counter() - begun
    took += await unpacked(line, "made")
    remove(line.machine.home / "made.tar")
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
    assert not report.failed, report.failed[:3]
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
