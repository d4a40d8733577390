"""Keys: who comes in with which, what each may do, where they come from and how they end."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from daytona import AsyncDaytona, DaytonaConfig, DaytonaForbiddenError
from daytona_api_client_async import ApiKeysApi, CreateApiKey, SandboxApi, UsersApi
from daytona_api_client_async.exceptions import ApiException
from tests.emulator.conftest import Connect, OpenEmulator
from tests.emulator.control.conftest import Api, Http
from yarl import URL

from daytona_tui.emulator.app import routes
from daytona_tui.emulator.command import main
from daytona_tui.emulator.fleet.records import ORGANIZATION_ID
from daytona_tui.emulator.gate.keys import KeyFileError, read_keys
from daytona_tui.emulator.gate.permissions import PERMISSIONS, permission_of
from daytona_tui.emulator.server import Emulator
from daytona_tui.emulator.table import idle_control

WRITER = {"name": "writer", "key": "dtn_writer_0123456789abcdef", "permissions": ["write:sandboxes"]}
DELETER = {"name": "deleter", "key": "dtn_deleter_0123456789abcdef", "permissions": ["delete:sandboxes"]}
READER = {
    "name": "reader",
    "key": f"sha256:{hashlib.sha256(b'dtn_reader_0123456789abcdef').hexdigest()}",
    "permissions": [],
    "user": {"id": "ada", "name": "Ada", "email": "ada@example.org"},
}
READER_KEY = "dtn_reader_0123456789abcdef"


def key_file(tmp_path: Path, *entries: object) -> Path:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(entries))
    return file


@pytest.fixture
async def guarded(open_emulator: OpenEmulator, tmp_path: Path) -> Emulator:
    """An emulator with three keys besides its own."""
    return await open_emulator(keys=key_file(tmp_path, WRITER, DELETER, READER))


async def test_each_key_may_do_what_it_says_and_no_more(guarded: Emulator, connect: Connect) -> None:
    writer = await connect(guarded, api_key=WRITER["key"])
    deleter = await connect(guarded, api_key=DELETER["key"])
    reader = await connect(guarded, api_key=READER_KEY)

    sandbox = await writer.create()
    with pytest.raises(DaytonaForbiddenError, match="Access denied"):
        await sandbox.delete()
    with pytest.raises(DaytonaForbiddenError):
        await (await deleter.get(sandbox.id)).stop()
    with pytest.raises(DaytonaForbiddenError):
        await reader.create()

    seen = await reader.get(sandbox.id)
    assert (await seen.process.exec("echo inside")).result.strip() == "inside"
    await seen.refresh_activity()
    assert [each.id async for each in reader.list()] == [sandbox.id]
    await (await deleter.get(sandbox.id)).delete()
    assert [each.id async for each in reader.list()] == []


async def test_a_refusal_names_no_reason_a_stranger_could_use(guarded: Emulator, bare: Http) -> None:
    http = await bare(guarded, READER_KEY)
    async with http.delete("/api/sandbox/whatever") as response:
        body = await response.json()
    assert (response.status, body["message"], body["error"]) == (403, "Access denied", "Forbidden")


async def test_the_current_key_is_masked_and_tells_whose_it_is(guarded: Emulator, api: Api) -> None:
    client = await api(guarded, READER_KEY)
    current = await ApiKeysApi(client).get_current_api_key()
    person = await UsersApi(client).get_authenticated_user()

    assert (current.name, current.permissions, current.user_id) == ("reader", [], "ada")
    assert READER_KEY not in current.to_json()
    assert (person.id, person.name, person.email) == ("ada", "Ada", "ada@example.org")
    assert current.last_used_at is not None


async def test_a_jwt_in_place_of_a_key_is_the_main_key(emulator: Emulator) -> None:
    config = DaytonaConfig(
        jwt_token=emulator.api_key, organization_id=ORGANIZATION_ID, api_url=emulator.api_url, target="us"
    )
    async with AsyncDaytona(config) as daytona:
        sandbox = await daytona.create()
        assert sandbox.organization_id == ORGANIZATION_ID


async def test_a_new_key_works_shows_its_value_once_and_ends(emulator: Emulator, api: Api) -> None:
    keys = ApiKeysApi(await api(emulator))
    made = await keys.create_api_key(CreateApiKey(name="ci", permissions=["write:sandboxes"]))
    own = await api(emulator, made.value)

    listed = await keys.list_api_keys()
    again = await keys.get_api_key("ci")
    assert [key.name for key in listed] == ["local emulator", "ci"]
    assert made.value not in again.to_json()
    assert again.value.endswith(made.value[-3:])
    assert (await ApiKeysApi(own).get_current_api_key()).permissions == ["write:sandboxes"]
    with pytest.raises(ApiException) as twin:
        await keys.create_api_key(CreateApiKey(name="ci", permissions=[]))
    assert twin.value.status == 409

    await keys.delete_api_key("ci")
    with pytest.raises(ApiException) as ended:
        await SandboxApi(own).list_sandboxes()
    assert ended.value.status == 401
    with pytest.raises(ApiException) as gone:
        await keys.delete_api_key("ci")
    assert gone.value.status == 404


async def test_a_key_expires_by_the_emulators_clock(emulator: Emulator, api: Api) -> None:
    keys = ApiKeysApi(await api(emulator))
    expiry = datetime.now(UTC) + timedelta(hours=1)
    made = await keys.create_api_key(CreateApiKey(name="short-lived", permissions=[], expires_at=expiry))
    own = SandboxApi(await api(emulator, made.value))
    assert (await own.list_sandboxes()).items == []

    emulator.fleet.clock.advance(3601)

    with pytest.raises(ApiException) as expired:
        await own.list_sandboxes()
    assert expired.value.status == 401
    assert "Invalid credentials" in str(expired.value.body)


async def test_nobody_gives_away_what_they_do_not_have(open_emulator: OpenEmulator, api: Api, tmp_path: Path) -> None:
    manager = {"name": "manager", "key": "dtn_manager_0123456789", "permissions": ["manage:api_keys"]}
    emulator = await open_emulator(keys=key_file(tmp_path, manager, WRITER))
    keys = ApiKeysApi(await api(emulator, manager["key"]))

    with pytest.raises(ApiException) as refused:
        await keys.create_api_key(CreateApiKey(name="more", permissions=["delete:sandboxes"]))
    assert refused.value.status == 403
    assert "Insufficient permissions for assigning: delete:sandboxes" in str(refused.value.body)
    with pytest.raises(ApiException) as unallowed:
        await ApiKeysApi(await api(emulator, WRITER["key"])).create_api_key(CreateApiKey(name="x", permissions=[]))
    assert unallowed.value.status == 403
    with pytest.raises(ApiException) as fixed:
        await keys.delete_api_key("writer")
    assert fixed.value.status == 403


async def test_the_main_key_stays_what_it_is_when_a_file_names_it_too(
    open_emulator: OpenEmulator, api: Api, tmp_path: Path
) -> None:
    same = {"name": "same", "key": "dtn_main_0123456789", "permissions": []}
    emulator = await open_emulator(api_key="dtn_main_0123456789", keys=key_file(tmp_path, same))
    current = await ApiKeysApi(await api(emulator)).get_current_api_key()
    assert (current.name, len(current.permissions)) == ("local emulator", len(PERMISSIONS))


@pytest.mark.parametrize("path", ["/api/sandbox/{}", "/api/sandb%6Fx/{}", "/api/./sandbox/{}", "/api/x/../sandbox/{}"])
async def test_no_spelling_of_a_path_goes_round_a_permission(
    guarded: Emulator, connect: Connect, bare: Http, path: str
) -> None:
    sandbox = await (await connect(guarded)).create()
    http = await bare(guarded, WRITER["key"])
    async with http.delete(URL(path.format(sandbox.id), encoded=True)) as response:
        assert response.status in {403, 404, 501}
    assert guarded.fleet.records[sandbox.id].state == "started"


async def test_created_keys_are_kept_without_their_value(open_emulator: OpenEmulator, api: Api, tmp_path: Path) -> None:
    state = tmp_path / "state"
    first = await open_emulator(state_dir=state)
    made = await ApiKeysApi(await api(first)).create_api_key(
        CreateApiKey(name="kept", permissions=["read:volumes", "write:sandboxes"])
    )
    await first.close()
    assert not any(made.value.encode() in file.read_bytes() for file in state.rglob("*") if file.is_file())

    second = await open_emulator(state_dir=state)
    current = await ApiKeysApi(await api(second, made.value)).get_current_api_key()
    assert (current.name, current.permissions) == ("kept", ["write:sandboxes", "read:volumes"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "name should not be empty"),
        ({"name": "x"}, "permissions must be an array"),
        ({"name": "x", "permissions": ["fly"]}, "each value in permissions"),
        ({"name": "x", "permissions": [], "expiresAt": "soon"}, "expiresAt"),
        ({"name": 5, "permissions": []}, "name should not be empty"),
    ],
)
async def test_a_bad_request_for_a_key_is_refused(http: aiohttp.ClientSession, body: Any, words: str) -> None:
    async with http.post("/api/api-keys", json=body) as response:
        answer = await response.json()
    assert response.status == 400
    assert words in answer["message"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ("{}", "must hold a JSON list"),
        ("[5]", "must be an object"),
        ('[{"name": "a", "key": "k", "colour": 1}]', "must be an object"),
        ('[{"name": "a"}]', "printable ASCII"),
        ('[{"key": "k"}]', "no usable name"),
        ('[{"name": "a", "key": "white space"}]', "printable ASCII"),
        ('[{"name": "a", "key": "sha256:12"}]', "64 hexadecimal"),
        ('[{"name": "a", "key": "k", "permissions": ["fly"]}]', "unknown permissions: 'fly'"),
        ('[{"name": "a", "key": "k", "permissions": "all"}]', "must be a list"),
        ('[{"name": "a", "key": "k", "user": {"age": 5}}]', "user must be an object"),
        ('[{"name": "a", "key": "k"}, {"name": "b", "key": "k"}]', "twice"),
    ],
)
def test_a_bad_file_of_keys_is_refused_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], content: str, words: str
) -> None:
    file = tmp_path / "keys.json"
    file.write_text(content)

    with pytest.raises(KeyFileError, match=words):
        read_keys(file)
    assert main(["--keys", str(file)]) == 2
    said = capfd.readouterr()
    assert said.err.count("\n") == 1
    assert words in said.err


def test_a_missing_file_of_keys_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--keys", str(tmp_path / "none.json")]) == 2
    assert "cannot read" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("method", "pattern", "permission"),
    [
        ("GET", "/api/sandbox", None),
        ("GET", "/api/sandbox/{}", None),
        ("POST", "/api/sandbox", "write:sandboxes"),
        ("POST", "/api/sandbox/{}/start", "write:sandboxes"),
        ("POST", "/api/sandbox/{}/last-activity", None),
        ("PUT", "/api/sandbox/{}/labels", "write:sandboxes"),
        ("DELETE", "/api/sandbox/{}", "delete:sandboxes"),
        ("DELETE", "/api/sandbox/{}/ssh-access", "write:sandboxes"),
        ("GET", "/api/snapshots", None),
        ("POST", "/api/snapshots", "write:snapshots"),
        ("DELETE", "/api/snapshots/{}", "delete:snapshots"),
        ("GET", "/api/volumes", "read:volumes"),
        ("POST", "/api/volumes", "write:volumes"),
        ("DELETE", "/api/volumes/{}", "delete:volumes"),
        ("GET", "/api/secret/paginated", "manage:secrets"),
        ("GET", "/api/audit/organizations/{}", "read:audit_logs"),
        ("GET", "/api/organizations/{}", None),
        ("POST", "/toolbox/{}/process/execute", None),
    ],
)
def test_the_permission_of_a_route(method: str, pattern: str, permission: str | None) -> None:
    assert permission_of(method, pattern) == permission


def test_no_changing_route_of_the_main_interface_is_free_for_all() -> None:
    free = {"/api/sandbox/{}/last-activity", "/api/organizations/{}/quota", "/api/organizations/{}/quota/{}"}
    for route in routes(idle_control()):
        pattern = "".join("{}" if part.startswith("{") else part for part in _parts(route.path))
        if route.path.startswith("/api/") and route.method not in {"GET", "HEAD", "OPTIONS"} and pattern not in free:
            assert permission_of(route.method, pattern) in PERMISSIONS, (route.method, route.path)


def _parts(path: str) -> list[str]:
    return [piece for segment in path.split("/")[1:] for piece in ("/", segment)]
