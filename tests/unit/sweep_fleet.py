"""Fleets for the rules of sweeps: everything that a server may say, and what judges have to say of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from daytona_tui.domain.leaks import NOTHING_MORE, Evidence, LeakPolicy, Ties, Verdicts, judge
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.operations.sweep import Scan

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
POLICY = LeakPolicy()

_ago = st.one_of(st.none(), st.floats(-1, 2000).map(lambda hours: NOW - timedelta(hours=hours)))
_long_ago = st.floats(30, 2000).map(lambda hours: NOW - timedelta(hours=hours))
_minutes = st.sampled_from([None, 0, 1, 15, 60, 540, 1440, 10_080])
_labels = st.dictionaries(
    st.sampled_from(
        ["owner", "keep", "daytona-tui.keep", "persistent", "harbor.managed", "crabbox", "expires_at", "x"]
    ),
    st.sampled_from(["", "true", "false", "ada", "2020-01-01T00:00:00Z", "never", "2099-01-01"]),
    max_size=3,
)
_kinds = st.sampled_from(["container", "linux-vm", ""])

sandboxes = st.builds(
    Sandbox,
    id=st.uuids().map(str).map(SandboxId),
    name=st.text(max_size=12),
    state=st.sampled_from(list(SandboxState)),
    desired_state=st.sampled_from(["", "started", "stopped", "destroyed", "archived"]),
    labels=_labels,
    resources=st.builds(
        Resources,
        cpu=st.one_of(st.none(), st.integers(1, 4)),
        memory_gib=st.one_of(st.none(), st.integers(1, 8)),
        disk_gib=st.one_of(st.none(), st.integers(1, 10)),
        gpu=st.sampled_from([None, 0, 1]),
    ),
    lifetimes=st.builds(
        Lifetimes,
        auto_stop_min=_minutes,
        auto_pause_min=st.sampled_from([None, 0]),
        auto_archive_min=_minutes,
        auto_delete_min=st.one_of(_minutes, st.just(-1)),
        destroy_at=st.one_of(st.none(), st.floats(-5, 500).map(lambda hours: NOW + timedelta(hours=hours))),
    ),
    created_at=_ago,
    updated_at=_ago,
    last_activity_at=_ago,
    recoverable=st.booleans(),
    warm_pool_id=st.sampled_from(["", "", "", "pool"]),
    sandbox_class=_kinds,
)
"""Whatever a server may say."""

leaks = st.builds(
    Sandbox,
    id=st.uuids().map(str).map(SandboxId),
    name=st.text("abc-", min_size=1, max_size=8),
    state=st.just(SandboxState.STARTED),
    desired_state=st.just("started"),
    resources=st.builds(Resources, cpu=st.integers(1, 4), memory_gib=st.integers(1, 8), disk_gib=st.integers(1, 10)),
    lifetimes=st.builds(
        Lifetimes,
        auto_stop_min=st.just(0),
        auto_pause_min=st.just(0),
        auto_archive_min=st.just(10_080),
        auto_delete_min=st.sampled_from([-1, 0]),
    ),
    created_at=_long_ago,
    updated_at=_long_ago,
    last_activity_at=_long_ago,
    sandbox_class=st.just("container"),
)
"""What surely is a leak."""

fleets = st.lists(st.one_of(sandboxes, leaks), max_size=8, unique_by=lambda each: each.id)


def judged(
    fleet: list[Sandbox],
    *,
    pinned: frozenset[SandboxId] = frozenset(),
    is_mine: bool = True,
    ties: Mapping[SandboxId, Ties] = NOTHING_MORE,
) -> Verdicts:
    """Return the verdicts of a fleet."""
    evidence = Evidence(NOW, lambda _each: 0.1, pins=pinned, mine=lambda _each: is_mine, ties=ties)
    return judge(fleet, evidence, POLICY)


def scan_of(
    fleet: list[Sandbox],
    *,
    pinned: frozenset[SandboxId] = frozenset(),
    is_mine: bool = True,
    ties: Mapping[SandboxId, Ties] = NOTHING_MORE,
) -> Scan:
    """Return a whole look at a fleet."""
    return Scan(judged(fleet, pinned=pinned, is_mine=is_mine, ties=ties), NOW, "here-123", "here")
