"""Every reason: from when on, how much it counts, and what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.leak_fleet import (
    DEFAULTS,
    EPHEMERAL,
    LANGUAGE,
    NEVER_STOPPED,
    NOW,
    ago,
    box,
    judged,
    reasons,
    sentence,
)

from daytona_tui.domain.leaks import LeakPolicy
from daytona_tui.domain.leaks.codes import WEIGHTS
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.transitions import STUCK_AFTER
from daytona_tui.domain.usage import Metrics, Quota, Quotas, RegionQuotas

IDLE = Metrics(NOW, cpu_percent=0.5)
STOPPED, ARCHIVED, ERROR = SandboxState.STOPPED, SandboxState.ARCHIVED, SandboxState.ERROR


def idle(hours: float, lifetimes: Lifetimes = NEVER_STOPPED, **fields: Any) -> Sandbox:
    return box(lifetimes=lifetimes, last_activity_at=ago(hours=hours), **fields)


@pytest.mark.parametrize(("hours", "weight"), [(2, 40), (8.9, 40), (9, 55), (23.9, 55), (24, 70), (900, 70)])
def test_the_longer_without_auto_stop_the_worse(hours: float, weight: int) -> None:
    assert reasons(idle(hours)) == {"run.no-autostop-idle": weight}


def test_without_auto_stop_says_for_how_long_and_for_how_much() -> None:
    assert sentence(idle(9), "run.no-autostop-idle") == "idle 9h, auto-stop is off, about $0.17/h"


@pytest.mark.parametrize(
    "sandbox",
    [
        idle(1.99),
        idle(30, Lifetimes(None, 0, 10_080, -1)),
        idle(30, Lifetimes(0, 60, 10_080, -1), sandbox_class="linux-vm"),
        idle(30, Lifetimes(0, None, 10_080, -1), sandbox_class="linux-vm"),
        idle(30, replace(NEVER_STOPPED, destroy_at=NOW + timedelta(days=9))),
        replace(idle(30), last_activity_at=None),
    ],
)
def test_what_ends_or_may_end_by_itself_is_not_without_auto_stop(sandbox: Sandbox) -> None:
    assert "run.no-autostop-idle" not in reasons(sandbox)


def test_older_servers_that_know_no_auto_pause_run_containers() -> None:
    assert "run.no-autostop-idle" in reasons(idle(3, Lifetimes(0, None, 10_080, -1), sandbox_class=""))


def test_agents_that_work_inside_may_think_for_nine_hours() -> None:
    harbor = LANGUAGE | {"harbor.managed": "true"}
    assert "run.no-autostop-idle" not in reasons(idle(8.9, labels=harbor))
    assert reasons(idle(9, labels=harbor))["run.no-autostop-idle"] == 55
    looked = {SandboxId("box"): IDLE}
    assert reasons(idle(3, labels=harbor), metrics=looked)["run.no-autostop-idle"] == 40
    stale = {SandboxId("box"): replace(IDLE, at=ago(hours=2))}
    assert "run.no-autostop-idle" not in reasons(idle(3, labels=harbor), metrics=stale)


def test_delete_on_stop_without_a_stop_is_a_trap() -> None:
    assert reasons(idle(1, EPHEMERAL)) == {"run.delete-on-stop-trap": 15}
    assert "run.delete-on-stop-trap" not in reasons(idle(1, Lifetimes(15, 0, 10_080, 0)))


@pytest.mark.parametrize(("minutes", "is_overdue"), [(40, False), (41, True)])
def test_what_should_have_stopped_is_overdue(minutes: int, is_overdue: bool) -> None:
    late = box(last_activity_at=ago(minutes=minutes))
    assert ("run.overdue" in reasons(late)) is is_overdue


def test_overdue_counts_from_when_it_should_have_stopped() -> None:
    assert sentence(idle(3.25, DEFAULTS), "run.overdue") == "should have stopped 3h ago, about $0.17/h"


def test_kept_warm_needs_an_idle_processor_that_somebody_looked_at() -> None:
    warm = box(created_at=ago(hours=46))
    assert reasons(warm) == {}
    assert reasons(warm, metrics={warm.id: IDLE}) == {"run.kept-warm": 25}
    assert reasons(warm, metrics={warm.id: Metrics(NOW, 30.0)}) == {}
    young = replace(warm, created_at=ago(hours=23))
    assert reasons(young, metrics={warm.id: IDLE}) == {}
    said = sentence(warm, "run.kept-warm", metrics={warm.id: IDLE})
    assert said == "something resets the timer, the CPU is idle, made 46h ago, about $0.17/h"


def test_a_toolbox_has_to_be_silent_twice_with_a_minute_between() -> None:
    assert reasons(box(), unreachable={SandboxId("box"): [NOW]}) == {}
    assert reasons(box(), unreachable={SandboxId("box"): [ago(seconds=59), NOW]}) == {}
    assert reasons(box(), unreachable={SandboxId("box"): [ago(seconds=60), NOW]}) == {"run.zombie": 45}


def test_idle_gpus_are_named_with_their_price() -> None:
    gpu = replace(idle(0.5, Lifetimes(60, 0, 0, 0)), resources=Resources(2, 4, 10, 1, "H100"))
    assert reasons(gpu) == {"run.gpu-idle": 25}
    assert sentence(gpu, "run.gpu-idle") == "idle H100, about $4.12/h"
    assert "run.gpu-idle" not in reasons(replace(gpu, last_activity_at=ago(minutes=29)))


@pytest.mark.parametrize("state", STUCK_AFTER)
def test_every_transition_has_its_own_patience(state: SandboxState) -> None:
    since = NOW - STUCK_AFTER[state]
    assert reasons(box(state, updated_at=since)) == {}
    assert reasons(box(state, updated_at=since - timedelta(seconds=1))) == {"stuck.transition": 50}


def test_stuck_says_in_what_and_for_how_long() -> None:
    starting = box(SandboxState.STARTING, updated_at=ago(hours=12))
    assert sentence(starting, "stuck.transition") == "starting for 12h"
    refusing = box(desired_state="stopped", updated_at=ago(hours=3))
    assert sentence(refusing, "stuck.transition") == "wanted stopped and still started for 3h"


@pytest.mark.parametrize(("hours", "weight"), [(1, 35), (3, 50)])
def test_errors_that_cannot_be_recovered(hours: float, weight: int) -> None:
    failed = box(ERROR, last_activity_at=ago(hours=hours), error_reason="no space\nleft on device")
    assert reasons(failed) == {"err.unrecoverable": weight}
    assert sentence(failed, "err.unrecoverable") == f"error for {hours}h: no space left on device"
    assert reasons(replace(failed, last_activity_at=ago(minutes=59))) == {}


def test_errors_that_can_be_recovered() -> None:
    failed = box(ERROR, recoverable=True, last_activity_at=ago(hours=24))
    assert reasons(failed) == {"err.recoverable": 25}
    assert reasons(replace(failed, last_activity_at=ago(hours=23))) == {}


def test_failed_builds_and_buried_errors_are_forgotten_by_the_server() -> None:
    built = box(SandboxState.BUILD_FAILED, last_activity_at=ago(hours=5), updated_at=ago(hours=5))
    assert sentence(built, "err.build") == "build failed 5h ago, the server forgets it in 6d"
    buried = box(ERROR, desired_state="destroyed", updated_at=ago(days=2), last_activity_at=ago(days=2))
    assert reasons(buried) == {"err.hidden": 5}
    assert sentence(buried, "err.hidden") == "deleted but failed, the server forgets it in 5d"


@pytest.mark.parametrize(("days", "weight"), [(1, 15), (2, 16), (6, 20), (21, 35), (400, 35)])
def test_stopped_for_good_counts_more_every_day(days: int, weight: int) -> None:
    assert reasons(box(STOPPED, last_activity_at=ago(days=days))) == {"stop.no-delete": weight}


def test_stopped_for_good_says_what_it_holds() -> None:
    six = box(STOPPED, last_activity_at=ago(days=6))
    assert sentence(six, "stop.no-delete") == "stopped 6d, auto-delete is off, 10 GiB"


def test_stopped_with_an_end_is_in_order() -> None:
    assert reasons(box(STOPPED, last_activity_at=ago(hours=23))) == {}
    ends = replace(DEFAULTS, destroy_at=NOW + timedelta(days=5))
    assert reasons(box(STOPPED, last_activity_at=ago(days=9), lifetimes=ends)) == {}


def test_short_disk_speaks_against_the_largest() -> None:
    disks = [
        box(STOPPED, id=SandboxId(f"{gib}"), resources=Resources(1, 1, gib, 0), lifetimes=Lifetimes(15, 0, 10_080, 60))
        for gib in (1, 2, 3, 20)
    ]
    quotas = Quotas((RegionQuotas("eu", "container", disk_gib=Quota(92, 100)),))
    assert [reasons(each, *disks, quotas=quotas) for each in disks] == [{}, {}, {}, {"stop.quota": 20}]
    said = sentence(disks[3], "stop.quota", *disks, quotas=quotas)
    assert said == "the region's disk is used to 92%, this holds 20 GiB"
    enough = Quotas((RegionQuotas("eu", disk_gib=Quota(79, 100)), RegionQuotas("us", disk_gib=Quota(99, 100))))
    assert reasons(disks[3], *disks, quotas=enough) == {}


def test_delete_after_archive_never_comes() -> None:
    n8n = box(STOPPED, lifetimes=Lifetimes(15, 0, 60, 10_080))
    assert reasons(n8n) == {"stop.unreachable-delete": 10}
    assert reasons(replace(n8n, lifetimes=Lifetimes(15, 0, 10_080, 60))) == {}
    assert reasons(replace(n8n, sandbox_class="linux-vm")) == {}


def test_archived_for_a_month() -> None:
    old = box(ARCHIVED, last_activity_at=ago(days=41))
    assert reasons(old) == {"arch.forever": 8}
    assert sentence(old, "arch.forever") == "archived 41d, free, nothing will remove it"
    assert reasons(replace(old, last_activity_at=ago(days=29))) == {}


def run_of(count: int, hours: float) -> list[Sandbox]:
    labels = LANGUAGE | {"created_by": "inspect-ai", "inspect_run_id": "r1"}
    return [
        box(id=SandboxId(f"r{number}"), labels=labels, last_activity_at=ago(hours=hours + number))
        for number in range(count)
    ]


def test_a_silent_run_says_for_how_long() -> None:
    first, *others = run_of(3, 2)
    assert "own.group-dead" in reasons(first, *others)
    assert sentence(first, "own.group-dead", *others) == "whole run of 3 silent for 2h"
    late, *rest = run_of(3, 20)
    assert sentence(late, "own.group-dead", *rest) == "whole run of 3 silent for 20h"


@pytest.mark.parametrize(
    "spoiler",
    [
        {"last_activity_at": ago(minutes=119)},
        {"last_activity_at": None},
        {"state": SandboxState.UNKNOWN},
        {"state": SandboxState.STARTING},
    ],
)
def test_one_that_is_awake_or_unknown_keeps_the_whole_run(spoiler: dict[str, object]) -> None:
    first, second, third = run_of(3, 5)
    assert "own.group-dead" not in reasons(first, second, replace(third, **spoiler))  # type: ignore[arg-type]
    assert "own.group-dead" not in reasons(first, second)


def test_tried_again_speaks_against_the_elder() -> None:
    labels = LANGUAGE | {"hermes_task_id": "t1"}
    elder = box(id=SandboxId("elder"), labels=labels, created_at=ago(hours=5))
    younger = box(id=SandboxId("younger"), labels=labels, created_at=ago(hours=4))
    assert reasons(elder, younger) == {"own.retry-twin": 20}
    assert sentence(elder, "own.retry-twin", younger) == "tried again: hermes made another one for the same 4h ago"
    assert reasons(younger, elder) == {}
    assert reasons(elder, replace(younger, state=SandboxState.DESTROYED)) == {}
    assert reasons(elder, replace(younger, created_at=None)) == {}


def test_attempts_at_one_task_are_no_twins() -> None:
    labels = LANGUAGE | {"harbor.managed": "true", "harbor.environment_name": "task"}
    one, other = (box(id=SandboxId(each), labels=labels, created_at=ago(hours=len(each))) for each in ("a", "bb"))
    assert "own.retry-twin" not in reasons(one, other)
    assert "own.retry-twin" not in reasons(other, one)


@pytest.mark.parametrize("written", [str(int(ago(hours=3).timestamp())), ago(hours=3).isoformat(), "2026-11-21T11:02"])
def test_a_lease_that_is_over(written: str) -> None:
    leased = box(labels={"crabbox": "true", "expires_at": written})
    assert reasons(leased) == {"own.expired": 45}
    assert sentence(leased, "own.expired") == "lease expired 3h ago"


@pytest.mark.parametrize("written", [str(int(NOW.timestamp()) + 60), "soon", "", "-5", "9" * 400, "٣" * 10])
def test_a_lease_that_runs_or_cannot_be_read(written: str) -> None:
    assert reasons(box(labels={"crabbox": "true", "expires_at": written})) == {}


def test_a_run_that_ended_here() -> None:
    labels = LANGUAGE | {"created_by": "inspect-ai", "inspect_run_id": "r1"}
    left = box(labels=labels, last_activity_at=ago(minutes=150))
    ended = {"r1": ago(hours=2), "r2": ago(hours=1)}
    assert sentence(left, "own.run-finished", finished_runs=ended) == "inspect-ai run finished 2h ago"
    # Somebody went on using it.
    assert "own.run-finished" not in reasons(replace(left, last_activity_at=ago(minutes=50)), finished_runs=ended)


def test_a_session_that_is_gone_here() -> None:
    labels = LANGUAGE | {"created-by": "pi-daytona", "session-id": "s1"}
    assert reasons(box(labels=labels), gone_sessions={SandboxId("box")}) == {"own.session-gone": 15}


def test_nobody_and_defaults_only() -> None:
    assert reasons(box(labels=LANGUAGE)) == {"own.none": 5}
    assert reasons(box(labels=LANGUAGE, lifetimes=Lifetimes(20, 0, 10_080, -1))) == {}


def test_every_reason_is_tried_here() -> None:
    told = Path(__file__).read_text()
    assert [code for code in WEIGHTS if code not in told] == []


def test_a_reason_can_count_otherwise_or_not_at_all() -> None:
    assert reasons(idle(2), policy=LeakPolicy(weights={"run.no-autostop-idle": 7})) == {"run.no-autostop-idle": 7}
    assert reasons(idle(2), policy=LeakPolicy(off=frozenset({"run.no-autostop-idle"}))) == {}


def test_the_strongest_reason_comes_first_and_is_the_headline() -> None:
    verdict = judged(idle(30, EPHEMERAL))
    assert [each.code for each in verdict.reasons] == ["run.no-autostop-idle", "run.delete-on-stop-trap"]
    assert verdict.headline.startswith("idle 30h, auto-stop is off")
    assert judged(box()).headline == ""


def test_times_ahead_are_now() -> None:
    assert reasons(box(lifetimes=NEVER_STOPPED, last_activity_at=NOW + timedelta(days=3))) == {}
