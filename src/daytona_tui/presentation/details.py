"""What the details say of one sandbox: sections of fields, from what the list tells and from what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from daytona_tui.domain.cost import PriceBook, hourly, per_day
from daytona_tui.domain.deadlines import purge_at
from daytona_tui.domain.history import SeenState
from daytona_tui.domain.leaks import Verdict
from daytona_tui.domain.owners import Confidence, owner_of
from daytona_tui.domain.sandbox import Relatives, Sandbox, SandboxState
from daytona_tui.domain.transitions import stuck_since, wanted_state
from daytona_tui.domain.usage import Metrics
from daytona_tui.presentation.cells import CellContext, Doing, state_cell
from daytona_tui.presentation.death_clock import ahead
from daytona_tui.presentation.deeds import hourly_words
from daytona_tui.presentation.fields import Field, Section, moment, text, value
from daytona_tui.presentation.gauges import gauges
from daytona_tui.presentation.human import age
from daytona_tui.presentation.keymap import Keymap
from daytona_tui.presentation.leaks import verdict_section
from daytona_tui.presentation.lifetimes import left
from daytona_tui.presentation.making import UNASKED, Making, making_fields
from daytona_tui.presentation.records import from_record
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

HISTORY_SHOWN = 8
"""States that are shown, the newest first."""


@dataclass(frozen=True)
class Known:
    """What is known of a sandbox beyond its row.

    Attributes:
        now: aware time.
        doing: our own act on it.
        seen: the states it was seen in, the newest last.
        measured: what it was measured to use, the newest last.
        unmeasured: why it is not measured, in words; empty while it is, or before the first time.
        record: the whole record; None until it was read.
        unread: why that could not be read, in words.
        relatives: its forks and what it was forked from; None until they were read, and for containers.
        making: what the audit log tells of its making, and whether it is ours.
        verdict: whether it is a leak; None as long as nobody knows.
        prices: for estimates.
        keymap: names the keys that help.
    """

    now: datetime
    doing: Doing | None = None
    seen: Sequence[SeenState] = ()
    measured: Sequence[Metrics] = ()
    unmeasured: str = ""
    record: Mapping[str, object] | None = None
    unread: str = ""
    relatives: Relatives | None = None
    making: Making = UNASKED
    verdict: Verdict | None = None
    prices: PriceBook = field(default_factory=PriceBook)
    keymap: Keymap = field(default_factory=Keymap)


def sections(sandbox: Sandbox, known: Known) -> tuple[Section, ...]:
    """Return everything that is known of ``sandbox``, what is urgent first."""
    return (
        _state(sandbox, known),
        ahead(sandbox, known.now, known.keymap.hint("details-lifetimes", "changes them")),
        *(verdict_section(known.verdict) if known.verdict is not None else ()),
        _resources(sandbox, known),
        _labels(sandbox),
        _identity(sandbox, known),
        *from_record(sandbox, known.record, known.unread, known.relatives),
        *_oddities(sandbox),
    )


def _state(sandbox: Sandbox, known: Known) -> Section:
    now = known.now
    word = sandbox.state_word or sandbox.state.value
    fields = [Field("state", state_cell(sandbox, CellContext(now, known.doing)), _held_for(known.seen, now), word)]
    if wanted := wanted_state(sandbox):
        fields.append(Field("wanted", Cell(f"→ {safe(wanted)}", Tone.BUSY), raw=wanted))
    if (since := stuck_since(sandbox, now)) is not None:
        stuck = f"for {age((now - since).total_seconds())} by now: longer than it should take"
        fields.append(Field("stuck", Cell(stuck, Tone.WARN), known.keymap.hint("refresh", "asks again")))
    if sandbox.error_reason:
        fields.append(Field("error", Cell(safe(sandbox.error_reason), Tone.BAD), raw=sandbox.error_reason))
    if way := _way_out(sandbox, now, known.keymap):
        fields.append(Field("way out", Cell(way, Tone.ACCENT if sandbox.recoverable else Tone.NEUTRAL)))
    return Section("State", (*fields, *_history(known.seen)))


def _held_for(seen: Sequence[SeenState], now: datetime) -> str:
    last = seen[-1] if seen else None
    if last is None or last.since is None or last.is_first:
        return ""
    return f"for {age((now - last.since).total_seconds())}"


def _way_out(sandbox: Sandbox, now: datetime, keymap: Keymap) -> str:
    """Return what helps where something failed; empty where nothing did."""
    recovers = keymap.hint("details-recover", "recovers it") or "recover it"
    deletes = keymap.hint("delete", "deletes it") or "delete it"
    if sandbox.state is SandboxState.ERROR and sandbox.desired_state != "destroyed":
        if sandbox.recoverable:
            return f"{recovers}: Daytona says it can mend this"
        return f"{deletes}: Daytona cannot mend this, and leaves it as it is until then"
    purged = purge_at(sandbox)
    if purged is None:
        return ""
    gone = "any moment" if purged <= now else f"in {left(purged - now)}"
    deleted = "it is deleted already" if sandbox.desired_state == "destroyed" else deletes
    return f"{deleted}; it goes by itself {gone}"


def _history(seen: Sequence[SeenState]) -> Iterator[Field]:
    if len(seen) < 2:
        return
    for index, state in enumerate(reversed(seen[-HISTORY_SHOWN:])):
        label = "history" if not index else ""
        shown = safe(state.word or state.state.value).replace("_", " ")
        at = f"{state.since:%H:%M:%S}  " if state.since is not None else " " * 10
        note = "when first seen" if state.is_first else ""
        yield Field(label, Cell(f"{at}{shown}", Tone.DIM if index else Tone.NEUTRAL), note, state.word)


def _identity(sandbox: Sandbox, known: Known) -> Section:
    owner, now = owner_of(sandbox), known.now
    certainty = f"{owner.confidence.value}: " if owner.confidence is not Confidence.UNKNOWN else ""
    return Section(
        "Identity",
        (
            text("name", sandbox.name),
            text("id", sandbox.id),
            Field("owner", value(owner.name), f"{certainty}{safe(owner.why)}", owner.name),
            *([text("run", owner.run)] if owner.run else []),
            *making_fields(known.making),
            text("snapshot", sandbox.snapshot),
            text("region", sandbox.region),
            text("class", sandbox.sandbox_class),
            text("user", sandbox.user),
            text("organisation", sandbox.organization_id),
            moment("created", sandbox.created_at, now),
            moment("changed", sandbox.updated_at, now),
            moment("last active", sandbox.last_activity_at, now),
        ),
    )


def _resources(sandbox: Sandbox, known: Known) -> Section:
    has = sandbox.resources
    sizes = [
        f"{number} {unit}"
        for number, unit in ((has.cpu, "vCPU"), (has.memory_gib, "GiB memory"), (has.disk_gib, "GiB disk"))
        if number is not None
    ]
    if has.gpu:
        sizes.append(f"{has.gpu} × {safe(has.gpu_type) or 'GPU'}")
    price = hourly(sandbox, known.prices)
    cost = Cell("—", Tone.FAINT) if price is None else Cell(hourly_words(price) if price else "nothing")
    note = f"${per_day(price):,.2f} a day, estimated by {known.prices.words}" if price else ""
    return Section(
        "Resources",
        (
            Field("size", value(" · ".join(sizes)), raw=" · ".join(sizes)),
            Field("costs now", cost, note, "" if price is None else f"{price:.4f}"),
            *gauges(sandbox, known.measured, known.unmeasured),
        ),
    )


def _labels(sandbox: Sandbox) -> Section:
    labels = tuple(text(safe(key), label) for key, label in sorted(sandbox.labels.items()))
    return Section("Labels", labels or (Field("none", Cell("L adds some", Tone.FAINT)),))


def _oddities(sandbox: Sandbox) -> Iterator[Section]:
    """What the server said that this program could not make sense of."""
    if sandbox.oddities:
        fields = tuple(Field("", Cell(safe(odd), Tone.WARN), raw=odd, is_wide=True) for odd in sandbox.oddities)
        yield Section("Not understood", fields)
