"""Deeds on a sandbox, through the real gateway, until they have settled."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.errors import ConflictError, NotFoundError
from daytona_tui.operations import lifecycle


async def test_start_and_stop_tell_their_steps_and_return_the_new_state(bench: Bench) -> None:
    steps: list[str] = []
    stopped = await bench.in_state(SandboxState.STOPPED)

    started = await lifecycle.start(bench.gateway, stopped, on_step=steps.append)
    again = await lifecycle.stop(bench.gateway, started, on_step=steps.append)

    assert started.state is SandboxState.STARTED
    assert again is not None
    assert again.state is SandboxState.STOPPED
    assert steps == ["starting", "stopping"]


async def test_an_archived_one_is_restored(bench: Bench) -> None:
    steps: list[str] = []
    archived = await bench.in_state(SandboxState.ARCHIVED)

    started = await lifecycle.start(bench.gateway, archived, on_step=steps.append)

    assert started.is_running
    assert steps == ["restoring"]


async def test_archiving_a_running_one_stops_it_first_and_says_so(bench: Bench) -> None:
    steps: list[str] = []

    archived = await lifecycle.archive(bench.gateway, bench.sandbox, on_step=steps.append)

    assert archived.state is SandboxState.ARCHIVED
    assert steps == ["stopping", "archiving"]


async def test_archiving_what_stopping_would_delete_is_refused_before_anything_happens(bench: Bench) -> None:
    doomed = replace(bench.sandbox, lifetimes=replace(bench.sandbox.lifetimes, auto_delete_min=0))

    with pytest.raises(ConflictError, match="stopping would delete it"):
        await lifecycle.archive(bench.gateway, doomed)

    assert (await bench.gateway.get(bench.sandbox.id)).is_running


async def test_a_deleted_one_is_gone(bench: Bench) -> None:
    steps: list[str] = []

    await lifecycle.delete(bench.gateway, bench.sandbox, on_step=steps.append)

    with pytest.raises(NotFoundError):
        await bench.gateway.get(bench.sandbox.id)
    assert steps == ["deleting"]


async def test_what_the_state_forbids_is_not_even_asked(bench: Bench) -> None:
    steps: list[str] = []

    with pytest.raises(ConflictError, match="started already"):
        await lifecycle.start(bench.gateway, bench.sandbox, on_step=steps.append)

    assert steps == []
