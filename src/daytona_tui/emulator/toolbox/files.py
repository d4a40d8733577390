"""Files by name: list, describe, make, delete, move. Contents travel in ``transfers`` and are read in ``searches``."""

from __future__ import annotations

import asyncio
import errno
import os
import posixpath
import pwd
import re
import stat
import sys
from collections.abc import Iterator
from grp import getgrnam

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.toolbox import streams, trees
from daytona_tui.emulator.toolbox.fileinfo import file_info
from daytona_tui.emulator.toolbox.paths import DIRECTORY, Place, absolute, file_error, file_errors, found, held
from daytona_tui.emulator.toolbox.requests import Resolve, query_path, routes_with

MAX_DEPTH = 64
"""Deepest listing; a deeper one that is asked for is cut there."""

_MAX_ID = 2**32 - 2


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
        route(web.get, "/user-home-dir", get_home),
        route(web.get, "/work-dir", get_home),
    ]


async def get_home(_request: web.Request, box: Box) -> web.Response:
    """Answer the home, which is the working directory too."""
    return web.json_response({"dir": box.work_dir})


async def list_files(request: web.Request, box: Box) -> web.StreamResponse:
    """Answer the entries of a directory, or of a tree ``depth`` levels deep."""
    path = query_path(request, default=".")
    try:
        depth = min(int(request.query.get("depth") or 1), MAX_DEPTH)
    except ValueError as error:
        raise daemon_error(400, "depth must be a number") from error
    if depth < 1:
        raise daemon_error(400, "depth must be at least 1")
    return await streams.array(request, _entries(box, path, depth))


def _entries(box: Box, path: str, depth: int) -> Iterator[object]:
    """Yield FileInfo of what is in a directory; touches the disk."""
    top = posixpath.normpath(absolute(box, path))
    with found(box, path) as place:
        fd, is_shared = place.open(DIRECTORY), place.is_shared
    with file_errors(path), held(fd) as directory:
        for entry in trees.walk(directory, depth, only_public=is_shared):
            yield file_info(entry.name, entry.stat, posixpath.join(top, entry.below))


async def get_info(request: web.Request, box: Box) -> web.Response:
    """Answer one FileInfo; a link is described by what it points to, unless that does not exist."""
    path = query_path(request)

    def read() -> dict[str, object]:
        where = posixpath.normpath(absolute(box, path))
        return file_info(posixpath.basename(where) or "/", _described(box, path), where)

    return web.json_response(await asyncio.to_thread(read))


def _described(box: Box, path: str) -> os.stat_result:
    try:
        with found(box, path) as place:
            return place.stat()
    except ApiError as error:
        if error.status != 404:
            raise
        with found(box, path, follow=False) as place:
            return place.stat()


def octal(text: str, default: int) -> int:
    """Return a mode such as ``755`` or ``0755``.

    Raises:
        ApiError: 400, it is not octal, or beyond ``7777``.
    """
    if not text:
        return default
    if not re.fullmatch(r"[0-7]{1,9}", text) or int(text, 8) > 0o7777:
        raise daemon_error(400, "invalid mode format")
    return int(text, 8)


async def create_folder(request: web.Request, box: Box) -> web.Response:
    """Make a directory and its parents; an existing one is fine."""
    path = query_path(request)
    mode = octal(request.query.get("mode", ""), 0o755)

    def make() -> None:
        with found(box, path, write=True, make=True) as place:
            if place.exists() and stat.S_ISDIR(place.stat().st_mode):
                return
            os.mkdir(place.name, 0o755, dir_fd=place.fd)
            with held(place.open(DIRECTORY)) as directory:
                os.fchmod(directory, mode)

    await asyncio.to_thread(make)
    return web.Response(status=201)


async def delete_file(request: web.Request, box: Box) -> web.Response:
    """Delete a file, a link itself, or with ``recursive`` a whole directory."""
    path = query_path(request)
    is_recursive = request.query.get("recursive") == "true"

    def delete() -> None:
        with found(box, path, follow=False, write=True) as place:
            if stat.S_ISDIR(place.stat().st_mode) and not is_recursive:
                raise daemon_error(400, "cannot delete directory without recursive flag", "INVALID_FILE_PATH")
            trees.remove(place.fd, place.name)

    await asyncio.to_thread(delete)
    return web.Response(status=204)


async def move_file(request: web.Request, box: Box) -> web.Response:
    """Move or rename; refuses a destination that exists."""
    source = query_path(request, "source")
    destination = query_path(request, "destination")

    def move() -> None:
        with found(box, source, follow=False, write=True) as old:
            old.stat()
            with found(box, destination, follow=False, write=True) as new:
                if new.exists():
                    raise daemon_error(409, "destination already exists")
                trees.move(old, new)

    await asyncio.to_thread(move)
    return web.Response()


async def set_permissions(request: web.Request, box: Box) -> web.Response:
    """Change mode, owner and group as far as they are given."""
    path = query_path(request)
    mode = octal(request.query.get("mode", ""), -1)
    uid, gid = await asyncio.to_thread(_account, request.query.get("owner", ""), request.query.get("group", ""))

    def change() -> None:
        with found(box, path, write=True) as place:
            place.stat()
            if mode >= 0:
                _change_mode(place, mode)
            if (uid, gid) != (-1, -1):
                os.chown(place.name, uid, gid, dir_fd=place.fd, follow_symlinks=False)

    await asyncio.to_thread(change)
    return web.Response()


def _change_mode(place: Place, mode: int) -> None:
    """Change the mode of what is there, never of what it might point to."""
    if not sys.platform.startswith("linux"):
        os.chmod(place.name, mode, dir_fd=place.fd, follow_symlinks=False)
        return
    # Linux cannot change a mode by name without following links; a descriptor that only points there can.
    with held(place.open(os.O_PATH)) as fd:
        if stat.S_ISLNK(os.fstat(fd).st_mode):
            raise file_error(OSError(errno.ELOOP, os.strerror(errno.ELOOP)), place.path)
        os.chmod(f"/proc/self/fd/{fd}", mode)  # noqa: PTH101 - a descriptor, not a path


def _account(owner: str, group: str) -> tuple[int, int]:
    """Return uid and gid of names or numbers; -1 for the empty string."""
    try:
        uid = -1 if not owner else int(owner) if owner.isdecimal() else pwd.getpwnam(owner).pw_uid
    except (KeyError, ValueError) as error:
        raise daemon_error(400, "user not found") from error
    try:
        gid = -1 if not group else int(group) if group.isdecimal() else getgrnam(group).gr_gid
    except (KeyError, ValueError) as error:
        raise daemon_error(400, "group not found") from error
    if max(uid, gid) > _MAX_ID:
        raise daemon_error(400, "invalid user or group ID")
    return uid, gid
