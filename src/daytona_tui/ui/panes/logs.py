"""The logs of the sandbox under the cursor: what writes them, and one of them, or several as one, as they grow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual import on

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.log_reader import LogReader, Opened
from daytona_tui.operations.logs.source import Source, SourceKind
from daytona_tui.operations.logs.sources import sources
from daytona_tui.presentation.cells import state_word
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui.commands import logs as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.file_dialogs import TextWish
from daytona_tui.ui.panes.leads import FileRequested, is_told_by_agent
from daytona_tui.ui.panes.logs_listing import MOST_MERGED
from daytona_tui.ui.panes.logs_sessions import SESSION_COMMANDS, LogsSessions
from daytona_tui.ui.panes.logs_sources import labels_of, title_of
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.workers import LOG_FIND, LOG_FOLLOW, LOG_LIST


class LogsPane(LogsSessions):
    """Shows the list, or one log; reading never keeps a sandbox awake."""

    _is_gone = False
    """The sandbox of the log that is shown is not the one under the cursor."""

    def on_mount(self) -> None:
        """Begin to look for output, and say what will be here."""
        self.start_flushing()
        self._show_sandbox()

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command is commands.KEPT_LOGS:
            return ""
        if command in SESSION_COMMANDS:
            return self.session_refusal(command)
        if self.reader is None and self.sandbox is None and not self.shows_kept:
            return "there is no sandbox under the cursor"
        if command is commands.OTHER_LOG and self.sandbox and not self.sandbox.is_running:
            return f"{state_word(self.sandbox)}: logs can be read while it runs"
        if command in (commands.LIST, commands.BACK) and self.reader is None:
            return "" if self.shows_kept or self.picks else "this is the list of logs: enter opens one"
        if self.reader is None and command not in self.IN_LIST:
            return "no log is shown: enter opens one"
        return super().refusal(command)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the numbers to the places while the list is shown, and escape to whoever has a use for it."""
        if action == "run_command" and self.reader is None:
            leaves = parameters[0] == commands.BACK.id and not self.shows_kept and not self.picks
            if leaves or parameters[0] in commands.IN_LOG_ONLY:
                return False
        return super().check_action(action, parameters)

    def watch_sandbox(self, old: Sandbox | None, new: Sandbox | None) -> None:
        """Show other logs when the sandbox is another or runs again; what was read of one that goes away stays."""
        if not self.is_mounted or (old is not None and new is not None and _key(old) == _key(new)):
            return
        is_same = old is not None and new is not None and old.id == new.id
        if is_same and self._outlives_stop:
            return
        if is_same and new is not None and not new.is_running and self.reader is not None:
            self._stop_reading(f"the sandbox is {state_word(new)}")
        elif not is_same and self._outlives_cursor:
            self._is_gone = True
        else:
            self._show_sandbox()

    @property
    def _outlives_stop(self) -> bool:
        """What is shown is not, or not only, in the sandbox under the cursor: of another, of the server, or kept."""
        if self.reader is None:
            return self.shows_kept and self.has_focus_within
        here = self.sandbox.id if self.sandbox else None
        lasting = (SourceKind.BUILD, SourceKind.TELEMETRY)
        return any(log.kept or log.source.kind in lasting or log.source.sandbox_id != here for log in self.reader.logs)

    @property
    def _outlives_cursor(self) -> bool:
        """What is shown stays although the cursor is on another sandbox.

        So does a log that the user is in: the cursor cannot have been moved there, its sandbox has left the list. And
        so do logs of several sandboxes, and the list of what was kept.
        """
        if self.reader is None:
            return self.shows_kept and self.has_focus_within
        return self.has_focus_within or len({log.source.sandbox_id for log in self.reader.logs}) > 1

    @property
    def sandbox_name(self) -> str:
        """The name of the sandbox whose log is shown, or of the one under the cursor."""
        if self.reader is not None:
            return self.reader.logs[0].sandbox_name
        return self.sandbox.name if self.sandbox else ""

    # Commands

    def do_list_logs(self) -> None:
        """Go back to the list."""
        was_log = self.reader is not None
        self._leave_log()
        self.switch_to(self.list_view)
        if not was_log or (not self.shows_kept and (self._is_gone or not (self.sandbox and self.sandbox.is_running))):
            self._show_sandbox(follows_newest=False)
        elif not self.shows_kept and self.sandbox is not None:
            self.start_listing(self.sandbox, follows_newest=False)

    def do_leave_log(self) -> None:
        """Go back by one step."""
        if self.reader is None and self.picks:
            self.clear_picks()
        elif self.reader is None or not self.clear_finding():
            self.do_list_logs()

    def do_follow_log(self) -> None:
        """Go to the end."""
        self.log_view.follow(True)

    def do_open_log(self) -> None:
        """Open the log, or the line, under the cursor."""
        if self.reader is not None:
            self.open_line()
        elif (log := self.current_log) is not None:
            if is_told_by_agent(log.source) and log.kept is None:
                self.post_message(FileRequested(log.source.sandbox_id, log.source.id))
            else:
                self.read_logs((log,))

    def do_mark_log(self) -> None:
        """Mark the line, or pick the log, under the cursor."""
        if self.reader is not None:
            self.mark_line()
        else:
            self.pick()

    def do_merge_logs(self) -> None:
        """Read what is picked as one."""
        logs = tuple(self.picks.values())
        self.picks.clear()
        self.read_logs(logs)

    def do_other_log(self) -> None:
        """Ask for a file and read it as a log."""
        sandbox = self.sandbox
        if sandbox is None:
            return

        def read(path: str) -> None:
            source = Source(SourceKind.FILE, sandbox.id, path.strip(), path.strip(), is_running=True)
            self.read_logs((Opened(sandbox.name, source),))

        notes = ("Its end is shown, and what is added to it. This does not keep the sandbox awake.",)
        label = f"Path in {clip(safe(sandbox.name), 40)}:"
        wish = TextWish("Read a file as a log", label, "/", (0, 1), notes=notes, check=_mistake)
        self.dialogs.ask_text(wish, read)

    def do_kept_logs(self) -> None:
        """List what was kept."""
        self._leave_log()
        self.switch_to(self.list_view)
        self.start_listing_kept()

    def do_refresh_logs(self) -> None:
        """Read again what is shown."""
        if self.reader is not None:
            self.read_logs(self.reader.logs)
        elif self.shows_kept:
            self.start_listing_kept()
        elif self.sandbox is not None:
            self.start_listing(self.sandbox, follows_newest=False)

    @on(RowsView.Chosen, "#log-list")
    @on(RowsView.Chosen, "#log-lines")
    def open_chosen(self) -> None:
        """Open what is under the cursor."""
        self.do_open_log()

    def show_log(self, source: Source) -> None:
        """Read a log of the sandbox under the cursor that somebody else names."""
        self.read_logs((Opened(self.sandbox.name if self.sandbox else "", source),))

    def read_newest_of(self, sandboxes: Sequence[Sandbox]) -> None:
        """Read of each of several sandboxes the log that was begun last, all as one."""
        running = [sandbox for sandbox in sandboxes if sandbox.is_running]
        left_out = len(sandboxes) - len(running[:MOST_MERGED])
        if not running:
            self.app.notify("none of them runs: logs can be read while a sandbox runs", title="Logs", markup=False)
            return
        if left_out:
            self.app.notify(f"{left_out} left out: at most {MOST_MERGED}, and only those that run", markup=False)
        finding = self._find_newest(running[:MOST_MERGED])
        self.run_worker(finding, name="find logs", group=LOG_LIST, exclusive=True, exit_on_error=False)

    async def _find_newest(self, sandboxes: Sequence[Sandbox]) -> None:
        found = await asyncio.gather(*map(self._newest_of, sandboxes))
        logs = tuple(log for log in found if log is not None)
        if logs:
            self.read_logs(logs)
        else:
            self.app.notify("there are no logs in them", title="Logs", markup=False)
            self.call_later(self.do_refresh_logs)

    async def _newest_of(self, sandbox: Sandbox) -> Opened | None:
        try:
            found = await sources(self.services.gateway, sandbox)
        except DaytonaTuiError:
            return None
        usual = [
            each for each in found if each.kind in (SourceKind.COMMAND, SourceKind.ENTRYPOINT) and not each.is_ours
        ]
        usual.sort(key=lambda each: (not each.is_running, each.kind is SourceKind.ENTRYPOINT))
        return Opened(sandbox.name, usual[0]) if usual else None

    # What is shown

    def _show_sandbox(self, *, follows_newest: bool = True) -> None:
        self._leave_log()
        self._is_gone = False
        self.switch_to(self.list_view)
        sandbox = self.sandbox
        self.clear_list(Placeholder("" if sandbox else "no sandbox under the cursor"))
        if sandbox is not None:
            self.start_listing(sandbox, follows_newest=follows_newest)

    def read_logs(self, logs: Sequence[Opened]) -> None:
        """Read one log, or several as one."""
        self._leave_log()
        reader = LogReader(self.services.gateway, logs, self.services.kept_logs)
        self.log_view.placeholder = Placeholder("no output yet")
        self.log_view.labels = labels_of(logs)
        self.show_reader(reader, title_of(logs, self.homes.get(logs[0].source.sandbox_id, "")))
        self.switch_to(self.log_view)
        self.run_worker(reader.run(), name="follow log", group=LOG_FOLLOW, exclusive=True, exit_on_error=False)

    def _stop_reading(self, words: str) -> None:
        if self.reader is not None:
            self.reader.end(words)
            self.wake()

    def _leave_log(self) -> None:
        """Give the log up that is read."""
        for group in (LOG_FOLLOW, LOG_FIND):
            self.workers.cancel_group(self, group)
        self.forget_reader()
        if self.bar.is_open:
            self.bar.close()


def _mistake(text: str) -> str:
    return "" if text.strip().startswith("/") and text.strip() != "/" else "type the whole path, from / on"


def _key(sandbox: Sandbox) -> tuple[str, bool, str]:
    return sandbox.id, sandbox.is_running, sandbox.state
