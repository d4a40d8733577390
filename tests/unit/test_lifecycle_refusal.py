"""A deed that the state does not allow is refused in words; one that it allows is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxId, SandboxState
from daytona_tui.operations.lifecycle import refusal


def _in(state: SandboxState, *, recoverable: bool = False) -> Sandbox:
    return Sandbox(SandboxId("id"), "box", state, recoverable=recoverable)


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        (Verb.START, {"stopped", "archived", "paused", "unknown"}),
        (Verb.STOP, {"started", "paused", "unknown"}),
        (Verb.ARCHIVE, {"started", "stopped", "unknown"}),
        (Verb.FORCE_STOP, {"started", "paused", "unknown"}),
        (Verb.PAUSE, {"started", "unknown"}),
        (Verb.DELETE, {state.value for state in SandboxState} - {"destroyed", "destroying"}),
    ],
)
def test_each_verb_is_possible_in_its_states_only(verb: Verb, allowed: set[str]) -> None:
    assert {state.value for state in SandboxState if not refusal(verb, _in(state))} == allowed


@pytest.mark.parametrize(
    ("verb", "state", "words"),
    [
        (Verb.START, SandboxState.STARTED, "it is started already"),
        (Verb.START, SandboxState.STARTING, "it is starting: wait until that is done"),
        (Verb.STOP, SandboxState.PULLING_SNAPSHOT, "it is pulling snapshot: wait until that is done"),
        (Verb.STOP, SandboxState.ERROR, "it is in error: it can only be deleted"),
        (Verb.ARCHIVE, SandboxState.PAUSED, "it is paused: start it first"),
        (Verb.DELETE, SandboxState.DESTROYING, "it is being deleted"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(verb: Verb, state: SandboxState, words: str) -> None:
    assert refusal(verb, _in(state)) == words


def test_a_recoverable_error_is_recovered_and_not_started() -> None:
    mendable = _in(SandboxState.ERROR, recoverable=True)

    assert refusal(Verb.RECOVER, mendable) == ""
    assert refusal(Verb.START, mendable) == "it is in error: recover it first"
    assert refusal(Verb.RECOVER, _in(SandboxState.ERROR)) == "its error cannot be recovered: it can only be deleted"
    assert refusal(Verb.RECOVER, _in(SandboxState.STOPPED)) == "it is stopped: there is nothing to recover"


@pytest.mark.parametrize("verb", [Verb.EXECUTE, Verb.PULL, Verb.PAUSE])
def test_what_needs_a_running_one_is_refused_elsewhere(verb: Verb) -> None:
    assert refusal(verb, _in(SandboxState.STARTED)) == ""
    assert refusal(verb, _in(SandboxState.STOPPED)) == "it is stopped: start it first"


@pytest.mark.parametrize("verb", [Verb.LABELS, Verb.LIFETIMES])
def test_edits_are_possible_as_long_as_there_is_something_to_edit(verb: Verb) -> None:
    assert {state for state in SandboxState if refusal(verb, _in(state))} == {
        SandboxState.DESTROYED,
        SandboxState.DESTROYING,
    }


def test_the_class_forbids_what_the_state_allows() -> None:
    machine, container = (replace(_in(SandboxState.STARTED), sandbox_class=each) for each in ("linux-vm", "container"))

    assert "only virtual machines are paused" in refusal(Verb.PAUSE, container)
    assert refusal(Verb.PAUSE, machine) == ""
    assert "only containers are archived" in refusal(Verb.ARCHIVE, machine)
    assert refusal(Verb.ARCHIVE, container) == ""


def test_archiving_what_stopping_would_delete_is_refused() -> None:
    doomed = replace(_in(SandboxState.STARTED), lifetimes=Lifetimes(auto_delete_min=0))

    assert refusal(Verb.ARCHIVE, doomed) == "stopping would delete it (auto-delete is 0)"
    stopped = replace(doomed, state=SandboxState.STOPPED)
    assert refusal(Verb.ARCHIVE, stopped) == "it is ephemeral (auto-delete is 0): those are never archived"
