"""Reading what clients send, in bodies, queries and paths, with the refusals of a real server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.jsontext import decode_json

LARGEST_BODY = 16 << 20
"""Bytes of the longest JSON that is read."""

_MOST = 999_999_999
_KINDS = {str: "a string", dict: "an object", bool: "a boolean", list: "an array", int: "an integer"}


class MalformedBody(ApiError):
    """The request's body is not JSON; a real server answers this before it knows path and time."""

    def __init__(self, reason: str) -> None:
        super().__init__(400, reason)

    def body(self, method: str, path: str) -> dict[str, object]:
        """Return the shorter envelope."""
        full = super().body(method, path)
        return {key: full[key] for key in ("message", "error", "statusCode")}


async def json_object(request: web.Request) -> dict[str, Any]:
    """Return the request's JSON object; an empty body counts as an empty object.

    Raises:
        MalformedBody: the body is not JSON.
        ApiError: 400 when it is JSON of another kind, 413 when it is too large.
    """
    text = await _body(request)
    if not text.strip():
        return {}
    try:
        value = decode_json(text)
    except ValueError as error:
        raise MalformedBody(str(error)) from error
    if not isinstance(value, dict):
        raise ApiError(400, "The request body must be a JSON object")
    return value


async def _body(request: web.Request) -> bytes:
    """Return the request's body; a longer one than anybody needs is refused before it is all there."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise ApiError(413, "request entity too large")
    return bytes(body)


def whole_number(text: str) -> int:
    """Return a number from a path, such as an interval.

    Raises:
        ApiError: 500 in the words of a real server, which trips over anything else.
    """
    try:
        return int(text)
    except ValueError:
        raise ApiError(500, "An unexpected error occurred.") from None


def check_kinds(body: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    """Let a request through whose fields are of their kinds, or missing, or null.

    Raises:
        ApiError: 400.
    """
    for name, kind in kinds.items():
        value = body.get(name)
        is_wrong = not isinstance(value, kind) or (kind is int and isinstance(value, bool))
        if value is not None and is_wrong:
            raise ApiError(400, f"{name} must be {_KINDS[kind]}")


def integer(name: str, value: object, *, least: int, most: int) -> int:
    """Return a field of a body, which must be there.

    Raises:
        ApiError: 400 when it is no integer, less than ``least`` or more than ``most``.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise ApiError(400, f"{name} must be an integer number")
    return _within(name, value, least, most)


def positive(query: MultiMapping[str], name: str, default: int, *, most: int = _MOST, least: int = 1) -> int:
    """Return a whole number of a query.

    Raises:
        ApiError: 400 when it is none, less than ``least`` or more than ``most``.
    """
    text = query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > len(str(_MOST)):
        raise ApiError(400, f"{name} must be a number")
    return _within(name, int(text), least, most)


def check_choice(name: str, value: object, allowed: Iterable[str]) -> None:
    """Let a value through that is one of those allowed.

    Raises:
        ApiError: 400.
    """
    allowed = tuple(allowed)
    if value not in allowed:
        raise ApiError(400, f"{name} must be one of the following values: {', '.join(allowed)}")


def check_sorting(sort: str, order: str, sorts: Iterable[str]) -> None:
    """Let a list be sorted by one of ``sorts``, in one direction or the other.

    Raises:
        ApiError: 400.
    """
    check_choice("sort", sort, sorts)
    check_choice("order", order, ("asc", "desc"))


def moment_of(query: MultiMapping[str], name: str) -> datetime:
    """Return a moment of a query; one without a zone is in UTC.

    Raises:
        ApiError: 400 when there is none, or it is spelt otherwise than ISO 8601 does.
    """
    text = query.get(name, "").strip().replace(" ", "+")  # a plus that was not encoded arrives as a space
    try:
        return moment(text)
    except (ValueError, OverflowError):
        raise ApiError(400, f"{name} must be a valid ISO 8601 date string") from None


def moment(text: str) -> datetime:
    """Return the moment in UTC that a text spells as ISO 8601 does; one without a zone is in UTC.

    Raises:
        ValueError, OverflowError: it is none.
    """
    spelt = datetime.fromisoformat(text)
    return (spelt if spelt.tzinfo else spelt.replace(tzinfo=UTC)).astimezone(UTC)


def _within(name: str, number: int, least: int, most: int) -> int:
    if number < least:
        raise ApiError(400, f"{name} must not be less than {least}")
    if number > most:
        raise ApiError(400, f"{name} must not be greater than {most}")
    return number
