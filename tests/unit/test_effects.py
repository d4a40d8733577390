"""What a deed frees and takes."""

from __future__ import annotations

import pytest

from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.effects import Amount, Effect, effect_of, state_after, uses
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.presentation.deeds import WORDS, amount_words, effect_words

BOOK = PriceBook(cpu=1.0, memory=0.5, disk=0.125)
"""Prices that add up without rounding."""
SIZE = Resources(cpu=2, memory_gib=4, disk_gib=10)


def sandbox(state: SandboxState, *, size: Resources = SIZE, **fields: object) -> Sandbox:
    return Sandbox(SandboxId("one"), "one", state, resources=size, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [SandboxState.STARTED, SandboxState.STARTING, SandboxState.RESUMING])
def test_who_runs_or_is_about_to_holds_everything(state: SandboxState) -> None:
    assert uses(sandbox(state), BOOK) == Amount(2, 4, 10, 0, 5.25)


@pytest.mark.parametrize("state", [SandboxState.STOPPED, SandboxState.PAUSED])
def test_who_rests_holds_its_disk(state: SandboxState) -> None:
    assert uses(sandbox(state), BOOK) == Amount(0, 0, 10, 0, 1.25)


@pytest.mark.parametrize(
    "state", [SandboxState.ARCHIVED, SandboxState.ERROR, SandboxState.BUILD_FAILED, SandboxState.DESTROYING]
)
def test_who_is_archived_failed_or_gone_holds_nothing(state: SandboxState) -> None:
    assert not uses(sandbox(state), BOOK)


def test_stopping_frees_cpu_and_memory_and_no_disk() -> None:
    effect = effect_of(Verb.STOP, [sandbox(SandboxState.STARTED)] * 7, BOOK)

    assert effect.frees == Amount(14, 28, 0, 0, 28.0)
    assert (effect.takes, effect.keeps_gib, effect.unknown) == (Amount(), 70, 0)
    assert effect_words(Verb.STOP, effect) == (
        "frees 14 vCPU, 28 GiB RAM, ≈ $28.00/h; stop frees no disk (70 GiB), archive does"
    )


def test_stopping_what_is_deleted_by_it_frees_the_disk_as_well() -> None:
    doomed = sandbox(SandboxState.STARTED, lifetimes=Lifetimes(auto_delete_min=0))

    assert state_after(Verb.STOP, doomed) is SandboxState.DESTROYED
    assert effect_of(Verb.STOP, [doomed], BOOK).frees.disk_gib == 10
    both = effect_of(Verb.STOP, [doomed, sandbox(SandboxState.STARTED)], BOOK)
    assert effect_words(Verb.STOP, both).endswith(
        "10 GiB disk, ≈ $9.25/h; stop keeps the other 10 GiB of disk, archive does not"
    )


def test_what_is_paused_is_never_archived() -> None:
    effect = effect_of(Verb.PAUSE, [sandbox(SandboxState.STARTED)], BOOK)

    assert effect_words(Verb.PAUSE, effect).endswith("; pause frees no disk (10 GiB), delete does")


@pytest.mark.parametrize("verb", [Verb.ARCHIVE, Verb.DELETE])
def test_archiving_and_deleting_free_the_disk(verb: Verb) -> None:
    effect = effect_of(verb, [sandbox(SandboxState.STOPPED)], BOOK)

    assert (effect.frees.disk_gib, effect.frees.cpu, effect.keeps_gib) == (10, 0, 0)


def test_starting_takes_what_it_needs_and_money() -> None:
    stopped = effect_of(Verb.START, [sandbox(SandboxState.STOPPED)], BOOK)
    archived = effect_of(Verb.START, [sandbox(SandboxState.ARCHIVED)], BOOK)

    assert stopped.takes == Amount(2, 4, 0, 0, 4.0)
    assert archived.takes == Amount(2, 4, 10, 0, 5.25)
    assert effect_words(Verb.START, archived) == "takes 2 vCPU, 4 GiB RAM, 10 GiB disk, ≈ $5.25/h"


@pytest.mark.parametrize("verb", [Verb.LABELS, Verb.LIFETIMES, Verb.EXECUTE, Verb.PULL])
def test_what_leaves_the_state_alone_changes_nothing(verb: Verb) -> None:
    assert effect_of(verb, [sandbox(SandboxState.STARTED)], BOOK) == Effect()
    assert effect_words(verb, Effect()) == ""


def test_a_sandbox_of_unknown_size_is_said_not_to_be_counted() -> None:
    effect = effect_of(
        Verb.STOP, [sandbox(SandboxState.STARTED, size=Resources()), sandbox(SandboxState.STARTED)], BOOK
    )

    assert effect.unknown == 1
    assert effect.frees.cpu == 2
    assert "1 of unknown size or price not counted" in effect_words(Verb.STOP, effect)


def test_an_unknown_state_promises_nothing() -> None:
    effect = effect_of(Verb.DELETE, [sandbox(SandboxState.UNKNOWN)], BOOK)

    assert (effect.frees, effect.unknown) == (Amount(), 1)


def test_a_resizing_sandbox_holds_what_the_one_does_that_it_goes_back_to() -> None:
    assert uses(sandbox(SandboxState.RESIZING, desired_state="stopped"), BOOK).cpu == 0
    assert uses(sandbox(SandboxState.RESIZING, desired_state="started"), BOOK).cpu == 2
    assert uses(sandbox(SandboxState.RESIZING), BOOK).cpu == 2


def test_the_whole_is_the_sum_of_its_parts() -> None:
    many = [sandbox(state) for state in SandboxState]
    for verb in Verb:
        together = effect_of(verb, many, BOOK)
        alone = [effect_of(verb, [each], BOOK) for each in many]
        assert together.frees.disk_gib == sum(each.frees.disk_gib for each in alone)
        assert together.frees.hourly == pytest.approx(sum(each.frees.hourly for each in alone))
        assert together.takes.cpu == sum(each.takes.cpu for each in alone)


def test_money_below_a_cent_is_said_to_be() -> None:
    assert amount_words(Amount(hourly=0.001)) == "< $0.01/h"
    assert amount_words(Amount(gpu=1, hourly=3.95)) == "1 GPU, ≈ $3.95/h"


def test_every_verb_has_words() -> None:
    assert set(WORDS) == set(Verb)
    assert WORDS[Verb.EXECUTE].about(12, "api") == "Run a command in 12 sandboxes"
    assert WORDS[Verb.STOP].about(1, "api") == "Stop api"
