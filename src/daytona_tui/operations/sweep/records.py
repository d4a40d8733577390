"""The record that a row was decided on, as JSON values that a person can read, without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from daytona_tui.domain.masking import masked
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.operations.sweep.checks import veiled

_INTERVALS = ("auto_stop_min", "auto_pause_min", "auto_archive_min", "auto_delete_min")
_SIZES = ("cpu", "memory_gib", "disk_gib", "gpu")
_TEXTS = ("state_word", "desired_state", "region", "snapshot", "warm_pool_id", "sandbox_class")
_MOST = 10**9
_TIMES = ("created_at", "updated_at", "last_activity_at")


class RecordError(ValueError):
    """A value is not what it should be; the message names it."""


def record_as_json(sandbox: Sandbox) -> dict[str, Any]:
    """Return what a sandbox is compared with later, and what its row says."""
    life, sizes = sandbox.lifetimes, sandbox.resources
    return {
        "state": sandbox.state.value,
        **{name: getattr(sandbox, name) for name in _TEXTS},
        "labels": veiled(sandbox.labels),
        **{name: getattr(life, name) for name in _INTERVALS},
        "destroy_at": _spelt(life.destroy_at),
        **{name: getattr(sizes, name) for name in _SIZES},
        "gpu_type": sizes.gpu_type,
        **{name: _spelt(getattr(sandbox, name)) for name in _TIMES},
        "recoverable": sandbox.recoverable,
        "error_reason": masked(sandbox.error_reason)[:500],
    }


def record_from_json(sandbox_id: str, name: str, told: Mapping[str, Any]) -> Sandbox:
    """Return the sandbox that :func:`record_as_json` told of.

    Raises:
        RecordError: something is missing or of the wrong kind; what decides about a deletion is never guessed.
    """
    return Sandbox(
        id=SandboxId(sandbox_id),
        name=name,
        state=_state(told),
        state_word=text(told, "state_word"),
        desired_state=text(told, "desired_state"),
        region=text(told, "region"),
        snapshot=text(told, "snapshot"),
        labels=_labels(told),
        resources=Resources(
            _number(told, "cpu"),
            _number(told, "memory_gib"),
            _number(told, "disk_gib"),
            _number(told, "gpu"),
            text(told, "gpu_type"),
        ),
        lifetimes=Lifetimes(
            _number(told, "auto_stop_min"),
            _number(told, "auto_pause_min"),
            _number(told, "auto_archive_min"),
            _number(told, "auto_delete_min"),
            moment(told, "destroy_at"),
        ),
        created_at=moment(told, "created_at"),
        updated_at=moment(told, "updated_at"),
        last_activity_at=moment(told, "last_activity_at"),
        error_reason=text(told, "error_reason"),
        recoverable=flag(told, "recoverable"),
        warm_pool_id=text(told, "warm_pool_id"),
        sandbox_class=text(told, "sandbox_class"),
    )


def text(told: Mapping[str, Any], key: str) -> str:
    """Return the text under ``key``."""
    value = told.get(key)
    if type(value) is not str:
        raise RecordError(f"{key} is no text")
    return value


def flag(told: Mapping[str, Any], key: str) -> bool:
    """Return the yes or no under ``key``."""
    value = told.get(key)
    if type(value) is not bool:
        raise RecordError(f"{key} is neither true nor false")
    return value


def moment(told: Mapping[str, Any], key: str) -> datetime | None:
    """Return the time under ``key``; None where there is null."""
    if key not in told:
        raise RecordError(f"{key} is missing")
    value = told[key]
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise RecordError(f"{key} is no time") from None
    if at.tzinfo is None:
        raise RecordError(f"{key} has no offset from UTC")
    return at


def _number(told: Mapping[str, Any], key: str) -> int | None:
    if key not in told:
        raise RecordError(f"{key} is missing")
    value = told[key]
    if value is not None and type(value) is not int:
        raise RecordError(f"{key} is no whole number")
    if value is not None and abs(value) > _MOST:
        raise RecordError(f"{key} is larger than any sandbox has")
    return value


def _state(told: Mapping[str, Any]) -> SandboxState:
    word = text(told, "state")
    state = SandboxState.parse(word)
    if state is SandboxState.UNKNOWN and word != SandboxState.UNKNOWN.value:
        raise RecordError(f"{word!r} is no state")
    return state


def _labels(told: Mapping[str, Any]) -> Mapping[str, str]:
    labels = told.get("labels")
    if not isinstance(labels, dict) or not all(type(value) is str for value in labels.values()):
        raise RecordError("labels are no object of texts")
    return MappingProxyType(labels)


def _spelt(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
