"""What can go wrong on the way: each has its own error, in one line, without the key, and the gateway lives on."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Awaitable, Callable

import pytest
from tests.contract.helpers import Gateways, all_of, connection_to

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import (
    AuthError,
    ConfigError,
    ConflictError,
    DaytonaTuiError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    RemoteError,
    UnreachableError,
    UnsupportedError,
)

KEY = "dtn_abcdef0123456789abcdef0123456789"


async def failure(call: Awaitable[object]) -> DaytonaTuiError:
    """Return the error of a call that must fail with one of ours."""
    with pytest.raises(DaytonaTuiError) as caught:
        await call
    error = caught.value
    assert error.message
    assert "\n" not in error.message
    assert error.message.isprintable()
    return error


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_wrong_key(emulator: Emulator, open_gateways: Gateways) -> None:
    gateway = open_gateways(Connection(emulator.api_url, Secret(KEY)))
    error = await failure(all_of(gateway))
    assert isinstance(error, AuthError)
    assert error.status == 401
    assert isinstance(await failure(gateway.identify()), AuthError)


async def test_a_refused_port(open_gateways: Gateways) -> None:
    gateway = open_gateways(Connection(f"http://127.0.0.1:{free_port()}/api", Secret(KEY)))
    error = await failure(all_of(gateway))
    assert isinstance(error, UnreachableError)
    assert "refused" in error.message


async def test_a_host_that_does_not_exist(open_gateways: Gateways) -> None:
    error = await failure(all_of(open_gateways(Connection("http://nowhere.invalid/api", Secret(KEY)))))
    assert isinstance(error, UnreachableError)


async def test_tls_asked_of_a_plain_server(emulator: Emulator, open_gateways: Gateways) -> None:
    url = emulator.api_url.replace("http://", "https://")
    assert isinstance(await failure(all_of(open_gateways(Connection(url, Secret(KEY))))), UnreachableError)


async def test_a_silent_server(emulator: Emulator, open_gateways: Gateways) -> None:
    gateway = open_gateways(connection_to(emulator), request_s=0.5)
    emulator.faults.add(FaultRule(path="/api/sandbox", silent=True))
    error = await failure(all_of(gateway))
    assert isinstance(error, UnreachableError)
    assert "within 0.5 s" in error.message


@pytest.mark.parametrize("limiter", ["authenticated", "sandbox-create", "sandbox-lifecycle"])
async def test_a_rate_limit(emulator: Emulator, gateway: DaytonaGateway, limiter: str) -> None:
    emulator.faults.add(FaultRule.rate_limited(limiter=limiter, seconds=33))
    error = await failure(all_of(gateway))
    assert isinstance(error, RateLimitedError)
    assert (error.retry_after_s, error.limiter) == (33.0, limiter)


async def test_a_rate_limit_with_the_plain_header(emulator: Emulator, gateway: DaytonaGateway) -> None:
    emulator.faults.add(FaultRule(status=429, headers={"Retry-After": "5"}))
    error = await failure(all_of(gateway))
    assert isinstance(error, RateLimitedError)
    assert error.retry_after_s == 5.0


Call = Callable[[DaytonaGateway, SandboxId], Awaitable[object]]
CALLS: dict[str, Call] = {
    "list": lambda gateway, _: all_of(gateway),
    "get": lambda gateway, each: gateway.get(each),
    "work dir": lambda gateway, each: gateway.work_dir(each),
    "directory": lambda gateway, each: gateway.list_dir(each, "/"),
    "run": lambda gateway, each: gateway.run(each, "true"),
    "sessions": lambda gateway, each: gateway.sessions(each),
    "identify": lambda gateway, _: gateway.identify(),
}
PAGE = "<!doctype html><html><title>Welcome</title></html>"


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (FaultRule(status=500), RemoteError),
        (FaultRule(status=502, text="<html>Bad Gateway</html>"), RemoteError),
        (FaultRule(text=PAGE), ProtocolError),
        (FaultRule(body="a word"), ProtocolError),
        (FaultRule(text='{"items": [{"id"', content_type="application/json"), ProtocolError),
        (FaultRule(drop=True), UnreachableError),
        (FaultRule(status=403, body={"message": "Access denied", "statusCode": 403}), AuthError),
    ],
    ids=["500", "502 page", "200 page", "200 word", "cut json", "dropped", "403"],
)
async def test_every_call_meets_trouble_in_our_words(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId, call: Call, fault: FaultRule, kind: type[Exception]
) -> None:
    await call(gateway, started)
    emulator.faults.add(fault)
    error = await failure(call(gateway, started))
    assert isinstance(error, kind)
    emulator.faults.clear()
    await call(gateway, started)


async def test_an_operation_that_an_older_server_does_not_know(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    body = {"message": f"Cannot POST /api/sandbox/{started}/archive", "error": "Not Found", "statusCode": 404}
    emulator.faults.add(FaultRule(method="POST", path="*/archive", status=404, body=body))
    assert isinstance(await failure(gateway.archive(started, timeout_s=5)), UnsupportedError)
    emulator.faults.add(FaultRule(method="POST", path="*/stop", status=501))
    assert isinstance(await failure(gateway.stop(started, timeout_s=5)), UnsupportedError)


async def test_a_sandbox_deleted_meanwhile(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await gateway.work_dir(started)
    await gateway.delete(started, timeout_s=20)
    for call in (
        gateway.get(started),
        gateway.list_dir(started, directory),
        gateway.run(started, "true"),
        gateway.sessions(started),
        gateway.stop(started, timeout_s=5),
    ):
        outcome = await _error_of(call)
        assert outcome is None or isinstance(outcome, NotFoundError)


async def test_a_sandbox_stopped_meanwhile(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    await gateway.work_dir(started)
    await gateway.stop(started, timeout_s=20)
    error = await failure(gateway.list_dir(started, "/"))
    assert isinstance(error, ConflictError)
    assert error.message == "the sandbox is not running"


async def _error_of(call: Awaitable[object]) -> DaytonaTuiError | None:
    try:
        await call
    except DaytonaTuiError as error:
        return error
    return None


@pytest.mark.parametrize(
    "connection",
    [
        Connection("not an address", Secret(KEY)),
        Connection("http://127.0.0.1:1/api"),
        Connection("http://127.0.0.1:1/api", jwt_token=Secret(KEY)),
    ],
)
async def test_settings_that_cannot_work(open_gateways: Gateways, connection: Connection) -> None:
    assert isinstance(await failure(all_of(open_gateways(connection))), ConfigError)


async def test_the_key_is_in_no_error(emulator: Emulator, open_gateways: Gateways) -> None:
    gateway = open_gateways(Connection(emulator.api_url, Secret(KEY)))
    rules = (
        FaultRule(drop=True),
        FaultRule(status=401, body={"message": f"Bearer {KEY} is unknown", "code": KEY}),
        FaultRule(status=500, text=f"<p>{KEY}</p>"),
        FaultRule(status=400, text=f"token={KEY} https://x.example/?key={KEY}", content_type="text/plain"),
        FaultRule(text=KEY),
    )
    for rule in rules:
        emulator.faults.clear()
        emulator.faults.add(rule)
        for call in (all_of(gateway), gateway.identify(), gateway.work_dir(SandboxId("x"))):
            error = await failure(call)
            told = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
            assert KEY not in told
    assert KEY not in repr(gateway) + repr(vars(gateway)) + repr(vars(gateway._link))
