"""Whatever Daytona, its SDK or the network throws → our own errors. The only place that knows their classes.

Raw answers, the SDK's ``DaytonaError``, the generated clients' ``ApiException``, aiohttp, pydantic and JSON all end
here. Texts are cut down to the cause, made one line, and stripped of addresses and of the key.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

from daytona_tui.config.connection import Secret
from daytona_tui.errors import (
    AuthError,
    ConfigError,
    ConflictError,
    DaytonaTuiError,
    NotFoundError,
    OperationTimeoutError,
    ProtocolError,
    RateLimitedError,
    RemoteError,
    UnreachableError,
    UnsentError,
    UnsupportedError,
)

_MAX_TEXT = 300
_PREFIXES = re.compile(r"^(?:(?:Failed to|Failure during|Error) [^:]{1,80}: )+")
_ADDRESS = re.compile(r"\b(?:https?|wss?)://(?:[^\s/?#@]*@)?([^\s/?#'\"]+)[^\s'\"]*")
_NO_ROUTE = re.compile(r"^Cannot (GET|POST|PUT|PATCH|DELETE) ")
# The server says 400 for what the state forbids; only its words tell (server facts, "Behaviour").
_STATE_WORDS = re.compile(
    r"not (?:in a |yet )?(?:\w+ )?(?:state|stopped|started|running|stoppable)|errored state|state change"
    r"|must be in (?:\w+ or )*\w+ state",
    re.IGNORECASE,
)
# The toolbox proxy's words for a sandbox without an address: it is not running.
_ASLEEP = re.compile(r"Is the Sandbox started\?|no IP address found", re.IGNORECASE)
# What the class of the sandbox forbids, such as pausing a container.
_NOT_FOR_THIS = re.compile(r"not supported for this sandbox", re.IGNORECASE)
_NO_TEXT = "a pull of the directory that it is in brings it along"
_PER_FILE_CODES = frozenset({"FILE_ACCESS_DENIED"})


class Refusal(Exception):
    """An answer other than 2xx, as it came. Never leaves this room."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes, *, source: str) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers
        self.body = body
        self.source = source


@contextlib.asynccontextmanager
async def translated(
    doing: str, *, timeout_s: float, host: str = "", secret: Secret | None = None, is_act: bool = False
) -> AsyncIterator[None]:
    """Give the block a deadline and let nothing but our errors (and cancellation) out of it.

    Args:
        doing: what the block does, in words that follow "while": "listing sandboxes".
        timeout_s: seconds until the block is given up.
        host: who is asked, for messages about silence.
        secret: the credential in use; it is cut out of every text.
        is_act: silence then means that the operation did not settle, not that nobody is there.
    """
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except DaytonaTuiError:
        raise
    except Exception as error:
        ours = translate(error, doing=doing, timeout_s=timeout_s, host=host, is_act=is_act)
        if ours is None:
            raise
        scrub(ours, secret)
        # The cause may hold request headers, and with them the key: it must not reach a traceback.
        raise ours from None


def translate(
    error: Exception, *, doing: str, timeout_s: float = 0.0, host: str = "", is_act: bool = False
) -> DaytonaTuiError | None:
    """Return our error for a foreign one; None for what is a bug of ours."""
    if isinstance(error, Refusal):
        return refused(error.status, error.headers, error.body, source=error.source)
    if isinstance(error, UnicodeEncodeError):  # of a path: what lies on a disk may have a name that is no text
        return NotFoundError(f"no request can say this name, as it is no UTF-8 ({doing})", hint=_NO_TEXT)
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return ProtocolError(f"the answer is not JSON while {doing}")
    return (
        _from_network(error, host, doing)
        or _from_sdk(error, doing)
        or _from_silence(error, host, timeout_s, doing, is_act)
    )


