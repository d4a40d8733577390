"""Holding sandboxes, and the bin, through the program."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from tests.ui.acting_driver import asked, lasting, mark, say_yes, told
from tests.ui.driver import OpenApp, Opened
from tests.ui.leak_driver import SEED, ended, go_to, plan_of, planned, show_leaks, verdicts
from textual.widgets import Input

from daytona_tui.operations.bin import is_in_bin
from daytona_tui.operations.protection import KEEP_BY_LABEL, KEEP_LABEL
from daytona_tui.ui.screens.bin import BinScreen
from daytona_tui.ui.screens.hold import HoldScreen
from daytona_tui.ui.screens.views import ViewsScreen


def is_shown(opened: Opened, said: str) -> bool:
    return said in opened.text


async def opened_hold(opened: Opened) -> HoldScreen:
    await opened.press("H")
    await opened.until(lambda: isinstance(opened.app.screen, HoldScreen))
    screen = opened.app.screen
    assert isinstance(screen, HoldScreen)
    return screen


async def test_two_presses_hold_and_two_more_let_go(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        found = await show_leaks(opened)
        leak = next(each.sandbox for each in found.ranked() if each.preselected)
        await go_to(opened, leak)

        await opened.press("H", "H")
        await opened.until(lambda: verdicts(opened)[leak.id].is_vetoed)
        assert list(await opened.screen.services.pins.load()) == [leak.id]
        screen = await planned(opened)
        row = plan_of(screen).row(leak.id)
        assert row is not None
        assert row.skip
        assert not row.is_chosen
        await opened.press("escape")

        await go_to(opened, leak)
        await opened.press("H", "H")
        await opened.until(lambda: not verdicts(opened)[leak.id].is_vetoed)
        assert not await opened.screen.services.pins.load()


async def test_marked_ones_are_held_for_everybody_until_a_day(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        marked = lasting(opened, "stopped", 2)
        labels = {each.id: dict(each.labels) for each in marked}
        await mark(opened, marked)
        screen = await opened_hold(opened)
        screen.choices.point_at("share")
        day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()

        await opened.press("enter")
        await opened.until(lambda: isinstance(opened.app.focused, Input))
        await opened.press(*day, "enter")
        await opened.until(lambda: f"Held for everybody until {day}" in told(opened))

        gateway = opened.screen.services.gateway
        for sandbox in marked:
            after = dict((await gateway.get(sandbox.id)).labels)
            assert after.pop(KEEP_LABEL) == day
            assert after.pop(KEEP_BY_LABEL)
            assert after == labels[sandbox.id]
        screen = await opened_hold(opened)
        screen.choices.point_at("unshare")
        await opened.press("enter")
        await opened.until(lambda: "Held no longer for everybody" in told(opened))
        assert dict((await gateway.get(marked[0].id)).labels) == labels[marked[0].id]


async def test_a_day_that_is_none_or_over_is_refused(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        await opened.go_to(lasting(opened, "stopped", 1)[0].name)
        screen = await opened_hold(opened)
        screen.choices.point_at("share")

        for text, said in (("tomorrow", "is no day"), ("2020-01-01", "is over already")):
            await opened.press("enter")
            await opened.until(lambda: isinstance(opened.app.focused, Input))
            await opened.press(*text, "enter")
            await opened.until(partial(is_shown, opened, said))
        assert isinstance(opened.app.screen, HoldScreen)


async def test_a_damaged_file_of_pins_is_told_and_nothing_is_held(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        path = opened.screen.services.pins.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[")
        await opened.go_to(lasting(opened, "stopped", 1)[0].name)

        await opened.press("H", "H")

        await opened.until(lambda: "nobody knows who is held" in told(opened))
        assert path.read_text() == "["


async def test_the_bin_stops_and_gives_back(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = lasting(opened, "started", 1)[0]
        await opened.go_to(sandbox.name)
        await opened.press("B")
        await opened.until(lambda: isinstance(opened.app.screen, BinScreen) and isinstance(opened.app.focused, Input))
        await opened.press(*["backspace"] * 4, *"3d", "enter")
        task = await ended(opened)
        assert task.parts[0].status == "done", task.parts[0].detail
        gateway = opened.screen.services.gateway
        after = await gateway.get(sandbox.id)
        assert is_in_bin(after)
        assert after.state == "stopped"
        assert after.lifetimes.destroy_at is not None
        assert timedelta(days=2) < after.lifetimes.destroy_at - datetime.now(UTC) <= timedelta(days=3)

        await opened.press("V")
        await opened.until(lambda: isinstance(opened.app.screen, ViewsScreen))
        await opened.press("D", "enter")
        await opened.until(lambda: opened.names() == [sandbox.name])
        assert "TTL" in opened.text
        await opened.go_to(sandbox.name)
        await opened.press("z")
        assert (await asked(opened)).question.yes == "Take out"
        await say_yes(opened)
        task = await ended(opened, 2)

        assert task.parts[0].status == "done", task.parts[0].detail
        after = await gateway.get(sandbox.id)
        assert not is_in_bin(after)
        assert after.lifetimes.destroy_at == sandbox.lifetimes.destroy_at
        assert after.lifetimes.auto_delete_min == sandbox.lifetimes.auto_delete_min
        entries = await opened.fleet.deeds.journal.recent(2)
        assert {entry.verb for entry in entries} == {"bin", "take out"}


async def test_the_bin_refuses_times_and_what_is_in_it_already(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = lasting(opened, "stopped", 1)[0]
        await opened.go_to(sandbox.name)
        await opened.press("B")
        await opened.until(lambda: isinstance(opened.app.focused, Input))
        for text in ("0", "never", "-1d"):
            await opened.press(*["backspace"] * 8, *text, "enter")
            await opened.pilot.pause()
            assert isinstance(opened.app.screen, BinScreen)
        await opened.press(*["backspace"] * 8, *"1d", "enter")
        await ended(opened)

        await opened.press("B")

        await opened.until(lambda: "it is in the bin already" in told(opened))


async def test_the_bin_takes_nobody_who_is_held_until_somebody_lets_go(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        held, free = lasting(opened, "stopped", 2)
        await opened.go_to(held.name)
        await opened.press("H", "H")
        await opened.until(lambda: "Held on this machine" in told(opened))

        await opened.press("B")
        await opened.until(lambda: "it is held on this machine: H lets go" in told(opened))
        assert not isinstance(opened.app.screen, BinScreen)

        await mark(opened, [held, free])
        await opened.press("B")
        await opened.until(lambda: isinstance(opened.app.screen, BinScreen))
        assert "left out: " in opened.text
        await opened.press("enter")
        await ended(opened)
        gateway = opened.screen.services.gateway
        assert is_in_bin(await gateway.get(free.id))
        assert not is_in_bin(await gateway.get(held.id))


async def test_the_bin_asks_anew_who_is_held_as_another_screen_may_have_done_it(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = lasting(opened, "stopped", 1)[0]
        await opened.go_to(sandbox.name)
        await opened.press("B")
        await opened.until(lambda: isinstance(opened.app.screen, BinScreen) and isinstance(opened.app.focused, Input))
        await opened.screen.services.pins.hold(sandbox)

        await opened.press("enter")
        task = await ended(opened)

        assert task.parts[0].status == "failed"
        assert "held on this machine" in task.parts[0].detail
        assert not is_in_bin(await opened.screen.services.gateway.get(sandbox.id))


async def test_the_bin_names_whoever_else_wants_a_sandbox_kept(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = lasting(opened, "stopped", 1)[0]
        await opened.screen.services.gateway.set_labels(sandbox.id, {"persistent": "true"})
        await opened.until(lambda: "persistent" in opened.fleet.store.fleet.by_id[sandbox.id].labels)
        await opened.go_to(sandbox.name)

        await opened.press("B")

        await opened.until(lambda: isinstance(opened.app.screen, BinScreen))
        assert "is to be kept, label persistent=true" in opened.text
