"""What a pull needs of a sandbox, and no more: ``Gateway`` has it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from daytona_tui.domain.executions import ExecOutcome
from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.sandbox import SandboxId


class Files(Protocol):
    """Files to list and to read, as ``domain.ports.RemoteFiles``."""

    async def list_dir(self, sandbox_id: SandboxId, path: str) -> tuple[FileEntry, ...]:
        """Return the entries of a directory, in no order."""

    async def info(self, sandbox_id: SandboxId, path: str) -> FileEntry:
        """Return the entry of a file or directory itself."""

    def read(self, sandbox_id: SandboxId, path: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        """Yield the contents of one file in chunks, from byte ``offset`` on."""

    def read_many(self, sandbox_id: SandboxId, paths: Sequence[str]) -> AsyncIterator[tuple[str, bytes | Exception]]:
        """Yield ``(path, contents or error)`` for small files fetched in one request."""


class Looker(Protocol):
    """A look round, as ``domain.ports.Inspector``."""

    async def look(self, sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
        """Run a shell script that only reads, and return its output."""


class PullSource(Files, Looker, Protocol):
    """Files, and a look round among them."""
