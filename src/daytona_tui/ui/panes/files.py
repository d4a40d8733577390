"""The files of the sandbox under the cursor: a lazy tree, a preview, and pulls."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from daytona_tui.domain.files import FileEntry, parent_path
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.transfers import TransferReport
from daytona_tui.domain.tree import RowKind, TreeRow, tilde
from daytona_tui.operations.copy import default_destination
from daytona_tui.presentation.cells import state_word
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Tone
from daytona_tui.store.files import FileStore, RemoteTree
from daytona_tui.ui.commands import files as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.directory_reading import DirectoryReading
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.panes.preview import FilePreview
from daytona_tui.ui.panes.pulls import PullDraft, PullOrder, PullQueue, PullTask, spelt
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.file_tree import FileTree
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.workers import FILE_LOAD


class FilesPane(Pane):
    """Shows what was read of the sandbox's directories; looking never keeps a sandbox awake."""

    COMMANDS: ClassVar[tuple[Command, ...]] = commands.FILES_COMMANDS
    NUMBER: ClassVar[int] = 2
    NAME: ClassVar[str] = "Files"

    class TransferChanged(Message):
        """How far the running pull is; empty text: none runs."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

        def can_replace(self, message: Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, FilesPane.TransferChanged)

    class PullRequested(Message):
        """The user wants to pull something; the screen asks where to and calls ``start_pull``."""

        def __init__(self, pane: FilesPane, draft: PullDraft) -> None:
            super().__init__()
            self.pane = pane
            self.draft = draft

    class PullBegun(Message):
        """A pull was asked for: the screen shows it among the tasks."""

        def __init__(self, task: PullTask) -> None:
            super().__init__()
            self.begun = task

    class PullEnded(Message):
        """A pull is over, with items to tell about."""

        def __init__(self, order: PullOrder, report: TransferReport) -> None:
            super().__init__()
            self.order = order
            self.report = report

    sandbox: reactive[Sandbox | None] = reactive(None, layout=False, repaint=False, init=False)

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.tree_view = FileTree(id="file-tree")
        self.preview_view = FilePreview(services.gateway, id="file-preview")
        self._store = FileStore()
        self._reading = DirectoryReading(services, self.set_timer, lambda is_late: self._show_rows(is_late=is_late))
        self._pulls = PullQueue(
            self,
            services.gateway,
            tell=lambda text: self.post_message(self.TransferChanged(text)),
            tell_begun=lambda task: self.post_message(self.PullBegun(task)),
            tell_ended=lambda order, report: self.post_message(self.PullEnded(order, report)),
        )

    def compose(self) -> ComposeResult:
        """Put the preview behind the tree."""
        yield self.tree_view
        yield self.preview_view

    def on_mount(self) -> None:
        """Say what will be here."""
        self._show_sandbox()

    @property
    def focus_target(self) -> Widget:
        """The tree, or the preview while it is shown."""
        return self.preview_view if self.preview_view.entry else self.tree_view

    def pull_selected(self) -> None:
        """Ask where to pull the entry under the cursor; without one the whole working directory."""
        entry = self._entry()
        if entry is None:
            self.pull_workspace()
        else:
            self._request_pull(entry.path, is_dir=entry.is_dir)

    def pull_workspace(self) -> None:
        """Ask where to pull the working directory."""
        self._request_pull("", is_dir=True)

    def start_pull(self, order: PullOrder) -> None:
        """Pull in the background, one after the other."""
        self._pulls.start(order)

    def cancel_pull(self) -> bool:
        """Cancel the running pull; False if there is none."""
        return self._pulls.cancel()

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command is commands.BACK:
            return (
                ""
                if self.preview_view.entry or self._pulls.is_busy
                else "there is nothing to leave and no pull to cancel"
            )
        if self.sandbox is None:
            return "there is no sandbox under the cursor"
        if not self.sandbox.is_running:
            return f"{state_word(self.sandbox)}: files can be read while it runs"
        if command in (commands.PREVIEW, commands.COPY_PATH) and self._entry() is None:
            return "there is no entry under the cursor"
        if command is commands.PREVIEW and (entry := self._entry()) and entry.is_dir:
            return "it is a directory"
        return ""

    def watch_sandbox(self, old: Sandbox | None, new: Sandbox | None) -> None:
        """Show other files when the sandbox is another, or began or ceased to run."""
        if _key(old) != _key(new) and self.is_mounted:
            self._show_sandbox()

    # Commands

    def do_open_entry(self) -> None:
        """Open the directory, step into it, or preview the file."""
        row = self.tree_view.current
        if row is None or self.preview_view.entry:
            return
        if row.kind is RowKind.DIRECTORY and row.is_open:
            self.tree_view.action_move(1)
        elif row.kind is RowKind.FILE:
            self.do_preview()
        elif row.kind is RowKind.FAILED:
            self._reading.want(row.path)
        elif row.kind is RowKind.DIRECTORY:
            self._open(row.path)

    def do_collapse(self) -> None:
        """Close the directory, or go to the one that holds the entry; at the top show one more level."""
        row, tree = self.tree_view.current, self._tree()
        if row is None or tree is None:
            return
        if row.kind is RowKind.DIRECTORY and row.is_open:
            tree.close(row.path)
            self._show_rows()
        elif row.depth > 0:
            is_remark = row.entry is None
            self._show_rows(focus_path=row.path if is_remark else parent_path(row.path))
        else:
            self.climb()

    def do_preview(self) -> None:
        """Show the beginning of the file under the cursor."""
        if entry := self._entry():
            self._start_preview(entry)

    def do_back_to_files(self) -> None:
        """Leave the preview; else cancel the running pull."""
        if self.preview_view.entry:
            self._leave_preview()
        else:
            self.cancel_pull()

    def do_hidden(self) -> None:
        """Show or hide dot files."""
        if tree := self._tree():
            tree.shows_hidden = not tree.shows_hidden
            self._show_rows()

    def do_refresh_files(self) -> None:
        """Read again what is shown."""
        tree = self._tree()
        if self.preview_view.entry:
            self._start_preview(self.preview_view.entry)
        elif tree is not None:
            self._reading.want_again(tree)

    def do_copy_path(self) -> None:
        """Copy the path."""
        if entry := self._entry():
            self.app.copy_to_clipboard(entry.path)
            self.app.notify(safe(entry.path), title="Copied", markup=False, timeout=2)

    def do_pull(self) -> None:
        """Pull the entry under the cursor."""
        self.pull_selected()

    def do_pull_workspace(self) -> None:
        """Pull everything."""
        self.pull_workspace()

    @on(FileTree.Climbed)
    def climb(self) -> None:
        """Show the parent of the directory at the top."""
        tree = self._tree()
        if tree is not None and tree.root:
            former = tree.root
            if tree.climb():
                self._reading.want(tree.root)
                self._show_rows(focus_path=former)

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

    # The tree

    def _tree(self) -> RemoteTree | None:
        sandbox = self.sandbox
        return self._store.tree(sandbox.id) if sandbox is not None and sandbox.is_running else None

    def _entry(self) -> FileEntry | None:
        row = self.tree_view.current
        return self.preview_view.entry or (row.entry if row else None)

    def _show_sandbox(self) -> None:
        self.workers.cancel_group(self, FILE_LOAD)
        self._leave_preview()
        self._reading.forget()
        tree = self._tree()
        self._show_rows()
        if tree is not None and self.sandbox is not None:
            self._reading.want_again(tree)
            reading = self._reading.read(self.sandbox.id, tree)
            self.run_worker(reading, name="load files", group=FILE_LOAD, exclusive=True, exit_on_error=False)

    def _open(self, path: str) -> None:
        if tree := self._tree():
            tree.open(path)
            self._reading.want(path)
            self._show_rows()

    def _show_rows(self, *, focus_path: str = "", is_late: bool = False) -> None:
        sandbox, tree = self.sandbox, self._tree()
        rows: list[TreeRow] = []
        if tree is not None:
            rows = tree.rows()
            at_top = tree.listing(tree.root) if tree.root else None
            trouble = tree.error or (at_top.error if at_top else "")
            if trouble:
                rows = []
                self.tree_view.placeholder = Placeholder(trouble, "r tries again", Tone.BAD)
            elif at_top is not None and at_top.entries is not None:
                hidden = len(at_top.entries)
                self.tree_view.placeholder = Placeholder(
                    "nothing here", f"{hidden} hidden: . shows them" if hidden else ""
                )
            else:
                self.tree_view.placeholder = Placeholder("reading …" if is_late else "")
        elif sandbox is not None:
            hint = self.start_hint(sandbox)
            self.tree_view.placeholder = Placeholder(f"{state_word(sandbox)}: files can be read while it runs", hint)
        else:
            self.tree_view.placeholder = Placeholder("no sandbox under the cursor")
        self.tree_view.show(rows, self.services.now(), focus_path=focus_path)
        self._write_frame()

    def _write_frame(self) -> None:
        sandbox, tree, row = self.sandbox, self._tree(), self.tree_view.current
        if sandbox is None:
            self.entitle("")
        elif tree is None or not tree.root:
            self.entitle(safe(sandbox.name))
        elif self.preview_view.entry is not None:
            where = tilde(self.preview_view.entry.path, tree.home)
            self.entitle(f"Preview  {safe(sandbox.name)} {safe(where)}", self.preview_view.note)
        else:
            directory = (row.path if row.entry is None else parent_path(row.path)) if row else tree.root
            entries = tree.visible(directory)
            total = sum(entry.size_bytes for entry in entries if not entry.is_dir and not entry.is_link)
            items = "1 item" if len(entries) == 1 else f"{len(entries)} items"
            note = f"{items} · {spelt(total)}" if tree.listing(directory).entries is not None else ""
            self.entitle(f"{safe(sandbox.name)} {safe(tilde(directory, tree.home))}", note)

    # The preview

    def _start_preview(self, entry: FileEntry) -> None:
        if self.sandbox is not None:
            self.preview_view.open(self.sandbox.id, entry)
            self._switch_to(self.preview_view)

    def _leave_preview(self) -> None:
        self.preview_view.close()
        if self.preview_view.display:
            self._switch_to(self.tree_view)

    def _switch_to(self, view: Widget) -> None:
        self.bring_forward(view, self.tree_view if view is self.preview_view else self.preview_view)
        self._write_frame()

    # Pulls

    def _request_pull(self, path: str, *, is_dir: bool) -> None:
        sandbox, tree = self.sandbox, self._tree()
        reason = self.refusal(commands.PULL)
        if not reason and (tree is None or not tree.root):
            reason = "its files are not read yet"
        if reason or sandbox is None or tree is None:
            self.app.notify(reason, title="Pull: not now", severity="warning", markup=False)
            return
        work_dir = tree.work_dir
        path = path or work_dir
        destination = default_destination(sandbox, path, work_dir, self.services.settings.pull_dir)
        self.post_message(self.PullRequested(self, PullDraft(sandbox, path, is_dir, destination)))


def _key(sandbox: Sandbox | None) -> tuple[str, bool, str]:
    return (sandbox.id, sandbox.is_running, sandbox.state) if sandbox else ("", False, "")
