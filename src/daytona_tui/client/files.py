"""Files of started sandboxes. Looking never keeps a sandbox awake: every request here peeks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daytona_tui.client.errors import refused
from daytona_tui.client.multipart import Event, PartBegin, PartData, Splitter, boundary_of
from daytona_tui.client.room import Part
from daytona_tui.client.toolbox_mapping import directory_from, entries_from, entry_from
from daytona_tui.client.wire import check
from daytona_tui.domain.files import FileEntry, file_name
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError, ProtocolError, VerificationError

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_CHUNK = 1024 * 1024


class FilesPart(Part):
    """Implements ``RemoteFiles``."""

    async def work_dir(self, sandbox_id: SandboxId) -> str:
        """Return the absolute path of the working directory."""
        async with self._toolbox(sandbox_id, "asking for the working directory") as toolbox:
            return directory_from(await self._ask_toolbox(toolbox.info.get_work_dir_without_preload_content()))

    async def list_dir(self, sandbox_id: SandboxId, path: str) -> tuple[FileEntry, ...]:
        """Return the entries of a directory, in no order."""
        async with self._toolbox(sandbox_id, "listing a directory", timeout_s=self._silence_s) as toolbox:
            told = await self._ask_toolbox(toolbox.files.list_files_without_preload_content(path=path))
            # Thousands of entries take long enough to be felt in a key press.
            is_long = isinstance(told, list) and len(told) > 500
            return await asyncio.to_thread(entries_from, told, path) if is_long else entries_from(told, path)

    async def info(self, sandbox_id: SandboxId, path: str) -> FileEntry:
        """Return the entry of a file or directory itself."""
        async with self._toolbox(sandbox_id, "looking at a file") as toolbox:
            told = await self._ask_toolbox(toolbox.files.get_file_info_without_preload_content(path=path))
            return entry_from(told, path)

    async def read(self, sandbox_id: SandboxId, path: str) -> AsyncIterator[bytes]:
        """Yield the contents of one file in chunks.

        Raises:
            NotFoundError: no such file.
            VerificationError: the contents broke off, or are not as long as announced.
        """
        parts = _Parts([path])
        # Leaving a generator early does not leave the one it reads from: that one is closed by hand.
        async with contextlib.aclosing(self._bulk(sandbox_id, [path])) as events:
            async for event in events:
                done = parts.take(event, keep=False)
                if isinstance(event, PartData) and parts.is_file:
                    yield event.data
                if done is not None and isinstance(done[1], Exception):
                    raise done[1]
        if parts.missing:
            raise ProtocolError("the sandbox sent no file", source="toolbox")

    async def read_many(
        self, sandbox_id: SandboxId, paths: Sequence[str]
    ) -> AsyncIterator[tuple[str, bytes | Exception]]:
        """Yield ``(path, contents or error)`` for small files fetched in one request, in the order of arrival."""
        if not paths:
            return
        parts = _Parts(paths)
        async with contextlib.aclosing(self._bulk(sandbox_id, paths)) as events:
            async for event in events:
                done = parts.take(event, keep=True)
                if done is not None:
                    yield done
        for path in parts.missing:
            yield path, ProtocolError("the sandbox sent nothing for this file", source="toolbox")

    @property
    def _silence_s(self) -> float:
        """How long a transfer may stand still."""
        return 2 * self._link.request_s

    async def _bulk(self, sandbox_id: SandboxId, paths: Sequence[str]) -> AsyncGenerator[Event, None]:
        """Yield the multipart events of a bulk download; the answer is closed with the generator."""
        from daytona_toolbox_api_client_async import FilesDownloadRequest

        doing = "downloading"
        async with self._toolbox(sandbox_id, doing, timeout_s=self._silence_s) as toolbox:
            wanted = FilesDownloadRequest(paths=list(paths))
            response: ClientResponse = await toolbox.files.download_files_without_preload_content(wanted)
        try:
            async with self._link.calling(doing, timeout_s=self._silence_s):
                await check(response, source="toolbox")
            splitter = Splitter(boundary_of(response.headers.get("Content-Type", "")))
            while not splitter.is_complete:
                async with self._link.calling(doing, timeout_s=self._silence_s):
                    chunk = await response.content.read(_CHUNK)
                if not chunk:
                    raise VerificationError("the download broke off before its end", source="toolbox")
                for event in splitter.feed(chunk):
                    yield event
        finally:
            response.close()


@dataclass
class _Parts:
    """Which file each part is, and what has come of it."""

    wanted: Sequence[str]
    missing: list[str] = field(init=False)
    is_file: bool = False
    _path: str = ""
    _announced: int | None = None
    _received: int = 0
    _data: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.missing = list(dict.fromkeys(self.wanted))

    def take(self, event: Event, *, keep: bool) -> tuple[str, bytes | Exception] | None:
        """Note ``event``; return path and outcome if it ends a part. File data is collected only if ``keep``."""
        if isinstance(event, PartBegin):
            self._path = self._identify(event)
            self.is_file = event.kind == "file"
            self._announced = event.length if self.is_file else None
            self._received = 0
            self._data = []
            return None
        if isinstance(event, PartData):
            self._received += len(event.data)
            if keep or not self.is_file:
                self._data.append(event.data)
            return None
        self.missing.remove(self._path)
        return self._path, self._outcome()

    def _outcome(self) -> bytes | Exception:
        if not self.is_file:
            return _file_error(b"".join(self._data))
        if self._announced is not None and self._announced != self._received:
            return VerificationError(f"{self._announced} bytes were announced, {self._received} came", source="toolbox")
        return b"".join(self._data)

    def _identify(self, begin: PartBegin) -> str:
        for name in begin.file_names:
            if name in self.missing:
                return name
        # Parts come in the order asked for; one whose name was mangled on the way is the next in turn.
        if self.missing and (len(self.missing) == 1 or file_name(self.missing[0]) in begin.file_names):
            return self.missing[0]
        raise ProtocolError("the sandbox sent a file that nobody asked for", source="toolbox")


def _file_error(body: bytes) -> DaytonaTuiError:
    """Return the error that an ``error`` part describes."""
    import json

    status = 500
    try:
        told = json.loads(body)
        if isinstance(told, dict) and isinstance(told.get("statusCode"), int):
            status = told["statusCode"]
    except ValueError:
        pass
    return refused(status, {}, body, source="toolbox")
