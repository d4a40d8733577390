"""A sweep through the program: plan, change, agree, carry out, report."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from tests.ui.acting_driver import asked, lasting, mark, say_yes, told
from tests.ui.driver import OpenApp, Opened
from tests.ui.leak_driver import SEED, ended, go_to_row, plan_of, planned, reported, show_leaks
from tests.ui.test_rights import READER, key_file
from textual import events

from daytona_tui.domain.leaks import Action
from daytona_tui.emulator.server import Emulator
from daytona_tui.operations.sweep import Outcome
from daytona_tui.operations.sweep.planfile import FORMAT
from daytona_tui.ui.panes.sweep_task import SweepTask
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.sweep import SweepScreen

OpenEmulator = Callable[..., Awaitable[Emulator]]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def has_told(opened: Opened, said: str) -> bool:
    return said in told(opened)


async def test_what_is_a_leak_and_mine_is_chosen_and_gets_an_end(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        found = await show_leaks(opened)
        screen = await planned(opened)
        chosen = [row.sandbox for row in plan_of(screen).acting]
        assert chosen
        assert {each.id for each in chosen} == {each.sandbox.id for each in found.ranked() if each.preselected}
        assert f"{len(chosen)} of {len(plan_of(screen).rows)} chosen" in opened.text

        await opened.press("enter")
        await say_yes(opened)

        report = (await reported(opened)).report
        assert report.counts == {Outcome.REPAIRED: len(chosen)}
        gateway = opened.screen.services.gateway
        after = [await gateway.get(each.id) for each in chosen]
        assert all(each.lifetimes.destroy_at is not None and each.state == "started" for each in after)
        entries = await opened.fleet.deeds.journal.recent(len(chosen) + 1)
        assert entries[0].verb == "sweep"
        assert len({entry.sandbox_id for entry in entries[1:]}) == len(chosen)
        assert not opened.fleet.store.pending


async def test_rows_are_chosen_and_given_other_actions(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        await show_leaks(opened)
        screen = await planned(opened)
        first, second = plan_of(screen).acting[:2]

        go_to_row(screen, first.sandbox)
        await opened.press("space")
        assert first.sandbox.id not in {row.sandbox.id for row in plan_of(screen).acting}
        go_to_row(screen, second.sandbox)
        await opened.press("D")
        row = plan_of(screen).row(second.sandbox.id)
        assert row is not None
        assert row.action is Action.DELETE
        assert "1 deleted for good" in opened.text
        assert "It is deleted, with all its files" in opened.text
        await opened.press("T", *["backspace"] * 8, *"90m", "enter")
        row = plan_of(screen).row(second.sandbox.id)
        assert row is not None
        assert (row.action, row.ttl_min) == (Action.TTL, 90)
        await opened.press("ctrl+a", "ctrl+a")
        assert not plan_of(screen).acting
        await opened.press("enter")
        await opened.until(partial(has_told, opened, "nothing is chosen"))


async def test_time_that_is_none_is_refused(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        screen = await planned(opened)
        go_to_row(screen, plan_of(screen).acting[0].sandbox)
        before = plan_of(screen)

        for text in ("0", "-5m", "soon", "900d"):
            await opened.press("T", *["backspace"] * 8, *text, "enter")
            await opened.pilot.pause()
        assert plan_of(screen) == before
        assert told(opened).count("Time to live: not now") + told(opened).count("Ttl: not now") == 4


async def test_a_guarded_row_says_why_it_is_not_chosen(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        await show_leaks(opened)
        screen = await planned(opened)
        guarded = next(row for row in plan_of(screen).rows if row.veto and not row.permits)

        go_to_row(screen, guarded.sandbox)
        await opened.press("space")
        await opened.until(partial(has_told, opened, "Choose: not now nothing is done to it"))
        await opened.press("D")
        await opened.until(partial(has_told, opened, "Delete: not now nothing is done to it"))
        assert guarded.sandbox.id not in {row.sandbox.id for row in plan_of(screen).acting}


async def test_the_marked_alone_are_planned_and_deleting_takes_their_number(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        marked = [each for each in lasting(opened, "stopped", 4) if not each.labels.get("keep")][:2]
        await mark(opened, marked)
        screen = await planned(opened)
        assert {row.sandbox.id for row in plan_of(screen).rows} == {each.id for each in marked}
        able = [row.sandbox for row in plan_of(screen).rows if not row.veto]
        for each in able:
            go_to_row(screen, each)
            await opened.press("D")

        await opened.press("enter")
        question = (await asked(opened)).question
        assert question.is_danger
        assert "deleted for good" in question.warning
        await say_yes(opened)

        report = (await reported(opened)).report
        assert report.counts == {Outcome.DELETED: len(able)}
        for each in able:
            await opened.until(partial(lambda name: opened.state_of(name) == "", each.name))


async def test_one_that_changed_since_the_plan_is_left_alone(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        await show_leaks(opened)
        screen = await planned(opened)
        chosen = plan_of(screen).acting
        await opened.screen.services.gateway.set_labels(chosen[0].sandbox.id, {"mine": "now"})

        await opened.press("enter")
        await say_yes(opened)

        report = (await reported(opened)).report
        assert report.counts == {Outcome.REPAIRED: len(chosen) - 1, Outcome.CHANGED: 1}
        assert "changed since plan" in opened.text


async def test_the_plan_is_written_and_no_file_is_overwritten(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app(seed=SEED) as opened:
        screen = await planned(opened)

        for _ in range(2):
            await opened.press("w", *["backspace"] * 60, *"plan.json", "enter")
            await opened.settle()
        file = tmp_path / "plan.json"
        told_of = json.loads(file.read_text())
        assert told_of["format"] == FORMAT
        assert len(told_of["rows"]) == len(plan_of(screen).rows)
        assert file.stat().st_mode & 0o777 == 0o600
        assert "is there already" in told(opened)


async def test_the_report_is_saved_and_opens_again_from_the_tasks(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app(seed=SEED) as opened:
        await planned(opened)
        await opened.press("enter")
        await say_yes(opened)
        await reported(opened)
        await opened.press("s", *["backspace"] * 60, *"report.json", "enter")
        await opened.settle()
        saved = json.loads((tmp_path / "report.json").read_text())
        assert saved["counts"]["repaired"] == len(saved["rows"])
        await opened.press("escape")

        await opened.press("w", "o")

        await reported(opened)


async def test_escape_leaves_entry_then_plan_and_nothing_is_done(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        screen = await planned(opened)
        await opened.press("T", "x", "D", "escape")
        assert isinstance(opened.app.screen, SweepScreen)
        assert all(row.action is not Action.DELETE for row in plan_of(screen).acting)
        await opened.press("enter")
        await asked(opened)
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, ConfirmScreen))
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, SweepScreen))
        assert not opened.screen.tasks_pane.book.tasks


async def test_a_key_that_may_not_delete_is_offered_something_gentler(
    open_app: OpenApp, open_emulator: OpenEmulator, tmp_path: Path
) -> None:
    emulator = await open_emulator(seed="fleet:40", keys=key_file(tmp_path, "write:sandboxes"))
    async with open_app(emulator=emulator, key=READER) as opened:
        await mark(opened, lasting(opened, "stopped", 2)[:2])
        screen = await planned(opened)
        able = [row.sandbox for row in plan_of(screen).rows if not row.veto]
        for each in able:
            go_to_row(screen, each)
            await opened.press("D")
        await opened.press("enter")
        await say_yes(opened)
        report = (await reported(opened)).report
        assert report.denied

        await opened.press("t")

        screen = await planned(opened, "home")
        assert {row.action for row in plan_of(screen).rows} == {Action.TTL}
        await opened.press("enter")
        await say_yes(opened)
        task = await ended(opened, 2)
        assert isinstance(task, SweepTask)
        assert task.report is not None
        assert task.report.counts == {Outcome.REPAIRED: len(able)}


async def test_what_cannot_be_looked_at_is_told_and_tried_again(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app(seed=SEED) as opened:
        opened.screen.services.pins.path.parent.mkdir(parents=True, exist_ok=True)
        opened.screen.services.pins.path.write_text("{")
        await opened.press("W")
        await opened.until(lambda: "damaged" in opened.text)

        opened.screen.services.pins.path.unlink()
        await planned(opened, "r")


async def test_what_a_sweep_did_can_be_taken_back(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        await show_leaks(opened)
        screen = await planned(opened)
        chosen = [row.sandbox for row in plan_of(screen).acting]
        await opened.press("enter")
        await say_yes(opened)
        await reported(opened)
        await opened.press("escape")

        await opened.press("z")
        assert (await asked(opened)).question.title == f"Undo “Edit lifetimes of {len(chosen)} sandboxes”?"
        await say_yes(opened)
        task = await ended(opened, 2)

        assert task.tally.done == len(chosen)
        gateway = opened.screen.services.gateway
        assert [(await gateway.get(each.id)).lifetimes.destroy_at for each in chosen] == [None] * len(chosen)


async def test_one_action_for_all_tells_only_of_those_that_it_leaves_out(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        await show_leaks(opened)
        screen = await planned(opened)
        plan = plan_of(screen)
        first = next(row.sandbox for row in plan.acting if row.action is Action.TTL)
        others = [row for row in plan.acting if row.action is not Action.TTL]
        assert plan.skipped
        assert not others, "the plan is of one action: it leaves nobody out"
        go_to_row(screen, first)

        await opened.press("A")
        await opened.until(partial(has_told, opened, "ttl for all that were chosen"))

        assert "skipped" not in told(opened)
        assert len(plan_of(screen).acting) == len(plan.acting)


async def test_what_comes_of_a_row_has_room_in_a_small_terminal(open_app: OpenApp) -> None:
    async with open_app(seed=SEED, size=(80, 24)) as opened:
        await show_leaks(opened)
        screen = await planned(opened)
        wordy = max(plan_of(screen).acting, key=lambda row: sum(len(note.words) for note in row.reasons))
        go_to_row(screen, wordy.sandbox)

        await opened.press("D")

        await opened.until(lambda: "Nothing brings it back." in opened.text)


async def test_two_quick_enters_are_a_yes_once_the_number_is_typed(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        await planned(opened)
        await opened.press("enter")
        question = await asked(opened)
        await opened.press(*question.question.typed)

        for _ in range(2):  # both are under way before the first has had its effect
            opened.app.post_message(events.Key("enter", "\r"))

        await opened.until(lambda: not isinstance(opened.app.screen, ConfirmScreen))
