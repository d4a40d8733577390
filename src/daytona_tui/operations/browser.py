"""Opening a link in the browser of the machine that the program runs on.

Whoever starts a browser writes the address among its arguments, where everybody on the machine can read it. An address
that is a secret is therefore not given to it: what is given is one of this program's own, that leads there once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

ANSWER_S = 30.0
"""How long a browser may take to come for a secret address."""
_START_S = 20.0
_OPEN = "import sys, webbrowser; sys.exit(0 if webbrowser.open(sys.argv[1]) else 1)"
_MOST_HEAD = 8192
_PROC_NET = ("/proc/net/tcp", "/proc/net/tcp6")


class BrowserError(Exception):
    """The browser did not open. Nothing of Daytona is wrong, so that it is none of the errors of ours.

    Attributes:
        message: why, in words.
        hint: what to do next; empty where the message says it.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def no_browser(env: Mapping[str, str] | None = None, platform: str = sys.platform) -> str:
    """Return why no browser can be opened from here, in words; empty where one can be tried.

    Args:
        env: the environment; that of the process when None.
        platform: as ``sys.platform`` names it.
    """
    env = os.environ if env is None else env
    if env.get("BROWSER"):  # somebody has set one up, also over SSH
        return ""
    if env.get("SSH_CONNECTION") or env.get("SSH_TTY"):
        return "over SSH there is no browser: copy the link, or show its QR code"
    if platform.startswith("linux") and not (env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")):
        return "this machine has no screen for a browser: copy the link, or show its QR code"
    return ""


async def open_in_browser(url: str, *, is_secret: bool) -> None:
    """Open ``url`` in the user's browser.

    Args:
        url: checked: of a web page.
        is_secret: whoever knows it may look: it stays out of every list of processes.

    Raises:
        BrowserError: there is none, it could not be started, or did not come for the address.
    """
    if reason := no_browser():
        raise BrowserError(reason)
    if not is_secret:
        await _start(url)
        return
    async with _leading_once(url) as (address, arrived):
        await _start(address)
        try:
            await asyncio.wait_for(arrived.wait(), ANSWER_S)
        except TimeoutError:
            raise BrowserError("the browser did not come for the link", hint="copy it, and open it there") from None


async def _start(url: str) -> None:
    """Let a process of its own find the browser: one that writes must not write on our screen, nor read our keys."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("DAYTONA_")}
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-c", _OPEN, url),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env=env,
        )
    except OSError as error:
        raise BrowserError(f"no browser could be started: {error.strerror or error}") from None
    try:
        code = await asyncio.wait_for(process.wait(), _START_S)
    except TimeoutError:
        return  # a browser that was not open before may be what it waits for
    if code != 0:
        raise BrowserError("no browser was found here", hint="set BROWSER to one, or copy the link")


@contextlib.asynccontextmanager
async def _leading_once(url: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Serve an address of this machine that leads to ``url``: to one visitor, who is of the same user."""
    way = f"/{secrets.token_urlsafe(24)}"
    arrived = asyncio.Event()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, ValueError):
            async with asyncio.timeout(ANSWER_S):
                head = await reader.readline()
                while len(line := await reader.readline()) > 2 and len(head) < _MOST_HEAD:
                    head += line
                words = head.split(b" ", 2)
                is_right = words[0] == b"GET" and words[1:2] == [way.encode()] and not arrived.is_set()
                if is_right and await asyncio.to_thread(_is_ours, writer.get_extra_info("peername")):
                    arrived.set()
                    writer.write(_moved(url))
                else:
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(visit, "127.0.0.1", 0, limit=_MOST_HEAD)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{way}", arrived
    finally:
        server.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 1.0)


def _moved(url: str) -> bytes:
    head = (
        "HTTP/1.1 302 Found",
        f"Location: {url}",
        "Referrer-Policy: no-referrer",
        "Cache-Control: no-store",
        "Content-Length: 0",
        "Connection: close",
    )
    return ("\r\n".join(head) + "\r\n\r\n").encode("ascii", "ignore")


def _is_ours(peer: object) -> bool:
    """Whether a visitor from this machine is of our own user; also where that cannot be told."""
    if not isinstance(peer, tuple) or len(peer) < 2:
        return False
    port = f":{int(peer[1]):04X}"
    for table in _PROC_NET:
        try:
            lines = Path(table).read_text(encoding="ascii", errors="replace").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            is_theirs = len(words) > 7 and words[1].endswith(port) and "0100007F" in words[1]
            if is_theirs and words[7].isdigit():
                return int(words[7]) == os.getuid()
    return True
