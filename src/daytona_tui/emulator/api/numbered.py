"""The list of sandboxes by page numbers, as older clients read it; the published interface calls it deprecated."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from multidict import MultiMapping

from daytona_tui.emulator.api.listing import DEFAULT_LIMIT, MAXIMUM_LIMIT, several, tests_of
from daytona_tui.emulator.api.reading import check_sorting, positive
from daytona_tui.emulator.fleet.records import FAILED, Fleet, SandboxRecord

_SORTS: dict[str, Callable[[SandboxRecord], float | str]] = {
    "id": lambda record: record.id,
    "name": lambda record: record.name,
    "state": lambda record: record.state,
    "snapshot": lambda record: record.snapshot or "",
    "region": lambda record: record.target,
    "updatedAt": lambda record: record.updated_at.timestamp(),
    "createdAt": lambda record: record.created_at.timestamp(),
    "lastActivityAt": lambda record: record.last_activity_at.timestamp(),
}


@dataclass(frozen=True)
class NumberedPage:
    """One page, and how many there are."""

    rows: list[SandboxRecord]
    total: int
    page: int
    total_pages: int


def numbered_page(fleet: Fleet, parameters: MultiMapping[str]) -> NumberedPage:
    """Return the page that the parameters ask for; unknown parameters are ignored.

    Raises:
        ApiError: 400 for a value that a real server refuses.
    """
    page = positive(parameters, "page", 1)
    limit = positive(parameters, "limit", DEFAULT_LIMIT, most=MAXIMUM_LIMIT)
    sort, order = parameters.get("sort", "createdAt"), parameters.get("order", "desc")
    check_sorting(sort, order, _SORTS)
    tests = list(tests_of(parameters))
    regions = several(parameters, "regions")
    if regions:
        tests.append(lambda record: record.target in regions)
    candidates = list(fleet.records.values())
    if parameters.get("includeErroredDeleted") == "true":
        candidates += [record for record in fleet.hidden.values() if record.state in FAILED]
    rows = [record for record in candidates if all(test(record) for test in tests)]
    rows.sort(key=lambda record: (_SORTS[sort](record), record.id), reverse=order == "desc")
    shown = rows[(page - 1) * limit : page * limit]
    return NumberedPage(shown, len(rows), page, math.ceil(len(rows) / limit))
