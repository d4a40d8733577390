"""What panes may ask the user; the screen, which is above them, opens the dialogs.

The dialog is there when the call returns, so that the keys that come in the same burst belong to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.sizes import SizeEdit
from daytona_tui.operations.sweep import Wish
from daytona_tui.presentation.forms import Values
from daytona_tui.presentation.questions import Question, Request
from daytona_tui.ui.panes.create_task import CreateTask
from daytona_tui.ui.panes.form_dialogs import FormDraft
from daytona_tui.ui.panes.growth import ForkDraft, SizeDraft
from daytona_tui.ui.panes.holds import Held, Hold
from daytona_tui.ui.panes.sweep_task import SweepOrder


class AfterCheck(StrEnum):
    """What to do after a sandbox was looked into."""

    RESCUE = "rescue"
    RESCUE_AND_DELETE = "rescue and delete"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Checked:
    """What the user decided after a sandbox was looked into.

    Attributes:
        answer: what to do.
        running: what goes on in it and would end, in words: safe for a terminal.
    """

    answer: AfterCheck
    running: tuple[str, ...] = ()


class Dialogs(Protocol):
    """The dialogs around deeds."""

    def confirm(self, question: Question, then: Callable[[], None], *, check: Callable[[], None] | None = None) -> None:
        """Ask; ``then`` is called if the answer is yes, ``check`` if the user wants to look first."""

    def check_safety(self, sandbox: Sandbox, then: Callable[[Checked], None]) -> None:
        """Look whether a sandbox is safe to delete; ``then`` is told what to do, unless the user leaves it at that."""

    def ask_command(self, title: str, notes: tuple[str, ...], then: Callable[[Deed], None]) -> None:
        """Ask which command to run; ``then`` is given the deed, unless the user thinks better of it."""

    def ask_pull(self, title: str, request: Request, asleep: Sequence[Sandbox], then: Callable[[Deed], None]) -> None:
        """Ask what to pull from each of those that can, and where to; those ``asleep`` could be started for it."""

    def pull_one(self, sandbox: Sandbox) -> None:
        """Ask what to pull from one sandbox, and pull it."""

    def edit_lifetimes(
        self, title: str, sandboxes: Sequence[Sandbox], notes: tuple[str, ...], then: Callable[[LifetimeEdit], None]
    ) -> None:
        """Ask for new intervals, and say what will come of them."""

    def edit_labels(
        self, title: str, sandboxes: Sequence[Sandbox], notes: tuple[str, ...], then: Callable[[LabelEdit], None]
    ) -> None:
        """Ask for a change of labels."""

    def edit_size(self, draft: SizeDraft, then: Callable[[SizeEdit], None]) -> None:
        """Ask for other resources, and say what they cost; ``then`` is given them."""

    def ask_fork(self, draft: ForkDraft, then: Callable[[str], None]) -> None:
        """Ask how forks are to be called; ``then`` is given the name, empty where one is made for each."""

    def plan_sweep(self, wish: Wish, then: Callable[[SweepOrder], None]) -> None:
        """Plan a sweep; ``then`` is given the plan that somebody said yes to."""

    def ask_bin(self, title: str, notes: tuple[str, ...], usual: str, then: Callable[[int], None]) -> None:
        """Ask how long the bin keeps something; ``then`` is given minutes."""

    def ask_hold(self, held: Held, then: Callable[[Hold], None]) -> None:
        """Ask how to hold sandboxes, or whether to let them go."""

    def ask_form(self, draft: FormDraft, then: Callable[[Values], None]) -> None:
        """Ask for what a form says; ``then`` is given what was said, unless the user thinks better of it."""

    def watch_creation(self, task: CreateTask, again: Callable[[], None]) -> None:
        """Show how a creation goes; ``again`` asks for the order anew, after a failure."""

    def go_to_logs(self, sandboxes: Sequence[Sandbox]) -> None:
        """Show the logs of the one under the cursor; of several sandboxes, those of all of them as one."""

    def go_to_console(self) -> None:
        """Let the user type a command for the one sandbox under the cursor."""
