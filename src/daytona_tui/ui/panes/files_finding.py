"""Finding files: by a few letters, by what is in them, by their path, by size, by age, by what their owner keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from daytona_tui.domain.files import FileEntry, file_name
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.recipes import recipes_for
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.tree import tilde, untilde
from daytona_tui.operations.disk_use import disk_use
from daytona_tui.operations.overview import PRUNED, Overview, Seen, newest, overview
from daytona_tui.operations.recipe_look import served
from daytona_tui.presentation.human import age, size
from daytona_tui.presentation.safe_text import safe
from daytona_tui.store.files import RemoteTree
from daytona_tui.ui.commands import files as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.files_base import FilesBase
from daytona_tui.ui.panes.spots import FileFinder, Spot, Spots
from daytona_tui.ui.services import Services

MOST_NEWEST = 500
MOST_LINES = 2000
_LINE_LETTERS = 200
_LEAD_LETTERS = 8
"""So much of a line is shown before what was found in it."""
_DEPTH = 2
_ON_ROOT = frozenset(
    {commands.FIND_FILE, commands.SEARCH_FILES, commands.GO_TO, commands.BIG_FILES, commands.NEWEST_FILES,
     commands.RECIPES}
)  # fmt: skip


class FilesFinding(FilesBase):
    """Leads to files.

    Attributes:
        finder: opens the dialogs; set by the screen before anything can be asked for.
    """

    finder: FileFinder

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._searched: dict[SandboxId, tuple[str, Spots]] = {}
        """By sandbox what was looked for last, and what came of it."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        reason = super().refusal(command)
        if not reason and command in _ON_ROOT and (self.remote is None or not self.remote.root):
            return "its files are not read yet"
        if not reason and command is commands.GO_BACK and not (self.remote and self.remote.trail):
            return "the cursor was led nowhere yet"
        return reason

    def do_find_file(self) -> None:
        """Choose one of all that lies below the directory at the top."""
        if tree := self.remote:
            where = safe(tilde(tree.root, tree.home))
            self.finder.choose(f"Find in {where}", "a few letters of a path", self._all_of(tree), self._leading())

    def do_newest_files(self) -> None:
        """Choose one of the files that were written last."""
        if tree := self.remote:
            where = safe(tilde(tree.root, tree.home))
            self.finder.choose(f"Newest in {where}", "a few letters of a path", self._newest_of(tree), self._leading())

    def do_big_files(self) -> None:
        """Say what takes the room in the open directory under the cursor, or in the one around it."""
        if tree := self.remote:
            directory = self._scope
            where = safe(tilde(directory, tree.home))
            load = self._largest_of(tree, directory)
            self.finder.choose(f"What is big in {where}", "a few letters of a path", load, self._leading())

    def do_search_files(self) -> None:
        """Look for a text in the files of the open directory under the cursor, or of the one around it."""
        tree, sandbox = self.remote, self.sandbox
        if tree is not None and sandbox is not None:
            directory = self._scope
            text, found = self._searched.get(sandbox.id, ("", None))
            where = safe(tilde(directory, tree.home))
            search = partial(self._lines_with, sandbox.id, tree, directory)
            placeholder = "what a line has in it, letter for letter"
            self.finder.search(
                f"Search in the files of {where}", placeholder, search, self._leading(), text=text, found=found
            )

    def do_go_to(self) -> None:
        """Type a path."""
        tree, sandbox = self.remote, self.sandbox
        if tree is not None and sandbox is not None:
            directory = self.directory
            text = safe(tilde(directory, tree.home)).rstrip("/") + "/"
            resolve = partial(untilde, home=tree.home, below=directory)
            read, lead = partial(self._entries_of, sandbox.id, tree), self._leading()
            self.finder.go_to("Go to", text, resolve, read, lambda path: lead(Spot(path, "")))

    def do_go_back(self) -> None:
        """Put the cursor where it was before it was led here."""
        tree = self.remote
        if tree is not None and tree.trail:
            self._leave_preview()
            root, path = tree.trail.pop()
            tree.set_root(root)
            self.show_rows(focus_path=path)

    def do_recipes(self) -> None:
        """Choose among what the sandbox's owner and its agents are known to keep."""
        tree, sandbox = self.remote, self.sandbox
        if tree is None or sandbox is None:
            return
        owner = owner_of(sandbox).name

        async def load() -> Spots:
            dishes = await served(self.services.gateway, sandbox.id, recipes_for(owner))
            spots = tuple(
                Spot(
                    dish.path,
                    f"{dish.title}  {safe(tilde(dish.path, tree.home))}",
                    figure="" if dish.is_dir else size(dish.size_bytes),
                    aside=self._age(dish.modified_at),
                    is_dir=dish.is_dir,
                )
                for dish in dishes
            )
            return Spots(spots, empty="nothing of what frameworks and agents are known to keep is here")

        of = f" · {safe(owner)}" if owner else ""
        self.finder.choose(f"What is kept here{of}", "reward, trajectory, log, …", load, self._leading())

    def _leading(self) -> Callable[[Spot], None]:
        """Return what goes to a spot of the sandbox that is shown now; not in another, should that be shown by then."""
        sandbox_id = self._sandbox_id

        def lead(spot: Spot) -> None:
            if self._sandbox_id == sandbox_id:
                self.go_to_spot(spot)
            else:
                self.app.notify("another sandbox is shown by now", title="Not there", severity="warning", markup=False)

        return lead

    def go_to_spot(self, spot: Spot) -> None:
        """Put the cursor on a place, and open a directory; a line that was found is shown in the preview."""
        if spot.is_dir and (tree := self.remote) is not None:
            tree.open(spot.path)
            self.read_again(spot.path)
        self.go_to(spot.path)
        if spot.line:
            self.start_preview(FileEntry(file_name(spot.path), spot.path, False), line=spot.line, column=spot.column)

    # What there is

    @property
    def _scope(self) -> str:
        """The directory under the cursor where it is open, else the one that the cursor is in."""
        row = self.tree_view.current
        return row.path if row is not None and row.is_open else self.directory

    def _all_of(self, tree: RemoteTree) -> Callable[[], Awaitable[Spots]]:
        sandbox_id = self._sandbox_id

        async def load() -> Spots:
            seen = await overview(self.services.gateway, sandbox_id, tree.root)
            return await asyncio.to_thread(_paths, seen, tree.root, self.services.now())

        return load

    def _newest_of(self, tree: RemoteTree) -> Callable[[], Awaitable[Spots]]:
        sandbox_id = self._sandbox_id

        async def load() -> Spots:
            seen = await overview(self.services.gateway, sandbox_id, tree.root)
            spots = tuple(_spot(each, tree.root, self.services.now()) for each in newest(seen, MOST_NEWEST))
            return Spots(spots, _extent(seen), empty="no files")

        return load

    @property
    def _sandbox_id(self) -> SandboxId:
        return self.sandbox.id if self.sandbox is not None else SandboxId("")

    def _largest_of(self, tree: RemoteTree, directory: str) -> Callable[[], Awaitable[Spots]]:
        sandbox_id = self._sandbox_id

        async def load() -> Spots:
            used = await disk_use(self.services.gateway, sandbox_id, directory, depth=_DEPTH)
            known = tree.listing(directory).entries or ()
            directories = {entry.path for entry in known if entry.is_dir}
            tree.measured({each.path: each.size_bytes for each in used.entries if each.path in directories})
            if used.size_bytes is not None:
                tree.measured({directory: used.size_bytes})
            self.show_rows()
            total = used.size_bytes or sum(
                each.size_bytes for each in used.entries if each.path.count("/") == directory.rstrip("/").count("/") + 1
            )
            spots = tuple(
                Spot(
                    each.path,
                    _below(directory, each.path) + ("/" if each.path in directories else ""),
                    figure=size(each.size_bytes),
                    aside=f"{each.size_bytes / total:.0%}" if total else "",
                    is_dir=each.path in directories,
                )
                for each in used.entries
            )
            note = f"{size(total)} in all" + (" · not all could be read" if used.is_partial else "")
            return Spots(spots, note)

        return load

    async def _lines_with(self, sandbox_id: SandboxId, tree: RemoteTree, directory: str, text: str) -> Spots:
        lines = await self.services.gateway.search_contents(sandbox_id, directory, text)
        spots = tuple(
            Spot(
                line.path,
                f"{_below(directory, line.path)}:{line.line}",
                detail=_around(line.text, text),
                line=line.line,
                column=max(0, line.text.find(text)),
            )
            for line in lines[:MOST_LINES]
        )
        many = "1 line" if len(lines) == 1 else f"{len(lines):,} lines"
        note = many if len(lines) <= MOST_LINES else f"{many}, the first {MOST_LINES:,} are shown"
        found = Spots(spots, note, empty=f"no line has {safe(text)}")
        self._searched[sandbox_id] = (text, found)
        return found

    async def _entries_of(self, sandbox_id: SandboxId, tree: RemoteTree, directory: str) -> Spots:
        entries = tree.listing(directory).entries
        if entries is None:
            entries = await self.services.gateway.list_dir(sandbox_id, directory)
            tree.loaded(directory, entries)
        spots = tuple(
            Spot(
                entry.path,
                safe(entry.name) + ("/" if entry.is_dir else ""),
                figure="" if entry.is_dir else size(entry.size_bytes),
                is_dir=entry.is_dir,
            )
            for entry in tree.listing(directory).entries or ()
        )
        return Spots(spots, empty="empty")

    def _age(self, at: datetime | None) -> str:
        return _age(at, self.services.now())


