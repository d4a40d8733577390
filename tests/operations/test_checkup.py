"""What ``doctor`` finds out of a server and of a key, on a real emulator."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from daytona_tui.bootstrap import headless
from daytona_tui.config.connection import Secret
from daytona_tui.config.settings import Settings
from daytona_tui.domain.checkup import Finding
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.operations.checkup import server, server_findings

OpenEmulator = Callable[..., Awaitable[Emulator]]
READER = "dtn_reader_0123456789abcdef"
NEWER = "0.999.0"


async def _found(emulator: Emulator, key: str = "", sdk_version: str = "0.226.1") -> dict[str, Finding]:
    settings = Settings(api_url=emulator.api_url, api_key=Secret(key or emulator.api_key))
    async with headless(settings) as gateway:
        return {each.check: each for each in await server_findings(gateway, sdk_version=sdk_version)}


async def test_a_healthy_server_and_one_that_has_trouble(
    open_emulator: OpenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps([{"name": "reader", "key": READER, "permissions": ["read:volumes"]}]))
    emulator = await open_emulator(seed="empty", keys=keys)
    found = await _found(emulator)
    assert {each.grade.value for each in found.values()} == {"ok"}
    assert set(found) == {"reachability", "clock", "versions", "key", "permissions", "events"}

    found = await _found(emulator, READER, NEWER)
    assert "write:sandboxes: nothing can be made" in found["permissions"].words
    assert "the server is older" in found["versions"].words

    wrong = "dtn_wrong_0123456789abcdef"
    found = await _found(emulator, wrong)
    assert (found["key"].exit_code, "permissions" in found) == (4, False)
    assert wrong not in repr(found)

    late = {"Date": "Sat, 01 Jan 2000 00:00:00 GMT"}
    emulator.faults.add(FaultRule(path="/api/config", body={}, headers=late, delay_s=0.02))
    monkeypatch.setattr(server, "_SLOW_MS", 10.0)
    emulator.faults.add(FaultRule(refuse_events="not today"))
    found = await _found(emulator)
    assert "ahead of the server's" in found["clock"].words
    assert found["reachability"].grade == "warn"
    assert "not today" in found["events"].words

    emulator.faults.clear()
    emulator.faults.add(FaultRule(path="/api/socket.io/*", silent=True))
    monkeypatch.setattr(server, "FEED_S", 0.2)
    assert "does not connect within" in (await _found(emulator))["events"].words


@pytest.mark.parametrize(
    ("fault", "check", "code"),
    [
        (FaultRule(path="/api/config", drop=True), "reachability", 3),
        (FaultRule(path="/api/config", text="<html>"), "reachability", 1),
        (FaultRule(path="/api/config", status=404), "reachability", 1),
        (FaultRule.rate_limited(path="/api/sandbox*"), "key", 3),
        (FaultRule(path="/api/api-keys/current", status=500), "key", 1),
        (FaultRule(path="/api/sandbox*", status=403), "key", 4),
    ],
)
async def test_the_first_failure_ends_the_look(
    open_emulator: OpenEmulator, fault: FaultRule, check: str, code: int
) -> None:
    emulator = await open_emulator(seed="empty")
    emulator.faults.add(fault)

    found = [*(await _found(emulator)).values()]

    assert (found[-1].check, found[-1].grade.value, found[-1].exit_code) == (check, "fail", code)
    assert found[-1].todo
    assert all(each.grade.value != "fail" for each in found[:-1])
