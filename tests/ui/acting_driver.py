"""What tests of acting share: marks, answers to dialogs, tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.ui.driver import Opened
from textual.screen import Screen
from textual.widgets import Input

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.ui.panes.bulk_task import BulkTask
from daytona_tui.ui.panes.task_book import Task
from daytona_tui.ui.screens.confirm import ConfirmScreen


def lasting(opened: Opened, state: str, count: int) -> list[Sandbox]:
    """Return sandboxes in a state that nothing deletes when they stop, containers all of them."""
    found = [
        sandbox
        for sandbox in opened.fleet.store.fleet
        if sandbox.state == state and sandbox.lifetimes.auto_delete_min != 0 and sandbox.sandbox_class == "container"
    ]
    assert len(found) >= count, f"only {len(found)} {state}"
    return found[:count]


async def open_editor(opened: Opened, key: str, editor: type[Screen[Any]], *names: str) -> None:
    """Open an editor for sandboxes by its key, and wait until it takes keys."""
    for name in names:
        await opened.go_to(name)
        if len(names) > 1:
            await opened.press("space")
    await opened.press(key)
    await opened.until(lambda: isinstance(opened.app.screen, editor) and isinstance(opened.app.focused, Input))
    await opened.pilot.pause()


async def mark(opened: Opened, sandboxes: Sequence[Sandbox]) -> None:
    """Mark sandboxes with the cursor and the space bar."""
    for sandbox in sandboxes:
        await opened.go_to(sandbox.name)
        await opened.press("space")
    assert {sandbox.id for sandbox in sandboxes} <= opened.fleet.view.marks


def told(opened: Opened) -> str:
    """Return all notices."""
    return "\n".join(f"{notice.title} {notice.message}" for notice in opened.notices)


async def asked(opened: Opened) -> ConfirmScreen:
    """Wait for a question."""
    await opened.until(lambda: isinstance(opened.app.screen, ConfirmScreen))
    assert isinstance(opened.app.screen, ConfirmScreen)
    return opened.app.screen


async def say_yes(opened: Opened) -> None:
    """Answer a question with yes, typing what is wanted."""
    question = (await asked(opened)).question
    if question.typed:
        await opened.press(*question.typed, "enter", "enter")
    else:
        await opened.press("right", "enter")
    await opened.until(lambda: not isinstance(opened.app.screen, ConfirmScreen))


def tasks(opened: Opened) -> list[Task]:
    """Return the tasks, the newest first."""
    return opened.screen.tasks_pane.book.tasks


async def begun(opened: Opened, count: int = 1) -> BulkTask:
    """Wait until so many tasks were begun; return the newest."""
    await opened.until(lambda: len(tasks(opened)) >= count)
    newest = tasks(opened)[0]
    assert isinstance(newest, BulkTask)
    return newest


async def over(opened: Opened, count: int = 1) -> BulkTask:
    """Wait until so many tasks were begun and the newest is over; return that."""
    task = await begun(opened, count)
    await opened.until(lambda: task.is_over)
    await opened.settle()
    return task
