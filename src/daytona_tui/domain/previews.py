"""Ports of a sandbox as they are seen from outside: links, and who may follow them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from daytona_tui.domain.sandbox import SandboxId

LEAST_PORT = 1
MOST_PORT = 65_535
LEAST_SIGNED_S = 1
MOST_SIGNED_S = 24 * 3600
"""Longest life of a signed link, by the server's own rule."""

WATCHED = range(3000, 10_000)
"""Ports that a sandbox's daemon looks at; others are found only where a sandbox lets its processes be seen."""
DAEMON_PORTS = frozenset({2280, 22_220, 22_222, 33_333})
"""Ports of the daemon itself: they are no previews, and stay closed in a public sandbox."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A port on which a program listens.

    Attributes:
        program: its command line: hostile text; empty where it cannot be seen.
        pid: None likewise.
    """

    port: int
    program: str = ""
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class PreviewLink:
    """The address of a port. Of a public sandbox anybody may follow it; else who is logged in, or shows the token.

    Attributes:
        url: holds no secret.
        token: opens every port of the sandbox; a secret. Empty where the server gives none.
    """

    port: int
    url: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignedLink:
    """An address of a port that opens by itself until it expires or is revoked.

    Attributes:
        url: a secret, for it holds the token.
        token: what revokes it.
    """

    sandbox_id: SandboxId
    port: int
    url: str = field(repr=False)
    token: str = field(repr=False)
    expires_at: datetime


def port_trouble(text: str) -> str:
    """Return why ``text`` is no port, in words; empty when it is one."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5):
        return f"a port is a number from {LEAST_PORT} to {MOST_PORT}"
    number = int(digits)
    if not LEAST_PORT <= number <= MOST_PORT:
        return f"a port is a number from {LEAST_PORT} to {MOST_PORT}"
    return f"port {number} is the sandbox's own daemon's" if number in DAEMON_PORTS else ""
