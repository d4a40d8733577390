"""Contents of files: multipart up and down, streamed in bounded memory, and the raw download."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import BodyPartReader, MultipartReader, web

from daytona_tui.emulator.box import Box
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.toolbox.paths import file_errors, host_path
from daytona_tui.emulator.toolbox.requests import Resolve, json_body, query_path, routes_with

CHUNK = 1 << 18
MAX_PATH_BYTES = 1 << 16


def transfer_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the routes of file contents."""
    route = routes_with(resolve)
    return [
        route(web.post, "/files/bulk-upload", bulk_upload),
        route(web.post, "/files/bulk-download", bulk_download),
        route(web.get, "/files/download", download),
    ]


async def bulk_upload(request: web.Request, box: Box) -> web.Response:
    """Write the files of a multipart body, in part order: ``files[i].path``, then ``files[i].file``.

    The destination is what the path part says; the ``filename`` of the file part differs between clients. A file that
    cannot be written is reported and does not stop the others.
    """
    if not request.content_type.startswith("multipart/"):
        raise daemon_error(400, "a multipart body is required")
    try:
        return await _take_parts(await request.multipart(), box)
    except (ValueError, EOFError) as error:  # what aiohttp's reader makes of a body that is no multipart, or half one
        raise daemon_error(400, f"malformed upload: {error}") from error


async def _take_parts(reader: MultipartReader, box: Box) -> web.Response:
    """Write the files of a multipart body."""
    destinations: dict[str, str] = {}
    errors: list[str] = []
    written = 0
    while (part := await reader.next()) is not None:
        index, _, field = (part.name or "").rpartition(".") if isinstance(part, BodyPartReader) else ("", "", "")
        if not isinstance(part, BodyPartReader) or field not in ("path", "file"):
            raise daemon_error(400, "unexpected part in the upload")
        if field == "path":
            destinations[index] = await _read_path(part)
        elif index not in destinations:
            raise daemon_error(400, f"{index}.file came before {index}.path")
        else:
            try:
                await _receive(part, box, destinations[index])
                written += 1
            except ApiError as error:
                errors.append(error.message)
                await part.release()
    if errors:
        return web.json_response({"errors": errors}, status=400)
    if not written:
        raise daemon_error(400, "no files in the upload")
    return web.Response()


async def _read_path(part: BodyPartReader) -> str:
    """Return the destination a path part carries; any bytes can be a file name."""
    raw = bytearray()
    while chunk := await part.read_chunk():
        raw += chunk
        if len(raw) > MAX_PATH_BYTES:
            raise daemon_error(400, "path too long", "INVALID_FILE_PATH")
    return os.fsdecode(bytes(raw))


async def _receive(part: BodyPartReader, box: Box, path: str) -> None:
    """Write one file, making its parent directories."""

    def create() -> BinaryIO:
        with file_errors(path):
            target = Path(host_path(box, path, write=True))
            target.parent.mkdir(parents=True, exist_ok=True)
            # Not blocking: opening a FIFO for writing would wait for a reader.
            fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK, 0o644)
            file = os.fdopen(fd, "wb", buffering=CHUNK * 4)
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                file.close()
                raise daemon_error(400, f"{path}: not a regular file", "INVALID_FILE_PATH")
            file.truncate(0)
            return file

    def write(file: BinaryIO, data: bytes) -> None:
        with file_errors(path):
            file.write(data)

    def close(file: BinaryIO) -> None:
        with file_errors(path):
            file.close()

    file = await asyncio.to_thread(create)
    try:
        while data := await part.read_chunk(CHUNK):
            await asyncio.to_thread(write, file, data)
    finally:
        await asyncio.to_thread(close, file)


@asynccontextmanager
async def _opened(box: Box, path: str) -> AsyncIterator[tuple[BinaryIO, int]]:
    """Open a regular file for reading and give its size; anything else is refused without waiting on it."""

    def open_regular() -> tuple[BinaryIO, int]:
        with file_errors(path):
            fd = os.open(host_path(box, path), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                os.close(fd)
                kind = "is a directory" if stat.S_ISDIR(found.st_mode) else "not a regular file"
                raise daemon_error(400, f"{path}: {kind}", "INVALID_FILE_PATH")
            return os.fdopen(fd, "rb", buffering=0), found.st_size

    file, size = await asyncio.to_thread(open_regular)
    try:
        yield file, size
    finally:
        await asyncio.to_thread(file.close)


async def _send(response: web.StreamResponse, file: BinaryIO, size: int) -> None:
    """Send exactly ``size`` bytes; what a file grows meanwhile is left out, what it loses ends the connection."""
    left = size
    while left:
        data = await asyncio.to_thread(file.read, min(CHUNK, left))
        if not data:
            raise ConnectionResetError("the file shrank while it was sent")
        left -= len(data)
        await response.write(data)


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
    response = web.StreamResponse(headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})
    await response.prepare(request)
    for path in paths:
        try:
            async with _opened(box, path) as (file, size):
                await response.write(_part_head(boundary, "file", path, "application/octet-stream", size))
                await _send(response, file, size)
        except ApiError as error:
            text = json.dumps(error.body(request.method, request.path)).encode()
            await response.write(_part_head(boundary, "error", path, "application/json", len(text)) + text)
        await response.write(b"\r\n")
    await response.write(f"--{boundary}--\r\n".encode())
    await response.write_eof()
    return response


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
        name = quote(os.fsencode(os.path.basename(path)), safe="")  # noqa: PTH119 - a sandbox path
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        if is_part:
            response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        await response.prepare(request)
        await asyncio.to_thread(file.seek, start)
        await _send(response, file, stop - start)
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
