"""The local side of a pull: everything arrives in a directory of our own and is moved into place at the end.

So a failed or cancelled pull leaves no half file and no directory that was not there before. The staging directory is
made where the result will be, which keeps every move a rename; only our own user can enter it, so that nobody can plant
a link in it. One with a key is found again by the same pull after an interruption. Moving goes through directory
descriptors opened without following links: a link in an existing destination is replaced or reported, and nothing is
ever written to where it leads.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from daytona_tui.domain.transfers import ConflictPolicy
from daytona_tui.errors import TransferError
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.kept import Arrived, Journal
from daytona_tui.transfer.plan import TransferPlan
from daytona_tui.transfer.walk import Parts

_PREFIX = ".daytona-tui-"
_ATTEMPTS = 5
_REPLACES = (ConflictPolicy.OVERWRITE, ConflictPolicy.NEWER)
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Staging:
    """A place for the contents of the directory ``base`` until they are complete. All methods block: call in a thread.

    Attributes:
        contents: the directory to write into; below it, names are those below ``base``.
        journal: notes what has arrived; without a key, to nobody.
    """

    def __init__(self, base: Path, key: str = "") -> None:
        self.base = base
        self.contents = Path()
        self.journal = Journal(Path())
        self._key = key
        self._made: list[Path] = []
        self._stage: Path | None = None

    def open(self) -> None:
        """Make the staging directory, and the directories above ``base`` that are missing.

        Raises:
            TransferError: the place cannot be written to; names it.
        """
        home = self._home()
        try:
            if not self.base.is_dir() and os.path.lexists(self.base):
                raise TransferError(f"{self.base} is a file, not a directory")
            self._stage = self._enter(home)
            if self._key:
                self.journal = Journal(self._stage / "journal")
                self._hold()
            self.contents = self._stage / "contents"
            self.contents.mkdir(exist_ok=bool(self._key))
        except OSError as error:
            self.discard()
            raise TransferError(f"cannot write to {home}: {os_reason(error)}") from error

    def _home(self) -> Path:
        """Return the directory that the staging directory is in: where it was, if an interrupted pull has left one."""
        was_here = self._key and (self.base.parent / f"{_PREFIX}{self._key}").exists()
        return self.base if self.base.is_dir() and not was_here else self.base.parent

    def arrived(self, plan: TransferPlan) -> list[Arrived]:
        """Return what an interrupted pull has left of a plan; changes nothing."""
        stage = self._home() / f"{_PREFIX}{self._key}"
        journal = Journal(stage / "journal")
        try:
            journal.load()
        except OSError:
            return []
        return journal.arrived(stage / "contents", plan)

    def kept(self) -> Path | None:
        """Return where an interrupted pull has left what had arrived; None where none has."""
        stage = self._home() / f"{_PREFIX}{self._key}"
        return stage if stage.is_dir() else None

    def _enter(self, home: Path) -> Path:
        """Make the staging directory in ``home``; other pulls may be making, or removing, the same directories."""
        for _attempt in range(_ATTEMPTS):
            with contextlib.suppress(FileNotFoundError):
                self._make(home)
                return self._own(home)
        self._make(home)
        return self._own(home)

    def _own(self, home: Path) -> Path:
        """Return a directory that nobody else can enter: a new one, or that of an interrupted pull."""
        if not self._key:
            return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=home))
        path = home / f"{_PREFIX}{self._key}"
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise TransferError(f"{path} is not ours", hint="remove it, or choose another destination")
        return path

    def _hold(self) -> None:
        try:
            self.journal.open()
        except TransferError:
            self._stage = None  # it is another's
            raise

    def _make(self, directory: Path) -> None:
        missing = [path for path in (directory, *directory.parents) if not path.exists()]
        for path in reversed(missing):
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                self._made.append(path)

    def folds_case(self) -> bool:
        """Return True where the file system takes ``A`` for ``a``."""
        probe = self.contents.with_name("probe-a")
        probe.touch()
        return probe.with_name("PROBE-A").exists()

    def free_bytes(self) -> int:
        """Return how much the file system still holds."""
        return shutil.disk_usage(self.contents).free

    def existing(self, targets: Iterable[Parts]) -> set[Parts]:
        """Return which targets exist below ``base``, as anything, links included."""
        return {parts for parts in targets if os.path.lexists(self.base.joinpath(*parts))}

    def settle(self, policy: ConflictPolicy) -> list[tuple[Parts, str]]:
        """Move everything into place and remove the staging directory; return what could not be moved, and why.

        Raises:
            TransferError: the destination as a whole refused.
        """
        try:
            if os.path.lexists(self.base):
                failed = self._merge_all(policy)
            else:
                self.contents.rename(self.base)
                failed = []
        except OSError as error:
            raise TransferError(f"cannot write to {self.base}: {os_reason(error)}") from error
        self._made.clear()  # what was made now holds something that was asked for
        self.discard()
        return failed

    def _merge_all(self, policy: ConflictPolicy) -> list[tuple[Parts, str]]:
        target = os.open(self.base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        failed: list[tuple[Parts, str]] = []
        try:
            _merge(self.contents, target, (), policy in _REPLACES, failed)
        finally:
            os.close(target)
        return failed

    def keep(self) -> Path | None:
        """Leave what has arrived for the next time, and return where; None where nothing has, and nothing is left."""
        if self._stage is None or not self._key or (self.journal.is_empty and not self._has_bytes()):
            self.discard()
            return None
        kept, self._stage = self._stage, None
        self._made.clear()
        self.journal.close()
        return kept

    def _has_bytes(self) -> bool:
        """Return whether there is a half file; one that was opened and got nothing is none."""
        walked = os.walk(self.contents)
        return any(Path(here, name).lstat().st_size for here, _directories, files in walked for name in files)

    def discard(self) -> None:
        """Remove the staging directory and the directories made for it that are empty. Idempotent."""
        if self._stage is not None:
            shutil.rmtree(self._stage, ignore_errors=True)
            self._stage = None
        self.journal.close()
        for path in reversed(self._made):
            with contextlib.suppress(OSError):
                path.rmdir()
        self._made.clear()


def _merge(source: Path, target: int, parts: Parts, overwrite: bool, failed: list[tuple[Parts, str]]) -> None:
    """Move the contents of ``source`` into the directory open as ``target``."""
    with os.scandir(source) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        here = (*parts, entry.name)
        try:
            if entry.is_dir(follow_symlinks=False):
                _merge_directory(Path(entry.path), target, here, overwrite, failed)
            elif not overwrite and _exists(entry.name, target):
                failed.append((here, "it appeared at the destination meanwhile"))
            else:
                os.replace(entry.path, entry.name, dst_dir_fd=target)
        except OSError as error:
            failed.append((here, os_reason(error)))


def _merge_directory(source: Path, target: int, parts: Parts, overwrite: bool, failed: list[tuple[Parts, str]]) -> None:
    if not _exists(parts[-1], target):  # as a whole it keeps its mode and its time
        try:
            os.rename(source, parts[-1], dst_dir_fd=target)
            return
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                raise
    inner = os.open(parts[-1], _DIRECTORY, dir_fd=target)
    try:
        _merge(source, inner, parts, overwrite, failed)
    finally:
        os.close(inner)


def _exists(name: str, directory: int) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
