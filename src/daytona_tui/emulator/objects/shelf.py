"""Objects on disk, whole or in parts that are still coming. Everything here blocks on disk.

The name of a file is the digest of its object's key: whatever a key says, it leads nowhere.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from daytona_tui.emulator.objects.refusal import ObjectError

LARGEST = 1 << 30
"""Bytes of the largest object."""
LARGEST_PART = 64 << 20
SMALLEST_PART = 5 << 20
"""Bytes of every part but the last, at least."""
MOST_PARTS = 10_000
MOST_UPLOADS = 100

_UPLOAD_ID = re.compile(r"[0-9a-f]{32}")


class Shelf:
    """The objects of one emulator.

    Args:
        root: tells the directory of theirs alone; it is made when it is needed.
    """

    def __init__(self, root: Callable[[], Path]) -> None:
        self._root = root
        self._uploads: dict[str, str] = {}
        self._turn = threading.Lock()
        self._is_clean = False

    def file_of(self, key: str) -> Path | None:
        """Return the file of an object; None where there is none."""
        file = self._file(key)
        return file if file.is_file() else None

    def incoming(self) -> Path:
        """Return a new file to write to before its object is known to be whole."""
        directory = self._root() / "incoming"
        with self._turn:
            if not self._is_clean:  # what an earlier emulator was in the middle of
                shutil.rmtree(directory, ignore_errors=True)
                shutil.rmtree(self._root() / "parts", ignore_errors=True)
                self._is_clean = True
        directory.mkdir(parents=True, exist_ok=True)
        return directory / secrets.token_hex(16)

    def put(self, key: str, written: Path) -> None:
        """Make a file that was written the object of ``key``."""
        self._root().mkdir(parents=True, exist_ok=True)
        written.replace(self._file(key))

    def begin(self, key: str) -> str:
        """Begin an object in parts and return the id of its upload."""
        self.incoming()
        upload_id = secrets.token_hex(16)
        with self._turn:
            if len(self._uploads) >= MOST_UPLOADS:
                self._drop(next(iter(self._uploads)))
            self._uploads[upload_id] = key
        self._parts(upload_id).mkdir(parents=True)
        return upload_id

    def put_part(self, key: str, upload_id: str, number: int, written: Path) -> None:
        """Make a file that was written a part.

        Raises:
            ObjectError: there is no such upload, or the whole would be too large.
        """
        parts = self._known(key, upload_id)
        if not 1 <= number <= MOST_PARTS:
            raise ObjectError(400, "InvalidArgument", f"Part number must be an integer between 1 and {MOST_PARTS}")
        here = sum(part.stat().st_size for part in parts.iterdir() if part.name != str(number))
        if here + written.stat().st_size > LARGEST:
            raise ObjectError(400, "EntityTooLarge", f"An object has {LARGEST} bytes at most")
        written.replace(parts / str(number))

    def complete(self, key: str, upload_id: str, wanted: list[tuple[int, str]]) -> None:
        """Put an object together of its parts, named by number and digest.

        Raises:
            ObjectError: there is no such upload, or its parts are others.
        """
        parts = self._known(key, upload_id)
        numbers = [number for number, _digest in wanted]
        if not wanted or numbers != sorted(set(numbers)):
            raise ObjectError(400, "InvalidPartOrder", "The list of parts was not in ascending order")
        whole = self.incoming()
        try:
            with whole.open("wb") as target:
                for number, digest in wanted:
                    part = parts / str(number)
                    if not part.is_file():
                        raise ObjectError(400, "InvalidPart", f"Part {number} could not be found")
                    if part.stat().st_size < SMALLEST_PART and number != numbers[-1]:
                        raise ObjectError(400, "EntityTooSmall", f"Part {number} is smaller than {SMALLEST_PART} bytes")
                    with part.open("rb") as source:
                        if hashlib.file_digest(source, "md5").hexdigest() != digest:
                            raise ObjectError(400, "InvalidPart", f"Part {number} is not the one that was named")
                        source.seek(0)
                        shutil.copyfileobj(source, target, 1 << 20)
            self.put(key, whole)
        finally:
            whole.unlink(missing_ok=True)
        self.abort(key, upload_id)

    def abort(self, key: str, upload_id: str) -> None:
        """Forget an upload and its parts.

        Raises:
            ObjectError: there is none.
        """
        self._known(key, upload_id)
        with self._turn:
            self._drop(upload_id)

    def _drop(self, upload_id: str) -> None:
        self._uploads.pop(upload_id, None)
        shutil.rmtree(self._parts(upload_id), ignore_errors=True)

    def _known(self, key: str, upload_id: str) -> Path:
        if not _UPLOAD_ID.fullmatch(upload_id) or self._uploads.get(upload_id) != key:
            raise ObjectError(404, "NoSuchUpload", "The specified upload does not exist")
        return self._parts(upload_id)

    def _parts(self, upload_id: str) -> Path:
        return self._root() / "parts" / upload_id

    def _file(self, key: str) -> Path:
        return self._root() / hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
