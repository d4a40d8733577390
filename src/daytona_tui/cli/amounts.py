"""Sizes, durations and ranges of bytes as they are said on the command line."""

from __future__ import annotations

import re
from typing import NamedTuple

import click

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)([KMGT]?)(?:i?B)?", re.ASCII | re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)([smhdw])", re.ASCII | re.IGNORECASE)
_RANGE = re.compile(r"(\d{0,18})-(\d{0,18})", re.ASCII)


class ByteRange(NamedTuple):
    """Part of a file.

    Attributes:
        first: the first byte, counted from 0; None where the last ``length`` are meant.
        length: how many; None for all that follow.
    """

    first: int | None = 0
    length: int | None = None


def size_of(text: str) -> int:
    """Return how many bytes ``10M`` is; powers of 1024.

    Raises:
        click.BadParameter: it is no size.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a size, such as 500, 64K, 10M or 2G")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def seconds_of(text: str) -> float:
    """Return how many seconds ``2h`` is.

    Raises:
        click.BadParameter: it is no duration.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a duration, such as 30m, 2h or 7d")
    return float(match[1]) * _SECONDS[match[2].lower()]


def count_of(text: str) -> int:
    """Return a number that is not negative.

    Raises:
        click.BadParameter: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise click.BadParameter(f"{text!r} is not a number")
    return int(text)


def range_of(text: str) -> ByteRange:
    """Return the bytes that ``0-99``, ``100-`` or ``-500`` (the last 500) mean, as in HTTP.

    Raises:
        click.BadParameter: it is no range.
    """
    match = _RANGE.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        raise click.BadParameter(f"{text!r} is not a range of bytes, such as 0-99, 100- or -500")
    if not match[1]:
        return ByteRange(None, int(match[2]))
    first = int(match[1])
    if not match[2]:
        return ByteRange(first)
    last = int(match[2])
    if last < first:
        raise click.BadParameter(f"{text!r} ends before it begins")
    return ByteRange(first, last - first + 1)
