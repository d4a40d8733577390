"""Settings: defaults ← file ← environment ← profile ← flags, each value with its origin."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from daytona_tui.config import kept_logins, login, paths, values
from daytona_tui.config.connection import DEFAULT_API_URL, NO_SECRET, Connection, Secret, checked
from daytona_tui.config.look import CHOSEN, kept_theme
from daytona_tui.config.prices import price_book
from daytona_tui.config.profiles import Profile, profiles_from
from daytona_tui.config.values import LOG_LEVELS
from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.mine import NO_RULES, MineRules
from daytona_tui.errors import ConfigError

if TYPE_CHECKING:
    from daytona_tui.domain.custom_commands import CustomCommand
    from daytona_tui.domain.leaks import LeakPolicy
    from daytona_tui.domain.owners import UserRule

__all__ = ["ENVIRONMENT", "LOG_LEVELS", "PROFILE_VARIABLE", "Settings", "read_settings"]

ENVIRONMENT = {
    "DAYTONA_API_KEY": "api_key",
    "DAYTONA_API_URL": "api_url",
    "DAYTONA_TARGET": "target",
    "DAYTONA_ORGANIZATION_ID": "organization_id",
    "DAYTONA_JWT_TOKEN": "jwt_token",
}
"""Variables that are read, and the setting that each gives. An empty variable counts as not set."""

PROFILE_VARIABLE = "DAYTONA_TUI_PROFILE"

_CONNECTING = frozenset(ENVIRONMENT.values())
"""Settings that say where and as whom. A profile gives all of them: a key never goes to another profile's server."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Settings:
    """What this run of the program goes by.

    Attributes:
        profile: name of the profile that the connection comes from; empty: none.
        keyring: entry of the system's keyring that holds the key; empty: the key is here.
        poll_s: seconds between two listings of the fleet; a large one is listed more rarely.
        lifecycle_timeout_s: seconds that a start, stop, archive or delete may take to settle.
        pull_dir: directory that pulls go into unless a destination is given.
        transfer_end: how the end of a long transfer is told: ``none``, ``bell`` or ``desktop``.
        terminal_clipboard: a program that is typed into in a terminal may write to the clipboard.
        log_level: least severity that goes into the diagnostics.
        harbor_jobs: directories in which Harbor keeps its jobs on this machine; empty: where it usually does.
        read_only: nothing may be changed.
        accent: colour of the frame; empty for the usual one.
        theme: look of the screen; empty for the one that suits the terminal.
        ascii: everything is drawn with the letters of ASCII.
        reduced_motion: nothing slides, blinks or turns.
        mouse: the program listens to the mouse; without it, the terminal selects text as usual.
        profiles: all that are known, chosen or not: those of the file, the logins that are kept, then the ``daytona``
            command's.
        login_trouble: why the ``daytona`` command's login, or one that is kept, cannot be read; empty when they can.
        keys: what the file says of keys, by command id, as it stands there.
        prices: for estimates of cost.
        owners: rules of the user's own that tell owners; see ``domain.owners.go_by``.
        mine: which sandboxes are ours, beside those that this key made.
        leaks: by what leaks are judged, where the file says something of it; see ``leak_policy``.
        commands: of the user's own.
        origins: where each value comes from: ``default``, ``file``, the variable's name, ``profile`` or ``flag``.
    """

    profile: str = ""
    api_url: str = DEFAULT_API_URL
    api_key: Secret = NO_SECRET
    keyring: str = ""
    jwt_token: Secret = NO_SECRET
    organization_id: str = ""
    target: str = ""
    poll_s: float = 5.0
    lifecycle_timeout_s: float = 120.0
    pull_dir: Path = Path()
    transfer_end: str = "none"
    terminal_clipboard: bool = False
    log_level: str = "info"
    harbor_jobs: tuple[Path, ...] = ()
    read_only: bool = False
    accent: str = ""
    theme: str = ""
    ascii: bool = False
    reduced_motion: bool = False
    mouse: bool = True
    profiles: tuple[Profile, ...] = ()
    login_trouble: str = ""
    keys: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    prices: PriceBook = field(default_factory=PriceBook)
    owners: tuple[UserRule, ...] = ()
    mine: MineRules = NO_RULES
    leaks: LeakPolicy | None = None
    commands: tuple[CustomCommand, ...] = ()
    origins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def has_credential(self) -> bool:
        """True when there is something to identify with."""
        return bool(self.api_key or self.jwt_token or self.keyring)

    def connection(self, key: Secret = NO_SECRET) -> Connection:
        """Return where to connect to.

        Args:
            key: what the keyring gave; needed where ``keyring`` names an entry.

        Raises:
            ConfigError: the credential is missing or incomplete, or the URL is none.
        """
        given = Connection(
            self.api_url, key or self.api_key, self.jwt_token, self.organization_id, self.target, self.profile
        )
        if not given.bearer and self.login_trouble:  # else it would seem that none was ever kept
            raise ConfigError(f"no Daytona key is set: {self.login_trouble}")
        return checked(given, profile=self.profile)

    @property
    def leak_policy(self) -> LeakPolicy:
        """By what leaks are judged: as the file says, or as usual."""
        from daytona_tui.domain.leaks import LeakPolicy  # noqa: PLC0415 - see _leak_policy

        return self.leaks or LeakPolicy()

    def origin(self, key: str) -> str:
        """Return where the value of ``key`` comes from."""
        return self.origins.get(key, "default")

    @property
    def why_read_only(self) -> str:
        """Why nothing may be changed, in words; empty when it may."""
        if not self.read_only:
            return ""
        origin = self.origin("read_only")
        return f"read-only by {'--read-only' if origin == 'flag' else origin}"


