"""Logging in with a key: it is tried before it is kept, and kept where the user wants it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from daytona_tui.config.connection import Connection, Secret, checked
from daytona_tui.config.kept_logins import KeptLogins, changing_logins, keep_logins, read_logins
from daytona_tui.config.profiles import ABOUT_NAMES, Profile, is_profile_name
from daytona_tui.config.system_keyring import put_into_keyring, take_out_of_keyring
from daytona_tui.domain.ports import Identity, ListedPage, SandboxGateway
from daytona_tui.errors import ConfigError, NotFoundError
from daytona_tui.transfer.concurrency import closing


class Place(StrEnum):
    """Where a key is kept."""

    KEYRING = "keyring"
    """The system's."""
    FILE = "file"
    """One of ours, which only its owner may read."""
    NOWHERE = "nowhere"
    """It is good for this run of the program."""


@dataclass(frozen=True, slots=True)
class Order:
    """A key that is to be tried, and kept.

    Attributes:
        name: how the login is to be called among the profiles.
        api_url: address of the server.
    """

    name: str
    api_url: str
    key: Secret
    place: Place = Place.FILE

    def connection(self) -> Connection:
        """Return what it connects with.

        Raises:
            ConfigError: address or key cannot be right.
        """
        return checked(Connection(self.api_url, self.key))


def usual_name(api_url: str) -> str:
    """Return a name for a login to a server: the host's, as far as it can be one."""
    try:
        host = urlsplit(api_url).hostname or ""
    except ValueError:
        host = ""
    name = "".join(char for char in host if char.isascii() and (char.isalnum() or char in "._-")).strip("._-")[:40]
    return name if is_profile_name(name) else "mine"


def why_no_name(name: str) -> str:
    """Return why a login cannot be called so, in words; empty when it can."""
    return "" if is_profile_name(name) else f"a name is made of {ABOUT_NAMES}"


async def try_key(gateway: SandboxGateway) -> Identity:
    """Return whose key the gateway uses, once it has really listed something.

    Raises:
        AuthError: it is refused.
        UnreachableError: nobody answers.
        DaytonaTuiError: what answers is no Daytona.
    """
    identity = await gateway.identify()
    async with closing(gateway.list_pages()) as pages:
        await anext(pages, ListedPage())
    return identity


def keep(order: Order, identity: Identity) -> str:
    """Keep a key that was tried; it is in use from the next start on. Return where it lies, in words. Blocks.

    Raises:
        ConfigError: it cannot be kept there, or in the place of another organisation's key, which no dashboard shows
            again; nothing of it is kept then.
    """
    if order.place is Place.NOWHERE:
        return "nowhere: it is good for this run"
    if reason := why_no_name(order.name):
        raise ConfigError(reason)
    with changing_logins():
        return _kept(order, identity)


def _kept(order: Order, identity: Identity) -> str:
    logins = read_logins()
    _require_free(logins, order.name, identity)
    profile = Profile(order.name, "", api_url=order.connection().api_url, organization_id=identity.organization_id)
    if order.place is Place.KEYRING:
        keyring = put_into_keyring(order.name, order.key)
        try:
            keep_logins(logins.with_login(_with(profile, keyring=order.name)))
        except ConfigError:
            take_out_of_keyring(order.name)
            raise
        return f"in the system's keyring ({keyring}), entry {order.name!r}" if keyring else "in the system's keyring"
    _forget_entry(logins, order.name)
    path = keep_logins(logins.with_login(_with(profile, key=order.key)))
    return f"in {path}, which only you may read"


def forget(name: str) -> str:
    """Remove a login that is kept, with its key; return where it lay, in words. Blocks.

    Raises:
        NotFoundError: no login of this name is kept.
        ConfigError: keyring or disk refuse.
    """
    _found(read_logins(), name)  # where nothing is kept, nothing is made either
    with changing_logins():
        logins = read_logins()
        found = _found(logins, name)
        _forget_entry(logins, name)
        keep_logins(logins.without(name))
    return "keyring" if found.keyring else "file"


def _found(logins: KeptLogins, name: str) -> Profile:
    found = next((each for each in logins.profiles if each.name == name), None)
    if found is None:
        there = ", ".join(each.name for each in logins.profiles)
        raise NotFoundError(
            f"no login {name!r} is kept", hint=f"there is {there}" if there else "daytona-tui login keeps one"
        )
    return found


def _require_free(logins: KeptLogins, name: str, identity: Identity) -> None:
    before = next((each.organization_id for each in logins.profiles if each.name == name), "")
    if before and identity.organization_id and before != identity.organization_id:
        hint = "give this one another name, or forget that one with daytona-tui logout"
        raise ConfigError(f"{name!r} is the login of another organisation, whose key would be lost", hint=hint)


def _forget_entry(logins: KeptLogins, name: str) -> None:
    entry = next((each.keyring for each in logins.profiles if each.name == name), "")
    if entry:
        take_out_of_keyring(entry)


def _with(profile: Profile, *, key: Secret | None = None, keyring: str = "") -> Profile:
    return Profile(
        profile.name,
        profile.origin,
        api_url=profile.api_url,
        organization_id=profile.organization_id,
        api_key=key or profile.api_key,
        keyring=keyring,
    )
