"""Who made a sandbox, read from its labels and its name.

The marks are those that the frameworks were seen to leave; the rules are data, tried in order, first match wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from daytona_tui.domain.ownership.owner import Confidence, Owner
from daytona_tui.domain.sandbox import Sandbox, SandboxId

__all__ = ["LABEL_RULES", "NAME_RULES", "PERSON_LABELS", "Confidence", "LabelRule", "Owner", "owner_of"]


@dataclass(frozen=True, slots=True)
class LabelRule:
    """A label key (or key prefix ending in ``.`` or ``_``) that one framework sets."""

    key: str
    owner: str
    run_key: str = ""
    value: str = ""
    """Where the key is shared by several frameworks: the value that tells them apart."""


LABEL_RULES = (
    LabelRule("harbor.", "harbor", "harbor.session_id"),
    LabelRule("benchflow.", "benchflow", "benchflow.owner"),
    LabelRule("hermes_task_id", "hermes", "hermes_task_id"),
    LabelRule("OpenHands_SID", "openhands", "OpenHands_SID"),
    LabelRule("inspect_run_id", "inspect-ai", "inspect_run_id"),
    LabelRule("kortix.", "kortix", "kortix.workload"),
    LabelRule("crabbox", "crabbox", "slug"),
    LabelRule("openinspect_", "open-inspect", "openinspect_session_id"),
    LabelRule("mastra-sandbox-id", "mastra", "mastra-sandbox-id"),
    LabelRule("omnigent-name", "omnigent", "omnigent-name"),
    LabelRule("openenv-", "openenv", "openenv-run-id"),
    LabelRule("created_by", "inspect-ai", "inspect_run_id", "inspect-ai"),
    LabelRule("created_by", "agno", "", "agno_daytona_toolkit"),
    LabelRule("created-by", "pi", "session-id", "pi-daytona"),
    LabelRule("sandbox-api", "nemo-gym", "sandbox_id", "daytona-sdk"),
)

NAME_RULES = (
    ("hermes-", "hermes"),
    ("inspect-", "inspect-ai"),
    ("pi-", "pi"),
    ("crabbox-", "crabbox"),
    ("opencode-", "opencode"),
    ("fabro-", "fabro"),
    ("nemo-gym-", "nemo-gym"),
    ("daytona-sandbox-", "mastra"),
    ("sandagent-", "bunny-agent"),
)

PERSON_LABELS = ("owner", "created_by", "created-by", "user", "team")

# Ten thousand owners are asked for at one key press: what no rule can hit is told by two look-ups.
_RULE_KEYS = frozenset(rule.key for rule in LABEL_RULES)
_RULE_PREFIXES = tuple(rule.key for rule in LABEL_RULES if rule.key.endswith((".", "_", "-")))
_NAME_PREFIXES = tuple(prefix for prefix, _owner in NAME_RULES)
_NOBODY: Final = Owner()

_HARBOR_SNAPSHOT = re.compile(r"^harbor__.+__snapshot$")


MAX_KNOWN = 50_000
"""Records whose owner is remembered. One more, and all are forgotten."""

_known: dict[SandboxId, tuple[Sandbox, Owner]] = {}


def owner_of(sandbox: Sandbox) -> Owner:
    """Return the owner that the sandbox's marks tell; an empty one when none does. Worked out once for each record."""
    known = _known.get(sandbox.id)
    if known is not None and known[0] is sandbox:
        return known[1]
    if len(_known) >= MAX_KNOWN:
        _known.clear()
    owner = _owner_of(sandbox)
    _known[sandbox.id] = (sandbox, owner)
    return owner


def _owner_of(sandbox: Sandbox) -> Owner:
    return _by_label(sandbox) or _by_name(sandbox) or _by_snapshot(sandbox) or _by_person(sandbox) or _NOBODY


def _by_label(sandbox: Sandbox) -> Owner | None:
    labels = sandbox.labels
    if not any(key in _RULE_KEYS or key.startswith(_RULE_PREFIXES) for key in labels):
        return None
    for rule in LABEL_RULES:
        is_prefix = rule.key.endswith((".", "_", "-"))
        hit = next((key for key in labels if (key.startswith(rule.key) if is_prefix else key == rule.key)), None)
        if hit is not None and (not rule.value or labels[hit] == rule.value):
            return Owner(rule.owner, labels.get(rule.run_key, ""), f"label {hit}", Confidence.CERTAIN)
    return None


def _by_name(sandbox: Sandbox) -> Owner | None:
    if not sandbox.name.startswith(_NAME_PREFIXES):
        return None
    for prefix, owner in NAME_RULES:
        if sandbox.name.startswith(prefix):
            return Owner(owner, "", f"name begins with {prefix}", Confidence.LIKELY)
    return None


def _by_snapshot(sandbox: Sandbox) -> Owner | None:
    if sandbox.snapshot and _HARBOR_SNAPSHOT.match(sandbox.snapshot):
        return Owner("harbor", "", f"snapshot {sandbox.snapshot}", Confidence.LIKELY)
    return None


def _by_person(sandbox: Sandbox) -> Owner | None:
    for key in PERSON_LABELS if sandbox.labels else ():
        if sandbox.labels.get(key):
            return Owner(sandbox.labels[key], "", f"label {key}", Confidence.LIKELY)
    return None
