"""``leaks``: which sandboxes probably cost money for nothing, why, and what speaks against it. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.grammar import Form

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.leaks import Verdict
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.operations.sweep.scanning import Look

_EPILOG = (
    "The bands: leak, suspect, untidy; what is fine is not shown. A guard is what speaks against doing anything. By "
    "what is judged, and what is protected, can be set in the settings file under [leaks] and [[protect]]. Looking "
    "keeps no sandbox awake. Exit codes are those of list."
)


@grammar.command(
    "leaks",
    short_help="show what probably costs money for nothing, and why",
    help="""Show the sandboxes that probably cost money for nothing, the most expensive first.

    Dollars a day, how sure that is, who made them, the strongest reason, what speaks against it, and the gentlest thing
    to do.""",
    epilog=_EPILOG,
)
@grammar.filter_argument
@grammar.form_options
@click.option("--held", is_flag=True, help="also what only looks like a leak, and what protects it")
def leaks(words: tuple[str, ...], held: bool) -> int:
    """Look and return the exit code."""
    from daytona_tui.cli import narration, running
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.cli.filtering import filters_of, meaning

    filters = filters_of([" ".join(words)])

    async def shown(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli.sweeping import scanner, total_words

        is_meant = meaning(filters, settings)
        look = await scanner(gateway, settings).look(concerns=is_meant)
        verdicts = [*look.verdicts.ranked(), *(look.verdicts.held_back() if held else ())]
        found = [each for each in verdicts if is_meant(each.sandbox)]
        _show(found, look, form=grammar.common().form)
        if not " ".join(words).strip():
            narration.say(total_words(look.verdicts.total))
        elif not found:
            narration.say("nothing of this looks like a leak")
        for note in look.notes:
            narration.add(note)
        return ExitCode.OK

    return running.run(shown)


def _show(found: Sequence[Verdict], look: Look, *, form: Form) -> None:
    from daytona_tui.cli import output

    now = look.evidence.now
    if form.is_data:
        output.as_data([as_object(each, looked_into=each.sandbox.id in look.looked_into) for each in found], form)
        return
    if found:
        room = output.room_of_terminal()
        head = ["$/DAY", "SCORE", "BAND", "NAME", "OWNER", "IDLE", "OFFER", "WHY", "GUARD"]
        right = [True, True, False, False, False, True, False, False, False]
        rows = [_cells(each, now, room) for each in found]
        if room is not None:  # two long columns would leave too little of either
            head, right = head[:-1], right[:-1]
            rows = [[*cells, f"{why} ({guard})" if guard else why] for *cells, why, guard in rows]
        output.table(head, rows, right=right, room=room)


def _cells(verdict: Verdict, now: datetime, room: int | None) -> list[str]:
    from daytona_tui.cli.sweeping import cost_word, idle_word, name_word, owner_word
    from daytona_tui.domain.owners import owner_of
    from daytona_tui.presentation.safe_text import safe

    owner = owner_of(verdict.sandbox)
    offer = verdict.offers[0] if verdict.offers else None
    words = [
        cost_word(verdict.per_day),
        str(verdict.score),
        verdict.band.value + ("*" if verdict.preselected else ""),
        name_word(verdict.sandbox, room),
        owner_word(owner.name, owner.run, room),
        idle_word(verdict.sandbox, now),
        offer.action.value if offer else "",
        verdict.headline,
        verdict.guards[0].sentence if verdict.guards else "",
    ]
    return [safe(word) for word in words]


def as_object(verdict: Verdict, *, looked_into: bool) -> dict[str, object]:
    """Return what ``leaks --json`` shows of a sandbox. The keys are a promise: more may come, none goes or changes."""
    from daytona_tui.cli.sweeping import amount_object
    from daytona_tui.domain.masking import masked
    from daytona_tui.domain.owners import owner_of

    sandbox, owner = verdict.sandbox, owner_of(verdict.sandbox)
    return {
        "id": sandbox.id,
        "name": sandbox.name,
        "state": sandbox.state.value,
        "owner": {"name": owner.name, "run": owner.run, "why": owner.why, "confidence": owner.confidence.value},
        "is_mine": verdict.is_mine,
        "score": verdict.score,
        "band": verdict.band.value,
        "preselected": verdict.preselected,
        "daily_usd": None if verdict.per_day is None else round(verdict.per_day, 4),
        "frees": amount_object(verdict.frees),
        "looked_into": looked_into,
        "reasons": [
            {"code": each.code, "weight": each.weight, "sentence": masked(each.sentence)} for each in verdict.reasons
        ],
        "guards": [
            {"code": each.code, "effect": each.effect, "vetoes": each.vetoes, "sentence": masked(each.sentence)}
            for each in verdict.guards
        ],
        "offers": [
            {"action": each.action.value, "ttl_min": each.ttl_min or None, "consequence": each.consequence}
            for each in verdict.offers
        ],
    }
