"""What runs in the sandbox, run here: every name is only ever a name, and the same order twice does no harm."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daytona_tui.transfer.push_archive import archive_of
from daytona_tui.transfer.push_script import READABLE, Landed, Order, Said, as_shell, place_of, read, unpacking

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=40).filter(
    lambda name: name not in (".", "..") and len(name.encode()) <= 200
)
WAYS = ["each", "archive"]
AT = 1_500_000_000_123_456_789


def _run(order: Order, stage: Path, *, path: str | None = None) -> Said:
    command = unpacking(order, str(stage)) if order.archive else as_shell(order, str(stage)).decode()
    environment = {**os.environ, **({} if path is None else {"PATH": path})}
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False, cwd="/", env=environment)
    return read(done.stdout.decode(), order.mark)


def _landed(index: int, target: Path, data: bytes, *, replaces: bool = False, mode: int = 0o640) -> Landed:
    return Landed(index, str(target), mode, AT, len(data), hashlib.sha256(data).hexdigest(), replaces)


def _arrive(way: str, order: Order, stage: Path, contents: list[bytes]) -> Order:
    """Put the contents where the order's files arrive; return the order as it is to be run."""
    stage.mkdir(exist_ok=True)
    if way == "archive":
        order = replace(order, archive=f"batch-{order.mark}")
        members = [("order", 0o644, 0, as_shell(order, str(stage)))]
        for file, data in zip(order.files, contents, strict=True):
            place = place_of(file, order, str(stage.parent))
            members.append((place, file.mode | READABLE, file.modified_ns, data))
        (stage / order.archive).write_bytes(archive_of(members))
    else:
        for file, data in zip(order.files, contents, strict=True):
            (stage / str(file.index)).write_bytes(data)
    return order


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=25, deadline=None)
@given(names=st.lists(NAMES, min_size=1, max_size=5, unique=True), directory=NAMES, points_to=NAMES)
def test_a_name_is_only_a_name(way: str, names: list[str], directory: str, points_to: str) -> None:
    base = Path(tempfile.mkdtemp())
    try:
        stage, place = base / ".daytona-tui-push-x", base / "to"
        place.mkdir()
        within = place / ("d" + directory)
        contents = [name.encode() for name in names]
        files = [
            _landed(number, within / f"f{name}", data)
            for number, (name, data) in enumerate(zip(names, contents, strict=True))
        ]
        link = str(within / "link")
        order = Order(
            files, [(str(within), 0o750)], [(link, points_to, False)], [(str(within), 0o710, AT)], is_last=True
        )
        said = _run(_arrive(way, order, stage, contents), stage)

        assert said.is_complete
        assert said.problems == {}
        assert said.made == [0]
        assert {path.name: path.read_bytes() for path in within.iterdir() if not path.is_symlink()} == {
            "f" + name: name.encode() for name in names
        }
        assert os.readlink(link) == points_to  # noqa: PTH115 - a Path would tidy up what the link says
        assert {path.stat().st_mode & 0o777 for path in within.glob("f*")} == {0o640}
        assert {path.stat().st_mtime_ns for path in (within, *within.glob("f*"))} == {AT}
        assert within.stat().st_mode & 0o777 == 0o710
        assert [path.name for path in base.iterdir()] == ["to"]
    finally:
        shutil.rmtree(base)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("replaces", [False, True])
def test_what_is_not_as_it_was_sent_is_not_put_in_place(way: str, replaces: bool, tmp_path: Path) -> None:
    files = [_landed(number, tmp_path / f"t{number}", b"data", replaces=replaces) for number in range(3)]
    contents = [b"dat4", b"longer", b"data"]

    said = _run(_arrive(way, Order(files), tmp_path / "stage", contents), tmp_path / "stage")

    assert said.problems == {"f0": "differs", "f1": "differs"}
    assert sorted(path.name for path in tmp_path.glob("t*")) == ["t2"]


