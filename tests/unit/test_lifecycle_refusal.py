"""A deed that the state does not allow is refused in words; one that it allows is not."""

from __future__ import annotations

import pytest

from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.operations.lifecycle import Verb, refusal


def _in(state: SandboxState, *, recoverable: bool = False) -> Sandbox:
    return Sandbox(SandboxId("id"), "box", state, recoverable=recoverable)


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        (Verb.START, {"stopped", "archived", "paused", "unknown"}),
        (Verb.STOP, {"started", "paused", "unknown"}),
        (Verb.ARCHIVE, {"started", "stopped", "unknown"}),
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
        (Verb.STOP, SandboxState.ERROR, "it is error: it can only be deleted"),
        (Verb.ARCHIVE, SandboxState.PAUSED, "it is paused: start it first"),
        (Verb.DELETE, SandboxState.DESTROYING, "it is being deleted"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(verb: Verb, state: SandboxState, words: str) -> None:
    assert refusal(verb, _in(state)) == words


def test_a_recoverable_error_can_be_started() -> None:
    assert refusal(Verb.START, _in(SandboxState.ERROR, recoverable=True)) == ""
    assert refusal(Verb.START, _in(SandboxState.ERROR)) != ""
