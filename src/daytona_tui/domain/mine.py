"""Whether a sandbox is ours: made with this key or by its person, or said to be ours in the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # every start of the program reads this with the settings
    from daytona_tui.domain.audit import AuditTrail
    from daytona_tui.domain.owners import Owner
    from daytona_tui.domain.ports import Identity
    from daytona_tui.domain.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class MineRules:
    """What the settings say is ours; each of the three is enough.

    Attributes:
        owners: names of owners, or addresses in the audit log, in lower case.
        labels: labels that ours have: key and value; an empty value stands for any.
        matches: whether the filter of the settings means a sandbox; None where there is no filter.
        text: that filter, in words.
    """

    owners: frozenset[str] = frozenset()
    labels: tuple[tuple[str, str], ...] = ()
    matches: Callable[[Sandbox], bool] | None = None
    text: str = ""


NO_RULES = MineRules()


def is_mine(
    sandbox: Sandbox, owner: Owner, trail: AuditTrail | None, identity: Identity, rules: MineRules = NO_RULES
) -> bool:
    """Return whether the sandbox is surely ours; False wherever that is not known."""
    return bool(why_mine(sandbox, owner, trail, identity, rules))


def why_mine(
    sandbox: Sandbox, owner: Owner, trail: AuditTrail | None, identity: Identity, rules: MineRules = NO_RULES
) -> str:
    """Return in words why the sandbox is ours; an empty text where it is not, or nobody knows.

    What the audit log says of one sandbox counts for more than what the settings say of many: whom it names has to be
    us, or be named in the settings.
    """
    if told := _by_trail(trail, identity):
        return told
    if trail is not None and _names_somebody(trail):
        return f"the settings say that {trail.actor} is me" if trail.actor.casefold() in rules.owners else ""
    return _by_settings(sandbox, owner, rules)


def made_by_another(trail: AuditTrail | None, identity: Identity, rules: MineRules = NO_RULES) -> bool:
    """Return whether the audit log names somebody who is not us; False where it names nobody."""
    if trail is None or not _names_somebody(trail) or _by_trail(trail, identity):
        return False
    return trail.actor.casefold() not in rules.owners


def _names_somebody(trail: AuditTrail) -> bool:
    return bool(trail.actor_id or trail.actor)


def _by_trail(trail: AuditTrail | None, identity: Identity) -> str:
    if trail is None:
        return ""
    if trail.actor_id and identity.user_id:
        if trail.actor_id != identity.user_id:
            return ""
        return "made with this key" if _same_key(trail, identity) else "made by this key's person"
    # A few letters of a key tell too little to say that two people are one, so they count only where nobody is named.
    return "made with this key" if not trail.actor_id and _same_key(trail, identity) else ""


def _same_key(trail: AuditTrail, identity: Identity) -> bool:
    return bool(trail.key_suffix) and (trail.key_prefix, trail.key_suffix) == (
        identity.key_prefix,
        identity.key_suffix,
    )


def _by_settings(sandbox: Sandbox, owner: Owner, rules: MineRules) -> str:
    if owner.name and owner.name.casefold() in rules.owners:
        return f"the settings say that {owner.name} is mine"
    for key, value in rules.labels:
        if key in sandbox.labels and value in {"", sandbox.labels[key]}:
            return f"the settings say that label {key} is mine"
    if rules.matches is not None and rules.matches(sandbox):
        return f"the settings say that {rules.text} is mine"
    return ""
