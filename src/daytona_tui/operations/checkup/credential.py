"""Which credential is used, and where it was found."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from daytona_tui.config.connection import DEFAULT_API_URL, shown_url
from daytona_tui.config.settings import Settings
from daytona_tui.domain.checkup import Finding, fail, ok, warn
from daytona_tui.errors import ConfigError
from daytona_tui.presentation.human import duration

_SOON = timedelta(minutes=10)
_HOW = "set DAYTONA_API_KEY, or keep a key with daytona-tui login; --local needs none"


def settings_trouble(error: ConfigError) -> Finding:
    """Return the finding of settings that cannot be used, or of a login that has expired."""
    check = "credential" if error.code in ("no_key", "expired_login") else "settings"
    return fail(check, error.message, error.hint or "see the settings in the README", error.exit_code)


def credential_findings(settings: Settings, now: datetime) -> tuple[Finding, ...]:
    """Return what there is to say of the credential and of the address it goes to."""
    return (*_credential(settings, now), *_elsewhere(settings), _address(settings))


def _credential(settings: Settings, now: datetime) -> tuple[Finding, ...]:
    if settings.keyring:
        place = f"a key from the system's keyring, entry {settings.keyring!r}"
        return (ok("credential", f"{place}, {settings.origin('keyring')}"),)
    if settings.api_key:
        length = len(settings.api_key.reveal())
        return (ok("credential", f"an API key, {length} characters, from {settings.origin('api_key')}"),)
    if not settings.jwt_token:
        return (fail("credential", "no Daytona key is set", _HOW, 2),)
    words = f"a login token, from {settings.origin('jwt_token')}"
    profile = next((each for each in settings.profiles if each.name == settings.profile), None)
    if profile is None or profile.expires_at is None:
        return (ok("credential", words),)
    left = profile.expires_at - now
    words = f"{words}, good for {duration(left.total_seconds())} more"
    if left < _SOON:
        return (warn("credential", words, "daytona list renews it, daytona login begins anew"),)
    return (ok("credential", words),)


def _elsewhere(settings: Settings) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    if settings.login_trouble:
        words = f"a login is left out: {settings.login_trouble}"
        findings.append(warn("login", words, "log in again: daytona-tui login, or daytona login for that command's"))
    others = [f"{each.name} ({each.key_place})" for each in settings.profiles if each.name != settings.profile]
    if others:
        findings.append(ok("profiles", f"not used now: {', '.join(others)}"))
    return tuple(findings)


def _address(settings: Settings) -> Finding:
    shown = f"{shown_url(settings.api_url)}, from {settings.origin('api_url')}"
    parts = urlsplit(settings.api_url)
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        return warn("address", f"{shown}: the key goes there unprotected", "use an address with https://")
    if not parts.path.rstrip("/").endswith("/api"):
        return warn("address", f"{shown}: addresses of Daytona end with /api", f"such as {DEFAULT_API_URL}")
    return ok("address", shown)


def _is_near(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost")
