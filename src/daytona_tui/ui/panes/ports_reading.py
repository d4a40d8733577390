"""Reads which ports programs listen on, and their links. All of it peeks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from daytona_tui.domain.previews import Listener, PreviewLink
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError, UnsupportedError
from daytona_tui.operations.listeners import joined, programs
from daytona_tui.presentation.phrases import phrase
from daytona_tui.ui.services import Services

LOOK_S = 3.0
"""Seconds between two looks while somebody watches."""
PROGRAMS_EVERY = 8
"""Looks after which programs are looked for again though no port is another."""


class PortsReading:
    """What is known of the ports of the sandbox that is looked at.

    Attributes:
        listeners: what listens; empty before the first look.
        links: of the ports that were asked for.
        is_read: there was a look.
        trouble: why the last look failed, in words; empty when it did not.
        unlinked: why there are no links, in words; empty when there may be.
    """

    def __init__(self, services: Services, changed: Callable[[], None]) -> None:
        self._services = services
        self._changed = changed
        self.again = asyncio.Event()
        self.forget()

    def forget(self, sandbox_id: SandboxId | None = None) -> None:
        """Know nothing: another sandbox is looked at, or none."""
        self._sandbox_id = sandbox_id
        self.listeners: tuple[Listener, ...] = ()
        self.links: dict[int, PreviewLink] = {}
        self.is_read = False
        self.trouble = ""
        self.unlinked = ""

    async def watch(self, sandbox_id: SandboxId, asked: Callable[[], frozenset[int]]) -> None:
        """Look again and again.

        Args:
            sandbox_id: where.
            asked: ports that somebody named: they get links though nothing listens there.
        """
        seen: tuple[Listener, ...] = ()
        before: tuple[int, ...] | None = None
        looks = 0
        while True:
            self.again.clear()
            try:
                ports = await self._services.gateway.listening_ports(sandbox_id)
                self._take(joined(ports, seen))
                if ports != before or looks % PROGRAMS_EVERY == 0:
                    seen, before = await programs(self._services.gateway, sandbox_id), ports
                    self._take(joined(ports, seen))
                looks += 1
                for port in sorted({*(each.port for each in self.listeners), *asked()} - self.links.keys()):
                    await self.link(sandbox_id, port)
                    self._changed()
            except UnsupportedError as error:
                self.unlinked = phrase(error).detail
                self._changed()
            except DaytonaTuiError as error:
                self.trouble = phrase(error).line
                self._changed()
            await self._pause()

    async def link(self, sandbox_id: SandboxId, port: int) -> PreviewLink:
        """Return the link of a port, read if need be.

        Raises:
            DaytonaTuiError: there is none.
        """
        # By the time of the answer another sandbox may be looked at: it must not get this one's link.
        links = self.links if sandbox_id == self._sandbox_id else {}
        if port not in links:
            links[port] = await self._services.gateway.preview_link(sandbox_id, port)
        return links[port]

    def _take(self, listeners: tuple[Listener, ...]) -> None:
        if (listeners, True, "") != (self.listeners, self.is_read, self.trouble):
            self.listeners, self.is_read, self.trouble = listeners, True, ""
            self._changed()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self.again.wait(), LOOK_S)
        except TimeoutError:
            return
