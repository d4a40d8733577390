"""What stands in the cells of the sandbox table: each function is one column's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from daytona_tui.domain import cost
from daytona_tui.domain.deadlines import Act, NextEvent, next_event
from daytona_tui.domain.grouping import Hourly
from daytona_tui.domain.owners import Confidence, owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.domain.transitions import is_buried, stuck_since, wanted_state
from daytona_tui.presentation.human import age, dollars, interval
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone


@dataclass(frozen=True, slots=True)
class Doing:
    """An act of ours that has not settled.

    Attributes:
        step: what happens, as a participle: ``stopping``.
        since: when the act began.
    """

    step: str
    since: datetime


def _usual_prices() -> Hourly:
    return partial(cost.hourly, book=cost.PriceBook())


@dataclass(frozen=True, slots=True)
class CellContext:
    """What a cell needs beyond the sandbox itself.

    Attributes:
        now: aware time.
        doing: our own act on this sandbox.
        hourly: what a sandbox costs; from the usual prices unless said otherwise.
    """

    now: datetime
    doing: Doing | None = None
    hourly: Hourly = field(default_factory=_usual_prices)


CellOf = Callable[[Sandbox, CellContext], Cell]

SHORT_ID = 8
"""How much of an id is shown where it stands for a name."""

_UNKNOWN = Cell("—", Tone.FAINT)

_LOOKS: Mapping[SandboxState, tuple[str, Tone]] = {
    SandboxState.STARTED: ("●", Tone.GOOD),
    SandboxState.STOPPED: ("○", Tone.DIM),
    SandboxState.PAUSED: ("◇", Tone.DIM),
    SandboxState.ARCHIVED: ("▫", Tone.FAINT),
    SandboxState.ERROR: ("✗", Tone.BAD),
    SandboxState.BUILD_FAILED: ("✗", Tone.BAD),
    SandboxState.DESTROYED: ("✗", Tone.FAINT),
    SandboxState.UNKNOWN: ("?", Tone.WARN),
}
_BUSY = ("◐", Tone.BUSY)

_VERBS = {Act.STOP: "stop", Act.PAUSE: "pause", Act.ARCHIVE: "archive", Act.DELETE: "delete"}
_SOON = timedelta(minutes=5)


def state_word(sandbox: Sandbox) -> str:
    """Return the state as a person says it; an unknown one as the server spelt it."""
    if sandbox.state is SandboxState.UNKNOWN:
        return safe(sandbox.state_word) or "unknown"
    return sandbox.state.value.replace("_", " ")


def state_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return glyph and word of the state; what it is wanted to become, and for how long, once that is too long.

    An act of ours says what it was, what it becomes, and for how long from the beginning.
    """
    word = state_word(sandbox)
    doing = context.doing
    if doing is not None:
        seconds = f"{max(0, int((context.now - doing.since).total_seconds()))}s"
        glyph, tone = _BUSY
        short = f"{glyph} {doing.step} {seconds}"
        # Once the server itself says "stopping", saying it twice helps nobody.
        return Cell(short if word == doing.step else f"{glyph} {word} → {doing.step} {seconds}", tone, short)
    if is_buried(sandbox):
        return Cell(f"✗ {word} · deleted", Tone.FAINT, "✗ deleted")
    since, wanted = stuck_since(sandbox, context.now), safe(wanted_state(sandbox))
    glyph, tone = _LOOKS.get(sandbox.state, _BUSY)
    ago = ""
    if wanted:
        tone = Tone.BUSY
    if since is not None:
        glyph, tone, ago = "!", Tone.WARN, f" {age((context.now - since).total_seconds())}"
    if wanted:
        return Cell(f"{glyph} {word} → {wanted}{ago}", tone, f"{glyph} → {wanted}{ago}")
    return Cell(f"{glyph} {word}{ago}", tone)


def name_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return the name; of a sandbox without one, the id."""
    name = safe(sandbox.name) or safe(sandbox.id) or "—"
    return Cell(name, short=short_id(sandbox), is_name=True)


def short_id(sandbox: Sandbox) -> str:
    """Return the beginning of the id that stands for the name of one that nobody named; empty where there is a name.

    It is enough to tell it by, and leaves the eye to the names.
    """
    return f"{safe(sandbox.name)[:SHORT_ID]}…" if sandbox.name == sandbox.id else ""


def owner_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return who made it, and in which run where there is room for that; a guess has a question mark."""
    owner = owner_of(sandbox)
    name = safe(owner.name)
    if name and owner.confidence is Confidence.GUESS:
        return Cell(f"{name}?", Tone.DIM)
    return Cell(f"{name} {safe(owner.run)}".rstrip(), short=name) if name else _UNKNOWN


