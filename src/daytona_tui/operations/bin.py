"""The bin: instead of being deleted, a sandbox is stopped, labelled and given a time to live.

Until that ends it can be taken out again. What it was like before stands in a label beside it, so that another machine
can take it out as well. Nothing that would end it sooner is left on: auto-delete is turned off, and first of all, where
stopping would delete it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from daytona_tui.domain.deeds import LifetimeEdit, Verb
from daytona_tui.domain.lifetimes import edited, forecast, is_deleted_at_once
from daytona_tui.domain.ports import SandboxGateway
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.domain.transitions import is_buried
from daytona_tui.errors import ConflictError, DaytonaTuiError
from daytona_tui.operations.bulk.changes import changes
from daytona_tui.operations.journal import Entry, Journal
from daytona_tui.operations.lifecycle import DEFAULT_TIMEOUT_S, Step, ignore, refusal
from daytona_tui.operations.protection import merge_labels

BIN_LABEL = "daytona-tui.bin"
"""Whoever has it is in the bin; the value says since when."""

WAS_LABEL = "daytona-tui.bin-was"
"""What taking it out gives back."""

DEFAULT_TTL_MIN = 7 * 24 * 60
"""How long the bin keeps what is in it, unless somebody says otherwise."""

LONGEST_TTL_MIN = 365 * 24 * 60
AT_ONCE = 8
"""Sandboxes that are put in the bin at the same time."""

_OFF = -1


@dataclass(frozen=True, slots=True)
class Binned:
    """A sandbox in the bin.

    Attributes:
        put_at: since when; None where the label does not say.
        dies_at: when it is deleted; None where nothing will do that any more.
    """

    sandbox: Sandbox
    put_at: datetime | None
    dies_at: datetime | None


@dataclass(frozen=True, slots=True)
class TakenOut:
    """What came of taking a sandbox out.

    Attributes:
        sandbox: as it is now.
        told: what could not be given back, in words; empty where everything was.
    """

    sandbox: Sandbox
    told: str = ""


@dataclass(frozen=True, slots=True)
class Was:
    """What a sandbox was like before it came into the bin.

    Attributes:
        auto_delete_min: as in ``Lifetimes``; None: not known, and left as it is.
        destroy_at: end of its time to live; None: it had none.
        did_run: whether it was started.
    """

    auto_delete_min: int | None = None
    destroy_at: datetime | None = None
    did_run: bool = False


def is_in_bin(sandbox: Sandbox) -> bool:
    """True if a sandbox is in the bin."""
    return BIN_LABEL in sandbox.labels


def bin_of(sandboxes: Iterable[Sandbox], now: datetime) -> tuple[Binned, ...]:
    """Return what is in the bin, what is deleted first before the rest."""
    binned = [Binned(each, _time(each.labels[BIN_LABEL]), _dies_at(each, now)) for each in sandboxes if is_in_bin(each)]
    far = datetime.max.replace(tzinfo=UTC)
    return tuple(sorted(binned, key=lambda each: (each.dies_at or far, each.sandbox.name)))


def bin_refusal(sandbox: Sandbox) -> str:
    """Return why a sandbox cannot be put in the bin, in words; empty where it can."""
    if is_in_bin(sandbox):
        return "it is in the bin already"
    if sandbox.state is SandboxState.UNKNOWN:
        return "nobody knows what its state means"
    if sandbox.warm_pool_id:
        return "it belongs to a warm pool"
    if is_buried(sandbox) or sandbox.desired_state == SandboxState.DESTROYED.value:
        return "it is deleted"
    if sandbox.is_running and sandbox.lifetimes.auto_delete_min is None:
        return "nobody knows whether stopping deletes it"
    if sandbox.is_running and sandbox.resources.gpu:
        return "it has a GPU, and stopping deletes such a one: give it a time to live"
    if sandbox.state.is_transitional or sandbox.is_running:
        return refusal(Verb.STOP, sandbox)
    return refusal(Verb.LIFETIMES, sandbox)


async def put_in_bin(
    gateway: SandboxGateway,
    sandbox: Sandbox,
    ttl_min: int = DEFAULT_TTL_MIN,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    on_step: Step = ignore,
) -> Sandbox:
    """Put a sandbox in the bin and return it, stopped unless it rested in another way.

    Whatever fails, nothing is lost: it is labelled first, and stopped last.

    Args:
        gateway: where.
        sandbox: whom, as it was when somebody decided on it.
        ttl_min: minutes until it is deleted.
        timeout_s: how long stopping may take.
        on_step: told each step before it begins.

    Raises:
        ConflictError: it has changed since, or cannot be put in the bin.
        DaytonaTuiError: a step failed; those before it were done.
    """
    if not 0 < ttl_min <= LONGEST_TTL_MIN:
        raise ConflictError("the bin keeps what is in it for some minutes at least, and for a year at most")
    now = datetime.now(UTC)
    found = await gateway.get(sandbox.id)
    if different := changes(sandbox, found, Verb.STOP, now):
        raise ConflictError(f"{found.name} has changed since: {', '.join(different)}")
    if reason := bin_refusal(found):
        raise ConflictError(f"cannot put {found.name} in the bin: {reason}")
    on_step("labelling")
    after = await merge_labels(
        gateway, found.id, {BIN_LABEL: now.isoformat(timespec="seconds"), WAS_LABEL: _said(found)}
    )
    on_step("setting time to live")
    after = await gateway.set_ttl(found.id, ttl_min)
    if after.lifetimes.auto_delete_min != _OFF and not found.resources.gpu:
        on_step("setting auto-delete")
        after = await gateway.set_auto_delete(found.id, _OFF)
    if not found.is_running:
        return after
    if after.lifetimes.auto_delete_min == 0:
        raise ConflictError(
            f"stopping {found.name} would delete it", hint="it keeps running until its time to live ends"
        )
    on_step("stopping")
    stopped = await gateway.stop(found.id, timeout_s=timeout_s)
    if stopped is None:
        raise ConflictError(f"{found.name} was deleted by stopping it")
    return stopped


async def take_out(
    gateway: SandboxGateway, sandbox: Sandbox, *, timeout_s: float = DEFAULT_TIMEOUT_S, start: bool = False
) -> TakenOut:
    """Take a sandbox out of the bin: what ended it is taken back, and what it was like before is given back.

    Args:
        gateway: where.
        sandbox: whom.
        timeout_s: how long starting may take.
        start: start it if it ran before; that costs again.

    Raises:
        ConflictError: it is not in the bin.
        DaytonaTuiError: a step failed; it stays in the bin by its label, and can be taken out once more.
    """
    found = await gateway.get(sandbox.id)
    if not is_in_bin(found):
        raise ConflictError(f"{found.name} is not in the bin")
    was, now, told = _was(found.labels.get(WAS_LABEL, "")), datetime.now(UTC), []
    left_s = (was.destroy_at - now).total_seconds() if was.destroy_at is not None else 0.0
    if was.destroy_at is not None and left_s <= 0:
        told.append("the time to live that it had is over and was not set again")
    after = await gateway.set_ttl(found.id, math.ceil(left_s / 60) if left_s > 0 else 0)
    if start and was.did_run and not after.is_running:
        after = await gateway.start(found.id, timeout_s=timeout_s)
    if was.auto_delete_min is not None and was.auto_delete_min != after.lifetimes.auto_delete_min:
        edit = LifetimeEdit(auto_delete_min=was.auto_delete_min)
        if is_deleted_at_once(forecast(edited(after, edit, now), now), now):
            told.append("auto-delete stays off: as it was, it would delete the sandbox at once")
        else:
            after = await gateway.set_auto_delete(found.id, was.auto_delete_min)
    after = await merge_labels(gateway, found.id, {}, frozenset({BIN_LABEL, WAS_LABEL}))
    return TakenOut(after, "; ".join(told))


@dataclass(frozen=True, slots=True)
class Put:
    """What came of putting one of several in the bin.

    Attributes:
        sandbox: as it is now, as far as is known.
        error: why it is not in the bin, or not wholly; None where it is.
    """

    sandbox: Sandbox
    error: DaytonaTuiError | None = None


async def put_all_in_bin(
    gateway: SandboxGateway,
    sandboxes: Iterable[Sandbox],
    ttl_min: int,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    on_over: Callable[[Put], None] = lambda _put: None,
    journal: Journal | None = None,
) -> tuple[Put, ...]:
    """Put several sandboxes in the bin, some at a time; failures stand in what is returned, in the order given."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(sandbox: Sandbox) -> Put:
        async with turns:
            try:
                put = Put(await put_in_bin(gateway, sandbox, ttl_min, timeout_s=timeout_s))
            except DaytonaTuiError as error:
                put = Put(sandbox, error)
        if journal is not None:
            await journal.keep(_entry(put, ttl_min))
        on_over(put)
        return put

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(sandbox)) for sandbox in sandboxes]
    return tuple(task.result() for task in tasks)


