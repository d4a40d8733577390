"""Rescue: copy what deleting a sandbox would lose, prove it, and only then delete the sandbox.

Whatever is in doubt keeps the sandbox: something that could not be looked at, a file that did not arrive or differs, a
change while it was copied. One that does not run is started for it and put back afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.safety import SafetyReport
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.domain.transfers import TransferProgress
from daytona_tui.errors import DaytonaTuiError, NotFoundError
from daytona_tui.operations import lifecycle, waking
from daytona_tui.operations.bulk.changes import changes
from daytona_tui.operations.lifecycle import DEFAULT_TIMEOUT_S, Step, ignore
from daytona_tui.operations.rescue_copy import Rescued, copy_out, differing, make_lasting
from daytona_tui.operations.safety import inspect
from daytona_tui.presentation.human import size
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.concurrency import settled

DIRECTORY = "rescue"
"""Name of the directory, below the one for pulls, that rescued sandboxes get their own directory in."""


@dataclass(frozen=True, slots=True)
class RescueOrder:
    """What is asked for.

    Attributes:
        sandbox: as the user saw it.
        base: local directory that gets a new directory for it; need not exist.
        delete: also delete it, once what was copied is proven.
        timeout_s: how long each change of state may take to settle.
    """

    sandbox: Sandbox
    base: Path
    delete: bool = False
    timeout_s: float = DEFAULT_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class RescueOutcome:
    """What came of a rescue.

    Attributes:
        report: what was found.
        rescued: what was copied; None where there was nothing to copy.
        doubt: why it is not certain that all that would be lost is here; it was not deleted then: hostile text.
        kept_because: why it was not deleted though that was asked for and nothing was in doubt: hostile text.
        after: the sandbox as it is now as far as is known; None where it is gone.
        is_deleted: it was deleted.
    """

    report: SafetyReport
    rescued: Rescued | None = None
    doubt: str = ""
    kept_because: str = ""
    after: Sandbox | None = None
    is_deleted: bool = False

    @property
    def is_success(self) -> bool:
        """True when all of it is here and what was asked for was done."""
        return not (self.doubt or self.kept_because)

    @property
    def text(self) -> str:
        """All of it in one sentence: hostile text."""
        if self.rescued is None:
            said = "nothing to rescue"
        else:
            files = f"{len(self.rescued.files):,} file{'' if len(self.rescued.files) == 1 else 's'}"
            said = f"{files}, {size(self.rescued.size_bytes)} in {self.rescued.destination}"
        if self.doubt:
            return f"not deleted: {self.doubt}; {said}"
        if self.kept_because:
            is_going = self.after is not None and self.after.state is SandboxState.DESTROYING
            return f"verified but {'still being' if is_going else 'not'} deleted: {self.kept_because}; {said}"
        return f"{said}; {'verified and deleted' if self.is_deleted else 'verified'}"


Forbids = Callable[[Sandbox], Awaitable[str]]
"""Returns why a sandbox must not be deleted, in words, as it is at that moment; empty where it may."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Who is told how far it is: each step before it begins, and how far the copying is."""

    step: Step = ignore
    progress: Callable[[TransferProgress], None] = lambda _progress: None


async def awake(
    gateway: Gateway,
    sandbox: Sandbox,
    work: Callable[[Sandbox], Awaitable[RescueOutcome]],
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    tell: Tell = Tell(),
) -> RescueOutcome:
    """Do ``work`` with a sandbox that runs; start one that does not, and put it back however the work ends.

    Raises:
        ConflictError: it is not in the state that ``sandbox`` says, or cannot be started and put back.
        DaytonaTuiError: whatever the work raises, or it could not be put back.
    """
    woken = await waking.awake(
        gateway, sandbox, work, timeout_s=timeout_s, on_step=tell.step, is_gone=lambda outcome: outcome.after is None
    )
    return replace(woken.result, after=woken.after) if woken.was_put_back else woken.result


async def look_into(
    gateway: Gateway, sandbox: Sandbox, now: Callable[[], datetime], *, tell: Tell = Tell(), timeout_s: float
) -> RescueOutcome:
    """Look whether a sandbox is safe to delete, which is started for it if need be and put back.

    Raises:
        DaytonaTuiError: as ``awake``.
    """

    async def work(running: Sandbox) -> RescueOutcome:
        tell.step("looking")
        report = await inspect(gateway, running, now)
        return RescueOutcome(report, after=report.sandbox)

    return await awake(gateway, sandbox, work, timeout_s=timeout_s, tell=tell)


