"""The guardian's own work, against the emulator: what it deletes, what it leaves alone, what it makes of trouble."""

from __future__ import annotations

import asyncio

import pytest
from tests.contract.helpers import id_in_state

from daytona_tui.client import guardian
from daytona_tui.client.guardian import Order, Server, take_away, watch
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], (False, "")),
        ([b"asked\n"], (True, "")),
        ([b"asked\n", b"made abc\n"], (True, "abc")),
        ([b"asked\n", b"made abc\n", b"done\n"], (False, "")),
        ([b"asked\n", b"made ab"], (True, "")),  # cut off while it was said
        ([b"\xff\xfe\n"], (False, "")),
    ],
)
def test_only_what_was_asked_for_and_is_not_done_is_deleted(lines: list[bytes], expected: tuple[bool, str]) -> None:
    assert watch(lines) == expected


async def test_it_deletes_by_name_and_by_id_through_trouble(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guardian, "_LONGEST_PAUSE_S", 0.05)
    server = _server(emulator)
    named, other = _two(emulator)
    for fault in (
        FaultRule(method="GET", drop=True, times=2),
        FaultRule(method="GET", text="<html>", times=1),
        FaultRule(method="DELETE", status=409, times=1),
        FaultRule.rate_limited(times=1),
    ):
        emulator.faults.add(fault)
    assert await asyncio.to_thread(take_away, server, emulator.fleet.records[named].name, "")
    assert named not in emulator.fleet.records
    assert await asyncio.to_thread(take_away, server, "whatever", other)
    assert other not in emulator.fleet.records


async def test_it_deletes_nothing_that_has_another_name(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guardian, "UNKNOWN_S", 0.5)
    one, _ = _two(emulator)
    # The server takes an id for a name; what is not called so is not ours.
    assert not await asyncio.to_thread(take_away, _server(emulator), one, "")
    assert one in emulator.fleet.records


async def test_it_gives_up_on_what_never_comes_and_on_a_key_that_is_refused(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guardian, "UNANSWERED_S", 0.3)
    monkeypatch.setattr(guardian, "_LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr(guardian, "_REFUSALS", 3)
    assert await asyncio.to_thread(take_away, _server(emulator), "never-made", "")
    one, _ = _two(emulator)
    assert not await asyncio.to_thread(take_away, _server(emulator, key="wrong"), "", one)


async def test_it_shows_the_key_to_no_other_server(emulator: Emulator) -> None:
    one, _ = _two(emulator)
    seen: list[bytes] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {emulator.api_url}/sandbox/{one}\r\n\r\n".encode())
        writer.close()

    server = await asyncio.start_server(elsewhere, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        away = Server(Order(f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {emulator.api_key}"}, "name"))
        assert await asyncio.to_thread(away.ask, "GET", one) == (302, None)
    assert len(seen) == 1


def _server(emulator: Emulator, key: str = "") -> Server:
    return Server(Order(emulator.api_url, {"Authorization": f"Bearer {key or emulator.api_key}"}, "name"))


def _two(emulator: Emulator) -> tuple[str, str]:
    return id_in_state(emulator, SandboxState.STARTED), id_in_state(emulator, SandboxState.STOPPED)
