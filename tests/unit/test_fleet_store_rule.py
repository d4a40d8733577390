"""The rule of merging under every order of news that a server, a feed and a network can make of it.

A small model of the server changes sandboxes. What it tells of that lies on the way as events, which may be late,
twice, out of order or lost with everything else under way, and as pages, each of which says what was true when it was
made. At any moment three things hold: no row goes back in time, none goes whose sandbox lives, and nothing that ended
comes back. And whatever happened before, a listing after the last change makes the fleet equal to the server's, and
late events do not spoil it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from daytona_tui.domain.ports import SandboxChanged, StateChanged
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.store.fleet import BELIEVED_AFTER, FleetStore

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = [SandboxId(name) for name in "abcdefghijklmnopqrstuvwxyz"]
STATES = st.sampled_from([SandboxState.STARTED, SandboxState.STOPPING, SandboxState.STOPPED, SandboxState.ARCHIVED])
PAGE = 2

Event = SandboxChanged | StateChanged


class Server:
    """What is true, and what was told of it."""

    def __init__(self) -> None:
        self.living: dict[SandboxId, Sandbox] = {}
        self.ended: set[SandboxId] = set()
        self._ticks = 0

    def stamp(self) -> datetime:
        self._ticks += 1
        return T0 + timedelta(seconds=self._ticks)

    def set(self, key: SandboxId, state: SandboxState) -> SandboxChanged:
        record = self.living[key] = Sandbox(key, key, state, updated_at=self.stamp())
        return SandboxChanged(record)

    def end(self, key: SandboxId) -> SandboxChanged:
        record = self.living.pop(key)
        self.ended.add(key)
        return SandboxChanged(replace(record, state=SandboxState.DESTROYED, updated_at=self.stamp()))

    def page(self, after: str) -> list[Sandbox]:
        return [self.living[key] for key in sorted(self.living) if key > after][:PAGE]


class Merging(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.server = Server()
        self.store = FleetStore()
        self.under_way: list[tuple[int, Event]] = []
        """Events, each with the number of complete listings when it was sent."""
        self.listings = 0
        self.page: list[Sandbox] | None = None
        self.is_listing = False
        self.after = ""
        self.shown_before: dict[SandboxId, Sandbox] = {}
        self.known_ended: set[SandboxId] = set()
        self.doomed: set[SandboxId] = set()
        """Shown when the listing began, though it had ended by then."""

    @initialize(names=st.sets(st.sampled_from(NAMES), max_size=6))
    def begin(self, names: set[SandboxId]) -> None:
        for key in names:
            self.server.set(key, SandboxState.STARTED)

    # What happens at the server

    @precondition(lambda self: self.unborn)
    @rule(data=st.data(), is_prompt=st.booleans())
    def create(self, data: st.DataObject, is_prompt: bool) -> None:
        key = data.draw(st.sampled_from(self.unborn))
        self.tell(self.server.set(key, SandboxState.CREATING), is_prompt)

    @precondition(lambda self: self.server.living)
    @rule(data=st.data(), state=STATES, is_partial=st.booleans(), is_prompt=st.booleans())
    def change(self, data: st.DataObject, state: SandboxState, is_partial: bool, is_prompt: bool) -> None:
        whole = self.server.set(self.draw_living(data), state)
        part = StateChanged(whole.sandbox.id, state, "", whole.sandbox.updated_at)
        self.tell(part if is_partial else whole, is_prompt)

    @precondition(lambda self: self.server.living)
    @rule(data=st.data(), is_prompt=st.booleans())
    def destroy(self, data: st.DataObject, is_prompt: bool) -> None:
        self.tell(self.server.end(self.draw_living(data)), is_prompt)

    @property
    def unborn(self) -> list[SandboxId]:
        return [key for key in NAMES if key not in self.server.living and key not in self.server.ended]

    def draw_living(self, data: st.DataObject) -> SandboxId:
        return data.draw(st.sampled_from(sorted(self.server.living)))

    def tell(self, event: Event, is_prompt: bool) -> None:
        """Send an event; a prompt one arrives at once, and may arrive again."""
        self.under_way.append((self.listings, event))
        if is_prompt:
            self.hear(event)

    # What happens to events

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), stays=st.booleans())
    def deliver(self, data: st.DataObject, stays: bool) -> None:
        index = data.draw(st.integers(0, len(self.under_way) - 1))
        self.hear(self.under_way[index][1])
        if not stays:
            del self.under_way[index]

    @rule(number=st.integers(0, 4))
    def be_cut_off(self, number: int) -> None:
        if number == 0:
            self.under_way.clear()

    def hear(self, event: Event) -> None:
        self.store.apply_event(event)
        if isinstance(event, SandboxChanged) and event.sandbox.state is SandboxState.DESTROYED:
            self.known_ended.add(event.sandbox.id)

    # What happens to listings

    @precondition(lambda self: not self.is_listing)
    @rule()
    def begin_listing(self) -> None:
        self.begin_any_listing()
        self.is_listing, self.page, self.after = True, None, ""

    def begin_any_listing(self) -> None:
        self.store.begin_listing()
        self.doomed = self.server.ended & self.store.fleet.by_id.keys()

    @precondition(lambda self: self.is_listing and self.page is None)
    @rule()
    def make_page(self) -> None:
        self.page = self.server.page(self.after)

    @precondition(lambda self: self.page is not None)
    @rule()
    def take_page(self) -> None:
        page, self.page = self.page or [], None
        self.store.apply_page(page)
        if len(page) < PAGE:
            self.end_listing()
        else:
            self.after = page[-1].id

    @precondition(lambda self: self.is_listing)
    @rule(number=st.integers(0, 4))
    def fail_to_list(self, number: int) -> None:
        if number == 0:
            self.break_off()

    def break_off(self) -> None:
        self.is_listing, self.page = False, None

    def end_listing(self) -> None:
        self.store.end_listing(T0)
        self.is_listing = False
        self.listings += 1
        self.known_ended |= self.doomed - self.store.fleet.by_id.keys()
        # A connection that lets an event wait for so long has been given up.
        self.under_way = [each for each in self.under_way if self.listings - each[0] < BELIEVED_AFTER]

    # Our own acts

    @precondition(lambda self: self.server.living)
    @rule(data=st.data(), state=STATES)
    def settle(self, data: st.DataObject, state: SandboxState) -> None:
        event = self.server.set(self.draw_living(data), state)
        self.tell(event, is_prompt=False)
        self.store.settle(event.sandbox.id, event.sandbox)

    @precondition(lambda self: self.server.living)
    @rule(data=st.data())
    def settle_as_gone(self, data: st.DataObject) -> None:
        key = self.draw_living(data)
        self.tell(self.server.end(key), is_prompt=False)
        self.store.settle(key, None)
        self.known_ended.add(key)

    # What holds

    @invariant()
    def no_row_goes_back_in_time_or_goes_without_need(self) -> None:
        now = dict(self.store.fleet.by_id)
        assert not (self.shown_before.keys() & self.server.living.keys()) - now.keys(), "a row went, its sandbox lives"
        for key, sandbox in now.items():
            before = self.shown_before.get(key, sandbox)
            assert before.updated_at is not None
            assert sandbox.updated_at is not None
            assert sandbox.updated_at >= before.updated_at
        self.shown_before = now

    @invariant()
    def nothing_that_ended_comes_back(self) -> None:
        assert not self.known_ended & self.store.fleet.by_id.keys()

    @rule(data=st.data())
    def a_last_listing_tells_the_truth(self, data: st.DataObject) -> None:
        self.break_off()
        about_living: list[Event] = [event for _, event in self.under_way if id_of(event) in self.server.living]
        self.begin_any_listing()
        for page in self.pages():
            number = data.draw(st.integers(0, len(about_living)))
            for event in about_living[:number]:
                self.hear(event)
            self.store.apply_page(page)
        self.end_listing()
        assert dict(self.store.fleet.by_id) == self.server.living

        for _, event in data.draw(st.permutations(self.under_way)):
            self.hear(event)
            self.nothing_that_ended_comes_back()
        self.under_way.clear()
        assert dict(self.store.fleet.by_id) == self.server.living

    def pages(self) -> Iterator[list[Sandbox]]:
        after = ""
        while page := self.server.page(after):
            yield page
            after = page[-1].id


def id_of(event: Event) -> SandboxId:
    return event.sandbox.id if isinstance(event, SandboxChanged) else event.sandbox_id


TestMerging = Merging.TestCase
TestMerging.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
