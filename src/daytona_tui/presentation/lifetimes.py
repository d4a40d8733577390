"""Lifetimes in words: intervals as people type and read them, and what timers will do as sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from daytona_tui.domain.deadlines import MAX_ARCHIVE_MIN, Act
from daytona_tui.domain.deeds import LifetimeEdit
from daytona_tui.domain.lifetimes import (
    AT_ONCE,
    Forecast,
    Refusal,
    Step,
    Timer,
    Trap,
    edited,
    forecast,
    is_deleted_at_once,
    refusals,
)
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.presentation.human import age, interval
from daytona_tui.presentation.questions import named
from daytona_tui.presentation.tones import Cell, Tone

LONGEST_MIN = 10 * 365 * 24 * 60
"""Longer than ten years is a slip of the finger."""

FIELDS = {
    Timer.AUTO_STOP: "auto_stop_min",
    Timer.AUTO_PAUSE: "auto_pause_min",
    Timer.AUTO_ARCHIVE: "auto_archive_min",
    Timer.AUTO_DELETE: "auto_delete_min",
    Timer.TTL: "ttl_min",
}
"""The field of an edit, and save for the last of ``Lifetimes``, that belongs to each timer."""

_OFF_WORDS = {"off", "none", "never", "no", "-"}
_ON_STOP_WORDS = {"on stop", "stop", "onstop", "0"}
_MAX_WORDS = {"max", "longest", *_OFF_WORDS}
_UNITS = {"m": 1, "min": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)\s*", re.ASCII)

_DOES = {Act.STOP: "stops", Act.PAUSE: "is paused", Act.ARCHIVE: "is archived", Act.DELETE: "is deleted"}
_DO = {Act.STOP: "stop", Act.PAUSE: "are paused", Act.ARCHIVE: "are archived", Act.DELETE: "are deleted"}
_RESTS = {SandboxState.STARTED: "runs on for ever", SandboxState.STOPPED: "stays stopped",
          SandboxState.PAUSED: "stays paused", SandboxState.ARCHIVED: "stays archived"}  # fmt: skip

_A_LOOK = timedelta(seconds=10)
"""The platform looks at its timers about so often."""

_REFUSED = {
    Refusal.PAUSE_OF_CONTAINER: "only virtual machines can be paused",
    Refusal.BOTH_STOP_AND_PAUSE: "auto-stop and auto-pause exclude each other: set one",
    Refusal.MUST_STAY_EPHEMERAL: "what has a GPU has to be deleted when it stops; only a TTL can be set",
}


class IntervalError(ValueError):
    """What was typed is no interval; the message says what would be one."""


def parse_interval(timer: Timer, text: str) -> int | None:
    """Return the minutes that ``text`` means for ``timer``, in the meanings of ``LifetimeEdit``; None leaves it.

    Raises:
        IntervalError: it is no interval, or none that this timer can have.
    """
    word = " ".join(text.casefold().split())
    if not word or word == "leave":
        return None
    if timer is Timer.AUTO_ARCHIVE and word in _MAX_WORDS:
        return 0
    if timer is Timer.AUTO_DELETE and word in _ON_STOP_WORDS:
        return 0
    if word in _OFF_WORDS:
        return -1 if timer is Timer.AUTO_DELETE else 0
    minutes = _minutes(word)
    if timer is Timer.AUTO_ARCHIVE and minutes > MAX_ARCHIVE_MIN:
        raise IntervalError("at most 30d")
    if minutes > LONGEST_MIN:
        raise IntervalError("at most ten years")
    return minutes


def _minutes(word: str) -> int:
    total, at = 0.0, 0
    for match in _PART.finditer(word):
        number, unit = match.groups()
        if match.start() != at or (unit and unit not in _UNITS):
            break
        total, at = total + float(number) * _UNITS[unit or "m"], match.end()
    if at != len(word):
        if re.fullmatch(r"[\d.]+\s*s(ec.*)?", word):
            raise IntervalError("whole minutes: 15m")
        raise IntervalError("15m, 2h, 7d or off")
    if not total.is_integer():
        raise IntervalError("whole minutes: 15m")
    return int(total)


def setting_words(timer: Timer, minutes: int) -> str:
    """Return a setting as it is shown and can be typed again."""
    if timer is Timer.AUTO_DELETE:
        return "off" if minutes < 0 else "on stop" if minutes == 0 else interval(minutes)
    if timer is Timer.AUTO_ARCHIVE:
        return interval(minutes or MAX_ARCHIVE_MIN)
    if minutes == 0:
        return "none" if timer is Timer.TTL else "off"
    return interval(minutes)


def left(time: timedelta) -> str:
    """Return a time that is left in its two largest units: ``4m 05s``, ``3h 12m``, ``6d 4h``; none left is ``now``."""
    seconds = int(time.total_seconds())
    if seconds <= 0:
        return "now"
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days:,}d {hours}h" if hours else f"{days:,}d"
    if hours:
        return f"{hours}h {minutes:02d}m" if minutes else f"{hours}h"
    if minutes:
        return f"{minutes}m {seconds:02d}s" if seconds else f"{minutes}m"
    return f"{seconds}s"


def story(seen: Forecast, now: datetime) -> str:
    """Return what will happen to one sandbox, as a sentence."""
    if not seen.steps:
        return f"It {_RESTS[seen.rests]}." if seen.rests in _RESTS else "Nothing happens to it by itself."
    before = now
    parts: list[str] = []
    for step in seen.steps:
        parts.append(f"{_DOES[step.act]} {_when(step.at - before, is_first=not parts)}")
        before = step.at
    if seen.deletion is None and seen.rests in _RESTS:
        parts.append(f"then {_RESTS[seen.rests]}")
    elif seen.deletion is not None and seen.deletion.because is Timer.TTL:
        parts[-1] += " (its TTL)"
    *most, last = parts
    return f"It {', '.join(most)} and {last}." if most else f"It {last}."


def _when(after: timedelta, *, is_first: bool) -> str:
    if after <= AT_ONCE:
        return _soon(after) if is_first or after <= _A_LOOK else "a minute later"
    # Seconds would make the sentence flicker.
    rounded = timedelta(minutes=round(after.total_seconds() / 60))
    return f"in {left(rounded)}" if is_first else f"{left(rounded)} later"


def _soon(after: timedelta) -> str:
    """What is to come within moments: that it is due already, or that there is a minute left at most."""
    return "at once" if after <= _A_LOOK else "within a minute"


def warnings(sandbox: Sandbox, seen: Forecast, now: datetime) -> Iterator[Cell]:
    """Yield what deserves a second look in what will happen to ``sandbox``, the worst first."""
    idle = _idle(sandbox, now)
    if seen.deletion is not None and is_deleted_at_once(seen, now):
        yield Cell(f"It is destroyed {_soon(seen.deletion.at - now)}, with all its files{idle}.", Tone.BAD)
        if seen.deletion.because is not Timer.TTL:
            yield Cell("A TTL counts from now and destroys nothing at once.", Tone.DIM)
    for step in seen.at_once(now):
        if step.act is not Act.DELETE and step.because is not Timer.TTL:
            yield Cell(f"It {_DOES[step.act]} {_soon(step.at - now)}{idle}.", Tone.WARN)
    if Trap.NEVER_DIES in seen.traps:
        yield Cell("It is to be deleted when it stops, but nothing will stop it. A TTL would end it.", Tone.WARN)
    if Trap.STOP_DELETES in seen.traps and not is_deleted_at_once(seen, now):
        yield Cell("Auto-stop deletes it, with all its files: auto-delete is on stop.", Tone.WARN)
    if Trap.DELETE_UNREACHABLE in seen.traps:
        yield Cell("Auto-delete never fires: it is archived before, and no timer but a TTL ends that.", Tone.WARN)
    if not seen.is_certain:
        yield Cell("This may be wrong: Daytona did not say all that decides it, or is changing it.", Tone.DIM)


def outcome(sandboxes: Sequence[Sandbox], edit: LifetimeEdit, now: datetime) -> tuple[Cell, ...]:
    """Return what ``edit`` would do to ``sandboxes``, a sentence a line, warnings in their tones."""
    refused = _refusal_lines(sandboxes, edit)
    if len(sandboxes) == 1:
        after = edited(sandboxes[0], edit, now)
        seen = forecast(after, now)
        return (Cell(story(seen, now), Tone.STRONG), *warnings(after, seen, now), *refused)
    pairs = [(sandbox, forecast(edited(sandbox, edit, now), now)) for sandbox in sandboxes]
    return (*_of_many(pairs, now), *refused)


def doomed(sandboxes: Sequence[Sandbox], edit: LifetimeEdit, now: datetime) -> tuple[Sandbox, ...]:
    """Return those that ``edit`` would destroy within moments, and that would live on without it."""
    return tuple(each for each in sandboxes if _kills(each, forecast(edited(each, edit, now), now), now))


def _kills(before: Sandbox, after: Forecast, now: datetime) -> bool:
    return is_deleted_at_once(after, now) and not is_deleted_at_once(forecast(before, now), now)


_Pair = tuple[Sandbox, Forecast]


def _of_many(pairs: Sequence[_Pair], now: datetime) -> Iterator[Cell]:
    yield from _deaths(pairs, now)
    for act in (Act.STOP, Act.PAUSE, Act.ARCHIVE):
        names = [sandbox.name for sandbox, seen in pairs if any(step.act is act for step in seen.at_once(now))]
        if names:
            yield Cell(f"{_they(act, len(names))} at once: {named(names)}.", Tone.WARN)
    for act in (Act.STOP, Act.PAUSE, Act.ARCHIVE, Act.DELETE):
        steps = [step for _, seen in pairs if (step := _later(seen, act, now)) is not None]
        if steps:
            yield Cell(f"{_they(act, len(steps))} {_span(steps, now)}.")
    still = sum(not seen.steps for _, seen in pairs)
    if still:
        yield Cell(f"To {still:,} nothing happens.", Tone.DIM)
    for trap, words in _TRAPS_OF_MANY.items():
        names = [sandbox.name for sandbox, seen in pairs if trap in seen.traps and not is_deleted_at_once(seen, now)]
        if names:
            yield Cell(f"{len(names):,} {words}: {named(names)}.", Tone.WARN)
    doubtful = sum(not seen.is_certain for _, seen in pairs)
    if doubtful:
        yield Cell(f"Of {doubtful:,} Daytona did not say all that decides it, or is changing them.", Tone.DIM)


def _deaths(pairs: Sequence[_Pair], now: datetime) -> Iterator[Cell]:
    dead = [sandbox.name for sandbox, seen in pairs if _kills(sandbox, seen, now)]
    overdue = sum(is_deleted_at_once(seen, now) for _, seen in pairs) - len(dead)
    if dead:
        count = f"{len(dead):,} {'is' if len(dead) == 1 else 'are'}"
        yield Cell(f"{count} destroyed at once, with all files: {named(dead)}.", Tone.BAD)
        yield Cell("A TTL counts from now and destroys nothing at once.", Tone.DIM)
    if overdue:
        yield Cell(f"{overdue:,} should have been deleted already, and may be any moment.", Tone.WARN)


def _they(act: Act, count: int) -> str:
    return f"{count:,} {_DO[act] if count > 1 else _DOES[act]}"


_TRAPS_OF_MANY = {
    Trap.NEVER_DIES: "to be deleted on stop, which nothing will bring about",
    Trap.STOP_DELETES: "deleted by auto-stop, with all files",
    Trap.DELETE_UNREACHABLE: "archived before auto-delete could fire, so it never does",
}


def _later(seen: Forecast, act: Act, now: datetime) -> Step | None:
    """The first step, if it is ``act`` and not at once."""
    step = seen.steps[0] if seen.steps else None
    return step if step is not None and step.act is act and step.at - now > AT_ONCE else None


def _span(steps: Sequence[Step], now: datetime) -> str:
    first, last = (_when(bound(step.at for step in steps) - now, is_first=True) for bound in (min, max))
    return first if first == last else f"{first} to {last.removeprefix('in ')}"


def _refusal_lines(sandboxes: Sequence[Sandbox], edit: LifetimeEdit) -> Iterator[Cell]:
    for refusal, words in _REFUSED.items():
        count = sum(refusal in refusals(sandbox, edit) for sandbox in sandboxes)
        if count:
            whom = "" if len(sandboxes) == 1 else f" for {count} of them"
            yield Cell(f"Daytona will refuse this{whom}: {words}.", Tone.BAD)
    if edit.auto_stop_min and not edit.auto_pause_min and any(each.lifetimes.auto_pause_min for each in sandboxes):
        yield Cell("Setting auto-stop turns auto-pause off.", Tone.DIM)
    can_pause = (each for each in sandboxes if Refusal.PAUSE_OF_CONTAINER not in refusals(each, edit))
    if edit.auto_pause_min and not edit.auto_stop_min and any(each.lifetimes.auto_stop_min for each in can_pause):
        yield Cell("Setting auto-pause turns auto-stop off.", Tone.DIM)


def _idle(sandbox: Sandbox, now: datetime) -> str:
    if sandbox.last_activity_at is None or now - sandbox.last_activity_at <= AT_ONCE:
        return ""
    return f": it has been idle for {age((now - sandbox.last_activity_at).total_seconds())}"
