"""What sandboxes go through, as the unmodified SDK sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams, DaytonaBadRequestError, DaytonaNotFoundError
from daytona.common.errors import DaytonaConflictError, DaytonaError

from daytona_tui.emulator.fleet.catalogue import Secret
from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]
Eventually = Callable[..., Awaitable[None]]


async def test_a_sandbox_lives_through_every_change(daytona: AsyncDaytona, emulator: Emulator) -> None:
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(name="one", labels={"team": "a"}))
    assert (sandbox.state, sandbox.name, sandbox.cpu) == ("started", "one", 1)
    assert sandbox.env == {}
    assert sandbox.labels == {"team": "a", "code-toolbox-language": "python"}

    await sandbox.stop(timeout=20)
    assert sandbox.state == "stopped"
    await sandbox.archive()
    assert sandbox.state == "archived"
    assert sandbox.backup_state == "Completed"
    await sandbox.start(timeout=20)
    assert sandbox.state == "started"
    await sandbox.delete(timeout=20, wait=True)

    assert [each async for each in daytona.list()] == []
    with pytest.raises(DaytonaNotFoundError, match="Sandbox with ID or name one not found"):
        await daytona.get("one")
    assert emulator.fleet.records == {}


async def test_files_stay_and_processes_end_when_a_sandbox_stops(daytona: AsyncDaytona) -> None:
    sandbox = await daytona.create()
    await sandbox.fs.upload_file(b"kept", "kept.txt")
    await sandbox.process.exec("nohup sleep 1000 >/dev/null 2>&1 & echo started")

    await sandbox.stop(timeout=20)
    with pytest.raises(DaytonaBadRequestError, match="Is the Sandbox started"):
        await sandbox.process.exec("true")
    await sandbox.start(timeout=20)

    assert await sandbox.fs.download_file("kept.txt") == b"kept"
    listing = await sandbox.process.exec("for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $p; echo; done")
    assert "sleep 1000" not in listing.result.replace("for p in", "")


async def test_intervals_labels_and_time_to_live_are_kept(daytona: AsyncDaytona) -> None:
    sandbox = await daytona.create(
        CreateSandboxFromSnapshotParams(
            snapshot="daytona-medium",
            auto_stop_interval=5,
            auto_archive_interval=0,
            auto_delete_interval=90,
            ttl_minutes=30,
        )
    )
    assert (sandbox.cpu, sandbox.memory, sandbox.disk) == (2, 4, 8)
    assert (sandbox.auto_stop_interval, sandbox.auto_archive_interval, sandbox.auto_delete_interval) == (5, 43200, 90)
    first_end = sandbox.auto_destroy_at

    await sandbox.set_autostop_interval(0)
    await sandbox.set_auto_archive_interval(60)
    await sandbox.set_auto_delete_interval(-1)
    await sandbox.set_ttl(500)
    await sandbox.set_labels({"only": "this"})
    await sandbox.refresh_activity()
    await sandbox.refresh_data()

    assert (sandbox.auto_stop_interval, sandbox.auto_archive_interval, sandbox.auto_delete_interval) == (0, 60, -1)
    assert sandbox.labels == {"only": "this"}
    assert first_end is not None
    assert sandbox.auto_destroy_at is not None
    assert sandbox.auto_destroy_at > first_end


async def test_creation_is_refused_in_the_server_s_words(daytona: AsyncDaytona) -> None:
    await daytona.create(CreateSandboxFromSnapshotParams(name="taken"))

    with pytest.raises(DaytonaConflictError, match="Sandbox with name taken already exists"):
        await daytona.create(CreateSandboxFromSnapshotParams(name="taken"))
    with pytest.raises(DaytonaBadRequestError, match="Snapshot nowhere not found"):
        await daytona.create(CreateSandboxFromSnapshotParams(snapshot="nowhere"))


async def test_changes_that_a_state_does_not_allow_are_refused(daytona: AsyncDaytona, emulator: Emulator) -> None:
    sandbox = await daytona.create()
    with pytest.raises(DaytonaBadRequestError, match="Sandbox is not stopped"):
        await sandbox.archive()
    await sandbox.start(timeout=20)  # nothing happens to one that is up
    await sandbox.stop(timeout=20)
    with pytest.raises(DaytonaBadRequestError, match="not in a stoppable state"):
        await sandbox.stop(timeout=20)

    failed = SandboxRecord(new_id(), "failed", state="error", error_reason="runner lost")
    emulator.fleet.add(failed)
    broken = await daytona.get("failed")
    assert broken.error_reason == "runner lost"
    with pytest.raises(DaytonaBadRequestError, match="errored state"):
        await broken.start(timeout=20)
    await broken.delete(timeout=20, wait=True)
    with pytest.raises(DaytonaNotFoundError):
        await daytona.get(failed.id)


async def test_stopping_an_ephemeral_sandbox_destroys_it(daytona: AsyncDaytona, emulator: Emulator) -> None:
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(ephemeral=True))
    assert sandbox.auto_delete_interval == 0

    await sandbox.stop(timeout=20)

    assert emulator.fleet.records == {}


async def test_of_five_parallel_stops_one_wins(open_emulator: Open, connect: Connect) -> None:
    emulator = await open_emulator(pace="natural")
    daytona = await connect(emulator)
    sandbox = await daytona.create()
    handles = [await daytona.get(sandbox.id) for _ in range(5)]

    outcomes = await asyncio.gather(*(each.stop(timeout=20) for each in handles), return_exceptions=True)

    refused = [outcome for outcome in outcomes if isinstance(outcome, DaytonaConflictError)]
    assert outcomes.count(None) == 1
    assert len(refused) == 4
    assert "Sandbox state change in progress" in str(refused[0])


async def test_a_deleted_sandbox_frees_its_name_at_once(open_emulator: Open, connect: Connect) -> None:
    emulator = await open_emulator(pace="natural")
    daytona = await connect(emulator)
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(name="mine"))

    await sandbox.delete(timeout=20)
    with pytest.raises(DaytonaNotFoundError):
        await daytona.get("mine")
    leaving = await daytona.get(sandbox.id)
    with pytest.raises(DaytonaConflictError):
        await leaving.delete(timeout=20)
    again = await daytona.create(CreateSandboxFromSnapshotParams(name="mine"))

    assert leaving.name.startswith("DESTROYED_mine_")
    assert again.id != sandbox.id


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("stop", ["stopping", "stopped"]),
        ("delete", ["destroying", "destroyed"]),
    ],
)
async def test_changes_take_their_states_in_order(
    open_emulator: Open, connect: Connect, eventually: Eventually, change: str, expected: list[str]
) -> None:
    emulator = await open_emulator(pace="natural")
    daytona = await connect(emulator)
    seen: list[str] = []
    sandbox = await daytona.create()
    emulator.fleet.subscribe(lambda event, record, _: seen.append(record.state) if "state.updated" in event else None)

    await getattr(sandbox, change)(timeout=20)

    await eventually(lambda: [state for state in seen if state != "started"][-2:] == expected)


async def test_an_archive_can_be_turned_back_while_it_is_made(open_emulator: Open, connect: Connect) -> None:
    emulator = await open_emulator(pace="natural")
    daytona = await connect(emulator)
    sandbox = await daytona.create()
    await sandbox.stop(timeout=20)

    await sandbox.archive()
    assert sandbox.state == "archiving"
    await sandbox.start(timeout=20)

    assert sandbox.state == "started"


async def test_a_body_that_will_not_open_is_an_error_with_a_reason(
    open_emulator: Open, connect: Connect, tmp_path: Any
) -> None:
    emulator = await open_emulator(state_dir=tmp_path / "state")
    daytona = await connect(emulator)
    (tmp_path / "state" / "sandboxes").rmdir()
    (tmp_path / "state" / "sandboxes").write_text("in the way")

    with pytest.raises(DaytonaError, match="Not a directory"):
        await daytona.create(CreateSandboxFromSnapshotParams(name="doomed"))

    (record,) = emulator.fleet.records.values()
    assert (record.name, record.state, record.pending) == ("doomed", "error", False)


async def test_secrets_are_replaced_for_what_starts_next(daytona: AsyncDaytona, emulator: Emulator) -> None:
    first, second = Secret(new_id(), "first"), Secret(new_id(), "second")
    emulator.catalogue.secrets.add(first)
    emulator.catalogue.secrets.add(second)
    sandbox = await daytona.create()

    await sandbox.update_secrets({"KEY": "first", "TOKEN": "second"})
    assert (await sandbox.process.exec("echo $KEY $TOKEN")).result.split() == [first.placeholder, second.placeholder]
    await sandbox.update_secrets({"KEY": "second"})
    assert (await sandbox.process.exec("echo $KEY ${TOKEN-none}")).result.split() == [second.placeholder, "none"]

    with pytest.raises(DaytonaNotFoundError, match="Secret unheard-of not found"):
        await sandbox.update_secrets({"KEY": "unheard-of"})
    assert emulator.fleet.records[sandbox.id].secret_names == {"KEY": "second"}


@pytest.mark.parametrize(
    "body", [{}, {"secrets": {}}, {"secrets": ["a"]}, {"secrets": [{"A B": "c"}]}, {"secrets": [{"A": 1}]}, []]
)
async def test_secrets_that_are_spelt_otherwise(emulator: Emulator, http: aiohttp.ClientSession, body: object) -> None:
    emulator.fleet.add(SandboxRecord(new_id(), "one"))

    async with http.put("/api/sandbox/one/secrets", json=body) as response:
        assert response.status == 400


async def test_previews_are_opened_and_closed_to_everybody(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    emulator.fleet.add(SandboxRecord(new_id(), "one"))

    for word, is_public in (("true", True), ("false", False)):
        async with http.post(f"/api/sandbox/one/public/{word}") as response:
            assert (await response.json())["public"] is is_public


async def test_a_forced_stop_does_not_ask(open_emulator: Open, connect: Connect) -> None:
    emulator = await open_emulator()
    sandbox = await (await connect(emulator)).create()
    await sandbox.process.exec("(trap '' TERM; while :; do sleep 1; done) >/dev/null 2>&1 & echo deaf")
    begun = asyncio.get_running_loop().time()

    await sandbox.stop(timeout=20, force=True)

    assert sandbox.state == "stopped"
    assert asyncio.get_running_loop().time() - begun < 1.5  # asking takes two seconds where nobody listens


async def test_gpu_and_linked_sandboxes_stay_ephemeral(daytona: AsyncDaytona, emulator: Emulator) -> None:
    emulator.fleet.add(SandboxRecord(new_id(), "gpu", gpu=1, auto_delete=0))
    emulator.fleet.add(SandboxRecord(new_id(), "linked", linked_sandbox_id="other", auto_delete=0))

    for name in ("gpu", "linked"):
        sandbox = await daytona.get(name)
        with pytest.raises(DaytonaBadRequestError, match="must remain ephemeral"):
            await sandbox.set_auto_delete_interval(60)
        assert emulator.fleet.find(name).auto_delete == 0
