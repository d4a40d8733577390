"""What sandboxes cost: the stretches of time in which each used the same resources, and the price of those.

Which state is charged for what, and the prices, are as the hosted service documents them: whoever runs pays for cpu,
memory and disk, whoever rests for its disk, an archived, failed or destroyed sandbox nothing. No allowance is taken
off.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from daytona_tui.emulator.accounts.quotas import NOTHING, Amount, share_of
from daytona_tui.emulator.fleet.records import FAILED, Fleet, SandboxRecord
from daytona_tui.emulator.state.journal import Journal
from daytona_tui.emulator.state.store import Store

CLOSED = "usage"
"""Kind of the periods that are over, in a state directory."""
OPEN = "usage-open"
"""Kind of the periods that go on."""
KEPT = 200_000
"""How many periods that are over are kept, the newest."""

_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars an hour: for a vCPU, a GiB of memory, a GiB of disk, a GPU."""

    cpu: float = 0.0504
    memory: float = 0.0162
    disk: float = 0.000108
    gpu: float = 3.95

    def of(self, amount: Amount, seconds: float) -> float:
        """Return the price of using ``amount`` for a time."""
        hourly = amount.cpu * self.cpu + amount.memory * self.memory + amount.disk * self.disk + amount.gpu * self.gpu
        return hourly * seconds / _HOUR_S


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time in which a sandbox used the same resources; it goes on while it has no end."""

    sandbox_id: str
    region: str
    amount: Amount
    start: datetime
    end: datetime | None = None

    def within(self, begin: datetime, end: datetime) -> Period | None:
        """Return the part of a period that lies between two moments; None when none does."""
        start, stop = max(self.start, begin), end if self.end is None else min(self.end, end)
        return replace(self, start=start, end=stop) if start < stop else None

    @property
    def seconds(self) -> float:
        """Length of a period that is over."""
        return 0.0 if self.end is None else (self.end - self.start).total_seconds()


class Usage:
    """The accounts of every sandbox, those that are gone too.

    Args:
        fleet: the sandboxes; the accounts follow their changes.
        journal: keeps the periods.
        closed: periods of an earlier life that are over.
        going_on: periods of an earlier life that were not.
    """

    def __init__(
        self,
        fleet: Fleet | None = None,
        journal: Journal | None = None,
        closed: Iterable[Period] = (),
        going_on: Iterable[Period] = (),
    ) -> None:
        self._fleet = fleet or Fleet()
        self._journal = journal or Journal()
        self._closed: deque[Period] = deque(closed, maxlen=KEPT)
        self._open: dict[str, Period] = {period.sandbox_id: period for period in going_on}
        self._catch_up()
        self._fleet.subscribe(self._changed)

    def periods(self, begin: datetime, end: datetime, sandbox_id: str | None = None) -> Iterator[Period]:
        """Yield what lies between two moments, each part with its end; what goes on ends now."""
        now = min(end, self._fleet.clock.now())
        going_on = self._open.values() if sandbox_id is None else filter(None, [self._open.get(sandbox_id)])
        parts = [period.within(begin, end) for period in self._closed if sandbox_id in {None, period.sandbox_id}]
        yield from filter(None, parts)
        yield from filter(None, [period.within(begin, now) for period in going_on])

    def _catch_up(self) -> None:
        """Account for the sandboxes that are there from the start, as far as their records tell."""
        known = {period.sandbox_id for period in (*self._closed, *self._open.values())}
        for period in [each for each in self._open.values() if each.sandbox_id not in self._fleet.records]:
            gone = self._fleet.hidden.get(period.sandbox_id)
            self._close(period, period.start if gone is None else gone.updated_at)
        for record in self._fleet.records.values():
            share, ended = billed_share(record), max(record.updated_at, record.last_activity_at)
            kept = self._open.get(record.id)
            if kept is not None and kept.amount != share:
                self._close(kept, ended)
            elif record.id not in known and share != _all_of(record):
                # It ran, as far as anyone can tell, until the last thing that happened to it.
                self._close(replace(_period(record, record.created_at), amount=_all_of(record)), ended)
            if kept is None or kept.amount != share:
                is_unbroken = record.id not in known and share == _all_of(record)
                self._begin(_period(record, record.created_at if is_unbroken else ended))

    def _changed(self, _event: str, record: SandboxRecord, _extra: Mapping[str, object]) -> None:
        period = self._open.get(record.id)
        amount = billed_share(record)
        if (NOTHING if period is None else period.amount) == amount:
            return
        if period is not None:
            self._close(period, record.updated_at)
        self._begin(_period(record, record.updated_at))

    def _begin(self, period: Period) -> None:
        if period.amount != NOTHING:
            self._open[period.sandbox_id] = period
            self._journal.note(OPEN, period.sandbox_id, _spelt(period))

    def _close(self, period: Period, end: datetime) -> None:
        if self._open.pop(period.sandbox_id, None) is not None:
            self._journal.note(OPEN, period.sandbox_id, None)
        if end > period.start:
            self._closed.append(replace(period, end=end))
            self._journal.append(CLOSED, _spelt(self._closed[-1]))


def billed_share(record: SandboxRecord) -> Amount:
    """Return what a sandbox is charged for in its present state."""
    if record.desired_state == "destroyed" or record.state in FAILED or record.state in {"archiving", "archived"}:
        return NOTHING
    return share_of(record)


def kept_periods(store: Store | None) -> tuple[list[Period], list[Period]]:
    """Return the periods of an earlier life: those that are over, and those that were not. Blocks on disk.

    Raises:
        StoreError: the database cannot be read.
    """
    if store is None:
        return [], []
    return _periods(store.entries(CLOSED, KEPT)), _periods(values for _, values in store.records(OPEN))


def _periods(kept: Iterable[Mapping[str, Any]]) -> list[Period]:
    """Return kept periods; one that cannot be understood is left out."""
    periods = []
    for values in kept:
        try:
            end = values.get("end")
            periods.append(
                Period(
                    str(values["sandbox_id"]),
                    str(values["region"]),
                    Amount(*(int(values[name]) for name in ("cpu", "memory", "disk", "gpu"))),
                    datetime.fromisoformat(values["start"]),
                    None if end is None else datetime.fromisoformat(end),
                )
            )
        except (KeyError, TypeError, ValueError):
            continue
    return periods


def _spelt(period: Period) -> dict[str, Any]:
    amount = period.amount
    return {
        "sandbox_id": period.sandbox_id,
        "region": period.region,
        "cpu": amount.cpu,
        "memory": amount.memory,
        "disk": amount.disk,
        "gpu": amount.gpu,
        "start": period.start,
        "end": period.end,
    }


def _period(record: SandboxRecord, start: datetime) -> Period:
    return Period(record.id, record.target, billed_share(record), start)


def _all_of(record: SandboxRecord) -> Amount:
    return Amount(record.cpu, record.memory, record.disk, record.gpu)
