"""Whatever a sandbox says, nothing is written outside the destination, and what is refused is reported."""

from __future__ import annotations

import asyncio
import base64
import gzip
import io
import os
import re
import stat
import tarfile
import tracemalloc
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.operations.conftest import Bench

from daytona_tui.domain.executions import ExecOutcome
from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import ConflictPolicy, TransferOptions, TransferReport, Way
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import DaytonaTuiError, NotFoundError, TransferError
from daytona_tui.operations import copy
from daytona_tui.transfer.ignoring import Ignoring
from daytona_tui.transfer.plan import plan_seen
from daytona_tui.transfer.safety import collision_key
from daytona_tui.transfer.survey import Seen

SANDBOX = SandboxId("hostile")
PLAIN = ["a", "b", "c", "d", "A", "B", "é", "e\u0301", "n\nl", "\udcff", "..\\x", "-rf", "x" * 255]
EVIL = ["..", ".", "", "../..", "../../precious", "/etc", "../precious", "x" * 256]
LINKS = [
    "..",
    "../..",
    "../a",
    "a",
    "b",
    "a/b",
    "a/..",
    "/etc",
    "../../precious",
    "a/../../precious",
    "",
    "c//",
    "\udcff",
]
TYPES = [
    tarfile.AREGTYPE,
    tarfile.LNKTYPE,
    tarfile.SYMTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.DIRTYPE,
    tarfile.FIFOTYPE,
    tarfile.CONTTYPE,
    tarfile.GNUTYPE_SPARSE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    b"?",
]


@dataclass(frozen=True)
class Entry:
    """What a listing says of something, and what comes when it is asked for."""

    path: str
    kind: str
    size_bytes: int
    mode: int
    link: str
    contents: bytes | None

    @property
    def record(self) -> str:
        """How ``find`` tells it."""
        blocks = self.size_bytes // 512 + 8
        return f"{self.kind} {self.size_bytes} {self.mode:o} 1600000000.5 {blocks} {self.path}\0{self.link}\0"


