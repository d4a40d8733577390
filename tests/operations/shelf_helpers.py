"""Sandboxes with something of the shelf in them."""

from __future__ import annotations

from typing import Any

import aiohttp

from daytona_tui.emulator.server import Emulator


async def sandbox_with(emulator: Emulator, name: str, **fields: Any) -> str:
    """Make a sandbox that has volumes or secrets; return its id."""
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{emulator.api_url}/sandbox", json={"name": name, **fields}) as response,
    ):
        told = await response.json()
        assert response.status == 200, told
        return str(told["id"])
