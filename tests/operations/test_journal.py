"""The file of the journal: what is written comes back, whatever becomes of the file meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daytona_tui.operations.journal import BEGUN, Entry, Journal

AT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def _entry(number: int = 0, **fields: object) -> Entry:
    return Entry(**{"at": AT, "verb": "stop", "sandbox_id": f"id-{number}", "name": "box", **fields})  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "deep" / "er" / "journal.jsonl", profile="work")


async def test_what_is_kept_comes_back_the_newest_first(journal: Journal) -> None:
    first = _entry(1, parameters={"set": {"a": "b"}}, outcome="done", detail="as said", line="daytona stop id-1")
    await journal.keep(first)
    await journal.keep(_entry(2))

    newest, oldest = await journal.recent(10)

    assert newest.sandbox_id == "id-2"
    assert oldest == Entry(**{**{name: getattr(first, name) for name in first.__slots__}, "profile": "work"})
    assert [each.sandbox_id for each in await journal.recent(1)] == ["id-2"]
    assert await journal.recent(0) == ()


async def test_nothing_kept_is_nothing_back(journal: Journal) -> None:
    assert await journal.recent(10) == ()
    assert not journal.path.parent.exists()


async def test_only_the_owner_may_read_it(journal: Journal) -> None:
    old = os.umask(0)
    try:
        await journal.keep(_entry())
    finally:
        os.umask(old)

    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    journal.path.chmod(0o644)
    await journal.keep(_entry())
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


async def test_full_files_are_put_aside_and_the_oldest_go(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", max_bytes=1000, files=3)
    for number in range(60):
        await journal.keep(_entry(number))

    files = sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".lock")
    assert files == ["journal.jsonl", "journal.jsonl.1", "journal.jsonl.2"]
    assert all((tmp_path / name).stat().st_size <= 1000 for name in files)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())
    ids = [int(each.sandbox_id.removeprefix("id-")) for each in await journal.recent(1000)]
    assert ids == list(range(59, 59 - len(ids), -1))
    assert len(ids) > 10


async def test_damaged_lines_are_left_out(journal: Journal) -> None:
    await journal.keep(_entry(1))
    with journal.path.open("ab") as file:
        file.write(b'\xff\xfe\n{"at": 3}\n[]\nnull\n{"at": "2026-01-01T00:00:00", "verb": 7}\n{"cut')
    await journal.keep(_entry(2))

    assert [each.sandbox_id for each in await journal.recent(10)] == ["id-2", "", "id-1"]


async def test_a_link_or_a_pipe_in_its_place_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("untouched")
    for name in ("link", "pipe"):
        path = tmp_path / name
        path.symlink_to(tmp_path / "elsewhere") if name == "link" else os.mkfifo(path)
        journal = Journal(path)
        async with asyncio.timeout(10):
            await journal.keep(_entry())
        assert journal.take_trouble()
    assert (tmp_path / "elsewhere").read_text() == "untouched"


_FULL_DISK = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from daytona_tui.operations.journal import BEGUN, Entry, Journal
journal = Journal(Path(sys.argv[1]))
entry = Entry(datetime.now(UTC), "stop", "id-1", "box")
journal.keep_now(entry)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
room = Path(sys.argv[1]).stat().st_size + 20
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
journal.keep_now(entry)
assert journal.take_trouble().startswith("the journal cannot be written: "), "told"
journal.keep_now(entry)
assert journal.take_trouble() == "", "told once"
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.keep_now(entry)
"""


def _program(script: str, *arguments: str | Path) -> list[str | Path]:
    return [sys.executable, "-c", script, *arguments]


async def test_a_full_disk_is_told_once_and_the_next_line_is_whole(journal: Journal) -> None:
    program = await asyncio.create_subprocess_exec(*_program(_FULL_DISK, journal.path))

    assert await asyncio.wait_for(program.wait(), 60) == 0
    assert [each.sandbox_id for each in await journal.recent(10)] == ["id-1", "id-1"]
    assert len(journal.path.read_text().splitlines()) == 3


async def test_several_programs_write_whole_lines_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    script = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from daytona_tui.operations.journal import Entry, Journal\n"
        "journal = Journal(Path(sys.argv[1]), max_bytes=40_000, files=20)\n"
        "for n in range(200): journal.keep_now(Entry(datetime.now(UTC), 'stop', f'{sys.argv[2]}-{n}', 'box'))\n"
        "assert not journal.take_trouble()\n"
    )
    programs = [await asyncio.create_subprocess_exec(*_program(script, path, str(number))) for number in range(3)]
    codes = [await asyncio.wait_for(program.wait(), 60) for program in programs]

    assert codes == [0, 0, 0]
    entries = await Journal(path, files=20).recent(10_000)
    assert {each.sandbox_id for each in entries} == {f"{number}-{n}" for number in range(3) for n in range(200)}
    assert all(json.loads(line) for file in tmp_path.glob("*.jsonl*") for line in file.read_text().splitlines())


async def test_long_texts_are_cut_so_that_a_line_stays_one_write(journal: Journal) -> None:
    await journal.keep(_entry(detail="x" * 100_000, parameters={"command": "y" * 100_000, "many": ["z"] * 5000}))

    assert journal.path.stat().st_size < 10_000
    assert (await journal.recent(1))[0].detail.endswith("…")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=50), detail=st.text(max_size=200), labels=st.dictionaries(st.text(max_size=9), st.text()))
def test_any_text_comes_back_as_it_was(tmp_path: Path, name: str, detail: str, labels: dict[str, str]) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.keep_now(_entry(name=name, detail=detail, parameters={"set": labels}))

    back = asyncio.run(journal.recent(1))[0]

    assert (back.name, back.detail, back.parameters) == (name, detail, {"set": labels})


async def test_a_beginning_is_told_until_its_end_is_known(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    for number, outcome in ((1, BEGUN), (2, BEGUN), (1, "done"), (1, BEGUN), (3, "done")):
        await journal.keep(_entry(number, outcome=outcome))

    told = [(each.sandbox_id, each.outcome) for each in await journal.recent(10)]

    assert told == [("id-3", "done"), ("id-1", BEGUN), ("id-1", "done"), ("id-2", BEGUN)]