class Liar:
    """Makes listings and archives as nobody in his right mind would."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def listing(self) -> list[Entry]:
        """Return what a sandbox may tell of itself."""
        random = self._random
        directories = [""]
        listed: list[Entry] = []
        for _ in range(random.randint(2, 25)):
            path = f"{random.choice(directories)}{random.choice(EVIL if random.random() < 0.15 else PLAIN)}"
            contents = None if random.random() < 0.1 else random.randbytes(random.choice([0, 1, 7, 40]))
            size_bytes = len(contents or b"") if random.random() < 0.7 else random.choice([0, 7, 300_000])
            kind = random.choice("ffffffddddlllpcbs?")
            mode = random.choice([0o644, 0o755, 0o6755, 0o7777, 0])
            listed.append(Entry(path, kind, size_bytes, mode, random.choice(LINKS), contents))
            if kind == "d":
                directories.append(f"{path}/")
        return listed

    def archive(self, listing: Sequence[Entry]) -> bytes:
        """Return an archive of some of it, and of more."""
        random = self._random
        told = []
        for entry in (*listing, *random.sample(listing, 2)):
            contents = entry.contents or b""
            member = tarfile.TarInfo(f"./{random.choice([*EVIL, *PLAIN]) if random.random() < 0.2 else entry.path}")
            member.type = tarfile.REGTYPE if random.random() < 0.7 else random.choice(TYPES)
            member.linkname = random.choice(LINKS)
            member.mode = entry.mode
            member.size = len(contents) if random.random() < 0.8 else random.choice([0, 7, 2**33])
            told.append((member, contents))
        return packed(told)

    def unasked(self) -> list[tuple[str, bytes]]:
        """Return parts of a bulk answer that nobody asks for."""
        names = [self._random.choice([*EVIL, *PLAIN]) for _ in range(3)]
        return [(f"/w/{name}", b"unasked") for name in names] + [("../precious", b"unasked")]


def packed(told: Sequence[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """Return an archive as anybody could write it, sound or not."""
    written = io.BytesIO()
    for member, contents in told:
        written.write(member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape"))
        written.write(contents.ljust(-(-len(contents) // 512) * 512, b"\0"))
    return gzip.compress(written.getvalue() + bytes(1024))


@dataclass
class Hostile:
    """A sandbox that says what it was told to say."""

    listing: Sequence[Entry] = ()
    archive: bytes = b""
    unasked: Sequence[tuple[str, bytes]] = ()
    is_packed: bool = True
    asked: list[str] = field(default_factory=list)

    async def list_dir(self, _sandbox_id: SandboxId, path: str) -> tuple[FileEntry, ...]:
        raise NotFoundError(path)

    async def info(self, _sandbox_id: SandboxId, path: str) -> FileEntry:
        found = self._contents(path)
        return FileEntry(path.rpartition("/")[2], path, is_dir=path == "/w", size_bytes=len(found or b""))

    def _contents(self, path: str) -> bytes | None:
        return next((each.contents for each in self.listing if f"/w/{each.path}" == path), None)

    async def read(self, _sandbox_id: SandboxId, path: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        self.asked.append(path)
        contents = self._contents(path)
        if contents is None:
            raise NotFoundError(f"{path} is not there")
        yield contents[offset:]

    async def read_many(
        self, _sandbox_id: SandboxId, paths: Sequence[str]
    ) -> AsyncIterator[tuple[str, bytes | Exception]]:
        self.asked += paths
        for unasked in self.unasked:
            yield unasked
        for path in paths:
            contents = self._contents(path)
            yield path, NotFoundError(f"{path} is not there") if contents is None else contents

    async def look(self, _sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
        mark = re.search(r"'%s done\\0' ([0-9a-f]{24})|'%s errors.*\\0' ([0-9a-f]{24})", script)
        if mark is not None:
            mark_ = mark[1] or mark[2]
            told = "".join(each.record for each in self.listing)
            listing = f"{mark_} printf\0{told}{mark_} errors\0\0{mark_} done\0"
            if self.is_packed:
                coded = base64.encodebytes(gzip.compress(os.fsencode(listing))).decode()
                listing = f"{mark_} packed\n{coded}"
            return ExecOutcome(0, listing)
        if "tar -cf" in script:
            return ExecOutcome(0, f"gzip\n{base64.encodebytes(self.archive).decode()}done\n")
        return ExecOutcome(0, "no tool\n")


@dataclass(frozen=True)
class Place:
    """A destination among things that are not to be touched."""

    outer: Path
    destination: Path


def snapshot(root: Path, but: Path) -> dict[str, object]:
    """Return everything below ``root`` that is neither ``but`` nor below it."""
    found: dict[str, object] = {}
    for path in (root, *root.rglob("*")):
        if path == but or but in path.parents:
            continue
        said = path.lstat()
        is_file = stat.S_ISREG(said.st_mode)
        contents = path.read_bytes() if is_file else sorted({each.name for each in path.iterdir()} - {but.name})
        found[str(path)] = (said.st_mode, said.st_ino, contents)
    return found


def pull(source: Hostile, options: TransferOptions, prepare: Callable[[Place], None]) -> TransferReport | None:
    """Pull, and see to it that nothing but the destination has changed; None where it failed as a whole."""
    with TemporaryDirectory() as name:
        outer = Path(name).resolve()
        place = Place(outer, outer / "a" / "b" / "out")
        place.destination.parent.mkdir(parents=True)
        (outer / "precious").write_text("precious")
        (outer / "a" / "precious").write_text("precious")
        prepare(place)
        is_new = not place.destination.exists()
        before = snapshot(outer, place.destination)
        report = asyncio.run(_report(source, place, options))
        after = snapshot(outer, place.destination)
        assert after == before
        if place.destination.exists():
            _is_harmless(place.destination, is_new=is_new)
        return report


async def _report(source: Hostile, place: Place, options: TransferOptions) -> TransferReport | None:
    try:
        plan = await copy.plan(source, SANDBOX, "/w", place.destination, options)
        report = await copy.run(source, plan, confirmed=True)
    except DaytonaTuiError:
        return None
    failed = {item.path if item.path.startswith("/") else f"/w/{item.path}" for item in report.failed}
    arrived = {file.source for file in plan.work.files if not failed & _above(file.source)}
    assert report.files == len(arrived) <= len(_files(place.destination))
    # Whatever was named is here, or is said not to be, or something is that it is below.
    made = arrived | {link.source for link in plan.work.links}
    made |= {f"/w/{'/'.join(parts)}" for parts, _ in plan.work.directories}
    said = failed | {item.path for item in report.left_out}
    directories = {f"/w/{each.path}" for each in source.listing if each.kind == "d"} | {"/w"}
    for each in source.listing:
        above = _above(f"/w/{each.path}")
        is_real = above - {f"/w/{each.path}"} <= directories  # nobody lists a name without its directory
        assert above & said or f"/w/{each.path}" in made or not is_real
    return report


def _above(path: str) -> set[str]:
    """Return a path and what it is below, down to the root of the pull."""
    names = path.split("/")
    return {"/".join(names[:number]) for number in range(2, len(names) + 1)}


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]


def _is_harmless(destination: Path, *, is_new: bool) -> None:
    for path in destination.rglob("*"):
        mode = path.lstat().st_mode
        assert stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)
        assert stat.S_ISLNK(mode) or not mode & 0o7000
        if stat.S_ISLNK(mode) and is_new:
            leads_to = Path(os.path.realpath(path, strict=False))
            assert leads_to == destination or destination in leads_to.parents


OPTIONS = TransferOptions(ignore_usual=False, conflict=ConflictPolicy.OVERWRITE, patience_s=0.0)


def in_the_way(place: Place) -> None:
    """Put links at the destination that lead out of it."""
    place.destination.mkdir()
    (place.destination / "a").symlink_to("..")
    (place.destination / "b").symlink_to("../../precious")
    (place.destination / "c").mkdir()
    (place.destination / "c" / "d").symlink_to(place.outer)


@given(st.integers(0, 2**64), st.sampled_from(Way), st.booleans(), st.booleans())
@settings(deadline=None, max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_nothing_is_written_outside_whatever_is_listed_and_sent(
    seed: int, way: Way, is_packed: bool, is_in_the_way: bool
) -> None:
    liar = Liar(seed)
    listing = liar.listing()
    source = Hostile(listing, liar.archive(listing), liar.unasked(), is_packed)

    pull(source, replace(OPTIONS, way=way), in_the_way if is_in_the_way else lambda _place: None)

    assert all(path.startswith("/w/") and not {"..", "."} & set(path.split("/")) for path in source.asked)


@given(st.integers(0, 2**64))
@settings(deadline=None, max_examples=30)
def test_names_that_a_disk_takes_for_one_another_arrive_once_and_the_rest_is_told(seed: int) -> None:
    listing = Liar(seed).listing()
    seen = [Seen(tuple(each.path.split("/")), each.kind, each.size_bytes, link=each.link) for each in listing]

    plan = plan_seen("/w", seen, Ignoring(usual=False), fold_case=True, links=True)

    targets = [*(parts for parts, _ in plan.directories), *(each.target for each in plan.items)]
    keys = {tuple(collision_key(name, fold_case=True) for name in target) for target in targets}
    assert len(keys) == len(targets)
    told = {item.path for item in plan.left_out} | {f"/w/{'/'.join(target)}" for target in targets}
    directories = {f"/w/{each.path}" for each in listing if each.kind == "d"} | {"/w"}
    for each in listing:
        above = _above(f"/w/{each.path}")
        assert above & told or not above - {f"/w/{each.path}"} <= directories


def _file(path: str, contents: bytes, size_bytes: int | None = None) -> Entry:
    return Entry(path, "f", len(contents) if size_bytes is None else size_bytes, 0o644, "", contents)


def _member(name: str, contents: bytes, kind: bytes = tarfile.REGTYPE) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, len(contents)
    return member, contents


@pytest.mark.parametrize("is_longer", [True, False])
def test_an_archive_that_unpacks_without_end_is_left_and_the_rest_comes_otherwise(is_longer: bool) -> None:
    bomb = [_member("./a", b"a"), _member("./b" if is_longer else "./z", bytes(64 * 1024 * 1024)), _member("./c", b"c")]
    source = Hostile([_file(name, name.encode()) for name in "abc"], packed(bomb))
    tracemalloc.start()
    try:
        report = pull(source, replace(OPTIONS, way=Way.TAR), lambda _place: None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert report is not None
    assert (report.files, report.failed) == (3, ())
    assert report.ways == (Way.BULK, Way.TAR)
    assert peak < 32 * 1024 * 1024


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE])
def test_an_archive_of_names_in_names_is_left(kind: bytes) -> None:
    nested = [_member("x", b"y" * 40, kind) for _ in range(1200)]
    source = Hostile([_file("a", b"a"), _file("b", b"b")], packed([*nested, _member("./a", b"a")]))

    report = pull(source, replace(OPTIONS, way=Way.TAR), lambda _place: None)

    assert report is not None
    assert (report.files, report.failed) == (2, ())


@pytest.mark.parametrize("way", [Way.AUTO, Way.STREAM])
def test_a_file_that_never_ends_fails_alone(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daytona_tui.transfer.streaming._MORE_BYTES", 1_000_000)

    class Endless(Hostile):
        async def read(self, sandbox_id: SandboxId, path: str, *, offset: int = 0) -> AsyncIterator[bytes]:
            if not path.endswith("endless"):
                async for chunk in super().read(sandbox_id, path, offset=offset):
                    yield chunk
                return
            while True:
                yield bytes(100_000)

    source = Endless([_file("endless", b"", 300_000), _file("a", b"a"), _file("b", b"b")])

    report = pull(source, replace(OPTIONS, way=way), lambda _place: None)

    assert report is not None
    assert report.files == 2
    assert [item.path for item in report.failed] == ["/w/endless"]
    assert "does not end" in report.failed[0].reason


async def test_a_list_of_more_than_was_allowed_is_asked_about_before_anything_is_written(tmp_path: Path) -> None:
    source = Hostile([_file(f"a{number}", b"", 10**18) for number in range(30)])

    plan = await copy.plan(source, SANDBOX, "/w", tmp_path / "out", replace(OPTIONS, max_files=20))

    assert len(plan.summary.questions) == 2
    with pytest.raises(TransferError, match="not begun"):
        await copy.run(source, plan)
    with pytest.raises(TransferError, match="are needed"):
        await copy.run(source, plan, confirmed=True)
    assert list(tmp_path.iterdir()) == []


async def test_a_bulk_answer_of_what_nobody_asked_for_is_left(bench: Bench, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (bench.home / name).write_text(name)
    (tmp_path / "precious").write_text("precious")
    names = ["../precious", str(tmp_path / "precious"), f"{bench.work_dir}/../precious", f"{bench.work_dir}/a"]
    part = '--x\r\nContent-Disposition: form-data; name="file"; filename="{}"\r\nContent-Length: 4\r\n\r\nevil\r\n'
    body = "".join(map(part.format, names)) + "--x--\r\n"
    rule = FaultRule(path="*/files/bulk-download", text=body, content_type='multipart/form-data; boundary="x"')
    bench.emulator.faults.add(rule)

    plan = await copy.plan(bench.gateway, bench.sandbox.id, bench.work_dir, tmp_path / "out", OPTIONS)
    report = await copy.run(bench.gateway, plan)

    assert (report.files, report.failed) == (2, ())
    assert {path.name: path.read_text() for path in (tmp_path / "out").iterdir()} == {"a": "a", "b": "b"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["emulator", "out", "precious"]
    assert (tmp_path / "precious").read_text() == "precious"
