"""``reap``: a sweep without the screen: look, plan, and on request carry the plan out. Without a flag it only looks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.exit_codes import ExitCode
from daytona_tui.cli.grammar import Form, Said
from daytona_tui.cli.trouble import MEND_TOO_MANY, Refusal, declined, no_terminal, would_delete

if TYPE_CHECKING:
    from daytona_tui.cli.selecting import Selection
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.operations.sweep import Guard, SweepPlan

_MOST = 50
_EPILOG = (
    "Without --yes and --apply nothing is done: the plan is shown. What is proposed is a leak and yours; --band takes "
    "in more, and a plan written with --plan can be edited: action, ttl_min and chosen of a row. Before each sandbox "
    "is touched it is looked at once more, and left alone if anything has changed. With --json a refusal is an object "
    "with the key error. Exit codes: 0 all done, or nothing to do, 1 some failed, or the answer was no, 2 refused or "
    "the filter or plan is wrong, 3 no answer, 4 the key may not do this, 5 no sandbox matches, 7 accepted but not "
    "confirmed, 130 interrupted."
)


def _minutes(text: str) -> int:
    from daytona_tui.domain.lifetimes import Timer
    from daytona_tui.presentation.lifetimes import IntervalError, parse_interval

    try:
        minutes = parse_interval(Timer.TTL, text)
    except IntervalError as error:
        raise click.BadParameter(f"{text!r}: {error}") from None
    if not minutes:
        raise click.BadParameter(f"{text!r} is no time to live")
    return minutes


@grammar.command(
    "reap",
    short_help="stop, archive, delete or give an end to what leaks",
    help="Plan what to do about the leaks that a filter means, the gentlest thing first, and do it.",
    epilog=_EPILOG,
    exclusive=[("plan", "apply")],
)
@grammar.filter_argument
@click.option(
    "--action",
    type=click.Choice(["ttl", "stop", "archive", "delete"]),
    help="one for all; without it each gets the gentlest that is offered",
)
@click.option("--ttl", type=_minutes, metavar="TIME", help="time to live for ttl: 90m, 24h, 7d")
@click.option(
    "--band",
    type=click.Choice(["leak", "suspect", "untidy"]),
    help="the least that is proposed (default: leak)",
)
@click.option("--plan", type=Path, metavar="FILE", help="write the plan to FILE and do nothing")
@click.option("--apply", type=Path, metavar="FILE", help="carry out the plan in FILE")
@click.option("--force", is_flag=True, help="with --plan: replace the file that is there")
@click.option("--dry-run", is_flag=True, help="do nothing, whatever else is said")
@grammar.max_option(_MOST)
@click.option("--yes", is_flag=True, help="do it, and do not ask")
@click.option(
    "--confirm", metavar="NAME", help="with --yes: the name that would be asked for, where it is not only yours"
)
@click.option(
    "--allow-delete",
    is_flag=True,
    help="with --yes: also stop those that stopping deletes (auto-delete 0)",
)
@grammar.form_options
def reap(**said: Any) -> int:
    """Look, plan, ask, act, and return the exit code."""
    from daytona_tui.cli import asking, narration, running
    from daytona_tui.operations.sweep.planfile import refuse_taken

    arguments = Said(**said, form=grammar.common().form)
    text = " ".join(arguments.words)
    _refuse_misuse(arguments, text)
    if arguments.apply and not (arguments.yes or arguments.dry_run or asking.can_ask()):
        raise no_terminal()
    if arguments.plan and not arguments.force:
        refuse_taken(arguments.plan)
    acts = not arguments.dry_run and not arguments.plan and bool(arguments.yes or arguments.apply)

    async def reaped(gateway: Gateway, settings: Settings) -> int:
        meant = await _meant(gateway, settings, arguments)
        plan, guard, many = await _plan(gateway, settings, arguments, meant)
        if not many:
            narration.say("no sandbox matches")
            if arguments.form.is_data:
                _tell_of_nothing(plan, settings, arguments.form, acts=acts)
            return ExitCode.NOT_FOUND
        if not plan.rows:
            narration.say("the plan is empty" if arguments.apply else "nothing that the filter means looks like a leak")
        if not acts:
            return await _shown(plan, settings, arguments)
        code = await _code_before(plan, settings, arguments, meant)
        return await _carry_out(plan, guard, gateway, settings, arguments) if code is None else code

    return running.run(reaped, acts=acts)


def _refuse_misuse(arguments: Said, text: str) -> None:
    """Refuse what makes no sense together: whoever gives a flag believes that it has an effect.

    Raises:
        Refusal: something would have none.
    """
    if arguments.apply:
        if text.strip() or arguments.action or arguments.ttl or arguments.band:
            hint = "--apply takes no filter, --action, --ttl or --band"
            raise Refusal("usage", "the plan says what to do to whom", hint=hint)
    elif not text.strip():
        hint = "say which ones, or --apply a plan"
        raise Refusal("empty_filter", "an empty filter means every sandbox", hint=hint)
    if arguments.ttl and arguments.action not in (None, "ttl"):
        raise Refusal("usage", f"--ttl says nothing of --action {arguments.action}")
    if arguments.plan and arguments.yes:
        hint = "leave --yes out, and use --apply then"
        raise Refusal("usage", "--plan writes the plan and does nothing", hint=hint)
    if arguments.force and not arguments.plan:
        raise Refusal("usage", "--force says nothing without --plan")
    if not arguments.yes and (arguments.confirm is not None or arguments.allow_delete):
        flag = "--allow-delete" if arguments.allow_delete else "--confirm"
        raise Refusal("usage", f"{flag} says nothing without --yes")


async def _meant(gateway: Gateway, settings: Settings, arguments: Said) -> Selection | None:
    """Return whom words mean that may be sandboxes; None where they are a filter or are not there at all.

    That needs a listing of its own, before it is known who is looked into.
    """
    from daytona_tui.cli import narration
    from daytona_tui.cli.filtering import filters_of
    from daytona_tui.cli.selecting import is_plain, selected
    from daytona_tui.transfer.concurrency import closing

    if not any(map(is_plain, arguments.words)):
        filters_of([" ".join(arguments.words)])  # what is wrong with it is said before anything is asked
        return None
    async with closing(gateway.list_pages(errored_deleted=True)) as pages:
        fleet = [sandbox async for page in pages for sandbox in page]
    selection = selected(fleet, arguments.words, settings)
    for note in selection.notes:
        narration.say(note)
    return selection


async def _plan(
    gateway: Gateway, settings: Settings, arguments: Said, selection: Selection | None
) -> tuple[SweepPlan, Guard, int]:
    """Return the plan, made now or read, what forbids to touch a sandbox at its turn, and how many it may be about."""
    from datetime import UTC, datetime

    from daytona_tui.cli import narration
    from daytona_tui.cli.filtering import filters_of, meaning
    from daytona_tui.cli.sweeping import kept, scanner
    from daytona_tui.domain.leaks import Action, Band
    from daytona_tui.operations.sweep import Wish, guard_of
    from daytona_tui.operations.sweep.planfile import read_plan
    from daytona_tui.operations.sweep.planning import planned
    from daytona_tui.operations.sweep.scanning import MOST_LOOKED_INTO

    def clock() -> datetime:
        return datetime.now(UTC)

    here, looking = kept(settings), scanner(gateway, settings)
    most = max(MOST_LOOKED_INTO, arguments.max)  # whoever wants to touch more has them looked into
    if arguments.apply:
        plan = read_plan(arguments.apply, connection=here.connection, now=clock())
        evidence, notes = await looking.look_for((row.sandbox for row in plan.acting), most)
        for note in notes:
            narration.say(note)
        return plan.with_mine(evidence.mine), guard_of(settings.leak_policy, evidence, clock), max(1, len(plan.rows))
    band = Band(arguments.band or Band.LEAK)
    text = " ".join(arguments.words)
    is_meant = selection.has if selection else meaning(filters_of([text]), settings)
    look = await looking.look(band, is_meant)
    meant = frozenset(each.id for each in look.sandboxes if is_meant(each))
    wish = Wish(
        among=meant,
        band=band,
        action=Action(arguments.action) if arguments.action else None,
        ttl_min=arguments.ttl,
        filter_text=text,
    )
    plan, look = await planned(looking, look, wish, here.connection, here.label, most)
    for note in look.notes:
        narration.say(note)
    return plan, guard_of(settings.leak_policy, look.evidence, clock), len(meant)


async def _shown(plan: SweepPlan, settings: Settings, arguments: Said) -> int:
    """Show the plan and do nothing; write it where that was asked for."""
    import asyncio

    from daytona_tui.cli import narration, output
    from daytona_tui.cli.reaping import show_plan, tell_sum
    from daytona_tui.operations.sweep.planfile import plan_as_json, write_plan

    if arguments.plan:
        await asyncio.to_thread(write_plan, arguments.plan, plan, replaces=arguments.force)
    if arguments.form.is_data:
        output.as_data(plan_as_json(plan), arguments.form)
    elif plan.rows:
        show_plan(plan)
    tell_sum(plan, settings.prices)
    if len(plan.acting) > arguments.max:
        narration.add(f"it would be refused: {len(plan.acting):,} are more than --max {arguments.max}")
    if arguments.plan:
        narration.add(f"the plan is in {arguments.plan}; nothing was done")
    elif not plan.acting:
        narration.add("there is nothing to do")
    elif arguments.dry_run and (arguments.yes or arguments.apply):
        narration.add("nothing was done: it is done without --dry-run")
    else:
        narration.add("nothing was done: --yes does it, --plan FILE keeps it for --apply")
    return ExitCode.OK


async def _code_before(plan: SweepPlan, settings: Settings, arguments: Said, selection: Selection | None) -> int | None:
    """Return the exit code of a plan that is not to be carried out; None for one that is."""
    from datetime import UTC, datetime

    from daytona_tui.cli import asking, narration
    from daytona_tui.cli.reaping import show_plan, tell_sum
    from daytona_tui.cli.selecting import refuse_doubts
    from daytona_tui.operations.sweep import Kind, danger_of

    many = len(plan.acting)
    danger = danger_of(plan, datetime.now(UTC))
    if danger.kind is Kind.NOTHING:
        tell_sum(plan, settings.prices)
        if arguments.form.is_data:
            _tell_of_nothing(plan, settings, arguments.form, acts=True)
        return ExitCode.OK
    if many > arguments.max:
        raise Refusal(
            "too_many", f"{many:,} sandboxes are more than --max {arguments.max}; nothing was done", hint=MEND_TOO_MANY
        )
    if not arguments.yes:
        show_plan(plan, is_aside=arguments.form.is_data)
        tell_sum(plan, settings.prices)
        for why in danger.why:
            narration.add(why)
        if await asking.agreed(f"Carry it out ({many:,})?", danger.word):
            return None
        raise declined()
    if selection is not None and any(row.destroys for row in plan.acting):
        refuse_doubts(selection)
    unsaid = [row for row in plan.acting if row.destroys and row.action.value == "stop"]
    if unsaid and not arguments.allow_delete:
        raise would_delete(len(unsaid))
    if danger.is_sensitive and not (arguments.confirm and danger.accepts(arguments.confirm)):
        message = f"--yes is not enough: {'; '.join(danger.why)}; nothing was done"
        raise Refusal("not_confirmed", message, hint=f"--confirm {danger.word!r} accepts that")
    return None


def _tell_of_nothing(plan: SweepPlan, settings: Settings, form: Form, *, acts: bool) -> None:
    """Write the plan, or the report, of nothing: whoever reads JSON gets it whatever there is to do."""
    from datetime import UTC, datetime

    from daytona_tui.cli import output
    from daytona_tui.operations.sweep import Report
    from daytona_tui.operations.sweep.planfile import plan_as_json
    from daytona_tui.operations.sweep.report import as_json

    now = datetime.now(UTC)
    output.as_data(as_json(Report(plan, (), now, now), settings.prices) if acts else plan_as_json(plan), form)


async def _carry_out(plan: SweepPlan, guard: Guard, gateway: Gateway, settings: Settings, arguments: Said) -> int:
    from daytona_tui.cli import narration, output
    from daytona_tui.cli.reaping import code_of, conclude, watcher
    from daytona_tui.cli.sweeping import kept
    from daytona_tui.operations.journal import FILE_NAME, Journal
    from daytona_tui.operations.sweep import SweepRun
    from daytona_tui.operations.sweep.report import as_json, summary

    here = kept(settings)
    journal = Journal(here.directory / FILE_NAME, profile=here.label)
    live = narration.LiveLine()
    run = SweepRun(plan, gateway, guard, on_change=watcher(live, len(plan.acting)), journal=journal)
    try:
        await run.run()
    finally:
        live.end()
        report = run.report()
        journal.keep_now(summary(report, settings.prices))
        conclude(report, settings.prices)
        if trouble := journal.take_trouble():
            narration.say(trouble)
        if arguments.form.is_data:
            output.as_data(as_json(report, settings.prices), arguments.form)
    return code_of(report)
