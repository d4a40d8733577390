"""An upload: the multipart body that the toolbox takes (contract 4.2), and what the sandbox says has come of it.

Per file two parts, the path first. The body is made while it is sent, so nothing is held but the piece on its way.
"""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from daytona_tui.client.errors import clean
from daytona_tui.errors import DaytonaTuiError, RemoteError, VerificationError

_PIECE = 256 * 1024
"""What is handed to the connection at once: on a slow line each piece must get through before time is up."""


def refusal_of(path: str) -> DaytonaTuiError | None:
    """Return why a path cannot be written to; None if it can. The toolbox cuts white space off both ends of it."""
    if not path.strip() or "\0" in path:
        return RemoteError(f"not a path: {path!r}")
    try:
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return RemoteError(f"this name cannot be sent: {path!r}")
    if path != path.strip():
        return RemoteError(
            "a name that ends in white space cannot be uploaded", hint="write it under another name, then rename it"
        )
    return None


class Envelope:
    """What stands around the contents of the files in a multipart body."""

    def __init__(self) -> None:
        self._boundary = f"daytona-tui-{secrets.token_hex(20)}"

    @property
    def content_type(self) -> str:
        """Value of the header ``Content-Type``."""
        return f"multipart/form-data; boundary={self._boundary}"

    def before(self, index: int, path: str) -> bytes:
        """Return what comes before the contents of file ``index``, the first of which is 0."""
        mark = f"--{self._boundary}\r\n"
        field = f'Content-Disposition: form-data; name="files[{index}].'
        encoded = path.encode("utf-8", "surrogateescape")
        to_path = f'{mark}{field}path"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
        to_file = (
            f'\r\n{mark}{field}file"; filename="{quote(encoded, safe="")}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        return (b"\r\n" if index else b"") + to_path.encode() + encoded + to_file.encode()

    def end(self) -> bytes:
        """Return what comes after the contents of the last file."""
        return f"\r\n--{self._boundary}--\r\n".encode()

    def pieces(self, items: Sequence[tuple[str, bytes]]) -> list[bytes]:
        """Return the body of small files without its end, in pieces that are large enough to be worth sending."""
        return list(_joined(self._parts(items)))

    def _parts(self, items: Sequence[tuple[str, bytes]]) -> Iterator[bytes]:
        for index, (path, contents) in enumerate(items):
            yield self.before(index, path)
            yield contents


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    pile: list[bytes] = []
    size = 0
    for piece in pieces:
        pile.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield b"".join(pile)
            pile, size = [], 0
    yield b"".join(pile)


class Feeder:
    """A body that the connection asks for piece by piece, each when those before it have gone out.

    Attributes:
        taken: bytes that have come from the source.
        is_done: True when all has been asked for.
        error: what the source raised, or that it gave another amount than it should.
    """

    def __init__(
        self,
        before: bytes,
        source: AsyncIterable[bytes],
        end: bytes,
        *,
        size_bytes: int | None,
        pace: Callable[[bool], None],
    ) -> None:
        """Remember the parts.

        Args:
            before: what comes before the contents.
            source: the contents.
            end: what comes after them.
            size_bytes: how much the source should give; None if nobody knows.
            pace: told each time who is waited for, True for the source.
        """
        self._ready: deque[bytes | memoryview] = deque([before])
        self._source = aiter(source)
        self._end: bytes | None = end
        self._size_bytes = size_bytes
        self._pace = pace
        self.taken = 0
        self.is_done = False
        self.error: Exception | None = None

    def __aiter__(self) -> AsyncIterator[bytes | memoryview]:
        return self

    async def __anext__(self) -> bytes | memoryview:
        while not self._ready:
            if self._end is None:
                self.is_done = True
                raise StopAsyncIteration
            try:
                await self._refill(self._end)
            except Exception as error:
                self.error = error
                raise
        self._pace(False)
        return self._ready.popleft()

    async def _refill(self, end: bytes) -> None:
        self._pace(True)
        chunk = await anext(self._source, None)
        view = memoryview(chunk or b"")
        self.taken += len(view)
        announced = self.taken if self._size_bytes is None else self._size_bytes
        if self.taken > announced or (chunk is None and self.taken < announced):
            # More would be cut off and less waited for: the connection has announced the length.
            raise VerificationError(f"{announced} bytes were announced, {self.taken} came from here")
        if chunk is None:
            self._ready.append(end)
            self._end = None
        self._ready.extend(view[start : start + _PIECE] for start in range(0, len(view), _PIECE))


def verdict(body: bytes, sizes: Mapping[str, int]) -> dict[str, DaytonaTuiError] | None:
    """Return what an upload's answer says could not be written; None if it says nothing of the kind.

    Args:
        body: the answer, of whatever status.
        sizes: how long each file is, by its path, in the order in which they were sent.
    """
    told = _object(body)
    texts = told.get("errors")
    errors = [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
    failed: dict[str, DaytonaTuiError] = {}
    loose: list[str] = []
    for text in errors:
        path = _whose(text, sizes)
        if path is None:
            loose.append(text)
        else:
            failed.setdefault(path, _failure(text.removeprefix(path).lstrip(": ")))
    written = _written(told)
    if written is not None and (errors or written):
        for path, size in sizes.items():
            if path not in failed and written.get(path) != size:
                failed[path] = _failure(loose[0] if loose else "the sandbox does not say that it was written")
    elif loose:  # an older server, and nobody knows which files it speaks of
        failed = {path: failed.get(path) or _failure(loose[0]) for path in sizes}
    return failed if errors or failed or written is not None else None


def _object(body: bytes) -> dict[str, object]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _written(told: Mapping[str, object]) -> dict[str, int] | None:
    """Return the length of each file that the sandbox says it wrote; None where it says nothing."""
    if "files" not in told:
        return None
    files = told["files"]
    found = {}
    for item in files if isinstance(files, list) else ():
        if isinstance(item, dict) and isinstance(item.get("path"), str) and type(item.get("bytes")) is int:
            found[item["path"]] = item["bytes"]
    return found


def _whose(text: str, paths: Mapping[str, int]) -> str | None:
    """Return the path that an error begins with: a path may hold what another ends with."""
    at = text.find(": ")
    while at >= 0:
        if text[:at] in paths:
            return text[:at]
        at = text.find(": ", at + 1)
    return None


def _failure(text: str) -> DaytonaTuiError:
    return RemoteError(clean(text) or "it could not be written", source="toolbox")
