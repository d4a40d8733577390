"""Sandboxes to try filters on, and a short way to ask which ones a filter means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from daytona_tui.domain.cost import PriceBook, hourly
from daytona_tui.domain.filters import FilterContext, parse
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOOK = PriceBook()
CONTEXT = FilterContext(NOW, lambda sandbox: hourly(sandbox, BOOK))


def ago(**span: float) -> datetime:
    """The moment so long before ``NOW``."""
    return NOW - timedelta(**span)


ALL = (
    Sandbox(
        SandboxId("id-api"), "API-agent-1", SandboxState.STARTED, state_word="started", desired_state="started",
        region="us", snapshot="harbor__trial:1.0__snapshot", user="daytona", public=True,
        labels=MappingProxyType({"harbor.session_id": "trial-42", "team": "ML", "Keep": "true"}),
        resources=Resources(4, 8, 20, 1, "H100"), lifetimes=Lifetimes(30, 0, 0, 0, NOW + timedelta(minutes=30)),
        created_at=ago(hours=3), updated_at=ago(minutes=1), last_activity_at=ago(minutes=12),
        backup_state="Completed", sandbox_class="container",
    ),
    Sandbox(
        SandboxId("id-swe"), "swe-4411", SandboxState.STARTED, state_word="started", desired_state="stopped",
        region="eu", snapshot="ubuntu:22.04", labels=MappingProxyType({"team": "ml ops"}),
        resources=Resources(1, 1, 3, 0), lifetimes=Lifetimes(0, 0, 7 * 1440, -1),
        created_at=ago(days=2), updated_at=ago(days=2), last_activity_at=ago(days=2), sandbox_class="container",
    ),
    Sandbox(
        SandboxId("id-build"), "build-9", SandboxState.BUILD_FAILED, state_word="build_failed",
        region="us", error_reason="No space left on disk (90%)", recoverable=True,
        resources=Resources(2, 4, 10, 0), lifetimes=Lifetimes(15, 0, 60, 1440), created_at=ago(hours=1),
        last_activity_at=ago(hours=1),
    ),
    Sandbox(
        SandboxId("id-slow"), "hermes-slow", SandboxState.STOPPING, state_word="stopping", region="us",
        resources=Resources(2, 4, 10, 0), lifetimes=Lifetimes(15, 0, 60, -1),
        created_at=ago(days=1), updated_at=ago(hours=5), last_activity_at=ago(hours=6),
    ),
    Sandbox(SandboxId("id-dark"), "dark", SandboxState.UNKNOWN, oddities=("state: missing", "labels: missing")),
)  # fmt: skip
"""A rich record, a plain one, a failed one, a stuck one, and one of which the server told next to nothing."""


def names(text: str) -> list[str]:
    """The names of those that the filter means, by their first four letters."""
    return [sandbox.name[:4] for sandbox in parse(text).select(ALL, CONTEXT)]
