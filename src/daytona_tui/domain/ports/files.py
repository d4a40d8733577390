"""Files of started sandboxes: looking at them, and changing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence

    from daytona_tui.domain.files import FileEntry, FoundLine
    from daytona_tui.domain.sandbox import SandboxId
    from daytona_tui.errors import DaytonaTuiError


class RemoteFiles(Protocol):
    """Files of started sandboxes. All of it peeks."""

    async def work_dir(self, sandbox_id: SandboxId) -> str:
        """Return the absolute path of the working directory."""

    async def list_dir(self, sandbox_id: SandboxId, path: str) -> tuple[FileEntry, ...]:
        """Return the entries of a directory, in no order.

        Raises:
            NotFoundError: no such directory.
        """

    async def info(self, sandbox_id: SandboxId, path: str) -> FileEntry:
        """Return the entry of a file or directory itself."""

    async def list_tree(self, sandbox_id: SandboxId, path: str, depth: int) -> tuple[FileEntry, ...]:
        """Return the entries of a directory and of those below it, ``depth`` levels in all, in no order.

        Raises:
            NotFoundError: no such directory.
            UnsupportedError: the server lists one level only, and more were asked for.
        """

    def read(self, sandbox_id: SandboxId, path: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        """Yield the contents of one file in chunks, from byte ``offset`` on; nothing at and beyond its end.

        A server that cannot begin in the middle sends the bytes before it too, and they are passed over.

        Raises:
            NotFoundError: no such file.
            VerificationError: the contents broke off, or are not as long as announced.
        """

    async def read_range(self, sandbox_id: SandboxId, path: str, offset: int, length: int) -> bytes:
        """Return at most ``length`` bytes of a file from byte ``offset`` on; fewer at its end.

        Costs as much as ``length``, however large the file is, unless the server and the sandbox can neither.

        Raises:
            NotFoundError: no such file.
            VerificationError: the contents broke off.
        """

    def read_many(self, sandbox_id: SandboxId, paths: Sequence[str]) -> AsyncIterator[tuple[str, bytes | Exception]]:
        """Yield ``(path, contents or error)`` for small files fetched in one request, in the order of arrival."""

    async def search_names(self, sandbox_id: SandboxId, path: str, pattern: str) -> tuple[str, ...]:
        """Return the absolute paths below ``path`` whose last part matches a glob such as ``*.py``."""

    async def search_contents(self, sandbox_id: SandboxId, path: str, pattern: str) -> tuple[FoundLine, ...]:
        """Return the lines that contain the text ``pattern`` in the text files below ``path``."""


class FileActs(Protocol):
    """Changes to the files of started sandboxes. All of it counts as activity."""

    async def make_dir(self, sandbox_id: SandboxId, path: str, mode: int = 0o755) -> None:
        """Make a directory and those above it. One that is there already is a success, and keeps its mode."""

    async def move(self, sandbox_id: SandboxId, source: str, destination: str) -> None:
        """Move or rename a file or directory.

        Raises:
            NotFoundError: there is no source.
            ConflictError: there is something at the destination.
        """

    async def remove(self, sandbox_id: SandboxId, path: str, *, recursive: bool = False) -> None:
        """Delete a file, a link itself or, with ``recursive``, a directory with all that is in it.

        Raises:
            NotFoundError: it is not there.
            RemoteError: it is a directory, and ``recursive`` was not said.
        """

    async def chmod(self, sandbox_id: SandboxId, path: str, mode: int) -> None:
        """Set the mode of a file or directory."""

    async def write(
        self, sandbox_id: SandboxId, path: str, chunks: AsyncIterable[bytes], *, size_bytes: int | None = None
    ) -> int:
        """Write one file as its contents come, with the directories above it; return how many bytes were sent.

        The sandbox sets the pace: a chunk is asked for when those before it have gone out. What was at ``path`` is
        replaced. A write that does not succeed may leave the old file, none or half of one: a caller who minds writes
        to another name and moves it. A link at ``path`` is followed, and the file has mode 0644 whatever it had.
        ``size_bytes`` is how much comes, where it is known.

        Raises:
            VerificationError: other than ``size_bytes`` came from ``chunks``.
            RemoteError: it cannot be written: not allowed, no space, a directory is in the way.
        """

    async def write_many(
        self, sandbox_id: SandboxId, items: Sequence[tuple[str, bytes]]
    ) -> Mapping[str, DaytonaTuiError]:
        """Write small files, ``(path, contents)`` each, in one request; return what could not be written, and why.

        Raises:
            ValueError: a path comes twice.
        """
