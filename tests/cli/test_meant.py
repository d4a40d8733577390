"""Whom the words of ``start``, ``delete``, ``reap`` mean: sandboxes, or a filter, and nobody by chance."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.cli.conftest import Run

from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.emulator.server import Emulator

pytestmark = pytest.mark.parametrize("emulator", ["empty"], indirect=True)


def _add(emulator: Emulator, name: str, state: str = "stopped", *, sandbox_id: str = "") -> SandboxRecord:
    now = datetime.now(UTC) - timedelta(days=3)
    record = SandboxRecord(
        sandbox_id or new_id(), name, state=state, desired_state=state, auto_stop=0, created_at=now, updated_at=now,
        last_activity_at=now,
    )  # fmt: skip
    emulator.fleet.add(record)
    return record


async def test_a_beginning_is_that_sandbox_and_is_said(emulator: Emulator, run: Run) -> None:
    web, other = _add(emulator, "web-frontend"), _add(emulator, "old-web")

    outcome = await run("start", "web", "--yes", "--json")

    assert outcome.code == 0, outcome.err
    assert (web.state, other.state) == ("started", "stopped")
    assert f"'web' is the beginning of web-frontend ({web.id})" in outcome.err
    assert [(row["id"], row["is_as_wanted"]) for row in json.loads(outcome.out)] == [(web.id, True)]


async def test_nobody_is_deleted_unasked_by_the_beginning_of_a_name(emulator: Emulator, run: Run) -> None:
    one, ten = _add(emulator, "api-1"), _add(emulator, "api-10")
    assert (await run("delete", "api-1", "--yes")).code == 0
    assert (one.state, ten.state) == ("destroyed", "stopped")

    again = await run("delete", "api-1", "--yes")
    planned = await run("delete", "api-1", "--dry-run")

    assert again.code == 2
    assert f"'api-1' is the beginning of api-10 ({ten.id}); nothing was done" in again.err
    assert planned.code == 0
    assert "with --yes it would be refused" in planned.err
    assert ten.state == "stopped"


async def test_nor_by_a_text_that_is_somewhere_in_its_name(emulator: Emulator, run: Run) -> None:
    old = _add(emulator, "old-api")

    refused = await run("delete", "api", "--yes", "--json")

    assert refused.code == 2
    assert json.loads(refused.out)["error"]["code"] == "unclear"
    for words in (["old api"], ["api", "state:stopped"], ["api state:stopped"]):
        assert (await run("delete", *words, "--yes")).code == 2
    assert old.state == "stopped"
    assert (await run("delete", "name:*api", "--yes")).code == 0
    assert old.state == "destroyed"


async def test_eight_characters_of_an_id_are_enough(emulator: Emulator, run: Run) -> None:
    box = _add(emulator, "box", sandbox_id="0a1b2c3d-0000-4000-8000-000000000000")

    assert (await run("delete", "0a1b2c3", "--yes")).code == 2
    assert box.state == "stopped"
    assert (await run("delete", "0a1b2c3d", "--yes")).code == 0
    assert box.state == "destroyed"


async def test_words_that_are_no_key_are_text_where_nobody_begins_so(emulator: Emulator, run: Run) -> None:
    etl = _add(emulator, "nightly-etl")

    outcome = await run("start", "etl", "--yes")

    assert outcome.code == 0, outcome.err
    assert "no sandbox is called 'etl' or begins so: it is looked for as text" in outcome.err
    assert etl.state == "started"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["api"], 2, "may be any of api-1"),
        (["api-1", "nobody"], 5, "no sandbox is called 'nobody'"),
        (["api-1", "idle>1h"], 2, "'api-1' is a sandbox, and the other words are a filter"),
        (["api-1", ""], 2, "one of the words is empty"),
        (["no,body"], 2, "the filter"),
    ],
)
async def test_what_is_not_clear_does_nothing(
    emulator: Emulator, run: Run, words: list[str], code: int, told: str
) -> None:
    both = [_add(emulator, "api-1"), _add(emulator, "api-2")]

    outcome = await run("start", *words, "--yes")

    assert (outcome.code, outcome.out) == (code, b"")
    assert told in outcome.err
    assert {each.state for each in both} == {"stopped"}


async def test_a_name_may_look_like_a_filter(emulator: Emulator, run: Run) -> None:
    odd, flagged = _add(emulator, "a,b: c"), _add(emulator, "error")

    assert (await run("start", "a,b: c", "error", "--yes")).code == 0
    assert {odd.state, flagged.state} == {"started"}


async def test_nobody_is_deleted_unasked_for_being_called_as_a_filter_is(emulator: Emulator, run: Run) -> None:
    hostile = _add(emulator, "state:stopped", "started")

    refused = await run("delete", "state:stopped", "--yes")

    assert refused.code == 2
    assert f"'state:stopped' is the name of {hostile.id}, and would be a filter" in refused.err
    assert hostile.state == "started"
    assert (await run("delete", hostile.id, "--yes")).code == 0


@pytest.mark.parametrize("words", ["!web", "NOT web", "web or !web", "!(state:started web)"])
async def test_nor_for_what_is_not_in_its_name(emulator: Emulator, run: Run, words: str) -> None:
    other = _add(emulator, "api")

    refused = await run("delete", words, "--yes")

    assert refused.code == 2, refused.err
    assert "is looked for as text" in refused.err
    assert other.state == "stopped"


async def test_who_is_so_already_is_no_failure_and_who_is_refused_is_one(emulator: Emulator, run: Run) -> None:
    _add(emulator, "runs", "started")
    _add(emulator, "kept", "archived")

    already = await run("start", "runs", "--yes", "--json")
    rests = await run("stop", "kept", "--yes")
    refused = await run("pause", "kept", "--yes", "--json")
    unnamed = await run("pause", "name:kept", "--yes")

    assert [already.code, rests.code, refused.code, unnamed.code] == [0, 0, 1, 0]
    assert [row["is_as_wanted"] for row in json.loads(already.out)] == [True]
    assert [(row["status"], row["is_as_wanted"]) for row in json.loads(refused.out)] == [("skipped", False)]
    assert "kept: not paused: it is archived" in refused.err
    assert "kept: skipped: it is archived" in unnamed.err


async def test_reap_goes_by_the_same_words(emulator: Emulator, run: Run) -> None:
    for name in ("api-1", "api-2", "web-1"):
        _add(emulator, name)

    unclear = await run("reap", "api")
    web = await run("reap", "web", "--band", "untidy", "--json")

    assert unclear.code == 2
    assert "may be any of api-1" in unclear.err
    assert "'web' is the beginning of web-1" in web.err
    assert {row["name"] for row in json.loads(web.out)["rows"]} <= {"web-1"}
