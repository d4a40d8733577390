"""The sweep: what probably is a leak gets a plan that can be read, changed and kept, and the plan is carried out."""

from __future__ import annotations

from daytona_tui.operations.sweep.checks import Guard, guard_of
from daytona_tui.operations.sweep.confirming import Confirmation, Kind, danger_of
from daytona_tui.operations.sweep.consequences import consequence
from daytona_tui.operations.sweep.making import Scan, Wish, make_sweep
from daytona_tui.operations.sweep.outcomes import Ended, Outcome
from daytona_tui.operations.sweep.plan import MOST_ROWS, SweepPlan
from daytona_tui.operations.sweep.report import Report
from daytona_tui.operations.sweep.rows import DEFAULT_TTL_MIN, Note, SweepRow
from daytona_tui.operations.sweep.run import TEMPO, SweepRowRun, SweepRun

__all__ = [
    "DEFAULT_TTL_MIN",
    "MOST_ROWS",
    "TEMPO",
    "Confirmation",
    "Ended",
    "Guard",
    "Kind",
    "Note",
    "Outcome",
    "Report",
    "Scan",
    "SweepPlan",
    "SweepRow",
    "SweepRowRun",
    "SweepRun",
    "Wish",
    "consequence",
    "danger_of",
    "guard_of",
    "make_sweep",
]
