"""Ending several things that run in a sandbox, by name: all of them or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from daytona_tui.cli.trouble import Refusal, declined
from daytona_tui.errors import NotFoundError

_Thing = TypeVar("_Thing")


async def end(
    names: Sequence[str],
    there: Mapping[str, _Thing],
    runs: Callable[[_Thing], list[str]],
    close: Callable[[str], Awaitable[None]],
    *,
    yes: bool,
    lacks: Callable[[str], NotFoundError],
) -> None:
    """End each of ``names`` once, after asking where something runs, and tell it.

    Args:
        names: as they were typed.
        there: what can be ended, by name.
        runs: says what of a thing runs, in words; nothing: it need not be asked about.
        close: ends one.
        yes: do not ask.
        lacks: the error for a name that is not there.

    Raises:
        NotFoundError: a name is not there; nothing was ended.
        Refusal: nobody can be asked, or the answer is no.
    """
    from daytona_tui.cli import done, narration

    wanted = list(dict.fromkeys(names))
    if missing := [name for name in wanted if name not in there]:
        raise lacks(missing[0])
    if busy := [each for name in wanted for each in runs(there[name])]:
        await agree(busy, yes=yes)
    for name in wanted:
        await close(name)
        narration.say(f"{name}: ended")
    done.tell([(name, name) for name in wanted], "delete")


async def agree(running: Sequence[str], *, yes: bool) -> None:
    """Name what would end, and ask.

    Raises:
        Refusal: nobody can be asked, or the answer is no.
    """
    from daytona_tui.cli import asking, narration

    for each in running:
        narration.say(f"runs, and is ended: {each}")
    if yes:
        return
    if not asking.can_ask():
        raise Refusal("no_terminal", "there is no terminal to ask at", hint="--yes ends them without asking")
    if not await asking.agreed(f"End {len(running)} running?", "yes"):
        raise declined()
