"""The last fleet on disk: whole again, nobody else's, without secrets, and harmless whatever stands in the file."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daytona_tui.client.mapping import sandbox_from
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.emulator.server import Emulator
from daytona_tui.operations import fleet_cache
from daytona_tui.operations.fleet_cache import PER_LINE, FleetCache, SavedFleet

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "profiles" / "one" / "fleet.jsonl"


def sandbox(name: str = "a", minutes: float = 0) -> Sandbox:
    return Sandbox(SandboxId(name), name, SandboxState.STARTED, created_at=NOW - timedelta(minutes=minutes))


async def loaded(path: Path) -> list[SavedFleet]:
    return [part async for part in FleetCache(path).load()]


async def load(path: Path) -> list[Sandbox]:
    return [sandbox for part in await loaded(path) for sandbox in part.sandboxes]


async def test_reading_that_is_cancelled_ends_as_cancelled(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path)  # opening it waits for a writer: the read is under way when it is cancelled
    reading = asyncio.create_task(loaded(path))
    await asyncio.sleep(0)
    while not any(thread.name.startswith("asyncio_") for thread in threading.enumerate()):  # noqa: ASYNC110 # a thread
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.sleep(0)
    release = asyncio.to_thread(path.write_text, "{}")

    results = await asyncio.wait_for(asyncio.gather(reading, release, return_exceptions=True), 10)

    assert isinstance(results[0], asyncio.CancelledError)


async def test_what_was_kept_comes_back_as_it_was(path: Path, emulator: Emulator) -> None:
    whole = {
        "id": "x", "name": "n\ud800\x1b", "state": "levitating", "desiredState": "started", "organizationId": "o",
        "target": "us", "snapshot": "s", "user": "u", "labels": {"a": "b", "c": ""}, "cpu": 1, "memory": 2, "disk": 3,
        "gpu": 2, "gpuType": "H100", "autoStopInterval": 0, "autoPauseInterval": 1, "autoArchiveInterval": 2,
        "autoDeleteInterval": -1,
        "autoDestroyAt": "2026-01-01T00:00:00.123456Z", "createdAt": "2026-01-01T00:00:00+02:00",
        "updatedAt": "2026-01-01T00:00:00.5Z", "lastActivityAt": "2026-01-01T00:00:01Z", "errorReason": "disk",
        "recoverable": True, "public": True, "backupState": "None", "warmPoolId": "w", "sandboxClass": "container",
    }  # fmt: skip
    first = sandbox_from(whole)
    assert first is not None
    for value in (first, first.resources, first.lifetimes):
        same = [each.name for each in fields(value) if getattr(value, each.name) == each.default]
        assert not same, "a new field: the file has to hold it, and this test to fill it"
    kept = [replace(first, oddities=()), sandbox("b"), Sandbox(SandboxId("bare"), "bare", SandboxState.UNKNOWN)]

    await FleetCache(path).save(kept, NOW)

    assert sorted(await load(path), key=lambda each: each.id) == sorted(kept, key=lambda each: each.id)
    assert {part.saved_at for part in await loaded(path)} == {NOW}


async def test_the_newest_come_first_and_in_parts(path: Path) -> None:
    await FleetCache(path).save([sandbox(str(number), number) for number in reversed(range(PER_LINE + 1))], NOW)

    parts = await loaded(path)

    assert [len(part.sandboxes) for part in parts] == [PER_LINE, 1]
    assert [each.name for part in parts for each in part.sandboxes] == [str(number) for number in range(PER_LINE + 1)]


async def test_the_file_is_its_owners_alone(path: Path) -> None:
    previous = os.umask(0)
    try:
        await FleetCache(path).save([sandbox()], NOW)
    finally:
        os.umask(previous)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_a_huge_fleet_is_kept_in_part(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_cache, "MOST_ROWS", PER_LINE)
    many = [replace(sandbox(str(number), number), error_reason="x" * 10_000) for number in range(PER_LINE + 7)]

    await FleetCache(path).save(many, NOW)

    kept = await load(path)
    assert len(kept) == PER_LINE
    assert {len(each.error_reason) for each in kept} == {2_000}


async def test_nothing_was_kept_yet(path: Path) -> None:
    assert await load(path) == []


async def test_a_fleet_that_cannot_be_kept_is_no_trouble(path: Path) -> None:
    path.parent.parent.mkdir(parents=True)
    path.parent.write_text("a file where the directory should be")

    await FleetCache(path).save([sandbox()], NOW)

    assert await load(path) == []


async def test_saving_twice_at_once_leaves_one_whole_file(path: Path) -> None:
    cache = FleetCache(path)

    await asyncio.gather(*(cache.save([sandbox(name)] * 700, NOW) for name in "abc"))

    assert len({each.name for each in await load(path)}) == 1


HEADING = json.dumps({"format": fleet_cache.FORMAT, "version": fleet_cache.VERSION, "saved_at": NOW.isoformat()})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"null\n[]",
        b'{"format": "something else"}\n[]',
        HEADING.replace(f": {fleet_cache.VERSION},", ": 99,").encode() + b"\n[]",
        b'{"format": "daytona-tui fleet", "version": 2}\n[]',
        b'{"format": "daytona-tui fleet", "version": 2, "saved_at": 5}\n[]',
        b'{"format": "daytona-tui fleet", "version": 2, "saved_at": "2026-01-01"}\n[]',
        HEADING.encode() + b"\n[[1, 2]]",
        HEADING.encode() + b"\n[null]",
        HEADING.encode() + b'\n{"a": 1}',
        HEADING.encode() + b"\n5",
        HEADING.encode() + b"\n" + b"[" * 100_000,
    ],
)
async def test_a_damaged_file_counts_as_none(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)

    assert await load(path) == []


async def test_a_directory_in_its_place_counts_as_none(path: Path) -> None:
    path.mkdir(parents=True)

    assert await load(path) == []


def _cut(text: bytes, at: int) -> bytes:
    return text[: at % len(text)]


def _spoil(text: bytes, at: int) -> bytes:
    at %= len(text)
    return text[:at] + b"\x00" + text[at + 1 :]


@pytest.mark.parametrize("damage", [_cut, _spoil])
@given(at=st.integers(0, 1 << 20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_damage_anywhere_leaves_only_sandboxes_that_were_kept(
    path: Path, damage: Callable[[bytes, int], bytes], at: int
) -> None:
    kept = [sandbox(str(number), number) for number in range(PER_LINE + 20)]
    asyncio.run(FleetCache(path).save(kept, NOW))
    path.write_bytes(damage(path.read_bytes(), at))

    found = asyncio.run(load(path))

    assert len(found) % PER_LINE in (0, 20)
    assert [each.id for each in found] == [each.id for each in kept][: len(found)]


@pytest.mark.parametrize("index", range(29))
@pytest.mark.parametrize("value", [None, 5, 1.5, True, "", [], {"a": 1}, "9999-99-99"])
async def test_a_value_of_another_kind_never_stops_the_program(path: Path, index: int, value: object) -> None:
    await FleetCache(path).save([sandbox()], NOW)
    heading, line = path.read_text().splitlines()
    rows = json.loads(line)
    rows[0][index] = value
    path.write_text(f"{heading}\n{json.dumps(rows)}\n")

    assert len(await load(path)) <= 1


async def test_what_was_not_understood_is_asked_again_and_not_kept(path: Path) -> None:
    odd = replace(sandbox("odd"), oddities=("its labels are no table",))

    await FleetCache(path).save([sandbox("plain"), odd], NOW)

    assert [each.name for each in await load(path)] == ["plain"]
    assert [each.stat().st_mode & 0o777 for each in (path, path.parent, path.parent.parent)] == [0o600, 0o700, 0o700]