def _entry(put: Put, ttl_min: int) -> Entry:
    return Entry(
        at=datetime.now(UTC),
        verb="bin",
        sandbox_id=put.sandbox.id,
        name=put.sandbox.name,
        parameters={"ttl_min": ttl_min},
        outcome="done" if put.error is None else "failed",
        detail="" if put.error is None else put.error.message,
    )


def _dies_at(sandbox: Sandbox, now: datetime) -> datetime | None:
    deletion = forecast(sandbox, now).deletion
    return deletion.at if deletion is not None else None


def _said(sandbox: Sandbox) -> str:
    life = sandbox.lifetimes
    parts = [f"state={sandbox.state.value}"]
    if life.auto_delete_min is not None:
        parts.append(f"auto-delete={life.auto_delete_min}")
    if life.destroy_at is not None:
        parts.append(f"destroy-at={life.destroy_at.isoformat(timespec='seconds')}")
    return " ".join(parts)


def _was(said: str) -> Was:
    """Return what a label says; whatever cannot be understood is not known."""
    parts = dict(part.partition("=")[::2] for part in said.split())
    try:
        auto_delete_min = int(parts["auto-delete"])
    except (KeyError, ValueError):
        auto_delete_min = None
    return Was(auto_delete_min, _time(parts.get("destroy-at", "")), parts.get("state") == SandboxState.STARTED.value)


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
