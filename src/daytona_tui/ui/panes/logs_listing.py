"""The list of logs: those of a sandbox that runs, those that were kept of others, and which are picked to be merged."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import ClassVar

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.tree import home_of
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.log_reader import Opened
from daytona_tui.operations.logs.kept import KeptSandbox
from daytona_tui.operations.logs.source import SourceKind
from daytona_tui.operations.logs.sources import Missing, sources
from daytona_tui.presentation.cells import state_word
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.commands import logs as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.logs_acts import LogsActs
from daytona_tui.ui.panes.logs_sources import row_of
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.rows_view import Placeholder
from daytona_tui.ui.workers import LOG_LIST

LIST_S = 4.0
"""Time between two readings of the list while it is shown."""
LATE_S = 0.2
MOST_MERGED = 12
"""Logs that are read as one: each takes a connection."""


class LogsListing(LogsActs):
    """Lists what can be read.

    Attributes:
        picks: logs that are to be read as one, also of other sandboxes.
        shows_kept: the list has what was kept, of all sandboxes.
    """

    IN_LIST: ClassVar[tuple[Command, ...]] = (
        commands.OPEN_LOG, commands.MARK_LOG, commands.MERGE_LOGS, commands.OTHER_LOG, commands.REFRESH_LOGS,
        commands.KEPT_LOGS, commands.RUN_IN_SESSION, commands.ANSWER_LOG, commands.END_SESSION,
    )  # fmt: skip
    """What means something while the list is shown."""
    ONLY_IN_LIST: ClassVar[tuple[Command, ...]] = (commands.MERGE_LOGS, commands.OTHER_LOG)

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.picks: dict[tuple[str, str, bool], Opened] = {}
        self.shows_kept = False
        self._offered: tuple[Opened, ...] = ()
        self._seen = asyncio.Event()
        self._missing: Missing = set()
        self.homes: dict[SandboxId, str] = {}
        """What is written ``~`` in a sandbox, of those whose logs were listed."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command is commands.MERGE_LOGS:
            if len(self.picks) < 2:
                return "pick two logs or more: space picks one in the list"
            return f"at most {MOST_MERGED} logs are read as one" if len(self.picks) > MOST_MERGED else ""
        if self.reader is None and command in (commands.OPEN_LOG, commands.MARK_LOG):
            return "" if self.list_view.current else "there is no log under the cursor"
        return super().refusal(command)

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` now."""
        if command is commands.MARK_LOG and self.reader is None:
            return "Pick"
        if command is commands.MERGE_LOGS and self.picks:
            return f"Merge {len(self.picks)}"
        return super().title_of(command)

    def footer_of(self, command: Command) -> int:
        """Keep out of the footer what means nothing in the list, or in the log."""
        if command in self.COMMANDS:
            is_used = command in self.IN_LIST if self.reader is None else command not in self.ONLY_IN_LIST
            if not is_used or (command is commands.MERGE_LOGS and not self.picks):
                return 0
        return super().footer_of(command)

    @property
    def list_title(self) -> str:
        """What the list is of."""
        if self.shows_kept:
            return "what was kept"
        are_kept = any(log.kept for log in self._offered)
        return f"what was kept of {super().list_title}" if are_kept else super().list_title

    @property
    def offered(self) -> tuple[Opened, ...]:
        """The logs of the list."""
        return self._offered

    @property
    def current_log(self) -> Opened | None:
        """The log under the cursor of the list."""
        return self._offered[self.list_view.cursor] if self.list_view.current else None

    def pick(self) -> None:
        """Pick the log under the cursor, or no longer, and go on to the next."""
        log = self.current_log
        if log is None:
            return
        if self.picks.pop(log.key, None) is None:
            self.picks[log.key] = log
        self._show_rows(self._offered)
        self.list_view.move_cursor(self.list_view.cursor + 1)
        self.post_message(self.KeysChanged())

    def clear_picks(self) -> None:
        """Pick none."""
        self.picks.clear()
        self._show_rows(self._offered)
        self.post_message(self.KeysChanged())

    def on_show(self) -> None:
        """Begin to read the list."""
        self._seen.set()

    def on_hide(self) -> None:
        """Read no list that nobody sees: each takes a look into the sandbox."""
        self._seen.clear()

    def clear_list(self, placeholder: Placeholder) -> None:
        """Show no logs, and read none."""
        self.workers.cancel_group(self, LOG_LIST)
        self.shows_kept = False
        self.list_view.placeholder = placeholder
        self._show_rows(())

    # Of one sandbox

    def start_listing(self, sandbox: Sandbox, *, follows_newest: bool) -> None:
        """List the logs of a sandbox, again and again; with ``follows_newest`` what runs there is read at once."""
        self.shows_kept = False
        reading = self._list(sandbox, follows_newest)
        self.run_worker(reading, name="list logs", group=LOG_LIST, exclusive=True, exit_on_error=False)

    async def _list(self, sandbox: Sandbox, follows_newest: bool) -> None:
        """Read the list, and again now and then while it is shown."""
        late = self.set_timer(LATE_S, self._say_late)
        try:
            while True:
                await self._seen.wait()
                if self.reader is None:
                    await self._read_list(sandbox, follows_newest)
                    follows_newest = False
                late.stop()
                await asyncio.sleep(LIST_S)
        finally:
            late.stop()

    async def _read_list(self, sandbox: Sandbox, follows_newest: bool) -> None:
        kept = None if sandbox.is_running else await self.services.kept_logs.of(sandbox.id)
        try:
            found = await sources(self.services.gateway, sandbox, self._missing)
        except DaytonaTuiError as error:
            self.list_view.placeholder = Placeholder(phrase(error).line, "r tries again", Tone.BAD)
            self._show_rows(_kept_of(kept))
            return
        if lacking := self.services.abilities.lacks_in(sandbox.id, Ability.SESSIONS) if sandbox.is_running else "":
            placeholder = Placeholder(lacking, "o reads any file")
        elif sandbox.is_running:
            placeholder = Placeholder("no logs", "what is run in a session shows here; o reads any file")
        else:
            hint = self.start_hint(sandbox)
            placeholder = Placeholder(f"{state_word(sandbox)}: logs can be read while it runs", hint)
        self.list_view.placeholder = placeholder
        logs = (*_kept_of(kept), *(Opened(sandbox.name, source) for source in found))
        self._show_rows(logs)
        await self._ask_home(sandbox)
        newest = next((log for log in logs if _is_followed(log)), None)
        if follows_newest and newest is not None and self.reader is None:
            self.read_logs((newest,))

    async def _ask_home(self, sandbox: Sandbox) -> None:
        if sandbox.is_running and sandbox.id not in self.homes:
            with contextlib.suppress(DaytonaTuiError):  # then the paths of its logs are written out
                self.homes[sandbox.id] = home_of(await self.services.gateway.work_dir(sandbox.id))

    def _say_late(self) -> None:
        if not self.list_view.row_count():
            self.list_view.placeholder = Placeholder("reading …")

    # Of what was kept

    def start_listing_kept(self) -> None:
        """List what was kept of all sandboxes that there ever were."""
        self.shows_kept = True
        listing = self._list_kept()
        self.run_worker(listing, name="list kept logs", group=LOG_LIST, exclusive=True, exit_on_error=False)

    async def _list_kept(self) -> None:
        found = await self.services.kept_logs.found("")
        self.list_view.placeholder = Placeholder("nothing was kept yet", "the last lines of each log that is read are")
        self._show_rows([log for kept in found for log in _kept_of(kept)])

    def _show_rows(self, logs: Sequence[Opened]) -> None:
        now = self.services.now()
        had = self.list_view.row_count()
        self._offered = tuple(logs)
        self.list_view.show(
            [row_of(log, now, is_picked=log.key in self.picks, names_sandbox=self.shows_kept) for log in logs]
        )
        if bool(had) != bool(self.list_view.row_count()):
            self.post_message(self.KeysChanged())
        self.write_frame()

    def read_logs(self, logs: Sequence[Opened]) -> None:
        """Read one log, or several as one."""
        raise NotImplementedError


def _kept_of(kept: KeptSandbox | None) -> tuple[Opened, ...]:
    return tuple(Opened(kept.name, log.source, log) for log in kept.logs) if kept else ()


def _is_followed(log: Opened) -> bool:
    """Return whether a log is read as soon as the cursor rests on its sandbox: a command that runs, and not ours."""
    is_live = log.kept is None and log.source.kind is SourceKind.COMMAND
    return is_live and bool(log.source.is_running) and not log.source.is_ours
