"""The states that sandboxes were seen in, as long as this program runs."""

from __future__ import annotations

from collections import deque

from daytona_tui.domain.history import SeenState
from daytona_tui.domain.sandbox import Sandbox, SandboxId

MOST = 40
"""States that are remembered of one sandbox; older ones are forgotten."""


class StateHistory:
    """Remembers changes of state. What never changed takes no room: its record says all there is."""

    def __init__(self) -> None:
        self._seen: dict[SandboxId, deque[SeenState]] = {}

    def note(self, before: Sandbox | None, after: Sandbox) -> None:
        """Note that the record ``before`` gave way to ``after``."""
        if before is None or (before.state, before.state_word) == (after.state, after.state_word):
            return
        seen = self._seen.setdefault(after.id, deque(maxlen=MOST))
        if not seen:
            seen.append(SeenState(before.state, before.state_word, before.updated_at, is_first=True))
        seen.append(SeenState(after.state, after.state_word, after.updated_at))

    def forget(self, sandbox_id: SandboxId) -> None:
        """Forget a sandbox that is gone."""
        self._seen.pop(sandbox_id, None)

    def of(self, sandbox: Sandbox) -> tuple[SeenState, ...]:
        """Return the states of ``sandbox``, the newest last; never empty."""
        seen = tuple(self._seen.get(sandbox.id, ()))
        return seen or (SeenState(sandbox.state, sandbox.state_word, sandbox.updated_at, is_first=True),)
