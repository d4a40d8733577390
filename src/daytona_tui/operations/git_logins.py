"""Logins for git servers that this machine has: git's own helper, the GitHub CLI, the environment.

They are looked for by their place first, and read only when a person has agreed. What is read goes to one request.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from daytona_tui.domain.git import GitLogin
from daytona_tui.domain.git_address import Address, usual_user
from daytona_tui.errors import MisuseError

_ASK_S = 20.0
_VARIABLES: Mapping[str, Sequence[str]] = {
    "github.com": ("GH_TOKEN", "GITHUB_TOKEN"),
    "gitlab.com": ("GITLAB_TOKEN",),
    "bitbucket.org": ("BITBUCKET_TOKEN",),
}
_ENTERPRISE = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
_QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GCM_INTERACTIVE": "never",
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
}
"""Nobody is asked anything: a question would appear behind the screen, or never."""


class Source(StrEnum):
    """Where a login comes from."""

    GIT = "git"
    GH = "gh"
    ENV = "env"


@dataclass(frozen=True, slots=True)
class Offer:
    """A login that there may be.

    Attributes:
        words: what it is, for the question whether it may be used.
        variable: of the environment; empty for the others.
    """

    source: Source
    words: str
    variable: str = ""

    @property
    def key(self) -> str:
        """A word that tells it from the others."""
        return self.variable or self.source.value


async def offers(address: Address, environment: Mapping[str, str] | None = None) -> tuple[Offer, ...]:
    """Return what may hold a login for the host of ``address``; none of it is read yet."""
    if not address.host:
        return ()
    environment = os.environ if environment is None else environment
    found = []
    if shutil.which("git") and await _has_helper(address):
        found.append(Offer(Source.GIT, "git's credential helper of this machine"))
    if shutil.which("gh"):
        found.append(Offer(Source.GH, "the GitHub CLI's login (gh)"))
    names = (name for name in variables_of(address.host) if environment.get(name))
    found += [Offer(Source.ENV, f"the variable {name}", name) for name in names]
    return tuple(found)


def variables_of(host: str) -> tuple[str, ...]:
    """Return the variables that usually hold a token for ``host``."""
    bare = host.partition(":")[0].lower()
    return tuple(_VARIABLES.get(bare) or (_ENTERPRISE if "github" in bare else ()))


async def take(source: Source, address: Address, environment: Mapping[str, str] | None = None) -> GitLogin:
    """Read a login; only after a person has agreed.

    Raises:
        MisuseError: there is none.
    """
    if not address.host:
        raise MisuseError(
            f"no login can be given for {address.url!r}",
            hint="use the https address; over ssh the sandbox needs a key of its own",
        )
    if source is Source.GIT:
        return await _of_helper(address)
    if source is Source.GH:
        return await _of_gh(address)
    environment = os.environ if environment is None else environment
    names = variables_of(address.host)
    for name in names:
        if environment.get(name):
            return of_variable(name, address, environment=environment)
    known = " and ".join(names) or "none is known for this host"
    raise MisuseError(f"no variable holds a login for {address.host}", hint=f"looked at: {known}; name one yourself")


def of_variable(name: str, address: Address, user: str = "", environment: Mapping[str, str] | None = None) -> GitLogin:
    """Return the login with the token that a variable holds.

    Raises:
        MisuseError: it holds none.
    """
    environment = os.environ if environment is None else environment
    token = environment.get(name, "").strip()
    if not token:
        raise MisuseError(f"the variable {name} is not set, or empty")
    return of_token(token, address, user)


def of_token(token: str, address: Address, user: str = "") -> GitLogin:
    """Return the login with a token or password.

    Raises:
        MisuseError: it is empty, or no one line.
    """
    login = GitLogin(user or address.username or usual_user(address.host), token)
    login.check()
    return login


async def _has_helper(address: Address) -> bool:
    code, said = await _ask(("git", "config", "--get-urlmatch", "credential.helper", address.url))
    return code == 0 and bool(said.strip())


async def _of_helper(address: Address) -> GitLogin:
    path = address.url.partition("://")[2].partition("/")[2]
    given = f"protocol={address.scheme}\nhost={address.host}\npath={path}\n"
    if address.username:
        given += f"username={address.username}\n"
    code, said = await _ask(("git", "credential", "fill"), f"{given}\n")
    found = dict(line.split("=", 1) for line in said.split("\n") if "=" in line)
    if found.get("host", address.host) != address.host:
        raise MisuseError(f"git's credential helper of this machine told a login for another host than {address.host}")
    if code != 0 or not found.get("username") or not found.get("password"):
        raise MisuseError(f"git's credential helper of this machine has no login for {address.host}")
    return GitLogin(found["username"], found["password"])


async def _of_gh(address: Address) -> GitLogin:
    code, said = await _ask(("gh", "auth", "token", "--hostname", address.host))
    token = said.strip()
    if code != 0 or not token:
        raise MisuseError(f"the GitHub CLI has no login for {address.host}", hint="gh auth login makes one")
    return of_token(token, address)


async def _ask(words: Sequence[str], given: str = "") -> tuple[int, str]:
    """Run a program of this machine, quietly; return its exit code and what it wrote."""
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        running = await asyncio.create_subprocess_exec(
            *words, stdin=pipe, stdout=pipe, stderr=nothing, env={**os.environ, **_QUIET}, start_new_session=True
        )
    except OSError:
        return 127, ""
    try:
        async with asyncio.timeout(_ASK_S):
            said, _ = await running.communicate(given.encode())
    except TimeoutError:
        return 124, ""
    finally:
        if running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                running.kill()
            await running.wait()
    return running.returncode or 0, said.decode("utf-8", "replace")
