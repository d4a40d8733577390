"""Where sandboxes can be made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """A region, as the server tells of it. Texts are hostile, and empty where it does not.

    Attributes:
        id: what ``--target`` takes.
        kind: ``shared``, ``dedicated``, ``custom``.
        organization: id of the one it belongs to; empty for those of the platform.
    """

    id: str
    name: str = ""
    kind: str = ""
    organization: str = ""
