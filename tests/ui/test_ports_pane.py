"""The ports pane: what really listens, and the links to it, in the hands of a user."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import aiohttp
import pytest
from tests.ui.driver import OpenApp, Opened, call
from tests.ui.panes_driver import Inside, inside

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.ui.commands import ports as commands
from daytona_tui.ui.panes.ports import PortsPane
from daytona_tui.ui.panes.ports_reading import PortsReading
from daytona_tui.ui.screens.ports import CodeScreen, LinkScreen


def a_port() -> int:
    """One in the daemon's range on which nothing listens."""
    for port in range(7100, 8000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no port is free")


def pane_of(opened: Opened) -> PortsPane:
    """The pane."""
    return opened.screen.ports_pane


async def status_of(url: str) -> int:
    """Ask for a page as a stranger would."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status


async def serve(it: Inside, port: int) -> None:
    """Let a web server run in the sandbox."""
    await it.gateway.run(it.sandbox.id, f"nohup python3 -m http.server {port} >/dev/null 2>&1 & echo", timeout_s=20)


async def test_a_link_that_comes_late_is_not_the_next_sandboxs(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as it:
        reading, one = PortsReading(it.opened.screen.services, lambda: None), it.sandbox.id
        other = next(SandboxId(each) for each in it.opened.emulator.fleet.records if each != one)
        reading.forget(one)
        asking = asyncio.create_task(reading.link(one, 3000))
        await asyncio.sleep(0)  # it is under way
        reading.forget(other)
        url = (await asking).url
        assert reading.links == {}
        assert (await reading.link(one, 3000)).url == url
        assert reading.links == {}
        assert (await reading.link(other, 3000)).url != url
        assert reading.links[3000].url != url


async def test_a_port_is_seen_copied_signed_shown_opened_revoked_and_made_public(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = a_port()
    async with inside(open_app, tmp_path) as it:
        opened, record = it.opened, it.opened.emulator.fleet.records[it.sandbox.id]
        pane = pane_of(opened)
        await opened.press("b")
        await opened.until(lambda: "nothing listens" in it.text)
        await serve(it, port)
        before = record.last_activity_at
        await opened.until(lambda: any(row.port == port and row.program and row.url for row in pane._rows))
        assert record.last_activity_at == before, "looking keeps nothing awake"
        assert "python3 -m http" in it.text
        assert "private: its links ask for a login" in it.text
        url = pane._rows[0].url

        await opened.press("y")
        await opened.until(lambda: opened.app.clipboard == url)
        assert await status_of(url) == 401
        await opened.press("Y")
        await opened.until(lambda: opened.app.clipboard.startswith(f"{url}?DAYTONA_SANDBOX_AUTH_KEY="))
        token = opened.app.clipboard.partition("=")[2]
        assert await status_of(opened.app.clipboard) == 200

        await opened.press("l")
        await opened.until(lambda: isinstance(opened.app.screen, LinkScreen))
        await opened.press("left", "left", "right")
        await opened.until(lambda: "lasts ‹ 15m ›" in it.text)
        await opened.press("enter")
        await opened.until(lambda: "signed link" in it.text and opened.app.clipboard != url)
        signed = opened.app.clipboard
        assert await status_of(signed) == 200
        assert pane.signed.of(it.sandbox.id)[0].token not in it.text
        assert pane.signed.of(it.sandbox.id)[0].token not in it.notices

        await opened.press("down")
        await opened.until(lambda: pane.row is not None and pane.row.signed is not None)
        await opened.press("Q")
        await opened.until(lambda: isinstance(opened.app.screen, CodeScreen) and "▀▀▀▀▀" in it.text)
        await opened.press("escape", "R")
        await opened.until(lambda: "opens nothing any more" in it.notices)
        assert await status_of(signed) in (401, 403)
        await opened.until(lambda: "signed link" not in it.text)

        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("SSH_CONNECTION", "a b")
            await opened.press("o")
            await opened.until(lambda: "over SSH there is no browser" in it.notices)
            elsewhere.setenv("BROWSER", "false %s")
            elsewhere.setenv("PATH", "")
            await opened.press("o")
            await opened.until(lambda: "no browser was found here" in it.notices)
        seen = tmp_path / "seen"
        monkeypatch.setenv("BROWSER", f"{sys.executable} {_browser(tmp_path, seen)} %s")
        await opened.press("o")
        await opened.until(lambda: seen.exists() and "Directory listing" in seen.read_text())
        assert pane.signed.of(it.sandbox.id)[0].token not in seen.read_text().splitlines()[0]

        await opened.press("P")
        await opened.until(lambda: "Open to everybody" in it.text)
        assert f"port {port}" in it.text
        await opened.press("right", "enter")
        await opened.until(lambda: "public: anybody may follow" in it.text)
        assert await status_of(url) == 200
        await opened.press("P")
        await opened.until(lambda: "private: its links ask" in it.text)
        assert await status_of(url) == 401

        journal = pane.journal.path.read_text()
        assert [word in journal for word in ("sign link", "revoke link", "make public", "make private")] == [True] * 4
        assert token not in journal
        assert f"daytona-tui preview signed {it.sandbox.name} {port} --for 15m" in journal
        await opened.press("b")
        await opened.until(lambda: opened.screen.current_pane is opened.screen.fleet_pane)
        await opened.press("d")
        await opened.until(lambda: not any(each.is_running and each.group == "ports" for each in opened.app.workers))


def _browser(tmp_path: Path, seen: Path) -> Path:
    script = tmp_path / "browser.py"
    script.write_text(
        "import os, sys, urllib.request\n"
        "page = urllib.request.urlopen(sys.argv[1]).read().decode()\n"
        f"open({str(seen)!r} + '.new', 'w').write(sys.argv[1] + '\\n' + page)\n"
        f"os.replace({str(seen)!r} + '.new', {str(seen)!r})\n"
    )
    return script


async def test_other_ports_refusals_and_servers_without_links(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path, size=(80, 24)) as it:
        opened, pane = it.opened, pane_of(it.opened)
        assert pane.refusal(commands.COPY_LINK) == "its ports are not looked at now; b shows them"
        await opened.press("b")
        await opened.until(lambda: "nothing listens" in it.text)
        await opened.press("y")
        await opened.until(lambda: "no port under the cursor; n names one" in it.notices)
        await opened.press("n")
        await opened.until(lambda: "Another port" in it.text)
        await opened.press(*"70000", "enter")
        await opened.until(lambda: "from 1 to 65535" in it.text)
        await opened.press(*(["backspace"] * 5), *"2280", "enter")
        await opened.until(lambda: "own daemon's" in it.text)
        await opened.press(*(["backspace"] * 4), *"8123", "enter")
        await opened.until(lambda: pane.row is not None and bool(pane.row.url))
        assert (pane.row.port, pane.row.is_listening) == (8123, False)  # type: ignore[union-attr]
        await opened.press("R")
        await opened.until(lambda: "no signed link under the cursor" in it.notices)

        words = {"statusCode": 404, "message": "Cannot GET /api/sandbox/x/ports/1/signed-preview-url"}
        opened.emulator.faults.add(FaultRule(path="*/signed-preview-url", status=404, body=words))
        await opened.press("l")
        await opened.until(lambda: isinstance(opened.app.screen, LinkScreen))
        await opened.press("enter")
        await opened.until(lambda: "this server has no signed preview links" in it.notices)
        assert it.opened.screen.services.abilities.lacks(Ability.SIGNED_PREVIEWS)
        many = len(opened.notices)
        await opened.press("l")
        await opened.until(lambda: len(opened.notices) > many)
        assert opened.notices[-1].title == "Signed link: not now"

        await opened.forbid("only reading is allowed")
        await opened.press("P")
        await opened.until(lambda: "only reading is allowed" in it.notices)

        assert await call(opened.emulator, "POST", f"/sandbox/{it.sandbox.id}/stop") == 200
        await opened.until(lambda: "programs listen while it runs" in it.text)


async def test_a_code_that_does_not_fit_says_what_it_takes(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as opened:
        long = "https://3000-" + "a" * 36 + ".proxy.daytona.works/?DAYTONA_SANDBOX_AUTH_KEY=" + "b" * 32
        opened.app.push_screen(CodeScreen(long, "Port 3000", is_ascii=False))
        await opened.until(lambda: "▀" in opened.text and "Port 3000 · esc closes" in opened.text)
        assert len(opened.text.splitlines()) == 24
        await opened.press("escape")
        opened.app.push_screen(CodeScreen(long, "Port 3000", is_ascii=True))
        await opened.until(lambda: "The code takes 9" in opened.text)
        await opened.press("q")
        opened.app.push_screen(CodeScreen("x" * 5000, "Port 3000", is_ascii=False))
        await opened.until(lambda: "too long for a QR code" in opened.text)


async def test_a_program_with_a_hostile_name_is_harmless(open_app: OpenApp, tmp_path: Path) -> None:
    port = a_port()
    async with inside(open_app, tmp_path) as it:
        name = "$(printf '\\033[31m[bold]red')"
        run = f'nohup bash -c "exec -a \\"{name}\\" python3 -m http.server {port}" >/dev/null 2>&1 & echo'
        await it.gateway.run(it.sandbox.id, run, timeout_s=20)
        await it.opened.press("b")
        await it.opened.until(lambda: any(row.port == port and row.program for row in pane_of(it.opened)._rows))
        await it.opened.until(lambda: "[bold]red" in it.text)
        assert "\x1b" not in it.text
