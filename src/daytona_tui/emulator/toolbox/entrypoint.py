"""What a sandbox was made to run: a command in a session of its own, there when first asked for."""

from __future__ import annotations

import asyncio
import shlex

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.toolbox.executions import Wish
from daytona_tui.emulator.toolbox.sessions import Session, create_session

ENTRYPOINT_SESSION, ENTRYPOINT_COMMAND = "entrypoint_session_id", "entrypoint_command_id"
"""The daemon's own ids of what a sandbox was made to run."""
DEFAULT_ENTRYPOINT = ("sleep", "infinity")


class Entrypoint:
    """What a sandbox was made to run, in a session of its own."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._turn = asyncio.Lock()

    async def session(self) -> Session:
        """Return its session; it is started when it is not there yet.

        Raises:
            BoxClosedError: the box is closed.
        """
        async with self._turn:
            session = self._box.services(Session).get(ENTRYPOINT_SESSION)
            if session is None:
                session = await create_session(self._box, ENTRYPOINT_SESSION)
                command = shlex.join(self._box.entrypoint or DEFAULT_ENTRYPOINT)
                await session.run(Wish(command=command, command_id=ENTRYPOINT_COMMAND))
            return session

    async def finished(self) -> None:
        """Do nothing: the session ends with the others."""


async def entrypoint(box: Box) -> Session:
    """Return the session of a box's entrypoint, started if need be; raises BoxClosedError."""
    return await box.services(Entrypoint).setdefault("", Entrypoint(box)).session()
