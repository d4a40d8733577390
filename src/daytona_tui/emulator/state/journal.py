"""What keeps the control plane's records: told of each change, it commits them in groups, off the event loop."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import Fleet, SandboxRecord
from daytona_tui.emulator.fleet.shelf import Kept, Shelf
from daytona_tui.emulator.state.spelling import spell
from daytona_tui.emulator.state.store import Batch, Store, StoreError

_log = logging.getLogger(__name__)

SANDBOX = "sandbox"
"""Kind of the sandboxes' records; a shelf's records have the shelf's kind."""

_AT_ONCE = 500  # records that are spelt between two turns of the event loop
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_KEPT_PATHS = ("/api/", "/_emulator/")


class _Group:
    """Changes that will be committed together, and the moment at which they are."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], object | None] = {}
        self.entries: list[tuple[str, str]] = []
        self.committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __len__(self) -> int:
        return len(self.records) + len(self.entries)


class Journal:
    """Writes what it is told to a store; without a store it does nothing at all."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: _Group | None = None
        self._writing: _Group | None = None
        self._writer: asyncio.Task[None] | None = None

    def open(self, store: Store | None) -> None:
        """Begin to write to ``store``; with None there is nothing to keep."""
        self._store = store
        if store is not None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    def note(self, kind: str, record_id: str, values: object | None) -> None:
        """Keep a record; None forgets it.

        Args:
            kind: what it is, such as ``sandbox``.
            record_id: its id, unique in its kind.
            values: a dataclass or a mapping of JSON values, or a function that returns one or None. It is spelt a
                little later; what changes until then is kept as well.
        """
        if self._store is not None:
            self._next().records[kind, record_id] = values

    def append(self, kind: str, values: Mapping[str, Any]) -> None:
        """Keep an entry of what is only ever added to, such as the audit log."""
        if self._store is not None:
            self._next().entries.append((kind, spell(values)))

    def watch_fleet(self, fleet: Fleet) -> None:
        """Keep every sandbox of ``fleet`` as it changes from here on."""

        def changed(_event: str, record: SandboxRecord, _extra: Mapping[str, object]) -> None:
            # Asked for when it is written: listeners hear of a sandbox's end before the fleet forgets it.
            self.note(SANDBOX, record.id, functools.partial(fleet.recall, record.id))

        fleet.subscribe(changed)

    def watch_shelf(self, shelf: Shelf[Any]) -> None:
        """Keep every record of ``shelf``: those that are there, and each change from here on."""

        def changed(_event: str, record: Kept, _extra: Mapping[str, object]) -> None:
            self.note(shelf.kind, record.id, functools.partial(shelf.records.get, record.id))

        for record_id in shelf.records:
            self.note(shelf.kind, record_id, functools.partial(shelf.records.get, record_id))
        shelf.subscribe(changed)

    async def settle(self) -> None:
        """Return when everything that was noted so far is committed.

        Raises:
            StoreError: it could not be; it is tried again with the next change.
        """
        if self._waiting is not None:
            self._next()  # a failed attempt is made again
        for group in (self._writing, self._waiting):
            if group is not None:
                await asyncio.shield(group.committed)

    async def close(self) -> None:
        """Write what waits, and let go of the store. Idempotent."""
        try:
            await self.settle()
        except StoreError:
            _log.exception("the last changes are lost")
        self._store = self._waiting = None
        if self._thread is not None:
            self._thread.shutdown(wait=False)
            self._thread = None

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request that changes the control plane only when the change is committed."""
        response = await handler(request)
        if request.method not in _READING and request.path.startswith(_KEPT_PATHS):
            try:
                await self.settle()
            except StoreError as error:
                raise ApiError(507, f"The change was made and could not be kept: {error}") from error
        return response

    def _next(self) -> _Group:
        """Return the group that is committed next; somebody will commit it."""
        if self._waiting is None:
            self._waiting = _Group()
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_on(), name="journal")
        return self._waiting

    async def _write_on(self) -> None:
        while (group := self._waiting) is not None:
            self._writing, self._waiting = group, None
            try:
                await self._commit(group)
            except StoreError as error:
                self._give_up(group, error)
                break
            group.committed.set_result(None)
        self._writing = self._writer = None

    async def _commit(self, group: _Group) -> None:
        batch = Batch(entries=group.entries)
        for number, (key, values) in enumerate(group.records.items(), 1):
            given = values() if callable(values) else values
            try:
                batch.records[key] = None if given is None else spell(given)
            except (TypeError, ValueError):  # one odd record must not cost the others
                _log.exception("%s %s cannot be kept", *key)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        if self._store is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._store.write, batch)

    def _give_up(self, group: _Group, error: StoreError) -> None:
        """Tell those who wait, and keep the changes for the next attempt, which comes with the next change."""
        _log.error("could not keep %d changes: %s", len(group), error)
        later = self._waiting
        failed = [group] if later is None else [group, later]
        for each in failed:
            each.committed.set_exception(error)
            each.committed.exception()  # seen, also when nobody waits for it
        self._waiting = _Group()
        for each in failed:
            self._waiting.records.update(each.records)
            self._waiting.entries.extend(each.entries)
