"""Names for sandboxes that this program makes without being told one."""

from __future__ import annotations

import re
import secrets

LONGEST_NAME = 63
"""Characters of a name that is made here: it fits wherever a host name does."""

_FORKED = re.compile(r"(-fork-[0-9a-f]{8})+\Z")


def fork_name(name: str) -> str:
    """Return a name for a fork of ``name`` that nobody else has."""
    return unique_name(f"{_FORKED.sub('', name)}-fork")


def unique_name(beginning: str) -> str:
    """Return ``beginning`` with an end that chance gives nobody twice."""
    tail = f"-{secrets.token_hex(4)}"
    return beginning[: LONGEST_NAME - len(tail)] + tail
