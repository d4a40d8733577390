"""Every word that the language knows: keys with what is behind them, and flags. A new one belongs here alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from types import MappingProxyType

from daytona_tui.domain.cost import per_day
from daytona_tui.domain.deadlines import MAX_ARCHIVE_MIN, next_event
from daytona_tui.domain.filtering.context import FilterContext
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.domain.transitions import stuck_since, transition_since

UNKNOWN = "unknown"
"""Asks for what the server did not tell."""
OFF = math.nan
"""A setting that is known and no quantity: it is neither less nor more than any."""

_MINUTE_S = 60.0


class Unit(Enum):
    """What a number counts."""

    COUNT = auto()
    GIB = auto()
    DOLLARS_A_DAY = auto()
    SECONDS = auto()


@dataclass(frozen=True, slots=True)
class TextKey:
    """A key with text behind it; empty text: the server did not tell."""

    name: str
    meaning: str
    read: Callable[[Sandbox], str]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelKey:
    """The key with all labels behind it."""

    name: str
    meaning: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberKey:
    """A key with a number behind it.

    Attributes:
        read: the number in ``unit``; None: the server did not tell; ``OFF``: there is none.
        is_exact: it can be equal to a number. Ages cannot: they are never equal.
        words: what can stand in place of a number, and which reading of the key it means.
        is_timed: the number is another one a moment later.
        operator: the usual one.
    """

    name: str
    meaning: str
    unit: Unit
    read: Callable[[Sandbox, FilterContext], float | None]
    is_exact: bool = True
    words: Mapping[str, Callable[[float], bool]] = field(default_factory=lambda: MappingProxyType({}))
    operator: str = ">"
    aliases: tuple[str, ...] = ()
    is_timed: bool = False


@dataclass(frozen=True, slots=True)
class FlagWord:
    """A word that says something of a sandbox; None: nobody knows."""

    name: str
    meaning: str
    read: Callable[[Sandbox, FilterContext], bool | None]
    is_timed: bool = False


Key = TextKey | LabelKey | NumberKey

_FAILED = frozenset({SandboxState.ERROR, SandboxState.BUILD_FAILED})


def state_text(text: str) -> str:
    """Return a state as it is compared: any spelling of ``build_failed``."""
    return text.lower().replace("-", "_").replace(" ", "_")


def _state(sandbox: Sandbox) -> str:
    return "" if sandbox.state is SandboxState.UNKNOWN else sandbox.state.value


def _since(moment: datetime | None, context: FilterContext) -> float | None:
    return None if moment is None else (context.now - moment).total_seconds()


def _ttl(sandbox: Sandbox, context: FilterContext) -> float | None:
    at = sandbox.lifetimes.destroy_at
    if at is None:
        return None if sandbox.oddities else OFF
    return (at - context.now).total_seconds()


def _next(sandbox: Sandbox, context: FilterContext) -> float | None:
    event = next_event(sandbox)
    return None if event is None else (event.at - context.now).total_seconds()


def _dollars(sandbox: Sandbox, context: FilterContext) -> float | None:
    hourly = context.hourly(sandbox)
    return None if hourly is None else per_day(hourly)


def _off_at_zero(minutes: int | None) -> float | None:
    return minutes if minutes is None else (minutes * _MINUTE_S if minutes > 0 else OFF)


def _archive(sandbox: Sandbox, _context: FilterContext) -> float | None:
    minutes = sandbox.lifetimes.auto_archive_min
    return None if minutes is None else (minutes or MAX_ARCHIVE_MIN) * _MINUTE_S


def _delete(sandbox: Sandbox, _context: FilterContext) -> float | None:
    minutes = sandbox.lifetimes.auto_delete_min
    return None if minutes is None else (minutes * _MINUTE_S if minutes >= 0 else OFF)


def _yes(value: bool, sandbox: Sandbox) -> bool | None:
    """What is not set in a record that could not be understood whole may be set."""
    return value or (None if sandbox.oddities else False)


def _is_failed(sandbox: Sandbox, _context: FilterContext) -> bool | None:
    if sandbox.state in _FAILED or sandbox.error_reason:
        return True
    return None if sandbox.state is SandboxState.UNKNOWN else _yes(False, sandbox)


def _is_ephemeral(sandbox: Sandbox, _context: FilterContext) -> bool | None:
    minutes = sandbox.lifetimes.auto_delete_min
    return None if minutes is None else minutes == 0


def _is_stuck(sandbox: Sandbox, context: FilterContext) -> bool | None:
    if stuck_since(sandbox, context.now) is not None:
        return True
    moves = sandbox.state.is_transitional
    is_told = transition_since(sandbox) is not None if moves else sandbox.state is not SandboxState.UNKNOWN
    return False if is_told else None


_WHO = (
    TextKey("state", "lifecycle state", _state, ("status",)),
    TextKey("owner", "who made it", lambda sandbox: owner_of(sandbox).name),
    TextKey("run", "run, task or session of the owner", lambda sandbox: owner_of(sandbox).run),
)
_WHAT = (
    TextKey("region", "where it is", lambda sandbox: sandbox.region, ("target",)),
    TextKey("snapshot", "what it was made from", lambda sandbox: sandbox.snapshot, ("image",)),
)
_REST = (
    TextKey("name", "its name", lambda sandbox: sandbox.name),
    TextKey("id", "its id", lambda sandbox: sandbox.id),
    TextKey("user", "user that programs run as", lambda sandbox: sandbox.user),
    TextKey("class", "container, or what else it runs in", lambda sandbox: sandbox.sandbox_class),
    TextKey("backup", "state of its backup", lambda sandbox: sandbox.backup_state),
    TextKey("desired", "state it is wanted in", lambda sandbox: state_text(sandbox.desired_state)),
    TextKey("gputype", "type of its GPUs", lambda sandbox: sandbox.resources.gpu_type),
    TextKey("error", "why it failed", lambda sandbox: sandbox.error_reason),
)
_IS_OFF = MappingProxyType({"off": math.isnan})
_IS_OFF_OR_STOP = MappingProxyType({"off": math.isnan, "stop": lambda seconds: seconds == 0})
_IS_NONE = MappingProxyType({"none": math.isnan})
_AMOUNTS = (
    NumberKey("cpu", "vCPUs", Unit.COUNT, lambda sandbox, _: sandbox.resources.cpu, operator=">=", aliases=("vcpu",)),
    NumberKey("memory", "GiB of memory", Unit.GIB, lambda sandbox, _: sandbox.resources.memory_gib, operator=">=",
              aliases=("mem", "ram")),
    NumberKey("disk", "GiB of disk", Unit.GIB, lambda sandbox, _: sandbox.resources.disk_gib, operator=">="),
    NumberKey("gpu", "GPUs", Unit.COUNT, lambda sandbox, _: sandbox.resources.gpu),
    NumberKey("$", "estimated dollars a day", Unit.DOLLARS_A_DAY, _dollars, is_exact=False, aliases=("cost",)),
)  # fmt: skip
_TIMES = (
    NumberKey("age", "time since it was made", Unit.SECONDS,
              lambda sandbox, context: _since(sandbox.created_at, context), is_exact=False, is_timed=True),
    NumberKey("idle", "time since it was last used", Unit.SECONDS,
              lambda sandbox, context: _since(sandbox.last_activity_at, context), is_exact=False, is_timed=True),
    NumberKey("changed", "time since its record changed", Unit.SECONDS,
              lambda sandbox, context: _since(sandbox.updated_at, context), is_exact=False, operator="<",
              is_timed=True),
    NumberKey("next", "time until Daytona stops, archives or deletes it", Unit.SECONDS, _next, is_exact=False,
              operator="<", is_timed=True),
    NumberKey("ttl", "time it has left to live", Unit.SECONDS, _ttl, is_exact=False, words=_IS_NONE, operator="<",
              is_timed=True),
)  # fmt: skip
_INTERVALS = (
    NumberKey("autostop", "idle time until it is stopped", Unit.SECONDS,
              lambda sandbox, _: _off_at_zero(sandbox.lifetimes.auto_stop_min), words=_IS_OFF, operator="="),
    NumberKey("autopause", "idle time until it is paused", Unit.SECONDS,
              lambda sandbox, _: _off_at_zero(sandbox.lifetimes.auto_pause_min), words=_IS_OFF, operator="="),
    NumberKey("autoarchive", "stopped time until it is archived", Unit.SECONDS, _archive),
    NumberKey("autodelete", "stopped time until it is deleted", Unit.SECONDS, _delete, words=_IS_OFF_OR_STOP,
              operator="="),
)  # fmt: skip
_LABEL_KEY = LabelKey("label", "one of its labels: label:team, label:team=ml", ("labels",))

KEYS: Mapping[str, Key] = MappingProxyType(
    {key.name: key for key in (*_WHO, _LABEL_KEY, *_WHAT, *_TIMES, *_AMOUNTS, *_INTERVALS, *_REST)}
)
"""Keys by name, the more useful ones first."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {alias: key.name for key in KEYS.values() for alias in (key.name, *key.aliases)}
)
"""Every spelling of every key."""

FLAGS: Mapping[str, FlagWord] = MappingProxyType(
    {
        flag.name: flag
        for flag in (
            FlagWord("error", "it failed, or says what is wrong with it", _is_failed),
            FlagWord("public", "anybody can open its previews", lambda s, _: _yes(s.public, s)),
            FlagWord("recoverable", "it failed and can be recovered", lambda s, _: _yes(s.recoverable, s)),
            FlagWord("ephemeral", "it is deleted as soon as it stops", _is_ephemeral),
            FlagWord("stuck", "it has been changing for longer than can be right", _is_stuck, True),
        )
    }
)
"""Flags by name."""
