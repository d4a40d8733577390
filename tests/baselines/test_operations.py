"""Looks of what makes and works with sandboxes: forms, the shelf, repositories."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.baselines.test_files import two_sizes
from tests.baselines.test_screens import shows, sizes
from tests.ui.driver import screen_text, until
from textual.pilot import Pilot

AsPictured = Callable[..., bool]


async def _stand_on(pilot: Pilot[int], name: str) -> None:
    await shows(pilot, "● live", "25 sandboxes")
    await pilot.press("slash", *name, "enter")
    await until(pilot, lambda: "24 hidden" in screen_text(pilot.app) or "1 of 25" in screen_text(pilot.app))


@sizes
def test_a_new_sandbox(screen_is_as_pictured: AsPictured, size: tuple[int, int]) -> None:
    """Look at: labels, entries and their hints in line; what is wrong stands beside its entry; the line for a shell."""

    async def scene(pilot: Pilot[int]) -> None:
        await _stand_on(pilot, "scratch")
        await pilot.press("n")
        await shows(pilot, "New sandbox", "the same:")
        await pilot.press(*"twin", "tab", *"team")
        await shows(pilot, "twin", "team")
        await pilot.pause(0.3)

    assert screen_is_as_pictured(scene, size)


@two_sizes
def test_the_shelf(screen_is_as_pictured: AsPictured, size: tuple[int, int]) -> None:
    """Look at: seven tabs, columns in line, who uses each snapshot, what the keys do."""

    async def scene(pilot: Pilot[int]) -> None:
        await shows(pilot, "● live", "25 sandboxes")
        await pilot.press("I")
        await shows(pilot, "daytona-large")
        await pilot.pause(0.3)

    assert screen_is_as_pictured(scene, size)


@two_sizes
def test_a_repository(screen_is_as_pictured: AsPictured, size: tuple[int, int]) -> None:
    """Look at: branch, what is ahead and dirty, the files and what each change is."""

    async def scene(pilot: Pilot[int]) -> None:
        await _stand_on(pilot, "scratch")
        await pilot.press("U")
        await shows(pilot, "merge-lab")
        await pilot.press("enter")
        await shows(pilot, "merge.py")
        await pilot.pause(0.3)

    assert screen_is_as_pictured(scene, size)


@pytest.mark.parametrize("size", [(120, 36)], ids=["120x36"])
def test_resizing(screen_is_as_pictured: AsPictured, size: tuple[int, int]) -> None:
    """Look at: what it is, what it may be, and what that costs."""

    async def scene(pilot: Pilot[int]) -> None:
        await _stand_on(pilot, "scratch")
        await pilot.press("Z")
        await shows(pilot, "Resize")
        await pilot.pause(0.3)

    assert screen_is_as_pictured(scene, size)
