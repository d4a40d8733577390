"""Contents of files: multipart and raw bodies in, multipart and raw answers out, all streamed in bounded memory."""

from __future__ import annotations

import asyncio
import json
import os
import posixpath
import re
import uuid
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.toolbox import streams
from daytona_tui.emulator.toolbox.drafts import Draft
from daytona_tui.emulator.toolbox.multipart import Multipart, MultipartError, Part
from daytona_tui.emulator.toolbox.paths import file_errors, held
from daytona_tui.emulator.toolbox.requests import Resolve, json_body, query_path, routes_with

MAX_PATH_BYTES = 4096
MAX_WAITING = 10_000
"""Paths of one upload whose files have not come yet."""
MAX_ERRORS = 1000
"""Errors that one answer tells."""

SMALL = 1 << 16
"""Bytes of a file that is read as a whole, with others."""
AHEAD = 128
"""Files that are read at once."""

_PILE = 1 << 18
_READER = ThreadPoolExecutor(1, "small-files")  # several at once would only wait for one another's turn in Python
_UNFIT = re.compile(r"[^ !#-\[\]-~]")  # in a quoted string
_FIELD = re.compile(r"files\[(?P<index>[^\]]{0,40})\]\.(?P<kind>path|file)")


def transfer_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the routes of file contents that ask for a key."""
    route = routes_with(resolve)
    return [
        route(web.post, "/files/bulk-upload", bulk_upload),
        route(web.post, "/files/bulk-download", bulk_download),
        route(web.post, "/files/upload", upload),
    ]


def signable_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the routes that a signature in the address opens too."""
    route = routes_with(resolve)
    return [
        route(web.get, "/files/download", download),
        route(web.post, "/files/upload-v2", upload),
    ]


async def bulk_upload(request: web.Request, box: Box) -> web.Response:
    """Write the files of a multipart body, in part order: ``files[i].path``, then ``files[i].file``.

    The destination is what the path part says; the ``filename`` of the file part differs between clients. A file that
    cannot be written is reported and does not stop the others; other parts are passed over.
    """
    taken = _Taken(box)
    try:
        async for part in Multipart(request).parts():
            await taken.take(part)
    except MultipartError as error:
        await taken.settle()
        taken.refuse(f"reading part: {error}")
    except Exception:  # the client has gone: what came whole is kept
        await taken.settle()
        raise
    await taken.settle()
    return web.json_response(taken.answer(), status=400 if taken.errors else 200)


class _Taken:
    """What has come of a bulk upload so far.

    Small files are written many at once, for going to a thread and back costs more than writing one.
    """

    def __init__(self, box: Box) -> None:
        self._box = box
        self._paths: dict[str, str] = {}
        self._files: list[dict[str, object]] = []
        self._small: list[tuple[str, bytes]] = []
        self.errors: list[str] = []

    def answer(self) -> dict[str, object]:
        """Return the body of the answer."""
        return {"errors": self.errors, "files": self._files} if self.errors else {"files": self._files}

    def refuse(self, reason: str) -> None:
        """Note what went wrong."""
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(reason)

    async def take(self, part: Part) -> None:
        """Take in one part.

        Raises:
            MultipartError: the rest of the body makes no sense.
        """
        field = _FIELD.fullmatch(part.name)
        if field is None:
            return
        index = field["index"]
        if field["kind"] == "path":
            if len(self._paths) >= MAX_WAITING and index not in self._paths:
                raise MultipartError("too many paths without files")
            path = os.fsdecode((await part.read(MAX_PATH_BYTES)).strip())
            if path:
                self._paths[index] = path
            else:
                self.refuse(f"path[{index}]: empty path")
        elif index not in self._paths:
            self.refuse(f"file[{index}]: missing .path metadata")
        else:
            await self._write(part, self._paths.pop(index))

    async def settle(self) -> None:
        """Write the small files that have come."""
        waiting, self._small = self._small, []
        if waiting:
            for (path, data), refusal in zip(waiting, await asyncio.to_thread(_put, self._box, waiting), strict=True):
                self._note(path, len(data) if refusal is None else refusal)

    async def _write(self, part: Part, path: str) -> None:
        beginning = bytearray()
        pieces = part.pieces()
        async for piece in pieces:
            beginning += piece
            if len(beginning) > SMALL:
                await self.settle()
                await self._stream(path, beginning, pieces)
                return
        self._small.append((path, bytes(beginning)))
        if len(self._small) >= AHEAD:
            await self.settle()

    async def _stream(self, path: str, beginning: bytearray, pieces: AsyncIterator[memoryview]) -> None:
        async def whole() -> AsyncIterator[memoryview]:
            yield memoryview(beginning)
            async for piece in pieces:
                yield piece

        try:
            self._note(path, await receive(self._box, path, whole()))
        except ApiError as error:
            self._note(path, error)

    def _note(self, path: str, outcome: int | ApiError) -> None:
        if isinstance(outcome, ApiError):
            self.refuse(outcome.message)
        else:
            self._files.append({"path": path, "bytes": outcome})


