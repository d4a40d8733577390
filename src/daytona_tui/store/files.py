"""Directory listings per sandbox, which of them are open, and the rows that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from daytona_tui.domain.files import FileEntry, in_order, parent_path
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.tree import Arrangement, GitMark, RowKind, TreeRow, arranged, home_of


@dataclass(slots=True)
class Listing:
    """Contents of a directory as last read, by name; ``error`` says why they are missing or may be stale."""

    entries: tuple[FileEntry, ...] | None = None
    error: str = ""
    is_late: bool = False
    """True once reading takes so long that it has to be said."""


@dataclass(slots=True)
class Block:
    """What is shown of one directory while none of those in it is open: worked out once for each arrangement.

    Attributes:
        entries: in the order in which they are shown.
        total_bytes: of the files among them.
        rows: one for each entry, at ``depth``.
        places: index of each directory, by its path.
    """

    entries: tuple[FileEntry, ...]
    total_bytes: int
    depth: int
    rows: list[TreeRow]
    places: dict[str, int]


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
        self.marks: dict[str, FileEntry] = {}
        """What is marked, by its path, in the order in which it was marked."""
        self.git_mark: Callable[[str], GitMark | None] = lambda _path: None
        """Tells how a path differs from the last commit."""
        self.sizes: dict[str, int] = {}
        """Bytes of directories with all that is in them, as far as they were measured."""
        self.trail: list[tuple[str, str]] = []
        """Where the user was before each jump: the directory at the top, and what the cursor was on."""
        self._arrangement = Arrangement()
        self._listings: dict[str, Listing] = {}
        self._open: set[str] = set()
        self._led_to: set[str] = set()
        """Links that are known to lead to directories, among what was gone through."""
        self._blocks: dict[str, Block] = {}

    @property
    def arrangement(self) -> Arrangement:
        """How directories are shown."""
        return self._arrangement

    def arrange(self, arrangement: Arrangement) -> None:
        """Show directories otherwise."""
        if arrangement != self._arrangement:
            self._arrangement = arrangement
            self._blocks.clear()

    def measured(self, sizes: dict[str, int]) -> None:
        """Keep how large directories are."""
        self.sizes.update(sizes)
        self._blocks.clear()

    def set_root(self, path: str) -> None:
        """Put ``path`` at the top."""
        self.work_dir = self.work_dir or path
        self.home = self.home or home_of(path)
        self.root, self.error = path, ""
        self._listings.setdefault(path, Listing())

    def listing(self, path: str) -> Listing:
        """Return what is known of a directory."""
        return self._listings.setdefault(path, Listing())

    def loaded(self, path: str, entries: tuple[FileEntry, ...], *, is_ordered: bool = False) -> bool:
        """Keep what was read; True if that changes anything. ``is_ordered``: it is as ``in_order`` puts it."""
        listing = self.listing(path)
        ordered = entries if is_ordered else in_order(entries)
        if listing.entries == ordered and not listing.error:
            listing.is_late = False
            return False
        self._listings[path] = Listing(ordered)
        self._blocks.pop(path, None)
        if not self.marks:
            return True
        here = {entry.path: entry for entry in entries}
        for marked in [each for each in self.marks if parent_path(each) == path]:
            if marked in here:
                self.marks[marked] = here[marked]
            else:
                del self.marks[marked]
        return True

    def failed(self, path: str, reason: str) -> None:
        """Keep why a directory could not be read; earlier contents go, for they may be gone too."""
        self._listings[path] = Listing(None, reason)
        self._blocks.pop(path, None)

    def is_open(self, path: str) -> bool:
        """True if the contents of ``path`` are shown."""
        return path == self.root or path in self._open

    def open(self, path: str) -> None:
        """Show the contents of a directory."""
        self._open.add(path)

    def close(self, path: str) -> None:
        """Hide the contents of a directory."""
        self._open.discard(path)

    def leads_on(self, *paths: str) -> None:
        """Take links for the directories that they lead to."""
        for path in set(paths) - self._led_to:
            self._blocks.pop(parent_path(path), None)
        self._led_to.update(paths)

    def climb(self) -> bool:
        """Put the parent of the root at the top, with the former root open in it; False at ``/``."""
        parent = parent_path(self.root)
        if parent == self.root:
            return False
        self._open.add(self.root)
        self.set_root(parent)
        return True

    def reach(self, path: str) -> list[str]:
        """Open every directory above ``path``, and return them, the root first.

        What is not below the root has the working directory put at the top, if it is below that, or else its own
        directory. Hidden names on the way are shown.
        """
        if not _is_within(path, self.root):
            inside = self.work_dir if _is_within(path, self.work_dir) else parent_path(path)
            self.set_root(path if path == self.home else inside)
        above: list[str] = []
        directory = path
        while directory not in (self.root, "/"):  # the root is as the sandbox tells it, and may be written oddly
            if directory.rsplit("/", 1)[1].startswith(".") and not self._arrangement.shows_hidden:
                self.arrange(Arrangement(self._arrangement.by, self._arrangement.is_reversed, shows_hidden=True))
            directory = parent_path(directory)
            above.append(directory)
        self._open.update(above)
        self.leads_on(*above)
        return above[::-1]

    def has(self, directory: str, path: str) -> bool:
        """True if ``path`` is in a directory, as it was read last."""
        return any(entry.path == path for entry in self.listing(directory).entries or ())

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
        """Return the entries of a directory that are shown, in order; nothing while it is not read."""
        return self._block(path).entries

    def total_bytes(self, path: str) -> int:
        """Return how many bytes the files of a directory have that are shown."""
        return self._block(path).total_bytes

    def toggle(self, entries: Iterable[FileEntry]) -> None:
        """Mark what is not marked, and take the mark away from what is."""
        for entry in entries:
            if self.marks.pop(entry.path, None) is None:
                self.marks[entry.path] = entry

    def _block(self, path: str, depth: int | None = None) -> Block:
        block = self._blocks.get(path)
        if block is not None and depth in (None, block.depth):
            return block
        entries = block.entries if block else arranged(self.listing(path).entries or (), self._arrangement, self.sizes)
        depth = depth or 0
        led = self._led_to
        rows = [
            TreeRow(RowKind.DIRECTORY if entry.is_dir or entry.path in led else RowKind.FILE, entry.path, depth, entry)
            for entry in entries
        ]
        total = sum(entry.size_bytes for entry in entries if not entry.is_dir and not entry.is_link)
        places = {row.path: index for index, row in enumerate(rows) if row.kind is RowKind.DIRECTORY}
        made = Block(entries, total, depth, rows, places)
        if self.listing(path).entries is not None:
            self._blocks[path] = made
        return made

    def _collect(self, path: str, depth: int, rows: list[TreeRow]) -> None:
        listing = self.listing(path)
        if listing.entries is None:
            if listing.error:
                rows.append(TreeRow(RowKind.FAILED, path, depth, text=listing.error))
            elif listing.is_late:
                rows.append(TreeRow(RowKind.LOADING, path, depth, text="reading …"))
            return
        block = self._block(path, depth)
        done = 0
        for index in sorted(block.places[each] for each in self._open & block.places.keys()):
            rows += block.rows[done:index]
            rows.append(block.rows[index]._replace(is_open=True))
            self._collect(block.rows[index].path, depth + 1, rows)
            done = index + 1
        rows += block.rows[done:]
        if path != self.root and not block.rows:
            hidden = f"{len(listing.entries)} hidden" if listing.entries else "empty"
            rows.append(TreeRow(RowKind.EMPTY, path, depth, text=hidden))


class FileStore:
    """The trees of the sandboxes that were looked into."""

    def __init__(self) -> None:
        self._trees: dict[SandboxId, RemoteTree] = {}
        self._arrangement = Arrangement()

    def tree(self, sandbox_id: SandboxId) -> RemoteTree:
        """Return the tree of a sandbox, a new one at first."""
        tree = self._trees.get(sandbox_id)
        if tree is None:
            tree = self._trees[sandbox_id] = RemoteTree()
            tree.arrange(self._arrangement)
        return tree

    def arrange(self, arrangement: Arrangement) -> None:
        """Show the directories of all sandboxes otherwise, also of those that are looked into later."""
        self._arrangement = arrangement
        for tree in self._trees.values():
            tree.arrange(arrangement)

    def forget(self, sandbox_id: SandboxId) -> None:
        """Drop what was read: the sandbox was restarted, or is gone."""
        self._trees.pop(sandbox_id, None)


def _is_within(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")
