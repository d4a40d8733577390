"""What the server says of itself: version, clock and distance."""

from __future__ import annotations

import pytest

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.server import version_of
from daytona_tui.emulator import wire
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import RemoteError


async def test_a_server_tells_its_version_and_its_clock(emulator: Emulator, gateway: DaytonaGateway) -> None:
    facts = await gateway.about_server()
    assert facts.version == wire.API_VERSION
    assert facts.skew_s is not None
    assert abs(facts.skew_s) < 5
    assert facts.answers_ms > 0

    late = {"Date": "Sat, 01 Jan 2000 00:00:00 GMT"}
    emulator.faults.add(FaultRule(path="/api/config", body={"version": "v0.190.0"}, headers=late))
    facts = await gateway.about_server()
    assert facts.skew_s is not None
    assert facts.skew_s < -800_000_000

    emulator.faults.clear()
    emulator.faults.add(FaultRule(path="/api/config", body=["odd"], headers={"Date": "tomorrow"}))
    assert (await gateway.about_server()).skew_s is None

    emulator.faults.clear()
    emulator.faults.add(FaultRule(path="/api/config", status=503))
    with pytest.raises(RemoteError):
        await gateway.about_server()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("0.226.1", (0, 226, 1)), ("v0.190", (0, 190, 0)), ("0.190.0-rc1", (0, 190, 0)), ("main", None), ("", None)],
)
def test_versions_are_compared_by_their_numbers(text: str, numbers: tuple[int, int, int] | None) -> None:
    assert version_of(text) == numbers
