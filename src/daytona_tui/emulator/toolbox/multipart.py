"""Multipart bodies, read as they arrive (RFC 2046, RFC 7578): parts in their order, each in pieces, nothing kept.

aiohttp's own reader copies every piece several times and takes 64 KiB at once; a scan for the boundary with
``bytes.find`` is all that the bodies of uploads need.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value

from aiohttp import StreamReader, web

MAX_HEAD = 1 << 14
"""Longest head of a part, and longest text before the first, in bytes."""

_MAX_BOUNDARY = 70
_HEADS = BytesHeaderParser()


class MultipartError(ValueError):
    """The body is no multipart body, or only the beginning of one; the message says what is wrong."""


class Part:
    """One part of a body; its contents must be read or left behind before the next part is asked for.

    Attributes:
        name: name of the form's field; empty when it has none.
        has_filename: whether the part says that it is a file.
    """

    def __init__(self, body: Multipart, name: str, *, has_filename: bool) -> None:
        self._body = body
        self.name = name
        self.has_filename = has_filename

    def pieces(self) -> AsyncIterator[memoryview]:
        """Yield the contents as they arrive; raises MultipartError when they break off."""
        return self._body.pieces()

    async def read(self, limit: int) -> bytes:
        """Return the contents.

        Raises:
            MultipartError: they break off, or are longer than ``limit``.
        """
        contents = bytearray()
        async for piece in self.pieces():
            contents += piece
            if len(contents) > limit:
                raise MultipartError(f"part {self.name[:80]!r} is too long")
        return bytes(contents)


class Multipart:
    """The parts of a request's body.

    Args:
        request: a request whose content type is ``multipart/...``.

    Raises:
        MultipartError: it names no boundary.
    """

    def __init__(self, request: web.Request) -> None:
        self._content: StreamReader = request.content
        self._delimiter = b"\r\n--" + _boundary(request.headers.get("Content-Type", ""))
        self._rest = b"\r\n"  # so that a first boundary looks like every other
        self._is_inside = True  # what comes before the first boundary is skipped like a part

    async def parts(self) -> AsyncIterator[Part]:
        """Yield the parts, leaving behind what was not read of each; raises MultipartError."""
        await self._skip(MAX_HEAD)
        while not await self._is_last():
            yield await self._head()
            await self._skip(None)

    async def pieces(self) -> AsyncIterator[memoryview]:
        """Yield what comes before the next boundary."""
        while self._is_inside:
            at = self._rest.find(self._delimiter)
            if at >= 0:
                piece = memoryview(self._rest)[:at]
                self._rest = self._rest[at + len(self._delimiter) :]
                self._is_inside = False
            else:
                safe = self._certain()
                piece = memoryview(self._rest)[:safe]
                self._rest = self._rest[safe:]
            if piece:
                yield piece
            if self._is_inside:
                await self._more()

    def _certain(self) -> int:
        """Return how much of what has come cannot be the beginning of a boundary."""
        at = self._rest.find(b"\r", max(0, len(self._rest) - len(self._delimiter) + 1))
        while at >= 0 and not self._delimiter.startswith(self._rest[at:]):
            at = self._rest.find(b"\r", at + 1)
        return len(self._rest) if at < 0 else at

    async def _skip(self, limit: int | None) -> None:
        skipped = 0
        async for piece in self.pieces():
            skipped += len(piece)
            if limit is not None and skipped > limit:
                raise MultipartError("the body does not begin with a boundary")

    async def _more(self) -> None:
        data = await self._content.readany()
        if not data:
            raise MultipartError("unexpected end of the body")
        self._rest = self._rest + data if self._rest else data

    async def _until(self, mark: bytes) -> bytes:
        """Return what comes before ``mark`` in a head, and leave behind both."""
        while (at := self._rest.find(mark)) < 0:
            if len(self._rest) > MAX_HEAD:
                raise MultipartError("the head of a part is too long")
            await self._more()
        if at > MAX_HEAD:
            raise MultipartError("the head of a part is too long")
        before, self._rest = self._rest[:at], self._rest[at + len(mark) :]
        return before

    async def _is_last(self) -> bool:
        """Whether the boundary just passed was the closing one."""
        while len(self._rest) < 2:
            await self._more()
        if self._rest.startswith(b"--"):
            return True
        if (await self._until(b"\r\n")).strip(b" \t"):
            raise MultipartError("malformed boundary")
        return False

    async def _head(self) -> Part:
        # The empty line may follow at once: a part without a head.
        self._rest = b"\r\n" + self._rest
        head = (await self._until(b"\r\n\r\n"))[2:]
        self._is_inside = True
        message = _HEADS.parsebytes(head)
        name = message.get_param("name", "", "content-disposition")
        return Part(self, collapse_rfc2231_value(name), has_filename=message.get_filename() is not None)


def _boundary(content_type: str) -> bytes:
    """Return the boundary that a content type names; raises MultipartError."""
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_boundary()
    if message.get_content_maintype() != "multipart" or not boundary or len(boundary) > _MAX_BOUNDARY:
        raise MultipartError("the content type names no boundary")
    return boundary.encode("utf-8", "replace")
