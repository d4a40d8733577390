"""Who may come in: keys, the person behind each, and what each may do."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from aiohttp.typedefs import Handler

from daytona_tui.emulator.clock import Clock
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.shelf import REMOVED, Shelf
from daytona_tui.emulator.gate.keys import Key, digest
from daytona_tui.emulator.gate.permissions import needed_permission

KIND = "api-key"
"""Kind of the keys' records, on their shelf and in a state directory."""

_OPEN = frozenset(
    {
        "/api-json",
        "/api/health",
        "/api/health/ready",
        "/api/config",
        "/api/audit/scenarios",
        "/api/shared-regions",
        "/api/socket.io/",
    }
)
"""Paths that need no key; the event channel asks for it in its own way."""
_OPEN_BELOW = ("/preview/", "/objects/")
"""Paths below which a token, or a signature of the object storage's own, stands in place of a key."""
_SIGNED = {("GET", "/files/download"), ("POST", "/files/upload-v2")}
"""Toolbox routes, by method and ending, that a signature opens in place of a key."""
_BEARER = "bearer "
_NOTED_EVERY = timedelta(minutes=1)  # between two notes of a key's use


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, as a request and the audit log know it.

    Attributes:
        name: name of the key.
        prefix: first letters of the key; "" when unknown.
        suffix: last letters of the key; "" when unknown.
        user_id: the person's id.
        email: the person's address.
        permissions: what the key allows.
        user_name: the person's name.
        key_id: id of the key's record.
        is_admin: whether this is the operator of the server.
    """

    name: str
    suffix: str
    user_id: str
    email: str
    permissions: frozenset[str]
    prefix: str = ""
    user_name: str = ""
    key_id: str = ""
    is_admin: bool = False

    def may(self, permission: str) -> bool:
        """Whether the key allows ``permission``."""
        return permission in self.permissions


NOBODY = Actor("", "", "anonymous", "", frozenset())
"""Who asks on a path that needs no key."""

ACTOR = web.RequestKey("actor", Actor)
"""Key of a request under which stands who sends it: ``request[ACTOR]``."""


class Access:
    """Every key, and who comes with it.

    Args:
        keys: those that are there from the start; they are not kept, and cannot be deleted.
        clock: the emulator's time; keys expire by it.

    Attributes:
        created: the keys that were made through the interface.
    """

    def __init__(self, keys: Iterable[Key] = (), clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._fixed = list(keys)
        self.created: Shelf[Key] = Shelf(KIND)
        self.created.subscribe(self._changed)
        self._by_digest: dict[str, tuple[Key, Actor]] = {}
        self.refresh()

    @property
    def keys(self) -> Iterator[Key]:
        """Every key, those from the start first."""
        yield from self._fixed
        yield from self.created.records.values()

    def refresh(self) -> None:
        """Learn anew which keys there are; call after filling the shelf behind its listeners' back."""
        self._by_digest = {key.digest: (key, actor_of(key)) for key in reversed(list(self.keys))}

    def actor_for(self, token: str) -> Actor | None:
        """Return who comes with ``token``; None for a wrong or expired key.

        A key is sought by its digest, so the time that takes tells nothing of the keys there are.
        """
        given = digest(token)
        found = self._by_digest.get(given)
        if found is None or not hmac.compare_digest(given, found[0].digest):
            return None
        key, actor = found
        now = self._clock.now()
        if key.expires_at is not None and key.expires_at <= now:
            return None
        if key.last_used_at is None or now - key.last_used_at >= _NOTED_EVERY:
            key.last_used_at = now
        return actor

    def authenticate(self, request: web.Request) -> Actor:
        """Return who sends ``request``, by its bearer.

        Raises:
            ApiError: 401 for a missing, wrong or expired key, in the same words for all.
        """
        header = request.headers.get("Authorization", "")
        actor = self.actor_for(header[len(_BEARER) :]) if header[: len(_BEARER)].lower() == _BEARER else None
        if actor is None:
            raise ApiError(401, "Invalid credentials")
        return actor

    def _changed(self, event: str, key: Key, _extra: object) -> None:
        if event.endswith(REMOVED):
            self._by_digest.pop(key.digest, None)
        else:
            self._by_digest[key.digest] = (key, actor_of(key))


def needs_no_key(request: web.Request) -> bool:
    """Whether a request is let through without a key; what it reaches may ask for a token or a signature."""
    path = request.path
    if path in _OPEN or path.startswith(_OPEN_BELOW):
        return True
    if "signature" not in request.query or not path.startswith("/toolbox/"):
        return False
    resource = request.match_info.route.resource
    return resource is not None and any(
        request.method == method and resource.canonical.endswith(f"}}{ending}") for method, ending in _SIGNED
    )


@web.middleware
async def permit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what the actor's key does not allow, with 403."""
    permission = needed_permission(request)
    if permission is not None and not request[ACTOR].may(permission):
        raise ApiError(403, "Access denied")
    return await handler(request)


def actor_of(key: Key) -> Actor:
    """Return who comes with a key."""
    return Actor(
        name=key.name,
        suffix=key.suffix,
        user_id=key.user.id,
        email=key.user.email,
        permissions=frozenset(key.permissions),
        prefix=key.start,
        user_name=key.user.name,
        key_id=key.id,
        is_admin=key.is_admin,
    )
