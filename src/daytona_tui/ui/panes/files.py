"""The files of the sandbox under the cursor: a lazy tree, a preview, and what can be done with them."""

from __future__ import annotations

from typing import ClassVar

from textual import on

from daytona_tui.domain.files import parent_path
from daytona_tui.domain.tree import RowKind
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.commands import files as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.files_acts import FilesActs
from daytona_tui.ui.panes.files_editing import FilesEditing
from daytona_tui.ui.panes.files_finding import FilesFinding
from daytona_tui.ui.panes.files_git import FilesGit
from daytona_tui.ui.panes.files_marks import FilesMarks
from daytona_tui.ui.panes.files_preview import FilesPreview
from daytona_tui.ui.panes.files_transfers import FilesTransfers
from daytona_tui.ui.panes.preview import FilePreview
from daytona_tui.ui.widgets.file_tree import FileTree
from daytona_tui.ui.widgets.rows_view import RowsView


class FilesPane(FilesActs, FilesEditing, FilesTransfers, FilesFinding, FilesGit, FilesMarks, FilesPreview):
    """Shows what was read of the sandbox's directories; looking never keeps a sandbox awake."""

    COMMANDS: ClassVar[tuple[Command, ...]] = commands.FILES_COMMANDS

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command is commands.BACK:
            has_marks = self.remote is not None and bool(self.remote.marks)
            if self.preview_view.entry or has_marks or self.transfers.is_busy:
                return ""
            return "there is nothing to leave, no mark to clear and no transfer to cancel"
        return super().refusal(command)

    # Commands

    def do_open_entry(self) -> None:
        """Open the directory, step into it, or preview the file."""
        row, tree = self.tree_view.current, self.remote
        if row is None or tree is None or self.preview_view.entry:
            return
        if row.kind is RowKind.DIRECTORY and row.is_open:
            self.tree_view.action_move(1)
        elif row.kind is RowKind.FILE:
            self.do_preview()
        elif row.kind is RowKind.FAILED:
            self.read_again(row.path)
        elif row.kind is RowKind.DIRECTORY:
            tree.open(row.path)
            self.read_again(row.path)
            self.show_rows()

    def do_collapse(self) -> None:
        """Close the directory, or go to the one that holds the entry; at the top show one more level."""
        row, tree = self.tree_view.current, self.remote
        if row is None or tree is None:
            return
        if row.kind is RowKind.DIRECTORY and row.is_open:
            tree.close(row.path)
            self.show_rows()
        elif row.depth > 0:
            is_remark = row.entry is None
            self.show_rows(focus_path=row.path if is_remark else parent_path(row.path))
        else:
            self.climb()

    def do_preview(self) -> None:
        """Show the beginning of the file under the cursor."""
        if entry := self.entry:
            self.start_preview(entry)

    def do_back_to_files(self) -> None:
        """Leave the preview; else clear the marks; else cancel the running transfer."""
        if self.preview_view.entry:
            self._leave_preview()
        elif self.remote is not None and self.remote.marks:
            self.clear_marks()
        else:
            super().do_back_to_files()

    def do_refresh_files(self) -> None:
        """Read again what is shown."""
        if self.preview_view.entry:
            self.preview_view.reload()
        else:
            self.read_again()

    def do_copy_path(self) -> None:
        """Copy the paths of what is marked, or that of the entry, a line each."""
        paths = "\n".join(entry.path for entry in self.targets)
        self.app.copy_to_clipboard(paths)
        said = safe(paths) if len(self.targets) == 1 else f"{len(self.targets):,} paths"
        self.app.notify(said, title="Copied", markup=False, timeout=2)

    @on(FileTree.Climbed)
    def climb(self) -> None:
        """Show the parent of the directory at the top."""
        tree = self.remote
        if tree is not None and tree.root:
            former = tree.root
            if tree.climb():
                self.read_again(tree.root)
                self.show_rows(focus_path=former)

    @on(FilePreview.Left)
    def leave(self) -> None:
        """Show the tree again."""
        self._leave_preview()

    @on(FilePreview.LedToDirectory)
    def enter_link(self, event: FilePreview.LedToDirectory) -> None:
        """Open the directory that a link leads to, under its name."""
        tree, entry = self.remote, self.preview_view.entry
        if tree is not None and entry is not None and entry.path == event.path:
            self._leave_preview()
            tree.leads_on(event.path)
            tree.open(event.path)
            self.read_again(event.path)
            self.show_rows(focus_path=event.path)

    @on(RowsView.Chosen, "#file-tree")
    def open_or_close(self) -> None:
        """Enter: as *Open*, but a directory that is open closes."""
        row = self.tree_view.current
        if row is not None and row.kind is RowKind.DIRECTORY and row.is_open:
            self.do_collapse()
        else:
            self.do_open_entry()

    @on(FilePreview.Loaded)
    @on(RowsView.CursorMoved, "#file-tree")
    def name_what_is_seen(self) -> None:
        """Write what is seen now into the frame."""
        self._write_frame()
        self.post_message(self.KeysChanged())
