"""Files of a build on their way: temporary credentials of the server, then the S3 client that the SDK has.

The SDK's own upload is not used: it packs whole directories whatever ``.dockerignore`` says, waits for ever where a
file cannot be read, tells nobody how far it is, and refuses an object storage without TLS, as a local server has.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from daytona_tui.client.errors import clean, scrub
from daytona_tui.client.loading import Sdk, proxy_for
from daytona_tui.client.room import Part
from daytona_tui.config.connection import Secret
from daytona_tui.domain.abilities import Ability
from daytona_tui.errors import (
    AuthError,
    ConfigError,
    DaytonaTuiError,
    ProtocolError,
    RemoteError,
    UnreachableError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from obstore.store import S3Store

# As in the SDK: S3 takes no smaller parts, a part has two minutes, and credentials are not renewed on the way.
_PART = 5 << 20
_AT_ONCE = 4
_PART_S = timedelta(minutes=2)
_RETRY_S = timedelta(minutes=4)
_WHOLE_S = 24 * 3600.0

_DOING = "sending the context"
_NOT_SET_UP = re.compile(r"object storage is not configured", re.IGNORECASE)
_FIELDS = ("accessKey", "secret", "sessionToken", "storageUrl", "organizationId", "bucket", "region")
_CODE = re.compile(r"<Code>([A-Za-z0-9]{1,60})</Code>")
_NO_AUTHORITY = "Generic HTTP client error: builder error"  # how the library tells that it cannot begin at all
_STATUS = re.compile(r"status code: (\d{3})")
_DENIED_STATUS = ("400", "401", "403")
_MESSAGE = re.compile(r"<Message>([^<]{1,200})</Message>")
_DENIED = frozenset(
    {
        "AccessDenied",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)


@dataclass(frozen=True, slots=True)
class _Access:
    url: str
    bucket: str
    region: str
    organization: str
    key: str = field(repr=False)
    secret: Secret = field(repr=False)
    token: Secret = field(repr=False)


class ContextsPart(Part):
    """Implements ``ContextSender``."""

    async def send_context(
        self, digest: str, pieces: Callable[[], AsyncIterator[bytes]], on_sent: Callable[[int], object]
    ) -> bool:
        """Push an archive; return False where the server has it already."""
        access, allows_http = await self._access()
        try:
            store = await asyncio.to_thread(_store, access, allows_http=allows_http)
            return await _push(store, f"{access.organization}/{digest}/context.tar", pieces, on_sent)
        except DaytonaTuiError:
            raise
        except Exception as error:
            ours = _refused(error, access.url)
            for secret in (access.secret, access.token):
                scrub(ours, secret)
            raise ours from None  # the cause may hold what was signed

    async def _access(self) -> tuple[_Access, bool]:
        """Return where to push, and whether that may be without TLS: only where everything else is."""
        if words := self.abilities.lacks(Ability.CONTEXTS):
            raise UnsupportedError(words, source="api", status=503)
        try:
            async with self._link.calling(_DOING, needs=Ability.CONTEXTS) as sdk:
                from daytona_api_client_async import ObjectStorageApi

                api = ObjectStorageApi(sdk.keys.api_client)
                told = await self._ask_api(api.get_push_access_without_preload_content())
        except RemoteError as error:
            if error.status != 503 or not _NOT_SET_UP.search(error.message):
                raise
            words = self.abilities.note(Ability.CONTEXTS)
            raise UnsupportedError(words, source="api", status=503) from None
        return _read(told), _is_plain(sdk)


def _is_plain(sdk: Sdk) -> bool:
    return urlsplit(sdk.connection.api_url).scheme == "http"


def _read(told: object) -> _Access:
    said = {name: told.get(name) for name in _FIELDS} if isinstance(told, dict) else {}
    values = [value if isinstance(value, str) else "" for value in (said.get(name) for name in _FIELDS)]
    key, secret, token, url, organization, bucket, region = values
    region = region or "us-east-1"  # an older server does not tell
    if not url.startswith(("http://", "https://")):
        url = f"https://{url}" if url else ""
    if not all((key, secret, url, bucket)) or not re.fullmatch(r"[\w-]+", organization, re.ASCII):
        raise ProtocolError("the server does not say where the files of a build go", source="api")
    return _Access(url, bucket, region, organization, key, Secret(secret), Secret(token))


def _store(access: _Access, *, allows_http: bool) -> S3Store:
    """Return the store; blocks, as its library is loaded here. What the environment says of S3 does not count."""
    from obstore.store import S3Store

    if urlsplit(access.url).scheme == "http" and not allows_http:
        host = urlsplit(access.url).hostname
        raise ConfigError(f"the server's object storage at {host} has no TLS: nothing is sent there")
    proxy = proxy_for(access.url)
    options: dict[str, Any] = {"timeout": _PART_S, "allow_http": allows_http}
    return S3Store(
        bucket=access.bucket,
        endpoint=access.url,
        region=access.region,
        access_key_id=access.key,
        secret_access_key=access.secret.reveal(),
        session_token=access.token.reveal(),
        skip_signature=False,
        virtual_hosted_style_request=False,
        client_options={**options, "proxy_url": proxy} if proxy else options,  # type: ignore[arg-type]  # its keys are known
        retry_config={"retry_timeout": _RETRY_S, "max_retries": 5},
    )


async def _push(
    store: S3Store, key: str, pieces: Callable[[], AsyncIterator[bytes]], on_sent: Callable[[int], object]
) -> bool:
    failed: list[DaytonaTuiError] = []

    async def counted() -> AsyncIterator[bytes]:
        count = 0
        try:
            async for piece in pieces():
                yield piece
                count += len(piece)
                on_sent(count)
        except DaytonaTuiError as error:
            failed.append(error)  # which its library would wrap
            raise

    try:
        await store.head_async(key)
    except FileNotFoundError:
        pass
    else:
        return False
    try:
        await store.put_async(key, counted(), chunk_size=_PART, max_concurrency=_AT_ONCE)
    except Exception:
        if failed:
            raise failed[0] from None
        raise
    return True


def _refused(error: Exception, url: str) -> DaytonaTuiError:
    text, host = str(error), urlsplit(url).hostname or "the object storage"
    if text.startswith(_NO_AUTHORITY):
        return ConfigError(
            "no certificate of an authority can be read on this machine, so nothing can be sent to an object storage",
            hint="install ca-certificates, or name a file of them in SSL_CERT_FILE",
        )
    code, message = _CODE.search(text), _MESSAGE.search(text)
    if code is not None:
        words = f"the object storage refused the context: {clean(message[1]) if message else code[1]}"
        kind = AuthError if code[1] in _DENIED else RemoteError
        return kind(words, code=code[1], source="api")
    status = _STATUS.search(text)  # a refusal of a HEAD has no words
    if isinstance(error, PermissionError) or (status is not None and status[1] in _DENIED_STATUS):
        return AuthError("the object storage does not take the credentials that the server gave for it", source="api")
    if "HttpError" in text or "error sending request" in text or isinstance(error, OSError):
        return UnreachableError(f"the object storage at {host} cannot be reached, or stopped answering")
    return RemoteError(f"the context could not be sent: {clean(text.splitlines()[0] if text else '')}", source="api")
