"""The plan of a bulk act, and what counts as a change since it was made: rules without a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit, Verb
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxId, SandboxState
from daytona_tui.operations.bulk import make_plan
from daytona_tui.operations.bulk.changes import changes
from daytona_tui.operations.equivalents import equivalent
from daytona_tui.operations.lifecycle import refusal

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BOX = Sandbox(
    SandboxId("id-1"),
    "box",
    SandboxState.STARTED,
    state_word="started",
    desired_state="started",
    labels={"team": "ml"},
    last_activity_at=NOW - timedelta(hours=1),
    lifetimes=Lifetimes(15, 0, 10080, -1),
)
EDITS = {
    Verb.LABELS: Deed(Verb.LABELS, labels=LabelEdit({"a": "b"})),
    Verb.LIFETIMES: Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit(ttl_min=1)),
    Verb.EXECUTE: Deed(Verb.EXECUTE, command="true"),
    Verb.PULL: Deed(Verb.PULL, destination=Path("/tmp/x")),
}
deeds = st.sampled_from([EDITS.get(verb, Deed(verb)) for verb in Verb])
boxes = st.builds(
    Sandbox,
    id=st.integers(0, 5).map(lambda n: SandboxId(f"id-{n}")),
    name=st.text(max_size=8),
    state=st.sampled_from(SandboxState),
    desired_state=st.sampled_from(["", "started", "stopped", "destroyed"]),
    recoverable=st.booleans(),
    sandbox_class=st.sampled_from(["", "container", "linux-vm", "novel"]),
    lifetimes=st.builds(Lifetimes, auto_delete_min=st.none() | st.integers(-1, 2)),
    last_activity_at=st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2026, 6, 1), timezones=st.just(UTC)),
    labels=st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"), max_size=3),
)


@given(deeds, st.lists(boxes, max_size=12))
def test_every_sandbox_has_one_row_that_acts_or_says_why_not(deed: Deed, sandboxes: list[Sandbox]) -> None:
    plan = make_plan(deed, sandboxes, NOW)

    assert [row.sandbox.id for row in plan.rows] == list(dict.fromkeys(each.id for each in sandboxes))
    assert len(plan.acting) + len(plan.skipped) == len(plan.rows)
    assert all(bool(refusal(deed.verb, row.sandbox)) <= bool(row.skip) for row in plan.rows)
    assert all(not row.skip and row.sandbox.lifetimes.auto_delete_min == 0 for row in plan.dangerous)
    stops = deed.verb in (Verb.STOP, Verb.FORCE_STOP)
    assert stops or not plan.dangerous


@given(boxes, st.sampled_from(Verb))
def test_nothing_has_changed_of_what_is_the_same(sandbox: Sandbox, verb: Verb) -> None:
    settled = sandbox.desired_state in ("", sandbox.state.value)
    assert changes(sandbox, sandbox, verb, NOW) == () or not settled


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        (Deed(Verb.LABELS), "no label is to be changed"),
        (Deed(Verb.LABELS, labels=LabelEdit()), "no label is to be changed"),
        (Deed(Verb.LABELS, labels=LabelEdit({" ": "x"})), "a label has no name"),
        (Deed(Verb.LIFETIMES), "no interval is to be changed"),
        (Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit()), "no interval is to be changed"),
        (Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit(auto_stop_min=-1)), "auto-stop cannot be negative"),
        (Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit(ttl_min=-1)), "ttl cannot be negative"),
        (Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit(auto_stop_min=5, auto_pause_min=5)), "exclude one another"),
        (Deed(Verb.EXECUTE, command=" \n"), "there is no command to run"),
        (Deed(Verb.PULL), "there is no directory to pull to"),
    ],
)
def test_a_deed_that_makes_no_sense_is_done_to_nobody(deed: Deed, reason: str) -> None:
    plan = make_plan(deed, [BOX], NOW)

    assert plan.acting == ()
    assert reason in plan.skipped[0].skip


def test_auto_delete_may_be_switched_off() -> None:
    assert make_plan(Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit(auto_delete_min=-1)), [BOX], NOW).acting


def test_a_container_is_not_given_an_auto_pause() -> None:
    deed = Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit(auto_pause_min=5))

    plan = make_plan(deed, [replace(BOX, sandbox_class="container")], NOW)

    assert "only virtual machines" in plan.skipped[0].skip


def test_a_record_whose_wish_lagged_behind_its_state_has_not_changed() -> None:
    lagging = replace(BOX, state=SandboxState.STOPPED, desired_state="started")
    found = replace(BOX, state=SandboxState.STOPPED, desired_state="stopped")

    assert changes(lagging, found, Verb.START, NOW) == ()


def test_many_labels_are_named_in_few_words() -> None:
    found = replace(BOX, labels={"a": "1", "b": "1", "c": "1"})

    assert changes(BOX, found, Verb.STOP, NOW) == ("its labels changed: a, b, c, …",)


@pytest.mark.parametrize(("idle_s", "is_change"), [(30, False), (90, True)])
def test_use_counts_against_those_who_were_idle(idle_s: int, is_change: bool) -> None:
    planned = replace(BOX, last_activity_at=NOW - timedelta(seconds=idle_s))
    found = replace(BOX, last_activity_at=NOW + timedelta(seconds=5))

    assert bool(changes(planned, found, Verb.DELETE, NOW)) is is_change
    assert changes(planned, found, Verb.EXECUTE, NOW) == ()


def test_lines_for_a_shell() -> None:
    key = '-H "Authorization: Bearer $DAYTONA_API_KEY"'
    lines = {
        Verb.START: "daytona start id-1",
        Verb.DELETE: "daytona delete id-1",
        Verb.FORCE_STOP: f'curl -X POST {key} "$DAYTONA_API_URL/sandbox/id-1/stop?force=true"',
        Verb.RECOVER: f'curl -X POST {key} "$DAYTONA_API_URL/sandbox/id-1/recover"',
        Verb.LABELS: f"curl -X PUT {key} -H 'Content-Type: application/json' "
        """-d '{"labels": {"team": "ml", "a": "b"}}' "$DAYTONA_API_URL/sandbox/id-1/labels\"""",
        Verb.LIFETIMES: f'curl -X POST {key} "$DAYTONA_API_URL/sandbox/id-1/ttl/1"',
        Verb.EXECUTE: "daytona exec id-1 -- sh -c true",
        Verb.PULL: "daytona-tui pull id-1 . /tmp/x/box/",
    }
    for verb, line in lines.items():
        assert equivalent(EDITS.get(verb, Deed(verb)), BOX) == line
    above = replace(BOX, name="..")
    assert equivalent(EDITS[Verb.PULL], above) == "daytona-tui pull id-1 . /tmp/x/id-1/"


def test_an_odd_id_cannot_break_out_of_its_line() -> None:
    odd = replace(BOX, id=SandboxId('x"; rm -rf $HOME; "'))

    assert equivalent(Deed(Verb.STOP), odd) == "daytona stop 'x\"; rm -rf $HOME; \"'"
    assert "$HOME" not in equivalent(Deed(Verb.FORCE_STOP), odd)


def test_label_edits() -> None:
    edit = LabelEdit({"a": "new"}, frozenset({"a", "b"}))

    assert edit.applied_to({"a": "old", "b": "1", "c": "2"}) == {"c": "2", "a": "new"}
    assert edit
    assert not LabelEdit()
    assert LifetimeEdit(ttl_min=0).minutes == {"ttl_min": 0}
    assert LifetimeEdit(ttl_min=0)
