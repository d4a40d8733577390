"""``list``: the fleet as a table or as JSON."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox


def add_to(subparsers: Any) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "list",
        help="show the fleet",
        description="Show the sandboxes that the key can see, by name: all of them, or those that a filter means. The "
        "table has the screen's columns, cut to the width of a terminal and whole in a pipe; JSON has every field, "
        "with times in ISO 8601 and intervals in minutes.",
        epilog="A filter is what one types after / on the screen: 'state:started owner:harbor idle>1h !label:keep'. "
        "Put it in quotes: shells have their own plans for > ! * ( ) $.",
    )
    parser.add_argument(
        "words", nargs="*", metavar="FILTER", help="only sandboxes that this filter means; several words are one filter"
    )
    parser.add_argument(
        "--filter", action="append", default=[], metavar="F", help="the same; may be repeated, and all have to hold"
    )
    parser.add_argument("--json", action="store_true", help="an array of objects instead of a table")
    parser.add_argument(
        "--state", action="append", type=_state, metavar="S", help="only sandboxes in this state; may be repeated"
    )
    parser.set_defaults(run=run)


def _state(word: str) -> str:
    from daytona_tui.domain.sandbox import SandboxState

    state = SandboxState.parse(word.replace("-", "_"))
    if state is SandboxState.UNKNOWN and word != "unknown":
        raise argparse.ArgumentTypeError(f"{word!r} is not one of {', '.join(state.value for state in SandboxState)}")
    return state.value


def run(arguments: argparse.Namespace) -> int:
    """List and return the exit code."""
    from daytona_tui.cli import narration, running
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.cli.filtering import chosen, filters_of

    filters = filters_of([" ".join(arguments.words), *arguments.filter])

    async def listed(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.presentation.human import nameless_rows
        from daytona_tui.transfer.concurrency import closing

        async with closing(gateway.list_pages()) as pages:
            listed = [page async for page in pages]
        sandboxes = [sandbox for page in listed for sandbox in page]
        wanted = set(arguments.state or ())
        shown = [sandbox for sandbox in sandboxes if not wanted or sandbox.state.value in wanted]
        _show(chosen(shown, filters, settings), as_json=arguments.json)
        if nameless := sum(page.nameless for page in listed):
            narration.say(nameless_rows(nameless))
        return ExitCode.OK

    return running.run(listed, arguments, lists=True)


def _show(sandboxes: list[Sandbox], *, as_json: bool) -> None:
    from datetime import UTC, datetime

    from daytona_tui.cli import output
    from daytona_tui.presentation.columns import DEFAULT_COLUMNS, Align, CellContext

    if as_json:
        output.as_json([as_object(sandbox) for sandbox in sandboxes])
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
