"""Directory listings per sandbox, which of them are open, and the rows that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

from daytona_tui.domain.files import FileEntry, in_order, parent_path
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.tree import RowKind, TreeRow, home_of


@dataclass(slots=True)
class Listing:
    """Contents of a directory as last read; ``error`` says why they are missing or may be stale."""

    entries: tuple[FileEntry, ...] | None = None
    error: str = ""
    is_late: bool = False
    """True once reading takes so long that it has to be said."""


class RemoteTree:
    """The files of one sandbox as far as they were looked at."""

    def __init__(self) -> None:
        self.root = ""
        """Directory at the top; empty until it is known."""
        self.work_dir = ""
        """Where the sandbox's programs begin: the first root."""
        self.home = ""
        """Directory that is written ``~``."""
        self.error = ""
        """Why the root is not known."""
        self.shows_hidden = False
        self._listings: dict[str, Listing] = {}
        self._open: set[str] = set()

    def set_root(self, path: str) -> None:
        """Put ``path`` at the top."""
        self.work_dir = self.work_dir or path
        self.home = self.home or home_of(path)
        self.root, self.error = path, ""
        self._listings.setdefault(path, Listing())

    def listing(self, path: str) -> Listing:
        """Return what is known of a directory."""
        return self._listings.setdefault(path, Listing())

    def loaded(self, path: str, entries: tuple[FileEntry, ...]) -> bool:
        """Keep what was read, in order; True if that changes anything."""
        listing = self.listing(path)
        ordered = in_order(entries)
        if listing.entries == ordered and not listing.error:
            return False
        self._listings[path] = Listing(ordered)
        return True

    def failed(self, path: str, reason: str) -> None:
        """Keep why a directory could not be read; earlier contents go, for they may be gone too."""
        self._listings[path] = Listing(None, reason)

    def is_open(self, path: str) -> bool:
        """True if the contents of ``path`` are shown."""
        return path == self.root or path in self._open

    def open(self, path: str) -> None:
        """Show the contents of a directory."""
        self._open.add(path)

    def close(self, path: str) -> None:
        """Hide the contents of a directory."""
        self._open.discard(path)

    def climb(self) -> bool:
        """Put the parent of the root at the top, with the former root open in it; False at ``/``."""
        parent = parent_path(self.root)
        if parent == self.root:
            return False
        self._open.add(self.root)
        self.set_root(parent)
        return True

    def open_paths(self) -> list[str]:
        """Return the directories whose contents are shown, the root first."""
        return [self.root, *(row.path for row in self.rows() if row.kind is RowKind.DIRECTORY and row.is_open)]

    def rows(self) -> list[TreeRow]:
        """Return the rows to show."""
        rows: list[TreeRow] = []
        if self.root:
            self._collect(self.root, 0, rows)
        return rows

    def visible(self, path: str) -> tuple[FileEntry, ...]:
        """Return the entries of a directory that are not hidden from view; nothing while it is not read."""
        entries = self.listing(path).entries or ()
        return entries if self.shows_hidden else tuple(entry for entry in entries if not entry.name.startswith("."))

    def _collect(self, path: str, depth: int, rows: list[TreeRow]) -> None:
        listing = self.listing(path)
        if listing.entries is None:
            if listing.error:
                rows.append(TreeRow(RowKind.FAILED, path, depth, text=listing.error))
            elif listing.is_late:
                rows.append(TreeRow(RowKind.LOADING, path, depth, text="reading …"))
            return
        for entry in self.visible(path):
            if entry.is_dir:
                is_open = entry.path in self._open
                rows.append(TreeRow(RowKind.DIRECTORY, entry.path, depth, entry, is_open))
                if is_open:
                    self._collect(entry.path, depth + 1, rows)
            else:
                rows.append(TreeRow(RowKind.FILE, entry.path, depth, entry))
        if path != self.root and not self.visible(path):
            hidden = f"{len(listing.entries)} hidden" if listing.entries else "empty"
            rows.append(TreeRow(RowKind.EMPTY, path, depth, text=hidden))


class FileStore:
    """The trees of the sandboxes that were looked into."""

    def __init__(self) -> None:
        self._trees: dict[SandboxId, RemoteTree] = {}

    def tree(self, sandbox_id: SandboxId) -> RemoteTree:
        """Return the tree of a sandbox, a new one at first."""
        return self._trees.setdefault(sandbox_id, RemoteTree())

    def forget(self, sandbox_id: SandboxId) -> None:
        """Drop what was read: the sandbox was restarted, or is gone."""
        self._trees.pop(sandbox_id, None)