def refused(status: int, headers: Mapping[str, str], body: bytes | str, *, source: str) -> DaytonaTuiError:
    """Return the error for an HTTP refusal, from its status, its error envelope and its headers."""
    text, code, said_source = _envelope(body)
    message = clean(text) or f"the server answered {status}"
    where = "toolbox" if said_source == "DAYTONA_DAEMON" else source
    if _ASLEEP.search(message):
        return ConflictError("the sandbox is not running", code=code, source=where, status=status)
    if status == 429:
        seconds, limiter = _retry_after(headers)
        return RateLimitedError(message, retry_after_s=seconds, limiter=limiter, source=where)
    kind = _kind(status, message, code)
    return kind(message, code=code, source=where, status=status, hint=_hint(kind, status))


def clean(text: str) -> str:
    """Return ``text`` as one short printable line: cause only, addresses cut down to their host."""
    text = _PREFIXES.sub("", text.strip())
    if text.startswith("<"):  # a page for people, from something in between
        return ""
    text = _ADDRESS.sub(r"\1", text)
    text = _one_line(text).rstrip(".")
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def scrub(error: DaytonaTuiError, secret: Secret | None) -> None:
    """Cut the credential out of ``error``, in case the other side echoed it."""
    if not secret:
        return
    key = secret.reveal()
    error.message = without_key(error.message, key)
    error.args = (error.message,)
    if error.code and without_key(error.code, key) != error.code:
        error.code = None


def without_key(text: str, key: str) -> str:
    """Return ``text`` without ``key``, nor the beginning of it where ``clean`` cut the text short.

    A secret of several lines comes back as one, and in an address or in JSON it is written otherwise.
    """
    for form in sorted({key, _one_line(key), quote(key, safe=""), json.dumps(key)[1:-1]}, key=len, reverse=True):
        text = _without(text, form) if form else text
    return text


def _without(text: str, key: str) -> str:
    text = text.replace(key, "…")
    if text.endswith("…"):
        for size in range(len(key) - 1, 3, -1):
            text = text.removesuffix(f"{key[:size]}…") + ("…" if text.endswith(f"{key[:size]}…") else "")
    return text


def _kind(status: int, message: str, code: str | None) -> type[DaytonaTuiError]:
    if code in _PER_FILE_CODES:
        return RemoteError
    if status == 422 and _NOT_FOR_THIS.search(message):
        return UnsupportedError
    if status == 501 or (status in (404, 405) and _NO_ROUTE.match(message)):
        return UnsupportedError
    if status == 400 and _STATE_WORDS.search(message):
        return ConflictError
    by_status: dict[int, type[DaytonaTuiError]] = {
        401: AuthError,
        403: AuthError,
        404: NotFoundError,
        405: UnsupportedError,
        408: OperationTimeoutError,
        409: ConflictError,
        410: NotFoundError,
        504: OperationTimeoutError,
    }
    return by_status.get(status, RemoteError)


def _hint(kind: type[DaytonaTuiError], status: int) -> str:
    if kind is AuthError:
        return "check the key and its permissions"
    if kind is UnsupportedError and status != 422:
        return "is this Daytona older than the feature, or its address without /api?"
    return ""


