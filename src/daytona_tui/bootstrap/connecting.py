"""Connections that take a moment: their key is in the keyring, or their server is just starting."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass

from daytona_tui.client import FirstPage
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.config.settings import Settings
from daytona_tui.config.system_keyring import ANSWER_S, key_from_keyring
from daytona_tui.errors import ConfigError


class KeyFromKeyring:
    """A connection whose key the system's keyring is asked for, which may want to be unlocked first.

    Args:
        settings: name the entry.
        hide: told the key as soon as it is known.

    Raises:
        ConfigError: everything but the key is missing or wrong already.
    """

    def __init__(self, settings: Settings, hide: Callable[[Secret], None] = lambda _: None) -> None:
        settings.connection(Secret("unknown-yet"))
        self._settings = settings
        self._hide = hide
        self._key = key_from_keyring(settings.keyring)

    def connection(self) -> Connection:
        """Wait for the key and return the connection. Blocks; may be called from any thread.

        Raises:
            ConfigError: the keyring has no such key, cannot be used, or does not answer.
        """
        try:
            key = self._key.result(ANSWER_S)
        except TimeoutError:
            raise ConfigError("the keyring does not answer", hint="unlock it, then try again") from None
        self._hide(key)
        return self._settings.connection(key)

    async def _arriving(self) -> Connection:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                await asyncio.wait([asyncio.wrap_future(self._key)])
        if not self._key.done():
            raise ConfigError("the keyring does not answer", hint="unlock it, then try again")
        return self.connection()

    def __await__(self) -> Generator[None, None, Connection]:
        return self._arriving().__await__()


@dataclass(frozen=True)
class Ahead:
    """What is on its way to a choice already: its connection, and the first page of its fleet."""

    connection: Connection | Awaitable[Connection]
    first_page: FirstPage | None

    @classmethod
    def of(cls, settings: Settings, hide: Callable[[Secret], None], *, fetches: bool = True) -> Ahead:
        """Begin to ask the keyring where the key lies there, and to fetch the first page."""
        if settings.keyring:
            asked = KeyFromKeyring(settings, hide)
            return cls(asked, _fetching(asked.connection) if fetches else None)
        connection = settings.connection()
        return cls(connection, _fetching(lambda: connection) if fetches else None)

    @classmethod
    def local(cls, connection: Callable[[], Connection]) -> Ahead:
        """Begin to fetch the first page of an emulator that is starting."""
        return cls(_Later(connection), _fetching(connection))


def _fetching(connection: Callable[[], Connection]) -> FirstPage:
    first_page = FirstPage(connection)
    first_page.start()
    return first_page


class _Later:
    """A connection that is on its way: awaiting it asks a blocking callable in a thread."""

    def __init__(self, connection: Callable[[], Connection]) -> None:
        self._connection = connection

    def __await__(self) -> Generator[None, None, Connection]:
        return asyncio.to_thread(self._connection).__await__()
