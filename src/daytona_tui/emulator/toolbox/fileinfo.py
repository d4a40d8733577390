"""FileInfo, the daemon's description of a file, and Go's way of writing a file mode.

Names are bytes on Linux and text in JSON. Bytes that are not UTF-8 become U+FFFD, as Go's JSON encoder makes them: the
listing stays valid for every client, and such a file can be seen but not addressed.
"""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime

_KINDS = {
    stat.S_IFDIR: "d",
    stat.S_IFLNK: "L",
    stat.S_IFIFO: "p",
    stat.S_IFSOCK: "S",
    stat.S_IFBLK: "D",
    stat.S_IFCHR: "Dc",
}


def go_mode(mode: int) -> str:
    """Return a mode as Go writes it, such as ``-rw-r--r--``, ``drwxr-xr-x``, ``dtrwxrwxrwx`` or ``Lrwxrwxrwx``."""
    extra = "".join(letter for bit, letter in ((0o4000, "u"), (0o2000, "g"), (0o1000, "t")) if mode & bit)
    kind = _KINDS.get(stat.S_IFMT(mode), "")
    bits = "".join(letter if mode & (0o400 >> place) else "-" for place, letter in enumerate("rwxrwxrwx"))
    return ((kind + extra) or "-") + bits


def shown(name: str) -> str:
    """Return a file name or path from the disk as text that every JSON parser accepts."""
    return os.fsencode(name).decode("utf-8", "replace")


def file_info(name: str, found: os.stat_result, path: str | None = None) -> dict[str, object]:
    """Return FileInfo; ``path`` is the absolute sandbox path."""
    seconds, nanoseconds = divmod(found.st_mtime_ns, 1_000_000_000)
    # A file may claim any date; JSON must not fail on one outside the calendar.
    moment = datetime.fromtimestamp(min(max(seconds, -62135596800), 253402300799), UTC)
    fraction = f".{nanoseconds:09d}".rstrip("0").rstrip(".")
    info: dict[str, object] = {
        "name": shown(name),
        "isDir": stat.S_ISDIR(found.st_mode),
        "size": found.st_size,
        "modTime": f"{moment:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC",
        "modifiedAt": f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z",
        "mode": go_mode(found.st_mode),
        "permissions": f"{stat.S_IMODE(found.st_mode) & 0o777:04o}",
        "owner": str(found.st_uid),
        "group": str(found.st_gid),
    }
    if path is not None:
        info["path"] = shown(path)
    return info
