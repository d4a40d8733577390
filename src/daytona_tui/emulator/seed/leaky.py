"""A fleet that leaks, with a known truth: what is left behind and why, and what only looks like it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from daytona_tui.emulator.fleet.records import utcnow
from daytona_tui.emulator.seed.leaky_alike import ALIKE
from daytona_tui.emulator.seed.leaky_lost import LEFT_RUNNING
from daytona_tui.emulator.seed.leaky_plot import Plot
from daytona_tui.emulator.seed.leaky_trouble import TROUBLE
from daytona_tui.emulator.seed.planting import Planting

SCENES = (*LEFT_RUNNING, *TROUBLE, *ALIKE)
"""Everything that happens."""

USUAL = 226
"""The number of the fleet that is meant when none is given."""


def leaky(count: int, number: int = USUAL) -> Sequence[Planting]:
    """Return ``count`` sandboxes, each with its truth; the same for the same ``number``, ages apart.

    Everything happens once, in random order, as far as there is room; then it happens again by its share.
    """
    plot = Plot(utcnow(), Random(number))
    for scene in plot.chance.sample(SCENES, len(SCENES)):
        room = count - len(plot.plantings)
        if scene.least <= room:
            scene.plant(plot, room)
    while (room := count - len(plot.plantings)) > 0:
        possible = [scene for scene in SCENES if scene.least <= room]
        scene = plot.chance.choices(possible, [each.share for each in possible])[0]
        scene.plant(plot, room)
    return plot.plantings
