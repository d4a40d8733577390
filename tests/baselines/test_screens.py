"""Looks: one idea per picture. Look at every one before committing a change of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.ui.driver import screen_text, until
from textual.pilot import Pilot

from daytona_tui.ui.panes.files import FilesPane

SIZES = [(160, 45), (120, 36), (80, 24)]

AsPictured = Callable[..., bool]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


async def shows(pilot: Pilot[int], *texts: str) -> None:
    """Wait until the screen shows all of ``texts``."""
    await until(pilot, lambda: all(text in screen_text(pilot.app) for text in texts))


@sizes
def test_the_main_screen(screen_is_as_pictured: AsPictured, size: tuple[int, int]) -> None:
    """Look at: alignment of the columns, states by glyph and word, four panes (or tabs), quiet colours."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await pilot.press("slash", *"hermes-refactor", "enter")
        await shows(pilot, "hermes-refactor")
        await pilot.press("escape")
        await until(pilot, lambda: "hidden by filter" not in screen_text(pilot.app))
        if size[0] >= 100:
            await shows(pilot, "starts it")

    assert screen_is_as_pictured(scene, size)


@sizes
def test_deleting_asks(screen_is_as_pictured: AsPictured, size: tuple[int, int]) -> None:
    """Look at: what is lost is named, Cancel has the focus."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live")
        await pilot.press("slash", *"hermes-refactor", "enter")
        await until(pilot, lambda: "24 hidden" in screen_text(pilot.app) or "1 of 25" in screen_text(pilot.app))
        await pilot.press("D")
        await shows(pilot, "Cancel")

    assert screen_is_as_pictured(scene, size)


@pytest.mark.parametrize("size", [(160, 45), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_help(screen_is_as_pictured: AsPictured, size: tuple[int, int]) -> None:
    """Look at: every command with its key; what cannot be done now says why."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        # Reasons speak about the sandbox under the cursor, once it has rested there.
        await until(pilot, lambda: pilot.app.screen.query_one(FilesPane).tree_view.row_count() > 0)
        await pilot.press("question_mark")
        await shows(pilot, "Archive")

    assert screen_is_as_pictured(scene, size)


def test_an_empty_fleet(screen_is_as_pictured: AsPictured) -> None:
    """Look at: it says that there is nothing, not that something is wrong."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "0 sandboxes")

    assert screen_is_as_pictured(scene, (120, 36), seed="empty")


def test_filtered_to_nothing(screen_is_as_pictured: AsPictured) -> None:
    """Look at: it says how to get everything back."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await pilot.press("slash", *"zzz", "enter")
        await shows(pilot, "25 hidden")

    assert screen_is_as_pictured(scene, (120, 36))


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_refused_key(screen_is_as_pictured: AsPictured, size: tuple[int, int]) -> None:
    """Look at: what happened, and the three ways on."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "refused")

    assert screen_is_as_pictured(scene, size, key="dtn_wrong")


def test_too_small(screen_is_as_pictured: AsPictured) -> None:
    """Look at: one sentence, nothing torn."""

    async def scene(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: screen_text(pilot.app).strip())

    assert screen_is_as_pictured(scene, (50, 12))
