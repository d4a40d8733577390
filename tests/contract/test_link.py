"""Loading and closing: late, once, off the loop, untouched by the environment, and without a trace afterwards."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
import textwrap
import time
import warnings
from pathlib import Path

import pytest
from tests.contract.helpers import Gateways, all_of, client_tasks, connection_to

from daytona_tui.client import open_gateway
from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.config.connection import Connection
from daytona_tui.domain.ports import FeedUp, Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import ConfigError, UnreachableError

HEAVY = ("aiohttp", "pydantic", "daytona", "daytona_api_client_async", "socketio", "textual", "rich")


def python(script: str, *, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run a script in a fresh interpreter that treats warnings as errors; return what it prints."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        env={**os.environ, **(env or {})},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    return ran.stdout


@pytest.mark.parametrize("module", ["client", "client.first_page", "client.mapping", "client.gateway"])
def test_importing_the_room_is_cheap(module: str) -> None:
    loaded = python(
        f"""
        import sys, daytona_tui.{module}
        print([name for name in {HEAVY!r} if name in sys.modules])
        """
    )
    assert loaded.strip() == "[]"


def test_a_first_page_loads_no_sdk() -> None:
    loaded = python(
        f"""
        import asyncio, sys
        from daytona_tui.client import FirstPage, open_gateway
        from daytona_tui.config.connection import Connection, Secret
        page = FirstPage(lambda: Connection("http://127.0.0.1:9/api", Secret("k")))
        page.start()
        print(asyncio.run(page.result()), [name for name in {HEAVY!r} if name in sys.modules])
        """
    )
    assert loaded.strip() == "None []"


def test_the_gateway_is_what_the_ports_ask_for(emulator: Emulator) -> None:
    gateway: Gateway = open_gateway(connection_to(emulator))
    assert isinstance(gateway, DaytonaGateway)


async def test_many_first_calls_load_once(gateway: DaytonaGateway) -> None:
    await asyncio.gather(*(gateway.identify() for _ in range(20)))
    assert await gateway._link.sdk() is await gateway._link.sdk()


async def test_a_connection_may_still_be_on_its_way(emulator: Emulator, open_gateways: Gateways) -> None:
    ready = asyncio.Event()

    async def later() -> Connection:
        await ready.wait()
        return connection_to(emulator)

    gateway = open_gateways(later())
    first = asyncio.ensure_future(gateway.identify())
    impatient = asyncio.ensure_future(gateway.identify())
    await asyncio.sleep(0)
    impatient.cancel()
    ready.set()
    assert (await first).organization_id
    assert (await gateway.identify()).organization_id


async def test_a_connection_that_fails_fails_every_call(open_gateways: Gateways) -> None:
    async def failing() -> Connection:
        raise ConfigError("the emulator did not start")

    gateway = open_gateways(failing())
    for _ in range(2):
        with pytest.raises(ConfigError, match="did not start"):
            await gateway.identify()

    async def broken() -> Connection:
        raise OSError("no such program")

    with pytest.raises(ConfigError, match="no such program"):
        await open_gateways(broken()).identify()


async def test_a_load_that_failed_is_tried_again(
    emulator: Emulator, gateway: DaytonaGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The SDK reads the working directory's .env, and cannot read this one.
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"DAYTONA_TARGET=\xff\xfe")
    with pytest.raises(ConfigError):
        await gateway.identify()
    (tmp_path / ".env").unlink()
    assert (await gateway.identify()).organization_id


async def test_the_environment_changes_nothing(
    emulator: Emulator, gateway: DaytonaGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password x\ndefault login eve password x\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text(
        "DAYTONA_API_KEY=other\nDAYTONA_API_URL=http://evil.example\nDAYTONA_OTEL_ENABLED=true\n"
        "DAYTONA_TARGET=mars\nDAYTONA_JWT_TOKEN=other\nDAYTONA_ORGANIZATION_ID=other\n"
    )
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(await all_of(gateway)) == 30
        assert isinstance(await anext(gateway.feed()), FeedUp)
        sdk = await gateway._link.sdk()
        assert sdk.daytona._tracer_provider is None
        began = time.monotonic()
        await gateway.close()
        assert time.monotonic() - began < 2


async def test_a_proxy_is_used_where_the_environment_names_one(
    open_gateways: Gateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    from daytona_tui.config.connection import Secret

    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    gateway = open_gateways(Connection("http://daytona.example/api", Secret("dtn_0123456789abcdef")))
    with pytest.raises(UnreachableError, match="refused"):
        await gateway.identify()


async def test_closing_leaves_no_trace(
    emulator: Emulator, started: SandboxId, caplog: pytest.LogCaptureFixture
) -> None:
    gc.collect()  # what other tests have left complains now
    caplog.clear()
    before = client_tasks()
    gateway = open_gateway(connection_to(emulator))
    await all_of(gateway)  # type: ignore[arg-type] # it is one
    await gateway.run(started, "true")
    hanging = asyncio.ensure_future(gateway.run(started, "sleep 20"))
    await asyncio.sleep(0)
    await gateway.close()
    await gateway.close()
    with pytest.raises(UnreachableError):
        await hanging
    with pytest.raises(UnreachableError, match="closed"):
        await gateway.identify()
    with caplog.at_level(logging.WARNING), warnings.catch_warnings():
        warnings.simplefilter("error")
        del gateway, hanging
        gc.collect()
        await asyncio.sleep(0)
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
    assert client_tasks() <= before


async def test_closing_before_the_first_call_and_while_loading(emulator: Emulator) -> None:
    async def never() -> Connection:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    await open_gateway(never()).close()
    gateway = open_gateway(never())
    call = asyncio.ensure_future(gateway.identify())
    await asyncio.sleep(0)
    await gateway.close()
    with pytest.raises(UnreachableError, match="closed"):
        await call


async def test_a_whole_program_is_silent(emulator: Emulator) -> None:
    script = f"""
        import asyncio
        from daytona_tui.client import open_gateway
        from daytona_tui.config.connection import Connection, Secret

        async def main():
            gateway = open_gateway(Connection({emulator.api_url!r}, Secret({emulator.api_key!r})))
            total = sum([len(page) async for page in gateway.list_pages()])
            async for event in gateway.feed():
                break
            await gateway.close()
            print(total)

        asyncio.run(main())
        """
    assert (await asyncio.to_thread(python, script)).strip() == "30"
