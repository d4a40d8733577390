"""``start``, ``stop``, ``archive``, ``delete``: one deed on all sandboxes that are named or that a filter means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.exit_codes import ExitCode
from daytona_tui.cli.grammar import Said
from daytona_tui.cli.trouble import MEND_TOO_MANY, Refusal, declined, no_terminal, would_delete

if TYPE_CHECKING:
    from collections.abc import Callable

    from daytona_tui.cli.selecting import Selection
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.cost import PriceBook
    from daytona_tui.domain.deeds import Verb
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sizes import SizeEdit
    from daytona_tui.operations.bulk import BulkRow, Plan, PlannedRow

_MOST = 100
_NAMED = 20
_EPILOG = (
    "A word is an id, a whole name or the beginning of one; the beginning of several is refused, with their names. "
    "With a key, a flag or an operator among them all words are one filter, which is what one types after / on the "
    "screen: 'state:started owner:harbor idle>1h !label:keep'; put it in quotes. Where no word begins a sandbox "
    "they are looked for as text. With --yes none is deleted by text, by the beginning of a name or by less than 8 "
    "characters of an id. A sandbox that changes between the plan and its turn is left alone and named. Exit codes: "
    "0 all done or so already, or a filter finds nobody to do it to, 1 some failed, or one that was named is "
    "refused, 2 refused, not clear or the filter is wrong, 3 no answer, 4 the key may not do this, 5 no sandbox "
    "matches, 7 not done in time, 130 interrupted."
)


def verb_command(verb: str, about: str) -> Callable[[Callable[..., int]], click.Command]:
    """Make a subcommand of a function, with the flags that all verbs have, and give it what was said as keywords."""

    def made(function: Callable[..., int]) -> click.Command:
        function = grammar.form_options(function)
        function = grammar.timeout_option("each change of state has what the settings say, or 2m")(function)
        function = click.option(
            "--wait/--no-wait", "waits", default=True, help="return when it is done, or as soon as it is accepted"
        )(function)
        function = click.option("--dry-run", is_flag=True, help="only say what would be done")(function)
        function = grammar.max_option(_MOST)(function)
        function = grammar.yes_option(function)
        function = click.argument(
            "words",
            metavar="SANDBOX...|FILTER",
            nargs=-1,
            required=True,
            help="which sandboxes: each by its id, its name or the beginning of one; or a filter",
        )(function)
        sentence = f"{about[0].upper()}{about[1:]}."
        return grammar.command(verb, short_help=about, help=sentence, epilog=_EPILOG)(function)

    return made


_held_option = click.option("--held", is_flag=True, help="also delete those that a pin, a label or a rule wants kept")


@verb_command("start", "start (restore, resume) sandboxes")
def start(**words: Any) -> int:
    """Start and return the exit code."""
    return act("start", words)


@verb_command("stop", "stop sandboxes")
@click.option("--force", is_flag=True, help="end programs without giving them time")
@click.option("--allow-delete", is_flag=True, help="with --yes: also those that stopping deletes (auto-delete 0)")
@_held_option
def stop(**words: Any) -> int:
    """Stop and return the exit code."""
    return act("stop", words)


@verb_command("archive", "archive sandboxes; those that run are stopped first")
def archive(**words: Any) -> int:
    """Archive and return the exit code."""
    return act("archive", words)


@verb_command("delete", "delete sandboxes, for ever")
@_held_option
def delete(**words: Any) -> int:
    """Delete and return the exit code."""
    return act("delete", words)


def act(
    verb: str, words: dict[str, Any], *, states: tuple[str, ...] = (), not_so: str = "", size: SizeEdit | None = None
) -> int:
    """Plan, ask, act, and return the exit code.

    Args:
        verb: what to do, by the value of a ``Verb``.
        words: what the command line says, by the names of the parameters.
        states: only those in one of these; empty for all in which it is possible.
        not_so: what is said of the others: "it is not paused".
        size: for ``resize``.
    """
    from daytona_tui.cli import asking, running
    from daytona_tui.cli.selecting import text_of

    defaults = {"force": False, "allow_delete": False, "held": False}
    arguments = Said(
        **{**defaults, **words}, verb=verb, form=grammar.common().form, states=states, not_so=not_so, size=size
    )
    text_of(arguments.words)
    if not (arguments.yes or arguments.dry_run or asking.can_ask()):
        raise no_terminal()

    async def acted(gateway: Gateway, settings: Settings) -> int:
        selection, plan = await _plan(gateway, settings, arguments)
        code = await _code_before(selection, plan, settings.prices, arguments)
        if code is None:
            code = await _carry_out(plan, gateway, settings, arguments, is_named=selection.is_named)
        return code

    return running.run(acted, acts=not arguments.dry_run)


async def _plan(gateway: Gateway, settings: Settings, arguments: Said) -> tuple[Selection, Plan]:
    """Return who is meant, and the plan; a listing that fails raises, so that nothing is done to half of the fleet."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from daytona_tui.cli.selecting import selected
    from daytona_tui.domain.deeds import Deed
    from daytona_tui.operations.bulk import make_plan
    from daytona_tui.transfer.concurrency import closing

    async with closing(gateway.list_pages()) as pages:
        fleet = [sandbox async for page in pages for sandbox in page]
    selection = selected(fleet, arguments.words, settings)
    plan = make_plan(Deed(_verb(arguments), size=arguments.size), selection.sandboxes, datetime.now(UTC))
    plan = replace(plan, rows=tuple(_in_state(row, arguments) for row in plan.rows))
    return selection, plan if arguments.held else await _without_kept(plan, settings)


