"""Looks of the hunt: what leaks, the plan of a sweep, the question, the way there, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from tests.baselines.test_screens import shows, sizes
from tests.ui.driver import screen_text, until
from textual.pilot import Pilot

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.operations.bulk import rows
from daytona_tui.ui.panes import sweep_task
from daytona_tui.ui.screens.fleet import FleetScreen

SLOW = ("49952399-c4aa-4ac1-b7dc-76fb0f17a300", "f341e07a-83f7-4f16-9bf4-a8b2b0c4312d")
"""Two of that run."""

AsPictured = Callable[..., bool]

SEED = "leaky:40:7"
"""Nearly everything that happens, once; a run of eight stands at the top."""


async def _show_leaks(pilot: Pilot[int]) -> None:
    """Show the leaks, looked into: otherwise a picture is of the moment in which the answers come."""
    await shows(pilot, "● live")
    await pilot.press("exclamation_mark")
    screen = pilot.app.screen
    assert isinstance(screen, FleetScreen)
    pane = screen.fleet_pane
    await until(pilot, lambda: pane.view.ranking is not None and not pane.leaks.unseen() and not pane._is_looking)
    await until(pilot, lambda: not pane.leaks._is_dirty and not pane._is_judging)


async def _plan(pilot: Pilot[int]) -> None:
    await _show_leaks(pilot)
    await pilot.press("W")
    await shows(pilot, "Sweep", "chosen", "space chooses")


async def _agree(pilot: Pilot[int]) -> None:
    await _plan(pilot)
    await pilot.press("enter")
    await shows(pilot, "Type 9 to go on")
    await pilot.press("9", "enter", "enter")


@sizes
def test_the_leak_view(screen_is_as_pictured: AsPictured, size: tuple[int, int]) -> None:
    """Look at: the dearest run first; money, reason, guard and first offer of each row; the total in the top line."""
    assert screen_is_as_pictured(_show_leaks, size, seed=SEED)


@sizes
def test_the_plan_of_a_sweep(screen_is_as_pictured: AsPictured, size: tuple[int, int]) -> None:
    """Look at: what is chosen and why, what comes of each row, and what it all sums up to."""
    assert screen_is_as_pictured(_plan, size, seed=SEED)


@pytest.mark.parametrize("size", [(160, 45), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_sweep_that_deletes_asks(screen_is_as_pictured: AsPictured, size: tuple[int, int]) -> None:
    """Look at: deletion is told from the rest, what is lost is named, and what has to be typed."""

    async def scene(pilot: Pilot[int]) -> None:
        await _plan(pilot)
        await pilot.press("D", "enter")
        await shows(pilot, "to go on")

    assert screen_is_as_pictured(scene, size, seed=SEED)


@pytest.mark.parametrize("size", [(160, 45), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_sweep_under_way(
    screen_is_as_pictured: AsPictured, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Look at: what is done, what is being done, what waits, and how to give it up."""

    async def scene(pilot: Pilot[int]) -> None:
        await _agree(pilot)
        await shows(pilot, "Sweep 9 sandboxes")
        await pilot.press("w", "enter")
        await shows(pilot, "7 of 9", "setting time to live", "24 suspects")

    for each in (rows, sweep_task):
        monkeypatch.setattr(each, "time", SimpleNamespace(monotonic=lambda: 0.0))  # a picture has no seconds that pass
    slow = [FaultRule(method="POST", path=f"*{sandbox_id}*", delay_s=60) for sandbox_id in SLOW]
    assert screen_is_as_pictured(scene, size, seed=SEED, faults=slow)


def test_the_report_of_a_sweep(screen_is_as_pictured: AsPictured) -> None:
    """Look at: failures first with their reason, what was reached for each of the others, how to keep it."""

    async def scene(pilot: Pilot[int]) -> None:
        await _agree(pilot)
        await shows(pilot, "saves it as JSON", "22 suspects")
        await until(pilot, lambda: "Verifying" not in screen_text(pilot.app))

    assert screen_is_as_pictured(scene, (160, 45), seed=SEED)
