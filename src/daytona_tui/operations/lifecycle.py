"""Start, stop, archive and delete a sandbox, each until it has settled."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from daytona_tui.domain.ports import SandboxGateway
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.errors import ConflictError

DEFAULT_TIMEOUT_S = 120.0

Step = Callable[[str], None]
"""Is told each step before it begins: ``stopping``, ``archiving``."""


class Verb(StrEnum):
    """What can be done to a sandbox as a whole."""

    START = "start"
    STOP = "stop"
    ARCHIVE = "archive"
    DELETE = "delete"


_ALLOWED: dict[Verb, frozenset[SandboxState]] = {
    Verb.START: frozenset({SandboxState.STOPPED, SandboxState.ARCHIVED, SandboxState.PAUSED}),
    Verb.STOP: frozenset({SandboxState.STARTED, SandboxState.PAUSED}),
    Verb.ARCHIVE: frozenset({SandboxState.STARTED, SandboxState.STOPPED}),
}

_ALREADY: dict[Verb, SandboxState] = {
    Verb.START: SandboxState.STARTED,
    Verb.STOP: SandboxState.STOPPED,
    Verb.ARCHIVE: SandboxState.ARCHIVED,
}

_INSTEAD: dict[SandboxState, str] = {
    SandboxState.STARTED: "stop it first",
    SandboxState.STOPPED: "start it first",
    SandboxState.ARCHIVED: "start it first",
    SandboxState.PAUSED: "start it first",
    SandboxState.ERROR: "it can only be deleted",
    SandboxState.BUILD_FAILED: "it can only be deleted",
}


def ignore(_step: str) -> None:
    """Take no notice of a step."""


def refusal(verb: Verb, sandbox: Sandbox) -> str:
    """Return why ``verb`` is not possible in the sandbox's present state, in words; empty when it is.

    A state that this program does not know forbids nothing: the server decides.
    """
    state = sandbox.state
    if state in (SandboxState.DESTROYED, SandboxState.DESTROYING):
        return "it is being deleted" if state is SandboxState.DESTROYING else "it is deleted"
    if verb is Verb.DELETE or state is SandboxState.UNKNOWN:
        return ""
    if state in _ALLOWED[verb] or (verb is Verb.START and state is SandboxState.ERROR and sandbox.recoverable):
        return ""
    if state is _ALREADY[verb]:
        return f"it is {state.value} already"
    if state.is_transitional:
        return f"it is {state.value.replace('_', ' ')}: wait until that is done"
    return f"it is {state.value.replace('_', ' ')}: {_INSTEAD[state]}"


def _require(verb: Verb, sandbox: Sandbox) -> None:
    reason = refusal(verb, sandbox)
    if reason:
        raise ConflictError(f"cannot {verb.value} {sandbox.name}: {reason}")


async def start(
    gateway: SandboxGateway, sandbox: Sandbox, *, timeout_s: float = DEFAULT_TIMEOUT_S, on_step: Step = ignore
) -> Sandbox:
    """Start (restore, resume) a sandbox and return it running.

    Raises:
        ConflictError: its state does not allow it.
        OperationTimeoutError: it does not run after ``timeout_s`` seconds.
    """
    _require(Verb.START, sandbox)
    on_step("restoring" if sandbox.state is SandboxState.ARCHIVED else "starting")
    return await gateway.start(sandbox.id, timeout_s=timeout_s)


async def stop(
    gateway: SandboxGateway, sandbox: Sandbox, *, timeout_s: float = DEFAULT_TIMEOUT_S, on_step: Step = ignore
) -> Sandbox | None:
    """Stop a sandbox and return it; None where stopping destroyed it (delete-on-stop).

    Raises:
        ConflictError: its state does not allow it.
        OperationTimeoutError: it is not stopped after ``timeout_s`` seconds.
    """
    _require(Verb.STOP, sandbox)
    on_step("stopping")
    return await gateway.stop(sandbox.id, timeout_s=timeout_s)


async def archive(
    gateway: SandboxGateway, sandbox: Sandbox, *, timeout_s: float = DEFAULT_TIMEOUT_S, on_step: Step = ignore
) -> Sandbox:
    """Archive a sandbox and return it; one that runs is stopped first. ``timeout_s`` holds for each of the steps.

    Raises:
        ConflictError: its state does not allow it, or stopping destroyed it.
        OperationTimeoutError: a step did not settle in time.
    """
    _require(Verb.ARCHIVE, sandbox)
    if sandbox.state is SandboxState.STARTED:
        if sandbox.lifetimes.auto_delete_min == 0:
            raise ConflictError(f"cannot archive {sandbox.name}: stopping would delete it (auto-delete is 0)")
        if await stop(gateway, sandbox, timeout_s=timeout_s, on_step=on_step) is None:
            raise ConflictError(f"{sandbox.name} was deleted by stopping it: nothing is left to archive")
    on_step("archiving")
    return await gateway.archive(sandbox.id, timeout_s=timeout_s)


async def delete(
    gateway: SandboxGateway, sandbox: Sandbox, *, timeout_s: float = DEFAULT_TIMEOUT_S, on_step: Step = ignore
) -> None:
    """Delete a sandbox in any state and wait until it is gone.

    Raises:
        ConflictError: it is being deleted already.
        OperationTimeoutError: it is still there after ``timeout_s`` seconds.
    """
    _require(Verb.DELETE, sandbox)
    on_step("deleting")
    await gateway.delete(sandbox.id, timeout_s=timeout_s)
