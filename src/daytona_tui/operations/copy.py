"""Pull files and directories out of a sandbox: list, plan, copy, verify, as one call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from daytona_tui.domain.ports import RemoteFiles
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.transfers import ConflictPolicy, TransferProgress, TransferReport


def unseen(_progress: TransferProgress) -> None:
    """Take no notice of progress."""


async def pull(
    files: RemoteFiles,
    sandbox_id: SandboxId,
    path: str,
    destination: Path,
    *,
    conflict: ConflictPolicy = ConflictPolicy.FAIL,
    on_progress: Callable[[TransferProgress], None] = unseen,
) -> TransferReport:
    """Copy a file or a directory out of a sandbox, byte for byte."""
    raise NotImplementedError


def default_destination(sandbox: Sandbox, path: str, work_dir: str, base: Path) -> Path:
    """Return ``base/<sandbox name>/<path below the working directory>``, made of names that are safe here."""
    raise NotImplementedError
