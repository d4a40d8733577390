"""Put before code that imports matplotlib: reports every figure that ``pyplot.show()`` would have shown.

It runs in the sandbox and knows nothing of this package. A figure becomes JSON between two marks on standard
output, with what is drawn as numbers and the picture as PNG.
"""

from __future__ import annotations

import base64
import io
import json
import linecache
import os
import sys
import traceback
import types
from importlib import import_module
from importlib.util import find_spec
from typing import Any

CODE = "<code>"


def numbers(values: Any) -> list[float]:
    """Return numbers of any kind as Python's own."""
    return [float(value) for value in values]


def is_rule(line: Any) -> bool:
    """Whether a line only marks a place: one horizontal or vertical stroke."""
    x, y = line.get_xdata(orig=False), line.get_ydata(orig=False)
    return len(x) == 2 and (x[0] == x[1] or y[0] == y[1])


def kind_of(axes: Any) -> str:
    """Return which kind of chart is drawn."""
    collections, lines, patches = (import_module(f"matplotlib.{name}") for name in ("collections", "lines", "patches"))
    artists = [*axes.lines, *axes.collections, *axes.patches]
    drawn = [artist for artist in artists if not isinstance(artist, patches.Shadow)]
    if drawn and all(isinstance(artist, lines.Line2D) for artist in drawn):
        # The boxes of a box plot are lines of five points that end where they begin, or patches.
        return "box_and_whisker" if box_lines(axes) else "line"
    if any(isinstance(artist, patches.PathPatch) for artist in drawn):
        return "box_and_whisker"
    drawn = [artist for artist in drawn if not (isinstance(artist, lines.Line2D) and is_rule(artist))]
    for name, kind in (
        ("scatter", collections.PathCollection),
        ("bar", patches.Rectangle),
        ("pie", patches.Wedge),
    ):
        if drawn and all(isinstance(artist, kind) for artist in drawn):
            return name
    return "unknown"


def box_lines(axes: Any) -> list[Any]:
    """Return the outlines of the boxes of a box plot."""
    found = []
    for line in axes.lines:
        x, y = line.get_xdata(orig=False), line.get_ydata(orig=False)
        if len(x) == 5 and x[0] == x[-1] and y[0] == y[-1] and len({*x}) == 2 and len({*y}) <= 3:
            found.append(line)
    return found


def line_elements(axes: Any) -> list[dict[str, Any]]:
    """Return the points of each line."""
    return [
        {
            "label": str(line.get_label()),
            "points": [list(p) for p in zip(numbers(line.get_xdata(orig=False)), numbers(line.get_ydata(orig=False)))],  # noqa: B905
        }
        for line in axes.lines
        if not is_rule(line)
    ]


def scatter_elements(axes: Any) -> list[dict[str, Any]]:
    """Return the points of each group."""
    return [
        {"label": str(group.get_label()), "points": [numbers(point) for point in group.get_offsets()]}
        for group in axes.collections
    ]


def bar_elements(axes: Any) -> list[dict[str, Any]]:
    """Return label, value and group of each bar."""
    elements = []
    for container in axes.containers:
        bars = list(container)
        is_lying = getattr(container, "orientation", "vertical") == "horizontal"
        names = tick_names(axes.yaxis if is_lying else axes.xaxis)
        for bar in bars:
            middle = bar.get_y() + bar.get_height() / 2 if is_lying else bar.get_x() + bar.get_width() / 2
            value = bar.get_width() if is_lying else bar.get_height()
            label = names.get(round(float(middle), 6), f"{float(middle):g}")
            elements.append({"label": label, "group": str(container.get_label()), "value": f"{float(value):g}"})
    return elements


def tick_names(axis: Any) -> dict[float, str]:
    """Return the words at the ticks of an axis, by place."""
    places, labels = axis.get_majorticklocs(), axis.get_majorticklabels()
    return {round(float(place), 6): label.get_text() for place, label in zip(places, labels)}  # noqa: B905


def pie_elements(axes: Any) -> list[dict[str, Any]]:
    """Return label, angle and radius of each slice."""
    patches = import_module("matplotlib.patches")
    return [
        {"label": str(slice_.get_label()), "angle": abs(slice_.theta2 - slice_.theta1), "radius": float(slice_.r)}
        for slice_ in axes.patches
        if isinstance(slice_, patches.Wedge)
    ]


