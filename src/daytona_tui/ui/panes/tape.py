"""The tape of the sandbox under the cursor: what happened to it and in it, live, and where more of it is to be read."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from daytona_tui.domain.history import SeenState
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.tape import Facts, FileLead, LogLead, Moment, tape
from daytona_tui.domain.tape.telling import ENTRYPOINT_SESSION
from daytona_tui.operations.journal import FILE_NAME, Journal
from daytona_tui.operations.logs.source import Source, SourceKind
from daytona_tui.operations.logs.sources import ENTRYPOINT
from daytona_tui.operations.tape import TapeReader
from daytona_tui.presentation.cells import state_word
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tape import KINDS, TROUBLE, as_text, chosen, known_words
from daytona_tui.ui import workers
from daytona_tui.ui.commands import tape as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.leads import FileRequested, LogRequested
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.widgets.tape_view import TapeView

REFRESH_S = 4.0
"""Time between two readings while somebody looks."""
_READERS = 20
"""Sandboxes of which is remembered what was seen to begin and end."""


class TapePane(Pane):
    """Reads only while somebody looks, and never keeps a sandbox awake.

    Attributes:
        seen_states: tells the states that the fleet saw a sandbox in; the screen sets it before anything is mounted.
    """

    DEFAULT_CSS = """
    TapePane #tape-known { height: 2; padding: 0 1; color: $text-muted; }
    """
    COMMANDS: ClassVar[tuple[Command, ...]] = commands.TAPE_COMMANDS
    NUMBER: ClassVar[int] = 4
    NAME: ClassVar[str] = "Tape"

    seen_states: Callable[[Sandbox], tuple[SeenState, ...]]
    sandbox: reactive[Sandbox | None] = reactive(None, layout=False, repaint=False, init=False)

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.view = TapeView(id="tape-view")
        self.known = Static(id="tape-known", markup=False)
        self._readers: dict[SandboxId, TapeReader] = {}
        self._moments: tuple[Moment, ...] = ()
        self._facts: Facts | None = None
        self._kinds = 0
        self._is_trouble_only = False
        self._is_seen = False
        self._again = asyncio.Event()
        self._looks = False

    def compose(self) -> ComposeResult:
        """Put below the moments what the one under the cursor is known from."""
        yield self.view
        yield self.known

    def on_mount(self) -> None:
        """Say what will be here."""
        self._begin()

    @property
    def focus_target(self) -> Widget:
        """The moments."""
        return self.view

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if self.sandbox is None:
            return "there is no sandbox under the cursor"
        moment = self.view.current
        if command in (commands.OPEN_MOMENT, commands.COPY_MOMENT) and moment is None:
            return "there is nothing under the cursor"
        if command is commands.OPEN_MOMENT and moment is not None:
            if moment.lead is None:
                return "no log and no file tells more of it"
            if not self.sandbox.is_running:
                return f"{state_word(self.sandbox)}: logs and files can be read while it runs"
        return super().refusal(command)

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` now."""
        if command is commands.TAPE_TROUBLE and self._is_trouble_only:
            return "All of it"
        return "Mask" if command is commands.UNMASK_TAPE and self.view.shows_secrets else super().title_of(command)

    def watch_sandbox(self, old: Sandbox | None, new: Sandbox | None) -> None:
        """Show another tape; of the same sandbox what its record says now."""
        if not self.is_mounted:
            return
        if old is None or new is None or old.id != new.id:
            self._begin()
        elif (old.state, old.is_running, old.error_reason) != (new.state, new.is_running, new.error_reason):
            self._read_again(looks=True)

    def on_show(self) -> None:
        """Begin to look."""
        self._is_seen = True
        self._begin()

    def on_hide(self) -> None:
        """Ask nothing while nobody looks."""
        self._is_seen = False
        self.workers.cancel_group(self, workers.TAPE)

    # Reading

    def _begin(self) -> None:
        self.workers.cancel_group(self, workers.TAPE)
        sandbox = self.sandbox
        if self._facts is not None and (sandbox is None or self._facts.sandbox.id != sandbox.id):
            self._facts, self._moments = None, ()
            self.view.follows = True
        self.view.placeholder = Placeholder("no sandbox under the cursor" if sandbox is None else "reading …")
        self._draw()
        if sandbox is not None and self._is_seen:
            sandbox_id = sandbox.id

            async def read() -> None:
                await self._read(sandbox_id)

            workers.start(self, read, name="read tape", group=workers.TAPE, exclusive=True)

    async def _read(self, sandbox_id: SandboxId) -> None:
        """Read again and again; nothing that is asked raises, what is not told stands in the frame."""
        reader = self._reader_of(sandbox_id)
        while (sandbox := self.sandbox) is not None and sandbox.id == sandbox_id:
            self._again.clear()
            looks, self._looks = self._looks, False
            is_first = self._facts is None
            facts = await reader.read(sandbox, self.seen_states(sandbox), looks=looks, is_first=is_first)
            self._moments = await asyncio.to_thread(tape, facts)
            self._facts = facts
            self._draw()
            if is_first:
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._again.wait(), REFRESH_S)

    def _reader_of(self, sandbox_id: SandboxId) -> TapeReader:
        reader = self._readers.pop(sandbox_id, None)
        if reader is None:
            services = self.services
            journal = Journal(services.state_dir / FILE_NAME, profile=services.profile)
            reader = TapeReader(services.gateway, services.who, journal, services.now)
        self._readers[sandbox_id] = reader
        if len(self._readers) > _READERS:
            del self._readers[next(iter(self._readers))]
        return reader

    def _read_again(self, *, looks: bool) -> None:
        self._looks = self._looks or looks
        self._again.set()

    # Commands

    @on(RowsView.Chosen, "#tape-view")
    def open_chosen(self) -> None:
        """Enter, or a second click, opens what is under the cursor."""
        self.action_run_command(commands.OPEN_MOMENT.id)

    def do_open_moment(self) -> None:
        """Go to the log or the file."""
        moment, sandbox = self.view.current, self.sandbox
        if moment is None or sandbox is None:
            return
        if isinstance(moment.lead, LogLead):
            self.post_message(LogRequested(_source(sandbox.id, moment, moment.lead)))
        elif isinstance(moment.lead, FileLead):
            self.post_message(FileRequested(sandbox.id, moment.lead.path))

    def do_follow_tape(self) -> None:
        """Go to the end."""
        self.view.follow()

    def do_tape_kinds(self) -> None:
        """Show the next of the kinds alone."""
        self._kinds = (self._kinds + 1) % len(KINDS)
        self._draw()

    def do_tape_trouble(self) -> None:
        """Show only what went wrong, or all of it again."""
        self._is_trouble_only = not self._is_trouble_only
        self._draw()
        self.post_message(self.KeysChanged())

    def do_refresh_tape(self) -> None:
        """Ask and look again at once."""
        self._read_again(looks=True)

    def do_copy_moment(self) -> None:
        """Copy the line under the cursor."""
        moment = self.view.current
        if moment is not None:
            text = as_text(moment, shows_secrets=self.view.shows_secrets)
            self.app.copy_to_clipboard(text)
            self.app.notify(clip(text, 60), title="Copied", markup=False, timeout=2)

    def do_unmask_tape(self) -> None:
        """Show what looks like a key, or mask it again."""
        self.view.shows_secrets = not self.view.shows_secrets
        self.view.rows_changed()
        self.post_message(self.KeysChanged())

    # Appearance

    @on(RowsView.CursorMoved, "#tape-view")
    @on(TapeView.FollowChanged)
    def say_how_it_is_known(self) -> None:
        """Write into the frame what the row under the cursor is known from."""
        self._write_frame()

    def _draw(self) -> None:
        _, kinds = KINDS[self._kinds]
        shown = chosen(self._moments, kinds, only_trouble=self._is_trouble_only)
        if self._facts is not None:
            what = TROUBLE if self._is_trouble_only else KINDS[self._kinds][0]
            more = "e shows all of it" if self._is_trouble_only else "v shows others"
            self.view.placeholder = Placeholder(f"nothing of this is known: {what}", more)
        self.view.show(shown, self.services.now())
        self._write_frame()

    def _write_frame(self) -> None:
        name = safe(self.sandbox.name) if self.sandbox else ""
        kinds = [KINDS[self._kinds][0]] if self._kinds else []
        kinds += [TROUBLE] if self._is_trouble_only else []
        subject = " · ".join([clip(name, 40), *kinds]) if name else ""
        moment = self.view.current
        self.known.update(known_words(moment) if moment is not None else "", layout=False)
        note = "" if self._facts is None else "● live" if self.view.follows else "○ f follows"
        if self._facts is not None and self._facts.untold:
            note = f"not told: {safe('; '.join(self._facts.untold))}"
        self.entitle(subject, clip(note, max(20, self.outer_size.width - 6)))


def _source(sandbox_id: SandboxId, moment: Moment, lead: LogLead) -> Source:
    is_entrypoint = lead.session_id == ENTRYPOINT_SESSION
    return Source(
        kind=SourceKind.ENTRYPOINT if is_entrypoint else SourceKind.COMMAND,
        sandbox_id=sandbox_id,
        id=ENTRYPOINT if is_entrypoint else f"{lead.session_id}/{lead.execution_id}",
        title=moment.text,
        session_id=lead.session_id,
        execution_id=lead.execution_id,
        exit_code=moment.exit_code,
        is_running=moment.is_running,
        started_at=moment.at,
        changed_at=moment.ended_at,
    )
