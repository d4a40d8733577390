"""The sessions behind the logs: one is opened for a command, the command gets input, the session is ended."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine
from functools import partial

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.executions import Session
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.logs.source import Source, SourceKind
from daytona_tui.presentation.cells import state_word
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.questions import Question
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands import logs as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.file_dialogs import TextWish
from daytona_tui.ui.panes.logs_listing import LogsListing

SESSION_COMMANDS = (commands.RUN_IN_SESSION, commands.ANSWER_LOG, commands.END_SESSION)
_PREFIX = "session-"
_CELLS = 60


class LogsSessions(LogsListing):
    """Runs, answers and ends what the logs are of."""

    def session_refusal(self, command: Command) -> str:
        """Return why nothing can be done with sessions now, in words; empty when it can."""
        sandbox = self.sandbox
        if self.services.read_only:
            return self.services.read_only
        if command is commands.RUN_IN_SESSION:
            if sandbox is None:
                return "there is no sandbox under the cursor"
            if not sandbox.is_running:
                return f"{state_word(sandbox)}: sessions run while it is started"
            return self.services.abilities.lacks_in(sandbox.id, Ability.SESSIONS)
        source = self._session_source
        if source is None:
            return "this is the log of no session"
        if command is commands.ANSWER_LOG and not source.is_running:
            return "the command has ended: nobody reads an answer"
        return ""

    @property
    def _session_source(self) -> Source | None:
        """The command of a session that is read, or the one under the cursor of the list."""
        logs = self.reader.logs if self.reader is not None else (self.current_log,)
        log = logs[0] if len(logs) == 1 else None
        is_one = log is not None and log.kept is None and log.source.kind is SourceKind.COMMAND
        return log.source if log is not None and is_one else None

    def do_run_in_session(self) -> None:
        """Ask for a command, and run it in a session of its own."""
        if self.sandbox is not None:
            self._ask_run(self.sandbox, "", ())

    def _ask_run(self, sandbox: Sandbox, text: str, notes: tuple[str, ...]) -> None:
        def run(said: str) -> None:
            self._begin(partial(self._run, sandbox, said), "run in a session")

        label = f"Shell text, in {clip(safe(sandbox.name), 40)}:"
        notes = (*notes, "It goes on when this program has ended; X in its log ends it.")
        wish = TextWish("Run in a session", label, text, notes=notes, check=_no_command)
        self.dialogs.ask_text(wish, run)

    async def _run(self, sandbox: Sandbox, command: str) -> None:
        session_id = f"{_PREFIX}{secrets.token_hex(4)}"
        try:
            await self.services.gateway.open_session(sandbox.id, session_id)
            execution = await self.services.gateway.submit(sandbox.id, session_id, command)
        except DaytonaTuiError as error:  # the dialog comes back with what was typed
            self._ask_run(sandbox, command, (phrase(error).line,))
            return
        if self.sandbox is not None and self.sandbox.id == sandbox.id:
            self.show_log(_source_of(sandbox, session_id, execution.id, command))

    def show_log(self, source: Source) -> None:
        """Read a log of the sandbox under the cursor that somebody else names."""
        raise NotImplementedError

    def do_answer_log(self) -> None:
        """Ask for a line, and send it to the command."""
        source = self._session_source
        if source is not None:
            self._ask_answer(source, "", ())

    def _ask_answer(self, source: Source, text: str, notes: tuple[str, ...]) -> None:
        def send(said: str) -> None:
            self._begin(partial(self._send, source, said), "send input")

        notes = (*notes, f"It runs: {clip(safe(source.title), _CELLS)}")
        self.dialogs.ask_text(TextWish("Answer", "A line that it reads:", text, notes=notes), send)

    async def _send(self, source: Source, text: str) -> None:
        gateway = self.services.gateway
        try:
            await gateway.send_input(source.sandbox_id, source.session_id, source.execution_id, f"{text}\n")
        except DaytonaTuiError as error:
            self._ask_answer(source, text, (phrase(error).line,))

    def do_end_session(self) -> None:
        """Ask whether to end the session with everything in it."""
        source = self._session_source
        if source is not None:
            self._begin(partial(self._ask_end, source), "look at a session")

    async def _ask_end(self, source: Source) -> None:
        try:
            sessions = await self.services.gateway.sessions(source.sandbox_id)
        except DaytonaTuiError as error:
            self.app.notify(phrase(error).line, title="Session", severity="error", markup=False)
            return
        session = next((each for each in sessions if each.id == source.session_id), Session(source.session_id))
        running = [each.command for each in session.executions if each.exit_code is None]
        question = Question(
            f"End the session {clip(safe(source.session_id), 40)}?",
            tuple(f"runs: {clip(safe(command), _CELLS)}" for command in running) or ("nothing runs in it",),
            "What runs in it is ended, and the output of all its commands goes with it.",
            yes="End it",
        )
        self.dialogs.confirm(question, lambda: self._begin(partial(self._end, source), "end session"))

    async def _end(self, source: Source) -> None:
        try:
            await self.services.gateway.close_session(source.sandbox_id, source.session_id)
        except DaytonaTuiError as error:
            self.app.notify(phrase(error).line, title="Not ended", severity="error", markup=False)
            return
        self.app.notify(clip(safe(source.session_id), 40), title="Session ended", markup=False)
        if self.sandbox is not None and self.reader is None:
            self.start_listing(self.sandbox, follows_newest=False)

    def _begin(self, work: Callable[[], Coroutine[None, None, None]], name: str) -> None:
        workers.start(self, work, name=name, group=workers.EXECUTION)


def _source_of(sandbox: Sandbox, session_id: str, execution_id: str, command: str) -> Source:
    return Source(
        SourceKind.COMMAND,
        sandbox.id,
        f"{session_id}/{execution_id}",
        command,
        session_id=session_id,
        execution_id=execution_id,
        is_running=True,
    )


def _no_command(text: str) -> str:
    return "" if text.strip() else "type a command"
