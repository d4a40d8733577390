"""Something between a repository and its remote, or home, as the tasks show it."""

from __future__ import annotations

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.ui.panes.each_task import EachTask


class GitTask(EachTask):
    """One sandbox; whoever carries it out tells when it is over."""

    def __init__(self, title: str, sandbox: Sandbox, *, done: str) -> None:
        super().__init__(title, [sandbox], done=done)
        self.sandbox = sandbox
