"""What the ports pane may ask the user; the screen opens the dialogs. They are there when the call returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from daytona_tui.presentation.questions import Question
from daytona_tui.ui.panes.file_dialogs import TextWish


class LinkUse(StrEnum):
    """What a signed link is for."""

    COPY = "copy"
    OPEN = "open"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class LinkWish:
    """What is wanted.

    Attributes:
        seconds: how long the link lasts.
    """

    use: LinkUse
    seconds: int


class PortDialogs(Protocol):
    """The dialogs around ports."""

    def ask_link(self, title: str, first: LinkUse, then: Callable[[LinkWish], None]) -> None:
        """Ask what a signed link is for and how long it lasts; the cursor is on ``first``."""

    def show_code(self, url: str, title: str) -> None:
        """Show a link as a QR code. The link is a secret, and is not shown otherwise."""

    def ask_text(self, wish: TextWish, then: Callable[[str], None]) -> None:
        """Ask for a line of text."""

    def confirm(self, question: Question, then: Callable[[], None]) -> None:
        """Ask; ``then`` is called if the answer is yes."""