def _in_state(row: PlannedRow, arguments: Said) -> PlannedRow:
    from dataclasses import replace

    if row.skip or not arguments.states or row.sandbox.state.value in arguments.states:
        return row
    return replace(row, skip=arguments.not_so)


async def _without_kept(plan: Plan, settings: Settings) -> Plan:
    """Return ``plan`` without those to be kept of which nothing would be left: nobody may be there to be asked."""
    from dataclasses import replace

    from daytona_tui.cli.sweeping import keeper

    doomed = _doomed(plan)
    if not doomed:
        return plan
    kept = await keeper(settings).reasons([row.sandbox for row in doomed])

    def spared(row: PlannedRow) -> PlannedRow:
        why = kept.get(row.sandbox.id, "")
        return replace(row, skip=f"it is to be kept ({why}); --held deletes it all the same") if why else row

    return replace(plan, rows=tuple(map(spared, plan.rows)))


def _doomed(plan: Plan) -> tuple[PlannedRow, ...]:
    """Return those of which nothing would be left."""
    from daytona_tui.domain.deeds import Verb

    return plan.acting if plan.deed.verb is Verb.DELETE else plan.dangerous


def _verb(arguments: Said) -> Verb:
    from daytona_tui.domain.deeds import Verb

    return Verb.FORCE_STOP if arguments.force else Verb(arguments.verb)


async def _code_before(selection: Selection, plan: Plan, prices: PriceBook, arguments: Said) -> int | None:
    """Return the exit code of a plan that is not to be carried out; None for one that is."""
    from daytona_tui.cli import asking, narration
    from daytona_tui.cli.selecting import refuse_doubts

    many, about = len(plan.acting), _about(plan)
    if not plan.rows:
        raise Refusal("not_found", "no sandbox matches", exit_code=ExitCode.NOT_FOUND)
    if arguments.yes and _doomed(plan) and not arguments.dry_run:
        refuse_doubts(selection)
    for note in selection.notes:
        narration.say(note)
    if arguments.dry_run:
        _show(selection, plan, prices, arguments)
        return ExitCode.OK
    if many > arguments.max:
        raise Refusal(
            "too_many", f"{about}: that is more than --max {arguments.max}; nothing was done", hint=MEND_TOO_MANY
        )
    if plan.dangerous and arguments.yes and not arguments.allow_delete:
        _tell(plan, about, prices, all_of_them=False)
        raise would_delete(len(plan.dangerous))
    if many and not arguments.yes:
        _tell(plan, about, prices, all_of_them=False)
        if not await asking.agreed(f"{about}?", "yes"):
            raise declined()
    return None


