"""What is asked before something is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from daytona_tui.domain.cautions import cautions, person_of
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxId, SandboxState
from daytona_tui.presentation.questions import delete_question, stop_question

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


def test_one_idle_sandbox_needs_nothing_typed() -> None:
    question = delete_question([sandbox()], NOW, ME)

    assert question.title == "Delete api?"
    assert question.lines[0].split() == ["api", "stopped", "·", "no", "owner", "known", "·", "3h", "old"]
    assert (question.typed, question.cautions) == ("", "")
    assert question.warning == "Its files are lost for good."


def test_fresh_activity_wants_the_name_typed() -> None:
    question = delete_question([sandbox(idle_min=5)], NOW, ME)

    assert question.typed == "api"
    assert "within 10 minutes" in question.cautions


def test_someone_elses_wants_the_name_typed_and_my_own_does_not() -> None:
    assert delete_question([sandbox(labels={"owner": "bob"})], NOW, ME).typed == "api"
    assert delete_question([sandbox(labels={"owner": "Ana"})], NOW, ME).typed == ""


def test_a_framework_is_nobody_else() -> None:
    assert person_of(sandbox(labels={"created_by": "inspect-ai"})) == ""
    assert cautions([sandbox(labels={"created_by": "inspect-ai"})], NOW, ME) == ()


def test_more_than_five_want_the_number_typed() -> None:
    assert delete_question([sandbox(f"s{n}") for n in range(5)], NOW, ME).typed == ""
    question = delete_question([sandbox(f"s{n}") for n in range(12)], NOW, ME, skipped=1)

    assert question.typed == "12"
    assert question.yes == "Delete 12"
    assert "… and 4 more" in question.lines
    assert question.lines[-1].startswith("1 marked left out")


def test_a_name_that_cannot_be_typed_is_not_asked_for() -> None:
    question = delete_question([sandbox("evil\x1b[2J", idle_min=1)], NOW, ME)

    assert question.typed == "1"
    assert "\x1b" not in question.title + "".join(question.lines)


def test_stopping_names_those_it_deletes() -> None:
    doomed = sandbox("gone", state=SandboxState.STARTED, lifetimes=Lifetimes(auto_delete_min=0))
    question = stop_question([sandbox("stays", state=SandboxState.STARTED), doomed], NOW)

    assert question.title == "Stop 2 sandboxes?"
    assert [line.split()[0] for line in question.lines] == ["gone"]
    assert "deletes 1 of them" in question.warning


def test_a_sandbox_nobody_named_is_confirmed_by_the_beginning_of_its_id() -> None:
    name = "9c754dce-16d6-4d0b-bf7a-000000000000"
    unnamed = replace(sandbox(name, idle_min=5), id=SandboxId(name))

    assert delete_question([unnamed], NOW).typed == "9c754dce"
