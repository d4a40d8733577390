"""What a bulk act leaves in the journal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.operations.bulk_helpers import QUICK, fleet_of, plan_for, until
from tests.operations.conftest import Bench

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit, Verb
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.operations.bulk import BulkRun, RowStatus, Tempo
from daytona_tui.operations.journal import Journal


async def _run(bench: Bench, journal: Journal, deed: Deed, *states: SandboxState) -> BulkRun:
    run = BulkRun(plan_for(deed, await fleet_of(bench, *states)), bench.gateway, journal=journal, tempo=QUICK)
    await run.run()
    return run


async def test_every_act_is_kept_with_its_outcome_and_a_line_for_a_shell(bench: Bench, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "state" / "journal.jsonl", profile="work")
    bench.emulator.faults.add(FaultRule(path="*/stop", status=500, times=1))

    run = await _run(bench, journal, Deed(Verb.STOP), SandboxState.STARTED)

    entries = await journal.recent(100)
    assert {(each.sandbox_id, each.outcome) for each in entries} == {(row.sandbox.id, row.status) for row in run.rows}
    assert sorted(each.outcome for each in entries)[-1] == "failed"
    assert {each.line for each in entries} == {f"daytona stop {row.sandbox.id}" for row in run.rows}
    assert {(each.verb, each.profile) for each in entries} == {("stop", "work")}
    assert journal.take_trouble() == ""


async def test_what_was_not_touched_is_not_kept(bench: Bench, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")

    run = await _run(bench, journal, Deed(Verb.START), SandboxState.STARTED)

    assert {row.status for row in run.rows} == {RowStatus.SKIPPED}
    assert await journal.recent(10) == ()


@pytest.mark.parametrize(
    ("deed", "line"),
    [
        (
            Deed(Verb.LABELS, labels=LabelEdit({"api_key": "hush", "team": "ml"})),
            '"api_key": "***"',
        ),
        (
            Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit(auto_stop_min=9)),
            'curl -X POST -H "Authorization: Bearer $DAYTONA_API_KEY" "$DAYTONA_API_URL/sandbox/',
        ),
        (Deed(Verb.EXECUTE, command="TOKEN=hush env | grep hush0 -c; true"), "sh -c 'TOKEN=*** env"),
        (Deed(Verb.FORCE_STOP), 'stop?force=true"'),
    ],
)
async def test_no_secret_is_kept(bench: Bench, tmp_path: Path, deed: Deed, line: str) -> None:
    journal = Journal(tmp_path / "journal.jsonl")

    await _run(bench, journal, deed, SandboxState.STARTED)

    entry = (await journal.recent(1))[0]
    assert line in entry.line
    text = journal.path.read_text()
    assert bench.emulator.api_key not in text
    assert '"hush"' not in text
    assert "=hush" not in text


async def test_an_interrupted_act_is_kept_too(bench: Bench, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    bench.emulator.faults.add(FaultRule(path="*/stop", silent=True))
    plan = plan_for(Deed(Verb.STOP), await fleet_of(bench, SandboxState.STARTED))
    run = BulkRun(plan, bench.gateway, journal=journal, tempo=Tempo(at_once=1))
    task = asyncio.create_task(run.run())
    await until(lambda: run.rows[0].step == "stopping" or run.rows[0].is_over)
    await until(lambda: any(row.step == "stopping" and not row.is_over for row in run.rows))

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert (await journal.recent(1))[0].outcome == "cancelled"
    assert (await journal.recent(1))[0].detail == "interrupted: it may still happen"


async def test_a_journal_that_cannot_be_written_stops_no_act(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    journal = Journal(tmp_path / "file" / "journal.jsonl")

    run = await _run(bench, journal, Deed(Verb.STOP), SandboxState.STARTED)

    assert {row.status for row in run.rows} == {RowStatus.DONE}
    assert journal.take_trouble().startswith("the journal cannot be written: ")
    assert journal.take_trouble() == ""
