"""The plan of a sweep on disk: read back it is the same, and whatever else it is, it is refused with a reason."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sweep_fleet import NOW, fleets, leaks, scan_of

from daytona_tui.domain.leaks import Action, Ties
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.errors import PlanError
from daytona_tui.operations.sweep import SweepPlan, Wish, make_sweep
from daytona_tui.operations.sweep.checks import differences, veiled
from daytona_tui.operations.sweep.planfile import plan_as_json, plan_from_json, read_plan, write_plan

SECRET = "hunter2-is-my-word"
BOX = Sandbox(
    SandboxId("a-1"),
    "trial",
    SandboxState.STARTED,
    desired_state="started",
    labels={"owner": "ada", "db-password": SECRET},
    resources=Resources(2, 4, 10),
    lifetimes=Lifetimes(0, 0, 10_080, -1),
    created_at=NOW - timedelta(days=3),
    updated_at=NOW - timedelta(days=3),
    last_activity_at=NOW - timedelta(days=2),
    sandbox_class="container",
)


def _plan(*boxes: Sandbox, action: Action = Action.DELETE) -> SweepPlan:
    return make_sweep(scan_of(list(boxes)), Wish(marked=[each.id for each in boxes], action=action))


def _again(plan: SweepPlan) -> SweepPlan:
    return plan_from_json(json.loads(json.dumps(plan_as_json(plan))), connection=plan.connection, now=NOW)


@given(fleets, st.sampled_from([None, Action.TTL, Action.STOP, Action.ARCHIVE, Action.DELETE]))
def test_a_plan_comes_back_as_it_was(fleet: list[Sandbox], action: Action | None) -> None:
    plan = make_sweep(scan_of(fleet), Wish(marked=[each.id for each in fleet], action=action))

    again = _again(plan)

    assert plan_as_json(again) == plan_as_json(plan)
    assert [row.sandbox.id for row in again.acting] == [row.sandbox.id for row in plan.acting]
    for row, was in zip(again.acting, plan.acting, strict=True):
        assert not differences(row, was.sandbox, plan.made_at), "the record of the plan is the record of the moment"


@given(leaks, st.text(min_size=1))
def test_a_change_of_a_secret_label_is_found_out_though_the_file_does_not_hold_it(box: Sandbox, value: str) -> None:
    (row,) = _again(_plan(replace(box, labels={"api-key": SECRET}))).rows

    assert not differences(row, replace(box, labels={"api-key": SECRET}), NOW)
    same = veiled({"api-key": value}) == veiled({"api-key": SECRET})
    assert bool(differences(row, replace(box, labels={"api-key": value}), NOW)) != same


def test_a_file_holds_no_secret_and_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "plans" / "plan.json"

    write_plan(path, _plan(BOX))

    assert SECRET not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    plan = read_plan(path, connection="here-123", now=NOW + timedelta(days=1))
    assert [row.sandbox.id for row in plan.acting] == ["a-1"]
    assert plan.made_at == NOW


def _set(*path: str | int, value: object) -> Callable[[Any], None]:
    def change(told: Any) -> None:
        for step in path[:-1]:
            told = told[step]
        told[path[-1]] = value

    return change


def _drop(*path: str | int) -> Callable[[Any], None]:
    def change(told: Any) -> None:
        for step in path[:-1]:
            told = told[step]
        del told[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_set("format", value="something else"), "no plan of a sweep"),
        (_set("version", value=2), "version 2, not 1"),
        (_set("connection", value="there-999"), "made for another connection: here"),
        (_set("made_at", value="yesterday"), "made_at is no time"),
        (_set("made_at", value=None), "made_at is no time that has been"),
        (_set("made_at", value="2026-11-21T12:00:00"), "made_at has no offset"),
        (_set("made_at", value="2031-01-01T00:00:00Z"), "made_at is no time that has been"),
        (_set("rows", value={}), "rows are no list"),
        (_set("rows", value=["a-1"]), "row 1 is no object"),
        (_set("rows", 0, "id", value=" "), "row 1: its id is empty"),
        (_set("rows", 0, "id", value=7), "row 1: id is no text"),
        (_set("rows", 0, "chosen", value=1), "row 1: chosen is neither true nor false"),
        (_set("rows", 0, "chosen", value="yes"), "row 1: chosen is neither true nor false"),
        (_set("rows", 0, "action", value="destroy"), "row 1: 'destroy' is no action"),
        (_set("rows", 0, "ttl_min", value="60"), "row 1: ttl_min is no whole number"),
        (_set("rows", 0, "ttl_min", value=True), "row 1: ttl_min is no whole number"),
        (_set("rows", 0, "permits", value="ttl"), "row 1: permits is no list"),
        (_set("rows", 0, "reasons", value=["x"]), "row 1: reasons is no list of objects"),
        (_set("rows", 0, "reasons", value=[{"code": 1}]), "row 1: code is no text"),
        (_set("rows", 0, "record", value=None), "row 1: its record is missing"),
        (_set("rows", 0, "record", "state", value="started!"), "'started!' is no state"),
        (_set("rows", 0, "record", "labels", value=["owner"]), "labels are no object"),
        (_set("rows", 0, "record", "labels", value={"owner": 1}), "labels are no object"),
        (_set("rows", 0, "record", "auto_stop_min", value="0"), "auto_stop_min is no whole number"),
        (_set("rows", 0, "record", "last_activity_at", value="soon"), "last_activity_at is no time"),
        (_set("rows", 0, "record", "auto_stop_min", value=10**12), "auto_stop_min is larger than any"),
        (_set("rows", 0, "record", "disk_gib", value=10**400), "disk_gib is larger than any"),
        (_drop("rows", 0, "record", "last_activity_at"), "last_activity_at is missing"),
        (_drop("rows", 0, "record", "auto_delete_min"), "auto_delete_min is missing"),
        (_set("rows", 0, "ties", value=["a"]), "row 1: ties are no object"),
        (_set("rows", 0, "ties", "forks", value=[1]), "row 1: forks is no list of texts"),
        (_set("rows", 0, "looked_into", value="yes"), "looked_into is neither true nor false"),
        (_drop("rows", 0, "veto"), "veto is no text"),
        (_drop("rows", 0, "mine"), "mine is neither"),
    ],
)
def test_what_is_no_plan_of_ours_is_refused(change: Callable[[Any], None], told: str) -> None:
    value = json.loads(json.dumps(plan_as_json(_plan(BOX))))
    change(value)

    with pytest.raises(PlanError, match=told):
        plan_from_json(value, connection="here-123", now=NOW)


def test_a_sandbox_that_is_in_it_twice() -> None:
    value = plan_as_json(_plan(BOX))
    value["rows"] *= 2

    with pytest.raises(PlanError, match="a-1 is in it twice"):
        plan_from_json(value, connection="here-123", now=NOW)


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_file_that_is_damaged_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(data)

    with pytest.raises(PlanError, match=r"plan\.json: it is (not JSON|no plan)"):
        read_plan(path, connection="here-123", now=NOW)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read"):
        read_plan(tmp_path / "plan.json", connection="here-123", now=NOW)


def test_a_pipe_or_a_device_is_not_made_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    with pytest.raises(PlanError, match="cannot be written: it is no ordinary file"):
        write_plan(path, _plan(BOX), replaces=True)

    assert path.is_fifo()


@pytest.mark.parametrize("is_link", [False, True], ids=["a file", "a link to nowhere"])
def test_what_is_there_already_is_replaced_only_on_request(tmp_path: Path, is_link: bool) -> None:
    path = tmp_path / "plan.json"
    if is_link:
        path.symlink_to(tmp_path / "nowhere")
    else:
        path.write_text("somebody's")

    with pytest.raises(PlanError, match=r"plan\.json is there already"):
        write_plan(path, _plan(BOX))
    assert path.is_symlink() if is_link else path.read_text() == "somebody's"
    write_plan(path, _plan(BOX), replaces=True)

    assert read_plan(path, connection="here-123", now=NOW).rows


def test_a_directory_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(PlanError, match="cannot be written"):
        write_plan(tmp_path / "file" / "plan.json", _plan(BOX))


def test_what_hangs_on_it_comes_back_and_keeps_it_from_being_deleted() -> None:
    ties = Ties(forks=("a", "b"), volumes=("/data",), linked=("c",))
    plan = _plan(BOX, action=Action.TTL)
    tied = replace(plan, rows=tuple(replace(row, ties=ties, is_looked_into=False) for row in plan.rows))
    told = json.loads(json.dumps(plan_as_json(tied)))

    (row,) = plan_from_json(told, connection="here-123", now=NOW).acting
    assert (row.ties, row.is_looked_into) == (ties, False)
    told["rows"][0]["action"] = "delete"
    (row,) = plan_from_json(told, connection="here-123", now=NOW).rows

    assert (row.is_acting, row.skip) == (False, "it has forks, which Daytona wants deleted first: a, b")


# Edited by hand


def _edited(change: Callable[[Any], None], *boxes: Sandbox) -> SweepPlan:
    value = json.loads(json.dumps(plan_as_json(_plan(*(boxes or (BOX,)), action=Action.TTL))))
    change(value)
    return plan_from_json(value, connection="here-123", now=NOW)


def test_an_action_can_be_edited() -> None:
    assert [row.action for row in _edited(_set("rows", 0, "action", value="delete")).acting] == [Action.DELETE]
    assert not _edited(_set("rows", 0, "chosen", value=False)).acting


@pytest.mark.parametrize("dollars", [10**400, float("nan"), "7", True])
def test_money_that_is_no_number_is_not_known(dollars: object) -> None:
    assert _edited(_set("rows", 0, "daily_usd", value=dollars)).rows[0].per_day is None


def test_an_id_that_another_sandbox_answers_to_is_left_alone() -> None:
    (row,) = _edited(_set("rows", 0, "id", value="b-2")).rows
    twin = replace(BOX, id=SandboxId("b-2"), created_at=NOW - timedelta(days=2))
    namesake = replace(BOX, name="b-2")

    for found in (twin, namesake):
        assert differences(row, found, NOW) == ("it is another sandbox now",)


@pytest.mark.parametrize("ttl_min", [0, -1, 1, 10**9])
def test_a_time_to_live_that_would_destroy_at_once_or_makes_no_sense_is_skipped(ttl_min: int) -> None:
    assert not _edited(_set("rows", 0, "ttl_min", value=ttl_min)).acting


def test_choosing_what_is_vetoed_is_of_no_use() -> None:
    kept = replace(BOX, labels={"keep": "true"})

    plan = _edited(_set("rows", 0, "chosen", value=True), kept)

    assert [(row.is_acting, row.skip) for row in plan.rows] == [(False, "label keep=true")]


def test_a_permit_is_for_a_time_to_live_alone() -> None:
    kept = replace(BOX, labels={"keep": "true"})
    value = json.loads(json.dumps(plan_as_json(_plan(kept))))
    value["rows"][0] |= {"permits": ["delete", "stop"], "chosen": True, "action": "delete"}

    assert not plan_from_json(value, connection="here-123", now=NOW).acting


def test_times_keep_their_offsets() -> None:
    assert _again(_plan(BOX)).made_at.astimezone(UTC) == NOW
