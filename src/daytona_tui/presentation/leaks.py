"""Leaks as rows, words and fields: how sure it is, what it costs, why, what speaks against it, what to do first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from daytona_tui.domain.leaks import Action, Band, Offer, Total, Verdict
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation import sort_keys
from daytona_tui.presentation.cells import CellContext, CellOf
from daytona_tui.presentation.columns import Align, Column, column_named
from daytona_tui.presentation.fields import Field, Section
from daytona_tui.presentation.human import dollars, interval
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tones import Cell, Tone

VerdictOf = Callable[[Sandbox], Verdict | None]
"""Returns what is said of a sandbox; None as long as nothing is."""

CHOSEN = "✓"
"""Before what a sweep would do by itself."""

_NAME_CELLS = 20

_ROUND_FROM = 9.995
"""Dollars from which a narrow line leaves out the cents."""

TONES = {Band.LEAK: Tone.BAD, Band.SUSPECT: Tone.WARN, Band.UNTIDY: Tone.NEUTRAL, Band.FINE: Tone.FAINT}
_GLYPHS = {Band.LEAK: "●", Band.SUSPECT: "◐", Band.UNTIDY: "○", Band.FINE: "·"}

GUARD_WORDS = {
    "keep.pin": "held",
    "keep.label": "kept",
    "keep.foreign": "kept",
    "keep.shape": "kept",
    "keep.rule": "by rule",
    "know.state": "unknown",
    "know.time": "unknown",
    "know.value": "unknown",
    "know.interval": "unknown",
    "new.created": "young",
    "new.active": "in use",
    "move.changing": "changing",
    "move.leaving": "deleted",
    "pool.warm": "pool",
    "end.soon": "ends",
    "own.managed": "managed",
    "own.other": "other's",
    "own.inside": "inside",
    "tie.shared": "shared",
    "cpu.busy": "busy",
}
"""A word for each guard, where its sentence has no room."""

_NOTHING = Cell("", Tone.FAINT)
_UNKNOWN = Cell("—", Tone.FAINT)


def leak_columns(verdict_of: VerdictOf) -> tuple[Column, ...]:
    """Return the columns of the leak view; what they show of a sandbox is asked for at every drawing."""

    def offered(sandbox: Sandbox, context: CellContext) -> Cell:
        verdict = verdict_of(sandbox)
        if context.doing is not None:  # it is too late to offer anything
            return Cell(safe(context.doing.step), Tone.BUSY)
        return _NOTHING if verdict is None else offer_cell(verdict)

    def said(cell: Callable[[Verdict], Cell]) -> CellOf:
        def shown(sandbox: Sandbox, _context: CellContext) -> Cell:
            verdict = verdict_of(sandbox)
            return _NOTHING if verdict is None else cell(verdict)

        return shown

    column = partial(Column, sort_key=sort_keys.by_cost, is_steady=False)
    name = column_named("name")
    assert name is not None
    # All of it fits into 65 cells: what a pane has at 120 columns. The state is told by the reason.
    return (
        replace(name, width=10, ideal=14, most=36),
        column("leak-cost", "$/DAY", said(cost_cell), width=6, ideal=6, most=8, priority=1, align=Align.RIGHT),
        column("leak-score", "SCORE", said(score_cell), width=5, ideal=10, most=10, priority=1),
        column("leak-why", "WHY", said(why_cell), width=17, ideal=42, most=90, priority=0),
        column("leak-guard", "GUARD", said(guard_cell), width=8, ideal=24, most=44, priority=4),
        column("leak-offer", "OFFER", offered, width=9, ideal=9, most=12, priority=0),
    )


def cost_cell(verdict: Verdict) -> Cell:
    """Return what it costs a day."""
    if verdict.per_day is None:
        return _UNKNOWN
    return Cell(dollars(verdict.per_day), Tone.NEUTRAL if verdict.per_day else Tone.FAINT)


def score_cell(verdict: Verdict) -> Cell:
    """Return how sure it is, as a number and a word; of what a guard protects, that it does."""
    if verdict.band is Band.FINE and verdict.is_vetoed:
        return Cell(" – guarded", Tone.FAINT, " –")
    number = f"{verdict.score:>2}"
    return Cell(f"{number} {verdict.band.value}", TONES[verdict.band], f"{number} {_GLYPHS[verdict.band]}")


def why_cell(verdict: Verdict) -> Cell:
    """Return the strongest reason, and how many more there are."""
    more = f" +{len(verdict.reasons) - 1}" if len(verdict.reasons) > 1 else ""
    tone = Tone.FAINT if verdict.band is Band.FINE else Tone.NEUTRAL
    return Cell(f"{safe(verdict.headline)}{more}", tone) if verdict.reasons else _NOTHING


def guard_cell(verdict: Verdict) -> Cell:
    """Return what speaks against doing anything most, and how much more there is."""
    if not verdict.guards:
        return _NOTHING
    first, others = verdict.guards[0], len(verdict.guards) - 1
    words, tone = safe(first.sentence), Tone.ACCENT if verdict.is_vetoed else Tone.DIM
    return Cell(f"{words}{f' +{others}' if others else ''}", tone, GUARD_WORDS.get(first.code, ""))


def offer_cell(verdict: Verdict) -> Cell:
    """Return what could be done first; marked where a sweep would do it by itself."""
    if not verdict.offers:
        return _NOTHING
    words = offer_words(verdict.offers[0])
    return Cell(f"{CHOSEN} {words}", Tone.STRONG) if verdict.preselected else Cell(f"  {words}", Tone.DIM)


def offer_words(offer: Offer) -> str:
    """Return an offer in a word or two: ``ttl 1d``."""
    return f"ttl {interval(offer.ttl_min)}" if offer.action is Action.TTL else offer.action.value


def verdict_lines(verdict: Verdict) -> tuple[str, str]:
    """Return what a row has no room for in two lines: who it is and why; what speaks against it, what could be done."""
    score = score_cell(verdict).text.strip()
    whose = "yours" if verdict.is_mine else "not known to be yours"
    reasons = "; ".join(safe(reason.sentence) for reason in verdict.reasons)
    guards = "; ".join(safe(guard.sentence) for guard in verdict.guards)
    offer = f"{offer_words(verdict.offers[0])}: {verdict.offers[0].consequence}" if verdict.offers else ""
    against = f"against it: {guards}" if guards else ""
    name = clip(safe(verdict.sandbox.name or verdict.sandbox.id), _NAME_CELLS)
    return f"{name} · {score} · {whose} · {reasons}", " · ".join(filter(None, (against, offer)))


def total_words(total: Total, *, is_full: bool = False, is_short: bool = False) -> str:
    """Return what leaks and suspects come to: ``23 suspects, $11.40/day, 180 GiB``.

    Args:
        total: of the fleet.
        is_full: in more detail.
        is_short: for a narrow line: ``23 suspects $11/d``.
    """
    if is_short:
        return _short_words(total)
    if not total.count:
        return "no leaks and no suspects" + (f", {total.untidy:,} untidy" if total.untidy else "")
    at_least = "at least " if total.unknown else ""
    parts = [f"{total.count:,} suspect{'' if total.count == 1 else 's'}", f"{at_least}${dollars(total.per_day)}/day"]
    if total.frees.disk_gib:
        parts.append(f"{total.frees.disk_gib:,} GiB")
    if is_full and total.leaks:
        parts.append(f"{total.leaks:,} of them leaks")
    if is_full and total.unknown:
        parts.append(f"{total.unknown:,} of unknown cost")
    return ", ".join(parts)


def _short_words(total: Total) -> str:
    if not total.count:
        return "no suspects"
    money = f"{total.per_day:,.0f}" if total.per_day >= _ROUND_FROM else dollars(total.per_day)
    return f"{total.count:,} suspect{'' if total.count == 1 else 's'} {'≥ ' if total.unknown else ''}${money}/d"


def verdict_section(verdict: Verdict) -> Iterator[Section]:
    """Yield what the details say of a verdict; nothing where there is nothing to say."""
    if not verdict.reasons and not verdict.is_vetoed:
        return
    yield Section("Leak", (_headline(verdict), *_reasons(verdict), *_guards(verdict), *_offers(verdict)))


def _headline(verdict: Verdict) -> Field:
    score = score_cell(verdict)
    money = "" if verdict.per_day is None else f"${dollars(verdict.per_day)} a day"
    whose = "yours" if verdict.is_mine else "not known to be yours"
    note = " · ".join(filter(None, (money, whose, f"{verdict.suspicion} before guards" if verdict.guards else "")))
    return Field("score", Cell(score.text.strip(), score.tone), note, str(verdict.score))


def _reasons(verdict: Verdict) -> Iterator[Field]:
    for index, reason in enumerate(verdict.reasons):
        words = Cell(safe(reason.sentence), Tone.DIM if verdict.band is Band.FINE else Tone.NEUTRAL)
        yield Field("because" if not index else "", words, f"+{reason.weight} {reason.code}", reason.sentence)


def _guards(verdict: Verdict) -> Iterator[Field]:
    for index, guard in enumerate(verdict.guards):
        effect = "nothing is done" if guard.vetoes else str(guard.effect) if guard.effect else ""
        note = " ".join(filter(None, (effect, guard.code)))
        yield Field("guarded" if not index else "", Cell(safe(guard.sentence), Tone.ACCENT), note, guard.sentence)


def _offers(verdict: Verdict) -> Iterator[Field]:
    for index, offer in enumerate(verdict.offers):
        yield Field("could" if not index else "", Cell(offer_words(offer)), offer.consequence, offer.consequence)
