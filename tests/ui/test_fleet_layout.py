"""How the sandboxes are laid out: dialogs for order, columns, groups and views; folding; remembered the next time."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from tests.ui.driver import OpenApp, Opened

from daytona_tui.domain.grouping import Heading
from daytona_tui.domain.views import Arrangement, ColumnChoice, Sort
from daytona_tui.emulator.server import Emulator
from daytona_tui.ui.screens.choosing import ChoosingScreen
from daytona_tui.ui.screens.columns import ColumnsScreen
from daytona_tui.ui.screens.group import GroupScreen
from daytona_tui.ui.screens.sort import SortScreen
from daytona_tui.ui.screens.views import ViewsScreen


def dialog(opened: Opened) -> ChoosingScreen[object]:
    screen = opened.app.screen
    assert isinstance(screen, ChoosingScreen)
    return screen


async def point_at(opened: Opened, key: str) -> None:
    await opened.until(lambda: dialog(opened).choices.is_mounted)
    dialog(opened).choices.point_at(key)


def headings(opened: Opened) -> list[Heading]:
    return [row for row in opened.table.rows.rows if isinstance(row, Heading)]


def notices(opened: Opened) -> str:
    return "\n".join(str(notice.message) for notice in opened.app._notifications)


def views_file(opened: Opened) -> Path:
    return opened.fleet.services.state_dir / "views.json"


async def saved(opened: Opened, text: str) -> None:
    await opened.until(lambda: views_file(opened).exists() and text in views_file(opened).read_text())


# Order


async def test_enter_sorts_by_the_line_and_once_more_the_other_way_round(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("o")
        assert isinstance(opened.app.screen, SortScreen)
        await point_at(opened, "name")
        await opened.press("enter")
        await opened.until(lambda: opened.names() == sorted(opened.names(), key=str.casefold))

        await opened.press("o", "enter")

        await opened.until(lambda: opened.names() == sorted(opened.names(), key=str.casefold, reverse=True))


async def test_space_adds_a_column_turns_it_and_takes_it_away(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("o")
        await point_at(opened, "state")
        await opened.press("space", "space")
        assert "by age ↑, then state ↓" in opened.text
        await point_at(opened, "age")
        await opened.press("space", "space")
        assert "by state ↓" in opened.text
        await point_at(opened, "idle")
        await opened.press("space", "enter")

        await opened.until(lambda: opened.fleet.view.sorts == (Sort("state", is_reversed=True), Sort("idle")))


async def test_escape_leaves_the_order_as_it_was(open_app: OpenApp) -> None:
    async with open_app() as opened:
        before = opened.names()

        await opened.press("o", "down", "space", "escape")

        await opened.until(lambda: not isinstance(opened.app.screen, SortScreen))
        assert opened.names() == before


async def test_keys_that_come_with_the_one_that_opens_a_dialog_belong_to_it(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.go_to(next(each.name for each in opened.table.rows.sandboxes if each.is_running))

        await opened.press("o", "x", "D", "escape")
        await opened.settle()

        assert not opened.fleet.store.pending
        assert opened.app.screen is opened.screen


async def test_shift_and_a_click_sort_what_is_equal(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.pilot.click("#sandboxes", offset=(6, 0))
        header = "".join(segment.text for segment in opened.table.header_segments(opened.table.size.width))

        await opened.pilot.click("#sandboxes", offset=(header.index("STATE") + 1, 0), shift=True)

        assert opened.fleet.view.sorts == (Sort("name"), Sort("state"))


# Columns


async def test_columns_are_shown_hidden_moved_and_resized(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("c")
        assert isinstance(opened.app.screen, ColumnsScreen)
        await point_at(opened, "owner")
        await opened.press("space")
        await point_at(opened, "idle")
        await opened.press("shift+up", "right", "right")
        await point_at(opened, "region")
        await opened.press("space", "enter")

        await opened.until(lambda: opened.app.screen is opened.screen)
        shown = opened.fleet.chosen_columns
        assert [choice.key for choice in shown] == ["name", "state", "idle", "age", "next", "cost", "region"]
        assert next(choice for choice in shown if choice.key == "idle").width == 7
        header = "".join(segment.text for segment in opened.table.header_segments(opened.table.size.width))
        assert "OWNER" not in header
        assert header.index("IDLE") < header.index("AGE")
        assert "REGION" in header


async def test_any_label_becomes_a_column_by_its_name(open_app: OpenApp) -> None:
    async with open_app() as opened:
        sandbox = next(each for each in opened.table.rows.sandboxes if each.labels.get("purpose") or each.labels)
        key, value = next(iter(sandbox.labels.items()))

        await opened.press("c", "n")
        await opened.press(*(letter if letter.isalnum() else _key_of(letter) for letter in key), "enter")
        await opened.until(lambda: not dialog(opened).is_asking)
        await opened.press("enter")
        await opened.until(lambda: opened.app.screen is opened.screen)

        assert opened.fleet.chosen_columns[-1] == ColumnChoice(f"label:{key}")
        opened.fleet.lay_out(_only(opened, f"label:{key}"))
        await opened.go_to(sandbox.name)
        await opened.until(lambda: value[:12] in opened.text)


def _key_of(letter: str) -> str:
    return {"-": "minus", "_": "underscore", ".": "full_stop"}[letter]


def _only(opened: Opened, key: str) -> Arrangement:
    return replace(opened.fleet.view.arrangement, columns=(ColumnChoice("name"), ColumnChoice(key)))


async def test_the_edge_of_a_column_can_be_dragged(open_app: OpenApp) -> None:
    async with open_app() as opened:
        header = "".join(segment.text for segment in opened.table.header_segments(opened.table.size.width))
        edge = header.index("STATE") - 2

        await opened.pilot.mouse_down("#sandboxes", offset=(edge, 0))
        await opened.pilot.hover("#sandboxes", offset=(edge - 5, 0))
        await opened.pilot.mouse_up("#sandboxes", offset=(edge - 5, 0))
        await opened.pilot.pause()

        name = next(choice for choice in opened.fleet.chosen_columns if choice.key == "name")
        assert name.width == edge - 5 - 4
        narrower = "".join(segment.text for segment in opened.table.header_segments(opened.table.size.width))
        assert narrower.index("STATE") == header.index("STATE") - 5


async def test_the_cost_comes_and_goes_with_its_key(open_app: OpenApp) -> None:
    async with open_app() as opened:
        assert "$/DAY" in opened.text
        await opened.press("dollar_sign")
        await opened.until(lambda: "$/DAY" not in opened.text)
        await opened.press("dollar_sign")
        await opened.until(lambda: "$/DAY" in opened.text)


# Groups


async def test_rows_are_grouped_folded_and_unfolded(open_app: OpenApp) -> None:
    async with open_app() as opened:
        total = len(opened.names())
        await opened.press("ampersand")
        assert isinstance(opened.app.screen, GroupScreen)
        await point_at(opened, "state")
        await opened.press("enter")
        await opened.until(lambda: len(headings(opened)) > 1)
        assert sum(heading.subtotal.count for heading in headings(opened)) == total
        assert "by state" in opened.text

        opened.table.move_to(opened.table.rows.sandboxes[0].id)
        await opened.press("left")

        first = headings(opened)[0]
        assert first.is_folded
        assert opened.table.current_row == first
        assert len(opened.names()) == total - first.subtotal.count
        await opened.press("right")
        assert len(opened.names()) == total
        await opened.press("enter")
        assert headings(opened)[0].is_folded


async def test_a_mark_on_a_heading_marks_its_group_and_survives_folding(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.fleet.arrange_group("state")
        heading = headings(opened)[0]
        opened.table.move_to(heading.id)

        await opened.press("space")
        assert len(opened.fleet.view.marks) == heading.subtotal.count
        opened.table.move_to(heading.id)
        await opened.press("h")

        assert len(opened.fleet.view.marks) == heading.subtotal.count
        assert len(opened.fleet.targets) == heading.subtotal.count
        assert f"{heading.subtotal.count} marked" in opened.text


async def test_an_act_on_a_heading_says_how_to_act_on_its_group(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.fleet.arrange_group("state")
        opened.table.move_to(headings(opened)[0].id)

        for key in ("x", "y"):
            await opened.press(key)
            await opened.until(lambda: "the cursor is on a group: space marks all of it" in notices(opened))
            opened.app.clear_notifications()


async def test_folding_without_groups_says_how_to_group(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("left")

        await opened.until(lambda: "& groups them" in notices(opened))


# Ranges


async def test_a_range_reaches_from_its_anchor_to_the_cursor(open_app: OpenApp) -> None:
    async with open_app() as opened:
        table = opened.table
        table.move_cursor(3)
        table.begin_range()
        table.move_cursor(1)

        assert table.range_sandboxes == table.rows.sandboxes[1:4]
        await opened.until(lambda: opened.text.count("│ ") >= 3)
        table.end_range()
        assert table.range_sandboxes == ()


# Views and what is remembered


async def test_a_view_is_saved_loaded_renamed_overwritten_and_deleted(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.fleet.filter_by("hermes")
        hermes = opened.names()
        await opened.press("V", "s", *"mine", "enter")
        assert isinstance(opened.app.screen, ViewsScreen)
        await opened.until(lambda: [view.name for view in opened.fleet.views] == ["mine"])
        await opened.press("escape", "escape")
        await opened.until(lambda: opened.fleet.view.filter_text == "")

        await opened.press("V", "1")
        await opened.until(lambda: opened.names() == hermes)

        await opened.press("V", "r", *(["backspace"] * 4), *"yours", "enter")
        await opened.until(lambda: [view.name for view in opened.fleet.views] == ["yours"])
        await opened.press("escape")
        opened.fleet.filter_by("state:started")
        await opened.press("V", "o")
        assert opened.fleet.views[0].filter == "hermes"
        await opened.press("o")
        assert opened.fleet.views[0].filter == "state:started"
        await opened.press("D")
        assert opened.fleet.views
        await opened.press("D")
        assert not opened.fleet.views
        await opened.until(lambda: "yours" not in opened.text)


@pytest.mark.parametrize("key", ["o", "r", "D"])
async def test_a_view_that_is_always_there_says_that_it_cannot_be_changed(open_app: OpenApp, key: str) -> None:
    async with open_app() as opened:
        await opened.press("V", key)

        await opened.until(lambda: "is always there: it can only be shown" in opened.text)


async def test_a_broken_view_is_shown_as_broken_and_shows_nothing(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.fleet.filter_by("state:(")
        assert opened.names() == []
        await opened.press("V", "s", *"odd", "enter")
        await opened.until(lambda: "filter broken" in opened.text)
        await opened.press("escape")
        opened.fleet.filter_by("")
        assert opened.names()

        await opened.press("V", "1")

        await opened.until(lambda: opened.names() == [])
        assert "This filter cannot be read" in opened.text
        await opened.press("ctrl+a")
        assert not opened.fleet.view.marks


async def test_layout_and_views_are_there_after_a_restart(open_app: OpenApp, emulator: Emulator) -> None:
    async with open_app(emulator=emulator) as opened:
        opened.fleet.arrange_columns((ColumnChoice("name", 20), ColumnChoice("region")))
        opened.fleet.arrange_sorts((Sort("name", is_reversed=True),))
        opened.fleet.arrange_group("region")
        await opened.press("V", "s", *"mine", "enter", "escape")
        await saved(opened, "mine")
        assert stat.S_IMODE(views_file(opened).stat().st_mode) == 0o600
        assert emulator.api_key not in views_file(opened).read_text()

    async with open_app(emulator=emulator) as opened:
        await opened.until(lambda: opened.fleet.view.group == "region")
        assert opened.fleet.chosen_columns == (ColumnChoice("name", 20), ColumnChoice("region"))
        assert opened.fleet.view.sorts == (Sort("name", is_reversed=True),)
        assert [view.name for view in opened.fleet.views] == ["mine"]
        await opened.until(lambda: headings(opened))


async def test_a_damaged_file_costs_one_notice_and_is_put_aside(open_app: OpenApp, emulator: Emulator) -> None:
    async with open_app(emulator=emulator) as opened:
        opened.fleet.arrange_group("state")
        await saved(opened, "state")
        path = views_file(opened)
    path.write_text('{"arrangement": [')

    async with open_app(emulator=emulator) as opened:
        await opened.until(lambda: "was damaged" in notices(opened))
        assert notices(opened).count("was damaged") == 1
        assert opened.fleet.view.group == ""
        assert path.with_suffix(".damaged").read_text() == '{"arrangement": ['
        await opened.press("O")
        await saved(opened, "true")
        assert json.loads(path.read_text())["arrangement"]["sorts"] == [{"column": "age", "reversed": True}]
