"""Which sandboxes an emulator begins with."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from daytona_tui.emulator.seed.demo import demo
from daytona_tui.emulator.seed.fleet import fleet
from daytona_tui.emulator.seed.leaky import leaky
from daytona_tui.emulator.seed.planting import Planting

FLEET_MAXIMUM = 100_000
_NUMBER = re.compile(r"[0-9]{1,6}")

Seed = Callable[[], Sequence[Planting]]


def parse_seed(text: str) -> Seed:
    """Return the seed that ``text`` names.

    Raises:
        ValueError: it names none; the message says which there are.
    """
    if text == "empty":
        return lambda: ()
    if text == "demo":
        return demo
    kind, *parts = text.split(":")
    numbers = [int(part) for part in parts if _NUMBER.fullmatch(part)]
    if numbers and len(numbers) == len(parts) and numbers[0] <= FLEET_MAXIMUM:
        if kind == "fleet" and len(numbers) == 1:
            return lambda: fleet(numbers[0])
        if kind == "leaky" and len(numbers) <= 2:
            return lambda: leaky(*numbers)
    raise ValueError(
        f"the seed is empty, demo, fleet:N, leaky:N or leaky:N:NUMBER with N up to {FLEET_MAXIMUM}, not {text!r}"
    )
