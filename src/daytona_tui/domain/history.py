"""What was seen of a sandbox over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from daytona_tui.domain.sandbox import SandboxState


@dataclass(frozen=True, slots=True)
class SeenState:
    """A state that a sandbox was seen in.

    Attributes:
        word: the state as the server spelt it.
        since: when the server changed the record to it; None if it did not say.
        is_first: what it was in when it was first seen: it may have been so for longer.
    """

    state: SandboxState
    word: str
    since: datetime | None
    is_first: bool = False
