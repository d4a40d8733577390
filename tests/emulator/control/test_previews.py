"""Previews carry real HTTP and WebSockets to real servers inside sandboxes, for whoever may see them."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp import WSMsgType
from daytona import AsyncDaytona, AsyncSandbox, CreateSandboxFromSnapshotParams
from daytona.common.process import SessionExecuteRequest

from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]

# Answers with what it was asked, in pieces where /stream is asked for, and echoes WebSocket messages.
SERVER = r"""
import base64, hashlib, http.server, json, socketserver, struct, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        if self.headers.get("Upgrade", "").lower() == "websocket":
            return self.echo()
        if self.path.startswith("/stream"):
            return self.stream()
        if self.path.startswith("/big"):
            return self.big()
        if self.path.startswith("/gone"):
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Set-Cookie", "a=1")
            self.send_header("Set-Cookie", "b=2")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size + 2)[:-2]
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = json.dumps({"method": self.command, "path": self.path, "headers": self.headers.items(),
                             "digest": hashlib.sha256(body).hexdigest()}).encode()
        self.send_response(207)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Mine", "yes")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_any

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(3):
            text = b"data: %d\n\n" % number
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
            self.wfile.flush()
            if number < 2:
                open("/dev/null").close()
                while not go(number):
                    time.sleep(0.01)
        self.wfile.write(b"0\r\n\r\n")

    def big(self):
        size = int(self.path.partition("=")[2])
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        for _ in range(size >> 20):
            self.wfile.write(b"x" * (1 << 20))

    def echo(self):
        accept = base64.b64encode(hashlib.sha1(
            (self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        if "chat" in self.headers.get("Sec-WebSocket-Protocol", ""):
            self.send_header("Sec-WebSocket-Protocol", "chat")
        self.end_headers()
        while True:
            kind, size = self.rfile.read(2)
            size &= 127
            if size == 126:
                size, = struct.unpack("!H", self.rfile.read(2))
            elif size == 127:
                size, = struct.unpack("!Q", self.rfile.read(8))
            mask = self.rfile.read(4)
            data = bytes(byte ^ mask[place % 4] for place, byte in enumerate(self.rfile.read(size)))
            if data == b"leave":
                kind, data = 0x88, struct.pack("!H", 4001) + b"as you wish"
            head = bytes([kind]) + (bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack("!H", len(data)))
            self.wfile.write(head + data)
            self.wfile.flush()
            if kind & 15 == 8:
                self.close_connection = True
                return

    def log_message(self, *_):
        pass

import os
def go(number):
    return os.path.exists("go%d" % number)

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@dataclass
class Place:
    """A sandbox with a server on a port."""

    emulator: Emulator
    sandbox: AsyncSandbox
    port: int
    http: aiohttp.ClientSession

    @property
    def origin(self) -> str:
        return self.emulator.api_url.removesuffix("/api")

    async def link(self) -> tuple[str, dict[str, str]]:
        """Return the preview's address, and the header that opens it."""
        link = await self.sandbox.get_preview_link(self.port)
        return link.url, {"x-daytona-preview-token": link.token}


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def _serve(sandbox: AsyncSandbox, command: str, port: int, session: str = "server") -> None:
    await sandbox.process.create_session(session)
    request = SessionExecuteRequest(command=f"cd && {command}", run_async=True)
    await sandbox.process.execute_session_command(session, request)
    probe = f"python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 1)'"
    async with asyncio.timeout(20):
        while (await sandbox.process.exec(probe)).exit_code != 0:  # noqa: ASYNC110 - it is in another process
            await asyncio.sleep(0.02)


@pytest.fixture(params=[False, True], ids=["network", "no network"])
def blocked(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
async def place(open_emulator: Open, connect: Connect, isolation: str, blocked: bool) -> AsyncIterator[Place]:
    emulator = await open_emulator(isolation=isolation)
    daytona = await connect(emulator)
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(network_block_all=blocked))
    await sandbox.fs.upload_file(SERVER.encode(), "server.py")
    port = _free_port()
    await _serve(sandbox, f"exec python3 server.py {port}", port)
    async with aiohttp.ClientSession(auto_decompress=False) as http:
        yield Place(emulator, sandbox, port, http)


async def test_every_method_arrives_and_is_answered(place: Place) -> None:
    url, opens = await place.link()
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        async with place.http.request(
            method, f"{url}a%2Fb/c?x=1&y=%20", headers={**opens, "X-Theirs": "t"}, data=b"body"
        ) as answer:
            told = await answer.json(content_type=None)
        assert answer.status == 207
        assert answer.headers["X-Mine"] == "yes"
        assert (told["method"], told["path"]) == (method, "/a%2Fb/c?x=1&y=%20")
        headers = {name.lower(): value for name, value in told["headers"]}
        assert headers["x-theirs"] == "t"
        assert headers["x-forwarded-host"] == place.origin.removeprefix("http://")
        assert headers["x-forwarded-proto"] == "http"
        assert headers["x-forwarded-for"] == "127.0.0.1"
        assert "x-daytona-preview-token" not in headers
    async with place.http.head(url, headers=opens) as answer:
        assert (answer.status, await answer.read()) == (207, b"")
        assert int(answer.headers["Content-Length"]) > 0


async def test_a_redirect_and_its_cookies_are_left_to_the_client(place: Place) -> None:
    url, opens = await place.link()
    async with place.http.get(f"{url}gone", headers=opens, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/elsewhere")
        assert answer.headers.getall("Set-Cookie") == ["a=1", "b=2"]


async def test_events_arrive_as_they_are_sent(place: Place) -> None:
    url, opens = await place.link()
    async with asyncio.timeout(20), place.http.get(f"{url}stream", headers=opens) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        for number in range(3):
            assert await answer.content.readuntil(b"\n\n") == b"data: %d\n\n" % number
            await place.sandbox.fs.upload_file(b"", f"go{number}")
        assert await answer.content.read() == b""


async def test_large_bodies_pass_both_ways(place: Place) -> None:
    url, opens = await place.link()

    async def body() -> AsyncIterator[bytes]:
        for _ in range(48):
            yield b"y" * (1 << 20)

    async with place.http.post(url, headers=opens, data=body()) as answer:
        told = await answer.json(content_type=None)
    import hashlib

    assert told["digest"] == hashlib.sha256(b"y" * (48 << 20)).hexdigest()
    received = 0
    async with place.http.get(f"{url}big?size={64 << 20}", headers=opens) as answer:
        async for chunk in answer.content.iter_any():
            received += len(chunk)
    assert received == 64 << 20


async def test_a_websocket_talks_both_ways(place: Place) -> None:
    url, opens = await place.link()
    async with asyncio.timeout(20), place.http.ws_connect(url, headers=opens, protocols=["other", "chat"]) as ws:
        assert ws.protocol == "chat"
        await ws.send_str("grüße")
        assert await ws.receive_str() == "grüße"
        await ws.send_bytes(b"\0\xff" * 2000)
        assert await ws.receive_bytes() == b"\0\xff" * 2000
        await ws.send_str("leave")
        message = await ws.receive()
        assert (message.type, ws.close_code) == (WSMsgType.CLOSE, 4001)


async def test_the_host_may_name_port_and_sandbox(place: Place) -> None:
    _, opens = await place.link()
    host = f"{place.port}-{place.sandbox.id}.localhost"
    async with place.http.get(f"{place.origin}/api/health?q=1", headers={**opens, "Host": host}) as answer:
        told = await answer.json(content_type=None)
    assert told["path"] == "/api/health?q=1"
    async with place.http.get(f"{place.origin}/api/health", headers={"Host": host}) as answer:
        assert answer.status == 401


async def test_who_shows_nothing_valid_sees_nothing(place: Place) -> None:
    url, opens = await place.link()
    for headers, words in (
        ({}, "missing authentication"),
        ({"x-daytona-preview-token": "wrong"}, "Auth key header is invalid"),
        ({"Authorization": "Bearer wrong"}, "Bearer token is invalid"),
        ({"Cookie": f"daytona-sandbox-auth-{place.sandbox.id}=9999999999.aaaa"}, "missing authentication"),
    ):
        async with place.http.get(url, headers=headers) as answer:
            assert answer.status == 401
            assert words in (await answer.json())["message"]
    nowhere = url.replace(place.sandbox.id, "no-such-sandbox")
    async with place.http.get(nowhere, headers=opens) as answer:
        assert answer.status == 401
    async with place.http.get(nowhere, headers={"Authorization": f"Bearer {place.emulator.api_key}"}) as answer:
        assert answer.status == 404


async def test_a_key_opens_it_and_is_not_passed_on(place: Place) -> None:
    url, _ = await place.link()
    async with place.http.get(url, headers={"Authorization": f"Bearer {place.emulator.api_key}"}) as answer:
        told = await answer.json(content_type=None)
    assert answer.status == 207
    assert place.emulator.api_key not in json.dumps(told)


async def test_a_token_in_the_query_leaves_a_cookie_and_is_not_passed_on(place: Place) -> None:
    url, opens = await place.link()
    query = {"DAYTONA_SANDBOX_AUTH_KEY": opens["x-daytona-preview-token"], "q": "1"}
    async with place.http.get(url, params=query) as answer:
        told = await answer.json(content_type=None)
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert told["path"] == "/?q=1"
    async with aiohttp.ClientSession() as other, other.get(url, headers={"Cookie": cookie}) as answer:
        assert answer.status == 207
    place.emulator.fleet.clock.advance(3601)
    async with aiohttp.ClientSession() as other, other.get(url, headers={"Cookie": cookie}) as answer:
        assert answer.status == 401


async def test_a_public_sandbox_is_open_to_all(place: Place) -> None:
    url, _ = await place.link()
    place.emulator.fleet.change(place.emulator.fleet.find(place.sandbox.id), public=True)
    async with place.http.get(url) as answer:
        assert answer.status == 207
    async with place.http.get(url.replace(f"/{place.port}/", "/22222/")) as answer:
        assert answer.status == 401


async def test_signed_addresses_open_until_they_expire(place: Place) -> None:
    first = await place.sandbox.create_signed_preview_url(place.port, 60)
    second = await place.sandbox.create_signed_preview_url(place.port)
    for signed in (first, second):
        async with place.http.get(signed.url) as answer:
            assert answer.status == 207
    await place.sandbox.expire_signed_preview_url(place.port, second.token)
    async with place.http.get(second.url) as answer:
        assert answer.status == 401
    async with place.http.get(first.url.replace(f"/{place.port}/", f"/{place.port + 1}/")) as answer:
        assert answer.status == 401
    place.emulator.fleet.clock.advance(61)
    async with place.http.get(first.url) as answer:
        assert answer.status in (401, 403)


async def test_a_port_that_nobody_listens_on_is_a_bad_gateway(place: Place) -> None:
    url, opens = await place.link()
    async with place.http.get(url.replace(f"/{place.port}/", "/1/"), headers=opens) as answer:
        assert answer.status == 502
        assert (await answer.json())["code"] == "BAD_GATEWAY"


async def test_no_service_of_the_host_is_reached(place: Place) -> None:
    url, opens = await place.link()
    with socket.create_server(("127.0.0.1", 0)) as service:
        port = service.getsockname()[1]
        async with place.http.get(url.replace(f"/{place.port}/", f"/{port}/"), headers=opens) as answer:
            assert answer.status == 502


async def test_a_preview_counts_as_activity_unless_it_asks_not_to(place: Place) -> None:
    url, opens = await place.link()
    record = place.emulator.fleet.find(place.sandbox.id)
    place.emulator.fleet.clock.advance(600)
    before = record.last_activity_at
    async with place.http.get(url, headers={**opens, "X-Daytona-Skip-Last-Activity-Update": "true"}) as answer:
        assert answer.status == 207
    assert record.last_activity_at == before
    async with place.http.get(url, headers=opens) as answer:
        assert answer.status == 207
    assert record.last_activity_at > before


async def test_a_stopped_sandbox_shows_nothing(place: Place) -> None:
    url, opens = await place.link()
    await place.sandbox.stop(timeout=20)
    async with place.http.get(url, headers=opens) as answer:
        assert answer.status == 400
        assert "Is the Sandbox started" in (await answer.json())["message"]


async def test_a_real_web_server_shows_a_directory(place: Place) -> None:
    await place.sandbox.fs.upload_file(b"<h1>hello</h1>", "site/index.html")
    port = _free_port()
    await _serve(place.sandbox, f"exec python3 -m http.server {port} --bind 127.0.0.1 --directory site", port, "web")
    link = await place.sandbox.get_preview_link(port)
    async with place.http.get(link.url, headers={"x-daytona-preview-token": link.token}) as answer:
        assert (answer.status, await answer.read()) == (200, b"<h1>hello</h1>")
        assert answer.headers["Content-Type"] == "text/html"
    without_slash = link.url.removesuffix("/")
    async with place.http.get(without_slash, headers={"x-daytona-preview-token": link.token}) as answer:
        assert (answer.status, await answer.read()) == (200, b"<h1>hello</h1>")


RAW = r"""
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    while True:
        connection, _ = server.accept()
        asked = connection.recv(65536)
        if b"/garbage" in asked:
            connection.sendall(b"\x00\xff not at all\r\n\r\n")
        elif b"/letters" in asked:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Odd: caf\xe9\r\nContent-Length: 2\r\n\r\nok")
        elif b"/half" in asked:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        connection.close()
"""


async def test_a_server_that_misbehaves_is_no_fault_of_ours(open_emulator: Open, connect: Connect) -> None:
    emulator = await open_emulator()
    sandbox = await (await connect(emulator)).create()
    await sandbox.fs.upload_file(RAW.encode(), "raw.py")
    port = _free_port()
    await _serve(sandbox, f"exec python3 raw.py {port}", port)
    link = await sandbox.get_preview_link(port)
    opens = {"x-daytona-preview-token": link.token}
    async with aiohttp.ClientSession() as http:
        for path in ("garbage", "nothing"):
            async with http.get(f"{link.url}{path}", headers=opens) as answer:
                assert answer.status == 502
        async with http.get(f"{link.url}letters", headers={**opens, "X-Mine": "caf\udce9"}) as answer:
            assert (answer.status, await answer.text()) == (200, "ok")
        with pytest.raises(aiohttp.ClientPayloadError):
            async with http.get(f"{link.url}half", headers=opens) as answer:
                await answer.read()
        with pytest.raises(aiohttp.WSServerHandshakeError, match="502"):
            await http.ws_connect(f"{link.url}garbage", headers=opens)


async def test_the_interface_tells_who_may_see_what(
    emulator: Emulator, daytona: AsyncDaytona, http: aiohttp.ClientSession
) -> None:
    sandbox = await daytona.create()
    link = await sandbox.get_preview_link(3000)
    signed = await sandbox.create_signed_preview_url(3000, 60)
    one = f"/api/preview/{sandbox.id}"
    for path, expected in (
        (f"{one}/public", 404),
        (f"{one}/validate/{link.token}", True),
        (f"{one}/validate/wrong", 404),
        (f"{one}/access", True),
        ("/api/preview/nobody/access", 404),
        (f"/api/preview/{signed.token}/3000/sandbox-id", sandbox.id),
        (f"/api/preview/{signed.token}/3001/sandbox-id", 403),
        (f"/api/sandbox/{sandbox.id}/ports/0/preview-url", 400),
        (f"/api/sandbox/{sandbox.id}/ports/65536/signed-preview-url", 400),
        (f"/api/sandbox/{sandbox.id}/ports/x/signed-preview-url", 400),
        (f"/api/sandbox/{sandbox.id}/ports/3000/signed-preview-url?expiresInSeconds=0", 400),
        (f"/api/sandbox/{sandbox.id}/ports/3000/signed-preview-url?expiresInSeconds=86401", 400),
        (f"/api/sandbox/{sandbox.id}/ports/3000/signed-preview-url?expiresInSeconds=soon", 400),
        ("/api/sandbox/nobody/ports/3000/preview-url", 404),
    ):
        async with http.get(path) as answer:
            assert (answer.status if isinstance(expected, int) and expected is not True else await answer.json()) == (
                expected
            ), path
    emulator.fleet.change(emulator.fleet.find(sandbox.id), public=True)
    async with http.get(f"{one}/public") as answer:
        assert await answer.json() is True
