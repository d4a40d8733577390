"""The git pane's reading and drawing: it looks only while somebody does, and never keeps a sandbox awake."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widget import Widget

from daytona_tui.domain.git import Commit, FoundRepository, GitFile
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.tree import home_of, tilde
from daytona_tui.errors import DaytonaTuiError, NotFoundError
from daytona_tui.operations import git_reading
from daytona_tui.operations.git_finding import repositories, repository
from daytona_tui.operations.git_person import own_person
from daytona_tui.operations.git_script import NoGitError
from daytona_tui.presentation.cells import state_word
from daytona_tui.presentation.git import dirt, standing
from daytona_tui.presentation.git_rows import diff_lines
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.git_levels import KIND_WORDS, Level, Stack, View
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.git_table import DiffView, GitTable
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView

REFRESH_S = 8.0
"""Time between two looks while somebody is here."""

_REST = 10
"""How many times longer than a look the pause after it is at least: a large repository is work for the sandbox."""

_EMPTY = {
    Level.REPOSITORIES: ("no repository was found", "C clones one"),
    Level.FILES: ("nothing differs from the last commit", "l lists the commits · o the branches"),
    Level.LOG: ("there is no commit yet", ""),
    Level.BRANCHES: ("there is no branch yet: the first commit makes one", ""),
    Level.DIFF: ("nothing differs", "v shows other differences"),
    Level.COMMIT: ("the commit changes no file", ""),
}


class GitBase(Pane):
    """Shows one view of the stack."""

    sandbox: reactive[Sandbox | None] = reactive(None, layout=False, repaint=False, init=False)

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.table = GitTable(id="git-table")
        self.diff = DiffView(id="git-diff")
        self.diff.display = False
        self.stack = Stack()
        self._home = ""
        self.own_person = ""
        """Who commits by git's settings on this machine."""
        self._is_seen = False
        self._again = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Make the rows and, behind them, the lines of differences."""
        yield self.table
        yield self.diff

    def on_mount(self) -> None:
        """Say what will be here."""
        self._begin()

    @property
    def focus_target(self) -> Widget:
        """What is seen."""
        return self.diff if self.stack.view.is_text else self.table

    @property
    def view(self) -> View:
        """What is seen."""
        return self.stack.view

    @property
    def chosen_repository(self) -> FoundRepository | None:
        """The repository that commands are about: the open one, or the one under the cursor."""
        if self.stack.repository is not None:
            return self.stack.repository
        return self.view.current if isinstance(self.view.current, FoundRepository) else None

    def watch_sandbox(self, old: Sandbox | None, new: Sandbox | None) -> None:
        """Show another sandbox; of the same one whether it runs."""
        if not self.is_mounted:
            return
        if old is None or new is None or old.id != new.id:
            self.stack = Stack()
            self._home = ""
            self._begin()
        elif old.is_running != new.is_running:
            self._begin()

    def on_show(self) -> None:
        """Begin to look."""
        self._is_seen = True
        self._begin()

    def on_hide(self) -> None:
        """Ask nothing while nobody looks."""
        self._is_seen = False
        self.workers.cancel_group(self, workers.GIT)

    # Reading

    def read_again(self) -> None:
        """Look again at once."""
        self._again.set()

    def _begin(self) -> None:
        self.workers.cancel_group(self, workers.GIT)
        sandbox = self.sandbox
        self.draw()
        if sandbox is not None and sandbox.is_running and self._is_seen:
            workers.start(self, self._read, name="read repositories", group=workers.GIT, exclusive=True)

    async def _read(self) -> None:
        """Read what is seen, again and again."""
        sandbox = self.sandbox
        while sandbox is not None and self.sandbox is not None and self.sandbox.id == sandbox.id:
            self._again.clear()
            began = time.monotonic()
            view, stack = self.view, self.stack
            try:
                await self._fill(sandbox, stack, view)
                view.trouble = ""
            except DaytonaTuiError as error:
                view.trouble = phrase(error).line
            view.is_read = True
            if view is self.view:
                self.draw()
            try:
                took_s = time.monotonic() - began
                async with asyncio.timeout(max(REFRESH_S, took_s * _REST)):
                    await self._again.wait()
            except TimeoutError:
                continue

    async def _fill(self, sandbox: Sandbox, stack: Stack, view: View) -> None:
        gateway = self.services.gateway
        if not self._home:
            self._home = home_of(await gateway.work_dir(sandbox.id))
            self.own_person = str(await own_person() or "")
        opened = stack.repository
        if view.level is Level.REPOSITORIES or opened is None:
            await self._find(sandbox, view)
            return
        path = opened.path
        if view.level in (Level.FILES, Level.LOG):
            fresh = await repository(gateway, sandbox.id, path)
            stack.repository = replace(
                fresh, origin=fresh.origin or opened.origin, stashes=opened.stashes, author=opened.author
            )
        if view.level is Level.FILES:
            view.take(stack.repository.status.files if stack.repository else ())
        elif view.level is Level.LOG:
            view.take(await git_reading.commits(gateway, sandbox.id, path))
            view.is_partial = len(view.things) >= git_reading.MOST_COMMITS
        elif view.level is Level.BRANCHES:
            view.take(await git_reading.branches(gateway, sandbox.id, path))
        else:
            await self._compare(sandbox, path, view)

    async def _find(self, sandbox: Sandbox, view: View) -> None:
        try:
            told = await repositories(self.services.gateway, sandbox.id)
        except NoGitError:
            work_dir = await self.services.gateway.work_dir(sandbox.id)
            with contextlib.suppress(NotFoundError):
                view.take([await repository(self.services.gateway, sandbox.id, work_dir)])
            return
        view.take(told.found)
        view.is_partial = told.is_partial

    async def _compare(self, sandbox: Sandbox, path: str, view: View) -> None:
        gateway = self.services.gateway
        if isinstance(view.subject, Commit):
            seen = await git_reading.commit_diff(gateway, sandbox.id, path, view.subject.hash)
        else:
            file = view.subject if isinstance(view.subject, GitFile) else GitFile("")
            files = tuple(filter(None, (file.name, file.origin)))
            seen = await git_reading.diff(gateway, sandbox.id, path, files, kind=self.stack.kind)
        view.lines = await asyncio.to_thread(diff_lines, seen.text)
        view.is_partial = seen.is_partial or seen.text.count("\n") > len(view.lines)

    # Appearance

    def draw(self, *, keeps_place: bool = True) -> None:
        """Show the view as it is now."""
        if is_leaving(self):
            return
        view = self.view
        shown, hidden = (self.diff, self.table) if view.is_text else (self.table, self.diff)
        if not shown.display:
            self.bring_forward(shown, hidden)
        shown.placeholder = self._placeholder()
        has_rows = self.sandbox is not None and self.sandbox.is_running
        if view.is_text:
            self.diff.show(view.lines if has_rows else (), keeps_place=keeps_place)
        else:
            ahead = (self.stack.repository.status.ahead or 0) if self.stack.repository else 0
            rows = view.rows(self.services.now(), self._home, ahead) if has_rows else []
            self.table.present(view.columns, rows, cursor=view.cursor)
        self._write_frame()
        self.post_message(self.KeysChanged())

    def _placeholder(self) -> Placeholder:
        sandbox, view = self.sandbox, self.view
        if sandbox is None:
            return Placeholder("no sandbox under the cursor")
        if not sandbox.is_running:
            text = f"{state_word(sandbox)}: its repositories can be looked at while it runs"
            return Placeholder(text, self.start_hint(sandbox))
        if view.trouble:
            return Placeholder(view.trouble, "r looks again")
        return Placeholder(*_EMPTY[view.level]) if view.is_read else Placeholder("looking …")

    def _write_frame(self) -> None:
        view, found = self.view, self.stack.repository
        note = "there is more than is shown" if view.is_partial else ""
        if view.trouble and (view.things or view.lines):
            note = view.trouble
        if found is None:
            name = clip(safe(self.sandbox.name), 40) if self.sandbox is not None else ""
            self.entitle(name, clip(note, max(20, self.outer_size.width - 6)))
            return
        parts = [safe(tilde(found.path, self._home))]
        if isinstance(view.subject, GitFile):
            parts = [safe(view.subject.name), KIND_WORDS[self.stack.kind]]
        elif isinstance(view.subject, Commit):
            parts = [safe(view.subject.hash[:8]), safe(view.subject.subject)]
        elif view.level is Level.DIFF:
            parts.append(KIND_WORDS[self.stack.kind] or "all changes")
        elif view.level is not Level.FILES:
            parts.append(view.level.value)
        subject = " · ".join(part for part in parts if part)
        note = note or f"{standing(found.status)} · {dirt(found.status)}"
        self.entitle(clip(subject, self.subject_cells), clip(note, max(20, self.outer_size.width - 6)))

    @on(RowsView.CursorMoved, "#git-table")
    def _follow_cursor(self) -> None:
        if not self.view.is_text:
            self.view.cursor = self.table.cursor
        self.post_message(self.KeysChanged())
