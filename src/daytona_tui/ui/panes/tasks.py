"""The tasks: bulk acts and pulls, how far they are and what came of them."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.timer import Timer

from daytona_tui.presentation.tasks import Status
from daytona_tui.ui.commands import tasks as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.panes.task_book import Task, TaskBook
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.widgets.task_list import TaskLine, TaskList

REDRAW_S = 0.1
"""Seconds that progress is gathered before it is drawn."""

_EMPTY = Placeholder("No tasks", "Deeds and pulls show up here.")


class TasksPane(Pane):
    """Lists tasks; cancels them, tries the failed parts again, and forgets what is over."""

    COMMANDS = commands.TASKS_COMMANDS
    NUMBER = 4
    NAME: ClassVar[str] = "Tasks"

    class ResultsRequested(Message):
        """The user wants to read what came of a task; the screen shows it."""

        def __init__(self, task: Task, part: str) -> None:
            super().__init__()
            self.task_shown = task
            self.part = part

    class HistoryRequested(Message):
        """The user wants to see the transfers of the past."""

    class Progressed(Message):
        """What is under way is further."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

        def can_replace(self, message: Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, TasksPane.Progressed)

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.book = TaskBook()
        self._redraw: Timer | None = None

    def compose(self) -> ComposeResult:
        """Make the list."""
        yield TaskList(id="task-list")

    def on_mount(self) -> None:
        """Show that there is nothing yet, and let the clocks of what runs go on."""
        self.draw()
        self.set_interval(1.0, self._tick)

    @property
    def list(self) -> TaskList:
        """The rows."""
        return self.query_one(TaskList)

    def add(self, task: Task) -> None:
        """Show a task from now on, and have the cursor on it, save while somebody is looking at another one."""
        task.on_change = self.changed
        self.book.add(task)
        self.draw()
        if not self.list.has_focus:
            self.list.move_cursor(0)  # the newest, which ctrl+c is meant for

    def changed(self) -> None:
        """Draw soon: what comes in a burst is drawn together."""
        if self._redraw is None and self.is_mounted:
            self._redraw = self.set_timer(REDRAW_S, self.draw)

    def draw(self) -> None:
        """Show the tasks as they are now."""
        if self._redraw is not None:
            self._redraw.stop()
            self._redraw = None
        if is_leaving(self):
            return
        self.list.placeholder = _EMPTY
        self.list.show(self.book.lines())
        running = [task for task in self.book.tasks if not task.is_over]
        failed = sum(task.tally.failed > 0 for task in self.book.tasks)
        notes = [f"{failed} with failures"] if failed else []
        self.entitle(f"{len(running)} running" if running else "", " · ".join(notes))
        self.post_message(self.Progressed(_progress(running)))
        self.post_message(self.KeysChanged())

    def _tick(self) -> None:
        if any(not task.is_over for task in self.book.tasks):
            self.draw()

    # Commands

    @property
    def _line(self) -> TaskLine | None:
        return self.list.current

    @property
    def _chosen(self) -> Task | None:
        return self.book.get(self._line.task) if self._line else None

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        task = self._chosen
        if command == commands.HISTORY:
            return ""
        return "there is no task" if task is None else self._task_refusal(command, task)

    def _task_refusal(self, command: Command, task: Task) -> str:
        if command == commands.PAUSE_TASK and not task.can_pause:
            return "it is over" if task.is_over else "only transfers can wait"
        if command == commands.CANCEL_TASK and task.is_over:
            return "it is over"
        if command == commands.RETRY and not task.can_retry:
            return "nothing of it failed" if task.is_over else "it is still under way"
        if command == commands.DISMISS and not any(each.is_over for each in self.book.tasks):
            return "nothing is over yet"
        if command == commands.FOLD_TASK and not task.is_open:
            return "it is one line already"
        if command == commands.RESULTS and not task.has_results:
            return "nothing came of it yet"
        return ""

    @on(RowsView.CursorMoved)
    def _look_again(self) -> None:
        self.post_message(self.KeysChanged())

    @on(RowsView.Chosen)
    def do_open_task(self) -> None:
        """Show the parts of the task; on a part, all that came of it."""
        task, line = self._chosen, self._line
        if task is None or line is None:
            return
        if line.part:
            self._show_results(task, line.part)
        else:
            task.is_open = not task.is_open
            self.draw()

    def do_fold_task(self) -> None:
        """Show the task as one line."""
        if self._chosen is not None:
            self._chosen.is_open = False
            self.draw()

    def do_results(self) -> None:
        """Show what came of every part."""
        if self._chosen is not None and self._line is not None:
            self._show_results(self._chosen, self._line.part)

    def _show_results(self, task: Task, part: str) -> None:
        self.post_message(self.ResultsRequested(task, part or _first_of_interest(task)))

    def do_cancel_task(self) -> None:
        """Begin nothing more of the task."""
        if self._chosen is not None:
            self._chosen.cancel()
            self.draw()

    def title_of(self, command: Command) -> str:
        """Return what the footer calls a command: what waits goes on with the same key."""
        task = self._chosen
        return "Go on" if command == commands.PAUSE_TASK and task is not None and task.is_paused else command.title

    def do_pause_task(self) -> None:
        """Let the transfer wait, or go on."""
        task = self._chosen
        if task is not None:
            task.resume() if task.is_paused else task.pause()
            self.draw()

    def do_history(self) -> None:
        """Ask for the transfers of the past."""
        self.post_message(self.HistoryRequested())

    def do_retry(self) -> None:
        """Do again what failed."""
        if self._chosen is not None:
            self._chosen.retry()
            self.draw()

    def do_dismiss(self) -> None:
        """Forget what is over."""
        self.book.dismiss_finished()
        self.draw()

    def do_copy_task(self) -> None:
        """Put the line on the clipboard."""
        line = self._line
        if line is not None:
            text = "  ".join(part for part in (line.title, line.detail.text, line.elapsed) if part)
            self.app.copy_to_clipboard(text)
            self.app.notify(text, title="Copied", markup=False, timeout=3)


def _first_of_interest(task: Task) -> str:
    """Return the part to look at first: one that failed, else the first."""
    parts = task.parts
    first = next((part for part in parts if part.status is Status.FAILED), parts[0] if parts else None)
    return first.key if first else ""


def _progress(running: list[Task]) -> str:
    """Return in one line how far everything is that runs; empty where nothing does."""
    if not running:
        return ""
    tallies = [task.tally for task in running]
    ended, total = sum(tally.answered for tally in tallies), sum(tally.asked for tally in tallies)
    name = running[0].title if len(running) == 1 else f"{len(running)} tasks"
    return f"◐ {name}  {ended:,} of {total:,}" if total > 1 else f"◐ {name}"
