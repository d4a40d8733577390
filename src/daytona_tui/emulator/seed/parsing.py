"""Which sandboxes an emulator begins with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from daytona_tui.emulator.seed.demo import demo
from daytona_tui.emulator.seed.fleet import fleet
from daytona_tui.emulator.seed.planting import Planting

FLEET_MAXIMUM = 100_000

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
    kind, _, count = text.partition(":")
    if kind == "fleet" and count.isascii() and count.isdigit() and int(count) <= FLEET_MAXIMUM:
        return lambda: fleet(int(count))
    raise ValueError(f"the seed is empty, demo or fleet:N with N up to {FLEET_MAXIMUM}, not {text!r}")
