"""Marking files, and the order they are shown in."""

from __future__ import annotations

from dataclasses import replace

from textual import on

from daytona_tui.domain.tree import SortBy
from daytona_tui.ui.commands import files as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.files_base import FilesBase
from daytona_tui.ui.widgets.file_tree import FileTree

_NEXT = {SortBy.NAME: SortBy.SIZE, SortBy.SIZE: SortBy.AGE, SortBy.AGE: SortBy.NAME}
_ON_TREE = frozenset(
    {commands.MARK_ENTRY, commands.MARK_SIBLINGS, commands.INVERT_SIBLINGS, commands.SORT_FILES,
     commands.REVERSE_FILES, commands.HIDDEN}
)  # fmt: skip


class FilesMarks(FilesBase):
    """Sets marks and takes them away; sorts and hides."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        reason = super().refusal(command)
        if reason or command not in _ON_TREE:
            return reason
        if self.preview_view.entry:
            return "the preview is in front: esc leaves it"
        if command is commands.MARK_ENTRY and self.entry is None:
            return "there is no entry under the cursor"
        return ""

    def do_mark_entry(self) -> None:
        """Mark the entry, or take its mark away, and go on to the next."""
        tree, entry = self.remote, self.entry
        if tree is not None and entry is not None:
            tree.toggle((entry,))
            self.tree_view.action_move(1)
            self.marks_changed()

    def do_mark_siblings(self) -> None:
        """Mark all that is shown of the directory; where all of it is marked, take the marks away."""
        tree = self.remote
        if tree is not None:
            entries = tree.visible(self.directory)
            unmarked = [entry for entry in entries if entry.path not in tree.marks]
            tree.toggle(unmarked or entries)
            self.marks_changed()

    def do_invert_siblings(self) -> None:
        """Turn the marks of the directory round."""
        tree = self.remote
        if tree is not None:
            tree.toggle(tree.visible(self.directory))
            self.marks_changed()

    def clear_marks(self) -> None:
        """Take all marks away."""
        if self.remote is not None:
            self.remote.marks.clear()
            self.marks_changed()

    def marks_changed(self) -> None:
        """Show the marks as they are now."""
        self.tree_view.refresh()
        self._write_frame()
        self.post_message(self.KeysChanged())

    # The order

    def do_hidden(self) -> None:
        """Show or hide dot files."""
        if tree := self.remote:
            self._store.arrange(replace(tree.arrangement, shows_hidden=not tree.arrangement.shows_hidden))
            self.show_rows()

    def do_sort_files(self) -> None:
        """Sort by the next of name, size and age."""
        if tree := self.remote:
            self._store.arrange(replace(tree.arrangement, by=_NEXT[tree.arrangement.by], is_reversed=False))
            self.show_rows()

    @on(FileTree.SortRequested)
    def sort_by(self, event: FileTree.SortRequested) -> None:
        """Sort by the heading that was clicked; once more, the other way round."""
        if tree := self.remote:
            is_again = tree.arrangement.by is event.by
            self._store.arrange(
                replace(tree.arrangement, by=event.by, is_reversed=is_again and not tree.arrangement.is_reversed)
            )
            self.show_rows()

    def do_reverse_files(self) -> None:
        """Turn the order round."""
        if tree := self.remote:
            self._store.arrange(replace(tree.arrangement, is_reversed=not tree.arrangement.is_reversed))
            self.show_rows()
