"""Access by SSH: tokens that are made and revoked. The line to connect with comes from the server and is checked."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

from daytona_tui.client.mapping import time_from
from daytona_tui.client.room import Part
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.ssh import SshAccess
from daytona_tui.errors import MisuseError, NotFoundError, ProtocolError

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~+=-]{0,511}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_MOST_MINUTES = 365 * 24 * 60


class SshPart(Part):
    """Implements ``SshDoor``."""

    async def create_ssh_access(self, sandbox_id: SandboxId, minutes: int) -> SshAccess:
        """Make a token; those there were may cease to work."""
        if type(minutes) is not int or not 1 <= minutes <= _MOST_MINUTES:
            raise MisuseError("access by SSH lasts a whole number of minutes, from 1 to a year's")
        async with self._link.calling("making an access by SSH", needs=Ability.SSH) as sdk:
            call = sdk.sandboxes.create_ssh_access_without_preload_content(
                sandbox_id, expires_in_minutes=float(minutes)
            )
            told = await self._ask_api(call)
        return _access(told)

    async def revoke_ssh_access(self, sandbox_id: SandboxId, access: SshAccess | None = None) -> None:
        """Make a token useless, or all of the sandbox."""
        token = None if access is None else access.token
        try:
            async with self._link.calling("revoking an access by SSH", needs=Ability.SSH) as sdk:
                call = sdk.sandboxes.revoke_ssh_access_without_preload_content(sandbox_id, token=token)
                await self._ask_api(call)
        except NotFoundError:  # with the sandbox its accesses are gone
            return


def _access(told: object) -> SshAccess:
    if not isinstance(told, dict):
        raise ProtocolError("the access by SSH has an unknown form", source="api")
    token, line, until = told.get("token"), told.get("sshCommand"), told.get("expiresAt")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or not isinstance(line, str):
        raise ProtocolError("the access by SSH has an unknown form", source="api")
    access = _door(line, token)
    return replace(access, expires_at=time_from(until) if isinstance(until, str) else None)


def _door(line: str, token: str) -> SshAccess:
    """Return the access that a server's line opens, made anew of what is understood of it: host and port.

    The line is for a shell, and from elsewhere: ``-oProxyCommand=…`` would run a program here.
    """
    unknown = ProtocolError("the server's line for SSH is not understood, and is not used", source="api")
    try:
        words = shlex.split(line)
    except ValueError:
        raise unknown from None
    rest = iter(words[1:] if words[:1] == ["ssh"] else ())
    port, place = "22", ""
    for word in rest:
        if word in ("-p", "-o"):
            value = next(rest, "")
            port = value if word == "-p" else port
        elif word.startswith("-p"):
            port = word[2:]
        elif word.startswith("-") or place:
            raise unknown
        else:
            place = word
    user, _, host = place.rpartition("@")
    if user != token or not _HOST.fullmatch(host) or not _PORT.fullmatch(port) or int(port) > 65_535:
        raise unknown
    bare = host.strip("[]")
    return SshAccess(token, ("ssh", "-p", port, f"{token}@{bare}"), host=bare, port=int(port))
