"""What an interrupted pull has left counts only when it is whole and still true."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from daytona_tui.domain.transfers import ConflictPolicy
from daytona_tui.errors import TransferError
from daytona_tui.transfer.kept import Arrived, Journal, tidy
from daytona_tui.transfer.landing import Landing, put
from daytona_tui.transfer.plan import PlannedFile, TransferPlan
from daytona_tui.transfer.staging import Staging

AT = 1_600_000_000_123_456_000


def _file(name: str, size: int = 3) -> PlannedFile:
    return PlannedFile(f"/w/{name}", (name,), size, AT, 0o644)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal with three files, as a killed program has left it."""
    (tmp_path / "contents").mkdir()
    journal = Journal(tmp_path / "journal")
    journal.open()
    files = [_file(name) for name in ("a", "b", "c")]
    journal.add([Arrived(file, 3, put(tmp_path / "contents", file, b"abc")) for file in files])
    journal.close()
    return journal


def _arrived(tmp_path: Path, *files: PlannedFile) -> list[str]:
    journal = Journal(tmp_path / "journal")
    journal.open()
    journal.close()
    return ["/".join(each.file.target) for each in journal.arrived(tmp_path / "contents", TransferPlan(files=files))]


def test_what_is_noted_and_here_has_arrived(journal: Journal, tmp_path: Path) -> None:
    assert _arrived(tmp_path, _file("a"), _file("b"), _file("c"), _file("d")) == ["a", "b", "c"]


def test_what_is_otherwise_there_or_here_has_not(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "contents" / "b").write_bytes(b"xyz")  # of another time
    (tmp_path / "contents" / "c").unlink()
    (tmp_path / "contents" / "c").symlink_to("/etc/passwd")

    assert _arrived(tmp_path, _file("a", 4), _file("b"), _file("c")) == []
    assert _arrived(tmp_path, replace(_file("a"), modified_ns=AT + 1000)) == []


def test_a_line_that_was_being_written_does_not_count_and_the_next_one_does(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(path.read_bytes() + b'[["d"], 3, 16')
    later = Journal(path)
    later.open()
    later.add([Arrived(_file("e"), 3, put(tmp_path / "contents", _file("e"), b"abc"))])
    later.close()

    assert _arrived(tmp_path, _file("a"), _file("d"), _file("e")) == ["a", "e"]


def test_nonsense_in_a_journal_is_passed_over(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b'{}\n[1]\n\xff\xfe\n[["a"]]\nnull\n' + path.read_bytes())

    assert _arrived(tmp_path, _file("a")) == ["a"]


def test_what_the_plan_does_not_speak_of_is_removed(tmp_path: Path) -> None:
    for name in ("dir/kept", "dir/stray", "gone/x", "file"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to("dir")

    tidy(tmp_path, TransferPlan(((("dir",), None),), (PlannedFile("/w/dir/kept", ("dir", "kept"), 0),)))

    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["dir", "dir/kept"]


def test_a_staging_directory_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".daytona-tui-key").symlink_to("elsewhere")

    with pytest.raises(TransferError, match="not ours"):
        Staging(tmp_path / "out", "key").open()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_kept_staging_directory_is_found_again_and_another_process_waits(tmp_path: Path) -> None:
    first = Staging(tmp_path / "out", "key")
    first.open()
    with pytest.raises(TransferError, match="under way"):
        Staging(tmp_path / "out", "key").open()
    first.journal.add([Arrived(_file("a"), 3, put(first.contents, _file("a"), b"abc"))])
    kept = first.keep()
    assert kept is not None
    assert kept.stat().st_mode & 0o777 == 0o700

    second = Staging(tmp_path / "out", "key")
    assert len(second.arrived(TransferPlan(files=(_file("a"),)))) == 1
    second.open()
    assert (second.contents / "a").read_bytes() == b"abc"
    second.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_new_directory_keeps_mode_and_time_in_a_destination_that_exists(tmp_path: Path) -> None:
    base = tmp_path / "out"
    (base / "there").mkdir(parents=True)
    (base / "in-the-way").touch()
    staging = Staging(base)
    staging.open()
    for name in ("there/sub", "private", "in-the-way"):
        path = staging.contents / name
        path.mkdir(parents=True)
        (path / "x").touch()
        path.chmod(0o700)
        os.utime(path, ns=(AT, AT))

    failed = staging.settle(ConflictPolicy.FAIL)

    assert [parts for parts, _ in failed] == [("in-the-way",)]
    for name in ("there/sub", "private"):
        assert (base / name / "x").exists()
        assert (base / name).stat().st_mode & 0o777 == 0o700
        assert (base / name).stat().st_mtime_ns == AT
    assert sorted(path.name for path in base.iterdir()) == ["in-the-way", "private", "there"]


def test_nothing_is_kept_where_nothing_has_arrived(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "a" / "out", "key")
    staging.open()

    assert staging.keep() is None
    assert list(tmp_path.iterdir()) == []


def test_a_half_file_that_may_not_be_written_to_is_taken_up_and_ends_as_it_was_meant_to(tmp_path: Path) -> None:
    file = replace(_file("x", 6), mode=0o444)
    first = Landing(tmp_path, file)
    first.begin()
    first.write([b"abc"])
    first.close()

    second = Landing(tmp_path, file)
    assert len(second.take_up()) == 64
    second.write([b"def"])
    second.finish(AT)

    assert (tmp_path / "x").read_bytes() == b"abcdef"
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o444 & ~_umask()
    assert (tmp_path / "x").stat().st_mtime_ns == AT


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
