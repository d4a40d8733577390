"""What in the environment is in the way of a connection, or of what others do with the SDK: proxies, netrc, .env."""

from __future__ import annotations

import math
import netrc
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from daytona_tui.config.connection import shown_url
from daytona_tui.domain.checkup import Finding, ok, warn

_SETTING = re.compile(rb"^\s*(?:export\s+)?(DAYTONA_[A-Z0-9_]{1,60})\s*=", re.MULTILINE)
_MOST_BYTES = 1 << 20
_RATHER = "programs of yours that use the SDK"
_EYEBALLS = "DAYTONA_HAPPY_EYEBALLS_DELAY"
_OLD = {"DAYTONA_SERVER_URL": "DAYTONA_API_URL"}


def hazard_findings(api_url: str, environ: Mapping[str, str], home: Path, here: Path) -> tuple[Finding, ...]:
    """Return what stands in the way to ``api_url``. Reads small files; blocks.

    Args:
        api_url: where the requests go.
        environ: variables of this process.
        home: the user's home directory.
        here: the working directory.
    """
    host = urlsplit(api_url).hostname or ""
    return (
        _proxy(api_url, host, environ),
        _netrc(host, environ, home),
        *_dotenv(here),
        *_variables(environ),
    )


def _proxy(api_url: str, host: str, environ: Mapping[str, str]) -> Finding:
    proxies = getproxies()
    proxy = proxies.get(urlsplit(api_url).scheme) or proxies.get("all")
    if not proxy:
        return ok("proxy", "none is named in the environment")
    shown = shown_url(proxy if "://" in proxy else f"http://{proxy}")
    if proxy_bypass(host):
        return ok("proxy", f"{shown} is named; {host} is exempt from it")
    if host == "localhost" or host.startswith("127.") or host == "::1":
        words = f"{shown} is named and {host} is not exempt: this program goes straight, {_RATHER} do not"
        return warn("proxy", words, f"add {host} to NO_PROXY")
    exempt = environ.get("NO_PROXY") or environ.get("no_proxy") or "nothing"
    words = f"everything goes through {shown} (exempt: {exempt}); the SDK's own events go past it"
    return ok("proxy", words)


def _netrc(host: str, environ: Mapping[str, str], home: Path) -> Finding:
    """A matching entry breaks every call of the SDK: it sends its own authorisation as well."""
    told = environ.get("NETRC", "")
    file = next(
        (each for each in ((Path(told),) if told else (home / ".netrc", home / "_netrc")) if each.is_file()), None
    )
    if file is None:
        return ok("netrc", "there is none")
    try:
        entry = netrc.netrc(str(file)).authenticators(host)
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return warn("netrc", f"{file} cannot be read; this program does not need it", f"{_RATHER} may stumble over it")
    if entry is None:
        return ok("netrc", f"{file} has nothing for {host}")
    words = f"{file} has an entry that holds for {host}: every call of {_RATHER} fails by it, this program's do not"
    return warn("netrc", words, f"take the entry for {host} (or the default one) out")


def _dotenv(here: Path) -> Iterator[Finding]:
    for name in (".env.local", ".env"):
        try:
            with (here / name).open("rb") as stream:
                found = _SETTING.findall(stream.read(_MOST_BYTES))
        except OSError:
            continue
        if found:
            names = ", ".join(sorted({each.decode() for each in found}))
            words = f"{here / name} sets {names}: {_RATHER} here read it, this program does not"
            yield warn("dotenv", words, "set the variables in the shell if this program is to have them too")


def _variables(environ: Mapping[str, str]) -> Iterator[Finding]:
    for old, new in _OLD.items():
        if environ.get(old):
            yield warn("variables", f"{old} is set, which only old programs read", f"set {new}")
    delay = environ.get(_EYEBALLS, "")
    if delay and delay.strip().lower() != "none" and not _is_delay(delay):
        yield warn("variables", f"{_EYEBALLS} is no number of seconds: the SDK refuses to start", "unset it")


def _is_delay(text: str) -> bool:
    try:
        value = float(text)
    except ValueError:
        return False
    return math.isfinite(value) and value >= 0
