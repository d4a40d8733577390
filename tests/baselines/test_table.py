"""Looks of the table: ten situations in which people meet it."""

from __future__ import annotations

from collections.abc import Callable

from tests.baselines.test_screens import shows
from tests.ui.driver import screen_text, until
from textual.pilot import Pilot

AsPictured = Callable[..., bool]

WIDE, MEDIUM, NARROW = (160, 45), (120, 36), (80, 24)


async def _type(pilot: Pilot[int], text: str, *then: str) -> None:
    keys = {"/": "slash", ":": "colon", " ": "space", "=": "equals_sign", ">": "greater_than_sign", "-": "minus"}
    await pilot.press(*(keys.get(letter, letter) for letter in text), *then)


def test_grouped_with_one_group_folded(screen_is_as_pictured: AsPictured) -> None:
    """Look at: headings stand apart, subtotals in columns, the folded group says how many it holds."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await pilot.press("ampersand", "down", "enter")
        await shows(pilot, "by owner", "▾")
        await pilot.press("g", "left")
        await shows(pilot, "▸")

    assert screen_is_as_pictured(scene, WIDE)


def test_grouped_and_narrow(screen_is_as_pictured: AsPictured) -> None:
    """Look at: headings keep their name and count where there is little room."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await pilot.press("ampersand", "down", "enter")
        await shows(pilot, "by owner", "▾")

    assert screen_is_as_pictured(scene, NARROW)


def test_marks_some_of_them_hidden(screen_is_as_pictured: AsPictured) -> None:
    """Look at: marked rows are told from the cursor's, the frame counts marks and those that the filter hides."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await pilot.press("ctrl+a")
        await shows(pilot, "25 marked")
        await _type(pilot, "/state:started", "enter")
        await shows(pilot, "state:started", "hidden")

    assert screen_is_as_pictured(scene, MEDIUM)


def test_a_range(screen_is_as_pictured: AsPictured) -> None:
    """Look at: from where to where is seen before it is marked."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await pilot.press("g", "down", "v", "down", "down", "down")
        await shows(pilot, "Stop 4")

    assert screen_is_as_pictured(scene, MEDIUM)


def test_what_a_filter_can_go_on_with(screen_is_as_pictured: AsPictured) -> None:
    """Look at: offers below the line, the rows still there, the count beside."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await _type(pilot, "/state:st")
        await shows(pilot, "started", "tab")

    assert screen_is_as_pictured(scene, MEDIUM)


def test_a_filter_that_is_none(screen_is_as_pictured: AsPictured) -> None:
    """Look at: the mistake is pointed at, what was expected is said, and nothing is selected."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await _type(pilot, "/cpu>=many")
        await shows(pilot, "0 of 25")

    assert screen_is_as_pictured(scene, MEDIUM)


def test_matches_are_highlighted(screen_is_as_pictured: AsPictured) -> None:
    """Look at: the found letters stand out, quietly."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await _type(pilot, "/hermes", "enter")
        await shows(pilot, "hidden by filter")

    assert screen_is_as_pictured(scene, MEDIUM)


def test_choosing_columns(screen_is_as_pictured: AsPictured) -> None:
    """Look at: what is shown and what could be, and how to move it."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await pilot.press("c")
        await shows(pilot, "Columns")

    assert screen_is_as_pictured(scene, WIDE)


def test_sorted_by_what_a_day_costs(screen_is_as_pictured: AsPictured) -> None:
    """Look at: the arrow at the heading, numbers on the right, the dearest first."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await pilot.press("o")
        await shows(pilot, "Sort")
        await pilot.press("down", "down", "down", "enter", "O")
        await until(pilot, lambda: "$/DAY↓" in screen_text(pilot.app))
        # The dearest one writes a log with the real time of day.
        await pilot.press("G")

    assert screen_is_as_pictured(scene, WIDE)


def test_details_of_what_failed(screen_is_as_pictured: AsPictured) -> None:
    """Look at: the reason with the way out, timers with their time left, nothing cut without a sign."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await _type(pilot, "/nightly-etl", "enter")
        await shows(pilot, "24 hidden")
        await pilot.press("d")
        await shows(pilot, "way out", "of 10.0")

    assert screen_is_as_pictured(scene, WIDE)
