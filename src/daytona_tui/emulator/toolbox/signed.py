"""Signed file addresses: ``?path=&expires=&signature=``, which open one file for one method in place of a key.

The signature is ``v1_`` and the unpadded base64url of HMAC-SHA256 over ``v1:files:METHOD:path:expires`` with the
sandbox's signing key; ``expires`` is in seconds since 1970, and 0 stands for never (contract 4.9).
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.toolbox.requests import Desk, Resolve

_PREFIX = "v1_"
_LONGEST_EXPIRY = 19  # digits of the largest 64-bit number


def signature(key: str, method: str, path: str, expires: str) -> str:
    """Return what an address must carry as its ``signature``."""
    said = f"v1:files:{method}:{path}:{expires}".encode("utf-8", "surrogateescape")
    digest = hmac.new(key.encode(), said, hashlib.sha256).digest()
    return _PREFIX + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def signable(resolve: Resolve, desk: Desk) -> Resolve:
    """Return a ``resolve`` that checks the signature of an address that has one before it does anything else."""

    async def resolve_signed(request: web.Request) -> Box:
        if "signature" in request.query:
            _check(request, desk)
        return await resolve(request)

    return resolve_signed


def _check(request: web.Request, desk: Desk) -> None:
    """Refuse with 401, in the same words whatever is wrong, a signature that does not open what is asked for."""
    query = request.query
    path, expires, given = query.get("path", ""), query.get("expires", ""), query["signature"]
    try:
        key = desk.signing_key(request.match_info["sandbox_id"])
    except ApiError:
        key = ""
    expected = signature(key, request.method, path, expires)
    is_signed = hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())
    is_number = expires.isascii() and expires.isdigit() and len(expires) <= _LONGEST_EXPIRY
    if not key or not is_signed or not is_number:
        raise _refusal()
    if int(expires) != 0 and int(expires) < desk.now().timestamp():
        raise _refusal()


def _refusal() -> ApiError:
    return ApiError(401, "unauthorized: invalid or expired signature", code="UNAUTHORIZED", source="DAYTONA_PROXY")
