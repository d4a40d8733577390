"""Acting on many: every verb by its key, what the tasks show, what goes wrong in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ui.acting_driver import asked, begun, lasting, mark, over, say_yes, tasks, told
from tests.ui.driver import OpenApp, Opened, call
from textual import events
from textual.widgets import Input

from daytona_tui.domain.deeds import Deed, Verb
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.operations.bulk import make_plan
from daytona_tui.presentation.tasks import Status
from daytona_tui.ui.screens.many import RunManyScreen
from daytona_tui.ui.screens.results import ResultsScreen


def _burst(opened: Opened, *keys: str) -> None:
    """Press keys that all arrive before the first is looked at, as over a slow line."""
    for key in keys:
        opened.app.post_message(events.Key(key, key))


async def test_what_is_told_before_a_command_for_many_is_cut_off_where_the_line_ends(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:60", size=(80, 24)) as opened:
        await opened.press("ctrl+a", "slash", *"state:paused", "enter", "e")
        await opened.until(lambda: isinstance(opened.app.screen, RunManyScreen))
        await opened.until(lambda: "hidden by the filter" in opened.text)

        notes = [line for line in opened.text.splitlines() if "hidden by the filter" in line or "left out, " in line]
        assert len(notes) >= 3
        assert all(line.rstrip(" │▐").endswith(("…", "…▐")) for line in notes), opened.text
        assert "Enter goes ahead" in opened.text


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [("x", "started", "stopped"), ("s", "stopped", "started"), ("a", "stopped", "archived")],
)
async def test_a_verb_acts_on_the_marked_and_the_task_shows_each(
    open_app: OpenApp, key: str, before: str, after: str
) -> None:
    async with open_app() as opened:
        marked = lasting(opened, before, 3)
        await mark(opened, marked)

        await opened.press(key)
        task = await over(opened)

        assert [opened.state_of(each.name) for each in marked] == [after] * 3
        assert [part.status for part in task.parts] == [Status.DONE] * 3
        assert not opened.fleet.view.marks
        assert not opened.fleet.store.pending
        await opened.until(lambda: f"3 {task.done}" in told(opened))


async def test_what_it_frees_stands_with_the_task(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await mark(opened, lasting(opened, "started", 2))

        await opened.press("x")
        task = await over(opened)

        assert task.note.startswith("frees ")
        assert "vCPU" in task.note
        assert "stop frees no disk" in task.note
        await opened.press("w", "enter")
        await opened.until(lambda: task.is_open and "frees" in opened.text)


async def test_a_key_names_how_many_are_marked(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await mark(opened, lasting(opened, "started", 2))

        await opened.until(lambda: "Stop 2" in opened.text)
        assert "2 marked" in opened.text


async def test_force_stop_asks_and_then_kills(open_app: OpenApp) -> None:
    async with open_app() as opened:
        sandbox = lasting(opened, "started", 1)[0]
        await opened.go_to(sandbox.name)

        await opened.press("X")
        question = (await asked(opened)).question
        assert "killed" in question.warning
        await say_yes(opened)
        await over(opened)

        assert opened.state_of(sandbox.name) == "stopped"


async def test_pause_keeps_to_virtual_machines_and_says_so(open_app: OpenApp) -> None:
    async with open_app() as opened:
        container = lasting(opened, "started", 1)[0]
        await opened.go_to(container.name)
        await opened.press("S")
        assert "only virtual machines are paused" in told(opened)

        machine = next(each for each in opened.fleet.store.fleet if each.state is SandboxState.PAUSED)
        await opened.go_to(machine.name)
        await opened.press("s")
        await over(opened)
        await opened.until(lambda: opened.state_of(machine.name) == "started")
        await opened.press("S")
        await over(opened, 2)
        assert opened.state_of(machine.name) == "paused"


async def test_recover_mends_what_can_be_mended(open_app: OpenApp) -> None:
    async with open_app() as opened:
        broken = next(each for each in opened.fleet.store.fleet if each.state == "error" and each.recoverable)
        await opened.go_to(broken.name)

        await opened.press("R")
        await over(opened)

        assert opened.state_of(broken.name) == "started"


async def test_more_than_five_are_asked_about_though_nothing_is_lost(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:60") as opened:
        await opened.press("slash", *"state:stopped", "enter", "ctrl+a")
        many = len(opened.fleet.view.marks)
        assert many > 5

        await opened.press("s")
        question = (await asked(opened)).question
        assert question.title == f"Start {many} sandboxes?"
        assert question.effect.startswith("Takes ")
        assert not question.typed
        await opened.press("enter")

        await opened.settle()
        assert not tasks(opened)


async def test_marked_sandboxes_that_the_filter_hides_are_named_before_anything_is_done(open_app: OpenApp) -> None:
    async with open_app() as opened:
        first, second = lasting(opened, "started", 2)
        await mark(opened, [first, second])
        await opened.press("slash", *first.name, "enter")
        await opened.until(lambda: "2 marked · 1 of them hidden by filter" in opened.text)

        await opened.press("x")
        question = (await asked(opened)).question
        assert question.notes[0].startswith(f"1 of them is hidden by the filter: {second.name[:20]}")
        await say_yes(opened)
        await over(opened)

        assert opened.state_of(second.name) == "stopped"


async def test_who_cannot_is_left_out_and_stands_in_the_task(open_app: OpenApp) -> None:
    async with open_app() as opened:
        running, stopped = lasting(opened, "started", 1)[0], lasting(opened, "stopped", 1)[0]
        await mark(opened, [running, stopped])

        await opened.press("x")
        task = await over(opened)

        left = next(part for part in task.parts if part.key == stopped.id)
        assert (left.status, left.detail) == (Status.SKIPPED, "it is stopped already")
        await opened.until(lambda: "1 stopped, 1 skipped" in told(opened))


async def test_too_many_requests_in_the_middle_only_make_it_slower(open_app: OpenApp) -> None:
    async with open_app() as opened:
        marked = lasting(opened, "started", 3)
        opened.emulator.faults.add(
            FaultRule(
                method="POST",
                path="*/stop",
                status=429,
                headers={"Retry-After-sandbox-lifecycle": "1"},
                times=2,
            )
        )
        await mark(opened, marked)

        await opened.press("x")
        task = await over(opened)

        assert [part.status for part in task.parts] == [Status.DONE] * 3


async def test_cancel_finishes_what_is_in_flight_and_retry_does_the_rest(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:60") as opened:
        rule = FaultRule(method="POST", path="*/start", delay_s=3.0)  # longer than two keys take here
        opened.emulator.faults.add(rule)
        await opened.press("slash", *"state:stopped", "enter", "ctrl+a", "s")
        await say_yes(opened)
        task = await begun(opened)
        assert task.tally.total > 8
        await opened.until(lambda: task.tally.running == 8)

        await opened.press("w", "ctrl+c")
        await opened.until(lambda: task.is_over)
        await opened.settle()
        tally = task.tally
        assert (tally.done, tally.cancelled) == (8, tally.total - 8)

        opened.emulator.faults.clear()
        await opened.press("R")
        again = await over(opened, 2)
        assert again.tally.done == again.tally.total == tally.cancelled
        assert not opened.fleet.store.pending


async def test_the_cursor_waits_on_the_newest_task_save_while_somebody_is_there(open_app: OpenApp) -> None:
    async with open_app() as opened:
        first, second, third = lasting(opened, "started", 3)
        listed = opened.screen.tasks_pane.list
        for number, sandbox in enumerate((first, second), 1):
            await opened.go_to(sandbox.name)
            await opened.press("x")
            newest = await over(opened, number)
            await opened.until(lambda: listed.current is not None and listed.current.task == newest.number)  # noqa: B023

        await opened.go_to(third.name)
        await opened.press("w", "x")
        await over(opened, 3)
        assert listed.current is not None
        assert listed.current.task == newest.number


async def test_retry_tries_the_failed_and_nobody_else(open_app: OpenApp) -> None:
    async with open_app() as opened:
        marked = lasting(opened, "started", 3)
        opened.emulator.faults.add(FaultRule(path=f"*/sandbox/{marked[1].id}/stop", status=500))
        await mark(opened, marked)
        await opened.press("x")
        task = await over(opened)
        assert (task.tally.done, task.tally.failed) == (2, 1)
        await opened.press("w")
        await opened.until(lambda: "1 with failures" in opened.text)

        opened.emulator.faults.clear()
        await opened.press("R")
        again = await over(opened, 2)

        assert [part.name for part in again.parts] == [marked[1].name]
        assert again.tally.done == 1


async def test_who_has_changed_since_is_skipped_and_named(open_app: OpenApp) -> None:
    async with open_app(poll_s=60) as opened:
        first, second = lasting(opened, "started", 2)
        opened.emulator.faults.add(FaultRule(freeze_events=True))
        await mark(opened, [first, second])
        await opened.press("D")
        await asked(opened)
        assert await call(opened.emulator, "POST", f"/sandbox/{second.id}/stop") == 200

        await say_yes(opened)
        task = await over(opened)

        left = next(part for part in task.parts if part.key == second.id)
        assert left.status is Status.SKIPPED
        assert "changed since: it was started and is stopped" in left.detail
        assert second.id in opened.emulator.fleet.records
        await opened.until(lambda: first.name not in opened.names())


async def test_a_key_that_may_not_stops_asking_and_says_what_is_missing(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.emulator.faults.add(FaultRule(path="*/stop", status=403))
        await mark(opened, lasting(opened, "started", 3))

        await opened.press("x")
        task = await over(opened)

        assert task.tally.done == 0
        assert "write:sandboxes" in told(opened)


async def test_a_command_runs_in_the_marked_and_its_results_stand_side_by_side(open_app: OpenApp) -> None:
    async with open_app() as opened:
        marked = lasting(opened, "started", 2)
        await mark(opened, marked)

        await opened.press("e")
        await opened.until(lambda: isinstance(opened.app.screen, RunManyScreen))
        await opened.press(*"echo", "space", *"hallo;", "space", *"exit", "space", *"3", "enter")
        task = await over(opened)

        assert [part.exit_code for part in task.parts] == [3, 3]
        assert all("hallo" in part.output for part in task.parts)
        assert "2 failed" in told(opened)
        await opened.press("w", "o")
        await opened.until(lambda: isinstance(opened.app.screen, ResultsScreen))
        await opened.until(lambda: "exit 3" in opened.text and "hallo" in opened.text)
        await opened.press("escape")
        assert not isinstance(opened.app.screen, ResultsScreen)


@pytest.mark.parametrize(("command", "seconds", "says"), [("", "60", "type the command"), ("ls", "0", "whole number")])
async def test_a_command_that_makes_no_sense_is_not_run(
    open_app: OpenApp, command: str, seconds: str, says: str
) -> None:
    async with open_app() as opened:
        await mark(opened, lasting(opened, "started", 2))
        await opened.press("e")
        await opened.until(lambda: isinstance(opened.app.screen, RunManyScreen))
        opened.app.screen.query_one("#command", Input).value = command
        opened.app.screen.query_one("#timeout", Input).value = seconds

        await opened.press("enter")

        await opened.until(lambda: says in opened.text)
        assert isinstance(opened.app.screen, RunManyScreen)
        await opened.press("escape")
        assert not tasks(opened)


async def test_what_is_typed_for_a_command_in_one_burst_stops_nobody(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await mark(opened, lasting(opened, "started", 2))

        _burst(opened, "e", *"xsaDz")
        await opened.until(lambda: isinstance(opened.app.screen, RunManyScreen))

        await opened.until(lambda: opened.app.screen.query_one("#command", Input).value == "xsaDz")
        assert not tasks(opened)


async def test_what_is_typed_after_a_tab_of_the_same_burst_belongs_into_the_next_field(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await mark(opened, lasting(opened, "started", 2))
        await opened.press("e")
        await opened.until(lambda: isinstance(opened.app.focused, Input))

        for key in ("l", "s", "tab", "b", "i", "n"):
            opened.app.post_message(events.Key(key, key if len(key) == 1 else None))

        await opened.until(lambda: opened.app.screen.query_one("#cwd", Input).value == "bin")
        assert opened.app.screen.query_one("#command", Input).value == "ls"


@pytest.mark.parametrize("key", ["D", "X"])
async def test_what_is_typed_at_a_question_in_one_burst_is_its_answer(open_app: OpenApp, key: str) -> None:
    async with open_app() as opened:
        await mark(opened, [each for each in opened.fleet.store.fleet if each.is_running][:6])

        _burst(opened, key, "6", "x", "s")
        await asked(opened)

        await opened.until(
            lambda: [entry.value for entry in opened.app.screen.query("#typed").results(Input)] == ["6xs"]
        )
        assert not tasks(opened)
        assert opened.screen.current_pane is opened.fleet


async def test_without_marks_run_goes_to_the_console(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.go_to(lasting(opened, "started", 1)[0].name)

        await opened.press("e")

        await opened.until(lambda: opened.screen.current_pane is opened.screen.console_pane)


async def test_the_marked_are_pulled_each_into_a_directory_of_its_own(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app() as opened:
        marked = lasting(opened, "started", 2)
        await mark(opened, marked)

        await opened.press("p")
        await opened.until(lambda: opened.app.screen.query("#destination"))
        opened.app.screen.query_one("#destination", Input).value = str(tmp_path)
        await opened.press("enter")
        task = await over(opened)

        assert [part.status for part in task.parts] == [Status.DONE] * 2
        assert len(list(tmp_path.iterdir())) == 2


async def test_tasks_that_are_over_are_dismissed(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("w")
        await opened.until(lambda: "No tasks" in opened.text)
        await opened.press("ctrl+l")
        assert "there is no task" in told(opened)
        await opened.press("1")
        await opened.go_to(lasting(opened, "started", 1)[0].name)
        await opened.press("x")
        await over(opened)
        await opened.press("w", "ctrl+l")

        await opened.until(lambda: "No tasks" in opened.text)


async def test_what_is_answered_while_the_program_ends_is_not_begun_and_draws_nothing(open_app: OpenApp) -> None:
    async with open_app() as opened:
        pane, book, sandbox = opened.fleet, opened.screen.tasks_pane, lasting(opened, "started", 1)[0]
        plan = make_plan(Deed(Verb.STOP), (sandbox,), pane.services.now())
        opened.app.exit(0)
        pane.carry_out(plan)  # the answer to a question was on its way
        assert not pane.store.pending

    pane.draw()  # the rows are gone by now, as they are for a moment before the last timer ends
    pane.carry_out(plan)
    book.draw()
    assert not pane.store.pending
