"""The fleet as it is known, put together from listings, events and our own acts.

The rule of merging. Two clocks decide, and they are never compared with each other: the server's *stamp* of a record
(``updated_at``), and our own *count* of what we asked and heard. No wall clock of ours has a say.

1. Of two records of one sandbox the one with the later stamp counts, whichever arrived first.
2. Where stamps are equal or missing, what was asked for later counts. An event or the answer to an act of ours counts
   as asked for when it arrives, a page when its listing began: so a page that was asked for before an event and comes
   after it undoes nothing.
3. What has ended stays gone: an event, an answer and a page about it are dropped, whatever their stamps. It has ended
   when an event or an act of ours said so, or when a complete listing lacked it and no news of it came meanwhile. What
   became known while a listing ran is left alone by that listing.
4. The server has the last word: what rules 1 and 3 dropped three listings in a row, with no other news of the sandbox,
   is believed. So a stamp from the future, or a clock that was set back, heals. What only a listing said had ended, the
   next listing that shows it brings back.
5. An event with a state alone is put on the record we hold, with its time as the stamp. If it has none, nothing but a
   listing that begins later, or a later event, overrules it. Of a sandbox nobody knows it makes no row.

Events that were lost are made up for by the next complete listing, which is why one follows every gap of the feed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.ports import SandboxChanged, StateChanged
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.domain.transitions import is_buried
from daytona_tui.store.history import StateHistory

BELIEVED_AFTER = 3
"""Listings in a row that have to contradict what we hold for certain before they are believed."""


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


class FleetStore:
    """What is known of the fleet.

    One private index is changed in place, so that an event costs the same however large the fleet is; ``fleet`` is an
    immutable copy of it, made when it is asked for and only if something changed since.

    Attributes:
        pending: our own acts that have not settled.
        listed_at: when the last complete listing was asked for; None until there is one.
        shows_buried: what failed and was deleted is part of the fleet.
        history: the states that sandboxes were seen in.
    """

    def __init__(self) -> None:
        self.pending: dict[SandboxId, PendingAct] = {}
        self.listed_at: datetime | None = None
        self.shows_buried = False
        self.history = StateHistory()
        self._fleet: Fleet | None = Fleet()
        self._shown: dict[SandboxId, Sandbox] = {}
        self._hidden: dict[SandboxId, Sandbox] = {}
        """Known, and no part of the fleet: the buried, and what waits unclaimed in a warm pool."""
        self._unconfirmed: set[SandboxId] = set()
        self._count = 0
        self._began = 0
        self._listings = 0
        self._seen: set[SandboxId] = set()
        self._heard: dict[SandboxId, int] = {}
        """By the count: when an event or an act told of a sandbox, as far as that can still decide anything."""
        self._unstamped: set[SandboxId] = set()
        self._gone: dict[SandboxId, int] = {}
        """By the number of complete listings then: what has ended."""
        self._contradicted: dict[SandboxId, int] = {}

    @property
    def fleet(self) -> Fleet:
        """The fleet as it is now; the same object as long as nothing changes."""
        if self._fleet is None:
            self._fleet = Fleet(MappingProxyType(dict(self._shown)))
        return self._fleet

    @property
    def unconfirmed(self) -> Collection[SandboxId]:
        """What is known from an earlier run only; a copy is needed to keep it."""
        return self._unconfirmed

    # An earlier run

    def restore(self, sandboxes: Iterable[Sandbox]) -> bool:
        """Show what an earlier run knew, until there is news of it; True when that changed anything."""
        count = len(self._shown)
        if self.listed_at is None:
            for sandbox in sandboxes:
                if sandbox.id not in self._seen and sandbox.id not in self._heard and self._is_shown(sandbox):
                    self._shown.setdefault(sandbox.id, sandbox)
                    self._unconfirmed.add(sandbox.id)
        return self._changed(len(self._shown) != count)

    # Listings

    def begin_listing(self) -> None:
        """Note that a listing is asked for now, and forget what an unfinished one has shown."""
        self._began = self._count
        self._seen = set()

    def apply_page(self, page: Iterable[Sandbox]) -> bool:
        """Merge a page of the listing that began last; True when that changed anything."""
        changed = False
        for sandbox in page:
            is_dropped = self._is_overruled(sandbox)
            self._seen.add(sandbox.id)
            if not is_dropped:
                changed |= self._put(sandbox)
        return self._changed(changed)

    def end_listing(self, listed_at: datetime) -> bool:
        """Drop what the listing, now complete, has not shown; True when that changed anything.

        Args:
            listed_at: when it was asked for, for people.
        """
        missing = [key for key in self._shown if key not in self._seen and not self._has_news(key)]
        self._contradicted = {key: times for key, times in self._contradicted.items() if key in self._seen}
        for key in missing:
            self._end(key)
            self._contradicted[key] = BELIEVED_AFTER - 1
        for key in [key for key in self._hidden if key not in self._seen and not self._has_news(key)]:
            del self._hidden[key]
        self._listings += 1
        self.listed_at = listed_at
        # Older counts can decide nothing any more: every later listing begins after them.
        self._heard = {key: count for key, count in self._heard.items() if count > self._began}
        self._unstamped &= self._heard.keys()
        self._gone = {key: at for key, at in self._gone.items() if self._listings - at < BELIEVED_AFTER}
        was_confirmed = not self._unconfirmed
        self._unconfirmed = set()
        return self._changed(bool(missing) or not was_confirmed)

    def _is_overruled(self, sandbox: Sandbox) -> bool:
        """True if a listed record has to give way to what we hold."""
        known, has_news = self._known(sandbox.id), self._has_news(sandbox.id)
        if sandbox.id not in self._gone:
            is_unstamped = has_news and sandbox.id in self._unstamped
            order = 0 if known is None or is_unstamped else _order(sandbox, known)
            if known is None or order > 0 or (order == 0 and not has_news):
                return False
        if has_news or sandbox.id in self._seen:
            return True
        times = self._contradicted[sandbox.id] = self._contradicted.get(sandbox.id, 0) + 1
        return times < BELIEVED_AFTER

    def _has_news(self, sandbox_id: SandboxId) -> bool:
        return self._heard.get(sandbox_id, 0) > self._began

    # Events

    def apply_event(self, event: SandboxChanged | StateChanged) -> bool:
        """Apply an event of the feed; True when that changed anything."""
        if isinstance(event, SandboxChanged):
            return self._learn(event.sandbox)
        known = self._known(event.sandbox_id)
        if known is None:
            # Too little to make a row of; the next listing has all of it.
            return False
        at = event.at or known.updated_at
        changed = self._learn(replace(known, state=event.state, state_word=event.state_word, updated_at=at))
        if event.at is None:
            self._unstamped.add(event.sandbox_id)
        return changed

    def knows(self, sandbox_id: SandboxId) -> bool:
        """True if there is a record of this sandbox, shown or not, or it is known to have ended."""
        return self._known(sandbox_id) is not None or sandbox_id in self._gone

    def _learn(self, sandbox: Sandbox) -> bool:
        if sandbox.id in self._gone:
            return False
        known = self._known(sandbox.id)
        if sandbox.state is not SandboxState.DESTROYED and known is not None and _order(sandbox, known) < 0:
            return False
        self._note(sandbox.id)
        return self._changed(self._put(sandbox))

    def _note(self, sandbox_id: SandboxId) -> None:
        self._count += 1
        self._heard[sandbox_id] = self._count
        self._unstamped.discard(sandbox_id)

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

    def settle(self, sandbox_id: SandboxId, sandbox: Sandbox | None) -> None:
        """Note that an act succeeded: ``sandbox`` is what it led to, None that nothing is left."""
        self.pending.pop(sandbox_id, None)
        if sandbox is None:
            self.forget(sandbox_id)
        else:
            self._learn(sandbox)

    def fail(self, sandbox_id: SandboxId) -> None:
        """Note that an act failed; what it led to comes with the next news."""
        self.pending.pop(sandbox_id, None)

    def forget(self, sandbox_id: SandboxId) -> None:
        """Note that a sandbox is gone."""
        self._note(sandbox_id)
        self._changed(self._end(sandbox_id))

    # The graveyard

    def show_buried(self, shows: bool) -> None:
        """Make what failed and was deleted part of the fleet, or no part of it."""
        self.shows_buried = shows
        for sandbox in [*self._hidden.values(), *filter(is_buried, self._shown.values())]:
            self._place(sandbox)
        self._changed(True)

    # What is worked out of records

    def retell(self, sandbox_ids: Iterable[SandboxId]) -> bool:
        """Have everything that was worked out of some records worked out anew: copies take their place.

        For when more is known of them than the records say; True when that changed anything.
        """
        found = [sandbox_id for sandbox_id in sandbox_ids if sandbox_id in self._shown]
        for sandbox_id in found:
            self._shown[sandbox_id] = replace(self._shown[sandbox_id])
        return self._changed(bool(found))

    def _is_shown(self, sandbox: Sandbox) -> bool:
        return not sandbox.warm_pool_id and (self.shows_buried or not is_buried(sandbox))

    # The index

    def _known(self, sandbox_id: SandboxId) -> Sandbox | None:
        return self._shown.get(sandbox_id) or self._hidden.get(sandbox_id)

    def _put(self, sandbox: Sandbox) -> bool:
        """Take a record for the truth; True when that changed what is shown."""
        if sandbox.state is SandboxState.DESTROYED:
            return self._end(sandbox.id)
        was_doubtful = sandbox.id in self._unconfirmed
        self._unconfirmed.discard(sandbox.id)
        self._contradicted.pop(sandbox.id, None)
        self._gone.pop(sandbox.id, None)
        known = self._known(sandbox.id)
        sandbox = _still_named(sandbox, known)
        if known == sandbox:
            return was_doubtful and sandbox.id in self._shown
        was_shown = sandbox.id in self._shown
        self.history.note(known, sandbox)
        self._place(sandbox)
        return was_shown or sandbox.id in self._shown

    def _place(self, sandbox: Sandbox) -> None:
        here, there = (self._shown, self._hidden) if self._is_shown(sandbox) else (self._hidden, self._shown)
        there.pop(sandbox.id, None)
        here[sandbox.id] = sandbox

    def _end(self, sandbox_id: SandboxId) -> bool:
        self._gone[sandbox_id] = self._listings
        self._contradicted.pop(sandbox_id, None)
        self._unconfirmed.discard(sandbox_id)
        self._hidden.pop(sandbox_id, None)
        self.history.forget(sandbox_id)
        return self._shown.pop(sandbox_id, None) is not None

    def _changed(self, changed: bool) -> bool:
        if changed:
            self._fleet = None
        return changed


def _order(sandbox: Sandbox, known: Sandbox) -> int:
    """Compare two records by the server's stamps: positive if the first is later, 0 if that cannot be told."""
    mine, other = sandbox.updated_at, known.updated_at
    if mine is None or other is None or mine == other:
        return 0
    return 1 if mine > other else -1


def _still_named(sandbox: Sandbox, known: Sandbox | None) -> Sandbox:
    """Keep the name that the user knows: the platform renames what it is destroying, so that the name is free."""
    if known is None or sandbox.name == known.name:
        return sandbox
    # The new name may come before the new state does.
    is_ending = sandbox.state is SandboxState.DESTROYING or sandbox.name.startswith(f"DESTROYED_{known.name}_")
    return replace(sandbox, name=known.name) if is_ending else sandbox
