"""Deletes a sandbox when the program that made it is gone, however that came to its end.

A program of its own, in a session of its own: ``python -m daytona_tui.client.guardian``. It is told everything through
its standard input, where the key stands in no list of processes and on no disk, and the end of that input is the end of
whoever made the sandbox. It uses the standard library only, so that it is small and begins at once.

The first line is the order, as JSON (``Order``); then come words: ``asked`` before the sandbox is asked for, ``made``
with its id as soon as that is known, ``done`` when it is gone. Without ``done`` it is deleted, even if it comes to be
late. On standard output it writes ``ready`` once it has its order.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

UNANSWERED_S = 90.0
"""A sandbox that was asked for, and of which nobody knows whether it was made, is looked for so long."""
LONGEST_S = 2 * 3600.0
"""Images are built for an hour, and cannot be deleted while they are."""
UNKNOWN_S = 1800.0
"""A server that does not answer is asked for so long after a sandbox that nobody knows of."""

_REQUEST_S = 20.0
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0
_GROWTH = 1.5
_MOST = 16 << 20
_MISSES = 2
"""So many answers in a row that it is not there: one alone may come of a server that lags behind itself."""
_REFUSALS = 20
"""So many refusals of the key in a row, and there is nothing more to be done."""


@dataclass(frozen=True)
class Order:
    """What to watch over.

    Attributes:
        api_url: base of the main API.
        headers: those that prove who we are.
        name: of the sandbox; nobody else's.
        proxy: through which the API is reached; empty for none.
    """

    api_url: str
    headers: dict[str, str]
    name: str
    proxy: str = ""


class Server:
    """The main API, as far as it is needed here."""

    def __init__(self, order: Order) -> None:
        self._order = order
        proxies = {"http": order.proxy, "https": order.proxy} if order.proxy else {}
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler(proxies),
            urllib.request.HTTPSHandler(context=ssl.create_default_context()),
            _AtHome(),
        )

    def ask(self, method: str, who: str) -> tuple[int, Any]:
        """Return status and JSON of the answer; status 0 for none."""
        url = f"{self._order.api_url}/sandbox/{quote(who, safe='')}"
        headers = {**self._order.headers, "Accept": "application/json"}
        request = urllib.request.Request(url, method=method, headers=headers)
        try:
            with self._opener.open(request, timeout=_REQUEST_S) as answer:
                return answer.status, _json(answer.read(_MOST))
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None
        except (OSError, http.client.HTTPException):
            return 0, None


class _AtHome(urllib.request.HTTPRedirectHandler):
    """Lets nobody send us to another server, who would be shown the key."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Return the next request; None for none."""
        is_home = _place(newurl) == _place(req.full_url)
        return super().redirect_request(req, fp, code, msg, headers, newurl) if is_home else None


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def take_away(server: Server, name: str, sandbox_id: str) -> bool:
    """Delete the sandbox called ``name`` until it is gone; True when it is, or never was.

    Args:
        server: where.
        name: its name.
        sandbox_id: its id; empty while nobody knows whether it was made.
    """
    began, pause, refusals, misses = time.monotonic(), _FIRST_PAUSE_S, 0, 0
    while time.monotonic() - began < (LONGEST_S if sandbox_id else UNKNOWN_S):
        status, record = server.ask("GET", sandbox_id or name)
        misses = misses + 1 if status == 404 else 0
        if misses >= _MISSES and (sandbox_id or time.monotonic() - began > UNANSWERED_S):
            return True
        if status == 200 and isinstance(record, dict):
            if not sandbox_id and record.get("name") == name:
                sandbox_id = str(record.get("id") or "")
            if record.get("state") == "destroyed":
                return True
            if sandbox_id and record.get("state") != "destroying":
                status, _ = server.ask("DELETE", sandbox_id)
        refusals = refusals + 1 if status in (401, 403) else 0
        if refusals >= _REFUSALS:
            return False
        time.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST_PAUSE_S)
    return False


def watch(lines: Iterable[bytes]) -> tuple[bool, str]:
    """Read what the maker says until its end; return whether the sandbox is to be deleted, and its id, if known."""
    asked, sandbox_id = False, ""
    for line in lines:
        word, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
        if word == "done":
            return False, ""
        asked = asked or word in ("asked", "made")
        if word == "made" and line.endswith(b"\n"):  # one that was cut off is no id
            sandbox_id = rest
    return asked, sandbox_id


def main() -> int:
    """Take the order, wait for the end of who gave it, and clear up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    lines = sys.stdin.buffer
    order = Order(**json.loads(lines.readline()))
    with contextlib.suppress(OSError):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdout.close()
    is_left, sandbox_id = watch(lines)
    return 0 if not is_left or take_away(Server(order), order.name, sandbox_id) else 1


if __name__ == "__main__":
    sys.exit(main())
