"""Lists what is to be pushed, on this machine. Blocks: call in a thread. Links are not followed below a source."""

from __future__ import annotations

import os
import posixpath
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from daytona_tui.domain.transfers import TransferItem, TransferOptions
from daytona_tui.errors import TransferError
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.ignoring import Ignoring
from daytona_tui.transfer.push_plan import PushDirectory, PushFile, PushLink
from daytona_tui.transfer.safety import MAX_DEPTH, link_objection

Parts = tuple[str, ...]

_OURS = (".daytona-tui-", ".daytona-upload-")
_MODE = 0o777
_MAX_GITIGNORE = 1024 * 1024
_TELL_EVERY = 500


class Stopped(Exception):
    """The walk was told to stop: nobody wants its result any more."""


@dataclass(slots=True)
class LocalTree:
    """What was found, in the order of discovery: parents before children. Targets are paths of the sandbox."""

    files: list[PushFile] = field(default_factory=list)
    directories: list[PushDirectory] = field(default_factory=list)
    links: list[PushLink] = field(default_factory=list)
    left_out: list[TransferItem] = field(default_factory=list)
    failed: list[TransferItem] = field(default_factory=list)

    def targets(self) -> Iterator[tuple[str, str]]:
        """Yield target and source of all that cannot share a name."""
        yield from ((file.target, str(file.source)) for file in self.files)
        yield from ((link.target, str(link.source)) for link in self.links)


class LocalWalk:
    """One walk over one or several sources.

    Args:
        options: what to leave out.
        tell: is told now and then how many files there are and what they hold.
    """

    def __init__(
        self, options: TransferOptions, tell: Callable[[int, int], None] = lambda _files, _bytes: None
    ) -> None:
        self.tree = LocalTree()
        self._options = options
        self._tell = tell
        self._stop = threading.Event()
        self._bytes = 0

    def stop(self) -> None:
        """Have the walk end soon; for other threads."""
        self._stop.set()

    def add(self, source: Path, target: str) -> None:
        """Add a file or a directory with all that is in it, so that it becomes ``target``.

        Raises:
            TransferError: it does not exist, cannot be read, or is neither file nor directory.
            Stopped: ``stop`` was called.
        """
        try:
            real = source.resolve(strict=True)
            described = real.stat()
        except (OSError, RuntimeError) as error:
            reason = os_reason(error) if isinstance(error, OSError) else "the link goes round in circles"
            raise TransferError(f"cannot read {source}: {reason}") from error
        if stat.S_ISREG(described.st_mode):
            self._file(real, target, described)
        elif stat.S_ISDIR(described.st_mode):
            self._directory(real, target, described)
        else:
            raise TransferError(f"{source} is neither a file nor a directory")
        self._tell(len(self.tree.files), self._bytes)

    def _directory(self, root: Path, target: str, described: os.stat_result) -> None:
        ignoring = Ignoring(self._options.ignore, usual=self._options.ignore_usual)
        self.tree.directories.append(_directory(target, described))
        waiting: list[Parts] = [()]
        while waiting:
            if self._stop.is_set():
                raise Stopped
            parts = waiting.pop()
            here = root.joinpath(*parts)
            try:
                with os.scandir(here) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as error:
                if not parts:
                    raise TransferError(f"cannot read {here}: {os_reason(error)}") from error
                self._failed(here, os_reason(error))
                continue
            if self._options.gitignore and any(entry.name == ".gitignore" for entry in entries):
                self._read_gitignore(here, parts, ignoring)
            deeper = [(*parts, entry.name) for entry in entries if self._sort_in(entry, root, target, parts, ignoring)]
            waiting += reversed(deeper)

    def _read_gitignore(self, directory: Path, parts: Parts, ignoring: Ignoring) -> None:
        try:
            with (directory / ".gitignore").open("rb") as stream:
                text = stream.read(_MAX_GITIGNORE).decode("utf-8", "surrogateescape")
        except OSError as error:
            self._failed(directory / ".gitignore", os_reason(error))
        else:
            ignoring.add_file(parts, text)

    def _sort_in(self, entry: os.DirEntry[str], root: Path, target: str, parent: Parts, ignoring: Ignoring) -> bool:
        """Add one entry to the tree; return True where it is a directory to be listed next."""
        path, parts = Path(entry.path), (*parent, entry.name)
        try:
            described = entry.stat(follow_symlinks=False)
        except OSError as error:
            self._failed(path, os_reason(error))
            return False
        is_dir = stat.S_ISDIR(described.st_mode)
        reason = self._reason(entry.name, parts, described.st_mode, ignoring)
        if reason:
            self.tree.left_out.append(TransferItem(_said(path), reason))
            return False
        there = posixpath.join(target, *parts)
        if is_dir:
            self.tree.directories.append(_directory(there, described))
        elif stat.S_ISLNK(described.st_mode):
            self._link(path, there, root, parent)
        else:
            self._file(path, there, described)
        return is_dir

    def _reason(self, name: str, parts: Parts, mode: int, ignoring: Ignoring) -> str:
        """Return why something is left out; empty where it is not."""
        if name.startswith(_OURS):
            return "a temporary file of a transfer"
        pattern = ignoring.because(parts, is_dir=stat.S_ISDIR(mode))
        if pattern:
            return f"ignored by {pattern}"
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
            return "not a regular file"
        if len(parts) > MAX_DEPTH and stat.S_ISDIR(mode):
            return "too deep"
        try:
            name.encode()
        except UnicodeEncodeError:
            return "its name is not UTF-8, and paths travel as such"
        return ""

    def _file(self, path: Path, target: str, described: os.stat_result) -> None:
        mode = stat.S_IMODE(described.st_mode) & _MODE
        self.tree.files.append(PushFile(path, target, described.st_size, described.st_mtime_ns, mode))
        self._bytes += described.st_size
        if len(self.tree.files) % _TELL_EVERY == 0:
            self._tell(len(self.tree.files), self._bytes)

    def _link(self, path: Path, target: str, root: Path, parent: Parts) -> None:
        try:
            points_to = os.readlink(path)  # noqa: PTH115 - a Path would tidy up what the link says
        except OSError as error:
            self._failed(path, os_reason(error))
            return
        reason = _link_objection(points_to, len(parent), is_wanted=self._options.links)
        if reason:
            self.tree.left_out.append(TransferItem(_said(path), reason))
        else:
            self.tree.links.append(PushLink(path, target, points_to))

    def _failed(self, path: Path, reason: str) -> None:
        self.tree.failed.append(TransferItem(_said(path), reason))


def _link_objection(points_to: str, depth: int, *, is_wanted: bool) -> str:
    """Return why a link is not made; empty where it is."""
    if not is_wanted:
        return "a link"
    try:
        points_to.encode()
    except UnicodeEncodeError:
        return "a link to a name that is not UTF-8"
    return link_objection(points_to, depth)


def _directory(target: str, described: os.stat_result) -> PushDirectory:
    return PushDirectory(target, stat.S_IMODE(described.st_mode) & _MODE, described.st_mtime_ns)


def _said(path: Path) -> str:
    """Return a path as text that any encoding can write."""
    return os.fsencode(path).decode("utf-8", "replace")
