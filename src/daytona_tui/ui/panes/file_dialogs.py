"""What the files pane may ask the user; the screen, which is above it, opens the dialogs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from daytona_tui.presentation.questions import Question


@dataclass(frozen=True, slots=True)
class TextWish:
    """A line of text that is asked for. All of it is safe for a terminal, save ``text``, which is typed over.

    Attributes:
        title: what it is for.
        label: what to type.
        text: what stands there at first.
        selected: which part of it the first key replaces: from, to.
        notes: what is to be known.
        check: returns why a text cannot be taken, in words; empty when it can.
    """

    title: str
    label: str
    text: str = ""
    selected: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    check: Callable[[str], str] = lambda _text: ""


class FileDialogs(Protocol):
    """The dialogs around files. Each is there when the call returns."""

    def confirm(self, question: Question, then: Callable[[], None]) -> None:
        """Ask; ``then`` is called if the answer is yes."""

    def ask_text(self, wish: TextWish, then: Callable[[str], None]) -> None:
        """Ask for a line of text; ``then`` is given it, unless the user thinks better of it."""
