"""What is asked before something is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from daytona_tui.domain.cautions import cautions, person_of
from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxId, SandboxState
from daytona_tui.presentation.questions import (
    LISTED,
    NAMED,
    REASONS,
    Question,
    Request,
    needs_question,
    question,
    undo_question,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ME = frozenset({"ana"})


def sandbox(name: str = "api", *, idle_min: float = 60, **fields: object) -> Sandbox:
    known: dict[str, object] = {"created_at": NOW - timedelta(hours=3), **fields}
    activity = NOW - timedelta(minutes=idle_min)
    return Sandbox(
        SandboxId(f"id-of-{name}"),
        name,
        SandboxState.STOPPED if "state" not in known else known.pop("state"),  # type: ignore[arg-type]
        last_activity_at=activity,
        **known,  # type: ignore[arg-type]
    )


def asked(verb: Verb, *sandboxes: Sandbox, **fields: object) -> Question:
    return question(Request(verb, sandboxes, **fields), NOW, ME)  # type: ignore[arg-type]


def test_one_idle_sandbox_needs_nothing_typed() -> None:
    found = asked(Verb.DELETE, sandbox())

    assert found.title == "Delete api?"
    assert found.lines[0].split() == ["api", "stopped", "·", "no", "owner", "known", "·", "3h", "old"]
    assert (found.typed, found.cautions, found.notes) == ("", "", ())
    assert found.warning == "Its files are lost for good."
    assert found.is_danger


def test_whoever_is_to_be_kept_is_named_and_has_to_be_typed() -> None:
    kept = sandbox("api")
    why = {kept.id: "protected: \x1b[31mthe core team's"}

    one = asked(Verb.DELETE, kept, kept=why)
    many = asked(Verb.DELETE, sandbox("web"), kept, kept=why)

    assert one.typed == "api"
    assert "it is to be kept (protected: " in one.cautions
    assert "\x1b" not in one.cautions
    assert many.typed == "2"
    assert "1 is to be kept (protected: " in many.cautions
    assert [line.endswith("to be kept") for line in many.lines] == [False, True]
    assert asked(Verb.STOP, kept, kept=why).cautions == ""


def test_what_runs_is_told_and_needs_nothing_typed() -> None:
    found = asked(Verb.DELETE, sandbox(), running=("1 command runs in a session",))

    assert found.cautions == "Careful: 1 command runs in a session."
    assert found.typed == ""


def test_fresh_activity_wants_the_name_typed() -> None:
    found = asked(Verb.DELETE, sandbox(idle_min=5))

    assert found.typed == "api"
    assert "within 10 minutes" in found.cautions


def test_someone_elses_wants_the_name_typed_and_my_own_does_not() -> None:
    assert asked(Verb.DELETE, sandbox(labels={"owner": "bob"})).typed == "api"
    assert asked(Verb.DELETE, sandbox(labels={"owner": "Ana"})).typed == ""


def test_a_framework_is_nobody_else() -> None:
    assert person_of(sandbox(labels={"created_by": "inspect-ai"})) == ""
    assert cautions([sandbox(labels={"created_by": "inspect-ai"})], NOW, ME) == ()


def test_more_than_five_want_the_number_typed() -> None:
    assert asked(Verb.DELETE, *(sandbox(f"s{n}") for n in range(5))).typed == ""
    found = asked(Verb.DELETE, *(sandbox(f"s{n}") for n in range(12)))

    assert found.typed == "12"
    assert found.yes == "Delete 12"
    assert len(found.lines) == 12


def test_so_many_are_named_that_nobody_reads_more() -> None:
    found = asked(Verb.DELETE, *(sandbox(f"s{n}") for n in range(NAMED + 4)))

    assert found.lines[-1] == "… and 4 more"
    assert len(found.lines) == NAMED + 1


def test_who_is_left_out_is_named_with_the_reason() -> None:
    gone = [(sandbox(f"g{n}"), "it is being deleted") for n in range(LISTED + 2)]
    found = asked(Verb.DELETE, sandbox(), skipped=(*gone, (sandbox("x\x1b"), "it is busy")))

    assert found.left_out[0] == f"{LISTED + 2} left out, it is being deleted: g0, g1, g2, g3 and 2 more"
    assert found.left_out[1].startswith("1 left out, it is busy: x")
    assert "\x1b" not in "".join(found.left_out)


def test_who_is_hidden_by_the_filter_is_named() -> None:
    seen, unseen = sandbox("seen"), sandbox("unseen")
    found = asked(Verb.DELETE, seen, unseen, hidden=frozenset({unseen.id}))

    assert found.notes == ("1 of them is hidden by the filter: unseen",)
    assert asked(Verb.DELETE, unseen, hidden=frozenset({unseen.id})).notes == ("It is hidden by the filter: unseen",)


def test_a_hidden_sandbox_that_is_left_out_is_not_called_hidden_as_well() -> None:
    unseen = sandbox("unseen")
    found = asked(Verb.DELETE, sandbox("seen"), skipped=((unseen, "it is busy"),), hidden=frozenset({unseen.id}))

    assert (found.notes, found.left_out) == ((), ("1 left out, it is busy: unseen",))


def test_rare_reasons_are_counted_together() -> None:
    skipped = [(sandbox(f"s{n}"), f"reason {n % 5}") for n in range(12)]
    found = asked(Verb.STOP, sandbox(), skipped=tuple(skipped))

    assert len(found.left_out) == REASONS
    assert found.left_out[-1] == "6 more left out for other reasons"


def test_an_undo_says_what_happens_to_whom_and_what_cannot_be_taken_back() -> None:
    ephemeral = sandbox("e", state=SandboxState.STARTED, lifetimes=Lifetimes(auto_delete_min=0))
    rows = [(sandbox("s"), Verb.START, ""), (ephemeral, Verb.STOP, "stopping deletes it")]
    found = undo_question("Stop 3 sandboxes", rows, [(sandbox("gone"), "it is deleted")], "frees 1 vCPU")

    assert found.title == "Undo “Stop 3 sandboxes”?"
    assert [line.split() for line in found.lines] == [["s", "start"], ["e", "stop"]]
    assert found.left_out == ("1 cannot be taken back, it is deleted: gone",)
    assert (found.is_danger, found.cautions) == (True, "Careful: e: stopping deletes it.")
    assert not undo_question("Stop s", rows[:1], []).is_danger


def test_what_can_be_undone_is_asked_for_many_and_for_the_hidden_only() -> None:
    few, many = tuple(sandbox(f"s{n}") for n in range(5)), tuple(sandbox(f"s{n}") for n in range(6))

    for verb in (Verb.START, Verb.STOP, Verb.PAUSE, Verb.ARCHIVE, Verb.RECOVER):
        assert not needs_question(Request(verb, few))
        assert needs_question(Request(verb, many))
        assert needs_question(Request(verb, few, hidden=frozenset({few[0].id})))
        assert asked(verb, *many).typed == ""
        assert not asked(verb, *many).is_danger


def test_what_a_dialog_has_told_is_not_asked_again_but_for_a_command_for_many() -> None:
    many = tuple(sandbox(f"s{n}") for n in range(6))

    for verb in (Verb.PULL, Verb.LABELS, Verb.LIFETIMES):
        assert not needs_question(Request(verb, many, hidden=frozenset({many[0].id})))
    assert not needs_question(Request(Verb.EXECUTE, many[:5]))
    assert needs_question(Request(Verb.EXECUTE, many))
    assert asked(Verb.EXECUTE, *many, command="rm\x1b -r").title == "Run “rm␛ -r” in 6 sandboxes?"


def test_what_loses_something_is_always_asked() -> None:
    ephemeral = sandbox(state=SandboxState.STARTED, lifetimes=Lifetimes(auto_delete_min=0))

    assert needs_question(Request(Verb.DELETE, (sandbox(),)))
    assert needs_question(Request(Verb.FORCE_STOP, (sandbox(),)))
    assert needs_question(Request(Verb.STOP, (ephemeral,)))


def test_every_verb_can_be_asked_about_without_a_hole_in_the_text() -> None:
    for verb in Verb:
        for many in (1, 7):
            found = asked(verb, *(sandbox(f"s{n}") for n in range(many)), effect="frees 1 vCPU")
            assert found.title.endswith("?")
            assert found.yes
            assert found.effect == "Frees 1 vCPU."


def test_a_name_that_cannot_be_typed_is_not_asked_for() -> None:
    found = asked(Verb.DELETE, sandbox("evil\x1b[2J", idle_min=1))

    assert found.typed == "1"
    assert "\x1b" not in found.title + "".join(found.lines)


def test_stopping_names_those_it_deletes() -> None:
    doomed = sandbox("gone", state=SandboxState.STARTED, lifetimes=Lifetimes(auto_delete_min=0))
    found = asked(Verb.STOP, sandbox("stays", state=SandboxState.STARTED), doomed)

    assert found.title == "Stop 2 sandboxes?"
    assert [line.split()[0] for line in found.lines] == ["gone"]
    assert "deletes 1 of them" in found.warning


def test_a_sandbox_nobody_named_is_confirmed_by_the_beginning_of_its_id() -> None:
    name = "9c754dce-16d6-4d0b-bf7a-000000000000"
    unnamed = replace(sandbox(name, idle_min=5), id=SandboxId(name))

    assert asked(Verb.DELETE, unnamed).typed == "9c754dce"


@pytest.mark.parametrize("verb", [Verb.START, Verb.STOP, Verb.PAUSE])
def test_a_question_names_the_key_that_takes_it_back_and_none_where_there_is_none(verb: Verb) -> None:
    assert "; ctrl+u " in asked(verb, sandbox("one"), undo_key="ctrl+u").warning
    assert ";" not in asked(verb, sandbox("one")).warning
