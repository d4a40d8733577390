"""The fleet: all sandboxes that the key can see, as one immutable value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from daytona_tui.domain.sandbox import Sandbox, SandboxId


@dataclass(frozen=True)
class Fleet:
    """Sandboxes by id, in the order in which they became known."""

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

    def with_sandbox(self, sandbox: Sandbox) -> Fleet:
        """Return the fleet with ``sandbox`` added or replaced; the same object when nothing changes."""
        if self.by_id.get(sandbox.id) == sandbox:
            return self
        return Fleet(MappingProxyType({**self.by_id, sandbox.id: sandbox}))

    def without(self, sandbox_id: SandboxId) -> Fleet:
        """Return the fleet without this id; the same object when it was not there."""
        if sandbox_id not in self.by_id:
            return self
        return Fleet(MappingProxyType({key: value for key, value in self.by_id.items() if key != sandbox_id}))

    def running(self) -> int:
        """Return how many sandboxes run."""
        return sum(sandbox.is_running for sandbox in self)
