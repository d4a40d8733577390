"""Transfers of the files pane: the queue, pause, push, a stopped sandbox, the history."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.ui.driver import OpenApp
from tests.ui.panes_driver import Inside, inside
from textual.widgets import Static

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.operations.transferring import Direction, TransferOrder
from daytona_tui.presentation.tasks import Status
from daytona_tui.ui.panes.transfer_task import TransferTask
from daytona_tui.ui.screens.deciding import DecideScreen
from daytona_tui.ui.screens.history import HistoryScreen
from daytona_tui.ui.screens.transfer import PullScreen, PushScreen, TransferScreen


def furnish(home: Path) -> None:
    (home / "src" / "deep").mkdir(parents=True)
    (home / "src" / "main.py").write_text("print(1)\n")
    (home / "src" / "deep" / "data.bin").write_bytes(os.urandom(50_000))
    (home / "notes.md").write_text("# Notes\n")


async def begin(here: Inside, name: str) -> None:
    furnish(here.home)
    await here.opened.press("2", "r")
    await here.put_cursor_on(name)


async def dialog(here: Inside, key: str) -> TransferScreen:
    await here.opened.press(key)
    await here.opened.until(lambda: isinstance(here.opened.app.screen, TransferScreen))
    screen = here.opened.app.screen
    assert isinstance(screen, TransferScreen)
    return screen


def pull_of(here: Inside, name: str, destination: Path) -> TransferOrder:
    source = f"{here.files.remote.root}/{name}" if here.files.remote else ""
    return TransferOrder(Direction.PULL, here.sandbox, (source,), str(destination))


def status(task: TransferTask) -> Status:
    return task.parts[0].status


async def test_the_dialog_says_what_a_pull_comes_to_before_it_runs(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        (here.home / "src" / "__pycache__").mkdir(parents=True)
        (here.home / "src" / "__pycache__" / "x.pyc").write_text("x")
        (here.home / "src" / "a.py").write_text("a")
        (here.home / "src" / "b.log").write_text("b")
        await here.opened.press("2", "r")
        await here.put_cursor_on("src")

        screen = await dialog(here, "p")
        assert isinstance(screen, PullScreen)
        await here.opened.until(lambda: "2 files, 2 B" in here.text)
        assert "1 left out: __pycache__" in here.text
        screen.query_one("#ignore").value = "*.log"  # type: ignore[attr-defined]
        await here.opened.until(lambda: "1 file, 1 B" in here.text)
        await here.opened.press("escape")
        assert here.opened.app.screen is here.screen


async def test_two_run_at_once_and_the_third_waits_until_one_is_paused(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        here.opened.emulator.faults.add(FaultRule(path="*/files/download", delay_s=30))
        here.opened.emulator.faults.add(FaultRule(path="*/bulk-download", delay_s=30))

        tasks = [here.files.transfers.start(pull_of(here, "notes.md", tmp_path / f"to-{n}.md")) for n in range(3)]
        await here.opened.until(lambda: [status(task) for task in tasks].count(Status.RUNNING) == 2)
        assert status(tasks[2]) is Status.WAITING
        await here.opened.until(lambda: "1 waiting" in here.text)

        await here.opened.press("w")
        here.screen.tasks_pane.list.move_cursor(2)  # the oldest
        await here.opened.press("space")
        await here.opened.until(lambda: tasks[0].is_paused and status(tasks[2]) is Status.RUNNING)
        assert "paused" in here.text

        await here.opened.press("space")
        for task in tasks[1:]:
            task.cancel()
        await here.opened.until(lambda: tasks[0].running.is_set() and tasks[0].holds_slot)
        tasks[0].cancel()
        await here.opened.until(lambda: not here.files.transfers.is_busy)
        assert not list(tmp_path.glob("to-*"))


async def test_marked_entries_are_pulled_together(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "src")
        await here.opened.press("space", "space")

        screen = await dialog(here, "p")
        screen.query_one("#destination").value = str(tmp_path / "mine")  # type: ignore[attr-defined]
        await here.opened.until(lambda: "3 files" in here.text)
        await here.opened.press("enter")
        await here.opened.until(lambda: "Pulled" in here.notices)

        assert (tmp_path / "mine" / "notes.md").read_text() == "# Notes\n"
        assert (tmp_path / "mine" / "src" / "main.py").read_text() == "print(1)\n"


async def test_a_push_puts_files_where_the_cursor_is(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        mine = tmp_path / "my data"
        mine.mkdir()
        (mine / "a.bin").write_bytes(os.urandom(20_000))

        screen = await dialog(here, "u")
        assert isinstance(screen, PushScreen)
        screen.query_one("#sources").value = f"'{mine}'"  # type: ignore[attr-defined]
        await here.opened.until(lambda: "1 file, 20 KB" in here.text)
        await here.opened.press("enter")
        await here.opened.until(lambda: "Pushed" in here.notices)

        assert (here.home / "my data" / "a.bin").read_bytes() == (mine / "a.bin").read_bytes()
        await here.opened.until(lambda: "my data" in here.names())


async def test_a_stopped_sandbox_is_started_for_a_pull_and_stopped_again(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        await here.gateway.stop(here.sandbox.id, timeout_s=20)
        await here.opened.until(lambda: "files can be read while it runs" in here.text)

        assert "s starts it · p pulls all the same" in here.text
        screen = await dialog(here, "P")
        await here.opened.until(lambda: "Enter will start it, pull, stop it again" in here.text)
        screen.query_one("#destination").value = str(tmp_path / "mine")  # type: ignore[attr-defined]
        await here.opened.press("enter")
        await here.opened.until(lambda: "Pulled" in here.notices)

        assert (tmp_path / "mine" / "src" / "main.py").read_text() == "print(1)\n"
        assert (await here.gateway.get(here.sandbox.id)).state.value == "stopped"


async def test_the_history_offers_a_transfer_again_and_shows_it_in_the_files(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        task = here.files.transfers.start(pull_of(here, "notes.md", tmp_path / "n.md"))
        await here.opened.until(lambda: task.is_over)
        await here.opened.settle()

        await here.opened.press("w", "H")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, HistoryScreen))
        await here.opened.until(lambda: "1 file, 8 B" in here.text)
        await here.opened.press("R")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, PullScreen))
        await here.opened.until(lambda: "1 the same already" in here.text)
        await here.opened.press("escape", "H")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, HistoryScreen) and "8 B" in here.text)
        await here.opened.press("f")

        await here.opened.until(lambda: here.screen.current_pane is here.files)
        await here.opened.until(lambda: here.files.entry is not None and here.files.entry.name == "notes.md")


async def test_what_the_dialog_is_told_wrongly_is_said(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")

        screen = await dialog(here, "u")
        await here.opened.press("enter")
        await here.opened.until(lambda: "type what to copy" in here.text)
        screen.query_one("#sources").value = "'half"  # type: ignore[attr-defined]
        await here.opened.press("enter")
        await here.opened.until(lambda: "a quotation mark has no partner" in here.text)
        screen.query_one("#sources").value = str(tmp_path / "nothing-here")  # type: ignore[attr-defined]
        await here.opened.until(lambda: "nothing-here" in str(screen.query_one("#plan", Static).render()))
        await here.opened.press("escape")
        assert here.opened.app.screen is here.screen


async def test_one_that_came_to_nothing_is_asked_about_again(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        (tmp_path / "n.md").write_text("mine")
        task = here.files.transfers.start(pull_of(here, "notes.md", tmp_path / "n.md"))
        await here.opened.until(lambda: isinstance(here.opened.app.screen, DecideScreen))
        await here.opened.press("escape")
        await here.opened.until(lambda: status(task) is Status.CANCELLED)
        assert (tmp_path / "n.md").read_text() == "mine"

        await here.opened.press("w", "R")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, PullScreen))
        await here.opened.until(lambda: "1 exists and differs" in here.text)
        await here.opened.press("enter")
        await here.opened.press("right", "enter")

        await here.opened.until(lambda: "Pulled" in here.notices)
        assert (tmp_path / "n.md").read_text() == "# Notes\n"


async def test_nothing_is_started_for_a_push_of_what_is_not_there(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        stopped = await here.gateway.stop(here.sandbox.id, timeout_s=20)
        assert stopped is not None
        starts = here.opened.emulator.faults.add(FaultRule(path="*/start"))

        order = TransferOrder(Direction.PUSH, stopped, (str(tmp_path / "nowhere"),), "", wakes=True)
        task = here.files.transfers.start(order)
        await here.opened.until(lambda: task.is_over)

        assert "nowhere: it does not exist" in task.parts[0].detail
        assert starts.hits == 0


async def test_one_that_was_started_meanwhile_is_pulled_from_as_it_is(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        source = f"{here.files.remote.root}/notes.md" if here.files.remote else ""
        stopped = await here.gateway.stop(here.sandbox.id, timeout_s=20)
        assert stopped is not None
        await here.gateway.start(here.sandbox.id, timeout_s=20)

        order = TransferOrder(Direction.PULL, stopped, (source,), str(tmp_path / "n.md"), wakes=True)
        task = here.files.transfers.start(order)
        await here.opened.until(lambda: task.is_over)

        assert status(task) is Status.DONE
        assert (await here.gateway.get(here.sandbox.id)).is_running


async def test_enter_begins_wherever_the_cursor_of_the_dialog_is(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        screen = await dialog(here, "p")
        screen.query_one("#destination").value = str(tmp_path / "n.md")  # type: ignore[attr-defined]
        await here.opened.until(lambda: "1 file, 8 B" in here.text)

        screen.query_one("#gitignore").focus()
        await here.opened.press("enter")

        await here.opened.until(lambda: "Pulled" in here.notices)
        assert (tmp_path / "n.md").read_text() == "# Notes\n"


async def test_what_is_found_there_only_on_the_way_is_asked_about(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        (tmp_path / "n.md").write_text("mine")

        task = here.files.transfers.start(pull_of(here, "notes.md", tmp_path / "n.md"))
        await here.opened.until(lambda: isinstance(here.opened.app.screen, DecideScreen))
        await here.opened.until(lambda: "keep it" in here.text and "notes.md" in here.text)
        assert "1 there already" in task.parts[0].detail
        await here.opened.press("escape")
        await here.opened.until(lambda: status(task) is Status.CANCELLED)
        assert (tmp_path / "n.md").read_text() == "mine"

        task = here.files.transfers.start(pull_of(here, "notes.md", tmp_path / "n.md"))
        await here.opened.until(lambda: isinstance(here.opened.app.screen, DecideScreen))
        await here.opened.press("right", "enter")
        await here.opened.until(lambda: status(task) is Status.DONE)
        assert (tmp_path / "n.md").read_text() == "# Notes\n"


async def test_a_question_of_a_transfer_waits_until_nothing_is_typed(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        (tmp_path / "n.md").write_text("mine")
        await here.opened.press("slash", *"no")

        task = here.files.transfers.start(pull_of(here, "notes.md", tmp_path / "n.md"))
        await here.opened.until(lambda: "1 there already" in task.parts[0].detail)
        assert not isinstance(here.opened.app.screen, DecideScreen)
        await here.opened.press("escape")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, DecideScreen))
        task.cancel()
        await here.opened.until(lambda: status(task) is Status.CANCELLED)


async def test_a_dialog_whose_plan_failed_looks_again_and_begins_nothing(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        screen = await dialog(here, "u")
        screen.query_one("#sources").value = str(tmp_path / "late")  # type: ignore[attr-defined]
        await here.opened.until(lambda: "cannot read" in here.text)
        await here.opened.press("enter")
        assert here.opened.app.screen is screen

        (tmp_path / "late").write_text("now")
        await here.opened.press("enter")
        await here.opened.until(lambda: "1 file, 3 B" in here.text)
        await here.opened.press("enter")
        await here.opened.until(lambda: "Pushed" in here.notices)
        assert (here.home / "late").read_text() == "now"


async def test_a_running_transfer_shows_all_that_is_known_of_it_when_opened(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "src")
        here.opened.emulator.faults.add(FaultRule(path="*/files/download", delay_s=30))
        here.opened.emulator.faults.add(FaultRule(path="*/bulk-download", delay_s=30))
        tasks = [here.files.transfers.start(pull_of(here, "src", tmp_path / f"to-{n}")) for n in range(3)]
        await here.opened.until(lambda: tasks[0].last.files_total == 2)

        await here.opened.press("w")
        here.screen.tasks_pane.list.move_cursor(2)
        await here.opened.press("enter")
        await here.opened.until(lambda: "0 of 2 files" in here.text and "of 49K" in here.text)
        assert tasks[2].lines()[0].glyph.text == "·"
        for task in tasks:
            task.cancel()
        await here.opened.until(lambda: not here.files.transfers.is_busy)


async def test_what_took_long_to_bring_is_not_thrown_away_by_one_key(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daytona_tui.ui.panes.files_transfers.ASKED_S", 0.0)
    async with inside(open_app, tmp_path) as here:
        await begin(here, "src")
        here.opened.emulator.faults.add(FaultRule(path="*/bulk-download", truncate=2000))
        here.opened.emulator.faults.add(FaultRule(path="*/files/download", drop=True))
        task = here.files.transfers.start(pull_of(here, "src", tmp_path / "mine"))
        await here.opened.until(lambda: task.last.files_done > 0)

        await here.opened.press("escape")
        await here.opened.until(lambda: "Give up: Pull src" in here.text and "1 of 2 files" in here.text)
        await here.opened.press("escape")
        assert not task.is_over
        await here.opened.press("escape", "right", "enter")
        await here.opened.until(lambda: status(task) is Status.CANCELLED)

    assert "nothing half" in task.parts[0].detail
    assert not list(tmp_path.glob(".daytona-tui-*"))


async def test_leaving_the_program_keeps_what_a_pull_has_brought(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "src")
        here.opened.emulator.faults.add(FaultRule(path="*/bulk-download", truncate=2000))
        here.opened.emulator.faults.add(FaultRule(path="*/files/download", drop=True))
        task = here.files.transfers.start(pull_of(here, "src", tmp_path / "mine"))
        await here.opened.until(lambda: task.last.files_done > 0)

        await here.opened.press("q")
        await here.opened.until(lambda: "Quit now?" in here.text)
        assert "goes on from there" in here.text
        await here.opened.press("right", "enter")
        await here.opened.until(lambda: task.is_over)

    assert "interrupted" in task.parts[0].detail
    assert list(tmp_path.glob(".daytona-tui-*"))


async def test_again_is_for_the_sandbox_as_it_is_by_then(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        here.opened.emulator.faults.add(FaultRule(path="*/toolbox/*/process/*", status=400, body={"message": "no"}))
        here.opened.emulator.faults.add(FaultRule(path="*/files/*", status=400, body={"message": "no"}))
        task = here.files.transfers.start(pull_of(here, "notes.md", tmp_path / "mine" / "n.md"))
        await here.opened.until(lambda: status(task) is Status.FAILED)
        here.opened.emulator.faults.clear()
        await here.gateway.stop(here.sandbox.id, timeout_s=20)
        await here.opened.until(lambda: "files can be read while it runs" in here.text)

        await here.opened.press("w", "R")
        await here.opened.until(lambda: "Enter will start it, pull, stop it again" in here.text)
        assert here.opened.app.screen.query_one("#path").value.endswith("/notes.md")  # type: ignore[attr-defined]
        assert here.opened.app.screen.query_one("#destination").value == str(  # type: ignore[attr-defined]
            tmp_path / "mine" / "n.md"
        )
        await here.opened.press("enter")
        await here.opened.until(lambda: "Pulled" in here.notices)
        assert (tmp_path / "mine" / "n.md").read_text() == "# Notes\n"
