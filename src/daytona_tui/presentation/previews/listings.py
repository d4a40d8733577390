"""What is in an archive, and what a compressed file holds."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from daytona_tui.domain.archives import ArchiveEntry, TarScan, is_tar
from daytona_tui.presentation.human import size
from daytona_tui.presentation.previews.body import Body, PreviewLine
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

_MOST_OUTPUT = 256 * 1024 * 1024
"""More is not unpacked, however little was read: it may be made to unpack for ever."""
_PIECE = 256 * 1024
_TURN = 256 * 1024
"""So much of what comes out is shown at a time."""
_LZMA_MEMORY = 64 * 1024 * 1024


class ListingBody(Body):
    """The entries of an archive."""

    def __init__(self, kind: str, entries: Sequence[ArchiveEntry], *, trouble: str = "") -> None:
        super().__init__()
        self.kind = kind
        self._entries = entries
        self._trouble = trouble
        self.header = [Cell(f"{'SIZE':>7}  {'MODIFIED':<16}  NAME", Tone.DIM)]

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self._entries) + bool(self._trouble)

    def __getitem__(self, index: int) -> PreviewLine:
        """Return an entry: size, time, name, and where it leads."""
        if index >= len(self._entries):
            return [Cell(self._trouble, Tone.WARN)]
        entry = self._entries[index]
        is_dir = entry.kind == "d"
        length = "—" if is_dir or entry.kind == "l" else size(entry.size_bytes)
        when = f"{entry.modified_at:%Y-%m-%d %H:%M}" if entry.modified_at else "—"
        cells = [
            Cell(f"{length:>7}  {when:<16}  ", Tone.DIM),
            Cell(safe(entry.name), Tone.ACCENT if is_dir else Tone.NEUTRAL),
        ]
        if entry.target:
            cells.append(Cell(f" → {safe(entry.target)}", Tone.FAINT))
        if entry.is_encrypted:
            cells.append(Cell("  needs a password", Tone.FAINT))
        if entry.kind in ("c", "b", "p"):
            cells.append(Cell("  a device" if entry.kind != "p" else "  a pipe", Tone.WARN))
        return cells

    def _take(self, data: bytes, is_last: bool) -> None:
        return


class TarBody(ListingBody):
    """The entries of a tar archive; what lies between their headers is not even read.

    Args:
        size_bytes: of the archive; 0 where nobody knows.
        can_jump: ``wanted`` may leave out what lies between.
    """

    limit_bytes = 1 << 62  # what is passed over costs nothing

    def __init__(self, size_bytes: int = 0, *, can_jump: bool = True) -> None:
        self._scan = TarScan()
        super().__init__("tar archive", self._scan.entries)
        self._size_bytes = size_bytes
        self._can_jump = can_jump

    def _take(self, data: bytes, is_last: bool) -> None:
        self._scan.feed(data)
        if self._can_jump:
            self.wanted += self._scan.skip
            self._scan.skip = 0
        self._trouble = self._scan.trouble
        if self._scan.is_ended:
            self.is_whole = self.is_done = True
        elif is_last or (self._can_jump and self._size_bytes and self.wanted > self._size_bytes):
            self._trouble, self.is_done = self._trouble or "the archive is cut off here", True


class _Zip(Protocol):
    """What the decompressors of bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _from_gzip() -> Callable[[bytes], Iterator[bytes]]:
    state = zlib.decompressobj(wbits=31)

    def pieces(data: bytes) -> Iterator[bytes]:
        nonlocal state
        while data:
            if state.eof:
                if data[:2] != b"\x1f\x8b":
                    return  # padding
                state = zlib.decompressobj(wbits=31)
            yield state.decompress(data, _PIECE)
            data = state.unused_data if state.eof else state.unconsumed_tail

    return pieces


def _from(state: _Zip) -> Callable[[bytes], Iterator[bytes]]:
    def pieces(data: bytes) -> Iterator[bytes]:
        while not state.eof:
            yield state.decompress(data, _PIECE)
            data = b""
            if state.needs_input:
                return

    return pieces


_UNPACKERS: Mapping[str, Callable[[], Callable[[bytes], Iterator[bytes]]]] = {
    "gzip": _from_gzip,
    "bzip2": lambda: _from(bz2.BZ2Decompressor()),
    "xz": lambda: _from(lzma.LZMADecompressor(memlimit=_LZMA_MEMORY)),
}


class UnpackedBody(Body):
    """A compressed file: the listing where it is a tar archive, else what it holds.

    Args:
        way: how it is compressed: ``gzip``, ``bzip2`` or ``xz``.
        inside: given the first bytes of what it holds, returns what shows that.
    """

    limit_bytes = 64 * 1024 * 1024

    def __init__(self, way: str, inside: Callable[[bytes], Body]) -> None:
        super().__init__()
        self.kind = self._way = way
        self._pieces = _UNPACKERS[way]()
        self._inside = inside
        self._under_way: Iterator[bytes] | None = None
        self._body: Body | None = None
        self._written = 0
        self._trouble = ""

    def __len__(self) -> int:
        """Return how many lines there are."""
        return (len(self._body) if self._body else 0) + bool(self._trouble)

    def __getitem__(self, index: int) -> PreviewLine:
        """Return a line of what is inside."""
        if self._body is None or index >= len(self._body):
            return [Cell(self._trouble, Tone.WARN)]
        return self._body[index]

    def feed(self, data: bytes, *, is_last: bool) -> None:
        """Take what was read from ``wanted`` on, or go on with it: a little may hold so much that it takes turns."""
        self._under_way = self._under_way or self._pieces(data)
        try:
            is_used_up = self._unpack(self._under_way)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            self._stop(f"it cannot be unpacked any further: {safe(str(error))}")
            return
        if is_used_up:
            self._under_way = None
            self.wanted += len(data)
            if is_last:
                self._pass_on(b"", is_last=True)
            self.is_whole = is_last or (self._body is not None and self._body.is_whole)
            self.is_done = self.is_done or is_last or self.wanted >= self.limit_bytes

    def _unpack(self, pieces: Iterator[bytes]) -> bool:
        """Pass on what comes out, up to a turn's worth; True when there is no more."""
        before = self._written
        for piece in pieces:
            self._pass_on(piece, is_last=False)
            if self._written > _MOST_OUTPUT:
                self._stop(f"more than {size(_MOST_OUTPUT)} come out of it: no more is unpacked")
            if self.is_done:
                return False
            if self._written - before >= (_TURN if not isinstance(self._body, TarBody) else _MOST_OUTPUT):
                return False
        return True

    def _pass_on(self, piece: bytes, *, is_last: bool) -> None:
        self._written += len(piece)
        if self._body is None:
            if not piece:
                return
            self._body = TarBody(can_jump=False) if is_tar(piece) else self._inside(piece)
            self.is_numbered, self.kind = self._body.is_numbered, f"{self._body.kind}, {self._way}"
        self._body.feed(piece, is_last=is_last)
        self.header = self._body.header
        self.is_done, self.is_whole = self._body.is_done, self._body.is_whole

    def _stop(self, why: str) -> None:
        self._trouble, self.is_done = why, True
