"""The ports of the sandbox under the cursor: what listens there, live, and the links to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.operations.browser import no_browser
from daytona_tui.operations.previews import SignedLinks
from daytona_tui.presentation.cells import state_word
from daytona_tui.presentation.ports import PortRow, openness, port_about, port_cells, port_rows
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands import ports as commands
from daytona_tui.ui.commands.app import FOCUS_PORTS
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.panes.ports_reading import PortsReading
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.choice_list import Choice, ChoiceList
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.widgets.tone_styles import toned

_ON_A_ROW = (commands.OPEN_PORT, commands.COPY_LINK, commands.SIGN_LINK, commands.SHOW_CODE, commands.COPY_TOKEN_LINK)
_MAKING = (commands.SIGN_LINK, commands.REVOKE_LINK, commands.PUBLIC_PORTS)


class PortsBase(Pane):
    """Looks only while somebody watches, and never keeps a sandbox awake. What is done with ports is in ``ports``."""

    DEFAULT_CSS = """
    PortsBase #ports-about { height: auto; max-height: 4; padding: 0 1; }
    """
    COMMANDS: ClassVar[tuple[Command, ...]] = commands.PORTS_COMMANDS
    NUMBER: ClassVar[int] = 2
    NAME: ClassVar[str] = "Ports"

    reveal: Callable[[], None]
    """Brings the pane to the front; the screen sets it before anything is mounted."""
    sandbox: reactive[Sandbox | None] = reactive(None, layout=False, repaint=False, init=False)

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.view = ChoiceList((1, 5, 22, 200))
        self.about = Static(id="ports-about", markup=False)
        self.reading = PortsReading(services, self._draw)
        self.signed = SignedLinks(services.gateway, services.now)
        self.is_public: bool | None = None
        """What was made of the sandbox here, as long as its row does not say so yet."""
        self._asked: set[int] = set()
        self._rows: tuple[PortRow, ...] = ()
        self._told = Content("")
        self._is_seen = False

    def compose(self) -> ComposeResult:
        """Put below the ports what the one under the cursor is, and who may follow its link."""
        yield self.view
        yield self.about

    def on_mount(self) -> None:
        """Count the times down."""
        self._draw()
        self.set_interval(1.0, self._draw)

    @property
    def focus_target(self) -> Widget:
        """The ports."""
        return self.view

    @property
    def row(self) -> PortRow | None:
        """The line under the cursor."""
        return self._rows[self.view.cursor] if self.view.cursor < len(self._rows) else None

    @property
    def shows_public(self) -> bool:
        """Whether everybody may follow the links, as far as is known."""
        return self.sandbox is not None and (self.sandbox.public if self.is_public is None else self.is_public)

    # What commands can do now

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        sandbox = self.sandbox
        if sandbox is None:
            return "there is no sandbox under the cursor"
        if command in _MAKING and self.services.read_only:
            return self.services.read_only
        if command in (commands.OTHER_PORT, commands.REFRESH_PORTS) and not sandbox.is_running:
            return f"{state_word(sandbox)}: programs listen while it runs"
        if command in _ON_A_ROW and self.row is None:
            return self._why_no_row()
        return self._refusal_of_row(command) or super().refusal(command)

    def _why_no_row(self) -> str:
        hint = self.services.keymap.hint
        if not self._is_seen:
            return f"its ports are not looked at now; {hint(FOCUS_PORTS.id, 'shows them')}".rstrip("; ")
        return f"there is no port under the cursor; {hint(commands.OTHER_PORT.id, 'names one')}".rstrip("; ")

    def _refusal_of_row(self, command: Command) -> str:
        row, lacks = self.row, self.services.abilities.lacks
        if command == commands.OPEN_PORT and (reason := no_browser()):
            return reason
        if command == commands.REVOKE_LINK and (row is None or row.signed is None):
            return "there is no signed link under the cursor"
        if command == commands.SIGN_LINK:
            return lacks(Ability.SIGNED_PREVIEWS)
        if command in (commands.OPEN_PORT, commands.COPY_LINK, commands.COPY_TOKEN_LINK, commands.PUBLIC_PORTS):
            return lacks(Ability.PREVIEWS)
        return ""

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` now."""
        if command == commands.PUBLIC_PORTS and self.shows_public:
            return "Private"
        return super().title_of(command)

    # What is looked at

    def watch_sandbox(self, old: Sandbox | None, new: Sandbox | None) -> None:
        """Show other ports; of the same sandbox what its record says now."""
        if old is None or new is None or old.id != new.id or old.is_running != new.is_running:
            self.reading.forget(new.id if new is not None else None)
            self._asked.clear()
            self.is_public = None
            self._rows = ()  # what is done from elsewhere must not be done to a port of the one before
            self._begin()
        elif old.public != new.public:
            self.is_public = None
        self._draw()

    def on_show(self) -> None:
        """Begin to look."""
        self._is_seen = True
        self._draw()
        self._begin()

    def on_hide(self) -> None:
        """Ask nothing while nobody looks."""
        self._is_seen = False
        self.workers.cancel_group(self, workers.PORTS)

    def _begin(self) -> None:
        self.workers.cancel_group(self, workers.PORTS)
        sandbox = self.sandbox
        if sandbox is None or not self._is_seen or not sandbox.is_running:
            return
        sandbox_id = sandbox.id

        async def look() -> None:
            await self.reading.watch(sandbox_id, lambda: frozenset(self._asked))

        workers.start(self, look, name="look at ports", group=workers.PORTS, exclusive=True)

    def add_port(self, port: int) -> None:
        """Show a port that somebody named."""
        self._asked.add(port)
        self.reveal()
        self._draw()
        self.view.point_at(f"port:{port}")
        self.reading.again.set()

    # What is shown

    def _draw(self) -> None:
        if not self._is_seen:
            return
        sandbox = self.sandbox
        self.entitle(clip(safe(sandbox.name), 40) if sandbox else "", self.reading.unlinked)
        before = self.row
        if sandbox is None or not sandbox.is_running:
            self._rows = ()
        else:
            signed = self.signed.of(sandbox.id)
            self._rows = port_rows(self.reading.listeners, self._asked, self.reading.links, signed)
        now = self.services.now()
        self.view.placeholder = self._placeholder()
        choices = tuple(Choice(row.key, port_cells(row, now)) for row in self._rows)
        if choices != self.view.choices:
            self.view.show(choices)
        self._tell()
        if (before is None) != (self.row is None):
            self.post_message(self.KeysChanged())

    def _placeholder(self) -> Placeholder:
        sandbox = self.sandbox
        if sandbox is None:
            return Placeholder("no sandbox under the cursor")
        if not sandbox.is_running:
            return Placeholder(f"{state_word(sandbox)}: programs listen while it runs", self.start_hint(sandbox))
        if self.reading.trouble:
            return Placeholder(
                self.reading.trouble, self.services.keymap.hint(commands.REFRESH_PORTS.id, "looks again")
            )
        if not self.reading.is_read:
            return Placeholder("looking …")
        return Placeholder("nothing listens", self.services.keymap.hint(commands.OTHER_PORT.id, "names a port"))

    def _tell(self) -> None:
        row = self.row
        who = toned(openness(is_public=self.shows_public))
        lines = [Content.styled(about, "$text-muted"), who] if row and (about := port_about(row)) else [who]
        about_row = Content("\n").join(lines) if self._rows else Content("")
        if about_row != self._told:
            self._told = about_row
            self.about.update(about_row)

    @on(RowsView.CursorMoved)
    def _look_at_row(self) -> None:
        self._tell()
        self.post_message(self.KeysChanged())

    @on(RowsView.Chosen)
    def _open_chosen(self, event: RowsView.Chosen) -> None:
        event.stop()
        self.action_run_command(commands.OPEN_PORT.id)

    def do_refresh_ports(self) -> None:
        """Look again now."""
        self.reading.again.set()
