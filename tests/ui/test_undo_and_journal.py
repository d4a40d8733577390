"""Taking back what was done, reading what was done, and not being allowed to do anything."""

from __future__ import annotations

import stat

from tests.ui.acting_driver import asked, lasting, mark, over, say_yes, tasks, told
from tests.ui.driver import OpenApp, Opened
from textual.widgets import Input

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.ui.panes.fleet_acts import VERBS
from daytona_tui.ui.screens.journal import JournalList, JournalScreen


async def _journal(opened: Opened) -> JournalList:
    await opened.press("at")
    await opened.until(lambda: isinstance(opened.app.screen, JournalScreen))
    found = opened.app.screen.query_one(JournalList)
    await opened.until(lambda: found.entries or "Nothing was done" in opened.text)
    return found


async def _stop_two(opened: Opened) -> list[Sandbox]:
    """Stop two sandboxes, one after the other."""
    two = lasting(opened, "started", 2)
    for number, sandbox in enumerate(two, 1):
        await opened.go_to(sandbox.name)
        await opened.press("x")
        await over(opened, number)
    return two


async def test_z_starts_again_what_was_stopped_and_asks_first(open_app: OpenApp) -> None:
    async with open_app() as opened:
        marked = lasting(opened, "started", 2)
        await mark(opened, marked)
        await opened.press("x")
        await over(opened)

        await opened.press("z")
        question = (await asked(opened)).question
        assert question.title == "Undo “Stop 2 sandboxes”?"
        assert all(line.endswith("start") for line in question.lines)
        assert question.effect.startswith("Takes ")
        await say_yes(opened)
        task = await over(opened, 2)

        assert task.title == "Undo “Stop 2 sandboxes”"
        assert [opened.state_of(each.name) for each in marked] == ["started"] * 2


async def test_taking_back_goes_further_back_and_then_says_that_nothing_is_left(open_app: OpenApp) -> None:
    async with open_app() as opened:
        first, second = await _stop_two(opened)

        await opened.press("z")
        await say_yes(opened)
        await over(opened, 3)
        assert (opened.state_of(first.name), opened.state_of(second.name)) == ("stopped", "started")
        await opened.press("z")
        await say_yes(opened)
        await over(opened, 4)
        assert opened.state_of(first.name) == "started"

        await opened.press("z")
        assert "nothing was done in this run of the program" in told(opened)


async def test_what_is_deleted_cannot_be_taken_back(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await mark(opened, lasting(opened, "stopped", 1))
        await opened.press("D")
        await say_yes(opened)
        await over(opened)

        await opened.press("z")

        assert "nothing of what was done can be taken back" in told(opened)


async def test_no_to_an_undo_leaves_everything_as_it_is(open_app: OpenApp) -> None:
    async with open_app() as opened:
        sandbox = lasting(opened, "started", 1)[0]
        await opened.go_to(sandbox.name)
        await opened.press("x")
        await over(opened)

        await opened.press("z")
        await asked(opened)
        await opened.press("escape")
        await opened.settle()

        assert opened.state_of(sandbox.name) == "stopped"
        assert len(tasks(opened)) == 1


async def test_the_journal_keeps_every_act_with_a_line_for_a_shell(open_app: OpenApp) -> None:
    async with open_app() as opened:
        first, second = await _stop_two(opened)

        journal = await _journal(opened)
        assert [entry.name for entry in journal.shown] == [second.name, first.name]
        await opened.press("enter")
        await opened.until(lambda: f"daytona stop {second.id}" in opened.text)
        await opened.press("y")
        assert opened.app.clipboard == f"daytona stop {second.id}"

        await opened.press("slash", *first.id, "enter")
        assert [entry.name for entry in journal.shown] == [first.name]
        await opened.press("escape")
        await opened.until(lambda: len(journal.shown) == 2)
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, JournalScreen))


