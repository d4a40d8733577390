"""Files by name: list, describe, make, delete, move, search. Contents travel in ``transfers``."""

from __future__ import annotations

import asyncio
import fnmatch
import os
import posixpath
import pwd
import shutil
import stat
from collections.abc import Iterator
from grp import getgrnam
from pathlib import Path

from aiohttp import web

from daytona_tui.emulator.box import Box
from daytona_tui.emulator.envelope import daemon_error
from daytona_tui.emulator.toolbox.fileinfo import file_info, list_directory, shown
from daytona_tui.emulator.toolbox.paths import absolute, file_errors, host_path
from daytona_tui.emulator.toolbox.requests import Resolve, json_body, query_path, routes_with

MAX_DEPTH = 64
MAX_SEARCHED_BYTES = 4 << 20
"""Larger files are not searched for text."""


def file_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the routes of files by name."""
    route = routes_with(resolve)
    return [
        route(web.get, "/files", list_files),
        route(web.delete, "/files", delete_file),
        route(web.get, "/files/info", get_info),
        route(web.post, "/files/folder", create_folder),
        route(web.post, "/files/move", move_file),
        route(web.post, "/files/permissions", set_permissions),
        route(web.get, "/files/search", search_names),
        route(web.get, "/files/find", find_text),
        route(web.post, "/files/replace", replace_text),
        route(web.get, "/user-home-dir", get_home),
        route(web.get, "/work-dir", get_home),
    ]


async def get_home(_request: web.Request, box: Box) -> web.Response:
    """Answer the home, which is the working directory too."""
    return web.json_response({"dir": box.work_dir})


async def list_files(request: web.Request, box: Box) -> web.Response:
    """Answer the entries of a directory, or of a tree ``depth`` levels deep."""
    path = query_path(request, default=".")
    try:
        depth = min(int(request.query.get("depth") or 1), MAX_DEPTH)
    except ValueError as error:
        raise daemon_error(400, "depth must be a number") from error
    if depth < 1:
        raise daemon_error(400, "depth must be at least 1")

    def read() -> list[dict[str, object]]:
        with file_errors(path):
            return list_directory(host_path(box, path), posixpath.normpath(absolute(box, path)), depth)

    return web.json_response(await asyncio.to_thread(read))


async def get_info(request: web.Request, box: Box) -> web.Response:
    """Answer one FileInfo; a link is described by what it points to, unless that does not exist."""
    path = query_path(request)

    def read() -> dict[str, object]:
        where = posixpath.normpath(absolute(box, path))
        with file_errors(path):
            try:
                found = os.lstat(host_path(box, path))
            except FileNotFoundError:
                found = os.lstat(host_path(box, path, follow=False))
            return file_info(posixpath.basename(where) or "/", found, where)

    return web.json_response(await asyncio.to_thread(read))


def octal(text: str, default: int) -> int:
    """Return a mode such as ``755``.

    Raises:
        ApiError: 400, it is not octal.
    """
    try:
        mode = int(text, 8) if text else default
    except ValueError as error:
        raise daemon_error(400, "invalid mode format") from error
    if not 0 <= mode <= 0o7777:
        raise daemon_error(400, "invalid mode format")
    return mode


async def create_folder(request: web.Request, box: Box) -> web.Response:
    """Make a directory and its parents; an existing one is fine."""
    path = query_path(request)
    mode = octal(request.query.get("mode", ""), 0o755)

    def make() -> None:
        with file_errors(path):
            target = Path(host_path(box, path, write=True))
            is_new = not target.exists()
            target.mkdir(parents=True, exist_ok=True)
            if is_new:
                target.chmod(mode)

    await asyncio.to_thread(make)
    return web.Response(status=201)


async def delete_file(request: web.Request, box: Box) -> web.Response:
    """Delete a file, a link itself, or with ``recursive`` a whole directory."""
    path = query_path(request)
    is_recursive = request.query.get("recursive") == "true"

    def delete() -> None:
        with file_errors(path):
            target = Path(host_path(box, path, follow=False, write=True))
            is_folder = stat.S_ISDIR(target.lstat().st_mode)
            if is_folder and not is_recursive:
                raise daemon_error(400, "cannot delete directory without recursive flag", "INVALID_FILE_PATH")
            if is_folder:
                shutil.rmtree(target)
            else:
                target.unlink()

    await asyncio.to_thread(delete)
    return web.Response(status=204)


async def move_file(request: web.Request, box: Box) -> web.Response:
    """Move or rename; refuses a destination that exists."""
    source = query_path(request, "source")
    destination = query_path(request, "destination")

    def move() -> None:
        with file_errors(source):
            old = host_path(box, source, follow=False, write=True)
            os.lstat(old)
        with file_errors(destination):
            new = host_path(box, destination, follow=False, write=True)
            os.lstat(posixpath.dirname(new))
            if os.path.lexists(new):
                raise daemon_error(409, "destination already exists")
            shutil.move(old, new)

    await asyncio.to_thread(move)
    return web.Response()


async def set_permissions(request: web.Request, box: Box) -> web.Response:
    """Change mode, owner and group as far as they are given."""
    path = query_path(request)
    mode = octal(request.query.get("mode", ""), -1) if request.query.get("mode") else None

    def change() -> None:
        with file_errors(path):
            target = host_path(box, path, write=True)
            os.lstat(target)
            if mode is not None:
                Path(target).chmod(mode)
            uid, gid = _account(request.query.get("owner", ""), request.query.get("group", ""))
            if (uid, gid) != (-1, -1):
                os.chown(target, uid, gid)

    await asyncio.to_thread(change)
    return web.Response()


def _account(owner: str, group: str) -> tuple[int, int]:
    """Return uid and gid of names or numbers; -1 for the empty string."""
    try:
        uid = -1 if not owner else int(owner) if owner.isdecimal() else pwd.getpwnam(owner).pw_uid
        gid = -1 if not group else int(group) if group.isdecimal() else getgrnam(group).gr_gid
    except KeyError as error:
        raise daemon_error(400, f"unknown user or group: {error.args[0]}") from error
    return uid, gid


def _walk_files(top: str) -> Iterator[str]:
    """Yield the regular files below a host path, in order; links are not followed."""
    if stat.S_ISREG(os.lstat(top).st_mode):
        yield top
        return
    for folder, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            path = posixpath.join(folder, name)
            try:
                if stat.S_ISREG(os.lstat(path).st_mode):
                    yield path
            except OSError:
                continue


def _seen_inside(box: Box, path: str) -> str:
    """Return a host path as the sandbox sees it."""
    return shown(path.removeprefix(box.view))


def _lines_with(path: str, pattern: bytes) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines of a text file that contain ``pattern``."""
    file = Path(path)
    try:
        if file.stat().st_size > MAX_SEARCHED_BYTES:
            return
        content = file.read_bytes()
    except OSError:
        return
    if b"\0" in content[:512]:
        return
    for number, line in enumerate(content.split(b"\n"), 1):
        if pattern in line:
            yield number, line.decode("utf-8", "replace")


