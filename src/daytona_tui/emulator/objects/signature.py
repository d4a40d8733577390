"""Signatures of requests to an object storage: AWS Signature Version 4 in a request's headers.

Computed as Amazon's public description says; the addresses in chunks and in query strings that it also knows are not
taken, as no client of builds uses them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote

from aiohttp import web

from daytona_tui.emulator.objects.refusal import ObjectError

_ALGORITHM = "AWS4-HMAC-SHA256"
_SAFE = "-_.~"
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM} Credential=([^/,\s]+)/(\d{{8}})/([\w-]+)/s3/aws4_request,\s*"
    r"SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})"
)
_SKEW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request says of itself.

    Attributes:
        access_key: whose credentials it is signed with.
        scope: day, region and service of the key that is derived for it.
        headers: names of those that are signed.
        value: the signature.
        moment: when it was signed, as the header has it.
    """

    access_key: str
    scope: tuple[str, str]
    headers: tuple[str, ...]
    value: str
    moment: str

    def is_of(self, request: web.Request, secret: str) -> bool:
        """Whether ``request`` was signed with ``secret``."""
        day, region = self.scope
        scope = f"{day}/{region}/s3/aws4_request"
        text = "\n".join([_ALGORITHM, self.moment, scope, _digest(self._canonical(request))])
        key = f"AWS4{secret}".encode()
        for part in (day, region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), self.value)

    def _canonical(self, request: web.Request) -> str:
        path, _, query = request.raw_path.partition("?")
        pairs = sorted((_quoted(key), _quoted(value)) for key, value in parse_qsl(query, keep_blank_values=True))
        told = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in self.headers)
        return "\n".join(
            [
                request.method,
                quote(unquote(path), safe=f"/{_SAFE}"),
                "&".join(f"{key}={value}" for key, value in pairs),
                told,
                ";".join(self.headers),
                request.headers.get("x-amz-content-sha256", ""),
            ]
        )


def signature_of(request: web.Request) -> Signature:
    """Return what ``request`` is signed with.

    Raises:
        ObjectError: it is not signed, not with all that has to be, or at another time.
    """
    found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if found is None:
        raise ObjectError(403, "AccessDenied", "The request is not signed")
    key, day, region, names, value = found.groups()
    headers = tuple(names.split(";"))
    if not {"host", "x-amz-content-sha256", "x-amz-date"} <= set(headers):
        raise ObjectError(403, "AccessDenied", "There were headers present in the request which were not signed")
    moment = request.headers.get("x-amz-date", "")
    try:
        signed_at = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ObjectError(403, "AccessDenied", "The request has no date") from None
    if abs(datetime.now(UTC) - signed_at) > _SKEW or not moment.startswith(day):
        raise ObjectError(403, "RequestTimeTooSkewed", "The difference between the clocks is too large")
    return Signature(key, (day, region), headers, value, moment)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _quoted(text: str) -> str:
    return quote(text, safe=_SAFE)
