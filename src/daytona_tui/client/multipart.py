"""A multipart body, taken apart as it arrives. Pure: bytes in, events out.

The length that a part announces is trusted, for that is quick and lets a file hold what looks like a boundary; but only
as far as the boundary really stands there. A file may change while it is being sent, so where it does not, and where
nothing is announced, the boundary is searched for. A small part is not told before its end was seen, and is searched
from its beginning; a large one is told as it comes, and is searched from where it should have ended.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from daytona_tui.errors import ProtocolError

_MAX_HEAD = 64 * 1024
_SMALL = 256 * 1024
"""Largest part that is told in one piece."""


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

_END = PartEnd()


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
        self._rest = b"\r\n"  # so that the first boundary looks like the others
        self._at = 0
        self._left = 0
        self._events: list[Event] = []
        self._step: Callable[[], bool] = self._preamble
        self.is_complete = False

    def feed(self, chunk: bytes) -> list[Event]:
        """Return what ``chunk`` completes.

        Raises:
            ProtocolError: a part's head is endless or malformed.
        """
        # What is left over is short, save within a small part: the large ones are never joined to anything.
        self._rest = self._rest + chunk if self._rest else chunk
        self._at = 0
        while not self.is_complete and self._step():
            pass
        self._rest = self._rest[self._at :]
        events, self._events = self._events, []
        return events

    def finish(self) -> list[Event]:
        """Return what can still be told when no more comes: a small part whose length was wrong."""
        if self._step == self._whole:
            self._step = self._search
            return self.feed(b"")
        return []

    # Each step goes on from ``_at`` in ``_rest`` and returns False when it needs more bytes than there are.

    def _preamble(self) -> bool:
        at = self._rest.find(self._mark, self._at)
        if at < 0:
            self._limit_head()  # what comes before the first part is nothing in all that is known
            return False
        self._at = at + len(self._mark)
        self._step = self._after_mark
        return True

    def _after_mark(self) -> bool:
        if len(self._rest) - self._at < 2:
            return False
        if self._rest.startswith(b"--", self._at):
            self.is_complete = True
            return True
        end = self._rest.find(b"\r\n", self._at)
        if end < 0:
            self._limit_head()
            return False
        self._at = end  # past padding; the line end stays, so that an empty head is found too
        self._step = self._head
        return True

    def _head(self) -> bool:
        end = self._rest.find(b"\r\n\r\n", self._at)
        if end < 0:
            self._limit_head()
            return False
        begin = _begin(self._rest[self._at + 2 : end])
        self._events.append(begin)
        self._at = end + 4
        self._left = begin.length or 0
        is_small = begin.length is not None and begin.length <= _SMALL
        self._step = self._whole if is_small else self._stream
        return True

    def _whole(self) -> bool:
        """Tell a small part of announced length at once, if its boundary is where it should be."""
        end = self._at + self._left
        if len(self._rest) < end + len(self._mark):
            return False
        if not self._rest.startswith(self._mark, end):
            self._step = self._search
            return True
        if self._left:
            self._events.append(PartData(self._rest[self._at : end]))
        self._end_part(end)
        return True

    def _stream(self) -> bool:
        """Tell a large part as it comes, as far as its announced length goes."""
        size = min(self._left, len(self._rest) - self._at)
        if size:
            self._events.append(PartData(self._rest[self._at : self._at + size]))
            self._at += size
            self._left -= size
        if self._left:
            return False
        self._step = self._search
        return True

    def _search(self) -> bool:
        """Tell what comes before the next boundary."""
        at = self._rest.find(self._mark, self._at)
        # What could be the beginning of a boundary stays until more has come.
        end = at if at >= 0 else len(self._rest) - len(self._mark) + 1
        if end > self._at:
            self._events.append(PartData(self._rest[self._at : end]))
            self._at = end
        if at < 0:
            return False
        self._end_part(at)
        return True

    def _end_part(self, at: int) -> None:
        self._events.append(_END)
        self._at = at + len(self._mark)
        self._step = self._after_mark

    def _limit_head(self) -> None:
        if len(self._rest) - self._at > _MAX_HEAD:
            raise ProtocolError("the sandbox sent a malformed file head", source="toolbox")


# What the daemon sends; whatever looks otherwise is read header by header.
_USUAL = re.compile(
    rb'content-disposition: form-data; name="(file|error)"; filename="([^"\\%\r]*)"(?:; filename\*=UTF-8\'\'([^;\s]+))?'
    rb"(?:\r\ncontent-type: [^\r\n]*)?(?:\r\ncontent-length: ([0-9]{1,18}))?",
    re.IGNORECASE,
)
_LENGTH = re.compile(rb"(?:^|\r\n)content-length[ \t]*:[ \t]*([0-9]{1,18})[ \t]*(?=\r\n|$)", re.IGNORECASE)
_DISPOSITION = re.compile(rb"(?:^|\r\n)content-disposition[ \t]*:([^\r]*(?:\r(?!\n)[^\r]*)*)", re.IGNORECASE)
_KIND = re.compile(rb'[;\s]name="?([^";]*)"?')
_EXTENDED = re.compile(rb"filename\*=(?:UTF-8|utf-8)''([^;\s]+)")
_PLAIN = re.compile(rb'filename="((?:[^"\\]|\\.)*)"')
_BARE = re.compile(rb"filename=([^;\s]+)")


def _begin(head: bytes) -> PartBegin:
    usual = _USUAL.fullmatch(head)
    if usual is not None:
        kind, plain, extended, length = usual.groups()
        names: tuple[str, ...] = (plain.decode("utf-8", "replace"),)
        if extended is not None and (name := _unquoted(extended)) != names[0]:
            names = (name, *names)
        return PartBegin(kind.decode(), names, int(length) if length else None)
    return _odd_begin(head)


def _odd_begin(head: bytes) -> PartBegin:
    found = _DISPOSITION.search(head)
    disposition = found[1] if found else b""
    length = _LENGTH.search(head)
    kind = _KIND.search(disposition)
    return PartBegin(
        kind[1].decode("latin-1") if kind else "", _file_names(disposition), int(length[1]) if length else None
    )


def _file_names(disposition: bytes) -> tuple[str, ...]:
    names = []
    extended = _EXTENDED.search(disposition)
    if extended:
        names.append(_unquoted(extended[1]))
    plain = _PLAIN.search(disposition) or _BARE.search(disposition)
    if plain:
        raw = plain[1]
        if b"\\" in raw:
            names.append(re.sub(rb"\\(.)", rb"\1", raw).decode("utf-8", "replace"))
        names.append(raw.decode("utf-8", "replace"))
        if b"%" in raw:
            names.append(unquote_to_bytes(raw).decode("utf-8", "replace"))
    return tuple(dict.fromkeys(names))


def _unquoted(text: bytes) -> str:
    text = text.replace(b"%2F", b"/")  # most often that is all, and it takes a tenth of the time
    return (unquote_to_bytes(text) if b"%" in text else text).decode("utf-8", "replace")