def _put(box: Box, files: Sequence[tuple[str, bytes]]) -> list[ApiError | None]:
    """Write files; return for each what is wrong with it; blocking."""
    refusals: list[ApiError | None] = []
    for path, data in files:
        try:
            draft = Draft.open(box, path)
            try:
                draft.write_all([data] if data else [])
                draft.put()
            finally:
                draft.close()
        except ApiError as error:
            refusals.append(error)
        else:
            refusals.append(None)
    return refusals


async def upload(request: web.Request, box: Box) -> web.Response:
    """Write one file: the part ``file`` of a multipart body, or the raw body."""
    path = query_path(request)
    if request.content_type.startswith("multipart/"):
        await _upload_part(request, box, path)
    else:
        await receive(box, path, _raw(request), keep_mode=True)
    return web.json_response({"name": posixpath.basename(posixpath.normpath(path)), "path": path, "type": "file"})


async def _upload_part(request: web.Request, box: Box, path: str) -> None:
    try:
        async for part in Multipart(request).parts():
            if part.name == "file":
                await receive(box, path, part.pieces(), keep_mode=True)
                return
    except MultipartError as error:
        raise daemon_error(400, f"malformed upload: {error}") from error
    raise daemon_error(400, "malformed upload: there is no part named file")


async def _raw(request: web.Request) -> AsyncIterator[bytes]:
    while data := await request.content.readany():
        yield data


async def receive(
    box: Box, path: str, pieces: AsyncIterator[bytes] | AsyncIterator[memoryview], *, keep_mode: bool = False
) -> int:
    """Write a file as its contents arrive, making its directories, and return its size.

    The file appears when it is whole; when its contents break off, whatever was there before stays.

    Raises:
        ApiError: the file cannot be written.
        MultipartError: its contents break off.
    """
    async with await Draft.begin(box, path, keep_mode=keep_mode) as draft:
        async for piece in pieces:
            await draft.write(piece)
        await draft.commit()
        return draft.size


@asynccontextmanager
async def _opened(box: Box, path: str) -> AsyncIterator[tuple[BinaryIO, int]]:
    """Open a regular file for reading and give its size; anything else is refused without waiting on it."""
    file, size = await asyncio.to_thread(streams.open_regular, box, path)
    try:
        yield file, size
    finally:
        await asyncio.shield(asyncio.to_thread(file.close))


def _part_head(boundary: str, name: str, path: str, kind: str, size: int) -> bytes:
    """Return the head of one part, with the file name in both forms: clients differ in which one they read."""
    plain = _UNFIT.sub("_", path)
    encoded = quote(os.fsencode(path), safe="")
    return (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{name}"; filename="{plain or "_"}"; '
        f"filename*=UTF-8''{encoded}\r\n"
        f"Content-Type: {kind}\r\n"
        f"Content-Length: {size}\r\n\r\n"
    ).encode()


async def bulk_download(request: web.Request, box: Box) -> web.StreamResponse:
    """Answer one part per path: the file, or an ``error`` part that says what is wrong with it.

    Small files are read many at once, for going to a thread and back costs more than reading one.
    """
    paths = (await json_body(request)).get("paths")
    if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
        raise daemon_error(400, 'request body must be {"paths": [ ... ]} and non-empty')
    boundary = f"daytona-{uuid.uuid4().hex}"
    end = f"\r\n--{boundary}--\r\n".encode()
    response = web.StreamResponse(headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})
    sender = _Sender(request, box, response, boundary)
    if len(paths) == 1:
        await sender.stream(paths[0], end=end)
    else:
        for start in range(0, len(paths), AHEAD):
            batch = paths[start : start + AHEAD]
            read = await asyncio.get_running_loop().run_in_executor(_READER, _small, box, batch)
            for path, contents in zip(batch, read, strict=True):
                await sender.send(path, contents)
            await sender.flush()
    await response.write(end)
    await response.write_eof()
    return response


