"""Which file each part of a bulk download is, and what has come of it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from daytona_tui.client.errors import refused
from daytona_tui.client.multipart import Event, PartBegin, PartData
from daytona_tui.domain.files import file_name
from daytona_tui.errors import DaytonaTuiError, ProtocolError, VerificationError

_MAX_ERROR = 64 * 1024
_MAX_KEPT = 32 * 1024 * 1024
"""Most that is collected of one file. Who asks for many asks for small ones; what is longer may never end."""


class Parts:
    """The files asked for, as their parts arrive.

    Attributes:
        is_file: True while the part that arrives is a file, and not what is wrong with one.
        missing: paths that nothing has come of, in the order asked for.
    """

    def __init__(self, wanted: Sequence[str], *, keeps: bool) -> None:
        """Begin with nothing.

        Args:
            wanted: the paths, in the order asked for.
            keeps: collect the contents of the files. Else they are the caller's, and a file that grew while it was
                sent is as good as it was then; collected ones are held against what was announced.
        """
        self._waiting = dict.fromkeys(wanted)
        self._keeps = keeps
        self._path = ""
        self._announced: int | None = None
        self._received = 0
        self._data: list[bytes] = []
        self.is_file = False

    @property
    def missing(self) -> list[str]:
        """Paths that nothing has come of."""
        return list(self._waiting)

    def take(self, event: Event) -> tuple[str, bytes | Exception] | None:
        """Note ``event``; return path and outcome if it ends a part.

        Raises:
            ProtocolError: the part is of no file that was asked for, or is too long to be collected.
        """
        if isinstance(event, PartData):
            self._received += len(event.data)
            if self._keeps if self.is_file else self._received <= _MAX_ERROR:
                self._data.append(event.data)
                if self._received > _MAX_KEPT:
                    raise ProtocolError("the sandbox sends more than a small file can hold", source="toolbox")
            return None
        if isinstance(event, PartBegin):
            self._path = self._identify(event.file_names)
            self.is_file = event.kind == "file"
            self._announced = event.length
            self._received = 0
            self._data = []
            return None
        del self._waiting[self._path]
        return self._path, self._outcome()

    def _outcome(self) -> bytes | Exception:
        if not self.is_file:
            return _file_error(b"".join(self._data))
        announced, received = self._announced, self._received
        if announced is not None and (received != announced if self._keeps else received < announced):
            return VerificationError(f"{announced} bytes were announced, {received} came", source="toolbox")
        return self._data[0] if len(self._data) == 1 else b"".join(self._data)

    def _identify(self, file_names: Sequence[str]) -> str:
        for name in file_names:
            if name in self._waiting:
                return name
        # Parts come in the order asked for; one whose name was mangled on the way is the next in turn.
        following = next(iter(self._waiting), None)
        if following is not None and (len(self._waiting) == 1 or file_name(following) in file_names):
            return following
        raise ProtocolError("the sandbox sent a file that nobody asked for", source="toolbox")


def _file_error(body: bytes) -> DaytonaTuiError:
    """Return the error that an ``error`` part describes."""
    status = 500
    try:
        told = json.loads(body)
        if isinstance(told, dict) and isinstance(told.get("statusCode"), int):
            status = told["statusCode"]
    except (ValueError, RecursionError):
        if body.startswith((b"file not found", b"error opening file: open ")) and b"permission" not in body:
            status = 404  # what the daemon said before it said it in JSON
    return refused(status, {}, body, source="toolbox")
