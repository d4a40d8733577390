"""Pulls as they are asked for in the files pane."""

from __future__ import annotations

from textual.message import Message

from daytona_tui.domain.transfers import TransferReport
from daytona_tui.operations.copy import default_destination
from daytona_tui.ui.commands import files as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.files_base import FilesBase
from daytona_tui.ui.panes.pulls import PullDraft, PullOrder, PullQueue, PullTask
from daytona_tui.ui.services import Services


class FilesPulls(FilesBase):
    """Asks for pulls, runs them and tells of them."""

    class TransferChanged(Message):
        """How far the running pull is; empty text: none runs."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

        def can_replace(self, message: Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, FilesPulls.TransferChanged)

    class PullRequested(Message):
        """The user wants to pull something; the screen asks where to and calls ``start_pull``."""

        def __init__(self, pane: FilesPulls, draft: PullDraft) -> None:
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

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._pulls = PullQueue(
            self,
            services.gateway,
            tell=lambda text: self.post_message(self.TransferChanged(text)),
            tell_begun=lambda task: self.post_message(self.PullBegun(task)),
            tell_ended=lambda order, report: self.post_message(self.PullEnded(order, report)),
        )

    def pull_selected(self) -> None:
        """Ask where to pull the entry under the cursor; without one the whole working directory."""
        entry = self.entry
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

    def do_pull(self) -> None:
        """Pull the entry under the cursor."""
        self.pull_selected()

    def do_pull_workspace(self) -> None:
        """Pull everything."""
        self.pull_workspace()

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command is commands.BACK and self._pulls.is_busy:
            return ""
        return super().refusal(command)

    def do_back_to_files(self) -> None:
        """Cancel the running pull."""
        self.cancel_pull()

    def _request_pull(self, path: str, *, is_dir: bool) -> None:
        sandbox, tree = self.sandbox, self.remote
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
