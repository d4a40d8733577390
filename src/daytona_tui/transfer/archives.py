"""Small files by archives: made in the sandbox with tar, compressed, and written nowhere but where they belong.

An archive brings contents, and nothing else: only names that were planned are taken from it, with the size that was
planned, and the plan says where they go. Neither links nor paths nor modes of an archive mean anything here, and what
does not come well that way comes in another. What is unpacked is bounded, however little of it is sent.

An archive is what a look says, as base64: so nothing is written in the sandbox, not even for a moment, and it counts as
looking. Such an answer is in memory as a whole, which is why archives are small, and few of them on their way at once.
"""

from __future__ import annotations

import asyncio
import base64
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import TransferError
from daytona_tui.transfer.concurrency import settled
from daytona_tui.transfer.kept import Arrived
from daytona_tui.transfer.landing import DISK_ENDS, put
from daytona_tui.transfer.plan import PlannedFile
from daytona_tui.transfer.quoting import quoted
from daytona_tui.transfer.source import Looker

MAX_FILE_BYTES = 2 * 1024 * 1024
"""Larger files are streamed: a stream can be taken up where it broke off."""
_BATCH_BYTES = 2 * 1024 * 1024
_BATCH_NAMES = 90_000
AT_ONCE = 3
"""How many may be on their way: each is in memory as a whole, more than once."""
_MAKE_S = 300
_SLACK_BYTES = 1024 * 1024
_PIECE = 1024 * 1024
_MAKE = r"""
command -v tar >/dev/null && command -v base64 >/dev/null && cd -- @ROOT@ || exit 0
if command -v gzip >/dev/null; then echo gzip; z() { gzip -1; }; else echo plain; z() { cat; }; fi
tar -cf - @PATHS@ 2>/dev/null | z | head -c @LIMIT@ | base64
echo done
"""
_END = "\ndone\n"


class Archives:
    """Fetches batches of small files below one directory of a sandbox."""

    def __init__(self, source: Looker, sandbox_id: SandboxId, root: str, contents: Path) -> None:
        self._source = source
        self._sandbox_id = sandbox_id
        self._root = root.rstrip("/")
        self._contents = contents

    def batches(self, files: Sequence[PlannedFile]) -> Iterator[Sequence[PlannedFile]]:
        """Yield runs of files that fit into one archive."""
        batch: list[PlannedFile] = []
        room, names = _BATCH_BYTES, _BATCH_NAMES
        for file in files:
            needed = len(quoted(self._name(file)).encode()) + 8
            if batch and (file.size_bytes > room or needed > names):
                yield batch
                batch, room, names = [], _BATCH_BYTES, _BATCH_NAMES
            batch.append(file)
            room -= file.size_bytes
            names -= needed
        if batch:
            yield batch

    def _name(self, file: PlannedFile) -> str:
        return file.source[len(self._root) + 1 :]

    async def fetch(
        self, files: Sequence[PlannedFile], moved: Callable[[PlannedFile, int], None]
    ) -> tuple[list[Arrived], list[PlannedFile]]:
        """Return what has arrived, and what has not and has to come in another way.

        Raises:
            OSError: the disk takes nothing more.
            DaytonaTuiError: the sandbox cannot be asked.
        """
        limit = sum(file.size_bytes + 2048 + 4 * len(self._name(file)) for file in files) + _SLACK_BYTES
        script = _MAKE.replace("@ROOT@", quoted(self._root or "/")).replace("@LIMIT@", str(limit))
        script = script.replace("@PATHS@", " ".join(quoted(f"./{self._name(file)}") for file in files))
        told = (await self._source.look(self._sandbox_id, script, timeout_s=_MAKE_S)).output
        waiting = {self._name(file): file for file in files}
        loop = asyncio.get_running_loop()
        arrived: list[Arrived] = []

        def take(name: str, data: bytes) -> None:
            file = waiting[name]
            try:
                digest = put(self._contents, file, data)
            except OSError as error:
                if error.errno in DISK_ENDS:
                    raise
                return  # it fails in another way, too, and alone
            del waiting[name]
            arrived.append(Arrived(file, len(data), digest))
            loop.call_soon_threadsafe(moved, file, len(data))

        await settled(asyncio.to_thread(_unpack, told, limit, waiting, take))
        return arrived, list(waiting.values())


def _unpack(told: str, limit: int, waiting: dict[str, PlannedFile], take: Callable[[str, bytes], None]) -> None:
    """Take from what the script has told what is waited for, as far as it makes sense.

    Raises:
        OSError: ``take`` does.
    """
    form = next((form for form in ("gzip", "plain") if told.startswith(f"{form}\n")), "")
    if not form or not told.endswith(_END):
        return
    try:
        packed = base64.b64decode(told[len(form) : -len(_END)])
    except ValueError:
        return
    for name, data in _members(_Feed(packed, limit, is_zipped=form == "gzip"), waiting):
        take(name, data)


def _members(feed: _Feed, waiting: dict[str, PlannedFile]) -> Iterator[tuple[str, bytes]]:
    """Yield the contents of files that are waited for, and stop where the archive makes no sense any more."""
    try:
        options = {"encoding": "utf-8", "errors": "surrogateescape", "errorlevel": 0}
        with tarfile.open(fileobj=feed, mode="r|", **options) as archive:  # type: ignore[call-overload]
            for member in archive:
                name = member.name.removeprefix("./")
                file = waiting.get(name)
                if file is None or not member.isreg() or member.issparse() or member.size != file.size_bytes:
                    continue
                stream = archive.extractfile(member)
                data = stream.read() if stream is not None else b""
                if len(data) == file.size_bytes:
                    yield name, data
    except (tarfile.TarError, zlib.error, EOFError, TransferError, ValueError, OverflowError, RecursionError):
        return  # names in names in names are how an archive makes a reader of it recurse


class _Feed:
    """What an archive holds, unpacked as it is read, and no more of it than there can be."""

    def __init__(self, packed: bytes, limit: int, *, is_zipped: bool) -> None:
        self._packed = packed
        self._left = limit
        self._unzip = zlib.decompressobj(wbits=31) if is_zipped else None
        self._ready = bytearray()

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer at the end."""
        while len(self._ready) < size and self._more():
            pass
        data = bytes(self._ready[:size])
        del self._ready[:size]
        return data

    def _more(self) -> bool:
        if self._unzip is None:
            data, self._packed = self._packed[:_PIECE], self._packed[_PIECE:]
        else:
            data = b"" if self._unzip.eof else self._unzip.decompress(self._packed, _PIECE)
            self._packed = self._unzip.unconsumed_tail
        self._left -= len(data)
        if self._left < 0:
            raise TransferError("an archive does not end where it was said to")
        self._ready += data
        return bool(data)
