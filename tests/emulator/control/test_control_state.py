"""A state directory of the user's: kept, locked, settled at the start, and never robbed of what is not ours."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams

from daytona_tui.emulator.body.archive import pack
from daytona_tui.emulator.fleet.catalogue import Secret, Snapshot, Volume, WarmPool
from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.emulator.server import Emulator, EmulatorOptions
from daytona_tui.emulator.state.journal import Journal
from daytona_tui.emulator.state.recovery import UNBUILT, UNMADE
from daytona_tui.emulator.state.spelling import read, spell
from daytona_tui.emulator.state.statedir import StateDirectory, StateDirectoryError
from daytona_tui.emulator.state.store import SCHEMA

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]


async def test_sandboxes_are_there_again_after_a_restart(open_emulator: Open, connect: Connect, tmp_path: Path) -> None:
    first = await open_emulator(state_dir=tmp_path / "state")
    daytona = await connect(first)
    kept = await daytona.create(CreateSandboxFromSnapshotParams(name="kept", labels={"a": "b"}, ttl_minutes=99))
    await kept.fs.upload_file(b"content", "file.txt")
    stopped = await daytona.create(CreateSandboxFromSnapshotParams(name="stopped"))
    await stopped.stop(timeout=20)
    deleted = await daytona.create(CreateSandboxFromSnapshotParams(name="deleted"))
    await deleted.delete(timeout=20)
    await first.close()

    second = await open_emulator(state_dir=tmp_path / "state", seed="demo")
    daytona = await connect(second)
    rows = {each.name: each async for each in daytona.list()}

    assert {name: str(row.state and row.state.value) for name, row in rows.items()} == {
        "kept": "stopped",
        "stopped": "stopped",
    }
    assert rows["kept"].error_reason == "The emulator ended while the sandbox was running"
    assert rows["stopped"].error_reason is None
    assert rows["kept"].labels["a"] == "b"
    assert rows["kept"].auto_destroy_at == kept.auto_destroy_at
    await rows["kept"].start(timeout=20)
    assert await rows["kept"].fs.download_file("file.txt") == b"content"
    assert not (tmp_path / "state" / "sandboxes" / deleted.id).exists()


async def test_a_change_cut_short_is_settled_at_the_restart(
    open_emulator: Open, connect: Connect, tmp_path: Path
) -> None:
    first = await open_emulator(state_dir=tmp_path, pace="natural")
    daytona = await connect(first)
    sandbox = await daytona.create()
    await sandbox.stop(timeout=20)
    await sandbox.archive()
    assert sandbox.state == "archiving"
    await first.close()

    second = await open_emulator(state_dir=tmp_path)
    daytona = await connect(second)
    again = await daytona.get(sandbox.id)
    assert (again.state, again.desired_state) == ("stopped", "stopped")
    await again.start(timeout=20)


async def test_a_directory_with_other_files_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(StateDirectoryError, match="holds other files"):
        await Emulator(EmulatorOptions(state_dir=tmp_path)).__aenter__()

    assert [each.name for each in tmp_path.iterdir()] == ["thesis.tex"]


async def test_files_added_later_survive_every_close(open_emulator: Open, tmp_path: Path) -> None:
    await (await open_emulator(state_dir=tmp_path)).close()
    (tmp_path / "mine.txt").write_text("mine")
    await (await open_emulator(state_dir=tmp_path)).close()

    assert (tmp_path / "mine.txt").read_text() == "mine"


async def test_a_file_is_no_directory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")

    with pytest.raises(StateDirectoryError, match="not a directory"):
        await Emulator(EmulatorOptions(state_dir=file)).__aenter__()
    with pytest.raises(StateDirectoryError, match="Not a directory"):
        await Emulator(EmulatorOptions(state_dir=file / "below")).__aenter__()


async def test_a_directory_serves_one_emulator_at_a_time(open_emulator: Open, tmp_path: Path) -> None:
    first = await open_emulator(state_dir=tmp_path)

    with pytest.raises(StateDirectoryError, match="in use by another emulator"):
        await open_emulator(state_dir=tmp_path)
    await first.close()

    await open_emulator(state_dir=tmp_path)


async def test_a_place_where_nothing_can_be_made_is_refused() -> None:
    place = Path("/dev/null/state")

    with pytest.raises(StateDirectoryError, match=str(place)):
        await Emulator(EmulatorOptions(state_dir=place)).__aenter__()


def _database(place: Path) -> Any:
    return contextlib.closing(sqlite3.connect(place / "state.sqlite", isolation_level=None))


def _rows(place: Path, kind: str = "sandbox") -> dict[str, Any]:
    with _database(place) as database:
        found = database.execute("SELECT id, body FROM records WHERE kind = ?", (kind,))
        return {record_id: json.loads(body) for record_id, body in found}


async def _label(emulator: Emulator, sandbox_id: str, value: str) -> int:
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    url = f"{emulator.api_url}/sandbox/{sandbox_id}/labels"
    body = {"labels": {"is": value}}
    async with aiohttp.ClientSession(headers=headers) as session, session.put(url, json=body) as response:
        return response.status


async def test_what_was_answered_is_in_the_database(open_emulator: Open, tmp_path: Path) -> None:
    emulator = await open_emulator(state_dir=tmp_path)
    record = SandboxRecord(new_id(), "one", state="stopped", desired_state="stopped")
    emulator.fleet.add(record)

    for number in range(20):
        assert await _label(emulator, record.id, f"n{number}") == 200
        assert _rows(tmp_path)[record.id]["labels"] == {"is": f"n{number}"}


@pytest.mark.parametrize(
    ("state", "desired", "becomes", "reason"),
    [
        ("started", "started", ("stopped", "stopped"), "The emulator ended while the sandbox was running"),
        ("paused", "paused", ("stopped", "stopped"), "The emulator ended while the sandbox was paused"),
        ("starting", "started", ("stopped", "stopped"), "The emulator ended while the sandbox was starting"),
        ("creating", "started", ("stopped", "stopped"), "The emulator ended while the sandbox was creating"),
        ("resizing", "started", ("stopped", "stopped"), "The emulator ended while the sandbox was resizing"),
        ("stopping", "stopped", ("stopped", "stopped"), None),
        ("archiving", "archived", ("stopped", "stopped"), None),
        ("stopped", "stopped", ("stopped", "stopped"), None),
        ("stopped", "started", ("stopped", "stopped"), None),
        ("archived", "archived", ("archived", "archived"), None),
        ("building_snapshot", "started", ("build_failed", "started"), UNBUILT),
        ("error", "started", ("error", "started"), None),
    ],
)  # fmt: skip
async def test_every_state_is_settled(
    open_emulator: Open, tmp_path: Path, state: str, desired: str, becomes: tuple[str, str], reason: str | None
) -> None:
    first = await open_emulator(state_dir=tmp_path)
    record = SandboxRecord(new_id(), "one", state=state, desired_state=desired, pending=True, labels={"a": "b"})
    first.fleet.add(record)
    await first.close()

    second = await open_emulator(state_dir=tmp_path)
    again = second.fleet.find("one")
    await second.close()

    assert ((again.state, again.desired_state), again.error_reason, again.pending) == (becomes, reason, False)
    assert again.labels == {"a": "b"}
    assert _rows(tmp_path)[record.id]["state"] == becomes[0]


@pytest.mark.parametrize("state", ["destroying", "destroyed"])
async def test_what_was_being_destroyed_is_gone(open_emulator: Open, tmp_path: Path, state: str) -> None:
    first = await open_emulator(state_dir=tmp_path)
    record = SandboxRecord(new_id(), "one", state=state, desired_state="destroyed")
    first.fleet.add(record)
    body = tmp_path / "sandboxes" / record.id / "home"
    body.mkdir(parents=True)
    (body / "file").write_text("going")
    await first.close()

    second = await open_emulator(state_dir=tmp_path)

    assert not second.fleet.records
    assert not body.parent.exists()
    assert _rows(tmp_path)[record.id]["state"] == "destroyed"


async def test_an_archive_that_is_whole_wins_and_halves_are_swept(open_emulator: Open, tmp_path: Path) -> None:
    first = await open_emulator(state_dir=tmp_path)
    directory = StateDirectory(tmp_path)
    found: dict[str, tuple[str, str]] = {}
    for state in ("archiving", "restoring"):
        for has_archive in (True, False):
            record = SandboxRecord(new_id(), f"{state}-{has_archive}", state=state, desired_state="archived")
            record.backup_state = "InProgress"
            first.fleet.add(record)
            home = directory.sandbox_root(record.id) / "home"
            home.mkdir(parents=True)
            (home / "file").write_text(state)
            file = directory.archive_file(record.id)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.with_name(f"{file.name}.part").write_bytes(b"half")
            if has_archive:
                pack(home.parent, file)
                (home / "file").unlink()  # its removal had begun
    await first.close()

    second = await open_emulator(state_dir=tmp_path)

    for record in second.fleet.records.values():
        body, file = directory.sandbox_root(record.id), directory.archive_file(record.id)
        found[record.name] = (record.state, record.backup_state)
        assert body.exists() is (record.state == "stopped")
        assert file.exists() is (record.state == "archived")
        assert not file.with_name(f"{file.name}.part").exists()
    assert found == {
        "archiving-True": ("archived", "Completed"),
        "archiving-False": ("stopped", "None"),
        "restoring-True": ("archived", "Completed"),
        "restoring-False": ("stopped", "None"),
    }


async def test_only_bodies_of_nobody_are_swept(open_emulator: Open, tmp_path: Path) -> None:
    first = await open_emulator(state_dir=tmp_path)
    kept = SandboxRecord(new_id(), "kept", state="stopped", desired_state="stopped")
    first.fleet.add(kept)
    await first.close()
    stray = tmp_path / "sandboxes" / new_id()
    for place in (stray, tmp_path / "sandboxes" / kept.id, tmp_path / "sandboxes" / "of-the-user"):
        (place / "home").mkdir(parents=True)

    await open_emulator(state_dir=tmp_path)

    assert sorted(each.name for each in (tmp_path / "sandboxes").iterdir()) == sorted([kept.id, "of-the-user"])


async def test_files_of_volumes_and_snapshots_that_are_gone_are_swept(open_emulator: Open, tmp_path: Path) -> None:
    first = await open_emulator(state_dir=tmp_path)
    volume, snapshot = Volume(new_id(), "kept"), Snapshot(new_id(), "kept", None, has_files=True)
    first.catalogue.volumes.add(volume)
    first.catalogue.snapshots.add(snapshot)
    await first.close()
    directory = StateDirectory(tmp_path)
    places = {
        directory.volume_root(volume.id): True,
        directory.volume_root(new_id()): False,
        directory.volume_root("of-the-user"): True,
        directory.template_root(snapshot.id): True,
        directory.template_root(f"{snapshot.id}.part"): False,
        directory.build_log(snapshot.id): True,
        directory.build_log(new_id()): False,
    }
    for place in places:
        place.mkdir(parents=True)

    await open_emulator(state_dir=tmp_path)

    assert {place: place.exists() for place in places} == places


async def test_without_its_database_a_directory_keeps_its_files(open_emulator: Open, tmp_path: Path) -> None:
    await (await open_emulator(state_dir=tmp_path)).close()
    body = tmp_path / "sandboxes" / new_id()
    body.mkdir()
    for file in tmp_path.glob("state.sqlite*"):
        file.unlink()

    await open_emulator(state_dir=tmp_path)

    assert body.is_dir()


async def test_a_newer_database_is_refused_in_one_line(open_emulator: Open, tmp_path: Path) -> None:
    await (await open_emulator(state_dir=tmp_path)).close()
    with _database(tmp_path) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA + 1}")

    with pytest.raises(StateDirectoryError, match="written by a newer version") as caught:
        await open_emulator(state_dir=tmp_path)
    assert "\n" not in str(caught.value)


async def test_a_newer_directory_is_refused(open_emulator: Open, tmp_path: Path) -> None:
    await (await open_emulator(state_dir=tmp_path)).close()
    marker = tmp_path / "daytona-emulator.json"
    for text, words in (('{"format": 99}', "newer version"), ("{", "is not an emulator's"), ("[]", "is not an")):
        marker.write_text(text)
        with pytest.raises(StateDirectoryError, match=words):
            await open_emulator(state_dir=tmp_path)


async def test_a_foreign_file_in_place_of_the_database_is_refused_and_untouched(
    open_emulator: Open, tmp_path: Path
) -> None:
    await (await open_emulator(state_dir=tmp_path)).close()
    file = tmp_path / "state.sqlite"
    file.write_bytes(b"years of work" * 1000)
    with pytest.raises(StateDirectoryError, match="not a database"):
        await open_emulator(state_dir=tmp_path)
    assert file.read_bytes() == b"years of work" * 1000

    file.unlink()
    with _database(tmp_path) as database:
        database.execute("CREATE TABLE thesis (text)")
    with pytest.raises(StateDirectoryError, match="not a database of the emulator"):
        await open_emulator(state_dir=tmp_path)
    with _database(tmp_path) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("thesis",)]


@pytest.mark.parametrize(
    "body", ["{", "[]", "{}", '{"id": "../../home", "name": "x"}', '{"id": "x", "name": 5}', '{"id": "x", "cpu": "2"}']
)
async def test_a_damaged_record_is_named(open_emulator: Open, tmp_path: Path, body: str) -> None:
    await (await open_emulator(state_dir=tmp_path)).close()
    with _database(tmp_path) as database:
        database.execute("INSERT INTO records VALUES ('sandbox', 'x', ?)", (body,))

    with pytest.raises(StateDirectoryError, match=r"sandbox|state\.sqlite"):
        await open_emulator(state_dir=tmp_path)


async def test_a_record_of_another_version_is_read_as_far_as_it_goes(open_emulator: Open, tmp_path: Path) -> None:
    await (await open_emulator(state_dir=tmp_path)).close()
    sandbox_id = new_id()
    body = {"id": sandbox_id, "name": "one", "state": "stopped", "desired_state": "stopped", "of_tomorrow": [1]}
    with _database(tmp_path) as database:
        database.execute("INSERT INTO records VALUES ('sandbox', ?, ?)", (sandbox_id, json.dumps(body)))

    record = (await open_emulator(state_dir=tmp_path)).fleet.find("one")

    assert (record.state, record.cpu, record.user) == ("stopped", 1, "daytona")


def _old_directory(place: Path, **records: object) -> None:
    (place / "records").mkdir()
    (place / "sandboxes").mkdir()
    (place / "daytona-emulator.json").write_text('{"format": 1}')
    for name, values in records.items():
        (place / "records" / f"{name.replace('_', '-')}.json").write_text(json.dumps(values))


OLD_ID = "0e7a3c1e-8d8b-4d7e-9a55-0d6a3c1e8d8b"
OLD_RECORD = {
    "id": OLD_ID, "name": "veteran", "state": "started", "desired_state": "started", "labels": {"a": "b"},
    "auto_destroy_at": None, "created_at": "2026-11-01T10:00:00+00:00", "updated_at": "2026-11-01T10:00:00+00:00",
    "last_activity_at": "2026-11-01T10:00:00.250000+00:00", "pending": False, "cpu": 4,
}  # fmt: skip


async def test_a_directory_of_the_first_format_is_taken_over(open_emulator: Open, tmp_path: Path) -> None:
    _old_directory(tmp_path, **{OLD_ID: OLD_RECORD})
    (tmp_path / "sandboxes" / OLD_ID / "home").mkdir(parents=True)
    (tmp_path / "sandboxes" / OLD_ID / "home" / "file").write_text("kept")

    for _ in range(2):
        emulator = await open_emulator(state_dir=tmp_path)
        record = emulator.fleet.find("veteran")
        await emulator.close()

        assert (record.id, record.state, record.labels, record.cpu) == (OLD_ID, "stopped", {"a": "b"}, 4)
        assert record.last_activity_at.microsecond == 250_000
        assert (tmp_path / "sandboxes" / OLD_ID / "home" / "file").read_text() == "kept"
        assert not list((tmp_path / "records").iterdir())


async def test_an_old_record_that_cannot_be_read_is_named_and_left(open_emulator: Open, tmp_path: Path) -> None:
    _old_directory(tmp_path)
    broken: tuple[object, ...] = (
        [],
        {},
        None,
        {**OLD_RECORD, "created_at": "yesterday"},
        {**OLD_RECORD, "id": "../../home"},
    )
    for values in broken:
        (tmp_path / "records" / "broken.json").write_text(json.dumps(values))
        with pytest.raises(StateDirectoryError, match=r"broken\.json"):
            await open_emulator(state_dir=tmp_path)
        assert (tmp_path / "records" / "broken.json").is_file()


async def test_the_journal_keeps_what_others_note(tmp_path: Path) -> None:
    directory, journal = StateDirectory(tmp_path), Journal()
    directory.open()
    journal.open(directory.store)
    journal.note("key", "a", {"name": "first"})
    journal.note("key", "a", {"name": "second"})
    journal.note("key", "b", {"name": "gone"})
    journal.note("key", "b", None)
    for number in range(50):
        journal.append("audit", {"number": number})
    await journal.close()
    directory.close()

    directory.open()
    assert directory.store is not None
    assert dict(directory.store.records("key")) == {"a": {"name": "second"}}
    assert [each["number"] for each in directory.store.entries("audit", newest=20)] == list(range(30, 50))
    assert len(directory.store.entries("audit", newest=100)) == 20  # the older ones have been forgotten
    directory.close()


@dataclass
class _Inner:
    paths: tuple[str, ...]
    since: datetime | None = None


@dataclass
class _Outer:
    id: str
    size: float | None
    inner: _Inner | None = None
    more: list[_Inner] = field(default_factory=list)
    names: frozenset[str] = frozenset()
    anything: dict[str, Any] = field(default_factory=dict)


def test_a_record_is_the_same_after_it_was_kept() -> None:
    inner = _Inner(("/a", "/b"), datetime(2026, 1, 2, 3, 4, 5, 678000, UTC))
    for record in (
        _Outer("x", None),
        _Outer("x", 1.5, inner, [inner, _Inner(())], frozenset({"b", "a"}), {"deep": [{"er": None}]}),
    ):
        assert read(_Outer, json.loads(spell(record))) == record


async def test_the_catalogue_is_there_again_and_settled(open_emulator: Open, tmp_path: Path) -> None:
    first = await open_emulator(state_dir=tmp_path)
    catalogue = first.catalogue
    count = len(catalogue.snapshots.records)
    own = next(each for each in catalogue.snapshots.records.values() if not each.is_general)
    catalogue.snapshots.remove(own)
    building = Snapshot(new_id(), "building", None, state="building", build_info={"dockerfileContent": "FROM x"})
    going = Snapshot(new_id(), "going", "image", state="removing")
    made = Snapshot(new_id(), "made", "image", has_files=True, last_used_at=first.fleet.clock.now())
    for snapshot in (building, going, made):
        catalogue.snapshots.add(snapshot)
    coming, leaving = Volume(new_id(), "coming", state="creating"), Volume(new_id(), "leaving", state="deleting")
    for volume in (coming, leaving):
        catalogue.volumes.add(volume)
    catalogue.secrets.add(Secret(new_id(), "token", hosts=["example.com"]))
    catalogue.warm_pools.add(WarmPool(new_id(), "made", "us", 3))
    await first.close()

    again = (await open_emulator(state_dir=tmp_path)).catalogue

    assert len(again.snapshots.records) == count + 1
    assert again.snapshots.records[made.id] == made
    assert (again.snapshots.records[building.id].state, building.error_reason) == ("build_failed", None)
    assert again.snapshots.records[building.id].error_reason == UNMADE
    assert {each.name: each.state for each in again.volumes.records.values()} == {
        "coming": "ready",
        "leaving": "deleted",
    }
    assert again.secrets.records == catalogue.secrets.records
    assert again.warm_pools.records == catalogue.warm_pools.records


async def test_a_start_that_was_cut_short_does_not_spoil_the_directory(open_emulator: Open, tmp_path: Path) -> None:
    (tmp_path / "daytona-emulator.lock").touch()
    (tmp_path / "daytona-emulator.json.part").write_text('{"for')

    await (await open_emulator(state_dir=tmp_path)).close()
    (tmp_path / "state.sqlite").write_bytes(b"")  # made, and nothing written yet
    await open_emulator(state_dir=tmp_path)
