"""What is known beyond the records of the sandboxes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.leaks.ties import Ties
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.usage import Metrics, Quotas

NOTHING_MORE: Final[Mapping[Any, Any]] = MappingProxyType({})
"""Nobody looked."""


def nobody(_sandbox: Sandbox) -> bool:
    """Return that nobody knows the sandbox to be ours."""
    return False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known beyond the records. What is left out was not looked up, and counts neither for nor against.

    Attributes:
        now: the moment of the judgement, by the server's clock; aware. Its time zone is the one for sentences.
        hourly: what a sandbox costs now, in dollars an hour; None where that is not known.
        metrics: what running sandboxes use, measured within the last hour.
        quotas: of the organisation; None: not known.
        pins: sandboxes that somebody holds on this machine.
        trails: who made them by the audit log; None where it tells nothing.
        mine: whether a sandbox is surely ours.
        unreachable: when the toolbox of a started sandbox gave no answer, the oldest first.
        finished_runs: runs, as the owner names them, that ended on this machine, and when.
        gone_sessions: sandboxes whose session their owner would keep on this machine and does not.
        ties: what else hangs on a sandbox; empty ones where somebody looked and there is nothing.
    """

    now: datetime
    hourly: Callable[[Sandbox], float | None]
    metrics: Mapping[SandboxId, Metrics] = field(default_factory=lambda: NOTHING_MORE)
    quotas: Quotas | None = None
    pins: Collection[SandboxId] = frozenset()
    trails: Mapping[SandboxId, AuditTrail | None] = field(default_factory=lambda: NOTHING_MORE)
    mine: Callable[[Sandbox], bool] = nobody
    unreachable: Mapping[SandboxId, Sequence[datetime]] = field(default_factory=lambda: NOTHING_MORE)
    finished_runs: Mapping[str, datetime] = field(default_factory=lambda: NOTHING_MORE)
    gone_sessions: Collection[SandboxId] = frozenset()
    ties: Mapping[SandboxId, Ties] = field(default_factory=lambda: NOTHING_MORE)
