"""Asking the audit log lazily: what is remembered, what is said once, and what happens in trouble."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import aiohttp
import pytest
from tests.conftest import OpenEmulator

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.mine import MineRules
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import AuthError, RemoteError
from daytona_tui.operations.trail_file import MOST, load_trails, save_trails
from daytona_tui.operations.who import NO_PERMISSION, Who

LOG = "/api/audit/organizations/*"


async def make(emulator: Emulator, gateway: Gateway, count: int = 1) -> list[Sandbox]:
    """Make sandboxes with the gateway's own key, through the interface."""
    made = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {emulator.api_key}"}) as session:
        for _ in range(count):
            async with session.post(f"{emulator.api_url}/sandbox", json={}) as response:
                made.append(await gateway.get((await response.json())["id"]))
    return made


def counted(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> list[SandboxId]:
    """A list to which every sandbox is added that the server is asked about."""
    asked: list[SandboxId] = []
    created_by = gateway.created_by

    async def noted(sandbox_id: SandboxId) -> AuditTrail | None:
        asked.append(sandbox_id)
        return await created_by(sandbox_id)

    monkeypatch.setattr(gateway, "created_by", noted)
    return asked


@pytest.fixture
def asked(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> list[SandboxId]:
    return counted(gateway, monkeypatch)


async def test_an_answer_is_remembered_for_good(emulator: Emulator, gateway: Gateway, tmp_path: Path) -> None:
    [sandbox] = await make(emulator, gateway)
    path = tmp_path / "state" / "audit.json"
    who = Who(gateway, path)
    assert who.trail_of(sandbox.id) is None
    trail = await who.ask(sandbox.id)
    assert trail is not None
    assert trail.actor == "local@localhost"
    assert who.is_mine(sandbox)
    assert not who.is_anothers(sandbox)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert emulator.api_key not in path.read_text()

    emulator.faults.add(FaultRule(path=LOG, status=500))
    assert await who.ask(sandbox.id) == trail
    later = Who(gateway, path)
    assert await later.ask(sandbox.id) == trail
    assert later.is_mine(sandbox)


async def test_every_answer_is_told_once_and_what_was_kept_at_the_beginning(
    emulator: Emulator, gateway: Gateway, tmp_path: Path
) -> None:
    made = await make(emulator, gateway, 3)
    told: list[SandboxId] = []
    for _ in range(2):
        who = Who(gateway, tmp_path / "audit.json")
        who.on_told = told.extend
        await who.load()
        await who.complete(made)
    assert sorted(told) == sorted([each.id for each in made] * 2)


async def test_nothing_is_asked_twice_not_even_at_once(
    emulator: Emulator, gateway: Gateway, asked: list[SandboxId]
) -> None:
    [sandbox] = await make(emulator, gateway)
    who = Who(gateway)
    trails = await asyncio.gather(*(who.ask(sandbox.id) for _ in range(5)))
    assert len({trail.actor if trail else "" for trail in trails}) == 1
    assert len(asked) == 1


async def test_what_the_log_has_nothing_of_is_asked_once_a_run(gateway: Gateway, asked: list[SandboxId]) -> None:
    fleet = [each async for page in gateway.list_pages() for each in page]
    sandbox = next(each for each in fleet if each.name == "scratch")
    who = Who(gateway)
    assert await who.ask(sandbox.id) is None
    assert await who.ask(sandbox.id) is None
    assert who.is_answered(sandbox.id)
    assert not who.refusal
    assert not who.is_mine(sandbox)
    assert len(asked) == 1


async def test_many_are_asked_for_but_not_more_than_allowed(
    emulator: Emulator, gateway: Gateway, tmp_path: Path, asked: list[SandboxId]
) -> None:
    made = await make(emulator, gateway, 7)
    who = Who(gateway, tmp_path / "audit.json")
    assert await who.complete(made, most=3) == 3
    assert await who.complete(made) == 4
    assert await who.complete(made) == 0
    assert len(asked) == 7
    assert all(map(who.is_mine, made))
    assert load_trails(tmp_path / "audit.json").keys() == {each.id for each in made}


async def test_a_missing_permission_is_said_once_and_not_asked_for_again(
    open_emulator: OpenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps([{"name": "reader", "key": "dtn_reader_0123456789", "permissions": []}]))
    file.chmod(0o600)
    emulator = await open_emulator(seed="fleet:6", keys=file)
    gateway = open_gateway(Connection(emulator.api_url, Secret("dtn_reader_0123456789")))
    asked = counted(gateway, monkeypatch)
    try:
        fleet = [each async for page in gateway.list_pages() for each in page]
        who = Who(gateway, tmp_path / "audit.json", MineRules(owners=frozenset({"hermes"})))
        assert await who.complete(fleet) == 0
        assert who.refusal == NO_PERMISSION
        assert (who.news(), who.news()) == (NO_PERMISSION, "")
        before = len(asked)
        assert await who.ask(fleet[0].id) is None
        assert len(asked) == before <= 4
        assert [who.is_mine(each) for each in fleet] == ["hermes_task_id" in each.labels for each in fleet]
        assert not (tmp_path / "audit.json").exists()
    finally:
        await gateway.close()


async def test_a_server_without_a_log_is_not_asked_again(
    emulator: Emulator, gateway: Gateway, asked: list[SandboxId]
) -> None:
    made = await make(emulator, gateway, 2)
    emulator.faults.add(FaultRule(path=LOG, status=404, body={"message": "Cannot GET /api/audit"}))
    who = Who(gateway)
    assert await who.ask(made[0].id) is None
    assert "keeps no audit log" in who.refusal
    assert await who.complete(made) == 0
    assert len(asked) == 1


@pytest.mark.parametrize(("status", "kind"), [(500, RemoteError), (401, AuthError)])
async def test_trouble_passes_and_the_question_is_asked_again(
    emulator: Emulator, gateway: Gateway, status: int, kind: type[Exception]
) -> None:
    made = await make(emulator, gateway, 2)
    who = Who(gateway)
    await who.prepare()
    emulator.faults.add(FaultRule(path=LOG, status=status))
    with pytest.raises(kind):
        await who.ask(made[0].id)
    assert await who.complete(made) == 0
    assert who.trouble
    assert not who.refusal
    emulator.faults.clear()
    assert await who.complete(made) == 2
    assert not who.trouble


async def test_without_knowing_who_we_are_nothing_is_ours(emulator: Emulator, gateway: Gateway) -> None:
    [sandbox] = await make(emulator, gateway)
    assert await gateway.created_by(sandbox.id)  # which learns the organisation
    emulator.faults.add(FaultRule(path="/api/api-keys/current", status=500))
    who = Who(gateway)
    await who.prepare()
    assert who.trouble
    assert await who.complete([sandbox]) == 1
    assert who.trouble
    assert not who.is_mine(sandbox)
    emulator.faults.clear()
    await who.ask(sandbox.id)
    assert who.is_mine(sandbox)


GOOD = {"actor": "a", "key_suffix": "abc", "sdk": "", "user_agent": "", "actor_id": "u", "key_prefix": "dtn"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", 0),
        ("{", 0),
        ("[" * 100_000, 0),
        ("[]", 0),
        ('{"version": 1}', 0),
        ('{"version": 1, "trails": [1]}', 0),
        (json.dumps({"version": 2, "trails": {"x": GOOD | {"at": None}}}), 0),
        (json.dumps({"version": 1, "trails": {"x": GOOD | {"at": None}, "y": 3, "z": GOOD | {"at": "soon"}}}), 1),
        (json.dumps({"version": 1, "trails": {"x": GOOD | {"at": "2026-01-01T00:00:00"}}}), 0),
        (json.dumps({"version": 1, "trails": {"x": GOOD | {"actor": 7}}}), 0),
    ],
)
def test_a_damaged_file_costs_nothing_but_itself(tmp_path: Path, text: str, kept: int) -> None:
    path = tmp_path / "audit.json"
    path.write_text(text)
    assert len(load_trails(path)) == kept


def test_no_more_is_remembered_than_allowed_and_a_disk_that_refuses_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    path.write_text(json.dumps({"version": 1, "trails": {"x": GOOD | {"at": "2026-01-01T00:00:00+00:00"}}}))
    [trail] = load_trails(path).values()
    many = {SandboxId(str(number)): trail for number in range(MOST + 5)}
    save_trails(path, many)
    assert list(load_trails(path)) == list(many)[5:]
    save_trails(tmp_path / "audit.json" / "below-a-file", many)
    assert list(load_trails(path)) == list(many)[5:]
