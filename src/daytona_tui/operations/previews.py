"""Links to the ports of sandboxes: signed ones are remembered while the program runs, so that they can be revoked.

A signed link is a secret, and is never written to a disk. It is made to be given away: the end of the program does not
revoke it, its time does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from daytona_tui.domain.ports import PreviewDoor
from daytona_tui.domain.previews import PreviewLink, SignedLink
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import AuthError, ConflictError, UnsupportedError
from daytona_tui.presentation.safe_text import safe

SECONDS = (300, 900, 3600, 4 * 3600, 24 * 3600)
"""How long a signed link may last, to choose from."""
USUAL_S = 3600
_TOKEN_QUERY = "DAYTONA_SANDBOX_AUTH_KEY"


class SignedLinks:
    """The signed links that this run of the program made, and that still open something."""

    def __init__(self, door: PreviewDoor, now: Callable[[], datetime]) -> None:
        self._door = door
        self._now = now
        self._links: list[SignedLink] = []

    def of(self, sandbox_id: SandboxId) -> tuple[SignedLink, ...]:
        """Return the links to a sandbox, by port and by when they expire."""
        now = self._now()
        self._links = [link for link in self._links if link.expires_at > now]
        own = (link for link in self._links if link.sandbox_id == sandbox_id)
        return tuple(sorted(own, key=lambda link: (link.port, link.expires_at)))

    async def make(self, sandbox_id: SandboxId, port: int, seconds: int) -> SignedLink:
        """Make a link.

        Raises:
            UnsupportedError: the server has no signed links.
            DaytonaTuiError: it could not be made.
        """
        link = await self._door.sign_preview(sandbox_id, port, seconds)
        self._links.append(link)
        return link

    async def revoke(self, link: SignedLink) -> None:
        """Let a link open nothing any more.

        Raises:
            DaytonaTuiError: it could not be revoked; it expires by itself.
        """
        await self._door.revoke_preview(link.sandbox_id, link.port, link.token)
        self._links = [each for each in self._links if each is not link]


async def revoke_token(door: PreviewDoor, sandbox_id: SandboxId, port: int, token: str) -> bool | None:
    """Revoke a signed link of which only the token is known; return whether it opened something until now.

    None: the server took it, and does not tell. It takes tokens that never were just as well, so it is asked first.

    Raises:
        ConfigError: this cannot be a token.
        ConflictError: the link is of another sandbox; it is not revoked.
        DaytonaTuiError: it could not be revoked.
    """
    try:
        opened = await door.sandbox_of_signed(port, token)
    except (AuthError, UnsupportedError):
        is_known = None
    else:
        is_known = opened is not None
        if opened is not None and opened != sandbox_id:
            raise ConflictError(f"this link is of another sandbox: {safe(opened)}", hint="revoke it with that one's id")
    await door.revoke_preview(sandbox_id, port, token)
    return is_known


def with_token(link: PreviewLink) -> str:
    """Return the address with which anybody may look, until the sandbox ends: a secret. Its own where it has no token.

    Source: the query that Daytona's proxy takes the token from.
    """
    if not link.token:
        return link.url
    parts = urlsplit(link.url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), (_TOKEN_QUERY, link.token)])
    return urlunsplit(parts._replace(path=parts.path or "/", query=query))


def token_in(text: str) -> str:
    """Return the token of a signed link that somebody gives as the token itself or as the whole link; else the text.

    The host of a signed link begins with the port and the token, ``3000-TOKEN.…``; where names of hosts cannot be had
    they stand in its path, ``…/TOKEN/3000/``.
    """
    text = text.strip()
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
        label = parts.netloc.rpartition("@")[2].partition(".")[0]  # as it was written: tokens may have capitals
    except ValueError:
        return ""
    port, dash, token = label.partition("-")
    if dash and port.isdigit():
        return token
    words = [word for word in parts.path.split("/") if word]
    return next((word for word, after in pairwise(words) if after.isdigit()), "")
