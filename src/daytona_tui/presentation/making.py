"""Who made a sandbox, in words: what the audit log tells, or why it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.presentation.fields import Field
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tones import Cell, Tone

_AGENT_CELLS = 40


@dataclass(frozen=True, slots=True)
class Making:
    """What is known of the making of a sandbox beside its marks.

    Attributes:
        trail: what the audit log tells; None where it tells nothing, or was not asked yet.
        untold: why it tells nothing, in words; empty before it was asked.
        why_mine: why the sandbox is ours, in words; empty where it is not, or nobody knows.
    """

    trail: AuditTrail | None = None
    untold: str = ""
    why_mine: str = ""


UNASKED = Making()
NOTHING_LOGGED = "the audit log has nothing of it"


def making_fields(making: Making) -> Iterator[Field]:
    """Yield who made it, and whether that was us, as far as it is known."""
    trail = making.trail
    if trail is not None:
        who = trail.actor or trail.actor_id
        yield Field("made by", Cell(safe(who)) if who else Cell("—", Tone.FAINT), made_with(trail), who)
    elif making.untold:
        yield Field("made by", Cell("—", Tone.FAINT), safe(making.untold))
    if making.why_mine:
        yield Field("mine", Cell("yes", Tone.GOOD), safe(making.why_mine))


def made_with(trail: AuditTrail) -> str:
    """Return with which key and program a sandbox was made; safe for a terminal."""
    key = f"key …{safe(trail.key_suffix)}" if trail.key_suffix else ""
    # The agent of an SDK begins with the SDK's name: once is enough.
    agent = trail.user_agent if trail.user_agent.startswith(trail.sdk) else f"{trail.sdk} {trail.user_agent}"
    return " · ".join(part for part in (key, clip(safe(agent.strip()), _AGENT_CELLS)) if part)
