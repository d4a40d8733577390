"""Records of the wire become sandboxes, however odd they are."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daytona_tui.client.mapping import page_from, sandbox_from, time_from
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.errors import ProtocolError

# A busy machine is no failure.
PATIENT = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])

ROW: dict[str, Any] = {
    "id": "11111111-2222-4333-8444-555555555555",
    "organizationId": "org",
    "name": "calm-otter",
    "user": "daytona",
    "target": "us",
    "snapshot": "daytona-small",
    "labels": {"owner": "ada"},
    "state": "started",
    "desiredState": "started",
    "cpu": 1,
    "memory": 2,
    "disk": 3,
    "gpu": 0,
    "public": False,
    "recoverable": None,
    "errorReason": None,
    "autoStopInterval": 15,
    "autoArchiveInterval": 10080.0,
    "autoDeleteInterval": -1,
    "autoDestroyAt": "2026-11-22T00:00:00Z",
    "createdAt": "2026-11-20T10:00:00.123Z",
    "updatedAt": "2026-11-20T10:00:01.000Z",
    "lastActivityAt": "2026-11-20T10:00:02.000Z",
    "somethingNew": {"is": "ignored"},
}


def mapped(**changes: Any) -> Sandbox:
    sandbox = sandbox_from({**ROW, **changes})
    assert sandbox is not None
    return sandbox


def test_a_whole_record_maps_without_oddities() -> None:
    sandbox = mapped()
    assert sandbox.name == "calm-otter"
    assert sandbox.state is SandboxState.STARTED
    assert dict(sandbox.labels) == {"owner": "ada"}
    assert (sandbox.resources.cpu, sandbox.resources.memory_gib, sandbox.resources.disk_gib) == (1, 2, 3)
    assert sandbox.lifetimes.auto_archive_min == 10080
    assert sandbox.lifetimes.auto_delete_min == -1
    assert sandbox.lifetimes.auto_pause_min is None
    assert sandbox.lifetimes.destroy_at == datetime(2026, 11, 22, tzinfo=UTC)
    assert sandbox.created_at == datetime(2026, 11, 20, 10, 0, 0, 123000, tzinfo=UTC)
    assert sandbox.oddities == ()


def test_equal_records_make_equal_sandboxes() -> None:
    assert mapped() == sandbox_from(copy.deepcopy(ROW))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"state": "hibernating"}, "state"),
        ({"state": None}, "state"),
        ({"state": 7}, "state"),
        ({"labels": None}, "labels"),
        ({"labels": ["x"]}, "labels"),
        ({"labels": {"a": 1}}, "label 'a'"),
        ({"labels": {"a": None, "b": "kept"}}, "label 'a'"),
        ({"cpu": "2"}, "cpu"),
        ({"cpu": 1.5}, "cpu"),
        ({"cpu": True}, "cpu"),
        ({"autoStopInterval": {}}, "autoStopInterval"),
        ({"createdAt": "yesterday"}, "createdAt"),
        ({"lastActivityAt": 12}, "lastActivityAt"),
        ({"public": "no"}, "public"),
        ({"name": None}, "name"),
        ({"name": ["x"]}, "name"),
        ({"errorReason": {"x": 1}}, "errorReason"),
    ],
)
def test_an_odd_field_costs_one_cell(changes: dict[str, Any], word: str) -> None:
    sandbox = mapped(**changes)
    assert len(sandbox.oddities) == 1
    assert sandbox.oddities[0].startswith(word)
    assert sandbox.region == "us"
    assert sandbox.resources.disk_gib == 3
    assert sandbox.name


def test_an_unknown_state_keeps_its_word() -> None:
    sandbox = mapped(state="hibernating")
    assert (sandbox.state, sandbox.state_word) == (SandboxState.UNKNOWN, "hibernating")


def test_odd_labels_stay_readable() -> None:
    assert dict(mapped(labels={"a": 1, "b": "x", "c": None}).labels) == {"a": "1", "b": "x", "c": ""}


def test_oddities_hold_no_control_characters() -> None:
    assert all(oddity.isprintable() for oddity in mapped(state="\x1b[31mred", labels={"\n": "x", "y": []}).oddities)


@pytest.mark.parametrize("key", sorted(set(ROW) - {"id"}))
def test_a_missing_field_costs_one_cell_at_most(key: str) -> None:
    sandbox = sandbox_from({name: value for name, value in ROW.items() if name != key})
    assert sandbox is not None
    assert len(sandbox.oddities) <= 1


@PATIENT
@given(
    st.dictionaries(
        st.sampled_from(sorted(ROW)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=5,
        ),
    )
)
def test_no_record_whatever_raises(changes: dict[str, Any]) -> None:
    sandbox = sandbox_from({**ROW, **changes})
    has_id = isinstance(changes.get("id", "x"), str) and changes.get("id", "x") != ""
    assert (sandbox is not None) == has_id


def test_rows_without_id_are_dropped_and_counted() -> None:
    page = page_from({"items": [ROW, {**ROW, "id": None}, {"name": "x"}, None, "row"], "nextCursor": "c"})
    assert (len(page.sandboxes), page.nameless, page.next_cursor) == (1, 4, "c")


@pytest.mark.parametrize("cursor", [None, "", 5, []])
def test_a_cursor_that_is_none_ends_the_list(cursor: object) -> None:
    assert page_from({"items": [], "nextCursor": cursor}).next_cursor == ""


@pytest.mark.parametrize("body", [None, [], "x", {}, {"items": None}, {"items": {}}])
def test_nonsense_in_place_of_a_list_is_a_protocol_error(body: object) -> None:
    with pytest.raises(ProtocolError):
        page_from(body)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T11:00:00+01:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00.123456789Z", datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-20 10:00:00.5 +0000 UTC", datetime(2026, 11, 20, 10, 0, 0, 500000, tzinfo=UTC)),
        ("2026-11-20 12:00:00 +0200 CEST", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-13-20T10:00:00Z", None),
        ("soon", None),
    ],
)
def test_times_in_both_notations(text: str, expected: datetime | None) -> None:
    assert time_from(text) == expected
