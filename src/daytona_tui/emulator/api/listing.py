"""The list of sandboxes: which of them, in which order, one page at a time."""

from __future__ import annotations

import base64
import json
import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from multidict import MultiMapping

from daytona_tui.emulator.api.reading import check_sorting
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import FAILED, Fleet, SandboxRecord

DEFAULT_LIMIT = 100
MAXIMUM_LIMIT = 200

Test = Callable[[SandboxRecord], bool]
Key = tuple[float | str, str]

_STATE_WORDS = """
creating restoring destroyed destroying started stopped starting stopping error build_failed pending_build
building_snapshot unknown pulling_snapshot archived archiving resizing snapshotting forking pausing paused resuming
"""
STATES = frozenset(_STATE_WORDS.split())
CLASSES = ("container", "linux-vm", "android", "windows")
_SORTS: dict[str, Callable[[SandboxRecord], float | str]] = {
    "name": lambda record: record.name,
    "cpu": lambda record: record.cpu,
    "memoryGib": lambda record: record.memory,
    "diskGib": lambda record: record.disk,
    "lastActivityAt": lambda record: record.last_activity_at.timestamp(),
    "createdAt": lambda record: record.created_at.timestamp(),
}
_AMOUNTS: dict[str, Callable[[SandboxRecord], int]] = {
    "Cpu": lambda record: record.cpu,
    "Gpu": lambda record: record.gpu,
    "MemoryGiB": lambda record: record.memory,
    "DiskGiB": lambda record: record.disk,
}
_MOMENTS: dict[str, Callable[[SandboxRecord], datetime | None]] = {
    "createdAt": lambda record: record.created_at,
    "lastEvent": lambda record: record.last_activity_at,
    "autoDestroyAt": lambda record: record.auto_destroy_at,
}
_EXACT: dict[str, Callable[[SandboxRecord], str | None]] = {
    "snapshots": lambda record: record.snapshot,
    "regionIds": lambda record: record.target,
    "sandboxClasses": lambda record: record.sandbox_class,
}
_FLAGS: dict[str, Callable[[SandboxRecord], bool]] = {
    "isPublic": lambda record: record.public,
    "isRecoverable": lambda record: record.recoverable,
}


@dataclass(frozen=True)
class Query:
    """A parsed list request; ``with_deleted`` asks for failed sandboxes that were deleted, too."""

    limit: int
    sort: str
    descending: bool
    after: Key | None
    with_deleted: bool
    tests: Sequence[Test]


@dataclass
class Ordered:
    """The fleet in one order, kept until something in the fleet changes."""

    version: int = -1
    order: tuple[str, bool, bool] = ("", False, False)
    rows: list[SandboxRecord] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)

    def follow(self, fleet: Fleet, query: Query) -> None:
        """Bring the rows up to date with ``fleet`` in the order asked for."""
        order = query.sort, query.descending, query.with_deleted
        if self.version == fleet.version and self.order == order:
            return
        deleted = [record for record in fleet.hidden.values() if record.state in FAILED] if query.with_deleted else []
        rows = {record.id: record for record in (*fleet.records.values(), *deleted)}
        keyed = sorted(_key(record, query.sort) for record in rows.values())
        self.keys = keyed
        self.rows = [rows[record_id] for _, record_id in keyed]
        self.version, self.order = fleet.version, order

    def from_cursor(self, after: Key | None, descending: bool) -> Iterable[SandboxRecord]:
        """Yield the rows that come after a cursor."""
        if not descending:
            yield from self.rows[0 if after is None else bisect_right(self.keys, after) :]
        else:
            end = len(self.rows) if after is None else bisect_right(self.keys, after)
            if after is not None and end and self.keys[end - 1] == after:
                end -= 1
            yield from reversed(self.rows[:end])


def parse(parameters: MultiMapping[str]) -> Query:
    """Return the query that the request's parameters spell; unknown parameters are ignored.

    Raises:
        ApiError: 400 for a value that a real server refuses.
    """
    sort = parameters.get("sort", "lastActivityAt")
    order = parameters.get("order", "desc")
    check_sorting(sort, order, _SORTS)
    return Query(
        limit=_limit(parameters.get("limit")),
        sort=sort,
        descending=order == "desc",
        after=_cursor(parameters.get("cursor"), sort),
        with_deleted=parameters.get("includeErroredDeleted") == "true",
        tests=list(tests_of(parameters)),
    )


def page(fleet: Fleet, ordered: Ordered, query: Query) -> tuple[list[SandboxRecord], str | None]:
    """Return the rows of one page, and the cursor of the next; None at the end."""
    ordered.follow(fleet, query)
    rows: list[SandboxRecord] = []
    for record in ordered.from_cursor(query.after, query.descending):
        if all(test(record) for test in query.tests):
            if len(rows) == query.limit:
                return rows, _spell_cursor(_key(rows[-1], query.sort))
            rows.append(record)
    return rows, None


def _key(record: SandboxRecord, sort: str) -> Key:
    return _SORTS[sort](record), record.id


