"""Sandboxes to judge, and short ways to ask for what is said of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from daytona_tui.domain.cost import PriceBook, hourly
from daytona_tui.domain.leaks import Evidence, LeakPolicy, Verdict, judge
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState

NOW = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)
BOOK = PriceBook()
USUAL = LeakPolicy()
LANGUAGE = {"code-toolbox-language": "python"}

NEVER_STOPPED = Lifetimes(0, 0, 10_080, -1)
EPHEMERAL = Lifetimes(0, 0, 10_080, 0)
DEFAULTS = Lifetimes(15, 0, 10_080, -1)


def ago(**span: float) -> datetime:
    """The moment so long before ``NOW``."""
    return NOW - timedelta(**span)


def box(state: SandboxState = SandboxState.STARTED, **fields: Any) -> Sandbox:
    """A container whose owner is a person, made ten days ago and used five minutes ago, unless told otherwise."""
    wanted = "started" if state is SandboxState.ERROR or state.is_transitional else state.value
    usual = Sandbox(
        SandboxId("box"),
        "box",
        state,
        state_word=state.value,
        desired_state=wanted,
        region="eu",
        labels=LANGUAGE | {"owner": "ana"},
        resources=Resources(2, 4, 10, 0),
        lifetimes=DEFAULTS,
        created_at=ago(days=10),
        updated_at=ago(minutes=5),
        last_activity_at=ago(minutes=5),
        sandbox_class="container",
    )
    return replace(usual, **fields)


def known(**fields: Any) -> Evidence:
    """What is known beyond the record: next to nothing, and that every sandbox is ours."""
    usual: dict[str, Any] = {"now": NOW, "hourly": lambda each: hourly(each, BOOK), "mine": lambda _: True}
    return Evidence(**usual | fields)


def judged(sandbox: Sandbox, *others: Sandbox, policy: LeakPolicy = USUAL, **evidence: Any) -> Verdict:
    """What is said of a sandbox in the company of others."""
    company = (each for each in others if each.id != sandbox.id)
    return judge([sandbox, *company], known(**evidence), policy)[sandbox.id]


def reasons(sandbox: Sandbox, *others: Sandbox, policy: LeakPolicy = USUAL, **evidence: Any) -> dict[str, int]:
    """Its reasons with their weights."""
    return {each.code: each.weight for each in judged(sandbox, *others, policy=policy, **evidence).reasons}


def guards(sandbox: Sandbox, policy: LeakPolicy = USUAL, **evidence: Any) -> dict[str, str]:
    """Its guards with their sentences."""
    return {each.code: each.sentence for each in judged(sandbox, policy=policy, **evidence).guards}


def sentence(sandbox: Sandbox, code: str, *others: Sandbox, **evidence: Any) -> str:
    """The sentence of one of its reasons."""
    return next(each.sentence for each in judged(sandbox, *others, **evidence).reasons if each.code == code)
