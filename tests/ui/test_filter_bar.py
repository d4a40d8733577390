"""The filter line: what it offers, what it refuses, and which keys it leaves alone."""

from __future__ import annotations

from tests.ui.conftest import OpenApp, Opened
from textual.widgets import Input, Static

from daytona_tui.ui.widgets.completion_list import CompletionList
from daytona_tui.ui.widgets.filter_bar import FilterBar, FilterInput


def bar(opened: Opened) -> FilterBar:
    return opened.fleet.query_one(FilterBar)


def typed(opened: Opened) -> str:
    return bar(opened).query_one(Input).value


def note(opened: Opened) -> str:
    return str(bar(opened).query_one("#filter-note", Static).render())


def chosen(opened: Opened) -> str:
    option = bar(opened).query_one(CompletionList).chosen
    return option.text if option else ""


async def test_a_sentence_finds_and_the_line_counts(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"state:started !owner:unknown cpu>=2")
        await opened.pilot.pause()

        wanted = {
            sandbox.name
            for sandbox in opened.fleet.store.fleet
            if sandbox.state == "started" and (sandbox.resources.cpu or 0) >= 2
        }
        assert opened.names()
        assert set(opened.names()) <= wanted
        assert f"{len(opened.names())} of 25" in opened.text.splitlines()[2]

        await opened.press("enter")

        assert not bar(opened).has_class("-open")
        assert opened.table.has_focus
        assert opened.fleet.view.filter_text == "state:started !owner:unknown cpu>=2"


async def test_what_does_not_parse_shows_nobody_and_points_at_the_place(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"public state:strated idle>1h")
        await opened.pilot.pause()

        assert opened.names() == []
        lines = opened.text.splitlines()
        row = next(index for index, line in enumerate(lines) if "public state:strated" in line and "/ public" in line)
        assert lines[row + 1].index("▲") == lines[row].index("strated")
        assert "there is no state strated: expected started" in lines[row + 1]


async def test_what_is_offered_lies_over_nothing_that_reads_differently(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"state:")
        await opened.pilot.pause()

        assert chosen(opened)
        assert opened.names() == []
        assert "cannot be read" not in opened.text
        assert "clears the filter" not in opened.text

        await opened.press(*"nothing")
        await opened.pilot.pause()

        assert not chosen(opened)
        assert "there is no state nothing" in opened.text


async def test_enter_on_a_mistake_stays_and_goes_to_the_place(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"state:strated public", "enter")

        assert bar(opened).has_class("-open")
        assert bar(opened).query_one(Input).has_focus
        assert bar(opened).query_one(Input).cursor_position == len("state:")

        await opened.press("escape")

        assert opened.fleet.view.filter_text == ""
        assert len(opened.names()) == 25


async def test_tab_takes_a_key_then_a_value_of_the_fleet(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"sta")
        assert chosen(opened) == "state:"
        assert "state:" in opened.text

        await opened.press("tab")
        await opened.pilot.pause()
        assert typed(opened) == "state:"
        assert chosen(opened) in ("started", "stopped")
        assert "lifecycle state" in note(opened)

        await opened.press(*"arch")
        assert chosen(opened) == "archived"
        await opened.press("tab")
        await opened.pilot.pause()

        assert typed(opened) == "state:archived"
        assert chosen(opened) == ""
        assert {sandbox.state.value for sandbox in opened.table.rows.sandboxes} == {"archived"}


async def test_the_text_goes_on_in_faint_letters_and_right_takes_them(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"owner:her")
        await opened.pilot.pause()
        assert "/ owner:hermes" in opened.text
        assert typed(opened) == "owner:her"

        await opened.press("right")
        await opened.pilot.pause()

        assert typed(opened) == "owner:hermes"
        assert opened.names()

        await opened.press("right", "left", "right")
        assert typed(opened) == "owner:hermes"


async def test_up_and_down_choose_among_what_is_offered(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"owner:")
        first = chosen(opened)
        await opened.press("down")
        second = chosen(opened)
        assert second != first
        await opened.press("up")
        assert chosen(opened) == first
        await opened.press("down", "tab")

        assert typed(opened) == f"owner:{second}"


async def test_without_an_offer_tab_and_down_go_to_the_rows(open_app: OpenApp) -> None:
    async with open_app() as opened:
        for key in ("tab", "down"):
            await opened.press("slash", "ctrl+u", *"hermes")
            assert chosen(opened) == ""

            await opened.press(key)

            assert opened.table.has_focus
            assert opened.fleet.view.filter_text == "hermes"


async def test_one_letter_is_more_likely_a_name_than_a_key(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", "s", "down")

        assert opened.table.has_focus


async def test_letters_that_are_keys_elsewhere_are_text_here(open_app: OpenApp) -> None:
    async with open_app() as opened:
        text = "x!$*(D)@[1]+_:&?e"
        await opened.press("slash")
        for character in text:
            await opened.press(character)
        await opened.pilot.pause()

        assert typed(opened) == text
        assert opened.app.screen is opened.screen
        assert not opened.fleet.view.marks


async def test_the_line_opens_with_the_present_text_and_offers_nothing_yet(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"owner:her", "enter", "slash")

        assert typed(opened) == "owner:her"
        assert bar(opened).query_one(Input).cursor_position == len("owner:her")
        assert chosen(opened) == ""


async def test_an_offer_goes_with_the_cursor_and_with_the_focus(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"public owner:")
        assert chosen(opened)
        await opened.press("home")
        await opened.pilot.pause()
        assert chosen(opened) == ""

        await opened.press("end", "h")
        assert chosen(opened)
        await opened.pilot.click("#sandboxes", offset=(5, 5))
        await opened.until(lambda: not bar(opened).query_one(FilterInput).has_focus)
        assert chosen(opened) == ""


async def test_a_value_is_completed_in_the_middle_of_the_text(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"owner:her public", *["left"] * len(" public"), "m")
        await opened.pilot.pause()
        assert chosen(opened) == "hermes"

        await opened.press("tab")

        assert typed(opened) == "owner:hermes public"
        assert bar(opened).query_one(Input).cursor_position == len("owner:hermes")


async def test_hostile_values_are_offered_harmless(open_app: OpenApp) -> None:
    async with open_app(waits=False) as opened:
        sandbox_id = next(iter(opened.emulator.fleet.records))
        opened.emulator.fleet.distort(sandbox_id, {"labels": {"owner": "[red]x[/red]", "te\x1b[2Jam": "y", "[b]": "z"}})
        await opened.until(
            lambda: any("[b]" in sandbox.labels for sandbox in opened.fleet.store.fleet) and opened.table.row_count()
        )

        await opened.press("slash", *"label:")
        await opened.pilot.pause()
        assert "\x1b" not in opened.text

        await opened.press("left_square_bracket")
        await opened.pilot.pause()
        assert "[b]" in opened.text
        await opened.press("tab", "equals_sign", "tab")

        assert typed(opened) == 'label:"[b]"=z'
        await opened.until(lambda: [sandbox.id for sandbox in opened.table.rows.sandboxes] == [sandbox_id])


async def test_the_line_fits_a_small_terminal(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as opened:
        await opened.press("slash", *"owner:nobody or " * 4, *"state:strated")
        await opened.pilot.pause()

        lines = opened.text.splitlines()
        assert any("there is no state strated" in line and "▲" in line for line in lines)
        assert all(len(line) <= 80 for line in lines)
