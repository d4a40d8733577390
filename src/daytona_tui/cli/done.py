"""What was done to several things, as data: a row for each, of the same keys whatever the thing and the deed."""

from __future__ import annotations

from collections.abc import Iterable

from daytona_tui.cli import grammar, output


def as_object(thing_id: str, name: str, verb: str, status: str) -> dict[str, object]:
    """Return what ``--json`` shows of a deed. The keys are a promise: more may come, none goes or changes.

    Args:
        thing_id: of what it was done to.
        name: of it.
        verb: the deed, as the command line calls it.
        status: ``done``, or ``planned`` where it was only asked what would be.
    """
    return {"id": thing_id, "name": name, "verb": verb, "status": status}


def tell(things: Iterable[tuple[str, str]], verb: str, *, dry_run: bool = False) -> None:
    """Write id and name of each thing with what became of it, where a program reads; people were told on the way."""
    form = grammar.common().form
    if form.is_data:
        status = "planned" if dry_run else "done"
        output.as_data([as_object(thing_id, name, verb, status) for thing_id, name in things], form)
