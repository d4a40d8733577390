"""A multipart body, taken apart as it arrives. Pure: bytes in, events out.

The boundary is searched for rather than believing ``Content-Length``: a file may change while it is being sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from daytona_tui.errors import ProtocolError

_MAX_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class PartBegin:
    """The head of a part.

    Attributes:
        kind: its field name: ``file`` or ``error``.
        file_names: what it may be the file of, the most reliable spelling first.
        length: announced length of its data; None if not announced.
    """

    kind: str
    file_names: tuple[str, ...]
    length: int | None


@dataclass(frozen=True, slots=True)
class PartData:
    """A piece of a part's data."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The part is complete."""


Event = PartBegin | PartData | PartEnd


def boundary_of(content_type: str) -> bytes:
    """Return the boundary named by a ``Content-Type`` header.

    Raises:
        ProtocolError: it names none, or the body is no multipart.
    """
    match = re.search(r'boundary=(?:"([^"]+)"|([^\s;]+))', content_type, re.IGNORECASE)
    if match is None or not content_type.lower().lstrip().startswith("multipart/"):
        raise ProtocolError("the sandbox did not send files in the expected form", source="toolbox")
    return (match.group(1) or match.group(2)).encode("latin-1", "replace")


class Splitter:
    """Feed it the body; it is complete when ``is_complete`` says so."""

    def __init__(self, boundary: bytes) -> None:
        self._mark = b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")  # so that the first boundary looks like the others
        self._step = self._preamble
        self.is_complete = False

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield what ``chunk`` completes.

        Raises:
            ProtocolError: a part's head is endless or malformed.
        """
        self._buffer += chunk
        while not self.is_complete:
            event = self._step()
            if event is None:
                return
            if event:
                yield event[0]

    # Each step returns None when it needs more bytes, an empty tuple when it only moved on, or one event.

    def _preamble(self) -> tuple[Event, ...] | None:
        at = self._buffer.find(self._mark)
        if at < 0:
            del self._buffer[: max(0, len(self._buffer) - len(self._mark))]
            return None
        del self._buffer[: at + len(self._mark)]
        self._step = self._after_mark
        return ()

    def _after_mark(self) -> tuple[Event, ...] | None:
        if len(self._buffer) < 2:
            return None
        if self._buffer[:2] == b"--":
            self.is_complete = True
            return ()
        end = self._buffer.find(b"\r\n")
        if end < 0:
            self._limit_head()
            return None
        del self._buffer[:end]  # padding; the line end stays, so that an empty head is found too
        self._step = self._head
        return ()

    def _head(self) -> tuple[Event, ...] | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            self._limit_head()
            return None
        head = bytes(self._buffer[2:end])
        del self._buffer[: end + 4]
        self._step = self._data
        return (_begin(head),)

    def _data(self) -> tuple[Event, ...] | None:
        at = self._buffer.find(self._mark)
        if at == 0:
            del self._buffer[: len(self._mark)]
            self._step = self._after_mark
            return (PartEnd(),)
        # What could be the beginning of a boundary stays until more has come.
        end = at if at > 0 else len(self._buffer) - len(self._mark) + 1
        if end <= 0:
            return None
        data = bytes(self._buffer[:end])
        del self._buffer[:end]
        return (PartData(data),)

    def _limit_head(self) -> None:
        if len(self._buffer) > _MAX_HEAD:
            raise ProtocolError("the sandbox sent a malformed file head", source="toolbox")


def _begin(head: bytes) -> PartBegin:
    fields: dict[str, bytes] = {}
    for line in head.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon:
            fields[name.strip().lower().decode("latin-1")] = value.strip()
    disposition = fields.get("content-disposition", b"")
    length = fields.get("content-length", b"")
    return PartBegin(_kind(disposition), _file_names(disposition), int(length) if length.isdigit() else None)


def _kind(disposition: bytes) -> str:
    match = re.search(rb'[;\s]name="?([^";]*)"?', disposition)
    return match.group(1).decode("latin-1") if match else ""


def _file_names(disposition: bytes) -> tuple[str, ...]:
    names = []
    extended = re.search(rb"filename\*=(?:UTF-8|utf-8)''([^;\s]+)", disposition)
    if extended:
        names.append(unquote_to_bytes(extended.group(1)).decode("utf-8", "replace"))
    plain = re.search(rb'filename="((?:[^"\\]|\\.)*)"', disposition) or re.search(rb"filename=([^;\s]+)", disposition)
    if plain:
        raw = plain.group(1)
        names.append(re.sub(rb"\\(.)", rb"\1", raw).decode("utf-8", "replace"))
        names.append(raw.decode("utf-8", "replace"))
        names.append(unquote_to_bytes(raw).decode("utf-8", "replace"))
    return tuple(dict.fromkeys(names))
