"""Under whose name a commit is made: the repository's own settings, or else those of git on this machine."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError, MisuseError
from daytona_tui.operations.git_script import look

_ASKED = r"""g "$R" config --get user.name; printf '\0'; g "$R" config --get user.email; printf '\0'"""
_SAID = re.compile(r"\s*([^<>\n]+?)\s*<\s*([^<>\s]+)\s*>\s*")
_ASK_S = 10.0


@dataclass(frozen=True, slots=True)
class Person:
    """Who a commit is by."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


def person_of(said: str) -> Person:
    """Return the person of ``Name <address>``.

    Raises:
        MisuseError: it is no such text.
    """
    match = _SAID.fullmatch(said)
    if match is None or any(char < " " for char in said):
        raise MisuseError(f"{said[:60]!r} is no author", hint="say Name <address>")
    return Person(match[1], match[2])


async def person_for(gateway: Gateway, sandbox_id: SandboxId, path: str) -> Person | None:
    """Return who commits in the repository at ``path``; None where nobody is named. Peeks."""
    try:
        seen = await look(gateway, sandbox_id, path, _ASKED, most=2000)
        name, email, *_ = (part.strip() for part in f"{seen.text}\0\0".split("\0"))
    except DaytonaTuiError:
        name = email = ""
    return Person(name, email) if name and email else await own_person()


async def own_person() -> Person | None:
    """Return who commits by git's settings on this machine; None where nobody is named."""
    name, email = await asyncio.gather(_of_this_machine("user.name"), _of_this_machine("user.email"))
    return Person(name, email) if name and email else None


async def _of_this_machine(key: str) -> str:
    nothing = asyncio.subprocess.DEVNULL
    try:
        running = await asyncio.create_subprocess_exec(
            *("git", "config", "--get", key), stdin=nothing, stdout=asyncio.subprocess.PIPE, stderr=nothing
        )
    except OSError:
        return ""
    try:
        async with asyncio.timeout(_ASK_S):
            said, _ = await running.communicate()
    except TimeoutError:
        return ""
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
    return said.decode("utf-8", "replace").strip()