def test_what_did_not_arrive_is_missing(tmp_path: Path) -> None:
    order = _arrive("each", Order([_landed(0, tmp_path / "t", b"x")]), tmp_path / "stage", [b"x"])
    (tmp_path / "stage/0").unlink()
    assert _run(order, tmp_path / "stage").problems == {"f0": "missing"}


@pytest.mark.parametrize("way", WAYS)
def test_the_words_for_what_is_in_the_way(way: str, tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "file").write_bytes(b"was there")
    files = [
        _landed(0, tmp_path / "dir", b"x", replaces=True),
        _landed(1, tmp_path / "file", b"y"),
        _landed(2, tmp_path / "none/\n", b"z"),
        _landed(3, tmp_path / "file/in", b"z", replaces=True),
        _landed(4, tmp_path / "good", b"g"),
    ]
    order = Order(files, [(str(tmp_path / "file"), 0o755)], [(str(tmp_path / "dir"), "x", True)])

    said = _run(_arrive(way, order, tmp_path / "stage", [b"x", b"y", b"z", b"z", b"g"]), tmp_path / "stage")

    assert said.problems == {
        "f0": "directory",
        "f1": "appeared",
        "f2": "No such file or directory",
        "f3": "Not a directory",
        "d0": "file",
        "l0": "directory",
    }
    assert (tmp_path / "file").read_bytes() == b"was there"
    assert (tmp_path / "good").read_bytes() == b"g"
    assert {path.name for path in tmp_path.iterdir()} == {"dir", "file", "good", "stage"}
    assert list((tmp_path / "dir").iterdir()) == []


@pytest.mark.parametrize("knows", [True, False], ids=["-n", "no -n"])
def test_a_cp_that_replaces_what_it_cannot_link_over_replaces_nothing(knows: bool, tmp_path: Path) -> None:
    """As that of busybox, which takes away what is in the way of a link; its older ones know no -n."""
    programs = tmp_path / "programs"
    programs.mkdir()
    real = shutil.which("cp")
    (programs / "cp").write_text(
        f'#!/bin/sh\ncase $1 in\n*n*) {f"exec {real}" if knows else "exit 1;"} "$@" ;;\n'
        f'-Rl) shift; exec {real} -Rlf "$@" ;;\nesac\nexec {real} "$@"\n'
    )
    (programs / "cp").chmod(0o755)
    (tmp_path / "t1").write_bytes(b"somebody else's")
    files = [_landed(number, tmp_path / f"t{number}", b"data") for number in range(3)]

    order = _arrive("archive", Order(files), tmp_path / "stage", [b"data"] * 3)
    said = _run(order, tmp_path / "stage", path=f"{programs}:{os.environ['PATH']}")

    assert said.problems == {"f1": "appeared"}
    assert [(tmp_path / f"t{number}").read_bytes() for number in range(3)] == [b"data", b"somebody else's", b"data"]


