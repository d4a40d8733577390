"""Facts of the wire: keys, envelopes, headers, shapes, and what is not served."""

from __future__ import annotations

from datetime import datetime

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from daytona import AsyncDaytona
from daytona_api_client_async import ApiClient, ApiKeysApi, ConfigApi, Configuration, HealthApi, OrganizationsApi

from daytona_tui.emulator.app import errors
from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.emulator.gate.access import Access
from daytona_tui.emulator.gate.keys import key_of
from daytona_tui.emulator.gate.limits import Guard, Limits
from daytona_tui.emulator.server import Emulator, EmulatorOptions


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer ", "Basic abc", "Bearer clé"])
@pytest.mark.parametrize("path", ["/api/sandbox", "/api/nonsense", "/toolbox/x/files", "/_emulator/faults"])
async def test_without_the_key_nothing_is_answered(emulator: Emulator, path: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    origin = emulator.api_url.removesuffix("/api")

    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{origin}{path}") as response:
        body = await response.json()

    assert response.status == 401
    assert (
        body.items()
        >= {"statusCode": 401, "error": "Unauthorized", "message": "Invalid credentials", "path": path}.items()
    )
    assert datetime.fromisoformat(body["timestamp"]).tzinfo is not None


async def test_health_needs_no_key(emulator: Emulator) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{emulator.api_url}/health") as response:
        assert response.status == 200


async def test_every_answer_names_the_version_and_the_limit(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/sandbox") as first, http.get("/api/sandbox") as second:
        left = [int(each.headers["X-RateLimit-Remaining-authenticated"]) for each in (first, second)]
        limit = int(first.headers["X-RateLimit-Limit-authenticated"])

    assert first.headers["X-Daytona-Api-Version"] == second.headers["X-Daytona-Api-Version"] != ""
    assert left[0] - left[1] == 1
    assert 0 < left[0] < limit
    assert 0 < int(first.headers["X-RateLimit-Reset-authenticated"]) <= 60


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/jobs"),
        ("POST", "/api/webhooks/organizations/some/initialize"),
        ("GET", "/api/jobs/poll"),
    ],
)
async def test_a_route_that_is_not_served_says_so(http: aiohttp.ClientSession, method: str, path: str) -> None:
    async with http.request(method, path) as response:
        body = await response.json()

    assert response.status == body["statusCode"] == 501
    assert body["message"] == f"The local emulator does not serve {method} {path}"
    assert body["error"] == "Not Implemented"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/favicon.ico"),
        ("POST", "/api/sandbox/some/lsp"),
        ("PATCH", "/api/sandbox"),
        ("PUT", "/api/volumes"),
        ("POST", "/api//sandbox"),
        ("DELETE", "/toolbox/some/process/execute"),
    ],
)
async def test_what_is_no_route_of_daytona_is_just_not_found(
    http: aiohttp.ClientSession, method: str, path: str
) -> None:
    async with http.request(method, path) as response:
        body = await response.json()

    assert response.status == body["statusCode"] == 404
    assert body["message"] == f"Cannot {method} {path}"


async def test_a_body_that_is_not_json_is_refused_before_path_and_time_are_known(http: aiohttp.ClientSession) -> None:
    async with http.post("/api/sandbox", data="{", headers={"Content-Type": "application/json"}) as response:
        body = await response.json()

    assert response.status == 400
    assert body.keys() == {"statusCode", "error", "message"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([1], "JSON object"),
        ({"name": 5}, "name must be a string"),
        ({"labels": []}, "labels must be an object"),
        ({"autoStopInterval": -1}, "autoStopInterval must be non-negative"),
        ({"autoStopInterval": True}, "autoStopInterval must be an integer"),
        ({"autoArchiveInterval": 99999}, "at most 43200"),
        ({"ttlMinutes": 10**12}, "must not be greater"),
        ({"env": {"A=B": "c"}}, "env has no usable value"),
        ({"env": {"A": "b\0c"}}, "env has no usable value"),
        ({"cpu": 4}, "Cannot specify Sandbox resources when using a snapshot"),
    ],
)
async def test_a_bad_create_is_refused(http: aiohttp.ClientSession, body: object, words: str) -> None:
    async with http.post("/api/sandbox", json=body) as response:
        assert response.status == 400
        assert words in (await response.json())["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"target": "moon"}, 404),
        ({"volumes": [{"volumeId": "v1", "mountPath": "/data"}]}, 404),
        ({"secrets": [{"KEY": "name"}]}, 404),
    ],
)
async def test_a_create_that_asks_for_what_is_not_there(http: aiohttp.ClientSession, body: object, status: int) -> None:
    async with http.post("/api/sandbox", json=body) as response:
        assert response.status == status
        assert len((await (await http.get("/api/sandbox")).json())["items"]) == 0


