"""Reading the parameters of a query that lists share: page numbers and moments."""

from __future__ import annotations

from datetime import UTC, datetime

from multidict import MultiMapping

from daytona_tui.emulator.envelope import ApiError

_MOST = 999_999_999


def positive(query: MultiMapping[str], name: str, default: int, *, most: int = _MOST, least: int = 1) -> int:
    """Return a whole number of a query.

    Raises:
        ApiError: 400 when it is none, less than ``least`` or more than ``most``.
    """
    text = query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > len(str(_MOST)):
        raise ApiError(400, f"{name} must be a number")
    number = int(text)
    if number < least:
        raise ApiError(400, f"{name} must not be less than {least}")
    if number > most:
        raise ApiError(400, f"{name} must not be greater than {most}")
    return number


def moment_of(query: MultiMapping[str], name: str) -> datetime:
    """Return a moment of a query; one without a zone is in UTC.

    Raises:
        ApiError: 400 when there is none, or it is spelt otherwise than ISO 8601 does.
    """
    text = query.get(name, "").strip().replace(" ", "+")  # a plus that was not encoded arrives as a space
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ApiError(400, f"{name} must be a valid ISO 8601 date string") from None
