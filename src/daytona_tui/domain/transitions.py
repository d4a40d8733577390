"""Where a sandbox is being taken, for how long that has taken, and what was deleted without going away.

The limits come from reports of what really got stuck: a start that took twelve hours, a deletion that took one, builds
that the platform itself gives up after sixty minutes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from daytona_tui.domain.sandbox import Sandbox, SandboxState

_FAILED = frozenset({SandboxState.ERROR, SandboxState.BUILD_FAILED})
_DESTROYED = "destroyed"

STUCK_AFTER: Final = MappingProxyType(
    {
        SandboxState.CREATING: timedelta(minutes=15),
        SandboxState.STARTING: timedelta(minutes=15),
        SandboxState.STOPPING: timedelta(minutes=15),
        SandboxState.PAUSING: timedelta(minutes=15),
        SandboxState.RESUMING: timedelta(minutes=15),
        SandboxState.RESIZING: timedelta(minutes=15),
        SandboxState.FORKING: timedelta(minutes=15),
        SandboxState.DESTROYING: timedelta(minutes=30),
        SandboxState.PULLING_SNAPSHOT: timedelta(minutes=30),
        SandboxState.RESTORING: timedelta(minutes=60),
        SandboxState.ARCHIVING: timedelta(minutes=60),
        SandboxState.SNAPSHOTTING: timedelta(minutes=60),
        SandboxState.PENDING_BUILD: timedelta(minutes=70),
        SandboxState.BUILDING_SNAPSHOT: timedelta(minutes=70),
    }
)
"""How long each state that should end by itself may last before something is wrong."""

AT_ODDS_AFTER: Final = timedelta(minutes=15)
"""How long a settled sandbox may be wanted in another state before something is wrong."""


def is_buried(sandbox: Sandbox) -> bool:
    """True for what failed and was deleted: ordinary listings hide it, and it may still hold what it held."""
    return sandbox.state in _FAILED and sandbox.desired_state == _DESTROYED


def wanted_state(sandbox: Sandbox) -> str:
    """Return the state that the platform is to bring the sandbox to and has not begun to; empty if there is none.

    A transition that is under way shows its own word; a failed sandbox is wanted elsewhere by nature, and only a
    deletion of it says anything new.
    """
    wanted = sandbox.desired_state
    if not wanted or sandbox.state.is_transitional or wanted in (sandbox.state.value, "resized"):
        return ""
    if sandbox.state in _FAILED or sandbox.state is SandboxState.UNKNOWN:
        return wanted if wanted == _DESTROYED else ""
    return wanted


def transition_since(sandbox: Sandbox) -> datetime | None:
    """Return since when a sandbox has been on its way to another state; None if it is not, or nobody knows.

    The server says only when the record changed last, which the beginning of the transition was, or a sign of life
    within it. The moment is the server's.
    """
    if sandbox.state.is_transitional or (wanted_state(sandbox) and not is_buried(sandbox)):
        return sandbox.updated_at
    return None


def stuck_since(sandbox: Sandbox, now: datetime) -> datetime | None:
    """Return since when a sandbox has been on its way for longer than can be right; None if it has not."""
    since = transition_since(sandbox)
    if since is None:
        return None
    return since if now - since > STUCK_AFTER.get(sandbox.state, AT_ODDS_AFTER) else None
