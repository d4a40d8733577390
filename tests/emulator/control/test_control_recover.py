"""Putting right what went wrong, where that is possible; and what every state allows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from daytona import AsyncDaytona, DaytonaBadRequestError

from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.emulator.server import Emulator

Connect = Callable[..., Awaitable[AsyncDaytona]]


async def test_a_recoverable_sandbox_is_started_with_its_files(daytona: AsyncDaytona, emulator: Emulator) -> None:
    sandbox = await daytona.create()
    await sandbox.fs.upload_file(b"kept", "note.txt")
    record = emulator.fleet.records[sandbox.id]
    emulator.fleet.change(record, state="error", error_reason="no space left on device", recoverable=True)

    await sandbox.recover(timeout=20)

    assert (sandbox.state, sandbox.recoverable, sandbox.error_reason) == ("started", False, None)
    assert (await sandbox.process.exec("cat note.txt")).result == "kept"


async def test_a_start_can_be_skipped(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    emulator.fleet.add(SandboxRecord(new_id(), "broken", state="error", error_reason="lost", recoverable=True))

    async with http.post("/api/sandbox/broken/recover?skipStart=true") as response:
        answer = await response.json()

    assert (answer["state"], answer["desiredState"], answer["recoverable"]) == ("stopped", "stopped", False)
    assert "errorReason" not in answer


async def test_what_cannot_be_recovered(emulator: Emulator, connect: Connect) -> None:
    sdk = await connect(emulator)
    emulator.fleet.add(SandboxRecord(new_id(), "lost", state="error", error_reason="runner lost"))
    emulator.fleet.add(SandboxRecord(new_id(), "well", state="stopped", desired_state="stopped"))
    emulator.fleet.add(SandboxRecord(new_id(), "odd", state="stopped", desired_state="stopped", recoverable=True))

    for name, words in (("lost", "recoverable state"), ("well", "recoverable state"), ("odd", "error state")):
        with pytest.raises(DaytonaBadRequestError, match=words):
            await (await sdk.get(name)).recover(timeout=20)


_RESTING = {"started", "stopped", "archived", "paused"}
_TABLE: dict[str, dict[str, int]] = {
    # change: the answer in each state; a state that is not named answers with the one of "else"
    "start": {"started": 200, "stopped": 200, "archived": 200, "paused": 200, "error": 400, "build_failed": 400},
    "stop": {"started": 200, "paused": 200, "stopped": 400, "archived": 400, "error": 400, "build_failed": 400},
    "archive": {"stopped": 200, "started": 400, "archived": 400, "paused": 400, "error": 400, "build_failed": 400},
    "pause": {"started": 422, "else": 400},
    "recover": {"else": 400},
    "resize": {"started": 200, "stopped": 200, "else": 400},
    "fork": {"else": 422},
    "backup": {"started": 200, "stopped": 200, "else": 400},
    "delete": {"started": 200, "stopped": 200, "archived": 200, "paused": 200, "error": 200, "build_failed": 200},
}


@pytest.mark.parametrize("change", _TABLE)
@pytest.mark.parametrize(
    "state",
    [
        *sorted(_RESTING),
        *("error", "build_failed", "creating", "starting", "stopping", "archiving", "restoring", "resuming"),
        *("pausing", "resizing", "snapshotting", "forking", "destroying", "pending_build", "building_snapshot"),
    ],
)
async def test_every_change_in_every_state(
    emulator: Emulator, http: aiohttp.ClientSession, change: str, state: str
) -> None:
    is_resting = state in _RESTING
    record = SandboxRecord(
        new_id(),
        "one",
        state=state,
        desired_state=state if is_resting else "archived" if state == "archiving" else "started",
        pending=not is_resting and state not in {"error", "build_failed", "archiving"},
    )
    emulator.fleet.add(record)
    expected = _TABLE[change].get(state, _TABLE[change].get("else", 409))
    if (change, state) in {("start", "archiving"), ("delete", "archiving"), ("delete", "pending_build")}:
        expected = 200

    method, path = ("DELETE", "") if change == "delete" else ("POST", f"/{change}")
    async with http.request(method, f"/api/sandbox/one{path}", json={"cpu": 2}) as response:
        answer = await response.json()

    assert response.status == expected, answer
    if expected != 200:
        assert (record.state, answer["statusCode"]) == (state, expected)
        if expected == 409:
            assert answer["message"] == "Sandbox state change in progress"


async def test_only_runners_tell_states_and_read_secrets(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    emulator.fleet.add(SandboxRecord(new_id(), "one"))

    async with http.put("/api/sandbox/one/state", json={"state": "stopped"}) as response:
        assert response.status == 403
    async with http.get("/api/sandbox/one/secrets") as response:
        assert response.status == 403
    async with http.get("/api/sandbox/for-runner") as response:
        assert response.status == 403

    assert emulator.fleet.find("one").state == "started"
