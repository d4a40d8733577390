"""The organisation, its people and places, and the server's settings, through the SDK's own classes."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest
from daytona_api_client_async import (
    ConfigApi,
    HealthApi,
    OrganizationsApi,
    RegionsApi,
    RunnersApi,
    SandboxApi,
    UsersApi,
)
from daytona_api_client_async.exceptions import ApiException
from tests.emulator.conftest import Connect, OpenEmulator
from tests.emulator.control.conftest import Api

from daytona_tui.emulator.accounts.quotas import Quota
from daytona_tui.emulator.fleet.records import ORGANIZATION_ID, new_id
from daytona_tui.emulator.server import Emulator


async def test_the_organisation_is_one_and_whole(open_emulator: OpenEmulator, api: Api) -> None:
    emulator = await open_emulator(quota=Quota(sandbox_cpu=4, secrets=9), rate_limits={"sandbox-create": 300})
    organizations = OrganizationsApi(await api(emulator))

    listed = await organizations.list_organizations()
    one = await organizations.get_organization(ORGANIZATION_ID)

    assert [each.id for each in listed] == [one.id] == [ORGANIZATION_ID]
    assert (one.max_cpu_per_sandbox, one.secret_quota, one.suspended) == (4, 9, False)
    assert (one.sandbox_create_rate_limit, one.sandbox_create_rate_limit_ttl_seconds) == (300, 60)
    assert one.authenticated_rate_limit is None
    with pytest.raises(ApiException) as foreign:
        await organizations.get_organization(new_id())
    assert foreign.value.status == 403


async def test_the_people_are_those_with_keys(open_emulator: OpenEmulator, api: Api, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    ada = {"id": "ada", "name": "Ada", "email": "ada@example.org"}
    file.write_text(json.dumps([{"name": n, "key": f"dtn_{n}_0123456789", "user": ada} for n in ("one", "two")]))
    organizations = OrganizationsApi(await api(await open_emulator(keys=file)))

    members = await organizations.list_organization_members(ORGANIZATION_ID)

    assert [(each.user_id, each.name, each.role) for each in members] == [
        ("local-user", "Local User", "owner"),
        ("ada", "Ada", "member"),
    ]
    assert await organizations.list_organization_roles(ORGANIZATION_ID) == []
    assert await organizations.list_organization_invitations(ORGANIZATION_ID) == []
    assert await organizations.list_organization_invitations_for_authenticated_user() == []
    assert await organizations.get_organization_invitations_count_for_authenticated_user() == 0


async def test_classes_and_gpus_follow_the_quotas(open_emulator: OpenEmulator, api: Api) -> None:
    organizations = OrganizationsApi(await api(await open_emulator(quota=Quota(gpu=0))))

    classes = await organizations.list_available_sandbox_classes(ORGANIZATION_ID)
    capacity = await organizations.get_gpu_capacity(ORGANIZATION_ID)

    assert {(each.region_id, each.sandbox_class) for each in classes} == {
        (region, sandbox_class) for region in ("us", "eu") for sandbox_class in ("container", "linux-vm")
    }
    assert not any(each.gpu_available for each in classes)
    assert [each.available_on_demand for each in capacity.capacity] == [0]


async def test_a_sandbox_leads_to_its_organisation_and_quota(emulator: Emulator, connect: Connect, api: Api) -> None:
    sandbox = await (await connect(emulator)).create()
    sandboxes = SandboxApi(await api(emulator))

    organization = await sandboxes.get_organization_by_sandbox_id(sandbox.id)
    quota = await sandboxes.get_region_quota_by_sandbox_id(sandbox.id)

    assert organization.id == ORGANIZATION_ID
    assert (quota.region_id, quota.sandbox_class) == ("us", "container")
    assert quota.total_cpu_quota == Quota().cpu
    with pytest.raises(ApiException) as unknown:
        await sandboxes.get_region_quota_by_sandbox_id(new_id())
    assert unknown.value.status == 404


async def test_the_regions_and_the_runner_are_this_machine(emulator: Emulator, connect: Connect, api: Api) -> None:
    client = await api(emulator)
    regions = await OrganizationsApi(client).list_available_regions()
    shared = await RegionsApi(client).list_shared_regions()
    assert [each.id for each in regions] == [each.id for each in shared] == ["us", "eu"]
    assert (await OrganizationsApi(client).get_region_by_id("eu")).name == "eu"
    with pytest.raises(ApiException) as unknown:
        await OrganizationsApi(client).get_region_by_id("mars")
    assert unknown.value.status == 404

    sandbox = await (await connect(emulator)).create()
    (runner,) = await RunnersApi(client).list_runners(region_id="us")
    assert runner.id == emulator.fleet.records[sandbox.id].runner_id
    assert (runner.current_started_sandboxes, runner.current_allocated_cpu) == (1, 1)
    assert min(runner.cpu, runner.memory, runner.disk) >= 1
    assert (await RunnersApi(client).get_runner_by_id(runner.id)).name == runner.name
    assert await RunnersApi(client).list_runners(region_id="mars") == []


async def test_the_person_who_asks(emulator: Emulator, api: Api) -> None:
    users = UsersApi(await api(emulator))
    assert (await users.get_authenticated_user()).id == "local-user"
    assert await users.get_account_providers() == []


async def test_the_server_lives_and_tells_its_settings_to_anyone(emulator: Emulator, api: Api) -> None:
    stranger = await api(emulator, "no key at all")
    ready = await HealthApi(stranger).health_controller_check()
    config = await ConfigApi(stranger).config_controller_get_config()

    assert ready.status == "ok"
    assert config.analytics_api_url == emulator.api_url.removesuffix("/api") + "/analytics"
    assert config.ssh_gateway_command
    assert config.default_snapshot


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/organizations"),
        ("POST", f"/api/organizations/{ORGANIZATION_ID}/suspend"),
        ("GET", "/api/jobs"),
        ("GET", f"/api/webhooks/organizations/{ORGANIZATION_ID}/initialization-status"),
        ("GET", "/api/admin/runners"),
    ],
)
async def test_what_a_local_server_has_no_use_for_is_said_to_be_missing(
    http: aiohttp.ClientSession, method: str, path: str
) -> None:
    async with http.request(method, path) as response:
        body = await response.json()
    assert response.status == 501
    assert path in body["message"]
