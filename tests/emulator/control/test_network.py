"""Network settings and SSH access, as the SDK and the wire see them."""

from __future__ import annotations

import aiohttp
import pytest
from daytona import AsyncDaytona

from daytona_tui.emulator.server import Emulator


async def test_network_settings_are_kept(daytona: AsyncDaytona, emulator: Emulator) -> None:
    sandbox = await daytona.create()
    await sandbox.update_network_settings(network_allow_list="10.0.0.0/8, 192.168.1.0/24")
    assert (sandbox.network_allow_list, sandbox.network_block_all) == ("10.0.0.0/8, 192.168.1.0/24", False)
    await sandbox.update_network_settings(network_allow_list="")
    assert emulator.fleet.find(sandbox.id).network_allow_list is None
    await sandbox.update_network_settings(domain_allow_list="example.com,*.example.org")
    assert emulator.fleet.find(sandbox.id).domain_allow_list == "example.com,*.example.org"
    await sandbox.update_network_settings(domain_allow_list="", network_block_all=True)
    assert sandbox.network_block_all is True


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"networkAllowList": "10.0.0.0"}, "Must be CIDR notation"),
        ({"networkAllowList": "10.0.0.0/8/8"}, "Must be CIDR notation"),
        ({"networkAllowList": "10.0.0.256/8"}, 'Invalid IP address: "10.0.0.256"'),
        ({"networkAllowList": "::1/128"}, "Must be a valid IPv4 address"),
        ({"networkAllowList": "10.0.0.0/"}, "Missing CIDR prefix length"),
        ({"networkAllowList": "10.0.0.0/x"}, "Prefix must be an integer between 0 and 32"),
        ({"networkAllowList": "10.0.0.0/33"}, "Prefix must be between 0 and 32"),
        ({"networkAllowList": "10.0.0.0/" + "9" * 5000}, "Prefix must be between 0 and 32"),
        ({"networkAllowList": ",".join(["10.0.0.0/8"] * 11)}, "more than 10 networks"),
        ({"networkAllowList": 7}, "networkAllowList must be a string"),
        ({"domainAllowList": "localhost"}, 'Invalid domain: "localhost"'),
        ({"domainAllowList": "*.*.com"}, "Invalid domain"),
        ({"domainAllowList": ",".join(["a.com"] * 21)}, "more than 20 domains"),
        ({"networkBlockAll": "yes"}, "networkBlockAll must be a boolean value"),
        ({"networkAllowList": "10.0.0.0/8", "domainAllowList": "a.com"}, "mutually exclusive"),
        ({"networkBlockAll": True, "domainAllowList": "a.com"}, "cannot be combined"),
    ],
)
async def test_settings_that_make_no_sense_are_refused(
    http: aiohttp.ClientSession, emulator: Emulator, settings: dict[str, object], words: str
) -> None:
    async with http.post("/api/sandbox", json={"name": "one"}) as answer:
        assert answer.status == 200
    async with http.post("/api/sandbox/one/network-settings", json=settings) as answer:
        assert answer.status == 400
        assert words in (await answer.json())["message"]
    record = emulator.fleet.find("one")
    assert (record.network_block_all, record.network_allow_list, record.domain_allow_list) == (False, None, None)


async def test_ssh_access_is_good_until_it_expires(daytona: AsyncDaytona, emulator: Emulator) -> None:
    sandbox = await daytona.create()
    access = await sandbox.create_ssh_access(10)
    assert access.token in access.ssh_command
    assert (access.expires_at - access.created_at).total_seconds() == 600
    valid = await sandbox.validate_ssh_access(access.token)
    assert (valid.valid, valid.sandbox_id) == (True, sandbox.id)
    assert (await sandbox.validate_ssh_access("wrong")).valid is False

    emulator.fleet.clock.advance(601)
    assert (await sandbox.validate_ssh_access(access.token)).valid is False


async def test_ssh_access_is_replaced_revoked_and_gone_with_its_sandbox(daytona: AsyncDaytona) -> None:
    sandbox, other = await daytona.create(), await daytona.create()
    first, foreign = await sandbox.create_ssh_access(), await other.create_ssh_access()
    second = await sandbox.create_ssh_access()
    assert (await sandbox.validate_ssh_access(first.token)).valid is False
    await sandbox.revoke_ssh_access(second.token)
    assert (await sandbox.validate_ssh_access(second.token)).valid is False
    assert (await sandbox.validate_ssh_access(foreign.token)).valid is True
    await other.delete(timeout=20)
    assert (await sandbox.validate_ssh_access(foreign.token)).valid is False


@pytest.mark.parametrize("minutes", ["soon", "-1", "nan", "1e300"])
async def test_a_time_that_is_none_is_refused(http: aiohttp.ClientSession, minutes: str) -> None:
    async with http.post("/api/sandbox", json={"name": "one"}) as answer:
        assert answer.status == 200
    async with http.post(f"/api/sandbox/one/ssh-access?expiresInMinutes={minutes}") as answer:
        assert answer.status == 400
    async with http.post("/api/sandbox/nobody/ssh-access") as answer:
        assert answer.status == 404