async def search_names(request: web.Request, box: Box) -> web.Response:
    """Answer the paths below a directory whose name matches a glob."""
    path, pattern = query_path(request), query_path(request, "pattern")

    def search() -> list[str]:
        found = []
        with file_errors(path):
            top = host_path(box, path)
            os.lstat(top)
            for folder, folders, names in os.walk(top):
                folders.sort()
                hits = (name for name in sorted([*folders, *names]) if fnmatch.fnmatchcase(name, pattern))
                found += [_seen_inside(box, posixpath.join(folder, name)) for name in hits]
        return found

    return web.json_response({"files": await asyncio.to_thread(search)})


async def find_text(request: web.Request, box: Box) -> web.Response:
    """Answer the lines of text files below a path that contain a text."""
    path, pattern = query_path(request), query_path(request, "pattern").encode("utf-8", "surrogateescape")

    def find() -> list[dict[str, object]]:
        with file_errors(path):
            return [
                {"file": _seen_inside(box, file), "line": number, "content": line}
                for file in _walk_files(host_path(box, path))
                for number, line in _lines_with(file, pattern)
            ]

    return web.json_response(await asyncio.to_thread(find))


async def replace_text(request: web.Request, box: Box) -> web.Response:
    """Replace a text in named files; each file succeeds or fails by itself."""
    body = await json_body(request)
    files, pattern, value = body.get("files"), body.get("pattern"), body.get("newValue")
    if not isinstance(files, list) or not isinstance(pattern, str) or not isinstance(value, str) or not pattern:
        raise daemon_error(400, "files, pattern and newValue are required")

    def replace(path: str) -> dict[str, object]:
        try:
            target = Path(host_path(box, path, write=True))
            if not stat.S_ISREG(target.stat().st_mode):
                return {"file": path, "success": False, "error": "not a regular file"}
            target.write_bytes(target.read_bytes().replace(pattern.encode(), value.encode()))
        except OSError as error:
            return {"file": path, "success": False, "error": error.strerror}
        return {"file": path, "success": True}

    return web.json_response([await asyncio.to_thread(replace, str(path)) for path in files])
