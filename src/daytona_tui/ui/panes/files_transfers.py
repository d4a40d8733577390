"""Pulls and pushes as they are asked for in the files pane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from textual.message import Message

from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.operations.copy import default_destination
from daytona_tui.operations.journal import Journal
from daytona_tui.operations.transfer_history import FILE_NAME, entry_of
from daytona_tui.operations.transferring import Direction, Planned, TransferOrder
from daytona_tui.presentation.questions import Question
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tasks import Status
from daytona_tui.presentation.transfers import progress_parts, report_line
from daytona_tui.ui.commands import file_acts as act_commands
from daytona_tui.ui.commands import files as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.file_dialogs import FileDialogs, Ordered, TransferDraft
from daytona_tui.ui.panes.files_base import FilesBase
from daytona_tui.ui.panes.transfer_task import TransferTask
from daytona_tui.ui.panes.transfers import Tell, TransferQueue
from daytona_tui.ui.panes.wakes import refusal_to_wake
from daytona_tui.ui.services import Services
from daytona_tui.ui.workers import DIALOG

ASKED_S = 10.0
"""A pull that runs as long as this is not cancelled by a key without being asked about."""

_PULLS = frozenset({commands.PULL, commands.PULL_WORKSPACE})


def _nobody(_id: SandboxId) -> Sandbox | None:
    return None


class FilesTransfers(FilesBase):
    """Asks for transfers, runs them and tells of them.

    Attributes:
        dialogs: opened by the screen; set before anything can be asked for.
        newest: the record of a sandbox as the list has it; None where it is not there any more.
        transfers: all that run or wait.
        history: keeps those that are over.
    """

    dialogs: FileDialogs
    newest: Callable[[SandboxId], Sandbox | None] = staticmethod(_nobody)

    class TransferChanged(Message):
        """How far the running transfers are; empty text: none runs."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

        def can_replace(self, message: Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, FilesTransfers.TransferChanged)

    class TransferBegun(Message):
        """A transfer was asked for: the screen shows it among the tasks."""

        def __init__(self, task: TransferTask) -> None:
            super().__init__()
            self.begun = task

    class TransferEnded(Message):
        """A transfer is over: the screen keeps it in the history, and tells of what was left out."""

        def __init__(self, task: TransferTask) -> None:
            super().__init__()
            self.ended = task

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        tell = Tell(
            progress=lambda text: self.post_message(self.TransferChanged(text)),
            begun=lambda task: self.post_message(self.TransferBegun(task)),
            ended=self._transfer_over,
            ask_again=self.ask_again,
            decide=self._decide,
            as_of_now=self.as_of_now,
        )
        self.history = Journal(services.state_dir / FILE_NAME, profile=services.profile)
        self.transfers = TransferQueue(self, services.gateway, tell)

    def pull_selected(self) -> None:
        """Ask where to pull what is marked or under the cursor; without anything the whole working directory."""
        targets = self.targets
        if not targets:
            self.pull_workspace()
            return
        kind = "Directory, with all that is in it:" if targets[0].is_dir else "File:"
        self._ask_pull(
            tuple(entry.path for entry in targets), kind if len(targets) == 1 else f"{len(targets)} entries:"
        )

    def pull_workspace(self) -> None:
        """Ask where to pull the working directory."""
        self._ask_pull((), "Directory, with all that is in it:")

    def ask_again(self, order: TransferOrder) -> None:
        """Ask about a transfer of the past, as it would be now."""
        order = self.as_of_now(order)
        kind = "As before:" if order.is_pull else ""
        asks_source = order.is_pull and len(order.sources) == 1 and not order.sandbox.is_running
        self._ask(TransferDraft(order.direction, order.sandbox, order.sources, order.destination, kind, asks_source))

    def as_of_now(self, order: TransferOrder) -> TransferOrder:
        """Return an order for its sandbox as it is by now: it may have stopped, or been started, since."""
        sandbox = self.newest(order.sandbox.id) or order.sandbox
        return replace(order, sandbox=sandbox, wakes=not sandbox.is_running)

    def ask_pull_from(self, sandbox: Sandbox) -> None:
        """Ask what to pull from a sandbox, whichever is shown here."""
        destination = default_destination(sandbox, "/", "/", self.services.settings.pull_dir)
        self._ask(TransferDraft(Direction.PULL, sandbox, ("",), str(destination), asks_source=True))

    def cancel_pull(self) -> bool:
        """Cancel a running transfer; False if there is none.

        The key for it is pressed for much else: what took a while to bring is not thrown away by it unasked.
        """
        task = self.transfers.foremost
        if task is None:
            return False
        if task.order.is_pull and task.last.bytes_done and task.seconds >= ASKED_S:
            lines = (task.said, " · ".join(progress_parts(task.last)[:2]))
            question = Question(f"Give up: {task.title}?", lines, "What it has brought goes.", yes="Give up")
            self.dialogs.confirm(question, lambda: self.transfers.cancel(task))
        else:
            self.transfers.cancel(task)
        return True

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        sandbox = self.sandbox
        if command is commands.BACK and self.transfers.is_busy:
            return ""
        is_push = command is act_commands.PUSH
        if sandbox is None or not (is_push or command in _PULLS):
            return super().refusal(command)
        if is_push and self.services.read_only:
            return self.services.read_only
        if not sandbox.is_running:
            return refusal_to_wake(self.services, sandbox)
        return super().refusal(command)

    def do_pull(self) -> None:
        """Pull the entry under the cursor, or what is marked."""
        self.pull_selected()

    def do_pull_workspace(self) -> None:
        """Pull everything."""
        self.pull_workspace()

    def do_push(self) -> None:
        """Push files to the directory that the cursor is in."""
        sandbox, remote = self.sandbox, self.remote
        if sandbox is None:
            return
        row = self.tree_view.current
        directory = row.path if remote is not None and row is not None and row.is_open else self.directory
        destination = f"{directory.rstrip('/')}/" if directory else ""
        self._ask(TransferDraft(Direction.PUSH, sandbox, (), destination))

    def do_back_to_files(self) -> None:
        """Cancel the running transfer."""
        self.cancel_pull()

    def _ask_pull(self, paths: tuple[str, ...], kind: str) -> None:
        sandbox, remote = self.sandbox, self.remote
        reason = self.refusal(commands.PULL)
        if not reason and remote is not None and not remote.root:
            reason = "its files are not read yet"
        if reason or sandbox is None:
            self.app.notify(reason, title="Pull: not now", severity="warning", markup=False)
            return
        work_dir = remote.work_dir if remote is not None else ""
        base, first = self.services.settings.pull_dir, paths[0] if paths else work_dir
        if len(paths) == 1 or not paths:
            destination = default_destination(sandbox, first or "/", work_dir or "/", base)
        else:
            destination = default_destination(sandbox, work_dir, work_dir, base)
        asks_source = not sandbox.is_running
        home = remote.home if remote is not None else ""
        sources = paths or (work_dir,)
        self._ask(TransferDraft(Direction.PULL, sandbox, sources, str(destination), kind, asks_source, home))

    def _ask(self, draft: TransferDraft) -> None:
        self.dialogs.ask_transfer(draft, self._start)

    async def _decide(self, planned: Planned) -> TransferOrder | None:
        name = safe(planned.order.sandbox.name)
        self.app.notify(f"{name}: it is asked what to do with what is there already", title="A question", markup=False)
        return await self.dialogs.decide(planned)

    def _start(self, ordered: Ordered) -> None:
        self.transfers.start(ordered.order, ordered.planned)
        is_shown = self.sandbox is not None and self.sandbox.id == ordered.order.sandbox.id
        if self.remote is not None and is_shown:
            self.remote.marks.clear()
            self.show_rows()

    # The end of one

    def _transfer_over(self, task: TransferTask) -> None:
        part = task.parts[0]
        entry = entry_of(task.order, task.report, part.status.value, part.detail, self.services.now())
        if is_leaving(self):
            self.history.keep_now(entry)
            return
        self.run_worker(self.history.keep(entry), name="keep the history", group=DIALOG, exit_on_error=False)
        self.post_message(self.TransferEnded(task))
        self._tell_of(task)
        order = task.order
        is_shown = self.sandbox is not None and self.sandbox.id == order.sandbox.id
        if not order.is_pull and is_shown and self.remote is not None and task.report is not None:
            self.files_changed(*self.remote.open_paths())

    def _tell_of(self, task: TransferTask) -> None:
        part, verb = task.parts[0], task.order.direction.value
        if part.status is Status.CANCELLED:
            text = f"{safe(task.title)}: {part.detail.partition(': ')[2]}"
            self.app.notify(text, title=f"{verb.capitalize()} cancelled", markup=False)
        elif task.report is not None:
            done = "Pulled" if task.order.is_pull else "Pushed"
            title = f"{done} in part" if task.report.failed else done
            self.app.notify(report_line(task.report), title=title, timeout=8, markup=False)
        else:
            text = " · ".join(each for each in (safe(part.detail), safe(part.hint)) if each)
            self.app.notify(text, title=f"Could not {verb}", severity="error", timeout=10, markup=False)
