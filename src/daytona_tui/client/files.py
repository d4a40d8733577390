"""Files of started sandboxes. Looking never keeps a sandbox awake: every request here peeks.

One file comes by the toolbox's own download, which is the quickest way and the only one that can begin in the middle;
the SDK never uses it, so nothing is taken for granted: where its answer is not what it should be, a bulk download of
that one file follows, and what that says counts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import TYPE_CHECKING

from daytona_tui.client.bulk import Parts
from daytona_tui.client.inspection import InspectionPart
from daytona_tui.client.multipart import Event, PartData, Splitter, boundary_of
from daytona_tui.client.ranges import CUT_BYTES, Cut, Found, Kind, judged
from daytona_tui.client.toolbox_mapping import (
    directory_from,
    entries_from,
    entry_from,
    lines_from,
    names_from,
    tree_from,
)
from daytona_tui.client.wire import check
from daytona_tui.domain.files import FileEntry, FoundLine
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import (
    DaytonaTuiError,
    ProtocolError,
    RateLimitedError,
    UnreachableError,
    VerificationError,
)

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_CHUNK = 1024 * 1024
_NEAR = 256 * 1024
"""How much of a file is rather read and thrown away than a second request made."""
_LOOK_S = 30
_TELLING = frozenset({401, 407, 429})
"""What would be said of a second request as well."""


class FilesPart(InspectionPart):
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

    async def list_tree(self, sandbox_id: SandboxId, path: str, depth: int) -> tuple[FileEntry, ...]:
        """Return the entries of a directory and of those below it, ``depth`` levels in all, in no order."""
        if depth < 1:
            raise ValueError("a tree has at least one level")
        async with self._toolbox(sandbox_id, "listing a tree", timeout_s=self._silence_s) as toolbox:
            call = toolbox.files.list_files_without_preload_content(path=path, depth=depth)
            return await asyncio.to_thread(tree_from, await self._ask_bounded(call), path, depth)

    async def info(self, sandbox_id: SandboxId, path: str) -> FileEntry:
        """Return the entry of a file or directory itself."""
        async with self._toolbox(sandbox_id, "looking at a file") as toolbox:
            told = await self._ask_toolbox(toolbox.files.get_file_info_without_preload_content(path=path))
            return entry_from(told, path)

    async def search_names(self, sandbox_id: SandboxId, path: str, pattern: str) -> tuple[str, ...]:
        """Return the absolute paths below ``path`` whose last part matches a glob."""
        # Newer servers match the whole path below the top, so that a bare name finds nothing further down; older ones
        # match the last part, so that a slash finds nothing at all.
        patterns = (pattern,) if "/" in pattern else (f"**/{pattern}", pattern)
        for each in patterns:
            async with self._toolbox(sandbox_id, "searching for files", timeout_s=self._silence_s) as toolbox:
                call = toolbox.files.search_files_without_preload_content(path=path, pattern=each)
                found = await asyncio.to_thread(names_from, await self._ask_bounded(call), path)
            if found:
                return found
        return ()

    async def search_contents(self, sandbox_id: SandboxId, path: str, pattern: str) -> tuple[FoundLine, ...]:
        """Return the lines that contain the text ``pattern`` in the text files below ``path``."""
        async with self._toolbox(sandbox_id, "searching in files", timeout_s=self._silence_s) as toolbox:
            call = toolbox.files.find_in_files_without_preload_content(path=path, pattern=pattern)
            return await asyncio.to_thread(lines_from, await self._ask_bounded(call), path)

    async def read(self, sandbox_id: SandboxId, path: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        """Yield the contents of one file in chunks, from byte ``offset`` on.

        Raises:
            NotFoundError: no such file.
            UnreachableError: the connection was lost.
            VerificationError: the contents broke off, or are shorter than announced.
        """
        if offset < 0:
            raise ValueError("a file has nothing before its beginning")
        # Leaving a generator early does not leave the one it reads from: that one is closed by hand.
        async with self._single(sandbox_id, path, f"bytes={offset}-" if offset else "", offset) as (response, found):
            if found.kind is Kind.NOTHING:
                return
            if found.kind is Kind.BYTES:
                async with contextlib.aclosing(self._chunks(response)) as chunks:
                    async for chunk in _after(chunks, found.skip):
                        yield chunk
                return
        async with contextlib.aclosing(self._read_bulk(sandbox_id, path)) as chunks:
            async for chunk in _after(chunks, offset):
                yield chunk

    async def read_range(self, sandbox_id: SandboxId, path: str, offset: int, length: int) -> bytes:
        """Return at most ``length`` bytes of a file from byte ``offset`` on."""
        if offset < 0 or length < 0:
            raise ValueError("neither begins a part before the file, nor is it shorter than nothing")
        if length == 0:
            return b""
        wanted = f"bytes={offset}-{offset + length - 1}"
        async with self._single(sandbox_id, path, wanted, offset) as (response, found):
            if found.kind is Kind.NOTHING:
                return b""
            if found.kind is Kind.BYTES and found.skip <= _NEAR:
                return await _taken(self._chunks(response), found.skip, length)
        if offset > _NEAR:
            cut = await self._cut(sandbox_id, path, offset, length)
            if cut is not None:
                return cut
        return await _taken(self._read_bulk(sandbox_id, path), offset, length)

    async def read_many(
        self, sandbox_id: SandboxId, paths: Sequence[str]
    ) -> AsyncIterator[tuple[str, bytes | Exception]]:
        """Yield ``(path, contents or error)`` for small files fetched in one request, in the order of arrival."""
        if not paths:
            return
        parts = Parts(paths, keeps=True)
        async with contextlib.aclosing(self._bulk(sandbox_id, paths)) as batches:
            async for events in batches:
                for event in events:
                    done = parts.take(event)
                    if done is not None:
                        yield done
        for path in parts.missing:
            yield path, ProtocolError("the sandbox sent nothing for this file", source="toolbox")

    @property
    def _silence_s(self) -> float:
        """How long a transfer may stand still."""
        return 2 * self._link.request_s

    @contextlib.asynccontextmanager
    async def _single(
        self, sandbox_id: SandboxId, path: str, wanted: str, offset: int
    ) -> AsyncIterator[tuple[ClientResponse, Found]]:
        """Ask for one file, or the part ``wanted`` of it; give the block the answer and what it is worth."""
        headers = {"Accept-Encoding": "identity"} | ({"Range": wanted} if wanted else {})
        async with self._toolbox(sandbox_id, "downloading", timeout_s=self._silence_s) as toolbox:
            response: ClientResponse = await toolbox.files.download_file_without_preload_content(path, _headers=headers)
            try:
                if response.status in _TELLING or response.status >= 500:
                    await check(response, source="toolbox")
            except BaseException:
                response.close()
                raise
        try:
            yield response, judged(response, offset)
        finally:
            response.close()

    async def _chunks(self, response: ClientResponse, *, whole: bool = False) -> AsyncGenerator[bytes, None]:
        """Yield the body of an answer that may take any time as long as it moves.

        Args:
            response: the answer.
            whole: join what has come meanwhile, for a reader to whom small pieces are dear; else nothing is copied.
        """
        while True:
            try:
                async with asyncio.timeout(self._silence_s):
                    chunk, is_end = (
                        (await response.content.read(_CHUNK), False) if whole else await response.content.readchunk()
                    )
            except Exception as error:
                # A chunk may be as small as a small file: only what goes wrong is worth the way of other requests.
                async with self._link.calling("downloading", timeout_s=self._silence_s):
                    raise error
            if chunk:
                yield chunk
            elif not is_end:  # nothing but the end of a chunk of the wire
                return

    async def _cut(self, sandbox_id: SandboxId, path: str, offset: int, length: int) -> bytes | None:
        """Have a program in the sandbox cut out a part of a file; None where it has none that can."""
        pieces: list[bytes] = []
        for start in range(offset, offset + length, CUT_BYTES):
            cut = Cut(path, start, min(CUT_BYTES, offset + length - start))
            try:
                outcome = await self.look(sandbox_id, cut.script, timeout_s=_LOOK_S)
            except (UnreachableError, RateLimitedError):
                raise
            except DaytonaTuiError:  # it may run nothing, or has no shell
                return None
            piece = cut.contents(outcome.exit_code, outcome.output)
            if piece is None:
                return None
            pieces.append(piece)
            if len(piece) < cut.length:
                break
        return b"".join(pieces)

    async def _read_bulk(self, sandbox_id: SandboxId, path: str) -> AsyncGenerator[bytes, None]:
        """Yield the contents of one file, fetched as if it were many."""
        parts = Parts([path], keeps=False)
        async with contextlib.aclosing(self._bulk(sandbox_id, [path])) as batches:
            async for events in batches:
                for event in events:
                    done = parts.take(event)
                    if isinstance(event, PartData) and parts.is_file:
                        yield event.data
                    if done is not None and isinstance(done[1], Exception):
                        raise done[1]
        if parts.missing:
            raise ProtocolError("the sandbox sent no file", source="toolbox")

    async def _bulk(self, sandbox_id: SandboxId, paths: Sequence[str]) -> AsyncGenerator[list[Event], None]:
        """Yield the multipart events of a bulk download as they come; the answer is closed with the generator."""
        from daytona_toolbox_api_client_async import FilesDownloadRequest

        doing = "downloading"
        async with self._toolbox(sandbox_id, doing, timeout_s=self._silence_s) as toolbox:
            wanted = FilesDownloadRequest(paths=list(paths))
            response: ClientResponse = await toolbox.files.download_files_without_preload_content(wanted)
        try:
            async with self._link.calling(doing, timeout_s=self._silence_s):
                await check(response, source="toolbox")
            splitter = Splitter(boundary_of(response.headers.get("Content-Type", "")))
            async with contextlib.aclosing(self._chunks(response, whole=True)) as chunks:
                async for chunk in chunks:
                    yield splitter.feed(chunk)
                    if splitter.is_complete:
                        return
            yield splitter.finish()
            if not splitter.is_complete:
                raise VerificationError("the download broke off before its end", source="toolbox")
        finally:
            response.close()


async def _after(chunks: AsyncIterator[bytes], skip: int) -> AsyncIterator[bytes]:
    """Yield what comes after the first ``skip`` bytes."""
    async for chunk in chunks:
        if skip < len(chunk):
            yield chunk[skip:]
        skip = max(0, skip - len(chunk))


async def _taken(chunks: AsyncGenerator[bytes, None], skip: int, length: int) -> bytes:
    """Return ``length`` bytes after the first ``skip``, and leave the rest."""
    pieces: list[bytes] = []
    async with contextlib.aclosing(chunks):
        async for chunk in _after(chunks, skip):
            pieces.append(chunk[:length])
            length -= len(pieces[-1])
            if not length:
                break
    return b"".join(pieces)
