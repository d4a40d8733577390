"""The audit log is read as far back as is asked, and a log without an end ends."""

from __future__ import annotations

import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.audit import AuditQuestion
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.operations import audit_log
from daytona_tui.operations.audit_log import entries


async def test_pages_are_put_together_and_what_failed_is_chosen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = bench.sandbox.id
    for number in range(5):
        await bench.gateway.set_labels(sandbox, {"n": str(number)})
    question = AuditQuestion(action="replace_labels", target_id=sandbox)

    assert len(await entries(bench.gateway, question, limit=3)) == 3
    whole = await entries(bench.gateway, question, limit=1000)
    assert len(whole) == 5
    assert await entries(bench.gateway, question, limit=10, failed=True) == ()
    assert await entries(bench.gateway, question, limit=0) == ()
    monkeypatch.setattr(audit_log, "PAGE", 2)
    assert await entries(bench.gateway, question, limit=5) == whole


async def test_a_server_that_gives_the_same_page_for_ever(bench: Bench) -> None:
    rows = [{"id": "one", "action": "stop", "createdAt": "2026-11-20T10:00:00Z", "statusCode": 409}]
    body = {"items": rows, "nextToken": "again"}
    bench.emulator.faults.add(FaultRule(path="/api/audit/organizations/*", body=body))
    (entry,) = await entries(bench.gateway, AuditQuestion(), limit=1000)
    assert entry.is_bad
