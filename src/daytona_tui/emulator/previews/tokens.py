"""Who may see a port of a sandbox from outside: tokens that expire, and what opens a preview without one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web

from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import Fleet, SandboxRecord
from daytona_tui.emulator.gate.access import Access

TOKEN_HEADER = "X-Daytona-Preview-Token"
TOKEN_QUERY = "DAYTONA_SANDBOX_AUTH_KEY"
COOKIE = "daytona-sandbox-auth-"
"""Name of the cookie, before the sandbox's id."""
COOKIE_S = 3600
LONGEST_S = 24 * 60 * 60
"""Longest life of a signed address."""
HIGHEST_PORT = 65535
ALWAYS_PRIVATE = frozenset({2280, 22222, 33333})
"""Ports of the daemon itself, that stay closed to strangers in a public sandbox."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_TOKEN_LETTERS = 16
_BEARER = "Bearer "


@dataclass(frozen=True)
class Pass:
    """One signed address: what it opens, and until when."""

    sandbox_id: str
    expires_at: datetime


@dataclass
class Previews:
    """Signed addresses, and the question of who may look.

    Signed addresses live as long as the emulator, as they do in the memory of a real server.

    Args:
        fleet: the sandboxes, and the time by which tokens expire.
        access: the keys, any of which opens every sandbox.
    """

    fleet: Fleet
    access: Access
    _passes: dict[tuple[int, str], Pass] = field(default_factory=dict)
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def sign(self, record: SandboxRecord, port: int, seconds: int) -> str:
        """Return a new token that opens ``port`` of a sandbox for so many seconds."""
        now = self.fleet.clock.now()
        self._passes = {key: kept for key, kept in self._passes.items() if kept.expires_at > now}
        token = "".join(secrets.choice(_LETTERS) for _ in range(_TOKEN_LETTERS))
        self._passes[port, token] = Pass(record.id, now + timedelta(seconds=seconds))
        return token

    def expire(self, port: int, token: str) -> None:
        """Let a token open nothing any more; one that is unknown is no mistake."""
        self._passes.pop((port, token), None)

    def signed_for(self, port: int, token: str) -> str:
        """Return the id of the sandbox that a token opens.

        Raises:
            ApiError: 403, it opens nothing.
        """
        kept = self._passes.get((port, token))
        if kept is None or kept.expires_at <= self.fleet.clock.now():
            raise ApiError(403, "Invalid or expired token")
        return kept.sandbox_id

    def admit(self, request: web.Request, name: str, port: int) -> SandboxRecord:
        """Return the sandbox whose ``port`` this request may see.

        Who shows nothing that opens it is told the same of a closed sandbox and of none.

        Args:
            request: what asks, with whatever it shows.
            name: the sandbox's id or name, or a signed token.
            port: the port.

        Raises:
            ApiError: 401 for nothing valid shown, 403 for a token that has expired, 404 for no such sandbox.
        """
        kept = self._passes.get((port, name))
        if kept is not None:
            return self.fleet.find(self.signed_for(port, name))
        record = self._visible(name)
        if record is not None and record.public and port not in ALWAYS_PRIVATE:
            return record
        shown = self._complaints(request, record)
        if shown is None:
            return self.fleet.find(name)
        raise ApiError(401, shown, code="UNAUTHORIZED")

    def cookie(self, record: SandboxRecord) -> str:
        """Return the value of a cookie that opens a sandbox for the next hour."""
        until = str(int(self.fleet.clock.now().timestamp()) + COOKIE_S)
        return f"{until}.{self._seal(record.id, until)}"

    def is_key(self, request: web.Request) -> bool:
        """Whether a request's bearer is a key to the emulator."""
        header = request.headers.get("Authorization", "")
        return header.startswith(_BEARER) and self.access.actor_for(header[len(_BEARER) :].strip()) is not None

    def _visible(self, name: str) -> SandboxRecord | None:
        try:
            return self.fleet.find(name)
        except ApiError:
            return None

    def _complaints(self, request: web.Request, record: SandboxRecord | None) -> str | None:
        """Return why nothing that is shown opens the sandbox; None when something does."""
        complaints = []
        if request.headers.get("Authorization", "").startswith(_BEARER):
            if self.is_key(request):
                return None
            complaints.append("Bearer token is invalid")
        for where, token in (
            ("header", request.headers.get(TOKEN_HEADER)),
            ("query parameter", request.query.get(TOKEN_QUERY)),
        ):
            if token:
                if record is not None and _same(token, record.auth_token):
                    return None
                complaints.append(f"Auth key {where} is invalid")
        if record is not None and self._opens(record, request.cookies.get(COOKIE + record.id, "")):
            return None
        if complaints:
            return "authentication failed:\n" + "\n;\n".join(complaints)
        return (
            "missing authentication: provide a preview access token (via header, query parameter, or cookie) "
            "or use an API key or JWT"
        )

    def _opens(self, record: SandboxRecord, cookie: str) -> bool:
        until, _, seal = cookie.partition(".")
        if not (until.isascii() and until.isdigit() and _same(seal, self._seal(record.id, until))):
            return False
        return int(until) > self.fleet.clock.now().timestamp()

    def _seal(self, sandbox_id: str, until: str) -> str:
        return hmac.new(self._secret, f"{sandbox_id}.{until}".encode(), hashlib.sha256).hexdigest()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), right.encode())
