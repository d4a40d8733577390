"""Charts that code has shown: taken out of what it printed, in the shapes of the daemon."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any

from daytona_tui.emulator.wire import Json

_TEXTS = frozenset({"type", "title", "x_label", "y_label", "x_scale", "y_scale", "png", "label", "group", "value"})
_NUMBERS = frozenset({"angle", "radius", "min", "max", "median", "first_quartile", "third_quartile"})
_TEXT_LISTS = frozenset({"x_tick_labels", "y_tick_labels"})
_NUMBER_LISTS = frozenset({"x_ticks", "y_ticks", "outliers"})


def take_charts(printed: str, mark: str) -> tuple[str, list[Json]]:
    """Return what was printed without what stands between two ``mark``s, and the charts described there."""
    if not mark or mark not in printed:
        return printed, []
    parts, charts = printed.split(mark), []
    for described in parts[1::2]:
        with contextlib.suppress(ValueError, RecursionError):  # the program was killed while it wrote
            charts.append(chart(json.loads(described)))
    return "".join(parts[::2]), charts


def chart(value: Any) -> Json:
    """Return the fields of a chart, or of an element of one, that have their type; clients fail on others."""
    if not isinstance(value, dict):
        raise ValueError("not an object")
    found: Json = {}
    for name, field in value.items():
        if (name in _TEXTS and isinstance(field, str)) or (name in _NUMBERS and _is_number(field)):
            found[name] = field
        elif name in _TEXT_LISTS and isinstance(field, list):
            found[name] = [str(text) for text in field]
        elif name in _NUMBER_LISTS and isinstance(field, list):
            found[name] = [number for number in field if _is_number(number)]
        elif name == "points" and isinstance(field, list):
            found[name] = [point for point in field if isinstance(point, list) and all(map(_is_number, point))]
        elif name == "elements" and isinstance(field, list):
            found[name] = [chart(element) for element in field]
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
