"""The fleet as it is known, put together from listings, events and our own acts.

The rule of merging: a record counts from the moment it was *asked for*. A record of a listing page is dropped when an
event or an own act about the same sandbox came after the page had been asked for, unless its ``updated_at`` is later
than that of the record we hold. So a page that was slow on its way cannot undo newer news, and a sandbox that was
deleted meanwhile does not come back to life.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.ports import SandboxChanged, StateChanged
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState


@dataclass(frozen=True, slots=True)
class PendingAct:
    """Something we asked for that has not settled.

    Attributes:
        verb: what was asked for: ``archive``.
        step: what happens: ``stopping``.
        since: when it was asked for.
    """

    verb: str
    step: str
    since: datetime


@dataclass
class FleetStore:
    """What is known of the fleet. ``now`` and the moments of asking are always given."""

    fleet: Fleet = field(default_factory=Fleet)
    pending: dict[SandboxId, PendingAct] = field(default_factory=dict)
    listed_at: datetime | None = None
    """When the last complete listing was asked for; None until there is one."""
    _news_at: dict[SandboxId, datetime] = field(default_factory=dict)
    _seen: set[SandboxId] = field(default_factory=set)

    # Listings

    def begin_listing(self) -> None:
        """Forget what an unfinished listing has shown."""
        self._seen = set()

    def apply_page(self, page: Iterable[Sandbox], asked_at: datetime) -> bool:
        """Merge a page that was asked for at ``asked_at``; True when that changed anything."""
        by_id = dict(self.fleet.by_id)
        changed = False
        for sandbox in page:
            self._seen.add(sandbox.id)
            known = by_id.get(sandbox.id)
            if known == sandbox or self._is_overtaken(sandbox, known, asked_at):
                continue
            if sandbox.state is SandboxState.DESTROYED:
                changed |= by_id.pop(sandbox.id, None) is not None
                continue
            by_id[sandbox.id] = _still_named(sandbox, known)
            changed = True
        if changed:
            self.fleet = Fleet.of(by_id.values())
        return changed

    def end_listing(self, asked_at: datetime) -> bool:
        """Drop what the listing that began at ``asked_at`` has not shown; True when that changed anything."""
        gone = [
            sandbox.id
            for sandbox in self.fleet
            if sandbox.id not in self._seen and not self._has_news_since(sandbox.id, asked_at)
        ]
        self.fleet = Fleet.of(sandbox for sandbox in self.fleet if sandbox.id not in set(gone)) if gone else self.fleet
        # Older moments can decide nothing any more: every later page is asked for after them.
        self._news_at = {key: moment for key, moment in self._news_at.items() if moment >= asked_at}
        self.listed_at = asked_at
        return bool(gone)

    def _is_overtaken(self, sandbox: Sandbox, known: Sandbox | None, asked_at: datetime) -> bool:
        if not self._has_news_since(sandbox.id, asked_at):
            return False
        if known is None:
            return True
        return not (known.updated_at and sandbox.updated_at and sandbox.updated_at > known.updated_at)

    def _has_news_since(self, sandbox_id: SandboxId, moment: datetime) -> bool:
        heard = self._news_at.get(sandbox_id)
        return heard is not None and heard >= moment

    # Events

    def apply_event(self, event: SandboxChanged | StateChanged, now: datetime) -> bool:
        """Apply an event of the feed; True when that changed anything."""
        if isinstance(event, SandboxChanged):
            return self._learn(event.sandbox, now)
        known = self.fleet.get(event.sandbox_id)
        if known is None:
            # Too little to make a row of; the next listing has all of it.
            return False
        return self._learn(replace(known, state=event.state, state_word=event.state_word), now)

    def _learn(self, sandbox: Sandbox, now: datetime) -> bool:
        known = self.fleet.get(sandbox.id)
        if known and known.updated_at and sandbox.updated_at and sandbox.updated_at < known.updated_at:
            return False
        self._news_at[sandbox.id] = now
        before = self.fleet
        if sandbox.state is SandboxState.DESTROYED:
            self.fleet = before.without(sandbox.id)
        else:
            self.fleet = before.with_sandbox(_still_named(sandbox, known))
        return self.fleet is not before

    # Our own acts

    def begin_act(self, sandbox_id: SandboxId, verb: str, step: str, now: datetime) -> bool:
        """Note that we asked for something; False when something is under way already."""
        if sandbox_id in self.pending:
            return False
        self.pending[sandbox_id] = PendingAct(verb, step, now)
        return True

    def note_step(self, sandbox_id: SandboxId, step: str) -> None:
        """Note that the act under way went on to another step."""
        act = self.pending.get(sandbox_id)
        if act is not None:
            self.pending[sandbox_id] = replace(act, step=step)

    def settle(self, sandbox_id: SandboxId, sandbox: Sandbox | None, now: datetime) -> None:
        """Note that an act succeeded: ``sandbox`` is what it led to, None that nothing is left."""
        self.pending.pop(sandbox_id, None)
        if sandbox is None:
            self.forget(sandbox_id, now)
        else:
            self._learn(sandbox, now)

    def fail(self, sandbox_id: SandboxId) -> None:
        """Note that an act failed; what it led to comes with the next news."""
        self.pending.pop(sandbox_id, None)

    def forget(self, sandbox_id: SandboxId, now: datetime) -> None:
        """Note that a sandbox is gone."""
        self._news_at[sandbox_id] = now
        self.fleet = self.fleet.without(sandbox_id)


def _still_named(sandbox: Sandbox, known: Sandbox | None) -> Sandbox:
    """Keep the name that the user knows: the platform renames what it is destroying, so that the name is free."""
    is_renamed = known is not None and sandbox.state is SandboxState.DESTROYING and sandbox.name != known.name
    return replace(sandbox, name=known.name) if known is not None and is_renamed else sandbox
