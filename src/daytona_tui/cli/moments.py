"""Moments as they are said on the command line: ``10m`` ago, a day, a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import click

_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?", re.ASCII)
_EXAMPLES = "such as 10m, 2h, 09:30, 2026-11-21 or 2026-11-21T09:30:00Z"


def moment_of(text: str) -> datetime:
    """Return the moment that is meant; without a zone it is one of this machine's clock.

    Raises:
        click.BadParameter: it is none.
    """
    from datetime import timedelta

    from daytona_tui.cli.amounts import seconds_of

    now = datetime.now(UTC)
    try:
        if text[-1:].lower() in ("s", "m", "h", "d", "w"):
            return now - timedelta(seconds=seconds_of(text))
        if match := _TIME.fullmatch(text):
            hour, minute, second = (int(part or 0) for part in match.groups())
            return now.astimezone().replace(hour=hour, minute=minute, second=second, microsecond=0).astimezone(UTC)
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, OSError, click.BadParameter):
        raise click.BadParameter(f"{text!r} is no time, {_EXAMPLES}") from None
