"""A TCP proxy in front of the emulator that can cut every connection, as a bad network does."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class CuttingProxy:
    """Hands bytes on in both directions.

    The server names its own address in its answers; the proxy writes its own port in that place, which works because
    both have as many digits.

    Attributes:
        sent: bytes that clients have sent so far.
        cut_at: when they have sent so much, every connection is cut, once; None: never.
    """

    def __init__(self, port: int) -> None:
        self.port = 0
        self.connections = 0
        self.sent = 0
        self.cut_at: int | None = None
        self._target = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        while len(str(self.port)) != len(str(self._target)):
            if self._server is not None:
                self._server.close()
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    def cut(self) -> None:
        """End every connection at once, in the middle of whatever it carries."""
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target)
        ours, theirs = f":{self.port}".encode(), f":{self._target}".encode()
        self._writers |= {writer, there_writer}
        both = {
            asyncio.create_task(self._carry(reader, there_writer, ours, theirs)),
            asyncio.create_task(self._carry(there_reader, writer, theirs, ours)),
        }
        self._tasks |= both
        await asyncio.wait(both)
        self._tasks -= both
        self._writers -= {writer, there_writer}

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, before: bytes, after: bytes
    ) -> None:
        try:
            while data := await source.read(65536):
                if before == f":{self.port}".encode():
                    self.sent += len(data)
                    if self.cut_at is not None and self.sent >= self.cut_at:
                        self.cut_at = None
                        self.cut()
                sink.write(data.replace(before, after))
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()
