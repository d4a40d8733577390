"""Numbers in the sentences of reasons and guards."""

from __future__ import annotations

from datetime import datetime

_HOUR_MIN = 60
_DAY_MIN = 24 * _HOUR_MIN
_LONGEST = 120


def age(minutes: float) -> str:
    """Return a time in its largest unit, rounded down: ``5m``, ``9h``, ``41d``."""
    whole = max(0, int(minutes))
    if whole >= 2 * _DAY_MIN:
        return f"{whole // _DAY_MIN}d"
    return f"{whole // _HOUR_MIN}h" if whole >= _HOUR_MIN else f"{whole}m"


def interval(minutes: int) -> str:
    """Return a setting exactly, in the largest unit that divides it: ``90m``, ``24h``, ``7d``."""
    if minutes > _DAY_MIN and minutes % _DAY_MIN == 0:
        return f"{minutes // _DAY_MIN}d"
    return f"{minutes // _HOUR_MIN}h" if minutes and minutes % _HOUR_MIN == 0 else f"{minutes}m"


def an_hour(dollars: float | None) -> str:
    """Return what goes behind a comma for a cost by the hour: ``, about $0.17/h``; nothing where there is none."""
    if not dollars:
        return ""
    return f", about ${dollars:.2f}/h" if dollars >= 0.005 else ", under $0.01/h"


def gib(amount: int | None) -> str:
    """Return what goes behind a comma for a disk: ``, 10 GiB``; nothing where it is not known."""
    return f", {amount} GiB" if amount else ""


def clock(moment: datetime, now: datetime) -> str:
    """Return a moment in the time zone of ``now``: ``14:02 UTC``, with its day where that is another one."""
    there = moment.astimezone(now.tzinfo)
    return f"{there:%H:%M %Z}" if there.date() == now.date() else f"{there:%Y-%m-%d %H:%M %Z}"


def excerpt(text: str) -> str:
    """Return the beginning of a text of the server's in one line; it is as hostile as before."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
