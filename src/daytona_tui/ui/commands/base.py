"""What a command is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding
from textual.keys import REPLACED_KEYS, key_to_character

from daytona_tui.presentation.keymap import Keymap, key_label


class Scope(StrEnum):
    """Where a key means something."""

    APP = "app"
    FLEET = "fleet"
    FILES = "files"
    CONSOLE = "console"
    LOGS = "logs"
    DETAILS = "details"
    TASKS = "tasks"


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
        moves_focus: decides where the keys after it go. Over a slow line keys arrive in bursts: such a command is
            carried out before the next key of its burst is looked at, or the ``x`` of a filter text would stop a
            sandbox.
        everywhere: means something in every pane, though one pane carries it out. What belongs to the app does anyway.
    """

    id: str
    key: str
    title: str
    help: str
    scope: Scope
    footer: int = 0
    danger: bool = False
    moves_focus: bool = False
    everywhere: bool = False

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """The Textual bindings that run this command, one for each key.

        Only keys that are text are put before the focused widget: an entry takes those away from all above it, and
        would lose a ctrl+p that it has a use for itself.
        """
        action = f"run_command('{self.id}')"
        return tuple(
            Binding(key, action, self.title, id=self.id, show=False, priority=self.moves_focus and is_text(key))
            for key in self.key.split(",")
        )

    def passes_entry(self, keymap: Keymap) -> bool:
        """Return whether the command may be asked for while a text entry has the focus.

        Textual 8.2 keeps text from the bindings above an entry, save for ``slash`` and others whose names it does not
        look up, and for keys of a keymap.
        """
        is_known = all(key_to_character(key) or not is_text(key) for key in self.key.split(","))
        return not self.moves_focus or (is_known and self.id not in keymap.rebound)

    @property
    def key_label(self) -> str:
        """The first key as a person would write it, where nobody has bound another one."""
        return key_label(self.key.split(",", 1)[0])


def is_text(key: str) -> bool:
    """Return whether a key, by its Textual name, is a character that could be typed into an entry."""
    character = key_to_character(REPLACED_KEYS.get(key, key))
    return character is not None and character.isprintable()
