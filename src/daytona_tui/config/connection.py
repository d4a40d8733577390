"""Where Daytona is and what proves that we may talk to it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from daytona_tui.errors import ConfigError

DEFAULT_API_URL = "https://app.daytona.io/api"


class Secret:
    """A credential that cannot be printed by accident: only ``reveal`` tells it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the credential itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    @property
    def masked(self) -> str:
        """That it is set and how long it is, for ``doctor``: enough to notice a truncated paste, nothing to use."""
        return f"set, {len(self._value)} characters" if self._value else "not set"


NO_SECRET = Secret("")


@dataclass(frozen=True, slots=True)
class Connection:
    """One Daytona and our credential for it.

    Attributes:
        api_url: base of the main API without a trailing slash, such as ``https://app.daytona.io/api``.
        api_key: bearer key; empty where a JWT is used.
        jwt_token: alternative bearer; needs ``organization_id``.
        target: default region; empty leaves the choice to the server.
        label: how the status line calls this connection.
    """

    api_url: str
    api_key: Secret = NO_SECRET
    jwt_token: Secret = NO_SECRET
    organization_id: str = ""
    target: str = ""
    label: str = ""

    @property
    def bearer(self) -> Secret:
        """The credential that goes into the Authorization header."""
        return self.api_key or self.jwt_token

    @property
    def host(self) -> str:
        """Host and port of the API, for titles and messages."""
        return urlsplit(self.api_url).netloc

    def profile_id(self, name: str = "") -> str:
        """Return a name for files that belong to this connection, of letters, digits, ``.``, ``_`` and ``-``.

        Args:
            name: of the profile; its files are found again after a change of the key. Without one the key is part of
                what tells connections apart.
        """
        proof = f"name {name}" if name else f"key {self.bearer.reveal()}"
        told_apart = "\n".join((self.api_url, self.organization_id, proof))
        fingerprint = hashlib.sha256(told_apart.encode("utf-8", "surrogateescape")).hexdigest()[:12]
        spoken = re.sub(r"[^A-Za-z0-9_-]+", "-", name or self.host).strip("-")[:40]
        return f"{spoken or 'profile'}-{fingerprint}"


def shown_url(url: str) -> str:
    """Return an address as it may be shown: without user name, password and query, where credentials hide.

    What is no address at all may be a key that was pasted into the wrong variable; only its length is told.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return f"a text of {len(url)} characters" if url else ""
    rest = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = rest.partition("/")
    return f"{scheme}://{'…@' if '@' in host else ''}{host.rpartition('@')[2]}{slash}{path}"


def _split(url: str, name: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:  # a port or an IPv6 address that is none
        pass
    raise ConfigError(
        f"{name} is not an http(s) address: {shown_url(url)}",
        hint=f"for the hosted service use {DEFAULT_API_URL}",
    ) from None


def _check_secret(name: str, secret: Secret) -> None:
    value = secret.reveal()
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ConfigError(f"{name} holds characters that no key has", hint="copy it again, without line ends")


def checked(connection: Connection, *, profile: str = "") -> Connection:
    """Return ``connection`` with a normalised URL.

    Args:
        connection: as the settings give it.
        profile: whose settings they are, for the messages; empty: those of the variables.

    Raises:
        ConfigError: no credential or one that cannot be sent, a JWT without organisation, or a URL that is none.
    """

    def name(setting: str) -> str:
        return f"{setting} of profile {profile}" if profile else f"DAYTONA_{setting.upper()}"

    url = connection.api_url.strip().rstrip("/")
    parts = _split(url, name("api_url"))
    if parts.username or parts.password or parts.query:
        raise ConfigError(
            f"{name('api_url')} holds a user name or password, or a query", hint=f"put the key in {name('api_key')}"
        )
    if not connection.bearer:
        raise ConfigError(
            "no Daytona key is set", hint="daytona-tui login keeps one, or set DAYTONA_API_KEY; --local needs none"
        )
    _check_secret(name("api_key"), connection.api_key)
    _check_secret(name("jwt_token"), connection.jwt_token)
    if not connection.api_key and not connection.organization_id:
        raise ConfigError(f"{name('jwt_token')} needs {name('organization_id')}", hint="set both, or use an API key")
    return Connection(
        url,
        connection.api_key,
        connection.jwt_token,
        connection.organization_id,
        connection.target,
        connection.label or parts.netloc,
    )
