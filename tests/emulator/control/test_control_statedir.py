"""A state directory of the user's: kept, locked, and never robbed of what is not ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams

from daytona_tui.emulator.server import Emulator, EmulatorOptions
from daytona_tui.emulator.statedir import StateDirectoryError

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
