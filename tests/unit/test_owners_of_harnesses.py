"""Owners of what the emulator plants by the published behaviour of harnesses, which knows nothing of the rules."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from daytona_tui.domain.owners import Confidence, owner_of
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxId, SandboxState
from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.emulator.seed import leaky_marks as marks

CERTAIN, LIKELY, GUESS, UNKNOWN = Confidence.CERTAIN, Confidence.LIKELY, Confidence.GUESS, Confidence.UNKNOWN
Made = Callable[[Random], marks.Marks]


def listed(fields: marks.Marks) -> Sandbox:
    """The sandbox with these fields as the program knows it: without a name it is called by its id."""
    sandbox_id = new_id()
    given: dict[str, Any] = {"id": sandbox_id, "name": sandbox_id, "state": "started"}
    record = SandboxRecord(**given | fields)
    return Sandbox(
        SandboxId(record.id),
        record.name,
        SandboxState.parse(record.state),
        labels=record.labels,
        snapshot=record.snapshot or "",
        lifetimes=Lifetimes(record.auto_stop, None, record.auto_archive, record.auto_delete),
    )


@pytest.mark.parametrize(
    ("made", "name", "confidence", "run"),
    [
        (lambda chance: marks.harbor(chance, "fix", "fix__8Qx2"), "harbor", CERTAIN, "fix__8Qx2"),
        (lambda chance: marks.harbor_kept(chance, "fix", "fix__8Qx2"), "harbor", CERTAIN, "fix__8Qx2"),
        (marks.harbor_unlabelled, "harbor", GUESS, ""),
        (lambda chance: marks.benchflow(chance, "ci"), "benchflow", CERTAIN, "ci"),
        (lambda chance: marks.inspect(chance, "7f3c", "gaia", 3), "inspect-ai", CERTAIN, "7f3c"),
        (lambda chance: marks.hermes(chance, "crawl"), "hermes", CERTAIN, "crawl-"),
        (marks.openai_agents, "openai-agents", GUESS, ""),
        (marks.omnigent, "omnigent", CERTAIN, "managed-"),
        (marks.openhands, "openhands", CERTAIN, ""),
        (marks.openhands_endless, "openhands", CERTAIN, ""),
        (marks.agno, "agno", CERTAIN, ""),
        (marks.mastra, "mastra", CERTAIN, "workspace-"),
        (marks.kortix, "kortix", CERTAIN, "agent"),
        (marks.n8n, "n8n", LIKELY, ""),
        (marks.pi, "pi", CERTAIN, ""),
        (marks.nemo_gym, "nemo-gym", CERTAIN, "nemo-gym-"),
        (lambda chance: marks.openenv(chance, "run-7"), "openenv", CERTAIN, "run-7"),
        (marks.bare, "", UNKNOWN, ""),
        (marks.wrapper, "", UNKNOWN, ""),
        (marks.rllm, "", UNKNOWN, ""),
        (marks.sim, "", UNKNOWN, ""),
    ],
)
def test_each_is_recognised_by_what_it_really_sets(made: Made, name: str, confidence: Confidence, run: str) -> None:
    for number in range(20):
        owner = owner_of(listed(made(Random(number))))
        assert (owner.name, owner.confidence) == (name, confidence), owner
        assert owner.run.startswith(run)
        assert owner.why


def test_what_nobody_named_says_how_it_was_made_where_that_can_be_told() -> None:
    assert owner_of(listed(marks.bare(Random(1)))).why.startswith("defaults only")
    assert owner_of(listed({"labels": {}})).why.startswith("no language label")
