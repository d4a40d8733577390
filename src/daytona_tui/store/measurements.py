"""What running sandboxes were measured to use, for as long as somebody looks at them."""

from __future__ import annotations

from collections import OrderedDict, deque

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.usage import Metrics

SAMPLES = 60
"""Measurements that are kept of one sandbox."""
SANDBOXES = 16
"""Sandboxes whose measurements are kept: those that were looked at last."""


class Measurements:
    """The newest measurements of the sandboxes that were looked at last."""

    def __init__(self) -> None:
        self._samples: OrderedDict[SandboxId, deque[Metrics]] = OrderedDict()

    def add(self, sandbox_id: SandboxId, metrics: Metrics) -> None:
        """Note a measurement."""
        self._samples.setdefault(sandbox_id, deque(maxlen=SAMPLES)).append(metrics)
        self._samples.move_to_end(sandbox_id)
        while len(self._samples) > SANDBOXES:
            self._samples.popitem(last=False)

    def of(self, sandbox_id: SandboxId) -> tuple[Metrics, ...]:
        """Return the measurements of a sandbox, the newest last."""
        return tuple(self._samples.get(sandbox_id, ()))
