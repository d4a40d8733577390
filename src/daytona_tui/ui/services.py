"""What the panes are handed: the gateway, the settings and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from daytona_tui.config.connection import Secret
from daytona_tui.config.settings import Settings
from daytona_tui.domain.abilities import Abilities
from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.ports import Gateway, Identity
from daytona_tui.operations.local_traces import LocalTraces
from daytona_tui.operations.login import Order
from daytona_tui.operations.logs.kept import DIRECTORY as LOGS_DIRECTORY
from daytona_tui.operations.logs.kept import KeptLogs
from daytona_tui.operations.protection import FILE_NAME as PINS_FILE
from daytona_tui.operations.protection import Keeper, PassingPins, Pins
from daytona_tui.operations.sweep.scanning import Scanner
from daytona_tui.operations.trail_file import FILE_NAME as AUDIT_FILE
from daytona_tui.operations.who import Who
from daytona_tui.presentation.keymap import Keymap


@dataclass
class Services:
    """Dependencies of screens and panes, shared by all of them. No field is optional.

    Attributes:
        now: aware time in UTC.
        profile: how the status line calls the connection: the name of the profile, ``local`` or the host.
        profile_id: name for the files of this connection: another server, organisation or key has another.
        state_dir: directory of the files that belong to this connection alone; need not exist.
        prices: for estimates of cost.
        keymap: the keys of this run.
        read_only: why nothing may be changed, in words; empty when it may. The only field that changes while the
            program runs: it is found out late what the key may do.
        who: tells who made a sandbox, and whether it is ours; made of the others.
        pins: who is held on this machine; likewise.
        keeper: tells why a sandbox is to be kept; likewise.
        scanner: looks for leaks; likewise.
        kept_logs: the last lines of logs that were read, for when their sandbox has gone; likewise.
    """

    gateway: Gateway
    settings: Settings
    now: Callable[[], datetime]
    profile: str
    profile_id: str
    state_dir: Path
    prices: PriceBook
    keymap: Keymap
    read_only: str = ""
    who: Who = field(init=False)
    pins: Pins = field(init=False)
    keeper: Keeper = field(init=False)
    scanner: Scanner = field(init=False)
    kept_logs: KeptLogs = field(init=False)

    def __post_init__(self) -> None:
        kept = None if self.is_passing else self.state_dir / AUDIT_FILE
        self.who = Who(self.gateway, kept, self.settings.mine)
        self.pins = PassingPins() if self.is_passing else Pins(self.state_dir / PINS_FILE)
        self.keeper = Keeper(self.pins, self.settings.leak_policy, self.prices, self.now)
        traces = LocalTraces(self.settings.harbor_jobs or None)
        self.scanner = Scanner(self.gateway, self.settings.leak_policy, self.prices, self.who, self.pins, traces)
        self.kept_logs = KeptLogs(None if self.is_passing else self.state_dir / LOGS_DIRECTORY)

    @property
    def abilities(self) -> Abilities:
        """What this connection's server was found to lack so far."""
        return self.gateway.abilities

    @property
    def is_passing(self) -> bool:
        """True if what it is connected to ends with the program, so that nothing of it is worth keeping."""
        return self.profile_id == "local"


class Door(StrEnum):
    """Which Daytona to open."""

    SETTINGS = "settings"
    """The one that a profile, or else flags, environment and config file name."""
    LOCAL = "local"
    """The embedded emulator."""
    KEY = "key"
    """The one the settings name, with a key that the user typed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user chose on a screen, or the command line for them.

    Attributes:
        key: what was typed, for ``Door.KEY``.
        profile: whose settings to take; empty for none, None for the one that flags, environment or file name.
        api_url: where the server is, for ``Door.KEY``; empty: where the settings say.
    """

    door: Door
    key: Secret | None = None
    profile: str | None = None
    api_url: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A connection that can be chosen, as a list shows it. Holds no key.

    Attributes:
        name: how it is called; as the status line does once it is open.
        place: where it is: host, organisation and region.
        key: where the key lies, in words.
        origin: where it is written down, in words.
        accent: colour of its frame; empty for the usual one.
        is_read_only: its settings allow no changes.
    """

    name: str
    choice: Choice
    place: str = ""
    key: str = ""
    origin: str = ""
    accent: str = ""
    is_read_only: bool = False


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be chosen.

    Attributes:
        trouble: what could not be read, in words; empty when all could.
    """

    entries: tuple[Offer, ...]
    trouble: str = ""


class LoggedIn(Protocol):
    """A key that is good."""

    @property
    def identity(self) -> Identity:
        """Whose it is."""

    @property
    def where(self) -> str:
        """Where it is kept, in words."""

    @property
    def note(self) -> str:
        """What goes before it at the next start, in words; empty: nothing does."""


class Opener(Protocol):
    """Makes services for a choice; implemented by the composition root."""

    @property
    def initial(self) -> Choice:
        """What the command line asked for."""

    @property
    def taste(self) -> Settings:
        """What is known of how the screen is to look before anything is open; never fails."""

    @property
    def api_url(self) -> str:
        """Where the last connection was to go."""

    def open(self, choice: Choice) -> Services:
        """Return services without waiting for the network.

        Raises:
            ConfigError: a setting is missing or malformed; the connect screen shows it.
        """

    async def offers(self) -> Offers:
        """Return what can be chosen. Reads the settings again, so that a change of theirs is seen."""

    async def log_in(self, order: Order) -> LoggedIn:
        """Try a key on its server, and keep it where the order says if the server takes it.

        Raises:
            DaytonaTuiError: key, address or place is no good; nothing is kept then.
        """

    async def leave(self, services: Services) -> None:
        """Give back what ``open`` made for one choice: another is open by now. Idempotent."""

    async def close(self) -> None:
        """End what ``open`` started: connections, the local emulator. Idempotent."""
