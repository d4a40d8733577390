"""``list`` with what narrows it at the server, and ``get``."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Run

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator


@pytest.mark.parametrize("emulator", ["fleet:450"], indirect=True)
async def test_flags_narrow_and_a_limit_asks_for_no_more_than_it_takes(run: Run, emulator: Emulator) -> None:
    records = sorted(emulator.fleet.records.values(), key=lambda each: (each.name.casefold(), each.id))
    counted = emulator.faults.add(FaultRule(path="/api/sandbox", delay_s=0))

    async def ids(*words: str) -> list[str]:
        outcome = await run("list", *words, "--json")
        assert outcome.code == 0, outcome.err
        return [row["id"] for row in json.loads(outcome.out)]

    assert await ids("--limit", "3") == [each.id for each in records[:3]]
    assert counted.hits <= 2, "a page, and at most the one that is asked for in advance"

    by_line = (await run("list", "--limit", "3", "--jsonl")).out.splitlines()
    assert [json.loads(line)["id"] for line in by_line] == [each.id for each in records[:3]]

    prefix = records[0].name[:2].upper()
    begin = [each.id for each in records if each.name.casefold().startswith(prefix.casefold())]
    assert await ids("--name-prefix", prefix) == begin

    key, value = next((key, value) for each in records for key, value in each.labels.items())
    assert await ids("--label", key) == [each.id for each in records if key in each.labels]
    exactly = [each.id for each in records if each.labels.get(key) == value]
    assert await ids("--label", f"{key}={value}") == exactly
    wanted = [each.id for each in records if each.labels.get(key) == value and each.state == "started"]
    assert await ids("--label", f"{key}={value}", "--state", "started", "state:started", "--limit", "2") == wanted[:2]
    assert await ids("--name-prefix", "nobody-is-called-so") == []


async def test_a_flag_that_means_nothing_is_a_usage_mistake(run: Run) -> None:
    for words in (["--limit", "0"], ["--limit", "-1"], ["--limit", "x"], ["--limit", "9" * 12], ["--label", "=x"]):
        outcome = await run("list", *words)
        assert (outcome.code, outcome.out) == (2, b""), words
        assert words[0] in outcome.err


async def test_one_sandbox_as_words_and_as_an_object(run: Run, emulator: Emulator) -> None:
    record = next(each for each in emulator.fleet.records.values() if each.name == "scratch")
    listed = json.loads((await run("list", "--name-prefix", "scratch", "--json")).out)

    told = await run("get", record.id[:6])
    as_json, as_line = await run("get", "scratch", "--json"), await run("get", "scratch", "--jsonl")

    assert told.code == 0, told.err
    lines = told.out.decode().splitlines()
    facts = [line.split(maxsplit=1) for line in lines]
    assert ["id", record.id] in facts
    assert ["labels", "purpose=scratch"] in facts
    assert json.loads(as_json.out) == json.loads(as_line.out)
    assert {**json.loads(as_json.out), "last_activity_at": None} == {**listed[0], "last_activity_at": None}
    assert as_line.out.count(b"\n") == 1

    emulator.fleet.distort(record.id, {"name": "evil\x1b[31m\nid  x", "labels": {"a": "b\n\x1b[2J"}})
    hostile = await run("get", record.id)
    assert b"\x1b" not in hostile.out
    assert len(hostile.out.splitlines()) <= len(lines)

    gone = await run("get", "nosuch", "--json")
    assert (gone.code, json.loads(gone.out)["error"]["code"]) == (5, "not_found")
    several = await run("get", "hermes", "--json")
    assert (several.code, json.loads(several.out)["error"]["code"]) == (2, "ambiguous")
    assert "hermes-docs-crawl" in several.err
    nothing = await run("exec", "scratch", "--json")
    assert (nothing.code, json.loads(nothing.out)["error"]["code"]) == (2, "usage")
    for words in (["resize", "scratch", "--cpu", "1.5"], ["resize", "scratch", "--cpu", "0"]):
        assert "is not a whole number from 1 on" in (await run(*words)).err
