"""What tests of the leak view, of sweeps, holds and the bin share."""

from __future__ import annotations

from tests.ui.acting_driver import tasks
from tests.ui.driver import Opened

from daytona_tui.domain.leaks import Verdicts
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.operations.sweep import SweepPlan
from daytona_tui.ui.panes.task_book import Task
from daytona_tui.ui.screens.sweep import SweepScreen
from daytona_tui.ui.screens.sweep_report import SweepReportScreen

SEED = "leaky:60"


def verdicts(opened: Opened) -> Verdicts:
    found = opened.fleet.leaks.verdicts
    assert found is not None
    return found


async def show_leaks(opened: Opened) -> Verdicts:
    """Open the leak view, and wait until suspects were looked into: what they use and whose they are is known."""
    await opened.press("exclamation_mark")
    await opened.until(lambda: opened.fleet.leaks.verdicts is not None and opened.fleet.view.ranking)
    pane = opened.fleet
    await opened.until(lambda: not pane.leaks.unseen() and not pane._is_looking)
    await opened.until(lambda: not pane.leaks._is_dirty and not pane._is_judging)
    return verdicts(opened)


async def go_to(opened: Opened, sandbox: Sandbox) -> None:
    """Put the cursor on a sandbox, also among headings, and wait until the panes follow."""
    await opened.until(lambda: opened.table.move_to(sandbox.id))
    await opened.until(lambda: opened.fleet._selected is not None and opened.fleet._selected.id == sandbox.id)


async def planned(opened: Opened, *keys: str) -> SweepScreen:
    """Ask for a plan, and wait for it."""
    await opened.press(*(keys or ("W",)))
    await opened.until(lambda: isinstance(opened.app.screen, SweepScreen) and opened.app.screen.plan is not None)
    await opened.pilot.pause()
    screen = opened.app.screen
    assert isinstance(screen, SweepScreen)
    return screen


def plan_of(screen: SweepScreen) -> SweepPlan:
    assert screen.plan is not None
    return screen.plan


def go_to_row(screen: SweepScreen, sandbox: Sandbox) -> None:
    """Put the cursor on the row of a sandbox."""
    ids = [row.sandbox.id for row in plan_of(screen).rows]
    screen.table.move_cursor(ids.index(sandbox.id))


async def reported(opened: Opened) -> SweepReportScreen:
    """Wait for the report of a sweep."""
    await opened.until(lambda: isinstance(opened.app.screen, SweepReportScreen))
    await opened.pilot.pause()
    screen = opened.app.screen
    assert isinstance(screen, SweepReportScreen)
    return screen


async def ended(opened: Opened, count: int = 1) -> Task:
    """Wait until so many tasks are over; return the newest."""
    await opened.until(lambda: len(tasks(opened)) >= count and all(task.is_over for task in tasks(opened)))
    await opened.pilot.pause()
    return tasks(opened)[0]
