"""``list``: the fleet as a table or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.grammar import Form

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.filters import Filter
    from daytona_tui.domain.listing import ListWish
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox


def _state(word: str) -> str:
    from daytona_tui.domain.sandbox import SandboxState

    state = SandboxState.parse(word.replace("-", "_"))
    if state is SandboxState.UNKNOWN and word != "unknown":
        raise click.BadParameter(f"{word!r} is not one of {', '.join(state.value for state in SandboxState)}")
    return state.value


def _label(word: str) -> tuple[str, str | None]:
    key, sign, value = word.partition("=")
    if not key:
        raise click.BadParameter(f"{word!r} is not a label, such as KEY or KEY=VALUE")
    return key, value if sign else None


def _limit(word: str) -> int:
    if not (word.isascii() and word.isdigit() and int(word[:9]) > 0 and len(word) < 9):
        raise click.BadParameter(f"{word!r} is not a number of sandboxes, at least 1")
    return int(word)


@grammar.command(
    "list",
    short_help="show the fleet",
    help="""Show the sandboxes that the key can see, by name: all of them, or those that a filter means.

    The table has the screen's columns, cut to the width of a terminal and whole in a pipe; JSON has every field, with
    times in ISO 8601 and intervals in minutes.""",
    epilog="A filter is what one types after / on the screen: 'state:started owner:harbor idle>1h !label:keep'. Put it "
    "in quotes: shells have their own plans for > ! * ( ) $. All that is said has to hold. The server sends pages; all "
    "of them are asked for, or with --limit as many as it takes.",
)
@grammar.filter_argument
@click.option("--filter", metavar="F", multiple=True, help="the same; may be repeated, and all have to hold")
@click.option("--state", metavar="S", multiple=True, type=_state, help="only sandboxes in this state; may be repeated")
@click.option("--name-prefix", metavar="TEXT", default="", help="only names that begin so, in capitals or not")
@click.option(
    "--label",
    metavar="K[=V]",
    multiple=True,
    type=_label,
    help="only with this label, or with this value of it; may be repeated",
)
@click.option("--limit", metavar="N", type=_limit, help="the first N of them, by name; stops asking then")
@grammar.form_options
def list_fleet(words: tuple[str, ...], filter: tuple[str, ...], **said: Any) -> int:
    """List and return the exit code."""
    from daytona_tui.cli import narration, running
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.cli.filtering import filters_of
    from daytona_tui.domain.listing import ListWish

    filters = filters_of([" ".join(words), *filter])
    limit = said["limit"]
    labels = dict(said["label"])
    wants_few = limit is not None and not "".join((*words, *filter)).strip()
    wish = ListWish(said["name_prefix"], labels, tuple(sorted(set(said["state"]))), limit if wants_few else None)

    async def listed(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.presentation.human import nameless_rows

        sandboxes, nameless = await _listed(gateway, settings, wish, filters, limit)
        _show(sandboxes, form=grammar.common().form)
        if nameless:
            narration.say(nameless_rows(nameless))
        return ExitCode.OK

    return running.run(listed, lists=wish.is_everything)


async def _listed(
    gateway: Gateway, settings: Settings, wish: ListWish, filters: Sequence[Filter], limit: int | None
) -> tuple[list[Sandbox], int]:
    """Return what is wanted, by name, and how many rows had no id; asks for no more pages than that takes."""
    from daytona_tui.cli.filtering import by_name, meaning
    from daytona_tui.transfer.concurrency import closing

    is_meant = meaning(filters, settings)
    found: list[Sandbox] = []
    nameless = 0
    async with closing(gateway.list_pages(wish=wish)) as pages:
        async for page in pages:
            nameless += page.nameless
            found += [each for each in page if wish.means(each) and is_meant(each)]
            if limit is not None and len(found) >= limit:
                break
    return by_name(found[:limit]), nameless


def _show(sandboxes: list[Sandbox], *, form: Form) -> None:
    from datetime import UTC, datetime

    from daytona_tui.cli import output
    from daytona_tui.presentation.columns import DEFAULT_COLUMNS, Align, CellContext

    if form.is_data:
        output.as_data([as_object(sandbox) for sandbox in sandboxes], form)
        return
    context = CellContext(datetime.now(UTC))
    rows = [[column.cell(sandbox, context).text for column in DEFAULT_COLUMNS] for sandbox in sandboxes]
    right = [column.align is Align.RIGHT for column in DEFAULT_COLUMNS]
    output.table([column.title for column in DEFAULT_COLUMNS], rows, right=right, room=output.room_of_terminal())


def as_object(sandbox: Sandbox) -> dict[str, object]:
    """Return a sandbox as ``list --json`` shows it. The keys are a promise: more may come, none goes or changes."""
    from daytona_tui.domain.deadlines import next_event
    from daytona_tui.domain.owners import owner_of

    owner, event = owner_of(sandbox), next_event(sandbox)
    resources, lifetimes = sandbox.resources, sandbox.lifetimes
    return {
        "id": sandbox.id,
        "name": sandbox.name,
        "state": sandbox.state.value,
        "state_word": sandbox.state_word or sandbox.state.value,
        "desired_state": sandbox.desired_state,
        "organization_id": sandbox.organization_id,
        "region": sandbox.region,
        "snapshot": sandbox.snapshot,
        "user": sandbox.user,
        "labels": dict(sandbox.labels),
        "owner": {"name": owner.name, "run": owner.run, "why": owner.why, "confidence": owner.confidence.value},
        "cpu": resources.cpu,
        "memory_gib": resources.memory_gib,
        "disk_gib": resources.disk_gib,
        "gpu": resources.gpu,
        "auto_stop_min": lifetimes.auto_stop_min,
        "auto_pause_min": lifetimes.auto_pause_min,
        "auto_archive_min": lifetimes.auto_archive_min,
        "auto_delete_min": lifetimes.auto_delete_min,
        "destroy_at": _time(lifetimes.destroy_at),
        "next_event": {"act": event.act.value, "at": _time(event.at)} if event else None,
        "created_at": _time(sandbox.created_at),
        "updated_at": _time(sandbox.updated_at),
        "last_activity_at": _time(sandbox.last_activity_at),
        "error_reason": sandbox.error_reason,
        "recoverable": sandbox.recoverable,
        "public": sandbox.public,
        "backup_state": sandbox.backup_state,
        "warm_pool_id": sandbox.warm_pool_id,
        "oddities": list(sandbox.oddities),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