def read_settings(
    environ: Mapping[str, str] | None = None,
    *,
    file: Path | None = None,
    flags: Mapping[str, object] | None = None,
    profile: str | None = None,
    typed: Secret = NO_SECRET,
) -> Settings:
    """Return the settings of this run. Reads three small files.

    A profile that is asked for stands for the whole connection, whatever variables say. One that is only the default of
    the file gives way to a key in the environment.

    Args:
        environ: variables; those of the process when None.
        file: settings file; the customary one when None. A file that does not exist sets nothing.
        flags: settings by key as the command line gave them; None values are not set.
        profile: name of the profile; empty for none, None for the one that environment or file name.
        typed: a key that stands for every other credential.

    Raises:
        ConfigError: a value is malformed, a profile is not there, or a file with a key in it can be read by others.
            Names origin and key.
    """
    environ = os.environ if environ is None else environ
    path = file or paths.config_file()
    origin = f"file {path}"
    table = _read_file(path)
    default = _parsed("default_profile", table.pop("default_profile", ""), origin)
    own = profiles_from(table.pop("profiles", {}), origin)
    known, active = _with_logins(own, environ)
    default = default or active
    known = replace(
        known,
        keys=_table("keys", table, origin),
        prices=price_book(table.pop("prices", {}), origin),
        **_owner_rules(table, origin),
        leaks=_leak_policy(table, origin),
        commands=_commands(table, origin),
    )
    variables = _from_environment(environ)
    kept = kept_theme()
    layers: list[Iterable[tuple[str, object, str]]] = [
        [("theme", kept, CHOSEN)] if kept else [],
        ((key, value, origin) for key, value in table.items()),
        variables,
    ]
    has_own = any(table.get(key) for key in ("api_key", "jwt_token"))
    chosen = _chosen(known, profile, environ, default) or (
        _login_in_use(known, environ) if profile is None and not has_own and not typed else None
    )
    if chosen is not None:
        layers = [[entry for entry in layer if entry[0] not in _CONNECTING] for layer in layers]
        layers.append(_from_profile(_with_key(chosen, typed), environ))
    if typed:
        layers.append([("api_key", typed, "typed"), ("jwt_token", NO_SECRET, "typed"), ("keyring", "", "typed")])
    layers.append((key, value, "flag") for key, value in (flags or {}).items() if value is not None)
    return _laid_over(known, layers)


def _laid_over(known: Settings, layers: Iterable[Iterable[tuple[str, object, str]]]) -> Settings:
    given: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        for key, value, origin in layer:
            given[key] = _parsed(key, value, origin)
            origins[key] = origin
    return replace(known, **given, origins=MappingProxyType(origins))


def _with_logins(own: tuple[Profile, ...], environ: Mapping[str, str]) -> tuple[Settings, str]:
    """Return what is known of profiles, and the kept login that is used; other files are no reason not to start."""
    troubles: list[str] = []
    logins = kept_logins.KeptLogins()
    theirs: tuple[Profile, ...] = ()
    try:
        logins = kept_logins.read_logins()
    except ConfigError as error:
        troubles.append(f"{error.message}: {error.hint}" if error.hint else error.message)
    try:
        theirs = login.read_login(login.login_file(environ))
    except ConfigError as error:
        troubles.append(error.message)
    names = {each.name for each in own}
    kept = tuple(each for each in logins.profiles if each.name not in names)
    return Settings(profiles=(*own, *kept, *theirs), login_trouble="; ".join(troubles)), logins.active


def _chosen(known: Settings, asked: str | None, environ: Mapping[str, str], default: str) -> Profile | None:
    name = environ.get(PROFILE_VARIABLE, "").strip() if asked is None else asked
    if asked is None and not name and not any(environ.get(key, "").strip() for key in _CREDENTIALS):
        name = default
    if not name:
        return None
    for profile in known.profiles:
        if profile.name == name:
            return profile
    if known.login_trouble and name.partition("/")[0] == login.NAME:
        raise ConfigError(known.login_trouble)
    there = ", ".join(profile.name for profile in known.profiles)
    raise ConfigError(
        f"there is no profile {name!r}",
        hint=f"there is {there}" if there else "daytona-tui login --profile NAME keeps one",
    )


