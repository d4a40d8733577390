"""The ground of a leaky fleet: who works there, how long things take, and how what is planted gets its truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from daytona_tui.emulator.gate.keys import User
from daytona_tui.emulator.seed.garden import Garden
from daytona_tui.emulator.seed.leaky_marks import HOUR, Marks, hexadecimal
from daytona_tui.emulator.seed.planting import Maker, Planting, Story, Truth

ME = Maker()
MY_RUNNER = Maker(User(), "dtn", "c1k")
"""The same person's other key, as one gives it to a machine that runs evaluations."""
COLLEAGUES = (
    Maker(User("ada", "Ada", "ada@example.org"), "dtn", "7fe"),
    Maker(User("bo", "Bo", "bo@example.org"), "dtn", "x2q", "sdk-typescript", "sdk-typescript/0.226.0"),
)

_QUIET_PERCENT = 0.4  # a shell and a daemon that wait


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that happens in an organisation, and how often.

    Attributes:
        plant: plants what comes of it, with at most so many sandboxes.
        least: how many sandboxes it takes at least.
        share: how often it happens, beside the others.
    """

    plant: Callable[[Plot, int], None]
    least: int = 1
    share: float = 1.0


class Plot:
    """Plants sandboxes with their truth; times are minutes.

    Args:
        now: the moment of planting.
        chance: decides everything.
    """

    def __init__(self, now: datetime, chance: Random) -> None:
        self.now = now
        self.chance = chance
        self._garden = Garden(now, chance)

    @property
    def plantings(self) -> list[Planting]:
        """What has been planted, in order."""
        return self._garden.plantings

    def some(self, least: int, most: int, room: int) -> int:
        """Return how many of a run there are: a random number, and never more than there is room for."""
        return min(room, self.chance.randint(least, most))

    def hours(self, least: float, most: float) -> float:
        """Return a time between so many hours, in minutes; short ones are as likely as their proportion, not length."""
        return HOUR * math.exp(self.chance.uniform(math.log(least), math.log(most)))

    def identifier(self, digits: int = 16) -> str:
        """Return the identifier of a run."""
        return hexadecimal(self.chance, digits)

    def anybody(self) -> Maker:
        """Return who starts a run: often me, sometimes my other key, sometimes a colleague."""
        return self.chance.choice((ME, ME, ME, MY_RUNNER, *COLLEAGUES))

    def me(self) -> Maker:
        """Return me, with one key or the other."""
        return self.chance.choice((ME, ME, MY_RUNNER))

    def colleague(self) -> Maker:
        """Return somebody else."""
        return self.chance.choice(COLLEAGUES)

    def leak(self, kind: str, why: str, marks: Marks, maker: Maker | None, **fields: Any) -> None:
        """Plant a sandbox that nobody needs any more; ``fields`` as :meth:`plant` takes them."""
        self.plant(Truth(kind, True, _is_mine(maker), why), marks, maker, **fields)

    def alike(self, kind: str, why: str, marks: Marks, maker: Maker | None, **fields: Any) -> None:
        """Plant a sandbox that somebody needs, or that sees to itself; ``fields`` as :meth:`plant` takes them."""
        self.plant(Truth(kind, False, _is_mine(maker), why), marks, maker, **fields)

    def plant(self, truth: Truth, marks: Marks, maker: Maker | None, **fields: Any) -> None:
        """Plant a sandbox.

        ``fields`` are those of its record, and ``state`` (``started`` by default), ``age``, ``idle``, ``ttl``,
        ``cpu_percent`` and ``is_polled``.
        """
        fields = {"state": "started", "target": "us", **marks, **fields}
        state, name = fields.pop("state"), fields.pop("name", None)
        quiet = self.chance.uniform(0.0, 2 * _QUIET_PERCENT) if state == "started" else 0.0
        story = Story(maker, fields.pop("cpu_percent", quiet), fields.pop("is_polled", False), truth)
        self._garden.plant(name, state, story=story, **fields)


def _is_mine(maker: Maker | None) -> bool:
    return maker in (ME, MY_RUNNER)
