"""The table of served routes in docs/emulator.md, made from the routes themselves.

``python -m daytona_tui.emulator.api.table docs/emulator.md`` rewrites it.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.app import routes
from daytona_tui.emulator.bodies import Bodies
from daytona_tui.emulator.events import EventChannel
from daytona_tui.emulator.faults import Faults
from daytona_tui.emulator.journal import Journal
from daytona_tui.emulator.lifecycle import Lifecycle
from daytona_tui.emulator.records import Fleet
from daytona_tui.emulator.statedir import StateDirectory

BEGIN = "<!-- routes: begin -->"
END = "<!-- routes: end -->"

_TOOLBOX = "/toolbox/{sandbox_id}"


def route_table() -> str:
    """Return the served routes in Markdown: the main interface with what each does, the toolbox by its paths."""
    served = routes(_idle_control())
    lines = ["| Method | Path | What it does |", "| --- | --- | --- |"]
    methods: dict[str, list[str]] = {}
    for route in served:
        if route.path.startswith(_TOOLBOX):
            methods.setdefault(route.path.removeprefix(_TOOLBOX), []).append(route.method)
        else:
            summary = (inspect.getdoc(route.handler) or "").split("\n", 1)[0].replace("``", "`")
            lines.append(f"| {route.method} | `{route.path}` | {summary} |")
    lines += ["", f"| Toolbox, below `{_TOOLBOX}` | Methods |", "| --- | --- |"]
    lines += [f"| `{path}` | {', '.join(sorted(names))} |" for path, names in sorted(methods.items())]
    return "\n".join(lines)


def with_table(text: str) -> str:
    """Return the document ``text`` with a fresh table between its markers.

    Raises:
        ValueError: it has no markers.
    """
    if BEGIN not in text or END not in text:
        raise ValueError("the document has no place for the routes")
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    return between.sub(lambda _: f"{BEGIN}\n\n{route_table()}\n\n{END}", text)


def _idle_control() -> Control:
    fleet, faults, bodies = Fleet(), Faults(), Bodies(StateDirectory(None))
    return Control(
        fleet=fleet,
        bodies=bodies,
        lifecycle=Lifecycle(fleet, bodies, speed=0),
        faults=faults,
        events=EventChannel(fleet, faults, lambda _token: False),
        journal=Journal(),
        api_key="",
        is_controllable=True,
    )


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(with_table(document.read_text(encoding="utf-8")), encoding="utf-8")
