"""Numbers as people read them: ages, sizes, durations, rates."""

from __future__ import annotations

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_YEAR = 365 * _DAY
_UNITS = "KMGTP"


def age(seconds: float | None) -> str:
    """Return how long ago something was, in one unit: ``12s``, ``5m``, ``3h``, ``2d``, ``1y``; ``—`` for None.

    A time that lies ahead (the clocks differ) is ``0s``.
    """
    if seconds is None:
        return "—"
    whole = max(0, int(seconds))
    for unit, name in ((_YEAR, "y"), (_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if whole >= unit:
            return f"{whole // unit}{name}"
    return f"{whole}s"


def size(n: int) -> str:
    """Return ``n`` bytes in at most five characters, in powers of 1024: ``0``, ``812``, ``2.1K``, ``24M``."""
    if n < 1024:
        return str(max(0, n))
    value = float(n)
    unit = ""
    for unit in _UNITS:  # noqa: B007 - the last unit is the answer
        value /= 1024
        if value < 999.5:
            break
    # 9.95 would round to 10.0, which is a character too long
    return f"{value:.1f}{unit}" if value < 9.95 else f"{value:.0f}{unit}"


def nameless_rows(count: int) -> str:
    """Return what is said of listed rows that cannot be shown because they have no id."""
    return f"{count:,} {'row' if count == 1 else 'rows'} without an id left out"


def duration(seconds: float) -> str:
    """Return how long something took: ``0.3s``, ``1.4s``, ``2m 05s``, ``1h 02m``."""
    if seconds < 59.95:
        return f"{max(0.0, seconds):.1f}s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE:02d}s"
    return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02d}m"


def rate(bytes_per_s: float) -> str:
    """Return a speed: ``12M/s``."""
    return f"{size(int(bytes_per_s))}/s"


def interval(minutes: int) -> str:
    """Return a setting in minutes exactly, in the largest unit that divides it: ``90m``, ``2h``, ``30d``."""
    for unit, name in ((24 * 60, "d"), (60, "h")):
        if minutes and minutes % unit == 0:
            return f"{minutes // unit}{name}"
    return f"{minutes}m"


def dollars(amount: float) -> str:
    """Return an amount of money without its sign, in the fewest digits that matter: ``0.03``, ``4.01``, ``1,240``."""
    return f"{amount:,.2f}" if abs(amount) < 999.995 else f"{amount:,.0f}"
