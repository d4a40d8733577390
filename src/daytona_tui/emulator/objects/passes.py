"""Temporary credentials of the object storage: who may push, where, and until when."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from daytona_tui.emulator.clock import Clock

LASTS = timedelta(hours=1)
"""How long credentials hold, as a real server asks for them."""

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Pass:
    """Credentials for one organisation's part of the bucket.

    Attributes:
        access_key: their name, which every request shows.
        secret: what requests are signed with; it is never sent.
        token: what requests show beside their signature.
        organization_id: first part of every key that may be written.
        expires_at: from when on they are refused.
    """

    access_key: str
    secret: str
    token: str
    organization_id: str
    expires_at: datetime

    def shows(self, token: str) -> bool:
        """Whether ``token`` is the one that belongs to it; how long that takes tells nothing."""
        return hmac.compare_digest(self.token.encode(), token.encode("utf-8", "surrogateescape"))


class Passes:
    """Every pass that holds. They are not kept: after a restart a client asks for another.

    Args:
        clock: the emulator's time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._passes: dict[str, Pass] = {}

    def issue(self, organization_id: str) -> Pass:
        """Return a new one."""
        now = self._clock.now()
        if len(self._passes) >= _MOST:
            self._passes = {key: each for key, each in self._passes.items() if each.expires_at > now}
        made = Pass(
            f"ASIA{secrets.token_hex(8).upper()}",
            secrets.token_urlsafe(30),
            secrets.token_urlsafe(60),
            organization_id,
            now + LASTS,
        )
        self._passes[made.access_key] = made
        return made

    def find(self, access_key: str) -> Pass | None:
        """Return the one of this name; None where there is none. It may have expired."""
        return self._passes.get(access_key)

    def has_expired(self, found: Pass) -> bool:
        """Whether a pass holds no longer."""
        return found.expires_at <= self._clock.now()
