"""What timers will do: against the emulator's own rule, and for the traps that people fall into."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from daytona_tui.domain.deadlines import Act, next_event
from daytona_tui.domain.deeds import LifetimeEdit
from daytona_tui.domain.lifetimes import (
    Refusal,
    Step,
    Timer,
    Trap,
    counting,
    edited,
    forecast,
    in_safe_order,
    is_deleted_at_once,
    refusals,
)
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.emulator.life.timers import due_change

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

intervals = st.one_of(st.just(0), st.integers(1, 60_000))
settled = st.sampled_from([SandboxState.STARTED, SandboxState.STOPPED, SandboxState.ARCHIVED, SandboxState.PAUSED])
lifetimes = st.builds(
    Lifetimes,
    auto_stop_min=intervals,
    auto_pause_min=st.just(0),
    auto_archive_min=st.integers(1, 43_200),
    auto_delete_min=st.one_of(st.just(-1), intervals),
    destroy_at=st.one_of(st.none(), st.integers(1, 90_000).map(lambda minutes: NOW + minutes * MINUTE)),
)
sandboxes = st.builds(
    Sandbox,
    id=st.just(SandboxId("id")),
    name=st.just("one"),
    state=settled,
    lifetimes=lifetimes,
    last_activity_at=st.integers(0, 60_000).map(lambda minutes: NOW - minutes * MINUTE),
    sandbox_class=st.sampled_from(["container", "linux-vm"]),
)
maybe = st.one_of(st.none(), intervals)
edits = st.builds(LifetimeEdit, maybe, st.none(), maybe, st.one_of(st.none(), st.just(-1), intervals), maybe)


def _sandbox(
    state: str = "started",
    *,
    stop: int = 15,
    pause: int = 0,
    archive: int = 10_080,
    delete: int = -1,
    idle: timedelta = timedelta(),
    kind: str = "container",
    ends_in: timedelta | None = None,
) -> Sandbox:
    end = None if ends_in is None else NOW + ends_in
    return Sandbox(
        SandboxId("id"), "one", SandboxState(state), lifetimes=Lifetimes(stop, pause, archive, delete, end),
        last_activity_at=NOW - idle, sandbox_class=kind,
    )  # fmt: skip


def _record(sandbox: Sandbox) -> SandboxRecord:
    assert sandbox.last_activity_at is not None
    life = sandbox.lifetimes
    record = SandboxRecord(
        "id", "one", state=sandbox.state.value, desired_state=sandbox.state.value,
        last_activity_at=sandbox.last_activity_at, auto_destroy_at=life.destroy_at,
    )  # fmt: skip
    record.sandbox_class = sandbox.sandbox_class
    record.auto_stop, record.auto_pause = life.auto_stop_min or 0, life.auto_pause_min or 0
    record.auto_archive, record.auto_delete = life.auto_archive_min or 0, life.auto_delete_min or 0
    return record


@given(sandboxes)
def test_each_step_is_what_the_emulator_does_then_and_not_before(sandbox: Sandbox) -> None:
    record, now = _record(sandbox), NOW
    for step in forecast(sandbox, NOW).steps:
        if step.at > now:
            assert due_change(record, step.at - timedelta(seconds=1)) is None
        change = due_change(record, step.at)
        assert change == step.act or (change == "stop" and record.is_ephemeral and step.act is Act.DELETE)
        if step.act is Act.DELETE:
            return
        state = {"stop": "stopped", "pause": "paused", "archive": "archived"}[step.act]
        record.state = record.desired_state = state
        record.last_activity_at = now = step.at
    assert due_change(record, now + 3650 * DAY) is None, "nothing else comes, ever"


@given(sandboxes)
def test_steps_are_in_order_and_nothing_follows_a_deletion(sandbox: Sandbox) -> None:
    seen = forecast(sandbox, NOW)

    assert list(seen.steps) == sorted(seen.steps, key=lambda step: step.at)
    assert all(step.at >= NOW for step in seen.steps)
    assert all(step.act is not Act.DELETE for step in seen.steps[:-1])
    assert (seen.rests is None) == (seen.deletion is not None)
    planned = next_event(sandbox)
    assert (planned is None) == (not seen.steps)


@given(sandboxes, edits)
def test_an_edit_that_leaves_everything_changes_nothing(sandbox: Sandbox, edit: LifetimeEdit) -> None:
    assert edited(sandbox, LifetimeEdit(), NOW) == sandbox
    once = edited(sandbox, edit, NOW)
    assert edited(once, edit, NOW) == once


@given(sandboxes, st.integers(1, 10_000))
def test_a_time_to_live_ends_everything_and_nothing_at_once(sandbox: Sandbox, ttl: int) -> None:
    before, after = forecast(sandbox, NOW), forecast(edited(sandbox, LifetimeEdit(ttl_min=ttl), NOW), NOW)

    assert after.deletion is not None
    assert after.deletion.at <= NOW + ttl * MINUTE
    if ttl > 1 and not is_deleted_at_once(before, NOW):
        assert not is_deleted_at_once(after, NOW)


@example(
    Sandbox(
        SandboxId("id"),
        "one",
        SandboxState.STOPPED,
        lifetimes=Lifetimes(0, 0, 1, 1),
        last_activity_at=NOW,
        sandbox_class="container",
    ),
    LifetimeEdit(auto_archive_min=0, auto_delete_min=-1),
)
@settings(max_examples=500)
@given(sandboxes, edits)
def test_no_half_made_edit_deletes_what_neither_before_nor_after_would_be(sandbox: Sandbox, edit: LifetimeEdit) -> None:
    before, after = forecast(sandbox, NOW), forecast(edited(sandbox, edit, NOW), NOW)
    if is_deleted_at_once(before, NOW) or is_deleted_at_once(after, NOW):
        return
    half = sandbox
    for name, minutes in in_safe_order(sandbox, edit):
        half = edited(half, LifetimeEdit(**{name: minutes}), NOW)
        assert not is_deleted_at_once(forecast(half, NOW), NOW)
    assert half == edited(sandbox, edit, NOW)


@given(sandboxes)
def test_the_timer_that_counts_down_first_is_the_first_to_fire(sandbox: Sandbox) -> None:
    ends = [(at, timer) for timer in Timer if (at := counting(sandbox, timer)) is not None]
    planned = next_event(sandbox)

    assert min((at for at, _ in ends), default=None) == (planned.at if planned else None)


def test_auto_stop_off_and_delete_on_stop_never_dies() -> None:
    seen = forecast(_sandbox(stop=0, delete=0, idle=9 * HOUR), NOW)

    assert seen.steps == ()
    assert seen.rests is SandboxState.STARTED
    assert seen.traps == {Trap.NEVER_DIES}


def test_a_time_to_live_takes_it_out_of_that_trap() -> None:
    box = edited(_sandbox(stop=0, delete=0, idle=9 * HOUR), LifetimeEdit(ttl_min=120), NOW)

    seen = forecast(box, NOW)

    assert seen.steps == (Step(Act.DELETE, NOW + 2 * HOUR, Timer.TTL),)
    assert not seen.traps


def test_auto_stop_on_a_long_idle_one_that_is_deleted_on_stop_destroys_it_at_once() -> None:
    seen = forecast(edited(_sandbox(stop=0, delete=0, idle=9 * HOUR), LifetimeEdit(auto_stop_min=30), NOW), NOW)

    assert is_deleted_at_once(seen, NOW)
    assert seen.steps == (Step(Act.DELETE, NOW, Timer.AUTO_STOP),)
    assert Trap.STOP_DELETES in seen.traps


def test_auto_stop_on_a_long_idle_one_stops_it_at_once_and_the_rest_counts_from_then() -> None:
    seen = forecast(edited(_sandbox(stop=0, delete=60, idle=9 * HOUR), LifetimeEdit(auto_stop_min=30), NOW), NOW)

    assert [step.act for step in seen.at_once(NOW)] == [Act.STOP]
    assert seen.deletion == Step(Act.DELETE, NOW + HOUR, Timer.AUTO_DELETE)


def test_auto_delete_on_one_that_rests_for_longer_destroys_it_at_once() -> None:
    box = _sandbox("stopped", idle=6 * DAY)

    assert is_deleted_at_once(forecast(edited(box, LifetimeEdit(auto_delete_min=1440), NOW), NOW), NOW)


def test_auto_archive_on_one_that_rests_for_longer_archives_it_at_once() -> None:
    seen = forecast(edited(_sandbox("stopped", idle=6 * DAY), LifetimeEdit(auto_archive_min=60), NOW), NOW)

    assert seen.at_once(NOW) == (Step(Act.ARCHIVE, NOW, Timer.AUTO_ARCHIVE),)
    assert seen.rests is SandboxState.ARCHIVED


def test_auto_delete_behind_auto_archive_never_fires_for_containers() -> None:
    box = _sandbox(archive=60, delete=10_080)

    assert forecast(box, NOW).traps == {Trap.DELETE_UNREACHABLE}
    assert forecast(box, NOW).rests is SandboxState.ARCHIVED
    assert forecast(replace(box, sandbox_class="linux-vm"), NOW).deletion is not None
    assert forecast(_sandbox("archived", delete=60), NOW).traps == {Trap.DELETE_UNREACHABLE}
    assert forecast(_sandbox(archive=0, delete=43_199), NOW).deletion is not None, "0 is thirty days"


def test_an_end_that_is_overdue_comes_before_all_else() -> None:
    seen = forecast(_sandbox(idle=HOUR, ends_in=-MINUTE), NOW)

    assert seen.steps == (Step(Act.DELETE, NOW, Timer.TTL),)


def test_setting_one_of_auto_stop_and_auto_pause_takes_the_other_away() -> None:
    machine = _sandbox(stop=0, pause=60, kind="linux-vm")

    assert edited(machine, LifetimeEdit(auto_stop_min=15), NOW).lifetimes.auto_pause_min == 0
    assert edited(_sandbox(kind="linux-vm"), LifetimeEdit(auto_pause_min=15), NOW).lifetimes.auto_stop_min == 0
    assert edited(machine, LifetimeEdit(auto_stop_min=0), NOW).lifetimes.auto_pause_min == 60
    assert forecast(machine, NOW).steps[0] == Step(Act.PAUSE, NOW + HOUR, Timer.AUTO_PAUSE)


def test_what_the_server_would_refuse_is_known_before() -> None:
    with_gpu = replace(_sandbox(delete=0), resources=Resources(gpu=1))

    assert refusals(_sandbox(), LifetimeEdit(auto_pause_min=60)) == (Refusal.PAUSE_OF_CONTAINER,)
    assert refusals(_sandbox(kind="linux-vm"), LifetimeEdit(15, 60)) == (Refusal.BOTH_STOP_AND_PAUSE,)
    assert refusals(with_gpu, LifetimeEdit(auto_delete_min=-1)) == (Refusal.MUST_STAY_EPHEMERAL,)
    assert refusals(with_gpu, LifetimeEdit(auto_delete_min=0, ttl_min=60)) == ()


def test_what_the_server_would_refuse_is_not_foreseen_as_done() -> None:
    doomed = _sandbox(stop=5, delete=0)
    with_gpu = replace(_sandbox(stop=5, delete=0), resources=Resources(gpu=1))

    assert edited(doomed, LifetimeEdit(auto_pause_min=60), NOW) == doomed
    assert edited(with_gpu, LifetimeEdit(auto_delete_min=-1), NOW) == with_gpu


def test_what_is_starting_counts_from_its_start() -> None:
    seen = forecast(_sandbox("starting", idle=9 * DAY), NOW)

    assert seen.steps[0] == Step(Act.STOP, NOW + 15 * MINUTE, Timer.AUTO_STOP)


def test_what_the_server_did_not_say_makes_the_forecast_doubtful() -> None:
    untold = replace(_sandbox(), lifetimes=Lifetimes())

    assert not forecast(untold, NOW).is_certain
    assert forecast(untold, NOW).steps == ()
    assert not forecast(replace(_sandbox(), desired_state="stopped"), NOW).is_certain
    assert not forecast(replace(_sandbox(), last_activity_at=None), NOW).is_certain
    assert forecast(_sandbox(), NOW).is_certain


def test_what_fails_rests_until_somebody_acts_or_its_time_is_up() -> None:
    assert forecast(_sandbox("error", idle=DAY), NOW).rests is SandboxState.ERROR
    assert forecast(_sandbox("error", ends_in=HOUR), NOW).deletion == Step(Act.DELETE, NOW + HOUR, Timer.TTL)
