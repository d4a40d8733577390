"""What runs in the sandbox, run here: every name is only ever a name, and the same order twice does no harm."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daytona_tui.transfer.push_scripts import Landed, Order, Said, as_json, as_shell, python_command, read

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=40).filter(
    lambda name: name not in (".", "..") and len(name.encode()) <= 200
)
WAYS = ["python", "shell"]
AT = 1_500_000_000_123_456_789


def _run(way: str, order: Order, stage: Path) -> Said:
    command = python_command(str(stage), "", "MARK", as_json(order))
    if way == "shell":
        command = as_shell(order, str(stage), "MARK").decode()
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False, cwd="/")
    return read(done.stdout.decode(), "MARK")


def _landed(stage: Path, index: int, target: Path, data: bytes, *, replaces: bool = False) -> Landed:
    stage.mkdir(exist_ok=True)
    (stage / str(index)).write_bytes(data)
    return Landed(index, str(target), 0o640, AT, len(data), hashlib.sha256(data).hexdigest(), replaces)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=25, deadline=None)
@given(names=st.lists(NAMES, min_size=1, max_size=5, unique=True), directory=NAMES, points_to=NAMES)
def test_a_name_is_only_a_name(way: str, names: list[str], directory: str, points_to: str) -> None:
    base = Path(tempfile.mkdtemp())
    try:
        stage, place = base / ".daytona-tui-push-x", base / "to"
        place.mkdir()
        within = place / ("d" + directory)
        files = [_landed(stage, number, within / ("f" + name), name.encode()) for number, name in enumerate(names)]
        link = str(within / "link")
        order = Order(
            files, [(str(within), 0o750)], [(link, points_to, False)], [(str(within), 0o710, AT)], is_last=True
        )
        said = _run(way, order, stage)

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
def test_what_is_not_as_it_was_sent_is_not_put_in_place(way: str, tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    files = [_landed(stage, number, tmp_path / f"t{number}", b"data") for number in range(3)]
    (stage / "0").write_bytes(b"dat4")
    (stage / "1").unlink()

    said = _run(way, Order(files), stage)

    assert set(said.problems) == {"f0", "f1"}
    assert set(said.problems.values()) <= {"differs", "missing"}
    assert sorted(path.name for path in tmp_path.glob("t*")) == ["t2"]


@pytest.mark.parametrize("way", WAYS)
def test_the_words_for_what_is_in_the_way(way: str, tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    (tmp_path / "dir").mkdir()
    (tmp_path / "file").write_bytes(b"was there")
    files = [
        _landed(stage, 0, tmp_path / "dir", b"x", replaces=True),
        _landed(stage, 1, tmp_path / "file", b"y"),
        _landed(stage, 2, tmp_path / "none/x", b"z"),
    ]
    said = _run(way, Order(files, [(str(tmp_path / "file"), 0o755)], [(str(tmp_path / "dir"), "x", True)]), stage)

    assert (said.problems["f0"], said.problems["f1"]) == ("directory", "appeared")
    assert set(said.problems) == {"f0", "f1", "f2", "d0", "l0"}
    assert (tmp_path / "file").read_bytes() == b"was there"


def test_the_same_order_twice_does_no_harm(tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    files = [_landed(stage, number, tmp_path / f"t{number}", str(number).encode()) for number in range(20)]
    assert _run("python", Order(files), stage).problems == {}
    assert _run("python", Order(files), stage).problems == {}
    assert [(tmp_path / f"t{number}").read_bytes() for number in range(20)] == [b"%d" % number for number in range(20)]


def test_a_pack_is_taken_apart(tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    data = [os.urandom(number) for number in range(10)]
    files = [_landed(stage, number, tmp_path / f"t{number}", each) for number, each in enumerate(data)]
    for number in range(10):
        (stage / str(number)).unlink()
    (stage / "pack").write_bytes(b"".join(data))
    order = Order(files, pack="pack")

    assert _run("python", order, stage).problems == {}
    assert [(tmp_path / f"t{number}").read_bytes() for number in range(10)] == data
    assert list(stage.iterdir()) == []

    (stage / "pack").write_bytes(b"".join(data))
    assert _run("python", order, stage).problems == {}, "the answer was lost, and it is asked again"


def test_lines_of_others_say_nothing() -> None:
    said = read("f1 missing\nMARK\nMARKX f2 missing\nMARK f3 differs\nMARK made x\nMARK made 4\n", "MARK")
    assert said.problems == {"f3": "differs"}
    assert said.made == [4]
    assert not said.is_complete
