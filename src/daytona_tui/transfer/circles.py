"""Links that lead round in a circle, to nowhere. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from daytona_tui.transfer.walk import Parts

_MOST_FOLLOWED = 40
"""What Linux follows on the way to one file before it gives up."""


def circular(links: Mapping[Parts, str]) -> set[Parts]:
    """Return which of ``links``, each with what it says, the kernel would follow without end.

    They lead to places below the root alone, and go up only at their beginning: see ``safety.link_objection``.
    """
    return {at for at in links if _goes_round(at, links)}


def _goes_round(at: Parts, links: Mapping[Parts, str]) -> bool:
    place: list[str] = []
    ahead = list(reversed(at))
    followed = 0
    while ahead:
        name = ahead.pop()
        if name == "..":
            del place[-1:]
            continue
        said = links.get((*place, name))
        if said is None:
            place.append(name)
            continue
        followed += 1
        if followed > _MOST_FOLLOWED:
            return True
        ahead += reversed([part for part in said.split("/") if part not in ("", ".")])
    return False
