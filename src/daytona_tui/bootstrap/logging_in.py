"""Tries a key on its server, and keeps it if it is good."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from daytona_tui.client import open_gateway
from daytona_tui.config.system_keyring import ANSWER_S, beside
from daytona_tui.domain.ports import Identity
from daytona_tui.errors import ConfigError
from daytona_tui.operations import login

_BEFORE = ("DAYTONA_API_KEY", "DAYTONA_JWT_TOKEN", "DAYTONA_TUI_PROFILE")
"""Variables that say who to connect as, before a login that is kept."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A key that is good.

    Attributes:
        identity: whose it is.
        where: where it is kept, in words.
        note: what goes before it at the next start, in words; empty: nothing does.
    """

    identity: Identity
    where: str
    note: str = ""


async def log_in(order: login.Order) -> LoggedIn:
    """Try a key, and keep it where ``order`` says if the server takes it.

    Raises:
        DaytonaTuiError: the key, the address or the place is no good; nothing is kept then.
    """
    gateway = open_gateway(order.connection())
    try:
        identity = await login.try_key(gateway)
    finally:
        await gateway.close()
    kept = asyncio.wrap_future(beside(lambda: login.keep(order, identity)))
    try:
        async with asyncio.timeout(ANSWER_S):
            where = await asyncio.shield(kept)
    except TimeoutError:
        raise ConfigError("the keyring does not answer", hint="unlock it, or keep the key in a file") from None
    before = [name for name in _BEFORE if os.environ.get(name, "").strip()]
    is_kept = order.place is not login.Place.NOWHERE
    return LoggedIn(identity, where, f"{before[0]} is set and goes before it: unset it" if before and is_kept else "")
