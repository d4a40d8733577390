"""What the panes are handed: the gateway, the settings and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from daytona_tui.config.connection import Secret
from daytona_tui.config.settings import Settings
from daytona_tui.domain.ports import Gateway


@dataclass(frozen=True)
class Services:
    """Dependencies of screens and panes. No field is optional.

    Attributes:
        now: aware time in UTC.
        profile: how the status line calls the connection: ``local`` or the host.
    """

    gateway: Gateway
    settings: Settings
    now: Callable[[], datetime]
    profile: str


class Door(StrEnum):
    """Which Daytona to open."""

    ENVIRONMENT = "environment"
    """The one that flags, environment and config file name."""
    LOCAL = "local"
    """The embedded emulator."""
    KEY = "key"
    """The one the settings name, with a key that the user typed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user chose on the connect screen, or the command line for them."""

    door: Door
    key: Secret | None = None


class Opener(Protocol):
    """Makes services for a choice; implemented by the composition root."""

    @property
    def initial(self) -> Choice:
        """What the command line asked for."""

    def open(self, choice: Choice) -> Services:
        """Return services without waiting for the network.

        Raises:
            ConfigError: a setting is missing or malformed; the connect screen shows it.
        """

    async def close(self) -> None:
        """End what ``open`` started: connections, the local emulator. Idempotent."""
