"""How somebody wants to see the fleet, remembered from one run to the next for each connection.

A JSON file. What in it cannot be understood is left out piece by piece: a column that a newer version knows must not
cost anybody their views. A file that is no such JSON at all is put aside, not overwritten.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daytona_tui.config.kept_file import write_private
from daytona_tui.domain.grouping import is_grouping
from daytona_tui.domain.views import MAX_VIEWS, USUAL, Arrangement, ColumnChoice, NamedView, Sort

_FILE = "views.json"
_VERSION = 1
_MAX_TEXT = 1000
_MAX_COLUMNS = 100
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered.

    Attributes:
        arrangement: how the rows were laid out last.
        views: what was saved under names, in the order of their number keys.
    """

    arrangement: Arrangement = USUAL
    views: tuple[NamedView, ...] = ()


def views_file(state_dir: Path) -> Path:
    """Return the file of a connection's views."""
    return state_dir / _FILE


def load_views(path: Path) -> tuple[Remembered, str]:
    """Return what ``path`` remembers, and in words what is wrong with it; empty when nothing is. Blocks; never fails.

    A damaged file is renamed, so that the next save does not destroy what may be rescued by hand.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise ValueError("is too large")
        document = json.loads(data)
        if not isinstance(document, dict):
            raise TypeError("is not an object")
    except FileNotFoundError:
        return Remembered(), ""
    except OSError as error:
        return Remembered(), f"{path} cannot be read ({error.strerror}): columns and views are the usual ones"
    except (ValueError, TypeError, RecursionError):
        aside = path.with_suffix(".damaged")
        with contextlib.suppress(OSError):
            path.replace(aside)
        return Remembered(), f"{path} was damaged: columns and views are the usual ones; it is kept as {aside.name}"
    return Remembered(_arrangement(document.get("arrangement")), _views(document.get("views"))), ""


def save_views(path: Path, remembered: Remembered) -> None:
    """Write what is to be remembered. Blocks.

    Raises:
        OSError: the disk refuses; the file is as it was.
    """
    document = {
        "version": _VERSION,
        "arrangement": _as_object(remembered.arrangement),
        "views": [
            {"name": view.name, "filter": view.filter, "arrangement": _as_object(view.arrangement)}
            for view in remembered.views
        ],
    }
    write_private(path, json.dumps(document, indent=1, ensure_ascii=True) + "\n")


def _as_object(arrangement: Arrangement) -> dict[str, object]:
    return {
        "columns": [{"key": column.key, "width": column.width} for column in arrangement.columns],
        "sorts": [{"column": sort.column, "reversed": sort.is_reversed} for sort in arrangement.sorts],
        "group": arrangement.group,
    }


def _text(value: object) -> str:
    """Return a text of a tolerable length; an empty one for what is none, or cannot be written again."""
    if not isinstance(value, str) or len(value) > _MAX_TEXT or not value.isprintable():
        return ""
    return value


def _objects(value: object) -> Iterable[dict[str, Any]]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def _arrangement(value: object) -> Arrangement:
    if not isinstance(value, dict):
        return USUAL
    columns = {key: ColumnChoice(key, _width(each)) for each in _objects(value.get("columns")) if (key := _key(each))}
    sorts = {
        key: Sort(key, each.get("reversed") is True) for each in _objects(value.get("sorts")) if (key := _key(each))
    }
    group = _text(value.get("group"))
    return Arrangement(
        tuple(columns.values())[:_MAX_COLUMNS],
        tuple(sorts.values())[:_MAX_COLUMNS] or USUAL.sorts,
        group if is_grouping(group) else "",
    )


def _key(value: dict[str, Any]) -> str:
    return _text(value.get("key")) or _text(value.get("column"))


def _width(value: dict[str, Any]) -> int | None:
    width = value.get("width")
    return width if isinstance(width, int) and not isinstance(width, bool) and 0 < width < _MAX_TEXT else None


def _views(value: object) -> tuple[NamedView, ...]:
    views: dict[str, NamedView] = {}
    for each in _objects(value):
        name = _text(each.get("name")).strip()
        if name:
            # A filter that cannot be taken over must not become one that selects everything.
            raw = each.get("filter", "")
            text = _text(raw) or ("(" if raw != "" else "")
            views[name] = NamedView(name, text, _arrangement(each.get("arrangement")))
    return tuple(views.values())[:MAX_VIEWS]
