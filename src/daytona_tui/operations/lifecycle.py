"""What the state of a sandbox allows, and deeds that change it, each until it has settled."""

from __future__ import annotations

from collections.abc import Callable

from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.naming import fork_name
from daytona_tui.domain.ports import SandboxGateway
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.domain.sizes import SizeEdit, change_for, size_refusal
from daytona_tui.errors import ConflictError

DEFAULT_TIMEOUT_S = 120.0

Step = Callable[[str], None]
"""Is told each step before it begins: ``stopping``, ``archiving``."""

DELETING = "deleting"
"""The step that nothing takes back."""


_RUNNING = frozenset({SandboxState.STARTED})
_STOPPABLE = frozenset({SandboxState.STARTED, SandboxState.PAUSED})

_ALLOWED: dict[Verb, frozenset[SandboxState]] = {
    Verb.START: frozenset({SandboxState.STOPPED, SandboxState.ARCHIVED, SandboxState.PAUSED}),
    Verb.STOP: _STOPPABLE,
    Verb.FORCE_STOP: _STOPPABLE,
    Verb.PAUSE: _RUNNING,
    Verb.ARCHIVE: frozenset({SandboxState.STARTED, SandboxState.STOPPED}),
    Verb.RECOVER: frozenset({SandboxState.ERROR}),
    Verb.RESIZE: frozenset({SandboxState.STARTED, SandboxState.STOPPED}),
    Verb.FORK: _RUNNING,
    Verb.EXECUTE: _RUNNING,
    Verb.PULL: _RUNNING,
}
"""States in which a verb is possible; a verb that is missing here is possible in all of them."""

_ALREADY: dict[Verb, SandboxState] = {
    Verb.START: SandboxState.STARTED,
    Verb.STOP: SandboxState.STOPPED,
    Verb.FORCE_STOP: SandboxState.STOPPED,
    Verb.PAUSE: SandboxState.PAUSED,
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

_STATE_OF_TROUBLE = {SandboxState.ERROR: "it is in error", SandboxState.BUILD_FAILED: "its build failed"}
"""How the states are said whose names make no sentence."""

_CONTAINER = "container"
_EPHEMERAL = "it is ephemeral (auto-delete is 0): those are never archived"
_VIRTUAL_MACHINES = frozenset({"linux-vm", "windows"})


def ignore(_step: str) -> None:
    """Take no notice of a step."""


def refusal(verb: Verb, sandbox: Sandbox) -> str:
    """Return why ``verb`` is not possible in the sandbox's present state, in words; empty when it is.

    A state or a class that this program does not know forbids nothing: the server decides.
    """
    state = sandbox.state
    if state in (SandboxState.DESTROYED, SandboxState.DESTROYING):
        return "it is being deleted" if state is SandboxState.DESTROYING else "it is deleted"
    if verb not in _ALLOWED or state is SandboxState.UNKNOWN:
        return ""
    if state in _ALLOWED[verb]:
        return _by_nature(verb, sandbox)
    return _by_state(verb, sandbox)


def is_as_wanted(verb: Verb, sandbox: Sandbox) -> bool:
    """Return whether a sandbox is already what ``verb`` would make of it: started, does not run, is being deleted."""
    state = sandbox.state
    if verb in (Verb.STOP, Verb.FORCE_STOP) and state is SandboxState.ARCHIVED:
        return True
    if verb is Verb.DELETE:
        return state in (SandboxState.DESTROYED, SandboxState.DESTROYING)
    if verb is Verb.RECOVER:
        return state not in _STATE_OF_TROUBLE and state.is_settled
    return state is _ALREADY.get(verb)


def _by_state(verb: Verb, sandbox: Sandbox) -> str:
    state = sandbox.state
    it_is = _STATE_OF_TROUBLE.get(state, f"it is {state.value.replace('_', ' ')}")
    if state is _ALREADY.get(verb):
        return f"{it_is} already"
    if state.is_transitional:
        return f"{it_is}: wait until that is done"
    if verb in (Verb.STOP, Verb.FORCE_STOP) and state is SandboxState.ARCHIVED:
        return "it is archived: it does not run"
    if verb is Verb.RECOVER:
        return f"{it_is}: there is nothing to recover"
    if state is SandboxState.ERROR and sandbox.recoverable:
        return f"{it_is}: recover it first"
    return f"{it_is}: {_INSTEAD[state]}"


def _by_nature(verb: Verb, sandbox: Sandbox) -> str:
    """Return what forbids a deed that the state alone would allow."""
    if verb is Verb.RECOVER and not sandbox.recoverable:
        return "its error cannot be recovered: it can only be deleted"
    if verb is Verb.PAUSE and sandbox.sandbox_class == _CONTAINER:
        return "it is a container: only virtual machines are paused"
    if verb is Verb.FORK and sandbox.sandbox_class == _CONTAINER:
        return "it is a container: only virtual machines are forked"
    if verb is Verb.FORK and sandbox.resources.gpu:
        return "it has a GPU: those are not forked"
    if verb is Verb.ARCHIVE and sandbox.sandbox_class in _VIRTUAL_MACHINES:
        return "it is a virtual machine: only containers are archived"
    if verb is Verb.ARCHIVE and sandbox.lifetimes.auto_delete_min == 0:
        # Daytona refuses those that are stopped: whoever is made to end with its stop is called ephemeral there.
        return "stopping would delete it (auto-delete is 0)" if sandbox.is_running else _EPHEMERAL
    return ""


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
    gateway: SandboxGateway,
    sandbox: Sandbox,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    on_step: Step = ignore,
    force: bool = False,
) -> Sandbox | None:
    """Stop a sandbox and return it; None where stopping destroyed it (delete-on-stop).

    With ``force`` its programs are ended at once, without the time to end by themselves.

    Raises:
        ConflictError: its state does not allow it.
        OperationTimeoutError: it is not stopped after ``timeout_s`` seconds.
    """
    _require(Verb.FORCE_STOP if force else Verb.STOP, sandbox)
    on_step("stopping")
    return await gateway.stop(sandbox.id, timeout_s=timeout_s, force=force)


