"""What the files pane may ask the user; the screen, which is above it, opens the dialogs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.operations.transferring import Direction, Planned, TransferOrder
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


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """A transfer that could be: the dialog asks for the rest.

    Attributes:
        direction: pull or push.
        sandbox: need not run; it can be started for it and put back then.
        sources: paths of the sandbox for a pull, local ones for a push.
        destination: what is proposed.
        kind: what is pulled, in words: ``File:``.
        asks_source: what is pulled is asked for as well; ``sources`` is then what is proposed, at most one.
        home: what is written ``~`` where sources are only shown.
    """

    direction: Direction
    sandbox: Sandbox
    sources: tuple[str, ...]
    destination: str
    kind: str = ""
    asks_source: bool = False
    home: str = ""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the dialog came to.

    Attributes:
        planned: the plan of the order as the user saw it; None where nobody waited for it.
    """

    order: TransferOrder
    planned: Planned | None = None


class EditAnswer(StrEnum):
    """What to do with a file that was edited."""

    UPLOAD = "upload"
    EDIT = "edit"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Changes:
    """What was changed in a file. All of it is hostile text.

    Attributes:
        path: of the file, in the sandbox.
        lines: as ``diff -u`` writes them; with a conflict, from the file as it is there by now.
        conflict: what happened to it in the sandbox meanwhile, in words; empty: nothing.
    """

    path: str
    lines: tuple[str, ...]
    conflict: str = ""


class FileDialogs(Protocol):
    """The dialogs around files. Each is there when the call returns."""

    def confirm(self, question: Question, then: Callable[[], None]) -> None:
        """Ask; ``then`` is called if the answer is yes."""

    def ask_text(self, wish: TextWish, then: Callable[[str], None]) -> None:
        """Ask for a line of text; ``then`` is given it, unless the user thinks better of it."""

    def ask_transfer(self, draft: TransferDraft, then: Callable[[Ordered], None]) -> None:
        """Ask about a transfer, and show what it comes to; ``then`` is given the order."""

    async def decide(self, planned: Planned) -> TransferOrder | None:
        """Ask what becomes of what is there already, or whether it may be so much; None: nothing is to be copied."""

    async def show_changes(self, changes: Changes) -> EditAnswer:
        """Show what was changed in a file, and return what to do with it."""
