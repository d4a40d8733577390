"""Whatever a client sends to any served route, it is answered as a real server would: a refusal in the envelope.

With ``DAYTONA_OPENAPI_DIR`` naming a directory with the published documents (``api.json``, ``toolbox.json``,
``analytics.json``), bodies and queries are drawn from their schemas as well.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.emulator.published import Document, documents

from daytona_tui.emulator.api.published import nameless
from daytona_tui.emulator.server import Emulator, EmulatorOptions

EXAMPLES = 1000
LIVE = "live-sandbox"  # stands for the id of one that is started when the request is made
ANSWER_S = 20.0
ODD_500 = re.compile(
    r"/(?:autostop|autopause|autoarchive|autodelete|ttl)/[^/]+$|/api/sandbox(?:/paginated)?$|/api/sandbox/[^/]+/labels$"
)
"""Where a real server itself answers 500: an interval that is no number, labels that are no object."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_DOCUMENTS = os.environ.get("DAYTONA_OPENAPI_DIR")  # read here: tests see no foreign settings
_PARAMETER = re.compile(r"\{[^}]*\}")
_ENDLESS = re.compile(r"/socket\.io/|/telemetry/follow")
SLOW = ("sleep", "build")

words = st.sampled_from(
    [
        "",
        "0",
        "-1",
        "abc",
        "true",
        "null",
        "..",
        "%2e%2e",
        "a" * 600,
        "99999999999999999999",
        "1e308",
        "ünï",
        "\x00",
        "'",
        "{",
    ]
)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.just(2**70), st.floats(), words, names)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=6
)
KNOWN = (
    *("name", "labels", "path", "snapshot", "target", "env", "command", "cwd", "timeout", "sessionId", "cpu", "memory"),
    *("disk", "files", "paths", "pattern", "newValue", "source", "destination", "mode", "id", "cols", "rows", "envs"),
    *(
        "code",
        "contextId",
        "url",
        "branch",
        "author",
        "email",
        "message",
        "value",
        "hosts",
        "pool",
        "volumes",
        "secrets",
    ),
    *("buildInfo", "limit", "cursor", "page", "sort", "order", "states", "depth", "expiresInSeconds", "token", "port"),
    *(
        "networkBlockAll",
        "networkAllowList",
        "domainAllowList",
        "ttlMinutes",
        "autoStopInterval",
        "data",
        "set",
        "unset",
    ),
)


@dataclass(frozen=True)
class Request:
    """One request that is made as it is."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def bodies() -> st.SearchStrategy[bytes]:
    """Bodies right, odd, malformed, deep and long."""
    objects = st.dictionaries(st.sampled_from(KNOWN) | names, values, max_size=5)
    texts = (objects | values).map(lambda value: json.dumps(value).encode())
    deep = st.sampled_from(
        [b"[" * 100_000, b'{"a":' * 20_000, b"[" * 500 + b"]" * 500, b'{"name": 1' + b"0" * 6000 + b"}"]
    )
    return st.one_of(st.just(b""), texts, texts, texts, deep, st.binary(max_size=40))


def queries() -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    """Queries of known and unknown names, repeated ones too."""
    printable = st.one_of(words, names, values.map(json.dumps))
    return st.lists(st.tuples(st.sampled_from(KNOWN) | names, printable), max_size=4).map(tuple)


def requests(
    routes: list[tuple[str, str]], ids: list[str], published: Mapping[str, Document]
) -> st.SearchStrategy[Request]:
    """Requests at the routes; path parameters are real ids, unknown ones and odd words."""
    parameters = st.sampled_from([*ids, "00000000-0000-4000-8000-000000000000"]) | words | names

    @st.composite
    def draw_one(draw: st.DrawFn) -> Request:
        method, pattern = draw(st.sampled_from(routes))
        first = iter([LIVE]) if draw(st.integers(0, 3)) else iter(())
        path = _PARAMETER.sub(lambda _: quote(next(first, None) or draw(parameters), safe=""), pattern)
        document = published.get(nameless(f"{method} {pattern}"))
        query, body = draw(queries()), draw(bodies())
        if document is not None and draw(st.booleans()):
            query, body = draw(document.query), draw(document.body)
        if draw(st.integers(0, 9)) == 0:
            method = draw(st.sampled_from(METHODS))
        key = draw(st.sampled_from(["", "", "", "", "", "", "wrong"]))
        kinds = ["application/json", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "\u00e4"]
        headers = {"Content-Type": draw(st.sampled_from(kinds))}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        return Request(method, path, query, body, headers)

    return draw_one()


def served(emulator: Emulator) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route, from the application itself."""
    assert emulator._runner is not None
    for route in emulator._runner.app.router.routes():
        resource = route.resource
        if resource is not None and not _ENDLESS.search(resource.canonical):
            yield ("GET" if route.method == "*" else route.method), resource.canonical