def box_elements(axes: Any) -> list[dict[str, Any]]:
    """Return the quartiles, whiskers and outliers of each box of an upright box plot."""
    patches = import_module("matplotlib.patches")
    outlines = [(line.get_xdata(orig=False), line.get_ydata(orig=False)) for line in box_lines(axes)]
    for patch in axes.patches:
        if isinstance(patch, patches.PathPatch):
            vertices = patch.get_path().vertices
            outlines.append((vertices[:, 0], vertices[:, 1]))
    names = tick_names(axes.xaxis)
    return [box_element(axes, numbers(x), numbers(y), names) for x, y in outlines]


def box_element(axes: Any, x: list[float], y: list[float], names: dict[float, str]) -> dict[str, Any]:
    """Return one box, with the lines that are drawn in its column."""
    left, right, low, high = min(x), max(x), min(y), max(y)
    middle = (left + right) / 2
    label = names.get(round(middle, 6), f"{middle:g}")
    element: dict[str, Any] = {"label": label, "first_quartile": low, "third_quartile": high, "outliers": []}
    for line in axes.lines:
        xs, ys = numbers(line.get_xdata(orig=False)), numbers(line.get_ydata(orig=False))
        if not xs or min(xs) < left or max(xs) > right or len(xs) == 5:
            continue
        if line.get_marker() not in ("None", "", None):
            element["outliers"] += ys
        elif len(set(xs)) == 1 and len(ys) == 2:
            element["min" if min(ys) < low else "max"] = min(ys) if min(ys) < low else max(ys)
        elif len(set(ys)) == 1 and low <= ys[0] <= high and {*xs} == {left, right}:
            element["median"] = ys[0]
    element.setdefault("min", low)
    element.setdefault("max", high)
    return element


ELEMENTS = {
    "line": line_elements,
    "scatter": scatter_elements,
    "bar": bar_elements,
    "pie": pie_elements,
    "box_and_whisker": box_elements,
}


def describe(axes: Any) -> dict[str, Any]:
    """Return everything about one chart but its picture."""
    kind = kind_of(axes)
    chart: dict[str, Any] = {"type": kind, "title": axes.get_title()}
    for side, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        labels = [label.get_text() for label in axis.get_majorticklabels()]
        ticks = numbers(axis.get_majorticklocs())
        is_category = type(axis.get_converter() if hasattr(axis, "get_converter") else axis.converter).__name__
        scale = "categorical" if is_category == "StrCategoryConverter" else axis.get_scale()
        chart[f"{side}_label"] = axis.get_label_text()
        chart[f"{side}_ticks"], chart[f"{side}_tick_labels"] = ticks, labels
        chart[f"{side}_scale"] = "datetime" if "Date" in is_category else scale
    chart["elements"] = ELEMENTS[kind](axes) if kind in ELEMENTS else []
    return chart


def report(figure: Any, mark: str) -> None:
    """Print one figure."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", bbox_inches="tight", dpi=100)
    charts = [describe(axes) for axes in figure.axes if axes.has_data()]
    if len(charts) == 1:
        value = charts[0]
    else:
        title = figure.get_suptitle() if hasattr(figure, "get_suptitle") else ""
        value = {"type": "composite_chart" if charts else "unknown", "title": title, "elements": charts}
    value["png"] = base64.b64encode(picture.getvalue()).decode()
    printed = sys.stdout  # the code's own words come first, and it may have replaced the stream
    printed.flush()
    os.write(1, f"{mark}{json.dumps(value)}{mark}".encode())


class Finder:
    """Changes ``matplotlib.pyplot`` as it is imported."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """Return the module's own way of loading, with a step after it."""
        if name != "matplotlib.pyplot":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                load(module)
                self.patch(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

    def patch(self, pyplot: Any) -> None:
        """Make ``show`` report and close the figures; there is nobody to look at a window."""

        def show(*_args: Any, **_kwargs: Any) -> None:
            for number in pyplot.get_fignums():
                report(pyplot.figure(number), self.mark)
            pyplot.close("all")

        pyplot.show = show


def watch(packed: str, mark: str) -> None:
    """Run code as the main program."""
    code = base64.b64decode(packed).decode()
    os.environ.setdefault("MPLBACKEND", "Agg")
    sys.meta_path.insert(0, Finder(mark))
    module = types.ModuleType("__main__")
    own, sys.modules["__main__"] = sys.modules["__main__"], module
    linecache.cache[CODE] = (len(code), None, code.splitlines(keepends=True), CODE)
    try:
        exec(compile(code, CODE, "exec", dont_inherit=True), module.__dict__)
    except Exception as error:
        found = error.__traceback__
        while found is not None and found.tb_frame.f_code.co_filename != CODE:
            found = found.tb_next
        traceback.print_exception(type(error), error, found)
        sys.exit(1)
    finally:
        sys.modules["__main__"] = own
