"""The list: pages, orders, filters, and what is hidden from it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from daytona import AsyncDaytona, ListSandboxesQuery

from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.emulator.seed.fleet import fleet
from daytona_tui.emulator.server import Emulator

Parameters = Mapping[str, str]


async def _page(http: aiohttp.ClientSession, **parameters: str) -> tuple[int, Any]:
    async with http.get("/api/sandbox", params=parameters) as response:
        return response.status, await response.json()


async def _names(http: aiohttp.ClientSession, **parameters: str) -> list[str]:
    status, body = await _page(http, **parameters)
    assert status == 200, body
    return sorted(item["name"] for item in body["items"])


def _plant(emulator: Emulator, name: str, **fields: Any) -> SandboxRecord:
    record = SandboxRecord(new_id(), name, **fields)
    emulator.fleet.add(record)
    return record


@pytest.mark.parametrize("sort", ["name", "cpu", "memoryGib", "diskGib", "lastActivityAt", "createdAt"])
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_hold_every_row_once_and_in_order(
    emulator: Emulator, http: aiohttp.ClientSession, sort: str, order: str
) -> None:
    for planting in fleet(101):
        emulator.fleet.add(planting.record)
    items: list[dict[str, Any]] = []
    parameters = {"limit": "20", "sort": sort, "order": order}

    while True:
        _, body = await _page(http, **parameters)
        items += body["items"]
        if body["nextCursor"] is None:
            break
        parameters["cursor"] = body["nextCursor"]

    key = {"memoryGib": "memory", "diskGib": "disk"}.get(sort, sort)
    values = [item[key] for item in items]
    assert len({item["id"] for item in items}) == len(items) == 101
    assert values == sorted(values, reverse=order == "desc")


async def test_a_page_is_a_hundred_rows_unless_told_otherwise(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    for planting in fleet(230):
        emulator.fleet.add(planting.record)

    sizes = [
        len((await _page(http, **parameters))[1]["items"]) for parameters in ({}, {"limit": "200"}, {"limit": "1"})
    ]

    assert sizes == [100, 200, 1]


@pytest.mark.parametrize(
    ("parameters", "status", "words"),
    [
        ({"limit": "0"}, 400, "limit"),
        ({"limit": "201"}, 400, "limit"),
        ({"limit": "many"}, 400, "limit"),
        ({"cursor": "!!"}, 400, "cursor"),
        ({"cursor": "e30="}, 400, "cursor"),
        ({"states": "started,stopped"}, 400, "states"),
        ({"states": "destroyed"}, 400, "states"),
        ({"sort": "age"}, 400, "sort"),
        ({"order": "up"}, 400, "order"),
        ({"labels": "{"}, 400, "labels"),
        ({"labels": "[1]"}, 500, "unexpected"),
        ({"labels": '"x"'}, 500, "unexpected"),
        ({"createdAtAfter": "yesterday"}, 400, "createdAtAfter"),
        ({"minCpu": "two"}, 400, "minCpu"),
        ({"maxGpu": "nan"}, 400, "maxGpu"),
        ({"sandboxClasses": "spaceship"}, 400, "sandboxClasses"),
    ],
)
async def test_bad_parameters_are_refused(
    http: aiohttp.ClientSession, parameters: Parameters, status: int, words: str
) -> None:
    answer_status, body = await _page(http, **parameters)

    assert answer_status == body["statusCode"] == status
    assert words.lower() in body["message"].lower()
    assert body["path"] == "/api/sandbox"


async def test_a_cursor_of_one_order_is_refused_in_another(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    for planting in fleet(30):
        emulator.fleet.add(planting.record)
    _, body = await _page(http, limit="10", sort="name")

    status, _ = await _page(http, limit="10", sort="cpu", cursor=body["nextCursor"])

    assert status == 400


async def test_filters_choose_rows(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    now = datetime.now(UTC)
    old = now - timedelta(days=3)
    _plant(emulator, "Alpha-1", labels={"a": "1", "b": "2"}, cpu=4, memory=8, snapshot="big", target="eu", public=True)
    _plant(emulator, "alpha-2", labels={"a": "1"}, created_at=old, last_activity_at=old, auto_destroy_at=now)
    _plant(emulator, "beta", state="stopped", desired_state="stopped", recoverable=True, disk=50)

    assert await _names(http, name="ALPHA") == ["Alpha-1", "alpha-2"]
    assert await _names(http, labels=json.dumps({"a": "1"})) == ["Alpha-1", "alpha-2"]
    assert await _names(http, labels=json.dumps({"a": "1", "b": "2"})) == ["Alpha-1"]
    assert await _names(http, states="stopped") == ["beta"]
    assert await _names(http, snapshots="big") == ["Alpha-1"]
    assert await _names(http, regionIds="eu") == ["Alpha-1"]
    assert await _names(http, minCpu="2") == ["Alpha-1"]
    assert await _names(http, maxMemoryGiB="4") == ["alpha-2", "beta"]
    assert await _names(http, minDiskGiB="10") == ["beta"]
    assert await _names(http, isPublic="true") == ["Alpha-1"]
    assert await _names(http, isRecoverable="true") == ["beta"]
    assert await _names(http, createdAtBefore=(now - timedelta(days=1)).isoformat()) == ["alpha-2"]
    assert await _names(http, lastEventAfter=(now - timedelta(days=1)).isoformat()) == ["Alpha-1", "beta"]
    assert await _names(http, autoDestroyAtBefore=(now + timedelta(days=1)).isoformat()) == ["alpha-2"]
    assert await _names(http, whatever="1") == ["Alpha-1", "alpha-2", "beta"]
    async with http.get("/api/sandbox?states=stopped&states=error&states[]=started") as response:
        assert len((await response.json())["items"]) == 3


async def test_rows_on_their_way_out_are_hidden(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    _plant(emulator, "gone", state="destroyed", desired_state="destroyed")
    failed = _plant(emulator, "failed", state="error", desired_state="destroyed")
    _plant(emulator, "kept", state="error")

    assert await _names(http) == ["kept"]
    async with http.get(f"/api/sandbox/{failed.id}") as response:
        assert response.status == 404


async def test_hidden_rows_are_shown_on_request(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    _plant(emulator, "kept")
    async with http.post("/api/warm-pools", json={"snapshot": "daytona-small", "pool": 1}) as response:
        pool = (await response.json())["id"]
    _plant(emulator, "gone", state="destroyed", desired_state="destroyed")
    for name, state in (("failed", "error"), ("unbuilt", "build_failed")):
        _plant(emulator, name, state=state)
        async with http.delete(f"/api/sandbox/{name}") as response:
            assert response.status == 200

    assert await _names(http) == ["kept"]
    async with asyncio.timeout(20):
        while len(with_warm := await _names(http, includeWarm="true")) < 2:
            pass
    waiting = next(name for name in with_warm if name != "kept")
    deleted = await _names(http, includeErroredDeleted="true")
    assert [name.split("_")[:2] for name in deleted] == [["DESTROYED", "failed"], ["DESTROYED", "unbuilt"], ["kept"]]
    assert await _names(http, includeErroredDeleted="true", states="started") == ["kept"]
    assert await _names(http, includeErroredDeleted="false") == ["kept"]
    async with http.get(f"/api/sandbox/{waiting}") as response:
        assert (await response.json())["warmPoolId"] == pool


async def test_classes_and_gpus_are_filters(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    _plant(emulator, "plain")
    _plant(emulator, "machine", sandbox_class="linux-vm")
    _plant(emulator, "fast", gpu=2, gpu_type="H100")

    assert await _names(http, sandboxClasses="linux-vm") == ["machine"]
    assert await _names(http, minGpu="1") == ["fast"]
    assert await _names(http, maxGpu="1") == ["machine", "plain"]


async def test_the_list_by_page_numbers(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    now = datetime.now(UTC)
    for number in range(5):
        _plant(emulator, f"box-{number}", created_at=now - timedelta(hours=number), target="eu" if number else "us")
    _plant(emulator, "failed", state="error", desired_state="destroyed")

    async def read(**parameters: str) -> tuple[list[str], Any]:
        async with http.get("/api/sandbox/paginated", params=parameters) as response:
            body = await response.json()
            assert response.status == 200, body
            return [item["name"] for item in body.pop("items")], body

    assert await read(limit="2") == (["box-0", "box-1"], {"total": 5, "page": 1, "totalPages": 3})
    assert await read(limit="2", page="3", order="desc") == (["box-4"], {"total": 5, "page": 3, "totalPages": 3})
    assert (await read(limit="2", page="4"))[0] == []
    assert (await read(sort="name", order="asc", regions="eu", name="BOX"))[0] == ["box-1", "box-2", "box-3", "box-4"]
    assert (await read(includeErroredDeleted="true", states="error"))[0] == ["failed"]
    for parameters in ({"page": "0"}, {"limit": "201"}, {"limit": "x"}, {"sort": "cpu"}, {"order": "up"}):
        async with http.get("/api/sandbox/paginated", params=parameters) as response:
            assert response.status == 400


async def test_the_sdk_reads_all_pages_with_its_own_filters(daytona: AsyncDaytona, emulator: Emulator) -> None:
    for planting in fleet(45):
        emulator.fleet.add(planting.record)

    rows = [each async for each in daytona.list(ListSandboxesQuery(limit=10))]
    started = [
        each
        async for each in daytona.list(ListSandboxesQuery(limit=10, created_at_after=datetime(2020, 1, 1, tzinfo=UTC)))
    ]

    assert len({each.id for each in rows}) == len(started) == 45
    assert rows[0].env is None  # list items are the shorter shape
