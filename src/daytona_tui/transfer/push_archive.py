"""Small files as one tar archive: the plainest one, so that every tar takes it apart. Pure.

``tarfile`` can write such, but takes three times as long, and the fraction of a time only as far as a float holds it.
"""

from __future__ import annotations

import posixpath
import struct
from collections.abc import Iterable, Iterator

from daytona_tui.transfer.push_script import seconds

_NS = 1_000_000_000
_BLOCK = 512
_HEADER = struct.Struct("100s8s8s8s12s12s8s1s100x8s80x155s12x")
_MAX_SECONDS = 8**11 - 1


def archive_of(members: Iterable[tuple[str, int, int, bytes]]) -> bytes:
    """Return an archive of files: name, mode, nanoseconds since 1970, contents.

    A name must not have more than 100 bytes, and what is before its last slash not more than 155.
    """
    return b"".join(_pieces(members))


def _pieces(members: Iterable[tuple[str, int, int, bytes]]) -> Iterator[bytes]:
    for name, mode, modified_ns, data in members:
        whole_s = min(max(modified_ns // _NS, 0), _MAX_SECONDS)
        if modified_ns != whole_s * _NS:  # a tar that knows no such record skips it, and takes whole seconds
            record = _record("mtime", seconds(modified_ns))
            yield from _member("more", 0o644, 0, record, b"x")
        yield from _member(name, mode, whole_s, data, b"0")
    yield bytes(2 * _BLOCK)


def _record(key: str, value: str) -> bytes:
    """Return ``length key=value``, where the length counts its own digits."""
    rest = len(f" {key}={value}\n")
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return f"{length} {key}={value}\n".encode()


def _member(path: str, mode: int, whole_s: int, data: bytes, kind: bytes) -> Iterator[bytes]:
    directory, name = posixpath.split(path)

    def header(check: bytes) -> bytes:
        numbers = (b"%07o" % mode, b"%07o" % 0, b"%07o" % 0, b"%011o" % len(data), b"%011o" % whole_s)
        return _HEADER.pack(name.encode(), *numbers, check, kind, b"ustar\x0000", directory.encode())

    yield header(b"%06o\0 " % sum(header(b" " * 8)))
    yield data
    yield bytes(-len(data) % _BLOCK)