class Live:
    """A sandbox that is started with a session in it, another one as soon as the last is not."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.sandbox_id = ""

    async def ensure(self) -> None:
        async with self._http.get(f"/api/sandbox/{self.sandbox_id}") as response:
            seen = await response.json()
        if not self.sandbox_id or response.status != 200 or seen["state"] != "started":
            async with self._http.post("/api/sandbox", json={"autoStopInterval": 0}) as response:
                self.sandbox_id = (await response.json())["id"]
            path = f"/toolbox/{self.sandbox_id}/process/session"
            async with self._http.post(path, json={"sessionId": "known"}) as response:
                assert response.status == 201, await response.text()


async def answer(http: aiohttp.ClientSession, request: Request, live: str) -> tuple[int, str, bytes]:
    """Make the request; answers status, content type and the beginning of the body."""
    async with asyncio.timeout(ANSWER_S):
        async with http.request(
            request.method,
            request.path.replace(LIVE, live),
            params=list(request.query),
            data=request.body,
            headers=dict(request.headers),
            allow_redirects=False,
        ) as response:
            return response.status, response.content_type, await response.content.read(65536)


def judge(request: Request, status: int, kind: str, body: bytes) -> None:
    """Fail when an answer is none that a real server gives."""
    where = f"{request} -> {status} {body[:300]!r}"
    assert b"Traceback (most recent call last)" not in body, where
    if status < 400 or request.method == "HEAD":
        return
    if status >= 500:
        assert status in {501, 503} or (status == 500 and ODD_500.search(request.path)), where
    if kind == "application/json":
        envelope = json.loads(body)
        if request.path.endswith("/files/bulk-upload") and "errors" in envelope:  # the daemon's own shape
            assert all(isinstance(each, str) for each in envelope["errors"]), where
            return
        assert envelope["statusCode"] == status, where
        assert isinstance(envelope["message"], str | list), where
    else:
        is_unsigned = status == 403 and request.path.startswith("/objects/")  # told in XML, as object storages do
        assert is_unsigned or status in {400, 401, 502}, where


@pytest.mark.timeout(180)
def test_no_request_is_answered_by_a_mistake() -> None:
    published = documents(Path(_DOCUMENTS)) if _DOCUMENTS else {}
    with asyncio.Runner() as loop:
        emulator = Emulator(EmulatorOptions(pace="instant", seed="empty", control=True))
        loop.run(emulator.__aenter__())
        headers = {"Authorization": f"Bearer {emulator.api_key}"}
        origin = emulator.api_url.removesuffix("/api")
        http = loop.run(_session(origin, headers))
        try:
            ids = loop.run(_some_ids(http))
            live = Live(http)
            routes = sorted(set(served(emulator)))
            loop.run(_sweep(http, live, routes))
            count = 0

            @settings(
                max_examples=EXAMPLES,
                derandomize=True,
                deadline=None,
                database=None,
                phases=[Phase.explicit, Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            )
            @given(requests(routes, ids, published))
            def every_answer_is_a_server_s(request: Request) -> None:
                nonlocal count
                count += 1
                if LIVE in request.path:
                    loop.run(live.ensure())
                judge(request, *loop.run(answer(http, request, live.sandbox_id)))

            every_answer_is_a_server_s()
            assert count >= EXAMPLES // 2
            assert loop.run(_is_healthy(http))
        finally:
            loop.run(http.close())
            loop.run(emulator.close())


async def _sweep(http: aiohttp.ClientSession, live: Live, routes: list[tuple[str, str]]) -> None:
    """Ask each route, for a live sandbox: without a body, with malformed and wrong ones, and with a wrong key."""
    wrong = {"Authorization": "Bearer wrong"}
    for method, pattern in routes:
        path = _PARAMETER.sub("odd", pattern.replace("{", LIVE + "{", 1) if "sandbox" in pattern else pattern)
        path = path.replace(f"{LIVE}odd", LIVE)
        for body, headers in (
            (b"", {}),
            (b'{"a":', {}),
            (b"[[1]]", {}),
            (b'{"name": 1, "path": [], "id": {}}', {}),
            (b"", wrong),
        ):
            if LIVE in path:
                await live.ensure()
            request = Request(method, path, (), body, {"Content-Type": "application/json", **headers})
            judge(request, *await answer(http, request, live.sandbox_id))


async def _session(origin: str, headers: Mapping[str, str]) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(origin, headers=headers)


async def _some_ids(http: aiohttp.ClientSession) -> list[str]:
    found = []
    for snapshot in (None, "daytona-vm"):
        async with http.post("/api/sandbox", json={"snapshot": snapshot, "autoStopInterval": 0}) as response:
            found.append((await response.json())["id"])
    async with http.get("/api/organizations") as response:
        found.append((await response.json())[0]["id"])
    return [*found, "known", "us", "daytona-medium"]


async def _is_healthy(http: aiohttp.ClientSession) -> bool:
    async with http.get("/api/health") as response:
        assert response.status == 200
    async with http.post("/api/sandbox", json={"name": "afterwards"}) as response:
        assert response.status == 200, await response.text()
        made = await response.json()
    async with http.post(f"/toolbox/{made['id']}/process/execute", json={"command": "echo well"}) as response:
        return str((await response.json())["result"]).strip() == "well"
