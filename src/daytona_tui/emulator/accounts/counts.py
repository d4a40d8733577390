"""How many records of the catalogue count towards their quotas: in which states they do, as on the last open server."""

from __future__ import annotations

from daytona_tui.emulator.fleet.catalogue import Catalogue

_SNAPSHOTS_COUNTED = frozenset({"building", "pending", "pulling", "snapshotting", "active"})
_VOLUMES_UNCOUNTED = frozenset({"deleted", "error"})


def counted_snapshots(catalogue: Catalogue) -> int:
    """Return how many snapshots count: the organisation's own that take up room."""
    records = catalogue.snapshots.records.values()
    return sum(record.state in _SNAPSHOTS_COUNTED and not record.is_general for record in records)


def counted_volumes(catalogue: Catalogue) -> int:
    """Return how many volumes count."""
    return sum(record.state not in _VOLUMES_UNCOUNTED for record in catalogue.volumes.records.values())
