"""What archives hold, from the parts of them that say so. All of it is hostile: lengths and offsets are checked.

Formats: POSIX.1-2017 pax with the GNU extensions for tar; PKWARE's APPNOTE 6.3.10 for zip.
"""

from __future__ import annotations

import struct
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime

MAX_ENTRIES = 100_000
"""Of an archive with more than this only the first are listed."""
ZIP_TAIL_BYTES = 66 * 1024
"""How much of the end of a zip file holds the record that says where its directory is."""
_BLOCK = 512
_MAX_NAME_BYTES = 64 * 1024
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_LOCATOR_64 = b"PK\x06\x07"
_MEMBER = b"PK\x01\x02"
_FULL = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """One thing in an archive.

    Attributes:
        name: exactly as the archive says it: hostile text.
        kind: as the first letter of ``ls -l``: ``-``, ``d``, ``l``, or another for what is special.
        target: of a link.
        is_encrypted: its contents need a password.
    """

    name: str
    size_bytes: int
    kind: str = "-"
    modified_at: datetime | None = None
    target: str = ""
    is_encrypted: bool = False


class ArchiveError(ValueError):
    """It is not what it said it is; the message says how."""


def zip_directory(tail: bytes, size_bytes: int) -> tuple[int, int]:
    """Return offset and length of a zip file's directory.

    Args:
        tail: the last ``ZIP_TAIL_BYTES`` of the file, or all of it.
        size_bytes: its length.

    Raises:
        ArchiveError: there is none.
    """
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise ArchiveError("it has no directory: the end is missing")
    length, offset = struct.unpack_from("<II", tail, at + 12)
    locator = at - 20
    if _FULL in (length, offset) and locator >= 0 and tail[locator : locator + 4] == _LOCATOR_64:
        (end_64,) = struct.unpack_from("<Q", tail, locator + 8)
        inside = end_64 - (size_bytes - len(tail))
        if not 0 <= inside <= len(tail) - 56 or tail[inside : inside + 4] != _END_64:
            raise ArchiveError("its directory is not where it says")
        length, offset = struct.unpack_from("<QQ", tail, inside + 40)
    if offset + length > size_bytes:
        raise ArchiveError("its directory would be beyond its end")
    return offset, length


def zip_entries(directory: bytes) -> list[ArchiveEntry]:
    """Return what a zip file's directory lists, as far as it is there and whole."""
    entries: list[ArchiveEntry] = []
    at = 0
    while len(entries) < MAX_ENTRIES and directory[at : at + 4] == _MEMBER and len(directory) - at >= 46:
        made_by, flags, time, day = struct.unpack_from("<H2xH2xHH", directory, at + 4)
        (size_bytes,) = struct.unpack_from("<I", directory, at + 24)
        name_length, extra_length, remark_length = struct.unpack_from("<HHH", directory, at + 28)
        (attributes,) = struct.unpack_from("<I", directory, at + 38)
        name_end = at + 46 + name_length
        raw = directory[at + 46 : name_end]
        if len(raw) < name_length:
            break
        name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        if size_bytes == _FULL:
            size_bytes = _long_size(directory[name_end : name_end + extra_length])
        is_link = made_by >> 8 == 3 and attributes >> 28 == 0o12
        kind = "d" if name.endswith("/") else "l" if is_link else "-"
        entries.append(ArchiveEntry(name, size_bytes, kind, _dos_time(day, time), is_encrypted=bool(flags & 1)))
        at = name_end + extra_length + remark_length
    return entries


def _long_size(extra: bytes) -> int:
    at = 0
    while len(extra) - at >= 4:
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == 1 and length >= 8 and len(extra) - at >= 12:
            (size_bytes,) = struct.unpack_from("<Q", extra, at + 4)
            return int(size_bytes)
        at += 4 + length
    return _FULL


def _dos_time(day: int, time: int) -> datetime | None:
    try:
        return datetime(
            1980 + (day >> 9), day >> 5 & 15, day & 31, time >> 11, time >> 5 & 63, min(59, (time & 31) * 2), tzinfo=UTC
        )
    except ValueError:
        return None


class TarScan:
    """Reads the headers of a tar file as it comes and passes over what is between them.

    Attributes:
        entries: what was found so far; grows only.
        skip: bytes of the file that may be left out before the next piece.
        is_ended: the archive's end was seen, or what follows is no header.
        trouble: why it ended too early; empty otherwise.
    """

    def __init__(self) -> None:
        self.entries: list[ArchiveEntry] = []
        self.skip = 0
        self.is_ended = False
        self.trouble = ""
        self._buffer = bytearray()
        self._names: dict[str, str] = {}

    def feed(self, data: bytes) -> None:
        """Take the next piece."""
        passed = min(self.skip, len(data))
        self.skip -= passed
        self._buffer += memoryview(data)[passed:]
        at = 0
        while not self.is_ended and len(self._buffer) - at >= _BLOCK:
            used = self._header(at)
            if not used:
                break
            at += used
        self.skip += max(0, at - len(self._buffer))
        del self._buffer[:at]

    def _header(self, at: int) -> int:
        """Read the header at ``at``; return where the next one is from there, 0: more is needed."""
        block = bytes(self._buffer[at : at + _BLOCK])
        self.is_ended = block == bytes(_BLOCK)
        if self.is_ended:
            return 0
        try:
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            self.is_ended, self.trouble = True, "what follows is no tar header"
            return 0
        contents = -(-max(0, info.size) // _BLOCK) * _BLOCK
        if info.type in b"LKxgX" and info.type:
            if info.size > _MAX_NAME_BYTES:
                return _BLOCK + contents
            if len(self._buffer) - at < _BLOCK + contents:
                return 0
            self._note(info.type, bytes(self._buffer[at + _BLOCK : at + _BLOCK + info.size]))
            return _BLOCK + contents
        self._found(info)
        return _BLOCK + (contents if info.type not in (b"1", b"2", b"3", b"4", b"5", b"6") else 0)

    def _note(self, kind: bytes, told: bytes) -> None:
        if kind in (b"L", b"K"):
            key = "path" if kind == b"L" else "linkpath"
            self._names[key] = told.rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif kind in (b"x", b"X"):
            for line in told.split(b"\n"):
                key_part, _, value = line.partition(b"=")
                name = key_part.partition(b" ")[2]
                if name in (b"path", b"linkpath"):
                    self._names[name.decode()] = value.decode("utf-8", "surrogateescape")

    def _found(self, info: tarfile.TarInfo) -> None:
        kinds = {b"1": "l", b"2": "l", b"3": "c", b"4": "b", b"5": "d", b"6": "p"}
        try:
            modified_at = datetime.fromtimestamp(info.mtime, UTC)
        except (OverflowError, OSError, ValueError):
            modified_at = None
        name = self._names.get("path", info.name)
        target = self._names.get("linkpath", info.linkname)
        self._names = {}
        kind = kinds.get(info.type, "-")
        self.entries.append(ArchiveEntry(name, max(0, info.size), kind, modified_at, target if kind == "l" else ""))
        self.is_ended = len(self.entries) >= MAX_ENTRIES


def is_tar(head: bytes) -> bool:
    """Return whether a file begins as a tar archive does."""
    return head[257:262] == b"ustar" and len(head) >= _BLOCK
