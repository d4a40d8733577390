"""The dialogs before something is done in many sandboxes at once: run a command, pull a directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, RadioSet, Static

from daytona_tui.domain.transfers import ConflictPolicy
from daytona_tui.ui.screens.pull import POLICIES, PolicyButton

DEFAULT_TIMEOUT_S = 60
LONGEST_TIMEOUT_S = 24 * 3600

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class RunOrder:
    """A command for each of some sandboxes.

    Attributes:
        cwd: where it runs; empty: in each sandbox's own working directory.
        timeout_s: how long each may take.
    """

    command: str
    cwd: str
    timeout_s: int


@dataclass(frozen=True, slots=True)
class PullManyOrder:
    """What is copied out of each of some sandboxes.

    Attributes:
        path: file or directory in the sandbox; empty: its working directory.
        destination: local directory that gets a directory for each sandbox.
    """

    path: str
    destination: Path
    conflict: ConflictPolicy


class ManyScreen(ModalScreen[Answer | None]):
    """What both dialogs share: whom it is about, and where a mistake is told."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]
    CSS_PATH = "../styles/pull.tcss"

    def __init__(self, title: str, notes: tuple[str, ...]) -> None:
        super().__init__()
        self._title = title
        self._notes = notes

    def fields(self) -> ComposeResult:
        """Make the entries."""
        yield from ()

    def answer(self) -> Answer:
        """Return what was entered.

        Raises:
            ValueError: with what is wrong, in words.
        """
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._title).markup
            for note in self._notes:
                yield Static(Content(note), classes="quiet")
            yield from self.fields()
            yield Static("", id="mistake", classes="bad")
            yield Static("Enter goes ahead · Tab goes on · Esc cancels", classes="quiet -last", markup=False)

    @on(Input.Submitted)
    def submit(self) -> None:
        """Close with the order, or say what is wrong with it."""
        try:
            self.dismiss(self.answer())
        except ValueError as error:
            self.query_one("#mistake", Static).update(Content(str(error)))

    @on(Input.Changed)
    def _forget_mistake(self) -> None:
        self.query_one("#mistake", Static).update("")

    def action_cancel(self) -> None:
        """Close without an order."""
        self.dismiss(None)

    def text(self, entry: str) -> str:
        """Return what stands in an entry."""
        return self.query_one(f"#{entry}", Input).value.strip()


class RunManyScreen(ManyScreen[RunOrder]):
    """Asks which command to run."""

    AUTO_FOCUS = "#command"

    def fields(self) -> ComposeResult:
        """Make the entries."""
        yield Static("Command, for a shell in each of them:", classes="label", markup=False)
        yield Input(id="command", compact=True)
        yield Static("Directory (empty: each one's working directory):", classes="label", markup=False)
        yield Input(id="cwd", compact=True)
        yield Static("Seconds that each may take:", classes="label", markup=False)
        yield Input(str(DEFAULT_TIMEOUT_S), id="timeout", compact=True)

    def answer(self) -> RunOrder:
        """Return the command."""
        command, seconds = self.text("command"), self.text("timeout")
        if not command:
            raise ValueError("type the command that is to run")
        if not (seconds.isascii() and seconds.isdigit() and 0 < int(seconds) <= LONGEST_TIMEOUT_S):
            raise ValueError(f"seconds are a whole number from 1 to {LONGEST_TIMEOUT_S:,}")
        return RunOrder(command, self.text("cwd"), int(seconds))


class PullManyScreen(ManyScreen[PullManyOrder]):
    """Asks what to copy, where to, and what happens to files that are there already."""

    AUTO_FOCUS = "#destination"

    def __init__(self, title: str, notes: tuple[str, ...], destination: Path) -> None:
        super().__init__(title, notes)
        self._destination = destination

    def fields(self) -> ComposeResult:
        """Make the entries."""
        yield Static("File or directory in each (empty: the working directory):", classes="label", markup=False)
        yield Input(id="path", compact=True)
        yield Static("To, on this machine; each sandbox gets a directory in it:", classes="label", markup=False)
        yield Input(str(self._destination), id="destination", compact=True)
        yield Static("Where a file is there already:", classes="label", markup=False)
        with RadioSet(id="conflict", compact=True):
            for policy, words in POLICIES.items():
                yield PolicyButton(words, value=policy is ConflictPolicy.FAIL, name=policy.value, compact=True)

    def answer(self) -> PullManyOrder:
        """Return the order."""
        destination = self.text("destination")
        if not destination:
            raise ValueError("type where to copy to")
        button = self.query_one("#conflict", RadioSet).pressed_button
        conflict = ConflictPolicy(button.name) if button is not None and button.name else ConflictPolicy.FAIL
        return PullManyOrder(self.text("path"), Path(destination).expanduser(), conflict)