async def test_the_journal_is_for_its_owner_alone_and_knows_no_key(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.go_to(lasting(opened, "started", 1)[0].name)
        await opened.press("x")
        await over(opened)

        path = opened.fleet.deeds.journal.path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert opened.emulator.api_key not in path.read_text()


async def test_an_empty_journal_says_so(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await _journal(opened)

        assert "Nothing was done yet" in opened.text
        await opened.press("y")
        assert "there is no line under the cursor" in told(opened)


async def test_what_is_typed_into_the_journals_filter_stays_text(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.go_to(lasting(opened, "started", 1)[0].name)
        await opened.press("x")
        await over(opened)
        await _journal(opened)

        await opened.press("slash", *"yq")

        assert isinstance(opened.app.screen, JournalScreen)
        assert opened.app.screen.query_one(Input).value == "yq"
        await opened.until(lambda: "No entry has these words" in opened.text)


async def test_read_only_refuses_every_act_with_its_reason(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await mark(opened, lasting(opened, "started", 2))
        await opened.forbid("read-only: nothing may be changed")

        for command in opened.fleet.COMMANDS:
            if command.id in VERBS and command.id != "pull-marked":
                assert opened.fleet.refusal(command) == "read-only: nothing may be changed", command.id
        await opened.press("x", "D", "z", "e")

        assert told(opened).count("read-only: nothing may be changed") == 4
        assert not tasks(opened)
        assert len(opened.app.screen_stack) == 2


async def test_read_only_holds_also_for_what_was_asked_before_and_for_trying_again(open_app: OpenApp) -> None:
    async with open_app() as opened:
        sandbox = lasting(opened, "started", 1)[0]
        await opened.go_to(sandbox.name)
        opened.emulator.faults.add(FaultRule(path="*/stop", status=500))
        await opened.press("x")
        await over(opened)
        opened.emulator.faults.clear()
        await opened.press("X")
        await asked(opened)

        await opened.forbid("read-only: nothing may be changed")
        await say_yes(opened)
        await opened.press("w", "R")

        assert told(opened).count("read-only: nothing may be changed") == 2
        assert len(tasks(opened)) == 1
        assert opened.state_of(sandbox.name) == "started"


async def test_read_only_runs_nothing_in_the_console(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.go_to(lasting(opened, "started", 1)[0].name)
        await opened.forbid("read-only: nothing may be changed")

        await opened.press("3", *"ls", "enter")

        await opened.until(lambda: "read-only: nothing may be changed" in told(opened))


async def test_a_range_is_marked_by_v_and_left_by_escape(open_app: OpenApp) -> None:
    async with open_app() as opened:
        names = opened.names()
        await opened.go_to(names[1])

        await opened.press("v", "down", "down")
        await opened.until(lambda: "3 marked" in opened.text)
        await opened.press("escape")
        assert not opened.fleet.chosen

        await opened.press("v", "up", "v")
        marked = {each.name for each in opened.fleet.store.fleet if each.id in opened.fleet.view.marks}
        assert marked == {names[2], names[3]}
        assert opened.table.range_anchor is None


async def test_an_act_takes_the_range_that_is_being_made(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"state:stopped", "enter")
        names = opened.names()
        await opened.go_to(names[0])

        await opened.press("v", "down", "s")
        task = await over(opened)

        assert {part.name for part in task.parts} == set(names[:2])
        assert opened.table.range_anchor is None


async def test_marks_survive_a_filter_and_invert_turns_what_it_shows(open_app: OpenApp) -> None:
    async with open_app() as opened:
        first = lasting(opened, "started", 1)[0]
        await mark(opened, [first])

        await opened.press("slash", *"state:stopped", "enter")
        stopped = {each.id for each in opened.fleet.view.matching}
        await opened.press("asterisk")

        assert opened.fleet.view.marks == {first.id, *stopped}
        assert f"{len(stopped) + 1} marked · 1 of them hidden by filter" in opened.text