def _limit(text: str | None) -> int:
    if not text:
        return DEFAULT_LIMIT
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAXIMUM_LIMIT))
    if not is_number or not 1 <= int(text) <= MAXIMUM_LIMIT:
        raise ApiError(400, f"limit must be a number from 1 to {MAXIMUM_LIMIT}")
    return int(text)


def _spell_cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps({"sortValue": key[0], "id": key[1]}).encode()).decode()


def _cursor(text: str | None, sort: str) -> Key | None:
    if not text:
        return None
    try:
        spelt = json.loads(base64.urlsafe_b64decode(text.encode()))
        key = (spelt["sortValue"], spelt["id"])
    except (ValueError, KeyError, TypeError):
        raise ApiError(400, "Invalid cursor") from None
    kind = str if sort == "name" else float | int
    if not isinstance(key[0], kind) or not isinstance(key[1], str):
        raise ApiError(400, "Invalid cursor")
    return key


def tests_of(parameters: MultiMapping[str]) -> Iterable[Test]:
    """Yield what a row must pass to be listed.

    Raises:
        ApiError: 400 for a value that a real server refuses.
    """
    yield from _word_tests(parameters)
    if parameters.get("includeWarm") != "true":
        yield _is_claimed
    for name, flag in _FLAGS.items():
        if parameters.get(name) in {"true", "false"}:
            yield _has_flag(flag, parameters[name] == "true")
    for name, amount in _AMOUNTS.items():
        if parameters.get(f"min{name}"):
            yield _is_between(amount, _amount(parameters, f"min{name}"), None)
        if parameters.get(f"max{name}"):
            yield _is_between(amount, None, _amount(parameters, f"max{name}"))
    for name, moment in _MOMENTS.items():
        if parameters.get(f"{name}After"):
            yield _is_later(moment, _moment(parameters, f"{name}After"))
        if parameters.get(f"{name}Before"):
            yield _is_earlier(moment, _moment(parameters, f"{name}Before"))


def _word_tests(parameters: MultiMapping[str]) -> Iterable[Test]:
    for name in ("id", "name"):
        if parameters.get(name):
            yield _begins(name, parameters[name].lower())
    if parameters.get("labels"):
        yield _has_labels(parameters["labels"])
    states = several(parameters, "states")
    if states:
        yield _in_states(states)
    for name, value in _EXACT.items():
        wanted = several(parameters, name)
        if name == "sandboxClasses" and not wanted <= set(CLASSES):
            raise ApiError(400, f"each value in {name} must be one of the following values: {', '.join(CLASSES)}")
        if wanted:
            yield _is_one_of(value, wanted)


def several(parameters: MultiMapping[str], name: str) -> frozenset[str]:
    """Return every value of a parameter, which may also be spelt with brackets."""
    return frozenset([*parameters.getall(name, []), *parameters.getall(f"{name}[]", [])])


def _begins(name: str, prefix: str) -> Test:
    return lambda record: str(getattr(record, name)).lower().startswith(prefix)


def _has_labels(text: str) -> Test:
    try:
        labels = json.loads(text)
    except ValueError:
        raise ApiError(400, "labels must be a valid JSON string") from None
    if not isinstance(labels, dict):
        # A real server trips over this instead of refusing it.
        raise ApiError(500, "An unexpected error occurred.")
    return lambda record: labels.items() <= record.labels.items()


def _in_states(states: frozenset[str]) -> Test:
    if not states <= STATES - {"destroyed"}:
        allowed = ", ".join(sorted(STATES - {"destroyed"}))
        raise ApiError(400, f"each value in states must be one of the following values: {allowed}")
    return lambda record: record.state in states


def _is_claimed(record: SandboxRecord) -> bool:
    return record.warm_pool_id is None


def _is_one_of(value: Callable[[SandboxRecord], str | None], wanted: frozenset[str]) -> Test:
    return lambda record: value(record) in wanted


def _has_flag(flag: Callable[[SandboxRecord], bool], wanted: bool) -> Test:
    return lambda record: flag(record) is wanted


def _amount(parameters: MultiMapping[str], name: str) -> float:
    try:
        amount = float(parameters[name])
    except ValueError:
        raise ApiError(400, f"{name} must be a number") from None
    if not math.isfinite(amount):
        raise ApiError(400, f"{name} must be a number")
    return amount


def _is_between(amount: Callable[[SandboxRecord], int], least: float | None, most: float | None) -> Test:
    return lambda record: (least is None or amount(record) >= least) and (most is None or amount(record) <= most)


def _moment(parameters: MultiMapping[str], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(parameters[name])
    except ValueError:
        raise ApiError(400, f"{name} must be a valid ISO 8601 date string") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_later(moment: Callable[[SandboxRecord], datetime | None], bound: datetime) -> Test:
    def test(record: SandboxRecord) -> bool:
        value = moment(record)
        return value is not None and value >= bound

    return test


def _is_earlier(moment: Callable[[SandboxRecord], datetime | None], bound: datetime) -> Test:
    def test(record: SandboxRecord) -> bool:
        value = moment(record)
        return value is not None and value <= bound

    return test
