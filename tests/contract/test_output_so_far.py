"""What a command of a session has written by now, without waiting for its end."""

from __future__ import annotations

import pytest

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.executions import OutputChunk, Stream
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import NotFoundError, ProtocolError


async def test_each_stream_comes_as_one_piece_also_while_it_runs(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    await gateway.open_session(started, "work")
    done = await gateway.submit(started, "work", "echo good; echo bad >&2; echo more")
    async for _ in gateway.follow(started, "work", done.id):
        pass
    assert await gateway.output_so_far(started, "work", done.id) == (
        OutputChunk(Stream.STDOUT, "good\nmore\n"),
        OutputChunk(Stream.STDERR, "bad\n"),
    )

    waits = await gateway.submit(started, "work", "echo begun; read x", echoes=False)
    async for chunk in gateway.follow(started, "work", waits.id):
        assert chunk.text.startswith("begun")
        break
    assert await gateway.output_so_far(started, "work", waits.id) == (OutputChunk(Stream.STDOUT, "begun\n"),)
    await gateway.send_input(started, "work", waits.id, "hidden\n")
    async for _ in gateway.follow(started, "work", waits.id):
        pass
    assert "hidden" not in repr(await gateway.output_so_far(started, "work", waits.id))

    with pytest.raises(NotFoundError):
        await gateway.output_so_far(started, "work", "no-such-command")
    emulator.faults.add(FaultRule(path="*/logs", body=["odd"]))
    with pytest.raises(ProtocolError, match="unknown form"):
        await gateway.output_so_far(started, "work", done.id)