async def pause(
    gateway: SandboxGateway, sandbox: Sandbox, *, timeout_s: float = DEFAULT_TIMEOUT_S, on_step: Step = ignore
) -> Sandbox:
    """Pause a virtual machine, which keeps its memory, and return it paused.

    Raises:
        ConflictError: its state or its class does not allow it.
        OperationTimeoutError: it is not paused after ``timeout_s`` seconds.
        UnsupportedError: the server cannot pause it.
    """
    _require(Verb.PAUSE, sandbox)
    on_step("pausing")
    return await gateway.pause(sandbox.id, timeout_s=timeout_s)


async def recover(
    gateway: SandboxGateway, sandbox: Sandbox, *, timeout_s: float = DEFAULT_TIMEOUT_S, on_step: Step = ignore
) -> Sandbox:
    """Put right a sandbox with a recoverable error and return it running.

    Raises:
        ConflictError: it has no such error.
        OperationTimeoutError: it does not run after ``timeout_s`` seconds.
    """
    _require(Verb.RECOVER, sandbox)
    on_step("recovering")
    return await gateway.recover(sandbox.id, timeout_s=timeout_s)


async def archive(
    gateway: SandboxGateway, sandbox: Sandbox, *, timeout_s: float = DEFAULT_TIMEOUT_S, on_step: Step = ignore
) -> Sandbox:
    """Archive a sandbox and return it; one that runs is stopped first, which is always waited for.

    ``timeout_s`` holds for each of the steps.

    Raises:
        ConflictError: its state does not allow it, or stopping destroyed it.
        OperationTimeoutError: a step did not settle in time.
    """
    _require(Verb.ARCHIVE, sandbox)
    stop_s = timeout_s or DEFAULT_TIMEOUT_S
    if sandbox.is_running and await stop(gateway, sandbox, timeout_s=stop_s, on_step=on_step) is None:
        raise ConflictError(f"{sandbox.name} was deleted by stopping it: nothing is left to archive")
    on_step("archiving")
    return await gateway.archive(sandbox.id, timeout_s=timeout_s)


async def resize(
    gateway: SandboxGateway,
    sandbox: Sandbox,
    edit: SizeEdit,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    on_step: Step = ignore,
) -> Sandbox:
    """Give a sandbox other resources and return it with them. What it has already is not asked for.

    Raises:
        ConflictError: its state does not allow it, or not these resources.
        OperationTimeoutError: it has not got them after ``timeout_s`` seconds.
        UnsupportedError: the server cannot resize.
    """
    _require(Verb.RESIZE, sandbox)
    if reason := size_refusal(edit, sandbox):
        raise ConflictError(f"cannot resize {sandbox.name}: {reason}")
    on_step("resizing")
    return await gateway.resize(sandbox.id, change_for(edit, sandbox), timeout_s=timeout_s)


async def fork(
    gateway: SandboxGateway,
    sandbox: Sandbox,
    name: str = "",
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    on_step: Step = ignore,
) -> Sandbox:
    """Make a second virtual machine of one that runs, and return the new one running.

    Args:
        gateway: where.
        sandbox: the one that runs.
        name: of the new one; empty: one is made of the old one's.
        timeout_s: how long it may take to come up.
        on_step: told the step before it begins.

    Raises:
        ConflictError: state or class do not allow it, or the name is taken.
        OperationTimeoutError: it does not run after ``timeout_s`` seconds; the hint names it.
        UnsupportedError: the server cannot fork it.
    """
    _require(Verb.FORK, sandbox)
    on_step("forking")
    return await gateway.fork(sandbox.id, name or fork_name(sandbox.name), timeout_s=timeout_s)


async def delete(
    gateway: SandboxGateway, sandbox: Sandbox, *, timeout_s: float = DEFAULT_TIMEOUT_S, on_step: Step = ignore
) -> None:
    """Delete a sandbox in any state and wait until it is gone.

    Raises:
        ConflictError: it is being deleted already.
        OperationTimeoutError: it is still there after ``timeout_s`` seconds.
    """
    _require(Verb.DELETE, sandbox)
    on_step(DELETING)
    await gateway.delete(sandbox.id, timeout_s=timeout_s)
