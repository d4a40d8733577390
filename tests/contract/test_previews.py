"""Previews of ports, through the real SDK against the emulator: links that open, signed ones, and who is let in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from tests.contract.helpers import Gateways, connection_to

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import ConfigError, NotFoundError, ProtocolError, UnsupportedError

PORT = 8765
SERVE = f"nohup python3 -m http.server {PORT} --directory /tmp >/dev/null 2>&1 & echo"


async def status_of(url: str, **headers: str) -> int:
    """Ask for a page without any key of ours."""
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status


async def serving(gateway: DaytonaGateway, sandbox_id: SandboxId) -> None:
    """Let a web server run in the sandbox, and wait until it listens."""
    await gateway.run(sandbox_id, SERVE, timeout_s=20)
    for _ in range(400):
        if PORT in await gateway.listening_ports(sandbox_id):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nothing listens")


async def test_links_open_a_port_for_those_who_may_see_it(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    await serving(gateway, started)
    before = emulator.fleet.records[started].last_activity_at
    link = await gateway.preview_link(started, PORT)
    assert link.token
    assert link.token not in link.url
    assert link.token not in repr(link)

    signed = await gateway.sign_preview(started, PORT, 600)
    assert signed.token not in repr(signed)
    assert timedelta(seconds=590) < signed.expires_at - datetime.now(UTC) <= timedelta(seconds=600)
    assert emulator.fleet.records[started].last_activity_at == before, "making links keeps nothing awake"

    assert await status_of(link.url) == 401
    assert await status_of(link.url, **{"x-daytona-preview-token": link.token}) == 200
    assert await status_of(signed.url) == 200
    await gateway.revoke_preview(started, PORT, signed.token)
    assert await status_of(signed.url) in (401, 403)
    await gateway.revoke_preview(started, PORT, signed.token)  # useless already: a success

    assert (await gateway.set_public(started, True)).public
    assert await status_of(link.url) == 200
    assert not (await gateway.set_public(started, False)).public
    assert await status_of(link.url) == 401


async def test_what_cannot_be_is_refused_before_anybody_is_asked(gateway: DaytonaGateway, started: SandboxId) -> None:
    for port in (0, -1, 65_536, True, 3000.0, "3000"):
        with pytest.raises(ConfigError, match="a port is"):
            await gateway.preview_link(started, port)  # type: ignore[arg-type]
    for seconds in (0, -5, 24 * 3600 + 1, 1.5, True):
        with pytest.raises(ConfigError, match="24 hours"):
            await gateway.sign_preview(started, PORT, seconds)  # type: ignore[arg-type]
    for token in ("", "../..", "a b", "a/b", "x" * 600):
        with pytest.raises(ConfigError, match="no token"):
            await gateway.revoke_preview(started, PORT, token)


async def test_what_is_not_there(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    gone = SandboxId("gone")
    with pytest.raises(NotFoundError):
        await gateway.preview_link(gone, PORT)
    with pytest.raises(NotFoundError):
        await gateway.sign_preview(gone, PORT, 60)
    with pytest.raises(NotFoundError):
        await gateway.set_public(gone, True)
    await gateway.revoke_preview(gone, PORT, "abc")  # with the sandbox its links are gone

    words = {"statusCode": 404, "message": "Cannot GET /api/sandbox/x/ports/1/signed-preview-url"}
    emulator.faults.add(FaultRule(path="*/signed-preview-url", status=404, body=words))
    with pytest.raises(UnsupportedError, match="this server has no signed preview links"):
        await gateway.sign_preview(started, PORT, 60)
    assert gateway.abilities.lacks(Ability.SIGNED_PREVIEWS)
    assert (await gateway.preview_link(started, PORT)).url


@pytest.mark.parametrize(
    "body",
    [
        3,
        {},
        {"url": 3},
        {"url": ""},
        {"url": "file:///etc/passwd"},
        {"url": "javascript:alert(1)"},
        {"url": "--version"},
        {"url": "https:///x"},
        {"url": "https://a b/"},
        {"url": "https://h/\x1b[2J"},
        {"url": "https://user:word@h/"},
        {"url": "https://[::1/"},
        {"url": "https://h/" + "a" * 3000},
    ],
)
async def test_a_link_that_is_not_believed(
    emulator: Emulator, open_gateways: Gateways, started: SandboxId, body: object
) -> None:
    gateway = open_gateways(connection_to(emulator))
    emulator.faults.add(FaultRule(path="*/preview-url", body=body))
    with pytest.raises(ProtocolError):
        await gateway.preview_link(started, PORT)
    told = {"token": "abc", **body} if isinstance(body, dict) else body
    emulator.faults.add(FaultRule(path="*/signed-preview-url", body=told))
    with pytest.raises(ProtocolError):
        await gateway.sign_preview(started, PORT, 60)
