"""The logs of the sandbox under the cursor: what was run in it, and the output of one execution, live."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from daytona_tui.domain.executions import OutputChunk, Session
from daytona_tui.domain.loglines import Line, LineBuffer, LineKind
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.shell import SESSION_PREFIX
from daytona_tui.operations.tail import Dropped, Ended, Resumed, TailEvent, tail
from daytona_tui.presentation.cells import state_word
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.commands import logs as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.execution_list import ExecutionList, ExecutionRow
from daytona_tui.ui.widgets.log_view import LogView
from daytona_tui.ui.widgets.output_view import OutputView
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.workers import LOG_FOLLOW, LOG_LIST

FLUSH_S = 0.05
"""Time between two looks at what has come."""
BREATH_CHARS = 128 * 1024
"""After so much output at a stretch others get their turn."""
LIST_S = 4.0
"""Time between two readings of the list while it is shown."""
LATE_S = 0.2


class LogsPane(Pane):
    """Shows the list, or one log; following never keeps a sandbox awake."""

    COMMANDS: ClassVar[tuple[Command, ...]] = commands.LOGS_COMMANDS
    NUMBER: ClassVar[int] = 4
    NAME: ClassVar[str] = "Logs"

    sandbox: reactive[Sandbox | None] = reactive(None, layout=False, repaint=False, init=False)

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.list_view = ExecutionList(id="log-list")
        self.log_view = LogView(id="log-lines")
        self.log_view.display = False
        self._followed: ExecutionRow | None = None
        self._standing = ""
        """How the followed execution stands, in words; empty while it is read live."""
        self._is_reading = False
        self._relist = asyncio.Event()
        self._flush_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Put the log behind the list."""
        yield self.list_view
        yield self.log_view

    def on_mount(self) -> None:
        """Begin to look for output, and say what will be here."""
        self._flush_timer = self.set_interval(FLUSH_S, self._flush, pause=True)
        self._show_sandbox()

    @property
    def focus_target(self) -> Widget:
        """The log, or the list while it is shown."""
        return self.log_view if self._followed else self.list_view

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if self.sandbox is None:
            return "there is no sandbox under the cursor"
        if command is commands.REFRESH_LOGS and not self.sandbox.is_running:
            return f"{state_word(self.sandbox)}: logs can be read while it runs"
        if command is not commands.REFRESH_LOGS and self._followed is None:
            return "no log is shown: enter opens one"
        return ""

    def watch_sandbox(self, old: Sandbox | None, new: Sandbox | None) -> None:
        """Show other logs when the sandbox is another or runs again; what was read of a stopped one stays."""
        if not self.is_mounted or (old is not None and new is not None and _key(old) == _key(new)):
            return
        stopped = old is not None and new is not None and old.id == new.id and not new.is_running
        if stopped and self._followed is not None:
            self.workers.cancel_group(self, LOG_FOLLOW)
            self._end(f"the sandbox is {state_word(new) if new else 'gone'}")
        else:
            self._show_sandbox()

    # Commands

    def do_list_logs(self) -> None:
        """Go back to the list."""
        self.workers.cancel_group(self, LOG_FOLLOW)
        self._followed = None
        self._is_reading = False
        self._switch_to(self.list_view)
        if self.sandbox is not None and not self.sandbox.is_running:
            self._show_sandbox()
        self._relist.set()

    def do_follow_log(self) -> None:
        """Go to the end."""
        self.log_view.follow(True)

    def do_copy_log(self) -> None:
        """Copy a line."""
        self.app.copy_to_clipboard(self.log_view.current)
        self.app.notify(clip(self.log_view.current, 60), title="Copied", markup=False, timeout=2)

    def do_refresh_logs(self) -> None:
        """Read again what is shown."""
        if self._followed is not None:
            self._follow(self._followed)
        elif self.sandbox is not None:
            self._start_listing(self.sandbox.id, follows_newest=False)

    @on(RowsView.Chosen, "#log-list")
    def follow_chosen(self) -> None:
        """Follow the execution under the cursor."""
        row = self.list_view.current
        if row is not None and row.execution is not None:
            self._follow(row)

    @on(OutputView.FollowChanged, "#log-lines")
    def say_following(self) -> None:
        """Write into the frame whether the end is shown."""
        self._write_frame()

    # The list

    def _show_sandbox(self) -> None:
        self.workers.cancel_group(self, LOG_FOLLOW)
        self.workers.cancel_group(self, LOG_LIST)
        self._followed = None
        self._is_reading = False
        self._switch_to(self.list_view)
        sandbox = self.sandbox
        self.list_view.placeholder = Placeholder("")
        if sandbox is None:
            self.list_view.placeholder = Placeholder("no sandbox under the cursor")
        elif not sandbox.is_running:
            hint = self.start_hint(sandbox)
            self.list_view.placeholder = Placeholder(f"{state_word(sandbox)}: logs can be read while it runs", hint)
        self.list_view.show(())
        if sandbox is not None and sandbox.is_running:
            self._start_listing(sandbox.id, follows_newest=True)
        self._write_frame()

    def _start_listing(self, sandbox_id: SandboxId, *, follows_newest: bool) -> None:
        reading = self._list(sandbox_id, follows_newest)
        self.run_worker(reading, name="list logs", group=LOG_LIST, exclusive=True, exit_on_error=False)

    async def _list(self, sandbox_id: SandboxId, follows_newest: bool) -> None:
        """Read the list, and again now and then while it is shown."""
        late = self.set_timer(LATE_S, self._say_late)
        try:
            while True:
                self._relist.clear()
                if self._followed is None:
                    await self._read_list(sandbox_id, follows_newest)
                    follows_newest = False
                late.stop()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._relist.wait(), LIST_S)
        finally:
            late.stop()

    async def _read_list(self, sandbox_id: SandboxId, follows_newest: bool) -> None:
        try:
            rows = in_rows(await self.services.gateway.sessions(sandbox_id))
        except DaytonaTuiError as error:
            self.list_view.placeholder = Placeholder(phrase(error).line, "r tries again", Tone.BAD)
            self.list_view.show(())
            return
        self.list_view.placeholder = Placeholder("no sessions", "what is run in a session shows here")
        self.list_view.show(rows)
        self._write_frame()
        newest = next((row for row in rows if _is_running(row) and not row.is_ours), None)
        if follows_newest and newest is not None:
            self._follow(newest)

    def _say_late(self) -> None:
        if not self.list_view.row_count():
            self.list_view.placeholder = Placeholder("reading …")

    # The log

    def _follow(self, row: ExecutionRow) -> None:
        sandbox = self.sandbox
        if sandbox is None:
            return
        self._followed, self._standing, self._is_reading = row, "", True
        buffer = LineBuffer()
        self.log_view.placeholder = Placeholder("no output yet")
        self.log_view.show(buffer)
        self._switch_to(self.log_view)
        if self._flush_timer is not None:
            self._flush_timer.resume()
        reading = self._read_log(sandbox.id, row, buffer)
        self.run_worker(reading, name="follow log", group=LOG_FOLLOW, exclusive=True, exit_on_error=False)

    async def _read_log(self, sandbox_id: SandboxId, row: ExecutionRow, buffer: LineBuffer) -> None:
        assert row.execution is not None
        taken = 0
        try:
            async with aclosing(tail(self.services.gateway, sandbox_id, row.session_id, row.execution.id)) as events:
                async for event in events:
                    self._take(event, buffer)
                    taken += len(event.text) if isinstance(event, OutputChunk) else 0
                    if taken > BREATH_CHARS:
                        taken = 0
                        await asyncio.sleep(0)
        except DaytonaTuiError as error:
            buffer.append(Line(phrase(error).line, LineKind.NOTE))
            self._end("r reads it again")

    def _take(self, event: TailEvent, buffer: LineBuffer) -> None:
        match event:
            case OutputChunk():
                buffer.feed(event)
            case Dropped(reason=reason):
                self._standing = f"◐ reconnecting: {clip(safe(reason), 40)}"
            case Resumed():
                self._standing = ""
            case Ended(exit_code=code):
                text = "no exit code" if code is None else f"exit {code}"
                buffer.append(Line(text, LineKind.RESULT, "bad" if code else ""))
                self._end(text)

    def _end(self, standing: str) -> None:
        self._standing, self._is_reading = standing, False
        self._flush()

    # Appearance

    def _switch_to(self, view: RowsView) -> None:
        self.bring_forward(view, self.list_view if view is self.log_view else self.log_view)
        self._write_frame()

    def _flush(self) -> None:
        self.log_view.catch_up()
        self._write_frame()
        if not self._is_reading and self._flush_timer is not None:
            self._flush_timer.pause()

    def _write_frame(self) -> None:
        self.entitle(self._title(), self._frame_note())

    def _title(self) -> str:
        row = self._followed
        if row is None or row.execution is None:
            return safe(self.sandbox.name) if self.sandbox else ""
        session = "console" if row.is_ours else safe(row.session_id)
        return f"{clip(session, 20)} · {clip(safe(row.execution.command), 40)}"

    def _frame_note(self) -> str:
        if self._followed is None:
            count = self.list_view.row_count()
            return f"{count} executions" if count else ""
        if self.log_view.unseen:
            return f"+{self.log_view.unseen} new lines ↓"
        if self._standing:
            return self._standing
        return "● following" if self.log_view.follows else "○ f follows again"


def in_rows(sessions: tuple[Session, ...]) -> list[ExecutionRow]:
    """Return executions to pick from: sessions in which something runs first, in each the newest first."""
    rows = [
        [
            ExecutionRow(session.id, execution, session.id.startswith(SESSION_PREFIX))
            for execution in reversed(session.executions)
        ]
        or [ExecutionRow(session.id, None, session.id.startswith(SESSION_PREFIX))]
        for session in sessions
    ]
    rows.sort(key=lambda of_session: (not any(map(_is_running, of_session)), of_session[0].is_ours))
    return [row for of_session in rows for row in of_session]


def _is_running(row: ExecutionRow) -> bool:
    return row.execution is not None and row.execution.exit_code is None


def _key(sandbox: Sandbox) -> tuple[str, bool, str]:
    return sandbox.id, sandbox.is_running, sandbox.state