async def rescue(
    gateway: Gateway, order: RescueOrder, now: Callable[[], datetime], *, forbids: Forbids, tell: Tell = Tell()
) -> RescueOutcome:
    """Copy what deleting a sandbox would lose into a new directory, and delete it if asked to and all is here.

    Args:
        gateway: where it is.
        order: what is asked for.
        now: the server's time, aware.
        forbids: asked right before the delete; whoever is to be kept is copied all the same.
        tell: who is told how far it is.

    Raises:
        DaytonaTuiError: it could not be looked at or copied; nothing was deleted.
    """

    async def work(running: Sandbox) -> RescueOutcome:
        tell.step("looking")
        report = await inspect(gateway, running, now)
        rescued = None
        if report.has_something_to_rescue:
            tell.step("copying")
            rescued = await copy_out(gateway, report, order.base, tell.progress)
        outcome = RescueOutcome(report, rescued, after=report.sandbox)
        doubt = _first((*_homeless(report), *report.findings.unseen, *(rescued.problems if rescued else ())))
        if doubt := doubt or await _unproven(gateway, report, rescued, now, tell):
            return replace(outcome, doubt=doubt)
        return await _delete(gateway, outcome, forbids, order.timeout_s, tell) if order.delete else outcome

    return await awake(gateway, order.sandbox, work, timeout_s=order.timeout_s, tell=tell)


def _homeless(report: SafetyReport) -> tuple[str, ...]:
    """Return which repositories would lose something of which nobody knows where it lies, a sentence each."""
    each = report.findings.repositories
    return tuple(f"nobody can tell where {one.path} keeps its commits" for one in each if one.loses and not one.stores)


def _first(problems: tuple[str, ...]) -> str:
    """Return the first of some problems, and how many more there are."""
    more = f" (and {len(problems) - 1:,} more)" if len(problems) > 1 else ""
    return f"{problems[0]}{more}" if problems else ""


async def _unproven(
    gateway: Gateway, report: SafetyReport, rescued: Rescued | None, now: Callable[[], datetime], tell: Tell
) -> str:
    """Return why it is not certain that all that would be lost is here by now; empty when it is."""
    tell.step("verifying")
    different = await differing(gateway, report, rescued) if rescued else ()
    if doubt := _first(tuple(f"{path} is not the same here and there" for path in different)):
        return doubt
    # Last, since it is quick where comparing large files is not: nothing was written from before the copy until now.
    again = await inspect(gateway, report.sandbox, now)
    if doubt := _first(again.findings.unseen):
        return doubt
    return "it changed while it was looked at" if _at_risk(again) != _at_risk(report) else ""


def _at_risk(report: SafetyReport) -> object:
    """Return what two looks share between which nothing was written."""
    found = report.findings
    return frozenset(found.repositories), frozenset(found.files), found.written


async def _delete(
    gateway: Gateway, outcome: RescueOutcome, forbids: Forbids, timeout_s: float, tell: Tell
) -> RescueOutcome:
    """Delete it, unless it is to be kept, or is not as it was when it was first looked at."""
    seen = outcome.report.sandbox
    if outcome.rescued is not None:
        try:
            await settled(asyncio.to_thread(make_lasting, outcome.rescued))
        except OSError as error:
            return replace(outcome, doubt=f"the disk here could not keep it: {os_reason(error)}")
    try:
        found = await gateway.get(seen.id)
    except NotFoundError:
        return replace(outcome, kept_because="it is gone: somebody else deleted it", after=None)
    different = changes(seen, found, Verb.DELETE, outcome.report.at)
    if found.last_activity_at != seen.last_activity_at and not different:
        different = ("it has been used since",)
    if different:
        return replace(outcome, kept_because=f"changed since: {', '.join(different)}", after=found)
    if reason := await forbids(found):
        return replace(outcome, kept_because=f"it is to be kept: {reason}", after=found)
    try:
        await lifecycle.delete(gateway, found, timeout_s=timeout_s, on_step=tell.step)
    except DaytonaTuiError as error:
        return replace(outcome, kept_because=error.message, after=await _after(gateway, found))
    return replace(outcome, is_deleted=True, after=None)


async def _after(gateway: Gateway, before: Sandbox) -> Sandbox | None:
    """Return a sandbox as it is after a failure: it may be going all the same. As it was, where nobody can tell."""
    try:
        return await gateway.get(before.id)
    except NotFoundError:
        return None
    except DaytonaTuiError:
        return before
