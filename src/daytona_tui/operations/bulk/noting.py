"""What the journal keeps of a row, without its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from daytona_tui.domain.deeds import Deed, Verb
from daytona_tui.domain.masking import masked, masked_value
from daytona_tui.operations.bulk.rows import BulkRow
from daytona_tui.operations.equivalents import equivalent
from daytona_tui.operations.journal import BEGUN, Entry


def entry_of(row: BulkRow) -> Entry:
    """Return the entry of a row that is over."""
    return Entry(
        at=datetime.now(UTC),
        verb=row.deed.verb.value,
        sandbox_id=row.sandbox.id,
        name=row.sandbox.name,
        parameters=parameters(row.deed),
        outcome=row.status.value,
        detail=masked(row.detail),
        line=equivalent(row.deed, row.before or row.sandbox),
    )


def beginning(entry: Entry) -> Entry:
    """Return the entry of a row before it is asked for: should the program be killed, this is all that is known."""
    return replace(entry, outcome=BEGUN, detail="asked for; how it ended is not known")


def parameters(deed: Deed) -> Mapping[str, object]:
    """Return what a deed was told beside its verb, as JSON values with secrets masked."""
    match deed.verb:
        case Verb.LABELS if deed.labels is not None:
            given = {key: masked_value(key, value) for key, value in deed.labels.set.items()}
            return {"set": given, "remove": sorted(deed.labels.remove)}
        case Verb.LIFETIMES if deed.lifetimes is not None:
            return deed.lifetimes.minutes
        case Verb.RESIZE if deed.size is not None:
            return deed.size.wanted
        case Verb.FORK:
            return {"name": deed.fork_name} if deed.fork_name else {}
        case Verb.EXECUTE:
            return {"command": masked(deed.command), **({"cwd": deed.cwd} if deed.cwd else {})}
        case Verb.PULL:
            conflict = deed.options.conflict.value
            return {"source": deed.source, "destination": str(deed.destination), "conflict": conflict}
    return {}