def _envelope(body: bytes | str) -> tuple[str, str | None, str]:
    """Return message, code and source of an error body of any kind."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        data = json.loads(text)
    except ValueError:
        return text[:4096], None, ""
    if not isinstance(data, dict):
        return "", None, ""
    message = data.get("message")
    if isinstance(message, list):  # validation of the API: one text per field
        message = "; ".join(str(part) for part in message)
    if not isinstance(message, str):
        message = data.get("error")
    code = data.get("code") or data.get("error_code")
    source = data.get("source")
    return (
        message if isinstance(message, str) else "",
        code if isinstance(code, str) else None,
        source if isinstance(source, str) else "",
    )


def _retry_after(headers: Mapping[str, str]) -> tuple[float | None, str]:
    """Return the longest wait that a ``Retry-After`` or ``Retry-After-<limiter>`` header asks for, and its limiter."""
    best: float | None = None
    limiter = ""
    for name, value in headers.items():
        lower = name.lower()
        if not lower.startswith("retry-after"):
            continue
        with contextlib.suppress(ValueError):
            seconds = float(value)
            if best is None or seconds > best:
                best, limiter = seconds, lower.removeprefix("retry-after").lstrip("-")
    return best, limiter


def _from_network(error: Exception, host: str, doing: str) -> DaytonaTuiError | None:
    import aiohttp

    if isinstance(error, aiohttp.ClientHttpProxyError):  # its answer to CONNECT: nothing went through it
        words = f"the proxy makes no connection (it answered {error.status})"
        return UnsentError(f"{host}: {words}" if host else f"{words} while {doing}", hint="is the proxy right?")
    if isinstance(error, aiohttp.WSServerHandshakeError | aiohttp.ClientResponseError):
        return refused(error.status, error.headers or {}, error.message, source="toolbox")
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return ConfigError(f"not an address that can be asked: {host}", hint="check the address of the server")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return UnsentError(f"no connection to {host} in time while {doing}")
    if isinstance(error, aiohttp.ServerTimeoutError):
        return UnreachableError(f"no answer from {host} while {doing}")
    words = _network_words(error)
    if not words:
        return None
    is_unsent = isinstance(error, aiohttp.ClientConnectorError)  # also of TLS, and of the way to a proxy
    hint = "is the address right, and the server up?" if is_unsent else ""
    kind = UnsentError if is_unsent else UnreachableError
    return kind(f"{host}: {words}" if host else f"{words} while {doing}", hint=hint)


def _network_words(error: Exception) -> str:
    """Return what happened to the connection; empty if ``error`` is of another kind."""
    import aiohttp

    words = ""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        words = "this host name cannot be found"
    elif isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError):
        words = "the TLS certificate or handshake is not accepted"
    elif isinstance(error, aiohttp.ClientConnectorError):
        refused_it = isinstance(error.os_error, ConnectionRefusedError)
        words = (
            "the connection was refused" if refused_it else f"no connection ({error.os_error.strerror or 'unknown'})"
        )
    elif isinstance(error, aiohttp.ClientPayloadError):
        words = "the answer broke off"
    elif isinstance(error, aiohttp.ClientError | OSError) and not isinstance(error, TimeoutError):
        words = "the connection was lost"
    elif isinstance(error, RuntimeError) and "Session is closed" in str(error):
        words = "this connection is closed"
    return words


def _from_sdk(error: Exception, doing: str) -> DaytonaTuiError | None:
    from daytona.common.errors import DaytonaConnectionError, DaytonaError, DaytonaTimeoutError
    from daytona_api_client_async.exceptions import OpenApiException
    from daytona_toolbox_api_client_async.exceptions import OpenApiException as ToolboxOpenApiException
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        fields = ", ".join(sorted({".".join(map(str, part["loc"])) for part in error.errors(include_url=False)}))
        return ProtocolError(clean(f"unexpected form of {fields or error.title} while {doing}"))
    if isinstance(error, OpenApiException | ToolboxOpenApiException):
        status = getattr(error, "status", None)
        if not isinstance(status, int) or not status:
            return ProtocolError(clean(str(error)) or f"the SDK refused the call while {doing}")
        return refused(status, getattr(error, "headers", None) or {}, getattr(error, "body", None) or "", source="api")
    if not isinstance(error, DaytonaError):
        return None
    if error.status_code is not None:
        body = json.dumps({"message": str(error), "code": error.code, "source": error.source})
        return refused(error.status_code, error.headers or {}, _without_prefix(body), source="api")
    if isinstance(error, DaytonaConnectionError):
        return UnreachableError(clean(str(error)) or f"no connection while {doing}")
    if isinstance(error, DaytonaTimeoutError):
        return OperationTimeoutError(clean(str(error)) or f"too slow while {doing}")
    return ProtocolError(clean(str(error)) or f"the SDK failed while {doing}")


def _without_prefix(body: str) -> str:
    data = json.loads(body)
    return json.dumps({**data, "message": _PREFIXES.sub("", data["message"])})


def _from_silence(error: Exception, host: str, timeout_s: float, doing: str, is_act: bool) -> DaytonaTuiError | None:
    if not isinstance(error, TimeoutError):
        return None
    if is_act:
        return OperationTimeoutError(f"not done after {timeout_s:g} s while {doing}")
    return UnreachableError(f"no answer from {host or 'the server'} within {timeout_s:g} s while {doing}")
