"""Who made a sandbox: the framework or person, the run, how far that can be believed, and why.

This is the door; the rooms are in ``domain.ownership``. Rules are data, tried in order, first match wins: labels that
one framework alone sets, the user's own rules, names and snapshots, labels that name a person, the shape of the
settings. Who is behind a sandbox that tells nothing stands in the audit log, see ``operations.who`` and ``learn``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from daytona_tui.domain.ownership.marks import LABEL_RULES, NAME_RULES, PERSON_LABELS, SHAPE_RULES, SNAPSHOT_RULES
from daytona_tui.domain.ownership.matching import matched
from daytona_tui.domain.ownership.owner import Confidence, Owner
from daytona_tui.domain.ownership.rules import LabelRule, UserRule
from daytona_tui.domain.sandbox import Sandbox, SandboxId

if TYPE_CHECKING:
    from daytona_tui.domain.audit import AuditTrail

__all__ = [
    "LABEL_RULES",
    "NAME_RULES",
    "PERSON_LABELS",
    "SHAPE_RULES",
    "SNAPSHOT_RULES",
    "Confidence",
    "LabelRule",
    "Owner",
    "UserRule",
    "go_by",
    "learn",
    "owner_of",
]

MAX_KNOWN = 50_000
"""Records whose owner is remembered. One more, and all are forgotten."""

_known: dict[SandboxId, tuple[Sandbox, Owner]] = {}
_own: tuple[UserRule, ...] = ()
_actors: dict[SandboxId, Owner] = {}


def go_by(rules: Sequence[UserRule]) -> None:
    """From now on go by these rules of the user's; they win over everything but labels that leave no doubt.

    For the whole process, as the settings file is: called before the first sandbox is read.
    """
    global _own  # noqa: PLW0603 - asked for from every column, filter and sort, none of which knows the settings
    if tuple(rules) != _own:
        _own = tuple(rules)
        _known.clear()


def learn(trails: Mapping[SandboxId, AuditTrail]) -> None:
    """Take the audit log's word for who made sandboxes whose marks name nobody.

    An owner that was worked out of a record stays; a copy of the record has the new one.
    """
    if len(_actors) >= MAX_KNOWN:
        _actors.clear()
    for sandbox_id, trail in trails.items():
        if trail.actor:
            told = ", ".join(filter(None, (f"key …{trail.key_suffix}" if trail.key_suffix else "", trail.sdk)))
            why = f"audit log: {told}" if told else "audit log"
            _actors[sandbox_id] = Owner(trail.actor, "", why, Confidence.CERTAIN)


def owner_of(sandbox: Sandbox) -> Owner:
    """Return the owner that the sandbox's marks tell; an empty one when none does. Worked out once for each record."""
    known = _known.get(sandbox.id)
    if known is not None and known[0] is sandbox:
        return known[1]
    if len(_known) >= MAX_KNOWN:
        _known.clear()
    owner = matched(sandbox, _own)
    if not owner.name:
        owner = _actors.get(sandbox.id, owner)
    _known[sandbox.id] = (sandbox, owner)
    return owner
