"""Which resources a sandbox may be given, in words."""

from __future__ import annotations

import pytest

from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.deeds import Deed, Verb
from daytona_tui.domain.effects import resize_effect
from daytona_tui.domain.naming import fork_name
from daytona_tui.domain.sandbox import Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.sizes import SizeEdit, change_for, size_problem, size_refusal
from daytona_tui.operations.bulk.plan import problem, refusal_of
from daytona_tui.operations.equivalents import equivalent
from daytona_tui.operations.lifecycle import refusal

SIZE = Resources(2, 4, 10)


def _box(state: SandboxState = SandboxState.STARTED, size: Resources = SIZE, kind: str = "") -> Sandbox:
    return Sandbox(SandboxId("id"), "box", state, resources=size, sandbox_class=kind)


RUNS, RESTS = _box(), _box(SandboxState.STOPPED)


@pytest.mark.parametrize(
    ("sandbox", "edit", "words"),
    [
        (RUNS, SizeEdit(cpu=4, memory_gib=8), ""),
        (RUNS, SizeEdit(cpu=4, disk_gib=10), ""),
        (RUNS, SizeEdit(cpu=1), "it runs, and has 2 vCPU: stop it first, to give it fewer"),
        (RUNS, SizeEdit(memory_gib=3), "it runs, and has 4 GiB of memory: stop it first, to give it less"),
        (RUNS, SizeEdit(disk_gib=11), "its disk grows while it is stopped only: stop it first"),
        (RESTS, SizeEdit(1, 1, 11), ""),
        (RESTS, SizeEdit(disk_gib=9), "a disk only grows: it has 10 GiB"),
        (RESTS, SizeEdit(2, 4), "it has these resources already"),
        (_box(size=Resources()), SizeEdit(1, 1, 1), ""),
    ],
)
def test_the_rules_of_the_platform(sandbox: Sandbox, edit: SizeEdit, words: str) -> None:
    assert size_refusal(edit, sandbox) == words
    assert refusal_of(Deed(Verb.RESIZE, size=edit), sandbox) == words


def test_what_makes_no_sense_for_anybody() -> None:
    assert size_problem(SizeEdit()) == problem(Deed(Verb.RESIZE)) == "no resource is to be changed"
    for wrong in (0, -1, 5000):
        assert size_problem(SizeEdit(memory_gib=wrong)) == f"memory is a whole number from 1 on, not {wrong}"
    assert problem(Deed(Verb.RESIZE, size=SizeEdit(cpu=3))) == ""


def test_only_what_differs_is_asked_for() -> None:
    assert change_for(SizeEdit(2, 8, 10), RUNS) == SizeEdit(memory_gib=8)
    assert SizeEdit(memory_gib=8).applied_to(RUNS.resources) == Resources(2, 8, 10)


def test_what_it_costs_goes_by_the_state() -> None:
    book = PriceBook(cpu=1.0, memory=0.5, disk=0.25, gpu={})
    effect = resize_effect([RUNS, RESTS], SizeEdit(cpu=3, memory_gib=2), book)
    assert (effect.takes.cpu, effect.frees.memory_gib, effect.takes.hourly, effect.frees.hourly) == (1, 2, 0.0, 0.0)
    assert resize_effect([RESTS], SizeEdit(disk_gib=14), book).takes.hourly == 1.0
    assert resize_effect([_box(size=Resources(cpu=1))], SizeEdit(cpu=2), book).unknown == 1


def test_who_is_forked() -> None:
    assert refusal(Verb.FORK, _box(kind="linux-vm")) == ""
    assert refusal(Verb.FORK, _box(kind="container")) == "it is a container: only virtual machines are forked"
    assert refusal(Verb.FORK, _box(SandboxState.STOPPED)) == "it is stopped: start it first"
    assert refusal(Verb.FORK, _box(size=Resources(gpu=1), kind="linux-vm")) == "it has a GPU: those are not forked"
    assert refusal(Verb.RESIZE, _box(SandboxState.PAUSED)) == "it is paused: start it first"


def test_a_name_for_a_fork_is_nobody_elses_and_no_longer_than_names_are() -> None:
    assert fork_name("api").startswith("api-fork-")
    assert fork_name("api") != fork_name("api")
    assert len(fork_name("x" * 200)) == 63
    assert fork_name(fork_name("api")).count("fork") == 1


def test_the_same_acts_as_lines_for_a_shell() -> None:
    assert equivalent(Deed(Verb.RESIZE, size=SizeEdit(cpu=2, disk_gib=20)), RUNS).endswith(
        """-d '{"cpu": 2, "disk": 20}' "$DAYTONA_API_URL/sandbox/id/resize\""""
    )
    assert '{"name": "twin"}' in equivalent(Deed(Verb.FORK, fork_name="twin"), RUNS)
