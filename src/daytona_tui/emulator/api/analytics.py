"""Routes of the analytics interface: what sandboxes used and what it cost, and their telemetry.

It has an address of its own, which ``analyticsApiUrl`` of the settings tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from aiohttp import web

from daytona_tui.emulator import wire
from daytona_tui.emulator.accounts.quotas import NOTHING, Amount
from daytona_tui.emulator.accounts.usage import Period, Prices
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.organization import check_organization
from daytona_tui.emulator.api.reading import moment_of
from daytona_tui.emulator.api.settings import ANALYTICS
from daytona_tui.emulator.envelope import ApiError

_MOST_POINTS = 120
_STEPS_S = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400)


class AnalyticsRoutes:
    """The routes under ``/analytics``.

    Args:
        control: the rooms behind the routes.
        prices: what resources cost.
    """

    def __init__(self, control: Control, prices: Prices | None = None) -> None:
        self._control = control
        self._prices = prices or Prices()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        one = f"{ANALYTICS}/organization/{{organization}}"
        return [
            web.get(f"{one}/usage/aggregated", self.aggregated),
            web.get(f"{one}/usage/chart", self.chart),
            web.get(f"{one}/usage/sandbox", self.by_sandbox),
            web.get(f"{one}/sandbox/{{sandbox}}/usage", self.periods),
        ]

    async def aggregated(self, request: web.Request) -> web.Response:
        """Answer what all sandboxes used between two moments, together."""
        periods = list(self._control.usage.periods(*asked_span(request)))
        body = {"sandboxCount": len({period.sandbox_id for period in periods}), **self._sum(periods)}
        return web.json_response(body)

    async def by_sandbox(self, request: web.Request) -> web.Response:
        """Answer what each sandbox used between two moments."""
        periods: dict[str, list[Period]] = {}
        for period in self._control.usage.periods(*asked_span(request)):
            periods.setdefault(period.sandbox_id, []).append(period)
        return web.json_response([{"sandboxId": key, **self._sum(own)} for key, own in periods.items()])

    async def periods(self, request: web.Request) -> web.Response:
        """Answer the stretches of time in which a sandbox used the same, between two moments."""
        begin, end = asked_span(request)
        own = self._control.usage.periods(begin, end, request.match_info["sandbox"])
        return web.json_response([self._period(period) for period in sorted(own, key=lambda each: each.start)])

    async def chart(self, request: web.Request) -> web.Response:
        """Answer what was used over time: on average in each step, and what that cost."""
        begin, end = asked_span(request)
        region = request.query.get("region")
        chosen = [each for each in self._control.usage.periods(begin, end) if not region or each.region == region]
        last = min(end, self._control.fleet.clock.now())
        return web.json_response([self._point(*step) for step in _steps(chosen, begin, last)] if begin < last else [])

    def _sum(self, periods: Sequence[Period]) -> wire.Json:
        body: wire.Json = {
            "totalCPUSeconds": round(sum(each.amount.cpu * each.seconds for each in periods)),
            "totalRAMGBSeconds": round(sum(each.amount.memory * each.seconds for each in periods)),
            "totalDiskGBSeconds": round(sum(each.amount.disk * each.seconds for each in periods)),
            "totalGPUSeconds": round(sum(each.amount.gpu * each.seconds for each in periods)),
            "totalPrice": round(sum(self._prices.of(each.amount, each.seconds) for each in periods), 9),
        }
        if periods:
            body["firstStart"] = wire.instant(min(each.start for each in periods))
            body["lastEnd"] = wire.instant(max(each.end or each.start for each in periods))
        return body

    def _period(self, period: Period) -> wire.Json:
        return {
            "startAt": wire.instant(period.start),
            "endAt": wire.instant(period.end or period.start),
            "cpu": period.amount.cpu,
            "ramGB": period.amount.memory,
            "diskGB": period.amount.disk,
            "gpu": period.amount.gpu,
            "price": round(self._prices.of(period.amount, period.seconds), 9),
        }

    def _point(self, start: datetime, seconds: float, used: Sequence[float]) -> wire.Json:
        cpu, memory, disk = used
        return {
            "time": wire.instant(start),
            "cpu": round(cpu / seconds),
            "ramGB": round(memory / seconds),
            "diskGB": round(disk / seconds),
            "cpuPrice": round(self._prices.of(Amount(cpu=1), cpu), 9),
            "ramPrice": round(self._prices.of(Amount(memory=1), memory), 9),
            "diskPrice": round(self._prices.of(Amount(disk=1), disk), 9),
        }


def asked_span(request: web.Request) -> tuple[datetime, datetime]:
    """Return the two moments that a request asks about, ``from`` and ``to``.

    Raises:
        ApiError: 400 when one is missing or they are the wrong way round, 403 for another organisation.
    """
    if "organization" in request.match_info:
        check_organization(request)
    begin, end = moment_of(request.query, "from"), moment_of(request.query, "to")
    if begin > end:
        raise ApiError(400, "from must not be later than to")
    return begin, end


def _steps(
    periods: Iterable[Period], begin: datetime, end: datetime
) -> Iterable[tuple[datetime, float, tuple[float, float, float]]]:
    """Yield start, length in seconds, and seconds of cpu, memory and disk of each step between two moments."""
    span = (end - begin).total_seconds()
    step = next((each for each in _STEPS_S if span / each <= _MOST_POINTS), _STEPS_S[-1])
    turns: list[tuple[float, Amount]] = []
    for period in periods:
        turns.append(((period.start - begin).total_seconds(), period.amount))
        turns.append((((period.end or period.start) - begin).total_seconds(), NOTHING - period.amount))
    turns.sort(key=lambda turn: turn[0])
    now, level, next_turn, at = 0.0, NOTHING, 0, 0.0
    while at < span:
        stop, used = min(at + step, span), [0.0, 0.0, 0.0]
        while now < stop:
            until = min(stop, turns[next_turn][0]) if next_turn < len(turns) else stop
            used = [
                total + amount * (until - now)
                for total, amount in zip(used, (level.cpu, level.memory, level.disk), strict=True)
            ]
            now = until
            while next_turn < len(turns) and turns[next_turn][0] <= now:
                level += turns[next_turn][1]
                next_turn += 1
        yield (begin + timedelta(seconds=at)).astimezone(UTC), stop - at, (used[0], used[1], used[2])
        at += step
