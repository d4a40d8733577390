"""``ports``, ``preview`` and ``ssh`` as processes, against a sandbox in which a web server really runs."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest
from tests.cli.conftest import Run, finish, start

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.operations.find import find

NAME = "scratch"


async def status_of(url: str) -> int:
    """Ask for a page as a stranger would."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status


def a_port() -> str:
    """One in the daemon's range on which nothing listens."""
    for port in range(6100, 7000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return str(port)
    raise AssertionError("no port is free")


async def test_a_web_server_is_found_linked_signed_opened_and_revoked(
    emulator: Emulator, run: Run, tmp_path: Path
) -> None:
    port = a_port()
    gateway = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
    try:
        sandbox = await find(gateway, NAME)
        await gateway.run(sandbox.id, f"nohup python3 -m http.server {port} >/dev/null 2>&1 & echo", timeout_s=20)
    finally:
        await gateway.close()

    listed = await run("ports", NAME, "--wait", port, "--timeout", "30s", "--json")
    assert listed.code == 0, listed.err
    (row,) = [each for each in json.loads(listed.out) if each["port"] == int(port)]
    assert row["program"] == f"python3 -m http.server {port}"
    assert set(row) == {"port", "program", "pid", "url"}
    link = await run("preview", "link", NAME, port)
    assert link.out.decode() == f"{row['url']}\n"
    assert await status_of(row["url"]) == 401

    token = json.loads((await run("preview", "link", NAME, port, "--with-token", "--json")).out)
    assert token["token"] in token["url"]
    assert await status_of(token["url"]) == 200
    assert json.loads((await run("preview", "link", NAME, port, "--json")).out)["token"] is None

    browser = tmp_path / "browser.py"
    browser.write_text(
        "import sys, urllib.request\n"
        f"page = urllib.request.urlopen(sys.argv[1])\nopen({str(tmp_path / 'seen')!r}, 'w').write(\n"
        "    sys.argv[1] + '\\n' + page.read().decode())\n"
    )
    words = ("preview", "signed", NAME, port, "--for", "5m", "--qr", "--open")
    signed = await run(*words, BROWSER=f"{sys.executable} {browser} %s")
    assert signed.code == 0, signed.err
    url = signed.out.decode().strip()
    assert url.startswith("http://127.0.0.1")
    assert "\x1b[38;5;16;48;5;231m" in signed.err
    assert "for whoever has it until" in signed.err
    address, page = (tmp_path / "seen").read_text().split("\n", 1)
    assert address not in url
    assert "Directory listing" in page

    revoked = await run("preview", "revoke", NAME, port, "--token-env", "LINK", LINK=url)
    assert revoked.code == 0, revoked.err
    assert await status_of(url) in (401, 403)

    again = await run("preview", "revoke", NAME, port, "--token-env", "LINK", LINK=url)
    assert (again.code, "nothing was revoked" in again.err) == (5, True), again.err

    assert (await run("preview", "public", NAME)).out == b"private\n"
    assert (await run("preview", "public", NAME, "on")).out == b"public\n"
    assert await status_of(row["url"]) == 200
    assert json.loads((await run("preview", "public", NAME, "off", "--json")).out)["is_public"] is False
    assert emulator.api_key not in f"{signed.err}{listed.err}{link.out!r}"


async def test_what_is_known_of_a_link_that_is_revoked_is_said(emulator: Emulator, run: Run) -> None:
    made = json.loads((await run("preview", "signed", NAME, "3000", "--json")).out)
    token = made["token"]
    revoke = ("preview", "revoke", NAME, "3000", "--token-env", "TOKEN", "--json")
    mistyped = await run(*revoke, TOKEN=token[:-1] + ("a" if token[-1] != "a" else "b"))
    assert (mistyped.code, json.loads(mistyped.out)["revoked"], json.loads(mistyped.out)["was_known"]) == (
        5, False, "no"
    )  # fmt: skip
    elsewhere = await run("preview", "revoke", "preview-shop", "3000", "--token-env", "TOKEN", TOKEN=token)
    assert elsewhere.code == 1
    assert made["sandbox_id"] in elsewhere.err

    silent = emulator.faults.add(FaultRule(path="/api/preview/*/sandbox-id", status=403, body={"message": "Access"}))
    untold = await run(*revoke[:-1], TOKEN="never-was")
    assert (untold.code, "does not tell" in untold.err) == (0, True), untold.err
    emulator.faults.remove(silent.id)
    known = await run(*revoke, TOKEN=token)
    assert (known.code, json.loads(known.out)["was_known"]) == (0, "yes")
    assert token not in mistyped.err + elsewhere.err + untold.err + known.err


REFUSED = (
    (("ports", "nosuch"), 5, "no sandbox is called"),
    (("ports", "nightly-etl"), 1, "it has to run"),
    (("ports", NAME, "--wait", "3e3"), 2, "a port is a number"),
    (("ports", NAME, "--wait", "9998", "--timeout", "1s"), 7, "nothing listens on port 9998"),
    (("preview", "link", NAME, "0"), 2, "a port is a number"),
    (("preview", "link", NAME, "2280"), 2, "the sandbox's own daemon's"),
    (("preview", "signed", NAME, "3000", "--for", "25h"), 2, "24 hours"),
    (("preview", "signed", NAME, "3000", "--for", "0"), 2, "not a time"),
    (("preview", "signed", NAME, "3000", "--read-only"), 2, "nothing was done"),
    (("preview", "revoke", NAME, "3000"), 2, "say which"),
    (("preview", "revoke", NAME, "3000", "--token-env", "abc-def"), 2, "name of a variable"),
    (("preview", "revoke", NAME, "3000", "--token-env", "NO_SUCH_TOKEN"), 2, "not set"),
    (("preview", "revoke", NAME, "3000", "--token-stdin"), 2, "nothing came"),
    (("preview", "public", NAME, "maybe"), 2, "'maybe' is not one of"),
    (("preview", "frobnicate"), 2, "No such command"),
    (("ssh", "create", "nosuch"), 5, "no sandbox is called"),
    (("ssh", "create", NAME, "--for", "9999d"), 2, "whole number of minutes"),
    (("ssh", "connect", "nightly-etl"), 1, "it has to run"),
)


async def test_what_cannot_be_is_refused_with_a_code(run: Run) -> None:
    for words, code, said in REFUSED:
        told = await run(*words)
        assert (told.code, told.out) == (code, b""), words
        assert said in told.err, words


async def test_a_link_for_which_there_is_no_browser_is_still_written(run: Run) -> None:
    told = await run("preview", "link", NAME, "3000", "--open", SSH_CONNECTION="x", BROWSER="")
    assert told.code == 1
    assert b"/3000/" in told.out
    assert "over SSH there is no browser" in told.err


@pytest.mark.skipif(shutil.which("ssh") is None, reason="no ssh here")
async def test_an_access_by_ssh_is_made_used_and_revoked(emulator: Emulator, run: Run, home: Path) -> None:
    made = json.loads((await run("ssh", "create", NAME, "--for", "90s", "--json")).out)
    assert made["line"] == f"ssh -p {made['port']} {made['token']}@127.0.0.1"
    assert made["expires_at"]
    as_text = await run("ssh", "create", NAME)
    assert as_text.out.startswith(b"ssh -p ")
    assert "ssh revoke scratch ends that before" in as_text.err
    line = as_text.out.decode().strip()
    revoked = await run("ssh", "revoke", NAME, "--token-env", "LINE", LINE=line)
    assert "that access" in revoked.err
    assert json.loads((await run("ssh", "revoke", NAME, "--json")).out)["revoked"] == "all"

    (home / ".ssh").mkdir(exist_ok=True, mode=0o700)
    told = await run("ssh", "connect", NAME, "sh", "-c", 'echo "$0 $1"; exit 7', "a  b", "c", HOME=str(home))
    assert (told.code, told.out) == (7, b"a  b c\n"), told.err
    assert [path.name for path in home.rglob("ssh/*.json")] == []


@pytest.mark.skipif(shutil.which("ssh") is None, reason="no ssh here")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
async def test_an_access_does_not_outlive_its_connection_and_its_token_is_in_no_list_of_processes(
    emulator: Emulator, env: dict[str, str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    process = await start("ssh", "connect", NAME, "echo in; sleep 60", cwd=tmp_path, env=env)
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert await process.stdout.readline() == b"in\n"
    assert emulator._ssh is not None
    accesses = emulator._ssh.accesses
    (token,) = accesses._accesses
    listed = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert any(b"ssh\x00-F" in line for line in listed)
    assert not any(token.encode() in line for line in listed)

    told = await finish(process, signals=(number,))

    assert told.code == code
    assert accesses._accesses == {}
