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
from daytona_tui.emulator.mishaps.lacking import parse_lacks
from daytona_tui.emulator.server import Emulator
from daytona_tui.operations.checkup import abilities, server, server_findings

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
    assert set(found) == {"reachability", "clock", "versions", "key", "permissions", "events", "abilities"}

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


async def _lacking(emulator: Emulator) -> list[Finding]:
    settings = Settings(api_url=emulator.api_url, api_key=Secret(emulator.api_key))
    async with headless(settings) as gateway:
        return [each for each in await server_findings(gateway, sdk_version="0.226.1") if each.check == "abilities"]


async def test_what_a_server_lacks_is_found_out_by_reading(open_emulator: OpenEmulator) -> None:
    emulator = await open_emulator(seed="demo", lacks=parse_lacks("v0.190,usage"))
    before = {record.id: (record.state, record.last_activity_at) for record in emulator.fleet.records.values()}
    emulator.faults.add(FaultRule(path="*", method="POST", drop=True))  # whoever changes something meets this

    found = await _lacking(emulator)
    told = [each.words for each in found]

    assert told[:5] == [
        *(
            f"this server has no {name} (its published interface does not have it)"
            for name in ("time to live", "auto-pause", "resizing", "secrets")
        ),
        "this server keeps no accounts of what sandboxes cost (it was asked for it)",
    ]
    assert "older than the measurement of its use (asked of " in told[5]
    assert {each.grade.value for each in found} == {"warn"}
    assert all(each.todo for each in found)
    assert {key: (each.state, each.last_activity_at) for key, each in emulator.fleet.records.items()} == before


async def test_a_server_that_publishes_nothing_is_asked(open_emulator: OpenEmulator) -> None:
    lacks = parse_lacks("document,ttl,fork,secrets,regions,quotas,audit,volumes,snapshots,previews")
    emulator = await open_emulator(seed="empty", lacks=lacks)

    told = [each.words for each in await _lacking(emulator)]

    assert {each for each in told if each.endswith("(it was asked for it)")} == {
        f"{words} (it was asked for it)"
        for words in (
            "this server has no forks",
            "this server has no secrets",
            "this server has no list of regions",
            "this server does not tell quotas",
            "this server has no audit log",
            "this server has no volumes",
            "this server has no snapshots",
            "this server has no previews",
        )
    }
    assert "found out by doing that" in told[-1]


@pytest.mark.parametrize(
    "fault",
    [
        FaultRule(path="/api-json", text="<!doctype html>", content_type="text/html"),
        FaultRule(path="/api-json", body={"paths": {"/pets": {"get": {}}}}),
        FaultRule(path="/api-json", body={"paths": {"/api/sandbox/{id}": ["get"]}}),
        FaultRule(path="/api-json", body=[]),
        FaultRule(path="/api-json", drop=True),
    ],
)
async def test_what_is_no_document_of_a_daytona_says_nothing_of_it(
    open_emulator: OpenEmulator, fault: FaultRule
) -> None:
    emulator = await open_emulator(seed="empty")
    emulator.faults.add(fault)

    [told] = await _lacking(emulator)

    assert (told.grade.value, "publishes no interface" in told.words) == ("ok", True)


async def test_a_server_that_does_not_answer_is_not_waited_for(
    open_emulator: OpenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = await open_emulator(seed="empty", lacks=parse_lacks("ttl"))
    emulator.faults.add(FaultRule(path="/analytics/*", silent=True))
    monkeypatch.setattr(abilities, "LOOK_S", 1.0)

    told = [each.words for each in await _lacking(emulator)]

    assert told[0].startswith("this server has no time to live")
    assert "not found out within 1 s" in told[-1]


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


async def test_a_server_without_tls_is_told_from_one_that_is_away(open_emulator: OpenEmulator) -> None:
    emulator = await open_emulator(seed="empty")
    settings = Settings(api_url=emulator.api_url.replace("http://", "https://"), api_key=Secret(emulator.api_key))

    async with headless(settings) as gateway:
        [found] = await server_findings(gateway, sdk_version="0.226.1")

    assert (found.check, found.exit_code) == ("reachability", 3)
    assert "TLS certificate or handshake" in found.words
    assert "SSL_CERT_FILE" in found.todo