def _paths(seen: Overview, top: str, now: datetime) -> Spots:
    """Return everything, what is nearest to the top first."""
    ordered = sorted(seen.seen, key=lambda each: (each.path.count("/"), each.path))
    return Spots(tuple(_spot(each, top, now) for each in ordered), _extent(seen))


def _spot(each: Seen, top: str, now: datetime) -> Spot:
    is_dir = each.kind == "d"
    return Spot(
        each.path,
        _below(top, each.path) + ("/" if is_dir else ""),
        figure="" if is_dir else size(each.size_bytes),
        aside=_age(each.modified_at, now),
        is_dir=is_dir,
    )


def _age(at: datetime | None, now: datetime) -> str:
    return age((now - at).total_seconds()) if at is not None else ""


def _below(top: str, path: str) -> str:
    """Return what of ``path`` lies below ``top``, safe."""
    return safe(path.removeprefix(top.rstrip("/") + "/"))


def _around(line: str, text: str) -> str:
    """Return a line from a little before what was looked for in it, safe."""
    line = line.strip()
    start = line.find(text) - _LEAD_LETTERS
    if start <= _LEAD_LETTERS:
        return safe(line[:_LINE_LETTERS])
    return "…" + safe(line[start : start + _LINE_LETTERS])


def _extent(seen: Overview) -> str:
    parts = ["1 path" if len(seen.seen) == 1 else f"{len(seen.seen):,} paths"]
    if seen.is_partial:
        parts.append("there are more")
    if seen.depth:
        parts.append(f"{seen.depth} levels deep" if seen.depth > 1 else "this directory alone")
    if any(each.kind == "d" and file_name(each.path) in PRUNED for each in seen.seen):
        parts.append("without what is in caches and the like")
    return ", ".join(parts)
