"""The stable names of reasons and guards, for filters, JSON, settings and tests."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

WEIGHTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "run.no-autostop-idle": 40,
        "run.delete-on-stop-trap": 15,
        "run.overdue": 45,
        "run.kept-warm": 25,
        "run.zombie": 45,
        "run.gpu-idle": 25,
        "stuck.transition": 50,
        "err.unrecoverable": 35,
        "err.recoverable": 25,
        "err.build": 20,
        "err.hidden": 5,
        "stop.no-delete": 15,
        "stop.quota": 20,
        "stop.unreachable-delete": 10,
        "arch.forever": 8,
        "own.run-finished": 30,
        "own.session-gone": 15,
        "own.expired": 45,
        "own.group-dead": 15,
        "own.retry-twin": 20,
        "own.none": 5,
    }
)
"""Every reason with what it counts at least; some count more the longer they last (``LONGER``)."""

LONGER: Final = 15
"""What idling or failing for much longer adds, each time."""

GUARDS: Final = frozenset(
    {
        "keep.pin",
        "keep.label",
        "keep.foreign",
        "keep.shape",
        "keep.rule",
        "know.state",
        "know.time",
        "know.value",
        "know.interval",
        "new.created",
        "new.active",
        "move.changing",
        "move.leaving",
        "pool.warm",
        "end.soon",
        "own.managed",
        "own.other",
        "own.inside",
        "tie.shared",
        "cpu.busy",
    }
)
"""Every guard."""

KEEPERS: Final = "keep."
"""What the code of a guard begins with where somebody wants the sandbox kept."""

HELD: Final = frozenset({"keep.pin", "keep.label"})
"""Those that people set by holding a sandbox, and take away by letting go."""
