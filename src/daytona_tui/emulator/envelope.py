"""Daytona's error envelope: the one shape in which the emulator says no."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp import web

DAEMON = "DAYTONA_DAEMON"
"""Value of ``source`` in errors of the toolbox; it lets the SDK choose a class by ``code``."""


class ApiError(Exception):
    """A refusal that a route answers with.

    Attributes:
        status: HTTP status.
        message: what happened, for a person.
        code: machine-readable code, such as ``FILE_NOT_FOUND``; None where a real server sends none.
        source: ``DAYTONA_DAEMON`` for toolbox errors, None for the control plane.
        headers: extra response headers, such as ``Retry-After-authenticated``.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        source: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.source = source
        self.headers = dict(headers or {})

    def body(self, method: str, path: str) -> dict[str, object]:
        """Return the JSON body for a request of ``method`` on ``path``."""
        phrase = HTTPStatus(self.status).phrase if self.status in HTTPStatus._value2member_map_ else "Error"
        body: dict[str, object] = {
            "path": path,
            "method": method,
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "statusCode": self.status,
            "error": phrase,
            "message": self.message,
        }
        if self.code is not None:
            body["code"] = self.code
        if self.source is not None:
            body["source"] = self.source
        return body


def daemon_error(status: int, message: str, code: str | None = None) -> ApiError:
    """Return a toolbox error; ``code`` decides the class the SDK raises."""
    return ApiError(status, message, code=code, source=DAEMON)


def hang_up(request: web.BaseRequest) -> web.Response:
    """Close the connection of ``request`` without another word; return what a handler may return after that.

    For an answer that broke off: whoever got the beginning must not take it, or an error in its middle, for the whole.
    """
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
