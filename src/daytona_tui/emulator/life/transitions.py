"""The table of changes: which one is allowed when, in what order a server objects, and the way through the states.

Words and order of the refusals are those of the last open server (v0.190); which states allow what is written in its
sandbox service.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from daytona_tui.emulator.body.bodies import Bodies
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import FAILED, SandboxRecord

Act = Callable[[Bodies, SandboxRecord], Awaitable[object]]
"""What happens to a sandbox's body during a step."""

Check = Callable[[SandboxRecord], ApiError | None]
"""Returns what a server says against a change, or None."""

VIRTUAL_MACHINES = frozenset({"linux-vm", "windows"})
"""Classes of sandboxes whose memory can be kept."""

BUSY = "Sandbox state change in progress"
_NOTHING_TO_RESIZE = "No resource changes specified - sandbox is already at the desired configuration"


class BuildFailedError(Exception):
    """An act could not build what the sandbox is made from: the sandbox rests as ``build_failed``, for this reason."""


@dataclass(frozen=True)
class Step:
    """One state on the way, and how long it lasts at the natural pace (longer, when the act takes longer)."""

    state: str
    seconds: float = 0.0
    act: Act | None = None
    backup: str | None = None


Way = tuple[Step, ...]
"""Steps in order; the last one is where it rests."""


def _stop(bodies: Bodies, record: SandboxRecord) -> Awaitable[object]:
    return bodies.close(record)


def _kill(bodies: Bodies, record: SandboxRecord) -> Awaitable[object]:
    return bodies.close(record, force=True)


CREATE: Way = (Step("creating", 0.9, Bodies.open), Step("started"))
START: Way = (Step("starting", 0.8, Bodies.open), Step("started"))
RESUME: Way = (Step("resuming", 0.5, Bodies.thaw), Step("started"))
RESTORE: Way = (Step("restoring", 1.6, Bodies.open), Step("started"))
STOP: Way = (Step("stopping", 1.2, _stop), Step("stopped"))
KILL: Way = (Step("stopping", 0.3, _kill), Step("stopped"))
PAUSE: Way = (Step("pausing", 0.6, Bodies.freeze), Step("paused"))
ARCHIVE: Way = (
    Step("archiving", 0.8, backup="Pending"),
    Step("archiving", 2.4, Bodies.archive, backup="InProgress"),
    Step("archiving", 0.4, backup="Completed"),
    Step("archived"),
)
DESTROY: Way = (Step("destroying", 1.0, Bodies.destroy), Step("destroyed"))

WAYS_TO_START: Mapping[str, Way] = {"stopped": START, "paused": RESUME, "archived": RESTORE, "archiving": RESTORE}


def refuse(change: str, record: SandboxRecord) -> None:
    """Let a change pass, or refuse it as a server does.

    Args:
        change: a key of :data:`CHANGES`.
        record: the sandbox to change.

    Raises:
        ApiError: 400 in a wrong state, 409 during another change, 422 for a sandbox of a wrong class.
    """
    for check in CHANGES[change]:
        error = check(record)
        if error is not None:
            raise error


def refuse_resize(record: SandboxRecord, wanted: Mapping[str, int]) -> None:
    """Let a sandbox be resized, or refuse it as a server does.

    Args:
        record: the sandbox as it is, in a state in which it may be resized.
        wanted: vCPUs as ``cpu``, GiB as ``memory`` and ``disk``; what is missing stays.

    Raises:
        ApiError: 400, with the reason.
    """
    is_running = record.state == "started"
    cpu, memory, disk = (wanted.get(each, getattr(record, each)) for each in ("cpu", "memory", "disk"))
    objections = (
        (not wanted, _NOTHING_TO_RESIZE),
        ("disk" in wanted and is_running, "Disk resize can only be performed on a stopped sandbox"),
        (is_running and cpu < record.cpu, "Sandbox must be in stopped state to decrease the number of CPU cores"),
        (is_running and memory < record.memory, "Sandbox must be in stopped state to decrease memory"),
        (disk < record.disk, "Sandbox disk size cannot be decreased"),
        ((cpu, memory, disk) == (record.cpu, record.memory, record.disk), _NOTHING_TO_RESIZE),
    )
    for holds, words in objections:
        if holds:
            raise ApiError(400, words)


