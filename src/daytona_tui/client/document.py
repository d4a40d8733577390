"""The document in which a server publishes its interface: what is not in it, the server does not have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from daytona_tui.client.room import Part
from daytona_tui.domain.abilities import Ability
from daytona_tui.errors import DaytonaTuiError

_BESIDE: Final = "-json"
"""Put after the address of the interface: ``…/api-json``."""
_A_SANDBOX: Final = "/sandbox/{}"
_SURE: Final = f"GET {_A_SANDBOX}"
"""Every server answers this: a document without it is of something else."""
_PARAMETER = re.compile(r"\{[^}]*\}")
_METHODS: Final = ("get", "post", "put", "patch", "delete")

ASKED: Final = {
    Ability.TTL: f"POST {_A_SANDBOX}/ttl/{{}}",
    Ability.AUTO_PAUSE: f"POST {_A_SANDBOX}/autopause/{{}}",
    Ability.PAUSE: f"POST {_A_SANDBOX}/pause",
    Ability.RESIZE: f"POST {_A_SANDBOX}/resize",
    Ability.FORK: f"POST {_A_SANDBOX}/fork",
    Ability.RECOVER: f"POST {_A_SANDBOX}/recover",
    Ability.ARCHIVE: f"POST {_A_SANDBOX}/archive",
    Ability.NETWORK: f"POST {_A_SANDBOX}/network-settings",
    Ability.SSH: f"POST {_A_SANDBOX}/ssh-access",
    Ability.PREVIEWS: f"GET {_A_SANDBOX}/ports/{{}}/preview-url",
    Ability.SIGNED_PREVIEWS: f"GET {_A_SANDBOX}/ports/{{}}/signed-preview-url",
    Ability.SNAPSHOT_OF_SANDBOX: f"POST {_A_SANDBOX}/snapshot",
    Ability.SNAPSHOTS: "GET /snapshots",
    Ability.VOLUMES: "GET /volumes",
    Ability.SECRETS: "POST /secret",
    Ability.REGIONS: "GET /regions",
    Ability.QUOTAS: "GET /organizations/{}/usage",
    Ability.AUDIT: "GET /audit/organizations/{}",
}
"""The request that each of these is made of, with the names of its parameters left out."""


class DocumentPart(Part):
    """Implements ``read_document``."""

    async def read_document(self) -> bool:
        """Note what the server lacks by its document; False where it publishes none."""
        try:
            async with self._link.calling("reading what the server publishes") as sdk:
                told = await self._ask_api(_ask(sdk.keys.api_client))
        except DaytonaTuiError:
            return False
        known = frozenset(_requests(told))
        if _SURE not in known:
            return False
        for ability in lacking_of(known):
            self.abilities.note(ability)
        return True


def lacking_of(known: Collection[str]) -> tuple[Ability, ...]:
    """Return what a server that knows these requests lacks."""
    return tuple(ability for ability, request in ASKED.items() if request not in known)


async def _ask(client: Any) -> Any:
    # Without the key: anybody may read it, and the address beside the interface may be somebody else's.
    asked = client.param_serialize(method="GET", resource_path=_BESIDE, header_params={"Accept": "application/json"})
    response = await client.call_api(*asked)
    return response.response


def _requests(told: object) -> Iterator[str]:
    paths = told.get("paths") if isinstance(told, dict) else None
    for path, methods in paths.items() if isinstance(paths, dict) else ():
        nameless = _PARAMETER.sub("{}", path).removeprefix("/api")
        for method in _METHODS:
            if isinstance(methods, dict) and method in methods:
                yield f"{method.upper()} {nameless}"
