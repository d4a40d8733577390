"""Git's marks beside the files, where a repository is seen: asked for once, and again when the files are read again."""

from __future__ import annotations

from textual import events, on

from daytona_tui.domain.git_marks import GitMarks
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.git_look import git_marks
from daytona_tui.store.files import RemoteTree
from daytona_tui.ui import workers
from daytona_tui.ui.panes.files_base import FilesBase
from daytona_tui.ui.services import Services

MOST_REPOSITORIES = 20


class FilesGit(FilesBase):
    """Looks for differences, once the user is in this pane. A sandbox in which no repository is seen is not asked."""

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._asked: dict[SandboxId, frozenset[str]] = {}

    def read_again(self, *paths: str) -> None:
        """Read directories again, and what git says of them."""
        if not paths and self.sandbox is not None:
            self._asked.pop(self.sandbox.id, None)
        super().read_again(*paths)

    def files_changed(self, *directories: str, focus_path: str = "") -> None:
        """Read what was changed, and what git says of it."""
        if self.sandbox is not None:
            self._asked.pop(self.sandbox.id, None)
        super().files_changed(*directories, focus_path=focus_path)

    @on(events.DescendantFocus)
    def look_at_last(self) -> None:
        """Ask git what it was not asked while the user was elsewhere."""
        if self._reading.is_idle:
            self.all_read()

    def all_read(self) -> None:
        """Ask git as soon as all that is open is read."""
        super().all_read()
        sandbox, tree = self.sandbox, self.remote
        if sandbox is None or tree is None or not tree.root or not self.has_focus_within:
            return
        wanted = frozenset(_repositories(tree)[:MOST_REPOSITORIES])
        if wanted and wanted != self._asked.get(sandbox.id, frozenset()):
            self._asked[sandbox.id] = wanted
            work = self._look_at(sandbox.id, tree, sorted(wanted))
            self.run_worker(work, name="ask git", group=workers.FILE_GIT, exclusive=True, exit_on_error=False)

    async def _look_at(self, sandbox_id: SandboxId, tree: RemoteTree, directories: list[str]) -> None:
        try:
            marks = await git_marks(self.services.gateway, sandbox_id, directories)
        except DaytonaTuiError:
            marks = GitMarks()  # an extra: that it lacks is nothing to disturb anybody with
        tree.git_mark = marks.of
        self.tree_view.refresh()


def _repositories(tree: RemoteTree) -> list[str]:
    """Return the directories shown that are repositories, and the one at the top where that may lie in one."""
    found = [
        directory
        for directory in tree.open_paths()
        if any(entry.name == ".git" for entry in tree.listing(directory).entries or ())
    ]
    return found if tree.root in found or tree.root == tree.work_dir else [tree.root, *found]