@pytest.mark.parametrize(
    ("route", "status"),
    [
        ("autostop/-1", 400),
        ("autostop/abc", 500),
        ("autoarchive/-1", 400),
        ("autodelete/-99999999999", 400),
        ("ttl/-5", 400),
        ("ttl/99999999999", 400),
        ("autopause/5", 422),
    ],
)
async def test_bad_intervals(emulator: Emulator, http: aiohttp.ClientSession, route: str, status: int) -> None:
    emulator.fleet.add(SandboxRecord(new_id(), "one"))

    async with http.post(f"/api/sandbox/one/{route}") as response:
        assert response.status == status


async def test_the_catalogue_is_what_the_sdk_expects(daytona: AsyncDaytona, emulator: Emulator) -> None:
    snapshots = await daytona.snapshot.list()
    one = await daytona.snapshot.get("daytona-gpu")
    assert snapshots.total == len(snapshots.items) >= 5
    assert (one.name, one.state, one.gpu) == ("daytona-gpu", "active", 1)

    async with ApiClient(Configuration(host=emulator.api_url, access_token=emulator.api_key)) as client:
        key = await ApiKeysApi(client).get_current_api_key()
        config = await ConfigApi(client).config_controller_get_config()
        regions = await OrganizationsApi(client).list_available_regions()
        await HealthApi(client).health_controller_live()

    assert {"write:sandboxes", "delete:sandboxes"} <= set(key.permissions)
    assert emulator.api_key not in key.value
    assert config.default_snapshot in {each.name for each in snapshots.items}
    assert {each.id for each in regions} == {"us", "eu"}


async def test_toolbox_requests_count_as_activity_unless_they_ask_not_to(
    emulator: Emulator, http: aiohttp.ClientSession
) -> None:
    long_ago = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
    record = SandboxRecord(new_id(), "one", last_activity_at=long_ago)
    emulator.fleet.add(record)
    path = f"/toolbox/{record.id}/files?path=."

    async with http.get(path, headers={"X-Daytona-Skip-Last-Activity-Update": "true"}) as quiet:
        assert quiet.status == 200
    assert record.last_activity_at == long_ago
    async with http.get(path) as plain:
        assert plain.status == 200

    assert record.last_activity_at > long_ago


async def test_the_toolbox_of_an_unknown_or_sleeping_sandbox_refuses(
    emulator: Emulator, http: aiohttp.ClientSession
) -> None:
    emulator.fleet.add(SandboxRecord("sleeping", "sleeping", state="stopped", desired_state="stopped"))

    async with http.get("/toolbox/nobody/files?path=.") as unknown, http.get("/toolbox/sleeping/files") as sleeping:
        assert unknown.status == 404
        assert sleeping.status == 400
        assert "Is the Sandbox started?" in (await sleeping.json())["message"]


async def test_past_the_limit_a_request_is_refused_with_the_whole_wait() -> None:
    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    guard = Guard(Access([key_of("one", "key")]), Limits(settings={"authenticated": 2}))
    app = web.Application(middlewares=[errors, guard.middleware])
    app.router.add_get("/api/hello", hello)
    async with TestClient(TestServer(app), headers={"Authorization": "Bearer key"}) as client:
        answers = [await client.get("/api/hello") for _ in range(3)]
        body = await answers[-1].json()

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert body["message"] == "ThrottlerException: Too Many Requests"
    assert answers[-1].headers["Retry-After-authenticated"] == "60"
    assert not {"Retry-After", "X-RateLimit-Limit-authenticated"} & set(answers[-1].headers)


def test_the_key_is_in_no_representation() -> None:
    options = EmulatorOptions()

    assert options.api_key not in repr(options)
    assert options.api_key != EmulatorOptions().api_key


async def test_several_emulators_live_side_by_side_and_close_twice() -> None:
    async with Emulator() as one, Emulator() as other:
        assert one.api_url != other.api_url
        await one.close()
        async with aiohttp.ClientSession() as session, session.get(f"{other.api_url}/health") as response:
            assert response.status == 200
