"""What is asked before a danger: which sandboxes, what is lost, and what has to be typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from daytona_tui.domain.cautions import cautions
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.columns import state_word
from daytona_tui.presentation.human import age
from daytona_tui.presentation.safe_text import cell_width, clip, safe

NAMED = 8
"""Sandboxes that are named one by one; of more, the number is told."""


@dataclass(frozen=True)
class Question:
    """A question that can be answered with yes or no.

    Attributes:
        title: the deed and its object.
        lines: the objects, one safe line each.
        warning: what cannot be undone.
        cautions: what speaks against it.
        yes: the button that does it.
        typed: what has to be typed before that button works; empty: nothing.
        effect: what it frees and takes; empty where that is nothing.
        notes: who of the marked is hidden and who is left out, one safe line each.
        is_danger: something is lost by it.
    """

    title: str
    lines: tuple[str, ...]
    warning: str
    yes: str
    cautions: str = ""
    typed: str = ""
    effect: str = ""
    notes: tuple[str, ...] = ()
    is_danger: bool = True


def delete_question(
    sandboxes: Sequence[Sandbox], now: datetime, me: frozenset[str] = frozenset(), *, skipped: int = 0
) -> Question:
    """Return the question before deleting ``sandboxes``, which are one at least."""
    first = sandboxes[0]
    is_one = len(sandboxes) == 1
    doubts = cautions(sandboxes, now, me)
    lines = [_line(sandbox, now) for sandbox in sandboxes[:NAMED]]
    if len(sandboxes) > NAMED:
        lines.append(f"… and {len(sandboxes) - NAMED} more")
    if skipped:
        lines.append(f"{skipped} marked left out: being deleted already")
    return Question(
        title=f"Delete {clip(safe(first.name), 40)}?" if is_one else f"Delete {len(sandboxes)} sandboxes?",
        lines=tuple(lines),
        warning=_loss(sandboxes),
        yes="Delete" if is_one else f"Delete {len(sandboxes)}",
        cautions="Careful: " + ", ".join(doubts) + "." if doubts else "",
        typed=(_to_type(first) if is_one else str(len(sandboxes))) if doubts else "",
    )


def _to_type(sandbox: Sandbox) -> str:
    """Return what tells one sandbox well enough and can be typed."""
    # Nobody named it: what the list shows of its id does.
    name = sandbox.id[:8] if sandbox.name == sandbox.id else sandbox.name
    # A name that cannot be typed as it is shown would lock the door: then the number does.
    return name if name and safe(name) == name.strip() else "1"


def stop_question(sandboxes: Sequence[Sandbox], now: datetime) -> Question:
    """Return the question before stopping sandboxes some of which are deleted by that."""
    doomed = [sandbox for sandbox in sandboxes if is_deleted_by_stopping(sandbox)]
    is_one = len(sandboxes) == 1
    return Question(
        title=f"Stop {clip(safe(sandboxes[0].name), 40)}?" if is_one else f"Stop {len(sandboxes)} sandboxes?",
        lines=tuple(_line(sandbox, now) for sandbox in doomed[:NAMED])
        + ((f"… and {len(doomed) - NAMED} more",) if len(doomed) > NAMED else ()),
        warning=_stop_loss(len(doomed), len(sandboxes)),
        yes="Stop and delete",
    )


def is_deleted_by_stopping(sandbox: Sandbox) -> bool:
    """True when nothing is left of the sandbox once it stops."""
    return sandbox.is_running and sandbox.lifetimes.auto_delete_min == 0


def _stop_loss(doomed: int, asked: int) -> str:
    which = "it" if asked == 1 else f"{doomed} of them" if doomed < asked else "all of them"
    owner = "its" if doomed == 1 else "their"
    return f"Stopping deletes {which}, with {owner} files: {owner} auto-delete is 0."


def _loss(sandboxes: Sequence[Sandbox]) -> str:
    owner = "Its" if len(sandboxes) == 1 else "Their"
    what = "files and running programs" if any(sandbox.is_running for sandbox in sandboxes) else "files"
    return f"{owner} {what} are lost for good."


def _line(sandbox: Sandbox, now: datetime) -> str:
    owner = owner_of(sandbox)
    made = age((now - sandbox.created_at).total_seconds()) if sandbox.created_at else "—"
    name = clip(safe(sandbox.name), 28)
    parts = [state_word(sandbox), safe(owner.name) or "no owner known", f"{made} old"]
    return f"{name}{' ' * (28 - cell_width(name))}  {' · '.join(parts)}"