_CREDENTIALS = ("DAYTONA_API_KEY", "DAYTONA_JWT_TOKEN")


def _login_in_use(known: Settings, environ: Mapping[str, str]) -> Profile | None:
    """Return the ``daytona`` command's login, where nobody says anything else and it holds a credential."""
    if environ.get(PROFILE_VARIABLE, "").strip() or any(environ.get(key, "").strip() for key in _CREDENTIALS):
        return None
    return next((each for each in known.profiles if each.name == login.NAME and (each.api_key or each.jwt_token)), None)


def _from_environment(environ: Mapping[str, str]) -> list[tuple[str, object, str]]:
    return [(key, environ[name].strip(), name) for name, key in ENVIRONMENT.items() if environ.get(name, "").strip()]


def _with_key(profile: Profile, typed: Secret) -> Profile:
    return replace(profile, api_key=typed, api_key_env="", keyring="", jwt_token=NO_SECRET) if typed else profile


def _from_profile(profile: Profile, environ: Mapping[str, str]) -> list[tuple[str, object, str]]:
    origin = f"profile {profile.name}"
    given = {"profile": profile.name, **profile.connects_with(environ, datetime.now(UTC))}
    if profile.read_only:
        given["read_only"] = True
    if profile.accent:
        given["accent"] = profile.accent
    return [(key, value, origin) for key, value in given.items()]


def _read_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            told = tomllib.load(stream)
            mode = os.fstat(stream.fileno()).st_mode
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}", hint="see the settings in the README") from error
    if mode & 0o077 and _holds_key(told):
        raise ConfigError(f"{path} holds a key and others may read it", hint=f"chmod 600 {path}")
    for key in ("profile", "keyring"):
        if key in told:
            raise ConfigError(f"file {path}: {key} belongs into a profile", hint="or is it default_profile?")
    return told


def _holds_key(table: Mapping[str, object]) -> bool:
    profiles = table.get("profiles")
    tables = [table, *(profiles.values() if isinstance(profiles, dict) else ())]
    return any(isinstance(each, dict) and ("api_key" in each or "jwt_token" in each) for each in tables)


def _table(name: str, table: dict[str, Any], origin: str) -> Mapping[str, object]:
    value = table.pop(name, {})
    if not isinstance(value, dict):
        raise ConfigError(f"{origin}: {name} is not a table", hint=f"it begins with [{name}]")
    return MappingProxyType(value)


def _owner_rules(table: dict[str, Any], origin: str) -> dict[str, Any]:
    if "owners" not in table and "mine" not in table:
        return {}
    # Their filters bring half of the domain along, which a start without such rules need not wait for.
    from daytona_tui.config.owners import mine_rules, owner_rules  # noqa: PLC0415

    return {
        "owners": owner_rules(table.pop("owners", []), origin),
        "mine": mine_rules(table.pop("mine", {}), origin),
    }


def _leak_policy(table: dict[str, Any], origin: str) -> LeakPolicy | None:
    if "leaks" not in table and "protect" not in table:
        return None
    # As above.
    from daytona_tui.config.leaks import leak_policy  # noqa: PLC0415

    return leak_policy(table.pop("leaks", {}), table.pop("protect", []), origin)


def _commands(table: dict[str, Any], origin: str) -> tuple[CustomCommand, ...]:
    if "commands" not in table:
        return ()
    # As above.
    from daytona_tui.config.custom import custom_commands  # noqa: PLC0415

    return custom_commands(table.pop("commands"), origin)


def _secret(value: object) -> Secret:
    return value if isinstance(value, Secret) else values.secret(value)


_PARSERS: Mapping[str, Callable[[object], Any]] = {
    "default_profile": values.text,
    "profile": values.text,
    "api_url": values.text,
    "api_key": _secret,
    "keyring": values.text,
    "jwt_token": _secret,
    "organization_id": values.text,
    "target": values.text,
    "poll_s": values.seconds,
    "lifecycle_timeout_s": values.seconds,
    "pull_dir": values.directory,
    "transfer_end": values.signal,
    "terminal_clipboard": values.flag,
    "log_level": values.level,
    "harbor_jobs": values.directories,
    "read_only": values.flag,
    "accent": values.accent,
    "theme": values.theme,
    "ascii": values.flag,
    "reduced_motion": values.flag,
    "mouse": values.flag,
}


_TABLES = ("commands", "keys", "leaks", "mine", "owners", "prices", "profiles", "protect")


def _parsed(key: str, value: object, origin: str) -> Any:
    parser = _PARSERS.get(key)
    if parser is None:
        known = ", ".join(sorted({*_PARSERS, *_TABLES} - {"profile", "keyring"}))
        raise ConfigError(f"{origin}: there is no setting {key!r}", hint=f"settings are {known}")
    try:
        return parser(value)
    except ValueError as error:
        raise ConfigError(f"{origin}: {key} {error}") from error
