"""``daytona.secret``: values that go in and never come out."""

from __future__ import annotations

import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams, CreateSecretParams, UpdateSecretParams
from daytona._async.secret import AsyncSecretService
from daytona_api_client_async.exceptions import ApiException, NotFoundException
from tests.emulator.sdk.covering import covers


@covers(AsyncSecretService.create, AsyncSecretService.get, AsyncSecretService.update, AsyncSecretService.delete)
async def test_a_secret_is_kept_changed_and_deleted(daytona: AsyncDaytona) -> None:
    made = await daytona.secret.create(
        CreateSecretParams(name="TOKEN", value="hunter2", description="of the test", hosts=["api.example.com"])
    )
    seen = await daytona.secret.get(made.id)
    assert (seen.name, seen.description, seen.hosts) == ("TOKEN", "of the test", ["api.example.com"])
    assert seen.placeholder
    assert "hunter2" not in str(vars(seen))

    await daytona.secret.update(made.id, UpdateSecretParams(description="changed", hosts=["*.example.com"]))

    seen = await daytona.secret.get(made.id)
    assert (seen.description, seen.hosts) == ("changed", ["*.example.com"])
    with pytest.raises(ApiException) as refusal:
        await daytona.secret.create(CreateSecretParams(name="TOKEN", value="again"))
    assert refusal.value.status in {400, 409}
    assert "again" not in str(refusal.value.body)
    await daytona.secret.delete(made.id)
    with pytest.raises(NotFoundException):
        await daytona.secret.get(made.id)


@covers(AsyncSecretService.list)
async def test_secrets_are_listed_by_page(daytona: AsyncDaytona) -> None:
    for number in range(3):
        await daytona.secret.create(CreateSecretParams(name=f"PAGED_{number}", value="v"))

    first = await daytona.secret.list(limit=2, name="paged", sort="name", order="asc")
    rest = await daytona.secret.list(cursor=first.next_cursor, limit=2, name="paged", sort="name", order="asc")

    assert [each.name for each in (*first.items, *rest.items)] == ["PAGED_0", "PAGED_1", "PAGED_2"]
    assert (first.total, rest.next_cursor) == (3, None)


@covers(AsyncSecretService.create)
async def test_a_sandbox_sees_the_placeholder(daytona: AsyncDaytona) -> None:
    secret = await daytona.secret.create(CreateSecretParams(name="IN_SANDBOX", value="hunter2"))

    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(secrets={"VARIABLE": "IN_SANDBOX"}))

    assert (await sandbox.process.exec("echo $VARIABLE")).result.strip() == secret.placeholder
    await sandbox.delete(timeout=20)