@pytest.mark.parametrize("way", WAYS)
def test_sums_are_compared_where_there_is_no_awk(way: str, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    names = ("chmod", "cp", "cut", "grep", "ln", "mkdir", "mv", "rm", "sh", "sha256sum", "tail", "tar", "touch")
    for name in names:
        (programs / name).symlink_to(shutil.which(name) or name)
    files = [_landed(number, tmp_path / f"t{number}", b"data") for number in range(2)]

    order = _arrive(way, Order(files), tmp_path / "stage", [b"dat4", b"data"])
    said = _run(order, tmp_path / "stage", path=str(programs))

    assert (said.problems, said.hashed, said.is_complete) == ({"f0": "differs"}, True, True)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("replaces", [False, True])
def test_the_same_order_twice_does_no_harm(way: str, replaces: bool, tmp_path: Path) -> None:
    contents = [str(number).encode() for number in range(20)]
    files = [_landed(number, tmp_path / f"t{number}", data, replaces=replaces) for number, data in enumerate(contents)]
    if replaces:
        (tmp_path / "t3").write_bytes(b"before")
    order = _arrive(way, Order(files), tmp_path / "stage", contents)

    for _ in range(2):
        assert _run(order, tmp_path / "stage").problems == {}
        assert [(tmp_path / f"t{number}").read_bytes() for number in range(20)] == contents


@pytest.mark.parametrize("way", WAYS)
def test_a_sandbox_that_makes_no_sums_compares_sizes(way: str, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("awk", "chmod", "cp", "ln", "mkdir", "mv", "rm", "sed", "sh", "sort", "stat", "tar", "touch", "wc"):
        (programs / name).symlink_to(shutil.which(name) or name)
    files = [_landed(number, tmp_path / f"t{number}", b"data") for number in range(3)]

    order = _arrive(way, Order(files), tmp_path / "stage", [b"dat4", b"longer", b"data"])
    said = _run(order, tmp_path / "stage", path=str(programs))

    assert (said.problems, said.hashed, said.is_complete) == ({"f1": "differs"}, False, True)


def test_a_disk_that_is_full_is_told_whatever_else_is_said(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "tar").write_text(
        "#!/bin/sh\nexec >&2\necho tar: new/t0: Wrote only 1024 of 10240 bytes\n"
        "echo tar: new/t1: Cannot write: No space left on device\necho tar: Exiting with failure status\nexit 2\n"
    )
    (programs / "tar").chmod(0o755)
    order = _arrive("archive", Order([_landed(0, tmp_path / "t", b"x")]), tmp_path / "stage", [b"x"])
    assert _run(order, tmp_path / "stage", path=f"{programs}:{os.environ['PATH']}").trouble == "No space left on device"


@pytest.mark.parametrize("way", WAYS)
def test_a_mode_that_nobody_can_read_with_comes_along(way: str, tmp_path: Path) -> None:
    order = Order([_landed(0, tmp_path / "t", b"x", mode=0o200), _landed(1, tmp_path / "u", b"x", mode=0)])
    said = _run(_arrive(way, order, tmp_path / "stage", [b"x", b"x"]), tmp_path / "stage")
    assert said.problems == {}
    assert [(tmp_path / name).stat().st_mode & 0o7777 for name in ("t", "u")] == [0o200, 0]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("replaces", [False, True])
def test_a_link_to_a_directory_is_gone_through(way: str, replaces: bool, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "to").symlink_to("real")
    order = Order([_landed(n, tmp_path / f"to/t{n}", b"x", replaces=replaces) for n in range(2)])
    assert _run(_arrive(way, order, tmp_path / "stage", [b"x", b"x"]), tmp_path / "stage").problems == {}
    assert sorted(path.name for path in (tmp_path / "real").iterdir()) == ["t0", "t1"]
    assert (tmp_path / "to").is_symlink()


def test_what_was_left_by_others_goes(tmp_path: Path) -> None:
    (tmp_path / "left").mkdir()
    (tmp_path / "left/0").write_bytes(b"half")
    assert _run(Order(litter=[str(tmp_path / "left")]), tmp_path / "stage").is_complete
    assert list(tmp_path.iterdir()) == []


@given(
    st.lists(
        st.tuples(NAMES, st.integers(0, 0o777), st.integers(-(10**18), 10**19), st.binary(max_size=2000)), max_size=5
    )
)
def test_an_archive_is_read_as_it_was_written(members: list[tuple[str, int, int, bytes]]) -> None:
    members = [(f"d{n}/{name[:20]}", mode, ns, data) for n, (name, mode, ns, data) in enumerate(members)]
    with tarfile.open(fileobj=io.BytesIO(archive_of(members))) as archive:
        found = [
            (each.name, each.mode, Decimal(each.pax_headers.get("mtime", str(each.mtime))), archive.extractfile(each))
            for each in archive
        ]
        assert [
            (name, mode, int(time * 10**9), stream.read()) for name, mode, time, stream in found if stream
        ] == members


def test_lines_of_others_say_nothing() -> None:
    others = "f1 missing\nMARK\nMARKX f2 missing\nMARK boo x\nMARK made x\n"
    said = read(f"{others}MARK f3 differs\nMARK f4 No such: thing\nMARK made 4\n", "MARK")
    assert said.problems == {"f3": "differs", "f4": "No such: thing"}
    assert said.made == [4]
    assert not said.is_complete