def _small(box: Box, paths: Sequence[str]) -> list[bytes | ApiError | None]:
    """Read files: contents, what is wrong with one, or None for one that is to be streamed; blocking."""
    read: list[bytes | ApiError | None] = []
    with streams.Opener(box) as opener:
        for path in paths:
            try:
                file, size = opener.open_regular(path)
                with held(file), file_errors(path):
                    read.append(os.read(file, size) if size <= SMALL else None)
            except ApiError as error:
                read.append(error)
    return read


class _Sender:
    """Sends the parts of a bulk download."""

    def __init__(self, request: web.Request, box: Box, response: web.StreamResponse, boundary: str) -> None:
        self._request = request
        self._box = box
        self._response = response
        self._boundary = boundary
        self._is_first = True
        self._pile: list[bytes] = []
        self._piled = 0

    async def send(self, path: str, contents: bytes | ApiError | None) -> None:
        """Send what :func:`_small` has read of a file, or stream it."""
        if contents is None:
            await self.stream(path)
        elif isinstance(contents, ApiError):
            await self._refuse(path, contents)
        else:
            await self._add(self._head("file", path, "application/octet-stream", len(contents)), contents)

    async def stream(self, path: str, *, end: bytes = b"") -> None:
        """Send a file of any size; ``end`` is what comes after it, where it is the only one."""
        try:
            async with _opened(self._box, path) as (file, size):
                head = self._head("file", path, "application/octet-stream", size)
                if end:  # its length is known, so that it can be sent in the quickest way
                    self._response.content_length = len(head) + size + len(end)
                await self._add(head)
                await self.flush()
                await streams.send(self._request, self._response, file, 0, size)
        except ApiError as error:
            await self._refuse(path, error)
            await self.flush()

    async def flush(self) -> None:
        """Send what has been gathered."""
        if self._pile:
            if not self._response.prepared:
                await self._response.prepare(self._request)
            data, self._pile, self._piled = b"".join(self._pile), [], 0
            await self._response.write(data)

    async def _refuse(self, path: str, error: ApiError) -> None:
        text = json.dumps(error.body(self._request.method, self._request.path)).encode()
        await self._add(self._head("error", path, "application/json", len(text)), text)

    async def _add(self, *pieces: bytes) -> None:
        self._pile += pieces
        self._piled += sum(map(len, pieces))
        if self._piled >= _PILE:
            await self.flush()

    def _head(self, name: str, path: str, kind: str, size: int) -> bytes:
        head = _part_head(self._boundary, name, path, kind, size)
        if self._is_first:
            self._is_first = False
            return head
        return b"\r\n" + head


async def download(request: web.Request, box: Box) -> web.StreamResponse:
    """Answer the raw bytes of one file, or of the range asked for."""
    path = query_path(request)
    async with _opened(box, path) as (file, size):
        start, stop = _range(request, size)
        is_part = request.http_range != slice(None, None, 1)
        response = web.StreamResponse(status=206 if is_part else 200)
        response.content_type = "application/octet-stream"
        response.content_length = stop - start
        response.headers["Accept-Ranges"] = "bytes"
        name = quote(os.fsencode(posixpath.basename(path)), safe="")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        if is_part:
            response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        await response.prepare(request)
        if request.method != "HEAD":
            await streams.send(request, response, file, start, stop - start)
        await response.write_eof()
        return response


def _range(request: web.Request, size: int) -> tuple[int, int]:
    """Return first byte and the one after the last that a request wants.

    Raises:
        ApiError: 416, there is no such range in the file.
    """
    try:
        wanted = request.http_range
    except ValueError as error:
        raise daemon_error(416, "invalid range") from error
    start, stop, _step = wanted.indices(size)
    if wanted != slice(None, None, 1) and start >= stop:
        raise ApiError(
            416, "range not satisfiable", source="DAYTONA_DAEMON", headers={"Content-Range": f"bytes */{size}"}
        )
    return start, stop
