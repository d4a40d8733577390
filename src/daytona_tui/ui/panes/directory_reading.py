"""Reads the directories of the files pane, a few at a time, the one asked for last first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from textual.timer import Timer

from daytona_tui.domain.files import in_order
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import ConflictError, DaytonaTuiError, RemoteError, UnreachableError
from daytona_tui.presentation.phrases import phrase
from daytona_tui.store.files import RemoteTree
from daytona_tui.ui.services import Services

LATE_S = 0.2
"""Reading that takes longer than this is said."""

AT_ONCE = 4
"""Directories that are read at the same time: the way to a deep one, or all that are open, takes less long."""
AGAIN_S = (1.0, 2.0, 4.0)
"""Pauses before the directory at the top is read again by itself: one that has just started may not answer yet."""

_PASSING = (ConflictError, RemoteError, UnreachableError)
_MANY = 500


class DirectoryReading:
    """Which directories are to be read, and the reading of them."""

    def __init__(
        self,
        services: Services,
        set_timer: Callable[[float, Callable[[], None]], Timer],
        changed: Callable[[bool], None],
    ) -> None:
        """Remember whom to tell.

        Args:
            services: where it is read.
            set_timer: of the pane, so that nothing is said after its end.
            changed: told that the tree is different; True while the working directory itself is late.
        """
        self._services = services
        self._set_timer = set_timer
        self._changed = changed
        self._wanted: asyncio.LifoQueue[str] = asyncio.LifoQueue()
        self._under_way: dict[str, bool] = {}
        """What is being read now, and whether it is wanted once more after that."""
        self._again: Timer | None = None
        self._failures = 0

    @property
    def is_idle(self) -> bool:
        """True when all that was asked for is read."""
        return not self._under_way and self._wanted.empty()

    def want(self, *paths: str) -> None:
        """Read directories soon, the last of them first; the empty path is the working directory."""
        for path in paths:
            self._wanted.put_nowait(path)

    def want_again(self, tree: RemoteTree) -> None:
        """Read again what is open."""
        self.want(*(reversed(tree.open_paths()) if tree.root else ("",)))

    def forget(self) -> None:
        """Read nothing of what was asked for."""
        if self._again is not None:
            self._again.stop()
        self._failures = 0
        self._wanted = asyncio.LifoQueue()
        self._under_way = {}

    async def read(self, sandbox_id: SandboxId, tree: RemoteTree) -> None:
        """Read what is asked for into ``tree``, for as long as this sandbox is shown."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._read_on(sandbox_id, tree))

    async def _read_on(self, sandbox_id: SandboxId, tree: RemoteTree) -> None:
        wanted, under_way = self._wanted, self._under_way
        while True:
            path = await wanted.get()
            if path in under_way:
                under_way[path] = True
                continue
            late = self._set_timer(LATE_S, partial(self._say_late, tree, path))
            under_way[path] = False
            try:
                await self._read_one(sandbox_id, tree, path)
            finally:
                late.stop()
                if under_way.pop(path):  # it may have changed since it was asked for first
                    wanted.put_nowait(path)
            self._changed(False)

    async def _read_one(self, sandbox_id: SandboxId, tree: RemoteTree, path: str) -> None:
        gateway = self._services.gateway
        try:
            if not path and not tree.root:
                tree.set_root(await gateway.work_dir(sandbox_id))
            path = path or tree.root
            entries = await gateway.list_dir(sandbox_id, path)
            # Thousands of entries take long enough to be felt in a key press.
            entries = await asyncio.to_thread(in_order, entries) if len(entries) > _MANY else in_order(entries)
        except DaytonaTuiError as error:
            self._try_again(error, tree, path)
            if path or tree.root:
                tree.failed(path or tree.root, phrase(error).line)
            else:
                tree.error = phrase(error).line
        else:
            self._failures = 0
            tree.loaded(path, entries, is_ordered=True)

    def _try_again(self, error: DaytonaTuiError, tree: RemoteTree, path: str) -> None:
        is_all = path == tree.root
        if is_all and isinstance(error, _PASSING) and self._failures < len(AGAIN_S):
            self._again = self._set_timer(AGAIN_S[self._failures], partial(self.want, path))
            self._failures += 1

    def _say_late(self, tree: RemoteTree, path: str) -> None:
        if path:
            tree.listing(path).is_late = True
        self._changed(not path)
