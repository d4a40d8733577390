"""The repositories of the sandbox under the cursor: how they stand, what differs, and what can be done about it."""

from __future__ import annotations

from typing import ClassVar

from textual import on

from daytona_tui.domain.git import Branch, Commit, FoundRepository, GitFile
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui.commands import git as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.git_levels import KIND_WORDS, KINDS, Level, View
from daytona_tui.ui.panes.git_syncs import GitSyncs
from daytona_tui.ui.widgets.rows_view import RowsView


class GitPane(GitSyncs):
    """One view at a time: repositories, what differs in one, its commits, its branches, a difference."""

    COMMANDS: ClassVar[tuple[Command, ...]] = commands.GIT_COMMANDS
    NUMBER: ClassVar[int] = 2
    NAME: ClassVar[str] = "Git"

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        reason = super().refusal(command)
        view = self.view
        if reason:
            return reason
        if command is commands.OPEN_GIT and (view.is_text or view.current is None):
            return "there is nothing to open under the cursor"
        if command is commands.OPEN_GIT and isinstance(view.current, Branch) and self.services.read_only:
            return self.services.read_only
        if command is commands.BACK_GIT and len(self.stack.views) == 1:
            return "this is where the git pane begins"
        if command is commands.DIFF_KIND and view.level not in (Level.DIFF, Level.FILES):
            return "it is for what differs: enter opens a repository"
        if command is commands.COPY_GIT and not view.is_text and view.current is None:
            return "there is nothing to copy under the cursor"
        if command in (commands.GIT_LOG, commands.BRANCHES) and view.level.value == command.id.removeprefix("git-"):
            return "it is shown"
        return ""

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` now."""
        view = self.view
        current = view.current
        if command is commands.STAGE and isinstance(current, GitFile) and current.is_whole_staged:
            return "Unstage"
        if command is commands.OPEN_GIT and isinstance(current, Branch):
            return "Check out"
        if command is commands.OPEN_GIT and isinstance(current, GitFile):
            return "Diff"
        if command is commands.DIFF_KIND and view.level is Level.FILES:
            return "Whole diff"
        if command is commands.DIFF_KIND:
            following = KINDS[(KINDS.index(self.stack.kind) + 1) % len(KINDS)]
            return {"all": "All changes", "staged": "Staged", "unstaged": "Not staged"}[following]
        return super().title_of(command)

    def footer_of(self, command: Command) -> int:
        """Return the place of ``command`` in the footer now."""
        if command is commands.DIFF_KIND:
            return {Level.DIFF: 1, Level.FILES: 5}.get(self.view.level, 0)
        if command in (commands.STAGE, commands.STAGE_ALL) and self.view.level is not Level.FILES:
            return 0
        return super().footer_of(command)

    # Ways

    @on(RowsView.Chosen, "#git-table")
    def open_chosen(self) -> None:
        """Enter, or a second click, opens what is under the cursor."""
        self.action_run_command(commands.OPEN_GIT.id)

    def do_open_git(self) -> None:
        """Open what is under the cursor."""
        thing = self.view.current
        if isinstance(thing, FoundRepository):
            self.stack.repository = thing
            view = View(Level.FILES)
            view.take(thing.status.files)
            view.is_read = True
            self._show(view)
        elif isinstance(thing, GitFile):
            self._show(View(Level.DIFF, thing))
        elif isinstance(thing, Commit):
            self._show(View(Level.COMMIT, thing))
        elif isinstance(thing, Branch):
            self.check_out(thing)

    def do_git_log(self) -> None:
        """List the commits."""
        self._show_of_one(Level.LOG)

    def do_branches(self) -> None:
        """List the branches."""
        self._show_of_one(Level.BRANCHES)

    def _show_of_one(self, level: Level) -> None:
        found = self.chosen_repository
        if found is None:
            return
        self.stack.repository = found
        del self.stack.views[2:]  # from one list to the other, and not one on top of the other
        self._show(View(level))

    def _show(self, view: View) -> None:
        self.stack.open(view)
        self.draw(keeps_place=False)
        self.read_again()

    def do_back_git(self) -> None:
        """Go back."""
        self.stack.back()
        self.draw()
        self.read_again()

    def do_diff_kind(self) -> None:
        """Show the differences of all files, or of what is shown other ones."""
        if self.view.level is Level.FILES:
            self._show(View(Level.DIFF))
            return
        self.stack.kind = KINDS[(KINDS.index(self.stack.kind) + 1) % len(KINDS)]
        self.view.lines, self.view.is_read = (), False
        self.draw(keeps_place=False)
        self.read_again()
        self.app.notify(KIND_WORDS[self.stack.kind] or "all since the last commit", title="Differences", timeout=2)

    def do_refresh_git(self) -> None:
        """Look again."""
        self.read_again()

    def do_copy_git(self) -> None:
        """Copy what is under the cursor."""
        text = self.diff.text if self.view.is_text else _copied(self.view.current)
        self.app.copy_to_clipboard(text)
        shown = clip(safe(text.split("\n", 1)[0]), 60)
        self.app.notify(shown, title="Copied", markup=False, timeout=2)


def _copied(thing: FoundRepository | GitFile | Commit | Branch | None) -> str:
    if isinstance(thing, FoundRepository):
        return thing.path
    if isinstance(thing, Commit):
        return thing.hash
    return thing.name if thing is not None else ""
