"""What a start makes of the state that an earlier emulator left: every record settled, nothing lost, nothing stray.

However an emulator ended, none of its processes lives on, so no sandbox runs when the next one starts. What was under
way is settled by what is on the disk:

- a sandbox that ran, was paused, or was just coming up is stopped, with a reason, and has its files;
- one that was being stopped is stopped;
- one that was being destroyed is destroyed;
- one that was being archived is archived if its archive is whole, and stopped otherwise;
- one that was being restored is archived if its archive is whole, and stopped otherwise;
- one whose image was being built has failed to build;
- a fork whose files were being copied is in error, and has none.

A snapshot that was being made has failed, too; a volume that was coming or going has come or gone.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, TypeVar

from daytona_tui.emulator.fleet.catalogue import Catalogue
from daytona_tui.emulator.fleet.records import SandboxRecord, is_uuid
from daytona_tui.emulator.fleet.shelf import Shelf
from daytona_tui.emulator.state.journal import SANDBOX
from daytona_tui.emulator.state.lifeline import remove_tree
from daytona_tui.emulator.state.spelling import read, spell
from daytona_tui.emulator.state.statedir import StateDirectory, StateDirectoryError
from daytona_tui.emulator.state.store import Batch, StoreError

_log = logging.getLogger(__name__)
T = TypeVar("T")

RAN = "The emulator ended while the sandbox was {}"
"""Why a sandbox is stopped that nobody stopped."""
UNBUILT = "The emulator ended while the image was being built"
UNCOPIED = "The emulator ended while the files of the parent were being copied"
UNMADE = "The emulator ended while the snapshot was being made"

_SETTLED = frozenset({"stopped", "archived", "error", "build_failed"})
_BUILDING = frozenset({"pending_build", "building_snapshot", "pulling_snapshot"})
_STORING = frozenset({"archiving", "restoring"})
_MAKING = frozenset({"pending", "building", "pulling", "validating", "snapshotting"})
_VOLUMES = {"pending_create": "ready", "creating": "ready", "pending_delete": "deleted", "deleting": "deleted"}
_BACKING_UP = frozenset({"Pending", "InProgress"})
_GOING = frozenset({"destroying", "destroyed"})


def kept_sandboxes(directory: StateDirectory) -> list[SandboxRecord]:
    """Return the sandboxes of an earlier life, settled, and remove what is left of others. Blocks on disk.

    Raises:
        StateDirectoryError: a record cannot be understood.
    """
    records, changes = [], Batch()
    for record in _kept(directory, SANDBOX, SandboxRecord):
        if not is_uuid(record.id):
            raise StateDirectoryError(f"{directory.named} holds a sandbox with an impossible id: {record.id!r}")
        before = _standing(record)
        has_archive = record.state in _STORING and _has_archive(directory, record.id)
        has_body = not _is_new_fork(record) or directory.sandbox_root(record.id).is_dir()
        if _standing(settled(record, has_archive=has_archive, has_body=has_body)) != before:
            changes.records[SANDBOX, record.id] = spell(record)
        records.append(record)
    if directory.store is not None:
        if not directory.store.is_new:  # of a lost database, the files are all that is left
            _sweep(directory, records)
        try:
            directory.store.write(changes)
        except StoreError as error:
            raise StateDirectoryError(str(error)) from error
    return records


def fill(shelf: Shelf[Any], kind: type, directory: StateDirectory) -> None:
    """Put what an earlier life kept of ``kind`` on a shelf, without telling its listeners. Blocks on disk.

    What is on the shelf from the start stays only where there was no earlier life: it may have been removed in it.

    Raises:
        StateDirectoryError: a record cannot be understood.
    """
    kept: list[Any] = _kept(directory, shelf.kind, kind)
    if kept:
        shelf.records.clear()
    shelf.records.update((record.id, record) for record in kept)


def fill_catalogue(catalogue: Catalogue, directory: StateDirectory, sandbox_ids: Collection[str]) -> None:
    """Put back what the organisation had besides sandboxes, with what was under way settled. Blocks on disk.

    Files of volumes and snapshots that are no more are removed.

    Raises:
        StateDirectoryError: a record cannot be understood.
    """
    for shelf, kind in catalogue.shelves:
        fill(shelf, kind, directory)
    for snapshot in list(catalogue.snapshots.records.values()):
        if snapshot.state in _MAKING:
            snapshot.state, snapshot.error_reason = "build_failed" if snapshot.build_info else "error", UNMADE
        elif snapshot.state == "removing":
            del catalogue.snapshots.records[snapshot.id]
    for volume in catalogue.volumes.records.values():
        volume.state = _VOLUMES.get(volume.state, volume.state)
    if directory.store is not None and not directory.store.is_new:
        volumes = {each.id for each in catalogue.volumes.records.values() if each.state != "deleted"}
        snapshots = catalogue.snapshots.records
        _keep_only(volumes, directory.volume_root("x").parent)
        _keep_only({each.id for each in snapshots.values() if each.has_files}, directory.template_root("x").parent)
        _keep_only({*snapshots, *sandbox_ids}, directory.build_log("x").parent)


def settled(record: SandboxRecord, *, has_archive: bool, has_body: bool) -> SandboxRecord:
    """Return ``record`` in the state in which its sandbox is after the end of an emulator.

    Args:
        record: the sandbox as it was when the emulator ended.
        has_archive: whether there is a whole archive of it, if it was being archived or restored.
        has_body: whether there are its files, if it was being forked from another.
    """
    record.pending = False
    if record.state in _GOING or (record.state == "stopped" and record.desired_state == "destroyed"):
        record.state = record.desired_state = "destroyed"
    elif record.state in _BUILDING:
        record.state, record.error_reason = "build_failed", UNBUILT
    elif not has_body:
        record.state, record.error_reason = "error", UNCOPIED
    elif record.state in _STORING:
        record.state = record.desired_state = "archived" if has_archive else "stopped"
        record.backup_state = "Completed" if has_archive else record.backup_state
    elif record.state == "stopping":
        record.state = record.desired_state = "stopped"
    elif record.state not in _SETTLED:
        record.error_reason = RAN.format("running" if record.state == "started" else record.state)
        record.state = record.desired_state = "stopped"
    elif record.state not in {"error", "build_failed"}:
        record.desired_state = record.state
    if record.backup_state in _BACKING_UP:
        record.backup_state = "None"
    return record


def _is_new_fork(record: SandboxRecord) -> bool:
    return record.parent_id is not None and record.state == "creating"


def _standing(record: SandboxRecord) -> tuple[object, ...]:
    """Return all that settling can change."""
    return record.state, record.desired_state, record.error_reason, record.pending, record.backup_state


def _sweep(directory: StateDirectory, records: Iterable[SandboxRecord]) -> None:
    """Remove what belongs to sandboxes that are no more, and halves; only what bears one of our names is touched."""
    living = {record.id for record in records if not record.is_hidden}
    archives = _children(directory.archive_file("x").parent)
    archived = {file.name.partition(".")[0] for file in archives if file.suffix != ".part"}
    _keep_only(living - archived, directory.sandbox_root("x").parent)
    for place in (directory.archive_file("x").parent, directory.backup_file("x").parent):
        _keep_only(living, place)


def _keep_only(living: Collection[str], place: Path) -> None:
    """Remove from a directory of ours what is named after an id that is none of ``living``, and halves."""
    for each in _children(place):
        owner, _, ending = each.name.partition(".")
        if is_uuid(owner) and (owner not in living or ending.endswith("part")):
            _log.info("removing what is left of %s", owner)
            try:
                if each.is_dir() and not each.is_symlink():
                    remove_tree(each)
                else:
                    each.unlink(missing_ok=True)
            except OSError as error:  # it can wait for another start
                _log.warning("cannot remove %s: %s", each, error)


def _kept(directory: StateDirectory, kind: str, shape: type[T]) -> list[T]:
    if directory.store is None:
        return []
    found = []
    try:
        for record_id, values in directory.store.records(kind):
            try:
                found.append(read(shape, values))
            except ValueError as error:
                raise StoreError(f"cannot read {kind} {record_id} in {directory.named}: {error}") from error
    except StoreError as error:
        raise StateDirectoryError(str(error)) from error
    return found


def _children(place: Path) -> list[Path]:
    try:
        return sorted(place.iterdir())
    except OSError:
        return []


def _has_archive(directory: StateDirectory, sandbox_id: str) -> bool:
    return directory.named is not None and directory.archive_file(sandbox_id).is_file()
