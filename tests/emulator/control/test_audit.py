"""The audit log: every act with its actor, source and outcome, page by page, and across a restart."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from daytona import CreateSandboxFromSnapshotParams, DaytonaConflictError, DaytonaNotFoundError
from daytona_api_client_async import ApiKeysApi, AuditApi, CreateApiKey
from daytona_api_client_async.exceptions import ApiException
from tests.emulator.conftest import Connect, Eventually, OpenEmulator
from tests.emulator.control.conftest import Api

from daytona_tui.emulator.app import routes
from daytona_tui.emulator.fleet.records import ORGANIZATION_ID, SandboxRecord, new_id
from daytona_tui.emulator.gate import audit as audit_module
from daytona_tui.emulator.gate.audit import Audit, Entry
from daytona_tui.emulator.gate.audit_acts import ACTS
from daytona_tui.emulator.gate.permissions import READING
from daytona_tui.emulator.server import Emulator
from daytona_tui.emulator.table import idle_control

LOG = f"/api/audit/organizations/{ORGANIZATION_ID}"


async def test_each_act_is_recorded_with_who_did_it_and_how(emulator: Emulator, connect: Connect, api: Api) -> None:
    log = AuditApi(await api(emulator))
    daytona = await connect(emulator)
    sandbox = await daytona.create()
    await sandbox.set_labels({"a": "b"})
    await sandbox.set_autostop_interval(30)
    await sandbox.stop()
    await sandbox.delete()

    page = await log.get_organization_audit_logs(ORGANIZATION_ID)

    assert [entry.action for entry in page.items] == [
        "delete",
        "stop",
        "set_auto_stop_interval",
        "replace_labels",
        "create",
    ]
    assert {entry.target_id for entry in page.items} == {sandbox.id}
    assert {entry.target_type for entry in page.items} == {"sandbox"}
    assert {entry.status_code for entry in page.items} == {200}
    newest = page.items[0]
    assert (newest.actor_id, newest.actor_email) == ("local-user", "local@localhost")
    assert newest.actor_api_key_suffix == emulator.api_key[-3:]
    assert newest.source == "sdk-python-async"
    assert (newest.user_agent or "").startswith("sdk-python-async/")
    assert newest.ip_address == "127.0.0.1"
    assert page.items[2].metadata == {"params": {"interval": "30"}}
    assert emulator.api_key not in page.to_json()


async def test_what_fails_is_recorded_with_its_reason(emulator: Emulator, connect: Connect, api: Api) -> None:
    log = AuditApi(await api(emulator))
    daytona = await connect(emulator)
    await daytona.create(CreateSandboxFromSnapshotParams(name="one"))
    with pytest.raises(DaytonaConflictError):
        await daytona.create(CreateSandboxFromSnapshotParams(name="one"))
    own = await ApiKeysApi(await api(emulator)).create_api_key(CreateApiKey(name="powerless", permissions=[]))
    powerless = await connect(emulator, api_key=own.value)
    with pytest.raises(Exception, match="Access denied"):
        await (await powerless.get("one")).delete()
    with pytest.raises(DaytonaNotFoundError):
        await daytona.get("none")

    denied, made_key, conflict, created = (await log.get_organization_audit_logs(ORGANIZATION_ID)).items
    assert (denied.action, denied.status_code, denied.error_message) == ("delete", 403, "Access denied")
    assert denied.actor_api_key_suffix == own.value[-3:]
    assert denied.target_id == created.target_id
    assert (made_key.target_type, made_key.target_id, made_key.status_code) == ("api_key", "powerless", 201)
    assert (conflict.action, conflict.status_code, conflict.target_id) == ("create", 409, None)
    assert "already exists" in (conflict.error_message or "")


async def test_reads_and_the_toolbox_are_no_acts(
    emulator: Emulator, connect: Connect, http: aiohttp.ClientSession
) -> None:
    sandbox = await (await connect(emulator)).create()
    await sandbox.process.exec("true")
    await sandbox.refresh_activity()
    async with http.get("/api/sandbox"), http.get(LOG), http.post("/api/nonsense"):
        pass
    async with http.get(LOG) as response:
        assert (await response.json())["total"] == 1


async def test_the_log_is_read_page_by_page_either_way(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    for _ in range(5):
        await (await http.post("/api/sandbox", json={"snapshot": "none"})).read()

    async def page(**query: Any) -> dict[str, Any]:
        async with http.get(LOG, params=query) as response:
            assert response.status == 200
            body: dict[str, Any] = await response.json()
            return body

    whole = [each["id"] for each in (await page())["items"]]
    first, last = await page(limit=2), await page(limit=2, page=3)
    assert (first["total"], first["totalPages"], first["page"]) == (5, 3, 1)
    assert [each["id"] for each in first["items"]] == whole[:2]
    assert [each["id"] for each in last["items"]] == whole[4:]
    assert "nextToken" not in last

    walked, token = [], None
    while True:
        body = await page(limit=2, **({} if token is None else {"nextToken": token}))
        walked += [each["id"] for each in body["items"]]
        await (await http.post("/api/sandbox", json={"snapshot": "none"})).read()  # does not shift the pages
        token = body.get("nextToken")
        if token is None:
            break
    assert walked[-4:] == whole[-4:]
    assert len(set(walked)) == len(walked)


async def test_entries_are_chosen_by_time_and_by_what_they_say(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    await (await http.post("/api/sandbox", json={"name": "old"})).read()
    border = emulator.fleet.clock.now() + timedelta(seconds=30)
    emulator.fleet.clock.advance(60)
    await (await http.delete("/api/sandbox/old")).read()
    await (await http.delete("/api/sandbox/none")).read()

    async def actions(**query: str) -> list[tuple[str, int]]:
        async with http.get(LOG, params=query) as response:
            return [(each["action"], each["statusCode"]) for each in (await response.json())["items"]]

    assert await actions(to=border.isoformat()) == [("create", 200)]
    assert await actions(**{"from": border.isoformat()}) == [("delete", 404), ("delete", 200)]
    assert await actions(**{"action[eq]": "create"}) == [("create", 200)]
    assert await actions(**{"statusCode[gte]": "400"}) == [("delete", 404)]
    assert await actions(**{"action[not]": "delete"}) == [("create", 200)]
    assert await actions(targetType="volume") == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "page=0", "from=yesterday", "nextToken=%21", "statusCode[gte]=x"]
)
async def test_a_bad_question_is_refused(http: aiohttp.ClientSession, query: str) -> None:
    async with http.get(f"{LOG}?{query}") as response:
        assert response.status == 400


async def test_the_log_needs_its_permission_and_its_organisation(emulator: Emulator, api: Api) -> None:
    made = await ApiKeysApi(await api(emulator)).create_api_key(CreateApiKey(name="x", permissions=["read:volumes"]))
    with pytest.raises(ApiException) as refused:
        await AuditApi(await api(emulator, made.value)).get_organization_audit_logs(ORGANIZATION_ID)
    assert refused.value.status == 403
    with pytest.raises(ApiException) as foreign:
        await AuditApi(await api(emulator)).get_organization_audit_logs(new_id())
    assert foreign.value.status == 403


async def test_the_log_is_kept_across_a_restart(open_emulator: OpenEmulator, api: Api, tmp_path: Path) -> None:
    first = await open_emulator(state_dir=tmp_path)
    await ApiKeysApi(await api(first)).create_api_key(CreateApiKey(name="kept", permissions=[]))
    before = (await AuditApi(await api(first)).get_organization_audit_logs(ORGANIZATION_ID)).to_dict()
    await first.close()

    second = await open_emulator(state_dir=tmp_path)
    after = (await AuditApi(await api(second)).get_organization_audit_logs(ORGANIZATION_ID)).to_dict()
    assert before["items"]
    assert after == before


async def test_what_timers_do_is_the_systems(
    emulator: Emulator, connect: Connect, eventually: Eventually, http: aiohttp.ClientSession
) -> None:
    sandbox = await (await connect(emulator)).create()
    emulator.fleet.clock.advance(16 * 60)
    await eventually(lambda: emulator.fleet.records[sandbox.id].state == "stopped")

    async def newest() -> dict[str, Any]:
        async with http.get(LOG) as response:
            entry: dict[str, Any] = (await response.json())["items"][0]
            return entry

    entry = await newest()
    while entry["action"] == "create":  # the timer notes its act a moment after it
        entry = await newest()
    assert (entry["action"], entry["actorId"], entry["targetId"]) == ("auto_stop", "system", sandbox.id)


async def test_the_interface_lists_what_is_recorded(emulator: Emulator, api: Api) -> None:
    targets = (await AuditApi(await api(emulator)).get_audit_scenarios()).targets
    acts = {target.target_type: target.actions for target in targets}
    assert {"sandbox", "snapshot", "volume", "secret", "api_key", "warm_pool"} <= set(acts)
    assert {"create", "delete", "auto_stop", "set_ttl"} <= set(acts["sandbox"])


def test_only_the_newest_entries_are_kept() -> None:
    old = [Entry(number, "create", "sandbox") for number in range(1, audit_module.KEPT + 1)]
    log = Audit(entries=old)
    record = SandboxRecord(new_id(), "one")
    for _ in range(audit_module._SLACK + 1):
        log.note_system("auto_stop", record)
    assert len(log.entries) == audit_module.KEPT
    assert log.entries[-1].action == "auto_stop"
    assert log.entries[-1].number == audit_module.KEPT + audit_module._SLACK + 1


def test_every_change_through_the_main_interface_is_an_act() -> None:
    not_recorded = {"/api/sandbox/{}/last-activity", "/api/sandbox/{}/state"}
    for route in routes(idle_control()):
        pattern = re.sub(r"\{[^}]*\}", "{}", route.path)
        if pattern.startswith("/api/") and route.method not in READING and pattern not in not_recorded:
            assert (route.method, pattern) in ACTS, (route.method, pattern)


@pytest.mark.parametrize("path", ["/api/warm-pools/%7B%7D", "/api/secret/%7B%7D", "/api/sandbox/%7B%7D/start"])
async def test_a_path_that_looks_like_a_pattern_is_a_path(http: aiohttp.ClientSession, path: str) -> None:
    async with http.patch(path, json={}) as response:
        assert response.status in {400, 404, 501}
