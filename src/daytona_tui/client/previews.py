"""Previews: addresses of ports, made and revoked. What the server says of them is checked: browsers are sent there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from daytona_tui.client.loading import Sdk
from daytona_tui.client.mapping import sandbox_from
from daytona_tui.client.records import RecordsPart
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.previews import (
    LEAST_PORT,
    LEAST_SIGNED_S,
    MOST_PORT,
    MOST_SIGNED_S,
    PreviewLink,
    SignedLink,
)
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.errors import AuthError, MisuseError, NotFoundError, ProtocolError

if TYPE_CHECKING:
    from daytona_api_client_async import PreviewApi

_PRINTABLE = re.compile(r"[\x21-\x7e]{1,2000}")
# What the server says of a token that opens nothing; its other refusals are about us.
_USELESS = re.compile(r"invalid or expired", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,512}")


class PreviewsPart(RecordsPart):
    """Implements ``PreviewDoor``."""

    async def preview_link(self, sandbox_id: SandboxId, port: int) -> PreviewLink:
        """Return the address of a port."""
        _check_port(port)
        async with self._link.calling("asking for a preview link", needs=Ability.PREVIEWS) as sdk:
            told = await self._ask_api(sdk.sandboxes.get_port_preview_url_without_preload_content(sandbox_id, port))
        token = told.get("token") if isinstance(told, dict) else None
        return PreviewLink(port, _url(told), token if isinstance(token, str) and _TOKEN.fullmatch(token) else "")

    async def sign_preview(self, sandbox_id: SandboxId, port: int, seconds: int) -> SignedLink:
        """Make an address that opens by itself for a time."""
        _check_port(port)
        if type(seconds) is not int or not LEAST_SIGNED_S <= seconds <= MOST_SIGNED_S:
            raise MisuseError("a signed link lasts from 1 second to 24 hours")
        asked_at = datetime.now(UTC)  # the answer does not say until when: from here on it surely holds no longer
        async with self._link.calling("making a signed link", needs=Ability.SIGNED_PREVIEWS) as sdk:
            call = sdk.sandboxes.get_signed_port_preview_url_without_preload_content(
                sandbox_id, port, expires_in_seconds=seconds
            )
            told = await self._ask_api(call)
        token = told.get("token") if isinstance(told, dict) else None
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise _unknown()
        return SignedLink(sandbox_id, port, _url(told), token, asked_at + timedelta(seconds=seconds))

    async def sandbox_of_signed(self, port: int, token: str) -> SandboxId | None:
        """Return the sandbox whose port a signed address opens."""
        _check_port(port)
        _check_token(token)
        try:
            async with self._link.calling("looking up a signed link") as sdk:
                call = _api(sdk).get_sandbox_id_from_signed_preview_url_token_without_preload_content(token, port)
                told = await self._ask_api(call)
        except NotFoundError:
            return None
        except AuthError as error:
            if error.status == 403 and _USELESS.search(error.message):
                return None
            raise
        return SandboxId(told) if isinstance(told, str) and told else None

    async def revoke_preview(self, sandbox_id: SandboxId, port: int, token: str) -> None:
        """Make a signed address open nothing."""
        _check_port(port)
        _check_token(token)
        try:
            async with self._link.calling("revoking a signed link", needs=Ability.SIGNED_PREVIEWS) as sdk:
                call = sdk.sandboxes.expire_signed_port_preview_url_without_preload_content(sandbox_id, port, token)
                await self._ask_api(call)
        except NotFoundError:  # with the sandbox its links are gone
            return

    async def set_public(self, sandbox_id: SandboxId, is_public: bool) -> Sandbox:
        """Open the ports of a sandbox to everybody, or close them."""
        async with self._link.calling("changing who may see its ports", needs=Ability.PREVIEWS) as sdk:
            call = sdk.sandboxes.update_public_status_without_preload_content(sandbox_id, is_public)
            told = await self._ask_api(call)
        return sandbox_from(told) or await self.get(sandbox_id)


def _check_port(port: object) -> None:
    if type(port) is not int or not LEAST_PORT <= port <= MOST_PORT:
        raise MisuseError(f"a port is a number from {LEAST_PORT} to {MOST_PORT}")


def _check_token(token: str) -> None:
    if not _TOKEN.fullmatch(token):
        raise MisuseError("this is no token of a signed link", hint="give the whole link, or its token")


def _api(sdk: Sdk) -> PreviewApi:
    from daytona_api_client_async import PreviewApi

    return PreviewApi(sdk.keys.api_client)


def _url(told: Any) -> str:
    """Return the address in an answer; a browser must not be sent to a program or a file of this machine."""
    url = told.get("url") if isinstance(told, dict) else None
    if not isinstance(url, str) or not _PRINTABLE.fullmatch(url):
        raise _unknown()
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_right = False
    if not is_right:
        raise _unknown()
    return url


def _unknown() -> ProtocolError:
    return ProtocolError("the server's preview link is not understood, and is not used", source="api")
