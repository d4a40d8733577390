"""The network of a sandbox: its settings, and access by SSH (tokens only: there is no SSH server to show them to)."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from aiohttp import web

from daytona_tui.emulator import wire
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.reading import json_object
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.previews.network import network_settings

SSH_MINUTES = 60
"""Life of an access for which none is asked."""
_LETTERS = string.ascii_letters + string.digits
_TOKEN_LETTERS = 32
_LONGEST_MINUTES = 1e8


@dataclass(slots=True)
class SshAccess:
    """One way in by SSH."""

    sandbox_id: str
    expires_at: datetime
    created_at: datetime
    token: str = field(default_factory=lambda: "".join(secrets.choice(_LETTERS) for _ in range(_TOKEN_LETTERS)))
    id: str = field(default_factory=lambda: str(uuid4()))

    def body(self) -> dict[str, object]:
        """Return the shape on the wire."""
        return {
            "id": self.id,
            "sandboxId": self.sandbox_id,
            "token": self.token,
            "expiresAt": wire.instant(self.expires_at),
            "createdAt": wire.instant(self.created_at),
            "updatedAt": wire.instant(self.created_at),
            "sshCommand": f"ssh -p 2222 {self.token}@localhost",
        }


class NetworkRoutes:
    """The routes of network settings and SSH access."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._accesses: dict[str, SshAccess] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        one = "/api/sandbox/{sandbox}"
        return [
            web.post(f"{one}/network-settings", self.set_network),
            web.get("/api/sandbox/ssh-access/validate", self.validate_ssh),
            web.post(f"{one}/ssh-access", self.create_ssh),
            web.delete(f"{one}/ssh-access", self.revoke_ssh),
        ]

    async def set_network(self, request: web.Request) -> web.Response:
        """Change the network settings; whether there is a network is heeded at the next start."""
        fields = network_settings(await json_object(request))
        record = self._control.sandbox_of(request)
        if fields:
            self._control.fleet.change(record, **fields)
        return self._control.answer(request, record)

    async def create_ssh(self, request: web.Request) -> web.Response:
        """Make a token for SSH in place of those there were."""
        record = self._control.sandbox_of(request)
        now = self._control.fleet.clock.now()
        expires_at = now + timedelta(minutes=_minutes(request.query.get("expiresInMinutes")))
        self._forget(record.id)
        access = SshAccess(record.id, expires_at, now)
        self._accesses[access.token] = access
        return web.json_response(access.body())

    async def validate_ssh(self, request: web.Request) -> web.Response:
        """Answer whether a token for SSH is good, and for which sandbox."""
        access = self._accesses.get(request.query.get("token", ""))
        if access is not None and access.expires_at > self._control.fleet.clock.now():
            record = self._control.fleet.records.get(access.sandbox_id)
            if record is not None and not record.is_hidden:
                return web.json_response({"valid": True, "sandboxId": record.id})
        return web.json_response({"valid": False, "sandboxId": ""})

    async def revoke_ssh(self, request: web.Request) -> web.Response:
        """Let a token for SSH, or all of a sandbox, be good for nothing."""
        record = self._control.sandbox_of(request)
        self._forget(record.id, request.query.get("token"))
        return self._control.answer(request, record)

    def _forget(self, sandbox_id: str, token: str | None = None) -> None:
        self._accesses = {
            key: access
            for key, access in self._accesses.items()
            if access.sandbox_id != sandbox_id or (token and key != token)
        }


def _minutes(text: str | None) -> float:
    try:
        minutes = float(SSH_MINUTES if text is None else text)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes <= _LONGEST_MINUTES:
        raise ApiError(400, "expiresInMinutes must be a positive number")
    return minutes
