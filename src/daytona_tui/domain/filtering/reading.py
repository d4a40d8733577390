"""What words are looked for in at every key press, worked out once for each record."""

from __future__ import annotations

from typing import NamedTuple

from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxId

MAX_READINGS = 50_000
"""Records that are remembered. One more, and all are forgotten."""


class Reading(NamedTuple):
    """What was worked out of a record.

    Attributes:
        sandbox: the record; another one with the same id is read anew.
        text: see ``text`` or ``labels``.
    """

    sandbox: Sandbox
    text: str


_readings: dict[SandboxId, Reading] = {}
_labels: dict[SandboxId, Reading] = {}


def text(sandbox: Sandbox) -> str:
    """Return what words are looked for in: everything in lower case, a line each."""
    known = _readings.get(sandbox.id)
    if known is not None and known.sandbox is sandbox:
        return known.text
    return _kept(_readings, sandbox, _read(sandbox))


def labels(sandbox: Sandbox) -> str:
    """Return ``name=value`` of every label in lower case, a line each. Asks for no owner: their rules ask here."""
    known = _labels.get(sandbox.id)
    if known is not None and known.sandbox is sandbox:
        return known.text
    return _kept(_labels, sandbox, "\n".join(f"{key}={value}" for key, value in sandbox.labels.items()).casefold())


def _kept(readings: dict[SandboxId, Reading], sandbox: Sandbox, fresh: str) -> str:
    if len(readings) >= MAX_READINGS:
        readings.clear()
    readings[sandbox.id] = Reading(sandbox, fresh)
    return fresh


def _read(sandbox: Sandbox) -> str:
    owner = owner_of(sandbox)
    state = sandbox.state_word or sandbox.state.value
    texts = [sandbox.name, sandbox.id, owner.name, owner.run, sandbox.snapshot, state]
    if "_" in state:
        texts.append(state.replace("_", " "))
    return f"{chr(10).join(texts).casefold()}\n{labels(sandbox)}"
