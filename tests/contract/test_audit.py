"""Who made a sandbox, by the audit log: through the real SDK against the emulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.contract.helpers import Gateways, connection_to

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.mine import is_mine, made_by_another
from daytona_tui.domain.owners import Owner
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator, EmulatorOptions
from daytona_tui.errors import AuthError, ProtocolError, RemoteError, UnsupportedError

ANA = "dtn_ana_0123456789abc"
READER = "dtn_reader_0123456789"
KEYS = [
    {
        "name": "ana",
        "key": ANA,
        "permissions": ["write:sandboxes", "read:audit_logs"],
        "user": {"id": "ana", "name": "Ana", "email": "ana@example.org"},
    },
    {"name": "reader", "key": READER, "permissions": []},
]
LOG = "/api/audit/organizations/*"


@pytest.fixture
async def shared(tmp_path: Path) -> AsyncIterator[Emulator]:
    """An emulator that several people have keys for."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(KEYS))
    file.chmod(0o600)
    async with Emulator(EmulatorOptions(seed="fleet:3", pace="instant", keys=file)) as emulator:
        yield emulator


async def made(emulator: Emulator, key: str, **headers: str) -> SandboxId:
    """Make a sandbox with ``key`` and return its id."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"} | headers) as session,
        session.post(f"{emulator.api_url}/sandbox", json={}) as response,
    ):
        assert response.status < 300, await response.text()
        return SandboxId((await response.json())["id"])


async def test_the_log_tells_who_made_a_sandbox_and_with_what(shared: Emulator, open_gateways: Gateways) -> None:
    gateway = open_gateways(connection_to(shared))
    headers = {"User-Agent": "sdk-python-async/0.226.1", "X-Daytona-Source": "sdk-python-async"}
    sandbox_id = await made(shared, ANA, **headers)
    await gateway.set_labels(sandbox_id, {"a": "b"})

    trail = await gateway.created_by(sandbox_id)

    assert trail is not None
    assert (trail.actor, trail.actor_id) == ("ana@example.org", "ana")
    assert (trail.key_prefix, trail.key_suffix) == (ANA[:3], ANA[-3:])
    assert (trail.sdk, trail.user_agent) == ("sdk-python-async", "sdk-python-async/0.226.1")
    assert trail.at is not None
    assert trail.at.tzinfo is not None


async def test_what_was_there_before_the_log_is_not_in_it(gateway: DaytonaGateway, started: SandboxId) -> None:
    await gateway.set_labels(started, {"a": "b"})
    assert await gateway.created_by(started) is None


async def test_ours_is_what_our_key_made_and_another_persons_is_not(shared: Emulator, open_gateways: Gateways) -> None:
    gateway, hers = open_gateways(connection_to(shared)), open_gateways(Connection(shared.api_url, Secret(ANA)))
    ours = await made(shared, shared.api_key)
    theirs = await made(shared, ANA)
    for asking, own, foreign in ((gateway, ours, theirs), (hers, theirs, ours)):
        identity = await asking.identify()
        assert identity.key_suffix
        own_trail, foreign_trail = await asking.created_by(own), await asking.created_by(foreign)
        assert is_mine(await asking.get(own), Owner(), own_trail, identity)
        assert not is_mine(await asking.get(foreign), Owner(), foreign_trail, identity)
        assert made_by_another(foreign_trail, identity)
        assert not made_by_another(own_trail, identity)


async def test_a_key_without_the_permission_is_refused(shared: Emulator, open_gateways: Gateways) -> None:
    sandbox_id = await made(shared, ANA)
    with pytest.raises(AuthError) as refused:
        await open_gateways(Connection(shared.api_url, Secret(READER))).created_by(sandbox_id)
    assert refused.value.status == 403


ITEM = {"targetType": "sandbox", "action": "create", "actorEmail": "a@example.org", "statusCode": 200}


@pytest.mark.parametrize(
    ("items", "actor"),
    [
        ([], None),
        ([ITEM | {"statusCode": 409}], None),
        ([ITEM | {"statusCode": 409, "actorEmail": "b@example.org"}, ITEM], "a@example.org"),
        ([ITEM | {"statusCode": None}], "a@example.org"),
        ([ITEM | {"actorEmail": 7, "createdAt": "soon", "source": None}], ""),
        ([ITEM | {"actorEmail": "x" * 10_000}], "x" * 300),
    ],
    ids=["nothing", "failed", "failed first", "no status", "odd", "long"],
)
async def test_odd_entries_cost_nothing(
    emulator: Emulator,
    gateway: DaytonaGateway,
    started: SandboxId,
    items: list[dict[str, object]],
    actor: str | None,
) -> None:
    emulator.faults.add(FaultRule(path=LOG, body={"items": [item | {"targetId": started} for item in items]}))
    trail = await gateway.created_by(started)
    assert (trail.actor if trail else None) == actor


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (FaultRule(path=LOG, status=401), AuthError),
        (FaultRule(path=LOG, status=404, body={"message": "Cannot GET /api/audit"}), UnsupportedError),
        (FaultRule(path=LOG, status=500), RemoteError),
        (FaultRule(path=LOG, body=[1, 2]), ProtocolError),
        (FaultRule(path=LOG, body={"items": "many"}), ProtocolError),
        (FaultRule(path=LOG, body={"items": [ITEM | {"targetId": "another"}]}), UnsupportedError),
    ],
    ids=["401", "404", "500", "shape", "items", "unchosen"],
)
async def test_trouble_comes_in_our_words(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId, fault: FaultRule, kind: type[Exception]
) -> None:
    emulator.faults.add(fault)
    with pytest.raises(kind):
        await gateway.created_by(started)
