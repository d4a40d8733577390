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
        text: see ``text``.
    """

    sandbox: Sandbox
    text: str


_readings: dict[SandboxId, Reading] = {}


def text(sandbox: Sandbox) -> str:
    """Return what words are looked for in: everything in lower case, a line each."""
    known = _readings.get(sandbox.id)
    if known is not None and known.sandbox is sandbox:
        return known.text
    if len(_readings) >= MAX_READINGS:
        _readings.clear()
    fresh = _read(sandbox)
    _readings[sandbox.id] = Reading(sandbox, fresh)
    return fresh


def _read(sandbox: Sandbox) -> str:
    owner = owner_of(sandbox)
    state = sandbox.state_word or sandbox.state.value
    texts = [sandbox.name, sandbox.id, owner.name, owner.run, sandbox.snapshot, state]
    if "_" in state:
        texts.append(state.replace("_", " "))
    texts += [f"{key}={value}" for key, value in sandbox.labels.items()]
    return "\n".join(texts).casefold()
