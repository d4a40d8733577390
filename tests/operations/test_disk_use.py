"""What takes the room, weighed by the sandbox's own program or, without one, by the lengths of the files."""

from __future__ import annotations

from typing import cast

import pytest
from tests.operations.conftest import Bench
from tests.operations.narrow import Narrow

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import NotFoundError
from daytona_tui.operations import disk_use as module
from daytona_tui.operations.disk_use import DiskUse, Looks, disk_use

HOSTILE = "a\n9999999\t/fake"


def _names(use: DiskUse) -> list[str]:
    return [each.path.removeprefix(use.path.rstrip("/") + "/") for each in use.entries]


def _plant(bench: Bench) -> None:
    (bench.home / "big" / "inner").mkdir(parents=True)
    (bench.home / "big" / "inner" / "file").write_bytes(b"x" * 300_000)
    (bench.home / "small").write_bytes(b"x" * 100_000)
    (bench.home / "empty").touch()


async def test_the_largest_comes_first_and_what_lies_deeper_counts(bench: Bench) -> None:
    _plant(bench)

    use = await disk_use(bench.gateway, bench.sandbox.id, bench.work_dir)
    deeper = await disk_use(bench.gateway, bench.sandbox.id, bench.work_dir + "/", depth=3)

    assert _names(use) == ["big", "small", "empty"]
    assert _names(deeper)[:4] == ["big", "big/inner", "big/inner/file", "small"]
    assert use.entries[0].size_bytes >= 300_000
    assert use.size_bytes is not None
    assert use.size_bytes >= sum(each.size_bytes for each in use.entries)
    assert (use.is_partial, use.by_listing, use.has_files) == (False, False, True)


async def test_a_file_weighs_itself_and_nothing_is_not_there(bench: Bench) -> None:
    _plant(bench)

    use = await disk_use(bench.gateway, bench.sandbox.id, f"{bench.work_dir}/small")

    assert use.entries == ()
    assert use.size_bytes is not None
    assert use.size_bytes >= 100_000
    with pytest.raises(NotFoundError):
        await disk_use(bench.gateway, bench.sandbox.id, f"{bench.work_dir}/nowhere")


async def test_hostile_names_are_names(bench: Bench) -> None:
    for name in (HOSTILE.replace("/", "_"), "$(touch pwned)", "'; touch pwned; '", "-rf", "\x1b[2J"):
        (bench.home / name).mkdir()
        (bench.home / name / "inside").touch()

    use = await disk_use(bench.gateway, bench.sandbox.id, bench.work_dir)
    inside = await disk_use(bench.gateway, bench.sandbox.id, f"{bench.work_dir}/'; touch pwned; '")

    assert set(_names(use)) == {path.name for path in bench.home.iterdir()}
    assert _names(inside) == ["inside"]
    assert not (bench.home / "pwned").exists()


async def test_too_many_names_leave_the_directories(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _plant(bench)
    for number in range(200):
        (bench.home / f"file-{number:03}").touch()
    monkeypatch.setattr(module, "MOST_BYTES", 2_000)

    use = await disk_use(bench.gateway, bench.sandbox.id, bench.work_dir)

    assert (_names(use), use.has_files) == (["big"], False)
    assert use.size_bytes is not None


async def test_a_program_that_ends_lines_is_understood_too(bench: Bench) -> None:
    """As busybox has it."""
    _plant(bench)
    (bench.home / "two\nlines").write_bytes(b"x" * 50_000)
    narrow = cast(Looks, Narrow(bench.gateway, "du", "-0"))

    use = await disk_use(narrow, bench.sandbox.id, bench.work_dir)

    assert use == await disk_use(bench.gateway, bench.sandbox.id, bench.work_dir)
    assert _names(use) == ["big", "small", "two\nlines", "empty"]


async def test_without_programs_the_lengths_are_added_up(bench: Bench) -> None:
    _plant(bench)
    bench.emulator.faults.add(FaultRule(path="*/process/execute", status=501))

    use = await disk_use(bench.gateway, bench.sandbox.id, bench.work_dir)
    deeper = await disk_use(bench.gateway, bench.sandbox.id, bench.work_dir, depth=2)
    one = await disk_use(bench.gateway, bench.sandbox.id, f"{bench.work_dir}/small")

    assert [(each.path.rpartition("/")[2], each.size_bytes) for each in use.entries] == [
        ("big", 300_000),
        ("small", 100_000),
        ("empty", 0),
    ]
    assert (use.size_bytes, use.by_listing) == (400_000, True)
    assert _names(deeper)[:2] == ["big", "big/inner"]
    assert one.size_bytes == 100_000


def test_a_line_feed_in_a_name_ends_no_record() -> None:
    """As busybox has it: the only harm that a hostile name can do is to a size beside it."""
    text = "4\t/w/a\nb\n12\t/w/c\nno number\n16\t/w\n"

    assert list(module._used(text, "\n")) == [("/w/a\nb", 4096), ("/w/c\nno number", 12288), ("/w", 16384)]
