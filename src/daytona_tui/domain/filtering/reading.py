"""What is asked of every sandbox at every key press, worked out once for each record."""

from __future__ import annotations

from typing import NamedTuple

from daytona_tui.domain.owners import Owner, owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxId

MAX_READINGS = 50_000
"""Records that are remembered. One more, and all are forgotten."""


class Reading(NamedTuple):
    """What was worked out of a record.

    Attributes:
        sandbox: the record; another one with the same id is read anew.
        text: everything that words are looked for in, in lower case, a line each.
    """

    sandbox: Sandbox
    owner: Owner
    text: str


_readings: dict[SandboxId, Reading] = {}


def reading(sandbox: Sandbox) -> Reading:
    """Return what is known of a record, from memory if it was read before."""
    known = _readings.get(sandbox.id)
    if known is not None and known.sandbox is sandbox:
        return known
    if len(_readings) >= MAX_READINGS:
        _readings.clear()
    fresh = _readings[sandbox.id] = _read(sandbox)
    return fresh


def owner(sandbox: Sandbox) -> Owner:
    """Return the owner that the sandbox's marks tell."""
    return reading(sandbox).owner


def text(sandbox: Sandbox) -> str:
    """Return what words are looked for in."""
    # Not by way of ``reading``: this is asked ten thousand times at a key press, and a call costs as much as a search.
    known = _readings.get(sandbox.id)
    return known.text if known is not None and known.sandbox is sandbox else reading(sandbox).text


def _read(sandbox: Sandbox) -> Reading:
    maker = owner_of(sandbox)
    state = sandbox.state_word or sandbox.state.value
    texts = [sandbox.name, sandbox.id, maker.name, maker.run, sandbox.snapshot, state]
    if "_" in state:
        texts.append(state.replace("_", " "))
    texts += [f"{key}={value}" for key, value in sandbox.labels.items()]
    return Reading(sandbox, maker, "\n".join(texts).casefold())
