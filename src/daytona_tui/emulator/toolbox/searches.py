"""What is in files: names by glob, texts by line, and texts replaced."""

from __future__ import annotations

import asyncio
import fnmatch
import io
import os
import posixpath
import stat
from collections.abc import Iterator

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.toolbox import streams, trees
from daytona_tui.emulator.toolbox.drafts import Draft
from daytona_tui.emulator.toolbox.fileinfo import shown
from daytona_tui.emulator.toolbox.paths import DIRECTORY, Place, file_errors, found, held
from daytona_tui.emulator.toolbox.requests import Resolve, json_body, query_path, routes_with

LONGEST_LINE = 1 << 16
"""A longer line ends the search of its file, as it does for the real daemon's scanner."""

LARGEST_REPLACED = 64 << 20
"""Files beyond this many bytes, before or after, are not changed: they have to be in memory as a whole, twice."""

_SNIFFED = 512
_BREATH = 4096  # lines or entries between two moments when a search can be given up


def search_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the routes of what is in files."""
    route = routes_with(resolve)
    return [
        route(web.get, "/files/search", search_names),
        route(web.get, "/files/find", find_text),
        route(web.post, "/files/replace", replace_text),
    ]


async def search_names(request: web.Request, box: Box) -> web.StreamResponse:
    """Answer the paths below a directory whose name matches a glob."""
    path, pattern = query_path(request), query_path(request, "pattern")
    return await streams.array(request, _names(box, path, pattern), '{"files": [', "]}")


def _names(box: Box, path: str, pattern: str) -> Iterator[object]:
    glob = pattern.replace("[^", "[!")  # Go's way of saying "none of these"
    for entry in _tree(box, path):
        yield _told(path, entry) if entry.below and fnmatch.fnmatchcase(entry.name, glob) else None


async def find_text(request: web.Request, box: Box) -> web.StreamResponse:
    """Answer the lines of text files below a path that contain a text."""
    path, pattern = query_path(request), query_path(request, "pattern").encode("utf-8", "surrogateescape")
    return await streams.array(request, _matches(box, path, pattern))


def _matches(box: Box, path: str, pattern: bytes) -> Iterator[object]:
    for entry in _tree(box, path):
        yield None
        if stat.S_ISREG(entry.stat.st_mode):
            for found_line in _lines_with(entry, pattern):
                if found_line is None:
                    yield None
                else:
                    number, line = found_line
                    yield {"file": _told(path, entry), "line": number, "content": line}


def _tree(box: Box, path: str) -> Iterator[trees.Entry]:
    """Yield what is at a path and below it."""
    with found(box, path) as place:
        described = place.stat()
        top = place.open(DIRECTORY) if stat.S_ISDIR(described.st_mode) else os.dup(place.fd)
        name, is_shared = place.name, place.is_shared
    with held(top), file_errors(path):
        if stat.S_ISDIR(described.st_mode):
            yield from trees.walk(top, only_public=is_shared)
        else:
            yield trees.Entry(top, name, "", described)


def _told(path: str, entry: trees.Entry) -> str:
    """Return where an entry lies, as the client named the top."""
    return shown(posixpath.normpath(posixpath.join(path, entry.below)))


def _lines_with(entry: trees.Entry, pattern: bytes) -> Iterator[tuple[int, str] | None]:
    """Yield number and text of the lines of a text file that contain ``pattern``, and None now and then."""
    try:
        fd = Place(entry.fd, entry.name, "").open(os.O_RDONLY)
    except OSError:
        return
    with io.BufferedReader(io.FileIO(fd, "rb"), LONGEST_LINE) as file:
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode) or b"\0" in file.peek(_SNIFFED)[:_SNIFFED]:
                return
            number = 0
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                    return
                if pattern in (text := line.removesuffix(b"\n").removesuffix(b"\r")):
                    yield number, text.decode("utf-8", "replace")
                elif number % _BREATH == 0:
                    yield None
        except OSError:
            return


async def replace_text(request: web.Request, box: Box) -> web.Response:
    """Replace a text in named files; each file succeeds or fails by itself."""
    body = await json_body(request)
    files, pattern, value = body.get("files"), body.get("pattern"), body.get("newValue")
    is_sound = isinstance(files, list) and all(isinstance(path, str) for path in files)
    if not is_sound or not isinstance(pattern, str) or not isinstance(value, str) or not pattern:
        raise daemon_error(400, "invalid request body: files, pattern and newValue are required")
    old, new = pattern.encode(), value.encode()
    return web.json_response([await asyncio.to_thread(_replace, box, path, old, new) for path in files or ()])


def _replace(box: Box, path: str, old: bytes, new: bytes) -> dict[str, object]:
    try:
        file, size = streams.open_regular(box, path)
        with file, file_errors(path):
            content = file.read(LARGEST_REPLACED + 1) if size <= LARGEST_REPLACED else b""
        longer = content.count(old) * (len(new) - len(old))
        if size > LARGEST_REPLACED or len(content) + max(0, longer) > LARGEST_REPLACED:
            raise daemon_error(400, f"{path}: file too large")
        if old in content:
            draft = Draft.open(box, path, keep_mode=True)
            try:
                draft.write_all([content.replace(old, new)])
                draft.put()
            finally:
                draft.close()
    except ApiError as error:
        return {"file": path, "success": False, "error": error.message}
    return {"file": path, "success": True}
