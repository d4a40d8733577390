"""What the screen asks for its services, and for what else it could open."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from daytona_tui.bootstrap.connecting import Ahead
from daytona_tui.bootstrap.emulator_process import EmulatorProcess
from daytona_tui.client import FirstPage, open_gateway
from daytona_tui.config import paths
from daytona_tui.config.connection import DEFAULT_API_URL, NO_SECRET, Connection, Secret, shown_url
from daytona_tui.config.profiles import Profile
from daytona_tui.config.settings import Settings, read_settings
from daytona_tui.diagnostics import Diagnostics
from daytona_tui.domain.ports import Gateway
from daytona_tui.errors import ConfigError, DaytonaTuiError

if TYPE_CHECKING:
    from daytona_tui.operations.login import Order
    from daytona_tui.ui.services import Choice, LoggedIn, Offer, Offers, Services


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """What the command line asks of the screen.

    Attributes:
        local: open the embedded emulator.
        seed: its fleet: ``empty``, ``demo``, ``fleet:N`` or ``leaky:N``.
        profile: whose settings to take; None: those of the one that environment or file name.
        flags: settings by key.
    """

    local: bool = False
    seed: str = "demo"
    profile: str | None = None
    flags: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def start_diagnostics(settings: Settings) -> Diagnostics:
    """Return the running diagnostics of this process; they hide the credentials of ``settings``."""
    diagnostics = Diagnostics(
        paths.diagnostics_file(), level=settings.log_level, secrets=(settings.api_key, settings.jwt_token)
    )
    diagnostics.start()
    return diagnostics


class ScreenOpener:
    """Makes the services of the screen for whatever the user chooses; the ``Opener`` of the screen."""

    def __init__(self, options: ScreenOptions) -> None:
        self._options = options
        self._diagnostics: Diagnostics | None = None
        self._emulator: EmulatorProcess | None = None
        self._gateways: list[Gateway] = []
        self._ahead: Ahead | None = None
        self.api_url = os.environ.get("DAYTONA_API_URL", "").strip() or DEFAULT_API_URL
        """Where the last connection was to go."""

    @property
    def initial(self) -> Choice:
        """What the command line asked for."""
        from daytona_tui.ui.services import Choice, Door

        if self._options.local:
            return Choice(Door.LOCAL)
        return Choice(Door.SETTINGS, profile=self._options.profile)

    @property
    def taste(self) -> Settings:
        """How the screen is to look, as far as the settings can be read; the flags hold even where those cannot."""
        with contextlib.suppress(ConfigError):
            return read_settings(flags=self._options.flags, profile="")
        looks = ("theme", "ascii", "reduced_motion")
        with contextlib.suppress(ConfigError):
            flags = {key: value for key, value in self._options.flags.items() if key in looks}
            return read_settings({}, file=Path(os.devnull), flags=flags, profile="")
        return Settings()

    def begin(self) -> None:
        """Set going what the first choice will need. Trouble is left to ``open``, which can show it."""
        with contextlib.suppress(ConfigError):
            if self._options.local:
                self._ahead = Ahead.local(self._local().connection)
            else:
                self._ahead = Ahead.of(self._settings(self._options.profile), self._hide)

    def open(self, choice: Choice) -> Services:
        """Return services without waiting for the network.

        Raises:
            ConfigError: a setting is missing or malformed.
        """
        from daytona_tui.ui.services import Door

        ahead, self._ahead = self._ahead, None
        if choice.door is Door.LOCAL:
            settings = self._settings("")
            if ahead is None or choice != self.initial:
                ahead = Ahead.local(self._local().connection)
            gateway = self._gateway(ahead.connection, ahead.first_page)
            return self._services(gateway, settings, "local", "local")
        profile = self._options.profile if choice.profile is None else choice.profile
        settings = self._settings(profile, choice.key or NO_SECRET, choice.api_url)
        if ahead is None or choice != self.initial:
            ahead = Ahead.of(settings, self._hide, fetches=False)
        shape = settings.connection(Secret("unknown-yet")) if settings.keyring else settings.connection()
        gateway = self._gateway(ahead.connection, ahead.first_page)
        return self._services(gateway, settings, shape.label, shape.profile_id(settings.profile))

    async def offers(self) -> Offers:
        """Return what can be chosen."""
        return await asyncio.to_thread(self._offers)

    async def log_in(self, order: Order) -> LoggedIn:
        """Try a key, and keep it if it is good."""
        from daytona_tui.bootstrap.logging_in import log_in

        self._hide(order.key)
        return await log_in(order)

    async def leave(self, services: Services) -> None:
        """Give back the connections of one choice; the local emulator stays for the next."""
        gateway = services.gateway
        if gateway in self._gateways:
            self._gateways.remove(gateway)
            with contextlib.suppress(DaytonaTuiError):
                await gateway.close()

    async def close(self) -> None:
        """End what ``open`` started. Idempotent."""
        gateways, self._gateways = self._gateways, []
        for gateway in gateways:
            with contextlib.suppress(DaytonaTuiError):
                await gateway.close()
        await asyncio.to_thread(self.end_emulator)

    def end_emulator(self) -> None:
        """End the embedded emulator, if there is one. Blocks for a few seconds at most; idempotent."""
        emulator, self._emulator = self._emulator, None
        if emulator is not None:
            emulator.end()

    def _settings(self, profile: str | None, typed: Secret = NO_SECRET, api_url: str = "") -> Settings:
        flags = {**self._options.flags, "api_url": api_url or None}
        settings = read_settings(flags=flags, profile=profile, typed=typed)
        self.api_url = settings.api_url
        if self._diagnostics is None:
            self._diagnostics = start_diagnostics(settings)
        for secret in (settings.api_key, settings.jwt_token):
            self._hide(secret)
        return settings

    def _hide(self, secret: Secret) -> None:
        if self._diagnostics is not None and secret:
            self._diagnostics.hide(secret)

    def _services(self, gateway: Gateway, settings: Settings, name: str, profile_id: str) -> Services:
        from daytona_tui.domain.owners import go_by
        from daytona_tui.ui.commands.custom import with_customs
        from daytona_tui.ui.commands.rebinding import keymap_of
        from daytona_tui.ui.services import Services

        go_by(settings.owners)
        return Services(
            gateway=gateway,
            settings=settings,
            now=_now,
            profile=name,
            profile_id=profile_id,
            state_dir=paths.profile_dir(profile_id),
            prices=settings.prices,
            keymap=with_customs(keymap_of(settings.keys), settings.commands),
            read_only=settings.why_read_only,
        )

    def _offers(self) -> Offers:
        """Read the settings without a profile, so that one that is not in order hides no other."""
        from daytona_tui.ui.services import Choice, Door, Offer, Offers

        local = Offer("local", Choice(Door.LOCAL), "a Daytona on this machine", "needs no key", "always there")
        try:
            settings = read_settings(flags=self._options.flags, profile="")
        except ConfigError as error:
            return Offers((local,), error.message)
        offers = [_offer_of(profile) for profile in settings.profiles]
        if settings.has_credential:
            origin = settings.origin("api_key" if settings.api_key else "jwt_token")
            place = _host(settings.api_url)
            key = settings.api_key.masked if settings.api_key else "token"
            named = Offer("environment", Choice(Door.SETTINGS, profile=""), place, f"key {key}", origin)
            offers.insert(0, named)
        return Offers((*offers, local), settings.login_trouble)

    def _local(self) -> EmulatorProcess:
        if self._emulator is None or self._emulator.is_over:
            self.end_emulator()
            self._emulator = EmulatorProcess(self._options.seed)
        return self._emulator

    def _gateway(self, connection: Connection | Awaitable[Connection], first_page: FirstPage | None) -> Gateway:
        gateway = open_gateway(connection, first_page=first_page)
        self._gateways.append(gateway)
        return gateway


def _offer_of(profile: Profile) -> Offer:
    from daytona_tui.ui.services import Choice, Door, Offer

    place = " · ".join(
        part for part in (_host(profile.api_url or DEFAULT_API_URL), profile.organization_id, profile.target) if part
    )
    choice = Choice(Door.SETTINGS, profile=profile.name)
    return Offer(
        profile.name, choice, place, profile.key_place, profile.origin, profile.accent, is_read_only=profile.read_only
    )


def _host(url: str) -> str:
    return shown_url(url).partition("://")[2].partition("/")[0]


def _now() -> datetime:
    return datetime.now(UTC)
