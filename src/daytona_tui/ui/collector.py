"""When Python looks for garbage in cycles: rarely, and never among what stays.

A full collection looks at every object there is. With ten thousand sandboxes that takes a tenth of a second and more,
during which no key is answered; by default it happens every few seconds while news pours in. But sandboxes, labels and
what is remembered of them form no cycles, and go by themselves when the last reference does. So what is there once the
program is loaded, and once a fleet is, is set aside for good, and the rest is looked at when there is a lot of it.
"""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 10_000, 50, 100
"""Objects made and not freed before the young are looked at; rounds of theirs before the next older are."""


def collect_rarely() -> None:
    """Look for garbage only when there is a lot that may be."""
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def set_aside() -> None:
    """Never look at what is there now."""
    gc.freeze()
