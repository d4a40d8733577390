"""A server that is older than the program: what it lacks is said in words, noted once, and not asked for again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tests.contract.helpers import Gateways, connection_to, id_in_state

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.ptys import PtySize
from daytona_tui.domain.sandbox import SandboxId, SandboxState
from daytona_tui.domain.sizes import SizeEdit
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.mishaps.lacking import LACKS, parse_lacks
from daytona_tui.emulator.server import Emulator, EmulatorOptions
from daytona_tui.errors import ConflictError, NotFoundError, UnsupportedError

Call = Callable[[DaytonaGateway, SandboxId], Awaitable[object]]


async def no_pieces() -> AsyncIterator[bytes]:
    """Yield nothing."""
    yield b""


CALLS: dict[Ability, Call] = {
    Ability.TTL: lambda gateway, it: gateway.set_ttl(it, 60),
    Ability.AUTO_PAUSE: lambda gateway, it: gateway.set_auto_pause(it, 60),
    Ability.PAUSE: lambda gateway, it: gateway.pause(it, timeout_s=5),
    Ability.RECOVER: lambda gateway, it: gateway.recover(it, timeout_s=5),
    Ability.RESIZE: lambda gateway, it: gateway.resize(it, SizeEdit(cpu=2), timeout_s=5),
    Ability.FORK: lambda gateway, it: gateway.fork(it, "another", timeout_s=5),
    Ability.SSH: lambda gateway, it: gateway.create_ssh_access(it, 5),
    Ability.CONTEXTS: lambda gateway, _: gateway.send_context("0", no_pieces, lambda _sent: None),
    Ability.AUDIT: lambda gateway, it: gateway.logged_acts(it),
}


async def test_what_a_server_lacks_is_asked_for_once_and_named(open_gateways: Gateways) -> None:
    lacks = frozenset(LACKS) - {"keys"}  # the organisation, whose log is asked for, is told with the key
    async with Emulator(EmulatorOptions(seed="fleet:30", pace="instant", lacks=lacks)) as emulator:
        gateway, it = open_gateways(connection_to(emulator)), id_in_state(emulator, SandboxState.STARTED)
        for ability, call in CALLS.items():
            with pytest.raises(UnsupportedError, match=r"^this server ") as caught:
                await call(gateway, it)
            assert caught.value.message == gateway.abilities.lacks(ability) != ""
        assert {ability for ability, _ in gateway.abilities.lacking} == set(CALLS)

        emulator.faults.add(FaultRule(drop=True))  # whoever asks again meets this
        for ability in CALLS.keys() - {Ability.AUDIT, Ability.FORK}:
            with pytest.raises(UnsupportedError):
                await CALLS[ability](gateway, it)


async def test_what_concerns_one_sandbox_is_not_held_against_the_server(
    gateway: DaytonaGateway, started: SandboxId
) -> None:
    with pytest.raises((UnsupportedError, ConflictError)):
        await gateway.pause(started, timeout_s=5)
    with pytest.raises(UnsupportedError):
        await gateway.fork(started, "another", timeout_s=5)
    await gateway.set_ttl(started, 60)

    assert gateway.abilities.lacking == ()


async def test_the_last_open_server_can_be_worked_with(open_gateways: Gateways) -> None:
    options = EmulatorOptions(seed="fleet:30", pace="instant", lacks=parse_lacks("v0.190"))
    async with Emulator(options) as emulator:
        gateway, it = open_gateways(connection_to(emulator)), id_in_state(emulator, SandboxState.STARTED)
        pages = [page async for page in gateway.list_pages()]
        await gateway.stop(it, timeout_s=5)
        await gateway.start(it, timeout_s=5)
        with pytest.raises(UnsupportedError, match="older than the measurement"):
            await gateway.metrics(it)

        assert sum(map(len, pages)) == 30
        assert gateway.abilities.lacking == ()


OF_THE_TOOLBOX: dict[str, tuple[Ability, Call]] = {
    "list sessions": (Ability.SESSIONS, lambda gateway, it: gateway.sessions(it)),
    "open a session": (Ability.SESSIONS, lambda gateway, it: gateway.open_session(it, "another")),
    "list terminals": (Ability.PTYS, lambda gateway, it: gateway.terminals(it)),
    "open a terminal": (Ability.PTYS, lambda gateway, it: gateway.open_pty(it, "another", size=PtySize(80, 24))),
}


async def test_what_runs_in_a_sandbox_may_be_older_than_the_server(open_gateways: Gateways) -> None:
    options = EmulatorOptions(seed="fleet:30", pace="instant", lacks=parse_lacks("sessions,ptys"))
    async with Emulator(options) as emulator:
        gateway, it = open_gateways(connection_to(emulator)), id_in_state(emulator, SandboxState.STARTED)
        for needs, call in OF_THE_TOOLBOX.values():
            with pytest.raises(UnsupportedError, match=f"^this server has no {needs.value} here: ") as caught:
                await call(gateway, it)
            assert caught.value.message == gateway.abilities.lacks_in(it, needs)

        assert gateway.abilities.lacking == ()  # other sandboxes may have newer daemons
        assert gateway.abilities.lacks_in(SandboxId("another"), Ability.PTYS) == ""

        await gateway.stop(it, timeout_s=5)
        assert [gateway.abilities.lacks_in(it, each) for each in (Ability.SESSIONS, Ability.PTYS)] == ["", ""]


async def test_a_session_that_is_not_there_is_no_missing_ability(gateway: DaytonaGateway, started: SandboxId) -> None:
    with pytest.raises(NotFoundError):
        await gateway.submit(started, "nobody", "true")
    assert gateway.abilities.lacks_in(started, Ability.SESSIONS) == ""
