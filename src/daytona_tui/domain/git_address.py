"""What a person says of a repository → its address, without the login that may stand in it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from daytona_tui.domain.git import GitLogin
from daytona_tui.errors import MisuseError

SCHEMES = ("https", "http", "ssh", "git", "file")
"""How a repository may be reached. Others, such as ``ext``, are names of programs to git."""

USUAL_HOST = "github.com"
"""Where ``user/repo`` is."""

_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_.-]+")
_HOSTED = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?/[^\s]+")
_OVER_SSH = re.compile(r"(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9_.-]+:(?!/?/)[^\s:@]+")
_TOKEN = re.compile(r"gh[a-z]_|github_pat_|glpat-|ATBB|x?ghp_")
_LOGIN = re.compile(r"(?<=://)[^\s/]*@")
_PASSWORD = re.compile(r"(?:^|://)[^\s/@:]*:[^\s/@]+@")
_ODD = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_USERS = {"github.com": "x-access-token", "gitlab.com": "oauth2", "bitbucket.org": "x-token-auth"}
_HINT = "say https://HOST/OWNER/REPO.git, or OWNER/REPO for one on github.com"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a repository is.

    Attributes:
        url: without user name and password, save the user of ``ssh``.
        name: of the repository: what its directory is called.
        host: whom a login is for, with the port; empty where none can be given.
        login: what stood in the address; None where nothing did.
        username: a name that stood there alone.
    """

    url: str
    name: str
    host: str = ""
    login: GitLogin | None = field(default=None, repr=False)
    username: str = ""

    @property
    def scheme(self) -> str:
        """``https`` and the like; empty for a path."""
        return self.url.partition("://")[0] if "://" in self.url else ""


def address_of(said: str) -> Address:
    """Return the address that ``said`` means.

    Raises:
        MisuseError: it means none, or one that git would take for a program.
    """
    said = said.strip()
    if not said:
        raise MisuseError("no repository is named", hint=_HINT)
    if said.startswith("-") or any(char <= " " or char == "\x7f" for char in said):
        raise MisuseError("that is no address of a repository", hint=_HINT)
    if "://" in said:
        return _of_url(said)
    if said.startswith(("/", "./", "../")):  # in the sandbox
        return Address(said, name_of(said))
    if "::" not in said:
        if _SHORT.fullmatch(said):
            return _of_url(f"https://{USUAL_HOST}/{said.removesuffix('.git')}.git")
        if _HOSTED.fullmatch(said):
            return _of_url(f"https://{said}")
        if _OVER_SSH.fullmatch(said):
            return Address(said, name_of(said.partition(":")[2]))
    what = "that" if "@" in said else repr(said[:80])  # a login may stand before it
    raise MisuseError(f"{what} is no address of a repository", hint=_HINT)


def without_login(said: str) -> str:
    """Return what a person says of a repository, to be shown and kept: as it is, or its address without the login."""
    try:
        address = address_of(said)
    except MisuseError:
        return without_logins(said)
    return address.url if "@" in said and "://" in said else said


def holds_login(said: str) -> bool:
    """Return whether a password or token stands in an address of any kind."""
    try:
        return address_of(said).login is not None
    except MisuseError:
        return _PASSWORD.search(said) is not None


def without_logins(text: str) -> str:
    """Return a text of any kind without what stands before the host in its addresses."""
    return _LOGIN.sub("", text)


def usual_user(host: str) -> str:
    """Return the user name that goes with a token on ``host``."""
    return _USERS.get(host.partition(":")[0].lower(), "git")


def name_of(path: str) -> str:
    """Return what the directory of a repository is called.

    Raises:
        MisuseError: its address names none.
    """
    name = posixpath.basename(path.rstrip("/")).removesuffix(".git")
    if name in ("", ".", ".."):
        raise MisuseError("the address names no repository", hint=_HINT)
    return name


def _of_url(said: str) -> Address:
    try:
        parts = urlsplit(said)
        port = parts.port
    except ValueError:
        raise MisuseError("that is no address of a repository", hint=_HINT) from None
    if parts.scheme not in SCHEMES:
        known = ", ".join(SCHEMES)
        raise MisuseError(f"a repository is not reached by {parts.scheme[:20]!r}", hint=f"one of {known}")
    host = parts.hostname or ""
    if parts.scheme != "file" and not host:
        raise MisuseError("the address names no host", hint=_HINT)
    if parts.scheme not in ("https", "http"):
        # A password has no use there: git asks for it, or takes a key.
        before, at, place = parts.netloc.rpartition("@")
        user = f"{before.partition(':')[0]}@" if at and parts.scheme == "ssh" else ""
        url = urlunsplit(SplitResult(parts.scheme, f"{user}{place}", parts.path, "", ""))
        return Address(url, name_of(parts.path))
    shown = f"[{host}]" if ":" in host else host
    place = f"{shown}:{port}" if port else shown
    url = urlunsplit(SplitResult(parts.scheme, place, parts.path, parts.query, ""))
    login, username = _login(parts, host)
    return Address(url, name_of(parts.path), place, login, username)


def _login(parts: SplitResult, host: str) -> tuple[GitLogin | None, str]:
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    # A line more would be an answer of its own to git's helper: the login of another host would be given to this one.
    if _ODD.search(name) or _ODD.search(password):
        raise MisuseError("the address holds a login that is no line of text", hint=_HINT)
    if password:
        return GitLogin(name or usual_user(host), password), name
    if _TOKEN.match(name):
        return GitLogin(usual_user(host), name), ""
    return None, name
