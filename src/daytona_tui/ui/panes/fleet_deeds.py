"""Carries out what was asked for sandboxes: one or many, with their steps noted in the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError, NotFoundError
from daytona_tui.operations import lifecycle
from daytona_tui.operations.lifecycle import Verb
from daytona_tui.presentation.phrases import Phrase, phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.store.fleet import FleetStore
from daytona_tui.ui.services import Services

AT_ONCE = 8
"""Sandboxes that are acted on at the same time."""

PARTICIPLES = {Verb.START: "starting", Verb.STOP: "stopping", Verb.ARCHIVE: "archiving", Verb.DELETE: "deleting"}
DONE_WORDS = {Verb.START: "started", Verb.STOP: "stopped", Verb.ARCHIVE: "archived", Verb.DELETE: "deleted"}


@dataclass
class Outcome:
    """What came of an act on one or many sandboxes."""

    verb: Verb
    done: list[Sandbox] = field(default_factory=list)
    failed: list[tuple[Sandbox, Phrase]] = field(default_factory=list)


class FleetDeeds:
    """Runs lifecycle operations; each sandbox has at most one act under way."""

    def __init__(self, services: Services, store: FleetStore, changed: Callable[[], None]) -> None:
        self._services = services
        self._store = store
        self._changed = changed

    def begin(self, verb: Verb, sandboxes: Sequence[Sandbox]) -> tuple[Sandbox, ...]:
        """Show the act in the rows at once; return those sandboxes that had none under way."""
        now = self._services.now()
        free = tuple(
            sandbox for sandbox in sandboxes if self._store.begin_act(sandbox.id, verb, PARTICIPLES[verb], now)
        )
        self._changed()
        return free

    async def carry_out(self, verb: Verb, sandboxes: Sequence[Sandbox]) -> Outcome:
        """Do ``verb`` to each of ``sandboxes``, which were begun; failures are collected, not raised."""
        outcome = Outcome(verb)
        gate = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for sandbox in sandboxes:
                group.create_task(self._one(verb, sandbox, gate, outcome))
        return outcome

    async def _one(self, verb: Verb, sandbox: Sandbox, gate: asyncio.Semaphore, outcome: Outcome) -> None:
        try:
            async with gate:
                after = await self._operation(verb, sandbox)
            self._store.settle(sandbox.id, after)
            outcome.done.append(sandbox)
        except DaytonaTuiError as error:
            outcome.failed.append((sandbox, phrase(error, f"{verb} {sandbox.name}")))
            if isinstance(error, NotFoundError):
                self._store.forget(sandbox.id)
        finally:
            self._store.fail(sandbox.id)  # no act is under way, however it ended
            self._changed()

    async def _operation(self, verb: Verb, sandbox: Sandbox) -> Sandbox | None:
        gateway, timeout_s = self._services.gateway, self._services.settings.lifecycle_timeout_s
        on_step = partial(self._note_step, sandbox)
        match verb:
            case Verb.START:
                return await lifecycle.start(gateway, sandbox, timeout_s=timeout_s, on_step=on_step)
            case Verb.STOP:
                return await lifecycle.stop(gateway, sandbox, timeout_s=timeout_s, on_step=on_step)
            case Verb.ARCHIVE:
                return await lifecycle.archive(gateway, sandbox, timeout_s=timeout_s, on_step=on_step)
            case Verb.DELETE:
                await lifecycle.delete(gateway, sandbox, timeout_s=timeout_s, on_step=on_step)
                return None

    def _note_step(self, sandbox: Sandbox, step: str) -> None:
        self._store.note_step(sandbox.id, step)
        self._changed()


def summary(outcome: Outcome, skipped: int = 0) -> str:
    """Return what came of acting on many sandboxes: how many, and which failed, and why."""
    parts = [f"{len(outcome.done)} {DONE_WORDS[outcome.verb]}"]
    if outcome.failed:
        parts.append(f"{len(outcome.failed)} failed")
    if skipped:
        parts.append(f"{skipped} skipped")
    lines = [", ".join(parts)]
    lines += [f"{safe(sandbox.name)}: {said.detail}" for sandbox, said in outcome.failed[:5]]
    if len(outcome.failed) > 5:
        lines.append(f"and {len(outcome.failed) - 5} more")
    return "\n".join(lines)
