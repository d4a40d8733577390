"""Why deleting some sandboxes deserves a second thought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from daytona_tui.domain.owners import PERSON_LABELS, Confidence, owner_of
from daytona_tui.domain.sandbox import Sandbox

MANY = 5
"""More sandboxes than this at once are many."""

FRESH = timedelta(minutes=10)
"""A sandbox that was active within this time may be at work."""


def person_of(sandbox: Sandbox) -> str:
    """Return the person that the labels name; empty when they name none, or a framework made the sandbox."""
    if owner_of(sandbox).confidence is Confidence.CERTAIN:
        return ""
    return next((sandbox.labels[key] for key in PERSON_LABELS if key != "team" and sandbox.labels.get(key)), "")


def is_fresh(sandbox: Sandbox, now: datetime) -> bool:
    """True when something happened in the sandbox a moment ago."""
    return sandbox.last_activity_at is not None and now - sandbox.last_activity_at < FRESH


def is_someone_elses(sandbox: Sandbox, me: frozenset[str]) -> bool:
    """True when the labels name a person who is not one of ``me``, the names we go by; without names nobody is."""
    return bool(me) and person_of(sandbox).casefold() not in {"", *(name.casefold() for name in me)}


def cautions(sandboxes: Sequence[Sandbox], now: datetime, me: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return in words what speaks for asking twice; empty when nothing does."""
    found = []
    if len(sandboxes) > MANY:
        found.append(f"these are {len(sandboxes)} sandboxes")
    if fresh := sum(is_fresh(sandbox, now) for sandbox in sandboxes):
        found.append("it was active within 10 minutes" if len(sandboxes) == 1 else f"{fresh} active within 10 minutes")
    if others := sum(is_someone_elses(sandbox, me) for sandbox in sandboxes):
        found.append("it is someone else's" if len(sandboxes) == 1 else f"{others} someone else's")
    return tuple(found)
