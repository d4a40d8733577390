"""What a client of a terminal has been sent."""

from __future__ import annotations

from tests.emulator.toolbox.processes import until


class Screen:
    """What a terminal has printed."""

    def __init__(self) -> None:
        self.data = bytearray()

    async def put(self, data: bytes) -> None:
        self.data += data

    async def shows(self, text: str) -> None:
        await until(lambda: text.encode() in self.data, within_s=10)
