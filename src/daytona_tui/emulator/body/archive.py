"""Directories of sandboxes as one compressed file, and back; and copies of them.

What is kept: bytes, modes, symbolic links as they are, hard links among each other, times of change to the nanosecond,
empty directories, every name. What is left out: sockets, pipes and devices. A sandbox may be at work on the directory
all the while, so nothing on the way in is ever reached through a link. All functions block.
"""

from __future__ import annotations

import gzip
import os
import tarfile
import threading
import zlib
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from daytona_tui.emulator.body.copying import CHUNK, Meta, TreeWriter, check_stop, walk
from daytona_tui.emulator.state.lifeline import remove_tree

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
_LEVEL = 1  # an archive is made while somebody waits
_DAMAGED = (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile)


class ArchiveError(Exception):
    """The file is no archive that was made here, or it is damaged."""


def pack(directory: Path, file: Path, *, stop: threading.Event | None = None) -> None:
    """Put everything below ``directory`` into ``file``, whole or not at all; the directory is left as it is.

    Args:
        directory: what to pack.
        file: where to; its directory is made when missing, what was there is replaced.
        stop: set it to give up.

    Raises:
        OSError: something cannot be read or written; there is no file then, or the one of before.
        copying.Stopped: ``stop`` was set.
    """
    partial = file.with_name(f"{file.name}.part")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(partial, _NEW, 0o600), "wb") as raw:
            with (
                gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=raw, mtime=0) as packed,
                tarfile.TarFile(
                    fileobj=packed,
                    mode="w",
                    format=tarfile.PAX_FORMAT,
                    encoding="utf-8",
                    errors="surrogateescape",
                    copybufsize=CHUNK,
                ) as tar,
            ):
                walk(directory, _TarWriter(tar), stop)
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(file)
        _sync(file.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def unpack(file: Path, directory: Path, *, stop: threading.Event | None = None) -> None:
    """Make ``directory`` what was packed into ``file``, whole or not at all; what was there is replaced.

    Raises:
        ArchiveError: the file is damaged or not one of ours.
        OSError: it cannot be read, or the directory not be written.
        copying.Stopped: ``stop`` was set.
    """
    partial = directory.with_name(f"{directory.name}.part")
    remove_tree(partial)
    try:
        with (
            file.open("rb") as raw,
            gzip.GzipFile(fileobj=raw) as packed,
            tarfile.open(fileobj=packed, mode="r|", encoding="utf-8", errors="surrogateescape") as tar,
        ):
            _unpack_all(tar, TreeWriter(partial), stop)
            while packed.read(CHUNK):  # the sum of everything stands at the end
                check_stop(stop)
        remove_tree(directory)
        partial.rename(directory)
    except _DAMAGED as error:
        raise ArchiveError(f"{file.name} is damaged: {error}") from error
    finally:
        remove_tree(partial)


def copy_tree(source: Path, target: Path, *, stop: threading.Event | None = None) -> None:
    """Make ``target``, which must not be there, a copy of the directory ``source``.

    Raises:
        OSError: something cannot be read or written; there is no target then.
        copying.Stopped: ``stop`` was set.
    """
    try:
        walk(source, TreeWriter(target), stop)
    except FileExistsError:
        raise
    except BaseException:
        remove_tree(target)
        raise


class _TarWriter:
    """Writes a tree into an archive."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def directory(self, path: str, meta: Meta) -> None:
        self._add(path, tarfile.DIRTYPE, meta)

    def file(self, path: str, meta: Meta, content: BinaryIO, size: int) -> None:
        self._add(path, tarfile.REGTYPE, meta, content=content, size=size)

    def symlink(self, path: str, meta: Meta, target: str) -> None:
        self._add(path, tarfile.SYMTYPE, meta, link=target)

    def hardlink(self, path: str, meta: Meta, first: str) -> None:
        self._add(path, tarfile.LNKTYPE, meta, link=first)

    def finish(self) -> None:
        pass

    def _add(
        self, path: str, kind: bytes, meta: Meta, *, link: str = "", content: BinaryIO | None = None, size: int = 0
    ) -> None:
        info = tarfile.TarInfo(path)
        info.type, info.linkname, info.size = kind, link, size
        info.mode, info.uid, info.gid = meta.mode, meta.uid, meta.gid
        info.mtime = meta.mtime_ns // 10**9
        info.pax_headers = {"mtime": format(Decimal(meta.mtime_ns).scaleb(-9), "f")}  # to the nanosecond
        self._tar.addfile(info, content)
        _members(self._tar).clear()  # it would remember every one


def _unpack_all(tar: tarfile.TarFile, tree: TreeWriter, stop: threading.Event | None) -> None:
    while (info := tar.next()) is not None:
        check_stop(stop)
        path = _checked(info.name)
        meta = Meta(info.mode & 0o7777, _nanoseconds(info), info.uid, info.gid)
        if info.isdir():
            tree.directory(path, meta)
        elif info.isreg():
            content = tar.extractfile(info)
            if content is None:
                raise ArchiveError(f"{path!r} has no content")
            tree.file(path, meta, cast("BinaryIO", content), info.size)
        elif info.issym():
            tree.symlink(path, meta, info.linkname)
        elif info.islnk():
            tree.hardlink(path, meta, _checked(info.linkname))
        else:
            raise ArchiveError(f"{path!r} is of a kind that is never packed")
        _members(tar).clear()
    tree.finish()


def _checked(path: str) -> str:
    """Return a path that stays below the directory: whoever writes the archives may not be who reads them."""
    if path != "." and (path.startswith("/") or ".." in PurePosixPath(path).parts or not path):
        raise ArchiveError(f"{path!r} leads out of the directory")
    return path


def _nanoseconds(info: tarfile.TarInfo) -> int:
    exact = info.pax_headers.get("mtime")
    return int(info.mtime) * 10**9 if exact is None else int(Decimal(exact).scaleb(9))


def _members(tar: tarfile.TarFile) -> list[tarfile.TarInfo]:
    return cast("list[tarfile.TarInfo]", tar.members)  # type: ignore[attr-defined,unused-ignore]


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
