"""What the rooms of snapshots, volumes and secrets share: the fleet, a question before deleting, a log as it comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from daytona_tui.cli.trouble import declined, no_terminal

if TYPE_CHECKING:
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.shelf_users import Thing
    from daytona_tui.presentation.questions import Question

_MANY = 3
"""Things from which on their number is to be typed."""


def iso(at: datetime | None) -> str | None:
    """Return a time as JSON has it."""
    return None if at is None else at.isoformat()


def sandbox_object(sandbox: Sandbox) -> dict[str, object]:
    """Return a sandbox that uses something, in short. The keys are a promise."""
    return {"id": sandbox.id, "name": sandbox.name, "state": sandbox.state.value}


async def fleet_of(gateway: Gateway) -> tuple[Sandbox, ...]:
    """Return every sandbox that the key can see."""
    from daytona_tui.transfer.concurrency import closing

    async with closing(gateway.list_pages()) as pages:
        return tuple([sandbox async for page in pages for sandbox in page])


def require_answer(yes: bool) -> None:
    """Make sure that somebody can be asked, or has said yes in advance.

    Raises:
        Refusal: neither.
    """
    from daytona_tui.cli import asking

    if not yes and not asking.can_ask():
        raise no_terminal()


async def agree(questions: Sequence[Question], noun: str, *, yes: bool, dry_run: bool) -> None:
    """Say what is to be deleted and who uses it, and ask once about everything.

    Raises:
        Refusal: the answer is no.
    """
    from daytona_tui.cli import asking, narration

    for question in questions:
        if yes and not dry_run:  # somebody has agreed: what speaks against it is said all the same
            if question.cautions:
                narration.say(f"{question.lines[0]}: {question.cautions}")
            continue
        narration.say(question.title)
        for line in (*question.lines, question.effect, question.cautions, question.warning):
            if line:
                narration.add(line)
    if yes or dry_run:
        return
    count = len(questions)
    word = str(count) if count >= _MANY else "yes"
    if not await asking.agreed(f"Delete {count} {noun}{'s' if count != 1 else ''}?", word):
        raise declined()


async def delete_each(things: Sequence[Thing], delete: Callable[[Thing], Awaitable[None]], *, dry_run: bool) -> None:
    """Delete things one after the other, say so, and tell them all; only tell them for ``dry_run``."""
    from daytona_tui.cli import done, narration

    for each in things if not dry_run else ():
        await delete(each)
        narration.say(f"{each.name}: deleted")
    done.tell([(each.id, each.name) for each in things], "delete", dry_run=dry_run)


class Telling:
    """Writes what a build says to stderr, line by line."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        self._is_quiet = is_quiet
        self._rest = ""

    def __call__(self, text: str) -> None:
        """Take in what came, cut anywhere."""
        from daytona_tui.cli import narration

        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines if not self._is_quiet else ():
            narration.add(line.rstrip("\r").rpartition("\r")[2])

    def end(self) -> None:
        """Say what is left."""
        if self._rest:
            self("\n")
