"""The leak view: what is shown of leaks, how often the fleet is judged, and what the details say."""

from __future__ import annotations

from functools import partial

from tests.ui.acting_driver import told
from tests.ui.driver import OpenApp, Opened, call
from tests.ui.leak_driver import SEED, go_to, show_leaks, verdicts
from textual.widgets import Static

from daytona_tui.domain.grouping import Heading
from daytona_tui.domain.leaks import Band, Verdict
from daytona_tui.ui.panes.details import DetailsPane


def has_told(opened: Opened, said: str) -> bool:
    return said in told(opened)


async def test_the_key_shows_leaks_by_run_and_everything_again(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        everything = opened.names()
        found = await show_leaks(opened)

        ranked = [each.sandbox for each in (*found.ranked(), *found.held_back())]
        await opened.until(lambda: set(opened.names()) == {each.name for each in ranked})
        headings = [row for row in opened.table.rows.rows if isinstance(row, Heading)]
        assert {row.by for row in headings} == {"run"}
        costs = [row.subtotal.hourly or 0.0 for row in headings]
        assert costs == sorted(costs, reverse=True)
        total = found.total
        assert f"{total.count} suspects, ${total.per_day:,.2f}/day" in opened.text.splitlines()[0]
        assert "WHY" in opened.text
        assert found.ranked()[0].headline[:12] in opened.text

        await opened.press("exclamation_mark")
        await opened.until(lambda: opened.names() == everything)


async def test_the_total_is_there_before_anybody_asks_for_leaks(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        await opened.until(lambda: " suspects, $" in opened.text.splitlines()[0])

        assert not opened.fleet.shows_leaks
        assert not opened.fleet.leaks._looked  # no sandbox was asked for it


async def test_a_narrow_line_tells_the_total_in_short(open_app: OpenApp) -> None:
    async with open_app(seed=SEED, size=(80, 24)) as opened:

        def line() -> str:
            return opened.text.splitlines()[0]

        await opened.until(lambda: opened.fleet.leaks.verdicts is not None)
        total = verdicts(opened).total
        await opened.until(lambda: f"{total.count} suspects ${total.per_day:,.0f}/d" in line())
        assert "/59 running" in line()
        await opened.press("exclamation_mark")
        await opened.until(lambda: "suspects, $" in line())


async def test_a_fleet_without_leaks_says_nothing_of_them(open_app: OpenApp) -> None:
    async with open_app(seed="empty", waits=False) as opened:
        await opened.until(lambda: opened.fleet.leaks.verdicts is not None)
        await opened.until(lambda: "0 sandboxes" in opened.text)

        assert "suspects" not in opened.text.splitlines()[0]


async def test_the_footer_begins_with_the_keys_of_the_leak_view(open_app: OpenApp) -> None:
    async with open_app(seed=SEED, size=(80, 24)) as opened:

        def footer() -> list[str]:
            return opened.text.splitlines()[-1].split("   ")

        assert footer()[0].strip() == "s Start"
        await show_leaks(opened)
        await opened.until(lambda: [each.strip() for each in footer()[:3]] == ["! All", "W Sweep", "H Hold"])
        await opened.press("exclamation_mark")
        await opened.until(lambda: footer()[0].strip() == "s Start")


async def test_within_a_run_money_counts_first_and_then_the_score(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        await show_leaks(opened)
        found = verdicts(opened)
        runs: dict[str, list[tuple[bool, float, int]]] = {}
        heading = ""
        for row in opened.table.rows.rows:
            if isinstance(row, Heading):
                heading = row.id
            else:
                verdict = found[row.id]
                is_fine = verdict.band is Band.FINE
                runs.setdefault(heading, []).append((is_fine, -(verdict.per_day or 0.0), -verdict.score))
        assert len(runs) > 2
        assert all(run == sorted(run) for run in runs.values())


async def test_the_cursor_begins_on_the_most_expensive(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        await show_leaks(opened)
        await opened.until(lambda: opened.table.current is not None)

        assert opened.table.cursor == 1


async def test_drawing_again_judges_nothing(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        before = await show_leaks(opened)

        for _ in range(50):
            opened.fleet.draw()
        await opened.pilot.pause()

        assert verdicts(opened) is before


async def test_a_fleet_that_changed_is_judged_again(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        found = await show_leaks(opened)
        leak = next(each.sandbox for each in found.ranked() if each.sandbox.is_running)

        await call(opened.emulator, "DELETE", f"/sandbox/{leak.id}")

        await opened.until(lambda: leak.id not in verdicts(opened))
        await opened.until(lambda: leak.name not in opened.names())


async def test_what_another_program_holds_here_is_seen_at_the_next_judgement(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        found = await show_leaks(opened)
        leak, other = [each.sandbox for each in found.ranked() if each.preselected][:2]
        services = opened.screen.services

        await services.pins.hold(leak)
        await services.gateway.set_labels(other.id, {**other.labels, "team": "core"})

        await opened.until(lambda: verdicts(opened)[leak.id].is_vetoed)


async def test_what_the_leak_view_has_of_its_own_is_not_chosen_there(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        arrangement = opened.fleet.view.arrangement
        await show_leaks(opened)

        for key, title in (("o", "Sort"), ("O", "Reverse"), ("c", "Columns"), ("ampersand", "Group")):
            await opened.press(key)
            await opened.until(partial(has_told, opened, f"{title}: not now the leak view has columns"))
        await opened.pilot.click(opened.table, offset=(24, 0))
        await opened.pilot.pause()
        assert opened.fleet.view.arrangement == arrangement


async def test_filter_marks_and_folds_work_as_everywhere(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        found = await show_leaks(opened)
        name = next(each.sandbox.name for each in found.ranked() if each.sandbox.name.startswith("inspect-"))

        await opened.press("slash", *name, "enter")
        await opened.until(lambda: opened.names() == [name])
        await opened.press("ctrl+a", "escape")
        await opened.until(lambda: len(opened.names()) > 1)
        assert len(opened.fleet.view.marks) == 1
        await opened.press("home", "left")
        await opened.until(lambda: opened.fleet.view.folded)
        await opened.press("exclamation_mark")
        assert not opened.fleet.view.folded


async def test_the_row_under_the_cursor_is_told_whole_below(open_app: OpenApp) -> None:
    async with open_app(seed=SEED, size=(120, 36)) as opened:
        note = opened.fleet.query_one("#leak-note", Static)
        assert not note.display
        found = await show_leaks(opened)
        leak = next(each for each in found.ranked() if each.preselected)
        await go_to(opened, leak.sandbox)

        await opened.until(lambda: f"{leak.score} leak · yours · {leak.headline[:20]}" in opened.text)
        assert all(title in opened.text for title in ("WHY", "GUARD", "OFFER"))
        await opened.press("exclamation_mark")
        await opened.until(lambda: not note.display)


async def test_the_details_say_why(open_app: OpenApp) -> None:
    async with open_app(seed=SEED, size=(160, 60)) as opened:
        found = await show_leaks(opened)
        leak = next(each for each in found.ranked() if each.band is Band.LEAK)
        await go_to(opened, leak.sandbox)
        await opened.press("d")

        view = opened.screen.query_one(DetailsPane).view
        await opened.until(lambda: {"score", "because", "could"} <= {line.label for line in view._lines})
        await opened.until(lambda: "because" in opened.text)
        assert leak.headline[:20] in opened.text


async def test_an_empty_fleet_leaks_nothing(open_app: OpenApp) -> None:
    async with open_app(seed="empty", waits=False) as opened:
        await opened.until(lambda: opened.fleet.store.listed_at is not None)
        await opened.press("exclamation_mark")

        await opened.until(lambda: "Nothing looks like a leak" in opened.text)
        await opened.until(lambda: "no leaks and no suspects" in opened.text)


async def test_what_somebodys_poller_keeps_warm_is_found_by_measuring_it(open_app: OpenApp) -> None:
    async with open_app(seed=SEED) as opened:
        found = await show_leaks(opened)

        def is_told(each: Verdict) -> bool:
            return any(reason.code == "run.kept-warm" for reason in each.reasons)

        warm = [each for each in found.ranked() if is_told(each)]
        assert warm
        assert not any(each.preselected for each in warm)
        await opened.until(lambda: {each.sandbox.name for each in warm} <= set(opened.names()))