def _not_failed(record: SandboxRecord) -> ApiError | None:
    return ApiError(400, "Sandbox is in an errored state") if record.state in FAILED else None


def _settled(record: SandboxRecord) -> ApiError | None:
    return ApiError(409, BUSY) if record.state != record.desired_state else None


def _settled_or_archiving(record: SandboxRecord) -> ApiError | None:
    is_archiving = record.desired_state == "archived" and record.state in {"stopped", "archiving"}
    return None if is_archiving else _settled(record)


def _idle(record: SandboxRecord) -> ApiError | None:
    return ApiError(409, BUSY) if record.pending else None


def _idle_or_waiting(record: SandboxRecord) -> ApiError | None:
    return None if record.state == "pending_build" else _idle(record)


def _in(states: str, words: str, status: int = 400) -> Check:
    allowed = frozenset(states.split())
    return lambda record: None if record.state in allowed else ApiError(status, words)


def _of_class(classes: frozenset[str], words: str) -> Check:
    return lambda record: None if record.sandbox_class in classes else ApiError(422, words)


def _recoverable(record: SandboxRecord) -> ApiError | None:
    return None if record.recoverable else ApiError(400, "Sandbox is not in a recoverable state")


def _not_ephemeral(words: str) -> Check:
    return lambda record: ApiError(400, words) if record.is_ephemeral else None


def _without_gpu(record: SandboxRecord) -> ApiError | None:
    return ApiError(422, "Forking is not supported for GPU sandboxes") if record.gpu else None


def _not_backing_up(record: SandboxRecord) -> ApiError | None:
    is_free = record.backup_state in {"None", "Completed"}
    return None if is_free else ApiError(400, "Sandbox backup is already in progress")


CHANGES: Mapping[str, tuple[Check, ...]] = {
    "start": (
        _not_failed,
        _settled_or_archiving,
        _in("stopped archived archiving paused", "Sandbox is not in valid state"),
        _idle,
    ),
    "stop": (_not_failed, _settled, _in("started paused", "Sandbox is not in a stoppable state"), _idle),
    "pause": (
        _in("started", "Sandbox must be in started state to pause"),
        _idle,
        _of_class(VIRTUAL_MACHINES, "Pausing is not supported for this sandbox"),
    ),
    "archive": (
        _not_failed,
        _settled,
        _in("stopped", "Sandbox is not stopped"),
        _idle,
        _not_ephemeral("Ephemeral sandboxes cannot be archived"),
        _of_class(frozenset({"container"}), "Archiving is not supported for this sandbox"),
    ),
    "recover": (_recoverable, _in("error", "Sandbox must be in error state to recover"), _idle),
    "resize": (_in("started stopped", "Sandbox must be in started or stopped state to resize"), _idle),
    "fork": (
        _of_class(VIRTUAL_MACHINES, "Forking is not supported for this sandbox"),
        _in("started", "Sandbox must be in started state to fork"),
        _idle,
        _without_gpu,
    ),
    "snapshot": (_in("started stopped", "Sandbox must be in started or stopped state to create a snapshot"), _idle),
    "backup": (
        _not_ephemeral("Ephemeral sandboxes cannot be backed up"),
        _not_backing_up,
        _in("started stopped", "Sandbox must be in started or stopped state to be backed up"),
        _idle,
    ),
    "delete": (
        _idle_or_waiting,
        _in("started stopped archived archiving paused error build_failed pending_build unknown", BUSY, 409),
    ),
}
"""What a server checks before each change, in its order."""
