"""Contents of files: multipart and raw bodies in, multipart and raw answers out, all streamed in bounded memory."""

from __future__ import annotations

import asyncio
import json
import os
import posixpath
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.toolbox import streams
from daytona_tui.emulator.toolbox.drafts import Draft
from daytona_tui.emulator.toolbox.multipart import Multipart, MultipartError, Part
from daytona_tui.emulator.toolbox.requests import Resolve, json_body, query_path, routes_with

MAX_PATH_BYTES = 4096
MAX_WAITING = 10_000
"""Paths of one upload whose files have not come yet."""
MAX_ERRORS = 1000
"""Errors that one answer tells."""

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
        taken.refuse(f"reading part: {error}")
    return web.json_response(taken.answer(), status=400 if taken.errors else 200)


class _Taken:
    """What has come of a bulk upload so far."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._paths: dict[str, str] = {}
        self._files: list[dict[str, object]] = []
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

    async def _write(self, part: Part, path: str) -> None:
        try:
            size = await receive(self._box, path, part.pieces())
        except ApiError as error:
            self.refuse(error.message)
        else:
            self._files.append({"path": path, "bytes": size})


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
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else "_" for letter in path
    )
    encoded = quote(os.fsencode(path), safe="")
    return (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{name}"; filename="{plain or "_"}"; '
        f"filename*=UTF-8''{encoded}\r\n"
        f"Content-Type: {kind}\r\n"
        f"Content-Length: {size}\r\n\r\n"
    ).encode()


async def bulk_download(request: web.Request, box: Box) -> web.StreamResponse:
    """Answer one part per path: the file, or an ``error`` part that says what is wrong with it."""
    paths = (await json_body(request)).get("paths")
    if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
        raise daemon_error(400, 'request body must be {"paths": [ ... ]} and non-empty')
    boundary = f"daytona-{uuid.uuid4().hex}"
    end = f"\r\n--{boundary}--\r\n".encode()
    response = web.StreamResponse(headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})
    for number, path in enumerate(paths):
        try:
            async with _opened(box, path) as (file, size):
                head = _part_head(boundary, "file", path, "application/octet-stream", size)
                if len(paths) == 1:  # its length is known, so that it can be sent in the quickest way
                    response.content_length = len(head) + size + len(end)
                await _write(request, response, head, number)
                await streams.send(request, response, file, 0, size)
        except ApiError as error:
            text = json.dumps(error.body(request.method, request.path)).encode()
            head = _part_head(boundary, "error", path, "application/json", len(text))
            await _write(request, response, head + text, number)
    await response.write(end)
    await response.write_eof()
    return response


async def _write(request: web.Request, response: web.StreamResponse, data: bytes, number: int) -> None:
    """Write the beginning of a part, after the beginning of the answer or the end of the part before."""
    if not response.prepared:
        await response.prepare(request)
    await response.write(b"\r\n" + data if number else data)


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
