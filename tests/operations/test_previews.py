"""Ports that really listen with their programs, signed links that are remembered, and the way into a browser."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from tests.operations.conftest import Bench

from daytona_tui.operations import browser
from daytona_tui.operations.browser import BrowserError, open_in_browser
from daytona_tui.operations.listeners import listeners
from daytona_tui.operations.previews import SignedLinks

_LISTEN = """
import socket, sys, time
held = []
for port in map(int, sys.argv[1:]):
    held.append(socket.create_server(("127.0.0.1", port)))
open("ready", "w").close()
time.sleep(60)
"""


def _free_ports() -> tuple[int, int]:
    """One in the daemon's range, and one outside of it."""
    import socket

    def is_free(port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    return next(filter(is_free, range(5200, 6000))), next(filter(is_free, range(12_000, 13_000)))


async def test_listeners_have_their_programs_also_outside_of_the_daemons_range(bench: Bench) -> None:
    inside, outside = _free_ports()
    (bench.home / "serve.py").write_text(_LISTEN)
    await bench.gateway.run(bench.sandbox.id, f"nohup python3 serve.py {inside} {outside} >/dev/null 2>&1 & echo")
    for _ in range(400):
        if (bench.home / "ready").exists():
            break
        await asyncio.sleep(0.05)
    record = bench.emulator.fleet.records[bench.sandbox.id]
    before = record.last_activity_at

    found = {each.port: each for each in await listeners(bench.gateway, bench.sandbox.id)}

    assert record.last_activity_at == before
    assert {inside, outside} <= set(found)
    for port in (inside, outside):
        assert found[port].program == f"python3 serve.py {inside} {outside}"
        assert found[port].pid


async def test_signed_links_are_remembered_until_they_expire_or_are_revoked(bench: Bench) -> None:
    from datetime import UTC, datetime

    moved = timedelta()
    links = SignedLinks(bench.gateway, lambda: datetime.now(UTC) + moved)
    first = await links.make(bench.sandbox.id, 3000, 300)
    second = await links.make(bench.sandbox.id, 3000, 900)
    assert links.of(bench.sandbox.id) == (first, second)
    await links.revoke(second)
    assert links.of(bench.sandbox.id) == (first,)
    moved = timedelta(seconds=301)
    assert links.of(bench.sandbox.id) == ()


@pytest.fixture
def visitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A browser that writes down which address it was started with, and where that led."""
    script = tmp_path / "visitor.py"
    script.write_text(
        "import http.client, sys, urllib.parse, os\n"
        "url = urllib.parse.urlsplit(sys.argv[1])\n"
        f"notes = open({str(tmp_path / 'visited')!r}, 'a')\n"
        "notes.write(sys.argv[1] + '\\n')\n"
        "if url.hostname == '127.0.0.1':\n"
        "    for _ in range(2):\n"
        "        c = http.client.HTTPConnection(url.hostname, url.port); c.request('GET', url.path)\n"
        "        a = c.getresponse(); notes.write(f\"{a.status} {a.getheader('Location')}\\n\")\n"
        "notes.write(','.join(k for k in os.environ if k.startswith('DAYTONA_')) + '\\n')\n"
    )
    monkeypatch.setenv("BROWSER", f"{sys.executable} {script} %s")
    return tmp_path / "visited"


async def test_a_secret_link_is_led_to_once_and_is_in_no_list_of_processes(
    visitor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAYTONA_API_KEY", "dtn_secret")
    await open_in_browser("https://3000-s3cret.example.com/", is_secret=True)
    address, first, second, environment = visitor.read_text().splitlines()
    assert address.startswith("http://127.0.0.1:")
    assert "s3cret" not in address
    assert first == "302 https://3000-s3cret.example.com/"
    assert second == "404 None"
    assert environment == ""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get(address)


async def test_an_open_link_is_opened_as_it_is(visitor: Path) -> None:
    await open_in_browser("https://3000-id.example.com/", is_secret=False)
    assert visitor.read_text().splitlines()[0] == "https://3000-id.example.com/"


async def test_browsers_that_do_not_come_or_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "ANSWER_S", 0.2)
    monkeypatch.setenv("BROWSER", "true %s")
    with pytest.raises(BrowserError, match="did not come"):
        await open_in_browser("https://h/", is_secret=True)
    monkeypatch.setenv("BROWSER", "false %s")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BrowserError, match="no browser was found"):
        await open_in_browser("https://h/", is_secret=False)
    monkeypatch.delenv("BROWSER")
    monkeypatch.setenv("SSH_CONNECTION", "x")
    with pytest.raises(BrowserError, match="over SSH"):
        await open_in_browser("https://h/", is_secret=False)
