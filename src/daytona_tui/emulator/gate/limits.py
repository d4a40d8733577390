"""How often clients may ask: windows of a minute on the emulator's clock, and what their answers say of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler

from daytona_tui.emulator.clock import Clock
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.gate.access import ACTOR, NOBODY, Access, needs_no_key
from daytona_tui.emulator.gate.permissions import route_pattern

TTL_S = 60
"""Length of a window in seconds."""

AUTHENTICATED = "authenticated"
CREATE = "sandbox-create"
LIFECYCLE = "sandbox-lifecycle"
FAILED_AUTH = "failed-auth"
LIMITERS = (AUTHENTICATED, CREATE, LIFECYCLE, FAILED_AUTH)

SAID = 60_000
"""Limit that answers speak of where none is set."""
MOST = 1_000_000_000
"""Highest limit that can be set."""

_LIFECYCLE_ACTS = frozenset({"start", "stop", "pause", "resize", "recover", "archive", "fork", "snapshot", "backup"})
_MANY_ADDRESSES = 10_000


@dataclass(slots=True)
class Window:
    """One limiter's count.

    Attributes:
        limit: requests in a window; None for any number.
    """

    now: Callable[[], float]
    limit: int | None
    used: int = 0
    ends: float = 0.0

    def is_full(self) -> bool:
        """Whether the next one is refused."""
        self._turn()
        return self.limit is not None and self.used >= self.limit

    def count(self) -> None:
        """Count one."""
        self._turn()
        self.used += 1

    def headers(self, name: str) -> dict[str, str]:
        """Return what a good answer says of this limiter."""
        self._turn()
        limit = SAID if self.limit is None else self.limit
        return {
            f"X-RateLimit-Limit-{name}": str(limit),
            f"X-RateLimit-Remaining-{name}": str(max(0, limit - self.used)),
            f"X-RateLimit-Reset-{name}": str(max(0, math.ceil(self.ends - self.now()))),
        }

    def _turn(self) -> None:
        now = self.now()
        if now >= self.ends:
            self.ends, self.used = now + TTL_S, 0


@dataclass
class Limits:
    """Every limiter of the organisation, and of each address that shows wrong keys.

    Args:
        clock: the emulator's time.
        settings: requests per minute by limiter; one that is not named refuses nothing.
    """

    clock: Clock = field(default_factory=Clock)
    settings: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin every window."""
        self._windows = {name: self._window(name) for name in LIMITERS if name != FAILED_AUTH}
        self._failed: dict[str, Window] = {}

    def set(self, name: str, limit: int | None) -> None:
        """Give a limiter another limit; None refuses nothing."""
        self.settings = {key: value for key, value in self.settings.items() if key != name}
        if limit is not None:
            self.settings = {**self.settings, name: limit}
        if name in self._windows:
            self._windows[name].limit = limit

    def limit(self, name: str) -> int | None:
        """Return a limiter's limit; None when it refuses nothing."""
        return self.settings.get(name)

    def admit(self, request: web.Request) -> dict[str, str]:
        """Count a request of somebody with a good key, and return what its answer says of that.

        Raises:
            ApiError: 429, with the whole length of the window as time to wait.
        """
        name = limiter_of(request)
        if name is None:
            return {}
        window = self._windows[name]
        if window.is_full():
            raise _too_many({f"Retry-After-{name}": str(TTL_S)})
        window.count()
        return window.headers(name)

    def check_address(self, address: str) -> None:
        """Refuse an address that has shown too many wrong keys, whatever it shows now.

        Raises:
            ApiError: 429.
        """
        window = self._failed.get(address)
        if window is not None and window.is_full():
            raise _too_many({"Retry-After": str(TTL_S)})

    def note_failure(self, address: str) -> None:
        """Count a wrong key."""
        if self.limit(FAILED_AUTH) is None:
            return
        if len(self._failed) >= _MANY_ADDRESSES:
            self._failed = {key: window for key, window in self._failed.items() if window.ends > self.clock.monotonic()}
        self._failed.setdefault(address, self._window(FAILED_AUTH)).count()

    def _window(self, name: str) -> Window:
        return Window(self.clock.monotonic, self.settings.get(name))


class Guard:
    """The first thing that a request meets: its key, then the limits; the actor is left in ``request[ACTOR]``."""

    def __init__(self, access: Access, limits: Limits) -> None:
        self._access = access
        self._limits = limits

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse a missing or wrong key with 401, too many requests with 429."""
        if needs_no_key(request):
            request[ACTOR] = NOBODY
            return await handler(request)
        address = request.remote or ""
        self._limits.check_address(address)
        try:
            request[ACTOR] = self._access.authenticate(request)
        except ApiError:
            self._limits.note_failure(address)
            raise
        headers = self._limits.admit(request)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(headers)
        return response


def limiter_of(request: web.Request) -> str | None:
    """Return the limiter that counts a request; None for the toolbox and the emulator's own routes."""
    if not request.path.startswith("/api/"):
        return None
    pattern = route_pattern(request)
    if request.method == "POST" and pattern == "/api/sandbox":
        return CREATE
    if request.method == "DELETE" and pattern == "/api/sandbox/{}":
        return LIFECYCLE
    is_act = request.method == "POST" and pattern.startswith("/api/sandbox/{}/")
    return LIFECYCLE if is_act and pattern.rpartition("/")[2] in _LIFECYCLE_ACTS else AUTHENTICATED


def parse_limits(text: str) -> dict[str, int]:
    """Return the limits spelt as ``authenticated=10000,sandbox-create=300``.

    Raises:
        ValueError: in words for a person.
    """
    settings = {}
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        if name not in LIMITERS:
            raise ValueError(f"a rate limit is one of {', '.join(LIMITERS)}, with = and a number")
        if not number.isascii() or not number.isdigit() or not 1 <= int(number[:12]) <= MOST:
            raise ValueError(f"the rate limit {name} must be a number from 1 to {MOST}")
        settings[name] = int(number)
    return settings


def _too_many(headers: Mapping[str, str]) -> ApiError:
    return ApiError(429, "ThrottlerException: Too Many Requests", headers=headers)
