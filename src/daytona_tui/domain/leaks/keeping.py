"""What somebody wants to be kept: by a pin, a label, a mark of another tool, its shape, or a rule of the settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from daytona_tui.domain.leaks.scene import Case, Scene
from daytona_tui.domain.leaks.verdict import Guard
from daytona_tui.domain.leaks.wording import clock, excerpt
from daytona_tui.domain.sandbox import Sandbox

KEEP: Final = "daytona-tui.keep"
"""Label by which people tell one another that a sandbox is to be kept: ``true``, or until when."""

_KEPT_BY: Final = "daytona-tui.keep-by"
FOREIGN: Final = ("keep", "persistent")
_NO: Final = frozenset({"false", "no", "off", "0"})
HARBOR_KEPT: Final = (540, 1440)
"""Auto-stop and auto-delete of what Harbor keeps on request: that leaves no other mark."""


def veto(code: str, sentence: str) -> Guard:
    """Return a guard that allows nothing."""
    return Guard(code, 0, True, sentence)


def kept_until(sandbox: Sandbox, now: datetime) -> str | None:
    """Return in words until when the shared label keeps a sandbox; None if it does not, or not any more.

    A label that cannot be understood keeps it.
    """
    text = sandbox.labels.get(KEEP)
    if text is None or text.strip().casefold() in _NO:
        return None
    try:
        until = datetime.fromisoformat(text.strip())
        until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        # A day without a time lasts until it is over.
        until += timedelta() if ":" in text or "T" in text else timedelta(days=1)
        return f"until {clock(until, now)}" if until > now else None
    except (ValueError, OverflowError):
        return ""


def by_pin(case: Case, scene: Scene) -> Guard | None:
    """Held on this machine."""
    return veto("keep.pin", "held on this machine") if case.sandbox.id in scene.evidence.pins else None


def by_label(case: Case, scene: Scene) -> Guard | None:
    """Kept by the label that people share."""
    until = kept_until(case.sandbox, scene.now)
    if until is None:
        return None
    by = case.sandbox.labels.get(_KEPT_BY, "")
    return veto("keep.label", " ".join(filter(None, ["kept", f"by {excerpt(by)}" if by else "", until])))


def by_foreign(case: Case, _scene: Scene) -> Guard | None:
    """Kept by a mark of another tool."""
    for name in FOREIGN:
        value = case.sandbox.labels.get(name)
        if value is not None and value.strip().casefold() not in _NO:
            return veto("keep.foreign", f"label {name}={excerpt(value)}")
    return None


def by_shape(case: Case, _scene: Scene) -> Guard | None:
    """Made in the shape that Harbor gives to what it keeps."""
    if (case.life.auto_stop_min, case.life.auto_delete_min) != HARBOR_KEPT:
        return None
    return veto("keep.shape", "auto-stop 9h and auto-delete 24h, as Harbor sets for what it keeps")


def by_rule(case: Case, scene: Scene) -> Guard | None:
    """Protected by a rule of the user's."""
    for covers, rule in scene.protectors:
        if covers(case.sandbox, scene.context):
            return veto("keep.rule", f"protected: {rule.why or rule.filter.text}")
    return None
