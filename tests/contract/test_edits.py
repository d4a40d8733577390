"""Labels, intervals, the idle clock and whole records, through the real SDK against the emulator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.contract.helpers import Gateways, connection_to, id_in_state

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import AuthError, NotFoundError, ProtocolError, RateLimitedError, RemoteError, UnsupportedError

Call = Callable[[DaytonaGateway, SandboxId], Awaitable[Sandbox]]
EDITS: dict[str, Call] = {
    "labels": lambda gateway, each: gateway.set_labels(each, {"a": "b"}),
    "autostop": lambda gateway, each: gateway.set_auto_stop(each, 5),
    "autoarchive": lambda gateway, each: gateway.set_auto_archive(each, 5),
    "autodelete": lambda gateway, each: gateway.set_auto_delete(each, 5),
    "ttl": lambda gateway, each: gateway.set_ttl(each, 5),
}
each_edit = pytest.mark.parametrize(("route", "call"), EDITS.items(), ids=EDITS)


async def test_labels_are_replaced_and_the_record_after_it_is_returned(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    labels = {"team": "ml", "empty": "", "a/b": "ü = ☃", "quote": '"'}
    after = await gateway.set_labels(started, labels)
    assert dict(after.labels) == emulator.fleet.records[started].labels == labels
    assert after == await gateway.get(started)
    assert dict((await gateway.set_labels(started, {})).labels) == {}


async def test_every_interval_is_set_and_told(gateway: DaytonaGateway, started: SandboxId) -> None:
    await gateway.set_auto_stop(started, 31)
    await gateway.set_auto_archive(started, 120)
    after = await gateway.set_auto_delete(started, -1)
    lifetimes = after.lifetimes
    assert (lifetimes.auto_stop_min, lifetimes.auto_archive_min, lifetimes.auto_delete_min) == (31, 120, -1)
    assert (await gateway.set_auto_delete(started, 0)).lifetimes.auto_delete_min == 0
    assert (await gateway.set_auto_stop(started, 0)).lifetimes.auto_stop_min == 0


async def test_a_time_to_live_is_set_and_taken_back(gateway: DaytonaGateway, started: SandboxId) -> None:
    ends = (await gateway.set_ttl(started, 90)).lifetimes.destroy_at
    assert ends is not None
    assert abs(ends - datetime.now(UTC) - timedelta(minutes=90)) < timedelta(minutes=2)
    assert (await gateway.set_ttl(started, 0)).lifetimes.destroy_at is None


async def test_auto_pause_is_for_virtual_machines_and_switches_auto_stop_off(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    with pytest.raises(UnsupportedError, match="auto-pause cannot be set: pausing is not supported"):
        await gateway.set_auto_pause(started, 5)
    emulator.fleet.change(emulator.fleet.records[started], sandbox_class="linux-vm")
    await gateway.set_auto_stop(started, 7)
    lifetimes = (await gateway.set_auto_pause(started, 5)).lifetimes
    assert (lifetimes.auto_pause_min, lifetimes.auto_stop_min) == (5, 0)


async def test_a_server_that_answers_an_edit_with_nothing_is_asked_for_the_record(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    emulator.faults.add(FaultRule(method="POST", path="*/autostop/*", status=204, text=""))
    assert (await gateway.set_auto_stop(started, 5)).id == started


@each_edit
async def test_an_older_server_says_what_it_cannot_set(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId, route: str, call: Call
) -> None:
    body = {"message": f"Cannot POST /api/sandbox/{started}/{route}", "error": "Not Found", "statusCode": 404}
    emulator.faults.add(FaultRule(path=f"*/{route}*", status=404, body=body))
    with pytest.raises(
        UnsupportedError,
        match=r"cannot be set: this server is older than that|this server has no (auto-pause|time to live)",
    ) as caught:
        await call(gateway, started)
    assert caught.value.hint


@each_edit
async def test_an_edit_meets_trouble_in_our_words(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId, route: str, call: Call
) -> None:
    troubles: list[tuple[FaultRule, type[Exception]]] = [
        (FaultRule.rate_limited(path=f"*/{route}*", seconds=9), RateLimitedError),
        (FaultRule(path=f"*/{route}*", status=403), AuthError),
        (FaultRule(path=f"*/{route}*", status=500), RemoteError),
        (FaultRule(path=f"*/{route}*", text="<html>hello</html>"), ProtocolError),
    ]
    for fault, kind in troubles:
        emulator.faults.clear()
        emulator.faults.add(fault)
        with pytest.raises(kind):
            await call(gateway, started)


async def test_what_is_gone_cannot_be_edited(gateway: DaytonaGateway) -> None:
    nobody = SandboxId("00000000-0000-4000-8000-000000000000")
    for call in EDITS.values():
        with pytest.raises(NotFoundError):
            await call(gateway, nobody)


async def test_a_negative_interval_is_refused_by_the_server(gateway: DaytonaGateway, started: SandboxId) -> None:
    with pytest.raises(RemoteError, match="non-negative"):
        await gateway.set_auto_stop(started, -5)


async def test_the_idle_clock_is_refreshed(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    before = (await gateway.get(started)).last_activity_at
    await gateway.refresh_activity(started)
    after = (await gateway.get(started)).last_activity_at
    assert before is not None
    assert after is not None
    assert after > before


async def test_editing_is_no_activity(gateway: DaytonaGateway, started: SandboxId) -> None:
    before = (await gateway.get(started)).last_activity_at
    for call in EDITS.values():
        await call(gateway, started)
    assert (await gateway.get(started)).last_activity_at == before


async def test_a_record_is_whole_and_hides_what_looks_like_a_secret(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    env = {"PATH": "/usr/bin", "API_TOKEN": "abc", "NOTE": "use ghp_0123456789abcdef now"}
    emulator.fleet.distort(started, {"env": env, "authToken": "tok", "novel": [{"password": 12345}]})
    record = await gateway.record(started)
    assert record["id"] == started
    assert record["env"] == {"PATH": "/usr/bin", "API_TOKEN": "***", "NOTE": "use *** now"}
    assert record["authToken"] == "***"
    assert record["novel"] == [{"password": "***"}]
    assert await gateway.record(emulator.fleet.records[started].name) == record


async def test_a_record_of_nobody(gateway: DaytonaGateway, emulator: Emulator) -> None:
    for name in ("", "nobody"):
        with pytest.raises(NotFoundError):
            await gateway.record(name)
    emulator.faults.add(FaultRule(path="/api/sandbox/*", body=["a", "list"]))
    with pytest.raises(ProtocolError):
        await gateway.record("anybody")


async def test_edits_need_their_permission(open_gateways: Gateways, emulator: Emulator) -> None:
    emulator.faults.add(FaultRule(method="PUT", path="*/labels", status=403, body={"message": "Access denied"}))
    gateway = open_gateways(connection_to(emulator))
    with pytest.raises(AuthError) as caught:
        await gateway.set_labels(id_in_state(emulator, SandboxState.STOPPED), {"a": "b"})
    assert caught.value.status == 403
