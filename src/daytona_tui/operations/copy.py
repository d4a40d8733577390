"""Pull files and directories out of a sandbox: ``plan`` says what would be done, ``run`` does it.

``pull`` is both at once, for a caller who asks nothing.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.transfers import (
    ConflictPolicy,
    Equality,
    TransferOptions,
    TransferProgress,
    TransferReport,
)
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.pull_plan import USUAL, PullPlan, plan, planned, unseen
from daytona_tui.operations.pull_run import never, run
from daytona_tui.transfer.safety import directory_name, local_name
from daytona_tui.transfer.source import Files, PullSource

__all__ = ["USUAL", "PullPlan", "default_destination", "never", "plan", "pull", "run", "sandbox_directory", "unseen"]

_PLAIN = TransferOptions(
    ignore_usual=False,
    equality=Equality.NEVER,
    checksums=False,
    links=False,
    resume=False,
    max_files=None,
    max_bytes=None,
    patience_s=0.0,
)


async def pull(
    files: Files,
    sandbox_id: SandboxId,
    path: str,
    destination: Path,
    *,
    conflict: ConflictPolicy = ConflictPolicy.FAIL,
    on_progress: Callable[[TransferProgress], None] = unseen,
) -> TransferReport:
    """Copy a file or a directory out of a sandbox, byte for byte, with nothing but its files to be had.

    A pull which fails as a whole or is cancelled leaves nothing behind. A single file that fails within a directory
    fails alone and stands in the report. Links are left out, and nothing else is.

    Args:
        files: where to read from.
        sandbox_id: the sandbox, which must run.
        path: absolute path in the sandbox.
        destination: for a file its final path; for a directory the directory that will hold its contents.
        conflict: what to do with files that exist at the destination; *fail* does so before anything is copied.
        on_progress: told at most ten times a second, and at the beginning and the end. Totals are 0 while the tree is
            being listed.

    Raises:
        NotFoundError: there is no such path.
        TransferError: the destination cannot be written to, holds such files already, or the disk is full.
        DaytonaTuiError: whatever else made it impossible to go on.
    """
    source = cast(PullSource, files)  # with these options nothing looks round
    options = replace(_PLAIN, conflict=conflict)
    on_progress(TransferProgress())
    ready = await planned(source, sandbox_id, path, destination, options, by_look=False)
    return await run(source, ready, on_progress=on_progress)


def sandbox_directory(sandbox: Sandbox) -> str:
    """Return the name of the directory for what comes out of a sandbox: never a hidden one, such as ``.ssh``."""
    return directory_name(sandbox.name.lstrip("."), sandbox.id or "sandbox")


def default_destination(sandbox: Sandbox, path: str, work_dir: str, base: Path) -> Path:
    """Return ``base/<sandbox name>/<path below the working directory>``, made of names that are safe here.

    The working directory itself is the sandbox's directory; a path outside it keeps all of its parts.
    """
    root = base / sandbox_directory(sandbox)
    whole = posixpath.normpath(posixpath.join("/", path))
    inside = posixpath.normpath(posixpath.join("/", work_dir)).rstrip("/")
    relative = whole[len(inside) :] if whole == inside or whole.startswith(inside + "/") else whole
    return root.joinpath(
        *(directory_name(part, "_") if _is_odd(part) else part for part in relative.split("/") if part)
    )


def _is_odd(part: str) -> bool:
    try:
        local_name(part)
    except DaytonaTuiError:
        return True
    return False
