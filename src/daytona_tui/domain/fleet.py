"""The fleet: all sandboxes that the key can see, as one immutable value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from daytona_tui.domain.sandbox import Sandbox, SandboxId


@dataclass(frozen=True)
class Fleet:
    """Sandboxes by id, in the order in which they became known. The mapping is never changed by anybody."""

    by_id: Mapping[SandboxId, Sandbox] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, sandboxes: Iterable[Sandbox]) -> Fleet:
        """Return a fleet of ``sandboxes``; the last of two with the same id wins."""
        return cls(MappingProxyType({sandbox.id: sandbox for sandbox in sandboxes}))

    def __len__(self) -> int:
        return len(self.by_id)

    def __iter__(self) -> Iterator[Sandbox]:
        return iter(self.by_id.values())

    def get(self, sandbox_id: SandboxId) -> Sandbox | None:
        """Return the sandbox with this id, or None."""
        return self.by_id.get(sandbox_id)

    def running(self) -> int:
        """Return how many sandboxes run."""
        return self._running

    @cached_property
    def _running(self) -> int:
        return sum(sandbox.is_running for sandbox in self)
