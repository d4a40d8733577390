"""Volumes made and waited for."""

from __future__ import annotations

import asyncio
import time

from daytona_tui.domain.ports.shelves import Volumes
from daytona_tui.domain.volumes import Volume, VolumeState
from daytona_tui.errors import NotFoundError, OperationTimeoutError, RemoteError

_FIRST_POLL_S, _POLL_S = 0.1, 1.0


async def make_volume(gateway: Volumes, name: str, *, timeout_s: float, waits: bool = True) -> Volume:
    """Make a volume and return it once it is ready, or as soon as it is accepted.

    Raises:
        ConfigError: the name is not what the server takes.
        RemoteError: it could not be made.
        OperationTimeoutError: it is not ready yet.
    """
    deadline = time.monotonic() + timeout_s
    volume = await gateway.create_volume(name)
    pause = _FIRST_POLL_S
    while waits and not volume.state.is_settled:
        if time.monotonic() >= deadline:
            raise OperationTimeoutError(
                f"the volume {name} is not ready yet: {volume.state.value.replace('_', ' ')}",
                hint="the server goes on with it; the list of volumes tells when it is done",
            )
        await asyncio.sleep(pause)
        pause = min(_POLL_S, pause * 1.5)
        made = next((each for each in await gateway.volumes() if each.id == volume.id), None)
        if made is None:
            raise NotFoundError(f"the volume {name} is gone", source="api")
        volume = made
    if volume.state is VolumeState.ERROR:
        raise RemoteError(f"the volume {name} could not be made: {volume.error_reason or 'no reason was told'}")
    return volume
