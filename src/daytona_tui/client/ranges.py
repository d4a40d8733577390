"""A part of a file: what an answer to a ``Range`` says, and a look that cuts the part out where there are none."""

from __future__ import annotations

import base64
import binascii
import re
import shlex
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import ClientResponse

CUT_BYTES = 1024 * 1024
"""Most that one look cuts out: its output is held in memory, and half as long again."""

_BLOCK = 64 * 1024
_CANNOT = 42
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(?:\d{1,18}|\*)")
_NO_RANGE = re.compile(r"bytes \*/(\d{1,18})")

# ``dd`` seeks, where ``tail -c +N`` of busybox reads all that comes before. Only regular files: others may never end.
_SCRIPT = """\
f={path}
[ -f "$f" ] && [ -r "$f" ] && command -v dd >/dev/null && command -v base64 >/dev/null || exit {cannot}
dd if="$f" bs={block} skip={skip} count={count} 2>/dev/null | base64
"""


class Kind(Enum):
    """What an answer to a request for a part of a file holds."""

    BYTES = auto()
    NOTHING = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer is.

    Attributes:
        kind: contents, nothing because the file ends before, or nothing that can be told.
        skip: how many bytes of the contents come before what was asked for.
    """

    kind: Kind
    skip: int = 0


def judged(response: ClientResponse, offset: int) -> Found:
    """Return what the answer to a request for a file from ``offset`` on is, by status and headers alone."""
    status, headers = response.status, response.headers
    if status == 416:
        told = _NO_RANGE.fullmatch(headers.get("Content-Range", "").strip())
        # A length of 0 is what the kernel's own files claim, whatever they hold.
        return Found(Kind.NOTHING) if told and 0 < int(told[1]) <= offset else Found(Kind.UNKNOWN)
    # Somebody else's page in the place of a file is no file: the toolbox names this type and no other.
    if response.content_type != "application/octet-stream" or "Content-Encoding" in headers:
        return Found(Kind.UNKNOWN)
    if status == 206:
        told = _RANGE.fullmatch(headers.get("Content-Range", "").strip())
        return Found(Kind.BYTES) if told and int(told[1]) == offset else Found(Kind.UNKNOWN)
    if status != 200 or response.content_length == 0:
        return Found(Kind.UNKNOWN)
    if response.content_length is not None and response.content_length <= offset:
        return Found(Kind.NOTHING)
    return Found(Kind.BYTES, skip=offset)


@dataclass(frozen=True, slots=True)
class Cut:
    """A script that writes a part of a file, and how its output is read.

    Attributes:
        path: the file.
        offset: first byte.
        length: how many; at most ``CUT_BYTES``.
    """

    path: str
    offset: int
    length: int

    @property
    def script(self) -> str:
        """The script; it reads and changes nothing."""
        first = self.offset // _BLOCK
        count = (self.offset + self.length - 1) // _BLOCK - first + 1
        path = shlex.quote(self.path)
        return _SCRIPT.format(path=path, cannot=_CANNOT, block=_BLOCK, skip=first, count=count)

    def contents(self, exit_code: int, output: str) -> bytes | None:
        """Return the part, shorter where the file ends; None where the script could not."""
        if exit_code != 0:
            return None
        try:
            blocks = base64.b64decode("".join(output.split()), validate=True)
        except (binascii.Error, ValueError):
            return None
        start = self.offset % _BLOCK
        return blocks[start : start + self.length]
