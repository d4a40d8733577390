"""Cold storage: archives and backups of sandboxes' bodies, made and brought back off the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

from daytona_tui.emulator.body import archive
from daytona_tui.emulator.state.lifeline import remove_tree
from daytona_tui.emulator.state.statedir import StateDirectory

_RUN = "run"  # logs and pipes of sessions: they belong to one life of a box


class Storage:
    """Where the bodies of archived sandboxes lie.

    Each of its works takes as long as the files need. A work whose caller is cancelled is given up and leaves
    everything as it was before.

    Args:
        directory: the emulator's directory.
    """

    def __init__(self, directory: StateDirectory) -> None:
        self._directory = directory

    async def store(self, sandbox_id: str) -> None:
        """Put a closed body into an archive; its directory goes only when the archive is safe on the disk.

        Raises:
            OSError: something cannot be read or written; the directory is whole.
        """
        body, file = self._directory.sandbox_root(sandbox_id), self._directory.archive_file(sandbox_id)

        def work(stop: threading.Event) -> None:
            if body.is_dir():
                archive.pack(body, file, stop=stop)
                remove_tree(body)

        await _off_the_loop(work)

    async def restore(self, sandbox_id: str) -> None:
        """Bring a body back from its archive, or from its backup if it is missing altogether.

        Raises:
            archive.ArchiveError: the archive is damaged.
            OSError: it cannot be read, or the body not be written; the archive stays.
        """
        body, file = self._directory.sandbox_root(sandbox_id), self._directory.archive_file(sandbox_id)
        backup = self._directory.backup_file(sandbox_id)

        def work(stop: threading.Event) -> None:
            if file.is_file():
                archive.unpack(file, body, stop=stop)
                file.unlink()
            elif not body.is_dir() and backup.is_file():
                archive.unpack(backup, body, stop=stop)

        await _off_the_loop(work)

    async def back_up(self, sandbox_id: str) -> None:
        """Copy a body into a file of its own; the one before is replaced.

        Raises:
            OSError: something cannot be read or written.
        """
        body, file = self._directory.sandbox_root(sandbox_id), self._directory.backup_file(sandbox_id)
        await _off_the_loop(lambda stop: archive.pack(body, file, stop=stop) if body.is_dir() else None)

    async def begin(self, sandbox_id: str, template: Path) -> None:
        """Let a new body begin with the files of a template; one that is there already stays as it is.

        Raises:
            OSError: something cannot be read or written; there is no body then.
        """
        body = self._directory.sandbox_root(sandbox_id)
        await _off_the_loop(lambda stop: None if body.is_dir() else _copy_whole(template, body, stop))

    async def keep(self, sandbox_id: str, template: Path) -> None:
        """Make the files of a body a template; what was there before is replaced.

        Raises:
            OSError: something cannot be read or written; there is no template then.
        """
        body = self._directory.sandbox_root(sandbox_id)

        def work(stop: threading.Event) -> None:
            remove_tree(template)
            _copy_whole(body, template, stop)

        await _off_the_loop(work)

    async def copy(self, source_id: str, target_id: str) -> None:
        """Make the body of one sandbox a copy of another's files; what only its running processes need is left out.

        Raises:
            OSError: something cannot be read or written; there is no body then.
        """
        source, target = (self._directory.sandbox_root(each) for each in (source_id, target_id))
        await _off_the_loop(lambda stop: _copy_whole(source, target, stop))

    async def remove(self, sandbox_id: str) -> None:
        """Remove everything that is kept of a sandbox whose processes are gone.

        Raises:
            OSError: something cannot be removed.
        """
        if not self._directory.has_root:
            return
        body = self._directory.sandbox_root(sandbox_id)
        files = self._directory.archive_file(sandbox_id), self._directory.backup_file(sandbox_id)

        def work() -> None:
            remove_tree(body)
            for file in files:
                file.unlink(missing_ok=True)

        await asyncio.to_thread(work)


def _copy_whole(source: Path, target: Path, stop: threading.Event) -> None:
    """Copy a body whole or not at all, also when this process is killed meanwhile."""
    partial = target.with_name(f"{target.name}.part")
    remove_tree(partial)
    partial.parent.mkdir(parents=True, exist_ok=True)
    _copy_body(source, partial, stop)
    partial.mkdir(exist_ok=True)  # of a sandbox that was never opened there is nothing yet
    partial.rename(target)


def _copy_body(source: Path, target: Path, stop: threading.Event) -> None:
    if not source.is_dir():
        return
    target.mkdir(parents=True, exist_ok=True)
    try:
        for part in sorted(source.iterdir()):
            if part.name != _RUN and part.is_dir() and not part.is_symlink():
                archive.copy_tree(part, target / part.name, stop=stop)
    except BaseException:
        remove_tree(target)
        raise


async def _off_the_loop(work: Callable[[threading.Event], object]) -> None:
    stop = threading.Event()
    thread = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        await asyncio.shield(thread)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([thread])
        if not thread.cancelled():
            thread.exception()  # seen: it was told to give up
        raise
