"""What a deed frees or takes: quota of the region and dollars an hour, told before it is done.

What a sandbox uses goes by its state: one that runs, or is about to, holds vCPU, memory and disk; one that rests
holds its disk; an archived, failed or deleted one holds nothing. The money follows the same rule (see ``cost``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from daytona_tui.domain.cost import PriceBook, hourly
from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.domain.sizes import SizeEdit

_NOTHING = frozenset(
    {
        SandboxState.ARCHIVED,
        SandboxState.ERROR,
        SandboxState.BUILD_FAILED,
        SandboxState.DESTROYING,
        SandboxState.DESTROYED,
    }
)
_DISK_ONLY = frozenset({SandboxState.STOPPED, SandboxState.PAUSED, SandboxState.ARCHIVING})
_AS_WANTED = frozenset({SandboxState.RESIZING, SandboxState.SNAPSHOTTING})

_LEADS_TO = {
    Verb.START: SandboxState.STARTED,
    Verb.RECOVER: SandboxState.STARTED,
    Verb.STOP: SandboxState.STOPPED,
    Verb.FORCE_STOP: SandboxState.STOPPED,
    Verb.PAUSE: SandboxState.PAUSED,
    Verb.ARCHIVE: SandboxState.ARCHIVED,
    Verb.DELETE: SandboxState.DESTROYED,
}
"""Where a deed leads; whatever is not named here leaves the sandbox in its state."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Resources and money together.

    Attributes:
        cpu: vCPUs.
        memory_gib: GiB of memory.
        disk_gib: GiB of disk.
        gpu: GPUs.
        hourly: dollars an hour, an estimate.
    """

    cpu: int = 0
    memory_gib: int = 0
    disk_gib: int = 0
    gpu: int = 0
    hourly: float = 0.0

    def __add__(self, other: Amount) -> Amount:
        """Return both together."""
        return Amount(
            self.cpu + other.cpu,
            self.memory_gib + other.memory_gib,
            self.disk_gib + other.disk_gib,
            self.gpu + other.gpu,
            self.hourly + other.hourly,
        )

    def __bool__(self) -> bool:
        """True when there is anything at all."""
        return any((self.cpu, self.memory_gib, self.disk_gib, self.gpu, self.hourly > 0))


@dataclass(frozen=True, slots=True)
class Effect:
    """What a deed changes.

    Attributes:
        frees: what is given back.
        takes: what is needed on top.
        keeps_gib: GiB of disk that those it stops or pauses hold as long as they are not archived or deleted.
        unknown: sandboxes of which the server did not say how large they are, or whose price is not known.
    """

    frees: Amount = Amount()
    takes: Amount = Amount()
    keeps_gib: int = 0
    unknown: int = 0


def state_after(verb: Verb, sandbox: Sandbox) -> SandboxState:
    """Return the state to which a deed leads; stopping deletes where auto-delete is 0."""
    after = _LEADS_TO.get(verb, sandbox.state)
    if after is SandboxState.STOPPED and sandbox.lifetimes.auto_delete_min == 0:
        return SandboxState.DESTROYED
    return after


def uses(sandbox: Sandbox, book: PriceBook) -> Amount:
    """Return what a sandbox holds now; what is unknown counts as nothing."""
    return held(sandbox, hourly(sandbox, book) or 0.0)


def held(sandbox: Sandbox, price: float) -> Amount:
    """Return what a sandbox holds now, where its ``price`` in dollars an hour is known already."""
    state = _counted_as(sandbox)
    if state in _NOTHING or state is SandboxState.UNKNOWN:
        return _NO_AMOUNT
    size = sandbox.resources
    disk_gib = size.disk_gib or 0
    if state in _DISK_ONLY:
        return _amount(0, 0, disk_gib, 0, price)
    return _amount(size.cpu or 0, size.memory_gib or 0, disk_gib, size.gpu or 0, price)


@lru_cache(maxsize=1024)
def _amount(cpu: int, memory_gib: int, disk_gib: int, gpu: int, hourly: float) -> Amount:
    """Return the same amount for the same numbers: a fleet comes in few sizes."""
    return Amount(cpu, memory_gib, disk_gib, gpu, hourly)


_NO_AMOUNT: Final = Amount()


def effect_of(verb: Verb, sandboxes: Iterable[Sandbox], book: PriceBook) -> Effect:
    """Return what doing ``verb`` to each of ``sandboxes`` frees and takes together."""
    frees, takes, keeps_gib, unknown = Amount(), Amount(), 0, 0
    for sandbox in sandboxes:
        state = state_after(verb, sandbox)
        if state is sandbox.state:
            continue
        later = replace(sandbox, state=state)
        before, after = uses(sandbox, book), uses(later, book)
        frees += _above(before, after)
        takes += _above(after, before)
        keeps_gib += after.disk_gib if state in _DISK_ONLY else 0
        unknown += hourly(sandbox, book) is None or hourly(later, book) is None
    return Effect(frees, takes, keeps_gib, unknown)


def resize_effect(sandboxes: Iterable[Sandbox], edit: SizeEdit, book: PriceBook) -> Effect:
    """Return what giving each of ``sandboxes`` other resources frees and takes; who rests pays for its disk only."""
    frees, takes, unknown = Amount(), Amount(), 0
    for sandbox in sandboxes:
        later = replace(sandbox, resources=edit.applied_to(sandbox.resources))
        before, after = uses(sandbox, book), uses(later, book)
        frees += _above(before, after)
        takes += _above(after, before)
        unknown += hourly(sandbox, book) is None or hourly(later, book) is None
    return Effect(frees, takes, 0, unknown)


def fork_effect(sandboxes: Iterable[Sandbox], book: PriceBook) -> Effect:
    """Return what a fork of each of ``sandboxes`` takes: as much as they do."""
    whom = tuple(sandboxes)
    takes = sum((uses(each, book) for each in whom), Amount())
    return Effect(takes=takes, unknown=sum(hourly(each, book) is None for each in whom))


def _above(one: Amount, other: Amount) -> Amount:
    """What ``one`` has more than ``other``, field by field."""
    return Amount(
        max(0, one.cpu - other.cpu),
        max(0, one.memory_gib - other.memory_gib),
        max(0, one.disk_gib - other.disk_gib),
        max(0, one.gpu - other.gpu),
        max(0.0, one.hourly - other.hourly),
    )


def _counted_as(sandbox: Sandbox) -> SandboxState:
    if sandbox.state not in _AS_WANTED:
        return sandbox.state
    wanted = SandboxState.parse(sandbox.desired_state)
    return SandboxState.STARTED if wanted is SandboxState.UNKNOWN else wanted
