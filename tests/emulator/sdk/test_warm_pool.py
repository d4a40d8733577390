"""``daytona.warm_pool``: sandboxes that wait to be asked for."""

from __future__ import annotations

import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams
from daytona._async.warm_pool import AsyncWarmPoolService
from daytona_api_client_async.exceptions import ApiException
from tests.emulator.sdk.covering import covers


@covers(
    AsyncWarmPoolService.create, AsyncWarmPoolService.list, AsyncWarmPoolService.update, AsyncWarmPoolService.delete
)
async def test_a_pool_is_made_changed_and_deleted(daytona: AsyncDaytona) -> None:
    made = await daytona.warm_pool.create("daytona-small", 1, target="us")
    assert (made.snapshot, made.pool, made.target) == ("daytona-small", 1, "us")
    assert [each.name async for each in daytona.list()] == []  # what waits is not shown

    await daytona.warm_pool.update(made.id, 2)

    assert [(each.id, each.pool) for each in await daytona.warm_pool.list()] == [(made.id, 2)]
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(snapshot="daytona-small"))
    assert (await sandbox.process.exec("echo warm")).result.strip() == "warm"
    await sandbox.delete(timeout=20)
    await daytona.warm_pool.delete(made.id)
    assert await daytona.warm_pool.list() == []
    with pytest.raises(ApiException) as refusal:
        await daytona.warm_pool.create("no-such-snapshot", 1)
    assert 400 <= refusal.value.status < 500
