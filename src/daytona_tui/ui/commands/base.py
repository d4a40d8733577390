"""What a command is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding

from daytona_tui.presentation.keymap import key_label


class Scope(StrEnum):
    """Where a key means something."""

    APP = "app"
    FLEET = "fleet"
    FILES = "files"
    CONSOLE = "console"
    TERMINAL = "terminal"
    LOGS = "logs"
    TAPE = "tape"
    DETAILS = "details"
    PORTS = "ports"
    GIT = "git"
    TASKS = "tasks"
    SHELF = "shelf"


@dataclass(frozen=True, slots=True)
class Command:
    """Something the user can ask for.

    Attributes:
        id: stable name, such as ``stop``; keys are rebound by it and ``do_<id>`` carries it out.
        key: Textual key names, separated by commas; the first is shown.
        title: one or two words, imperative, for footer and help.
        help: one sentence for help and README.
        footer: place in the footer, smallest first; 0 keeps it out.
        danger: asks before it acts.
        everywhere: means something in every pane, though one pane carries it out. What belongs to the app does anyway.
    """

    id: str
    key: str
    title: str
    help: str
    scope: Scope
    footer: int = 0
    danger: bool = False
    everywhere: bool = False

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """The Textual bindings that run this command, one for each key.

        None goes before the focused widget: an entry keeps the keys that are text, and those it has a use for.
        """
        action = f"run_command('{self.id}')"
        return tuple(Binding(key, action, self.title, id=self.id, show=False) for key in self.key.split(","))

    @property
    def key_label(self) -> str:
        """The first key as a person would write it, where nobody has bound another one."""
        return key_label(self.key.split(",", 1)[0])
