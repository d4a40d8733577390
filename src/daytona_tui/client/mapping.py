"""Sandbox records of the wire → domain values. Pure, standard library only, and never surprised.

A row that says something odd costs its own cell: the cell shows its neutral value and ``oddities`` says what was
odd. Only a row without an id is of no use to anybody; it is dropped and counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from daytona_tui.domain.sandbox import NO_LABELS, Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.errors import ProtocolError

PAGE_LIMIT = 200
"""Rows per page: the most that the server allows."""

LISTED_BY = "name"
"""Order of the pages. The cursor is a place in it, so what moves in it between two pages is missed: names stay, the
last activity, which is the server's default, does not. And by times the open server loses rows, by names it is exact.
"""

# What Go prints for a time: a blank instead of the T, a blank before the offset, a zone name after it.
_GO_TIME = re.compile(
    r"^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|[+-]\d\d:?\d\d)?(?: [A-Z+\-\d]+)?(?: m=.*)?$"
)

_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the fleet.

    Attributes:
        next_cursor: where the next page begins; empty on the last one.
        nameless: how many rows had no id.
    """

    sandboxes: tuple[Sandbox, ...]
    next_cursor: str = ""
    nameless: int = 0


def page_from(body: object) -> Page:
    """Return the page that a list answer holds.

    Raises:
        ProtocolError: the answer is no object with a list of items.
    """
    cursor = next_cursor(body)
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise ProtocolError("the list of sandboxes has an unknown form", source="api")
    sandboxes = tuple(sandbox for item in items if (sandbox := sandbox_from(item)) is not None)
    return Page(sandboxes, cursor, len(items) - len(sandboxes))


def next_cursor(body: object) -> str:
    """Return where the page after a list answer begins; empty if there is none, or the answer is none."""
    cursor = body.get("nextCursor") if isinstance(body, dict) else None
    return cursor if isinstance(cursor, str) else ""


def sandbox_from(row: object) -> Sandbox | None:
    """Return the sandbox of one record, whole or as listed; None if it has no id."""
    if not isinstance(row, dict):
        return None
    sandbox_id = row.get("id")
    if not isinstance(sandbox_id, str) or not sandbox_id:
        return None
    odd: list[str] = []
    state, state_word = _state(row, odd)
    return Sandbox(
        id=SandboxId(sandbox_id),
        name=_name(row, odd) or sandbox_id,
        state=state,
        state_word=state_word,
        desired_state=_text(row, "desiredState", odd),
        organization_id=_text(row, "organizationId", odd),
        region=_text(row, "target", odd),
        snapshot=_text(row, "snapshot", odd),
        user=_text(row, "user", odd),
        labels=_labels(row, odd),
        resources=Resources(
            _number(row, "cpu", odd),
            _number(row, "memory", odd),
            _number(row, "disk", odd),
            _number(row, "gpu", odd),
            _text(row, "gpuType", odd),
        ),
        lifetimes=Lifetimes(
            _number(row, "autoStopInterval", odd),
            _number(row, "autoPauseInterval", odd),
            _number(row, "autoArchiveInterval", odd),
            _number(row, "autoDeleteInterval", odd),
            _time(row, "autoDestroyAt", odd),
        ),
        created_at=_time(row, "createdAt", odd),
        updated_at=_time(row, "updatedAt", odd),
        last_activity_at=_time(row, "lastActivityAt", odd),
        error_reason=_text(row, "errorReason", odd),
        recoverable=_flag(row, "recoverable", odd),
        public=_flag(row, "public", odd),
        backup_state=_text(row, "backupState", odd),
        warm_pool_id=_text(row, "warmPoolId", odd),
        sandbox_class=_text(row, "sandboxClass", odd),
        oddities=tuple(odd),
    )


def time_from(text: str) -> datetime | None:
    """Return an aware time for ISO 8601 or Go's own notation; None for anything else. No offset means UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        match = _GO_TIME.match(text)
        if match is None:
            return None
        day, clock, offset = match.groups()
        try:
            at = datetime.fromisoformat(f"{day}T{clock}{offset or ''}")
        except ValueError:
            return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def shown(value: object) -> str:
    """Return ``value`` as it may appear in an oddity: quoted and short."""
    text = ascii(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _name(row: _Row, odd: list[str]) -> str:
    name = _text(row, "name", odd)
    if not name and not odd:
        odd.append("name: missing")
    return name


def _state(row: _Row, odd: list[str]) -> tuple[SandboxState, str]:
    word = row.get("state")
    if not isinstance(word, str):
        odd.append("state: missing" if word is None else f"state: not text: {shown(word)}")
        return SandboxState.UNKNOWN, ""
    state = SandboxState.parse(word)
    if state is SandboxState.UNKNOWN and word.lower() != "unknown":
        odd.append(f"state: unknown: {shown(word)}")
    return state, word


def _text(row: _Row, key: str, odd: list[str]) -> str:
    value = row.get(key)
    if isinstance(value, str):
        return value
    if value is not None:
        odd.append(f"{key}: not text: {shown(value)}")
    return ""


def _number(row: _Row, key: str, odd: list[str]) -> int | None:
    value = row.get(key)
    if value is None or type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    odd.append(f"{key}: not a whole number: {shown(value)}")
    return None


def _flag(row: _Row, key: str, odd: list[str]) -> bool:
    value = row.get(key)
    if value is not None and not isinstance(value, bool):
        odd.append(f"{key}: not true or false: {shown(value)}")
    return value is True


def _time(row: _Row, key: str, odd: list[str]) -> datetime | None:
    value = row.get(key)
    if value is None:
        return None
    at = time_from(value) if isinstance(value, str) else None
    if at is None:
        odd.append(f"{key}: not a time: {shown(value)}")
    return at


def _labels(row: _Row, odd: list[str]) -> Mapping[str, str]:
    labels = row.get("labels")
    if not isinstance(labels, dict):
        odd.append("labels: missing" if labels is None else f"labels: not an object: {shown(labels)}")
        return NO_LABELS
    if not labels:
        return NO_LABELS
    for key, value in labels.items():
        if not isinstance(value, str):
            odd.append(f"label {shown(key)}: not text: {shown(value)}")
            labels = {**labels, key: "" if value is None else str(value)}
    return MappingProxyType(labels)
