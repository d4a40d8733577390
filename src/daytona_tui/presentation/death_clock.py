"""The death clock: every timer of a sandbox with its time left, which comes first, and what it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from daytona_tui.domain.deadlines import is_archivable
from daytona_tui.domain.lifetimes import Forecast, Step, Timer, counting, forecast
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.presentation.fields import Field, Section, untold
from daytona_tui.presentation.lifetimes import FIELDS, left, setting_words, story, warnings
from daytona_tui.presentation.tones import Cell, Tone

_SOON = timedelta(minutes=5)
_DOES = {"stop": "stops it", "pause": "pauses it", "archive": "archives it", "delete": "deletes it"}


def ahead(sandbox: Sandbox, now: datetime, hint: str = "") -> Section:
    """Return what will happen to ``sandbox`` by itself, timer by timer and as a sentence.

    Args:
        sandbox: whose timers.
        now: aware time.
        hint: which key changes them.
    """
    seen = forecast(sandbox, now)
    fields = [Field("ahead", Cell(story(seen, now), Tone.STRONG))]
    fields += [Field("" if index else "careful", cell) for index, cell in enumerate(warnings(sandbox, seen, now))]
    fields += [_timer(sandbox, timer, seen, now) for timer in Timer]
    return Section(f"Lifetimes  ({hint})" if hint else "Lifetimes", tuple(fields))


def _timer(sandbox: Sandbox, timer: Timer, seen: Forecast, now: datetime) -> Field:
    setting, raw = _setting(sandbox, timer)
    if setting is None:
        return untold(timer.value)
    at = counting(sandbox, timer)
    if at is None:
        return Field(timer.value, Cell(setting, Tone.DIM), _idle_note(sandbox, timer, setting), raw)
    first = seen.steps[0] if seen.steps else None
    is_first = first is not None and first.because is timer
    words = f"{setting:<8}{_countdown(at, now)}"
    return Field(timer.value, Cell(words, _tone(first if is_first else None, at, now)), _note(first, is_first), raw)


def _setting(sandbox: Sandbox, timer: Timer) -> tuple[str | None, str]:
    if timer is Timer.TTL:
        end = sandbox.lifetimes.destroy_at
        return ("none", "none") if end is None else (f"{end:%m-%d %H:%M} ", end.isoformat())
    minutes: int | None = getattr(sandbox.lifetimes, FIELDS[timer])
    return (None, "") if minutes is None else (setting_words(timer, minutes), str(minutes))


def _countdown(at: datetime, now: datetime) -> str:
    return "due now" if at <= now else f"in {left(at - now)}"


def _note(first: Step | None, is_first: bool) -> str:
    return f"◂ {_DOES[first.act]}" if first is not None and is_first else ""


def _tone(first: Step | None, at: datetime, now: datetime) -> Tone:
    if first is None:
        return Tone.DIM
    return Tone.WARN if first.act == "delete" or at - now < _SOON else Tone.NEUTRAL


def _idle_note(sandbox: Sandbox, timer: Timer, setting: str) -> str:
    """Why a timer does not count now."""
    if setting in ("off", "none"):
        return ""
    return next(_reasons(sandbox, timer), "")


def _reasons(sandbox: Sandbox, timer: Timer) -> Iterator[str]:
    if timer is Timer.AUTO_PAUSE:
        yield "only virtual machines are paused" if sandbox.sandbox_class == "container" else "counts while it runs"
    if timer is Timer.AUTO_STOP:
        yield "counts while it runs"
    if sandbox.state is SandboxState.ARCHIVED:
        yield "it is archived: only a TTL ends that" if timer is Timer.AUTO_DELETE else "it is archived"
    if timer is Timer.AUTO_ARCHIVE and not is_archivable(sandbox):
        yield "sandboxes like this are not archived"
    yield "counts while it is stopped"
