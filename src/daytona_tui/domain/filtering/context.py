"""What a filter needs to know beyond the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daytona_tui.domain.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class FilterContext:
    """What a filter needs to know beyond the sandbox.

    Attributes:
        now: the moment from which ages count; aware.
        hourly: what a sandbox costs now, in dollars an hour; None where that is not known.
    """

    now: datetime
    hourly: Callable[[Sandbox], float | None]