def _show(selection: Selection, plan: Plan, prices: PriceBook, arguments: Said) -> None:
    """Show what would be done, and what would be refused of it."""
    from daytona_tui.cli import narration, output
    from daytona_tui.cli.deeds_told import planned_object

    many = len(plan.acting)
    if arguments.form.is_data:
        output.as_data([planned_object(row, prices) for row in plan.rows], arguments.form)
    else:
        _tell(plan, _about(plan), prices, all_of_them=True)
    if many > arguments.max:
        narration.say(f"without --dry-run it would be refused: {many:,} are more than --max {arguments.max}")
    if _doomed(plan) and selection.doubts:
        narration.say("with --yes it would be refused: nobody is deleted unasked by a word that is not whole")


def _about(plan: Plan) -> str:
    """Return the deed with its object: ``Stop api-1``."""
    from daytona_tui.presentation.deeds import WORDS

    many = len(plan.acting)
    return WORDS[plan.deed.verb].about(many, plan.acting[0].sandbox.name if many else "")


def _tell(plan: Plan, about: str, prices: PriceBook, *, all_of_them: bool) -> None:
    """Say what would be done to whom, what that frees and takes, and who is left out."""
    from daytona_tui.cli import narration
    from daytona_tui.cli.deeds_told import effect_on
    from daytona_tui.presentation.deeds import effect_words

    narration.say(about if plan.acting else "nothing to do")
    verb = plan.deed.verb
    if effect := effect_words(verb, effect_on(plan.deed, [row.sandbox for row in plan.acting], prices)):
        narration.add(effect)
    lines = [f"{row.sandbox.name}{f': {row.warning}' if row.warning else ''}" for row in plan.acting]
    # Those who would lose more than the deed's name tells are never among the unnamed.
    lines.sort(key=lambda line: ": " not in line)
    lines += [f"{row.sandbox.name}: skipped: {row.skip}" for row in plan.skipped]
    named = len(lines) if all_of_them else max(_NAMED, len(plan.dangerous))
    for line in lines[:named]:
        narration.add(line)
    if len(lines) > named:
        narration.add(f"and {len(lines) - named} more")


async def _carry_out(plan: Plan, gateway: Gateway, settings: Settings, arguments: Said, *, is_named: bool) -> int:
    from daytona_tui.cli import narration, output
    from daytona_tui.cli.deeds_told import code_of, conclude, done_object
    from daytona_tui.cli.keeping import journal_of
    from daytona_tui.operations.bulk import BulkRun, Tempo
    from daytona_tui.operations.journal import FILE_NAME
    from daytona_tui.presentation.deeds import WORDS

    words = WORDS[plan.deed.verb]
    live = narration.LiveLine()
    over = 0

    def show(row: BulkRow) -> None:
        nonlocal over
        over += row.is_over
        live.show(f"{words.doing}: {over:,} of {len(plan.acting):,}, {row.sandbox.name} {row.step}")

    journal = journal_of(settings, FILE_NAME)
    each_s = grammar.common().clock.seconds or settings.lifecycle_timeout_s
    tempo = Tempo(timeout_s=each_s if arguments.waits else 0.0)
    run = BulkRun(plan, gateway, on_change=show, journal=journal, tempo=tempo)
    try:
        await run.run()
    finally:
        live.end()
        conclude(run, words.done, waits=arguments.waits, is_named=is_named)
        if trouble := journal.take_trouble():
            narration.say(trouble)
        if arguments.form.is_data:
            output.as_data([done_object(row) for row in run.rows], arguments.form)
    return code_of(run, is_named=is_named)
