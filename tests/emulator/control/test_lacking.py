"""An older server on request: paths that it does not know, and fields that it does not read."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from daytona_tui.emulator import wire
from daytona_tui.emulator.mishaps.lacking import LACKS, SETS, parse_lacks
from daytona_tui.emulator.server import Emulator

OpenEmulator = Callable[..., Awaitable[Emulator]]

ASKED = {
    "ttl": "POST /api/sandbox/{id}/ttl/5",
    "auto-pause": "POST /api/sandbox/{id}/autopause/5",
    "pause": "POST /api/sandbox/{id}/pause",
    "fork": "GET /api/sandbox/{id}/forks",
    "resize": "POST /api/sandbox/{id}/resize",
    "recover": "POST /api/sandbox/{id}/recover",
    "network": "POST /api/sandbox/{id}/network-settings",
    "secrets": "GET /api/secret/paginated",
    "snapshots-from-sandbox": "POST /api/sandbox/{id}/snapshot",
    "snapshots": "GET /api/snapshots",
    "volumes": "GET /api/volumes",
    "previews": "GET /api/sandbox/{id}/ports/80/preview-url",
    "signed-previews": "GET /api/sandbox/{id}/ports/80/signed-preview-url",
    "ssh": "POST /api/sandbox/{id}/ssh-access",
    "keys": "GET /api/api-keys/current",
    "regions": "GET /api/regions",
    "quotas": "GET /api/organizations/x/usage",
    "usage": "GET /analytics/organization/x/usage/sandbox",
    "object-storage": "GET /api/object-storage/push-access",
    "audit": "GET /api/audit/organizations/x",
    "events": "GET /api/socket.io/",
    "environment": "POST /toolbox/{id}/env",
    "metrics": "GET /toolbox/{id}/system/metrics",
    "sessions": "GET /toolbox/{id}/process/session",
    "ptys": "GET /toolbox/{id}/process/pty",
    "git": "GET /toolbox/{id}/git/status",
    "git-remotes": "GET /toolbox/{id}/git/remotes",
    "signing-keys": "GET /api/sandbox/{id}/signing-key",
    "document": "GET /api-json",
}


async def _ask(emulator: Emulator, session: aiohttp.ClientSession, request: str, body: object = None) -> Any:
    method, path = request.split(" ")
    url = emulator.api_url.removesuffix("/api") + path
    async with session.request(method, url, json=body) as response:
        return response.status, await response.text()


async def test_everything_that_can_be_lacking_is_unknown_then_and_only_then(open_emulator: OpenEmulator) -> None:
    older, newer = await open_emulator(lacks=frozenset(LACKS)), await open_emulator(seed="empty")
    for emulator in (older, newer):
        headers = {"Authorization": f"Bearer {emulator.api_key}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            created = await _ask(emulator, session, "POST /api/sandbox", {})
            assert created[0] == 200
            for request in ASKED.values():
                status, text = await _ask(emulator, session, request.format(id="some"))
                is_unset = status == 503 and "not configured" in text
                is_unknown = is_unset or (status == 404 and ("Cannot " in text or text == "404 page not found"))
                assert is_unknown is (emulator is older), (request, status, text)
    assert {*ASKED, "fields"} == set(LACKS)


async def test_what_it_does_not_know_is_not_read_at_a_creation(open_emulator: OpenEmulator) -> None:
    emulator = await open_emulator(lacks=parse_lacks("v0.190"))
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    body = {"ttlMinutes": 5, "secrets": [{"env": "A", "secretName": "none"}], "autoStopInterval": 7}
    async with aiohttp.ClientSession(headers=headers) as session:
        status, _ = await _ask(emulator, session, "POST /api/sandbox", body)
    record = next(iter(emulator.fleet.records.values()))

    assert status == 200
    assert (record.auto_destroy_at, record.auto_stop) == (None, 7)


async def test_the_last_open_server_tells_its_version_and_the_fields_that_it_knows(open_emulator: OpenEmulator) -> None:
    newer = await open_emulator(seed="fleet:3")
    older = await open_emulator(seed="fleet:3", lacks=parse_lacks("v0.190"))
    some, lacking = [await _told(emulator) for emulator in (newer, older)]

    assert (some["version"], lacking["version"]) == ((wire.API_VERSION,) * 3, ("0.190.0",) * 3)
    assert some["item"] - lacking["item"] >= {"networkBlockAll", "autoPauseInterval", "spot"}
    assert some["body"] - lacking["body"] == {"autoPauseInterval", "kvm", "spot"}
    assert "networkBlockAll" in lacking["body"]
    assert some["snapshot"] - lacking["snapshot"] == {"sourceSandboxId"}
    assert lacking["refusal"] <= {"path", "method", "timestamp", "statusCode", "error", "message"}
    missing = {"/api/sandbox/{}/ttl/{}", "/api/sandbox/{}/autopause/{}", "/api/sandbox/{}/resize", "/api/secret"}
    assert some["paths"] >= {*missing, "/api/sandbox/{}"}
    assert lacking["paths"] & missing == set()
    assert "/api/sandbox/{}" in lacking["paths"]


async def _told(emulator: Emulator) -> dict[str, Any]:
    """Return what a server tells of its version, and which fields its records have."""
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    async with aiohttp.ClientSession(emulator.api_url.removesuffix("api"), headers=headers) as session:

        async def read(path: str) -> Any:
            async with session.get(path) as response:
                return response.headers["X-Daytona-Api-Version"], await response.json()

        version, settings = await read("/api/config")
        _, page = await read("/api/sandbox")
        _, body = await read(f"/api/sandbox/{page['items'][0]['id']}")
        _, snapshots = await read("/api/snapshots")
        _, refusal = await read("/toolbox/nobody/files")
        _, document = await read("/api-json")
    return {
        "version": (version, settings["version"], body["daemonVersion"]),
        "item": set(page["items"][0]),
        "body": set(body),
        "snapshot": set(snapshots["items"][0]),
        "refusal": set(refusal),
        "paths": {re.sub(r"\{[^}]*\}", "{}", path) for path in document["paths"]},
    }


def test_the_document_names_everything_that_can_be_lacking() -> None:
    text = (Path(__file__).parents[3] / "docs" / "emulator.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| `--lacks`"))

    assert [name for name in (*LACKS, *SETS) if f"`{name}`" not in row] == []


def test_names_are_read_between_commas_and_others_refused() -> None:
    assert parse_lacks(" ttl , fork,") == {"ttl", "fork"}
    assert parse_lacks("") == frozenset()
    assert parse_lacks("v0.190,git") == {*SETS["v0.190"], "git"}
    with pytest.raises(ValueError, match="no server can lack 'everything': it is one of"):
        parse_lacks("everything")
