"""Changing the repositories that the git pane shows, within their sandbox."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from daytona_tui.domain.git import Branch, FoundRepository, GitFile
from daytona_tui.domain.masking import masked
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations import git_acts as acts
from daytona_tui.operations import git_sync
from daytona_tui.operations.git_person import Person
from daytona_tui.operations.journal import Entry, Journal
from daytona_tui.presentation.cells import state_word
from daytona_tui.presentation.git import letter, standing
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands import git as commands
from daytona_tui.ui.commands.app import FOCUS_GIT
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.git_base import GitBase
from daytona_tui.ui.panes.git_dialogs import CommitWish, GitDialogs
from daytona_tui.ui.services import Services

_CHANGES = frozenset(
    {
        commands.STAGE,
        commands.STAGE_ALL,
        commands.COMMIT,
        commands.NEW_BRANCH,
        commands.FETCH,
        commands.GIT_PULL,
        commands.GIT_PUSH,
        commands.CLONE,
    }
)
_OF_ONE = (_CHANGES - {commands.CLONE}) | {commands.GIT_LOG, commands.BRANCHES, commands.TAKE_PATCH}
_LONGEST_LINE = 1500
_TOLD = 12
"""Files that the dialog of a commit names."""


class GitActs(GitBase):
    """Asks, and carries out.

    Attributes:
        dialogs: opened by the screen; set before anything can be asked for.
        journal: keeps every act; likewise.
    """

    dialogs: GitDialogs
    journal: Journal

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._unsent: dict[tuple[SandboxId, str], tuple[str, str]] = {}
        """Messages that were begun and left, by sandbox and repository."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        sandbox = self.sandbox
        if sandbox is None:
            return "there is no sandbox under the cursor"
        if not sandbox.is_running and command is not commands.BACK_GIT:
            return f"{state_word(sandbox)}: its repositories can be reached while it runs"
        if self.services.read_only and command in _CHANGES:
            return self.services.read_only
        found = self.chosen_repository
        if command in _OF_ONE and found is None:
            is_read = self.stack.views[0].is_read
            looks = self.services.keymap.hint(FOCUS_GIT.id, "looks for its repositories")
            return "there is no repository under the cursor" if is_read else f"nobody has looked yet: {looks}"
        reason = super().refusal(command)
        return reason or (self._standing_refusal(command, found) if found is not None else "")

    def _standing_refusal(self, command: Command, found: FoundRepository) -> str:
        if command is commands.STAGE and not isinstance(self.view.current, GitFile):
            return "enter opens the repository; a file of it can be staged then"
        if command is commands.STAGE_ALL and not found.status.files:
            return "nothing differs from the last commit"
        if command is commands.COMMIT and not found.status.staged:
            return "nothing is staged: space stages a file, e everything"
        if command in (commands.GIT_PUSH, commands.FETCH, commands.GIT_PULL) and not found.origin:
            upstream = found.status.upstream
            if not upstream:
                return "the repository has no remote called origin"
        return ""

    # Within the sandbox

    def do_stage(self) -> None:
        """Stage the file, or take it out again."""
        sandbox, found, file = self.sandbox, self.chosen_repository, self.view.current
        if sandbox is None or found is None or not isinstance(file, GitFile):
            return
        names = [file.name, file.origin] if file.origin else [file.name]
        gateway = self.services.gateway
        change = partial(acts.unstage, gateway) if file.is_whole_staged else gateway.stage
        verb = "unstage" if file.is_whole_staged else "add"
        self._quickly(verb, found, names, partial(change, sandbox.id, found.path, names))

    def do_stage_all(self) -> None:
        """Stage everything, or nothing."""
        sandbox, found = self.sandbox, self.chosen_repository
        if sandbox is None or found is None:
            return
        files = found.status.files
        if all(file.is_whole_staged for file in files):
            names = [name for file in files for name in (file.name, file.origin) if name]
            change = partial(acts.unstage, self.services.gateway)
            self._quickly("unstage", found, (), partial(change, sandbox.id, found.path, names))
        else:
            self._quickly("add", found, (), partial(self.services.gateway.stage, sandbox.id, found.path, ["."]))

    def _quickly(
        self, verb: str, found: FoundRepository, words: Sequence[str], act: Callable[[], Awaitable[object]]
    ) -> None:
        """Do something that is over soon, as ``git verb words`` does, and look again."""
        sandbox = self.sandbox
        if sandbox is None:
            return
        line = shell_line(verb, sandbox, found.path, *words)

        async def work() -> None:
            outcome, detail = "done", ""
            try:
                await act()
            except DaytonaTuiError as error:
                said = phrase(error)
                outcome, detail = "failed", said.line
                self.app.notify(said.line, title=f"git {verb}: failed", severity="error", markup=False)
            await self.keep(sandbox, f"git {verb}", {"path": found.path}, (outcome, detail), line)
            self.read_again()

        workers.start(self, work, name=f"git {verb}", group=workers.GIT_ACT)

    def do_commit(self) -> None:
        """Ask for the message."""
        sandbox, found = self.sandbox, self.chosen_repository
        if sandbox is not None and found is not None:
            wish = _wish(found, found.author or self.own_person)
            message, person = self._unsent.get((sandbox.id, found.path), ("", wish.person))
            self._ask_commit(sandbox, found, replace(wish, message=message, person=person))

    def _ask_commit(self, sandbox: Sandbox, found: FoundRepository, wish: CommitWish) -> None:
        about = (sandbox.id, found.path)

        def left(message: str, person: str) -> None:
            if message.strip():
                self._unsent[about] = message, person
            else:
                self._unsent.pop(about, None)

        def commit(message: str, person: Person) -> None:
            self._unsent.pop(about, None)

            async def work() -> None:
                try:
                    made = await acts.commit(self.services.gateway, sandbox.id, found.path, message, person)
                except DaytonaTuiError as error:
                    again = CommitWish(wish.where, wish.files, str(person), message, phrase(error).line)
                    self._ask_commit(sandbox, found, again)
                else:
                    text = f"{made.hash[:8]} {safe(clip(made.subject, 50))}".strip()
                    self.app.notify(text, title="Committed", markup=False)
                    line = shell_line("commit", sandbox, found.path, "--message", message, "--author", str(person))
                    await self.keep(sandbox, "git commit", {"path": found.path}, ("done", made.hash), line)
                self.read_again()

            workers.start(self, work, name="commit", group=workers.GIT_ACT)

        self.dialogs.ask_commit(wish, commit, left)

    def do_new_branch(self) -> None:
        """Ask for a name, and make a branch."""
        sandbox, found = self.sandbox, self.chosen_repository
        if sandbox is None or found is None:
            return

        def make(name: str) -> None:
            create = partial(git_sync.checkout, self.services.gateway, sandbox.id, found.path, name, creates=True)
            self._quickly("checkout", found, ("--create", name), create)

        self.dialogs.ask_branch(standing(found.status), make)

    def check_out(self, branch: Branch) -> None:
        """Check a branch out."""
        sandbox, found = self.sandbox, self.chosen_repository
        if sandbox is None or found is None:
            return

        act = partial(git_sync.checkout, self.services.gateway, sandbox.id, found.path, branch.name)
        self._quickly("checkout", found, (branch.name,), act)

    async def keep(
        self, sandbox: Sandbox, verb: str, parameters: Mapping[str, object], end: tuple[str, str], line: str
    ) -> None:
        """Write into the journal what came of an act: outcome and detail."""
        entry = Entry(self.services.now(), verb, sandbox.id, sandbox.name, dict(parameters), *end, line)
        if is_leaving(self):
            self.journal.keep_now(entry)
        else:
            await asyncio.shield(self.journal.keep(entry))


def shell_line(verb: str, sandbox: Sandbox, path: str, *words: str) -> str:
    """Return the same as a line for a shell."""
    line = masked(shlex.join(["daytona-tui", "git", verb, f"{sandbox.name}:{path}", *words]))
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"


def _wish(found: FoundRepository, person: str) -> CommitWish:
    staged = found.status.staged
    files = [f"{letter(file.staged)} {safe(file.name)}" for file in staged[:_TOLD]]
    if len(staged) > _TOLD:
        files.append(f"and {len(staged) - _TOLD:,} more")
    return CommitWish(f"{safe(found.path)}  {standing(found.status)}", tuple(files), safe(person))
