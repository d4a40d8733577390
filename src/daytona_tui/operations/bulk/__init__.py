"""One deed on many sandboxes: a plan that tells beforehand what will happen, and its run."""

from daytona_tui.operations.bulk.plan import Plan, PlannedRow, make_plan
from daytona_tui.operations.bulk.rows import BulkRow, RowStatus
from daytona_tui.operations.bulk.run import AT_ONCE, BulkRun, Rules, Tempo

__all__ = ["AT_ONCE", "BulkRow", "BulkRun", "Plan", "PlannedRow", "RowStatus", "Rules", "Tempo", "make_plan"]