def run_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return the run, task or session that it belongs to."""
    return Cell(safe(owner_of(sandbox).run), Tone.DIM)


def age_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return how long ago it was made."""
    return _since(sandbox.created_at, context.now)


def idle_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return how long nothing has happened in it."""
    return _since(sandbox.last_activity_at, context.now)


def _since(moment: datetime | None, now: datetime) -> Cell:
    return _UNKNOWN if moment is None else Cell(age((now - moment).total_seconds()))


def next_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return what the platform will do by itself and when; where it will not, why that matters or why it failed."""
    event = next_event(sandbox)
    if event is not None:
        return _event_cell(sandbox, event, context.now)
    if sandbox.error_reason and sandbox.state in (SandboxState.ERROR, SandboxState.BUILD_FAILED):
        return Cell(safe(sandbox.error_reason), Tone.DIM)
    if sandbox.state is SandboxState.STARTED and sandbox.lifetimes.auto_stop_min == 0:
        return Cell("never · auto-stop off", Tone.WARN, "never")
    if sandbox.state is SandboxState.STOPPED or sandbox.state is SandboxState.ARCHIVED:
        return Cell("never", Tone.DIM)
    return _UNKNOWN


def _event_cell(sandbox: Sandbox, event: NextEvent, now: datetime) -> Cell:
    remaining = event.at - now
    time_is_up = event.act is Act.DELETE and event.at == sandbox.lifetimes.destroy_at
    subject = "TTL" if time_is_up else _VERBS[event.act]
    text = f"{subject} in {age(remaining.total_seconds())}" if remaining > timedelta() else f"{subject} due"
    tone = Tone.WARN if event.act is Act.DELETE and remaining < 12 * _SOON else Tone.DIM
    return Cell(text, tone)


def cost_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return what a day of it costs as it is now, estimated from the prices."""
    hourly = context.hourly(sandbox)
    if hourly is None:
        return _UNKNOWN
    per_day = cost.per_day(hourly)
    return Cell(dollars(per_day), Tone.NEUTRAL if per_day >= 0.005 else Tone.FAINT)


def text_cell(text_of: Callable[[Sandbox], str]) -> CellOf:
    """Return a cell function that shows a text as it is, made safe."""

    def cell(sandbox: Sandbox, context: CellContext) -> Cell:
        text = text_of(sandbox)
        return Cell(safe(text), Tone.DIM) if text else _UNKNOWN

    return cell


def number_cell(number_of: Callable[[Sandbox], int | None], unit: str = "") -> CellOf:
    """Return a cell function that shows a number and its unit."""

    def cell(sandbox: Sandbox, context: CellContext) -> Cell:
        number = number_of(sandbox)
        return _UNKNOWN if number is None else Cell(f"{number:,}{unit}", Tone.NEUTRAL if number else Tone.FAINT)

    return cell


def interval_cell(minutes_of: Callable[[Sandbox], int | None], words: Mapping[int, str], below: str = "") -> CellOf:
    """Return a cell function that shows an interval.

    Args:
        minutes_of: the interval; None where it is not known.
        words: what particular numbers of minutes stand for.
        below: what every negative number stands for.
    """

    def cell(sandbox: Sandbox, context: CellContext) -> Cell:
        minutes = minutes_of(sandbox)
        if minutes is None:
            return _UNKNOWN
        word = words.get(minutes, below if minutes < 0 else "")
        return Cell(word, Tone.DIM) if word else Cell(interval(minutes))

    return cell


def gpu_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return how many GPUs of what kind."""
    uses = sandbox.resources
    if not uses.gpu:
        return _UNKNOWN if uses.gpu is None else Cell("0", Tone.FAINT)
    return Cell(f"{uses.gpu}×{safe(uses.gpu_type)}" if uses.gpu_type else str(uses.gpu))


def created_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return when it was made, by the clock on the wall."""
    moment = sandbox.created_at
    return _UNKNOWN if moment is None else Cell(f"{moment.astimezone():%Y-%m-%d %H:%M}", Tone.DIM)


def ttl_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return how long its time to live lasts yet."""
    at = sandbox.lifetimes.destroy_at
    if at is None:
        return Cell("none", Tone.FAINT)
    remaining = (at - context.now).total_seconds()
    return Cell(age(remaining) if remaining > 0 else "due", Tone.WARN if remaining < 3600 else Tone.NEUTRAL)


def public_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return whether its previews are open to everybody."""
    return Cell("public", Tone.WARN) if sandbox.public else Cell("no", Tone.FAINT)


def error_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return why it failed."""
    return Cell(safe(sandbox.error_reason), Tone.BAD) if sandbox.error_reason else Cell("")


def labels_text(sandbox: Sandbox) -> str:
    """Return all labels in one line, as they are."""
    return ", ".join(f"{key}={value}" for key, value in sorted(sandbox.labels.items()))
