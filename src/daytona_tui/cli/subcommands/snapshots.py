"""``snapshots``: list, show, make, switch on and off, delete; who uses them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.grammar import Form
from daytona_tui.cli.trouble import Refusal

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.domain.snapshots import Snapshot, SnapshotVerb


@grammar.room(
    "snapshots", short_help="list, make, switch and delete snapshots", help="Snapshots: what sandboxes are made from."
)
def snapshots() -> None:
    """Do nothing: the verbs do."""


_wanted = click.argument("wanted", metavar="SNAPSHOT", help="an id, a name, or a unique beginning of one")
_several = click.argument(
    "wanted", metavar="SNAPSHOT...", nargs=-1, required=True, help="ids, names, or unique beginnings of them"
)


@snapshots.command(
    "list",
    short_help="list snapshots with who uses them",
    help="""List snapshots.

    Each with how many sandboxes were made from it and are there, when it was used last, and how large it is.""",
)
@click.option("--own", is_flag=True, help="Leave Daytona's own out.")
@click.option("--unused", is_flag=True, help="Only those that no sandbox was made from.")
@grammar.form_options
def list_snapshots(own: bool, unused: bool) -> int:
    """List and return the exit code."""
    from daytona_tui.cli import running

    async def listed(gateway: Gateway, settings: Settings) -> int:
        import asyncio

        from daytona_tui.cli.shelving import fleet_of

        every, fleet = await asyncio.gather(gateway.snapshots(), fleet_of(gateway))
        pairs = [(each, _users(each, fleet)) for each in every]
        _show([(each, users) for each, users in pairs if not (own and each.is_general) and not (unused and users)])
        return 0

    return running.run(listed, lists=True)


def _users(snapshot: Snapshot, fleet: Sequence[Sandbox]) -> tuple[Sandbox, ...]:
    from daytona_tui.domain.snapshots import users_of

    return users_of(snapshot, fleet)


def _show(pairs: Sequence[tuple[Snapshot, tuple[Sandbox, ...]]]) -> None:
    from datetime import UTC, datetime

    from daytona_tui.cli import output
    from daytona_tui.presentation.safe_text import safe
    from daytona_tui.presentation.shelf import ago, gib, last_use, origin_of, shape_of, snapshot_state

    form = grammar.common().form
    if form is not Form.TEXT:
        output.as_data([as_object(each, users) for each, users in pairs], form)
        return
    now = datetime.now(UTC)
    rows = [
        (
            safe(each.name),
            snapshot_state(each),
            f"{len(users)}",
            last_use(each, len(users), now),
            gib(each.size_gib),
            shape_of(each),
            origin_of(each),
            ago(each.created_at, now),
        )
        for each, users in pairs
    ]
    head = ("NAME", "STATE", "USED BY", "LAST USED", "GIB", "CPU/MEM/DISK", "MADE FROM", "AGE")
    right = (False, False, True, True, True, True, False, True)
    output.table(head, rows, right=right, room=output.room_of_terminal())


@snapshots.command(
    "get", short_help="show one snapshot", help="Show all that is known of one snapshot, and who uses it."
)
@_wanted
@grammar.form_options
def get(wanted: str) -> int:
    """Show and return the exit code."""
    from daytona_tui.cli import running

    async def shown(gateway: Gateway, settings: Settings) -> int:
        from datetime import UTC, datetime

        from daytona_tui.cli import output
        from daytona_tui.cli.shelving import fleet_of
        from daytona_tui.presentation.shelf import snapshot_about, snapshot_state

        snapshot = await _find(gateway, wanted)
        users = _users(snapshot, await fleet_of(gateway))
        form = grammar.common().form
        if form is not Form.TEXT:
            output.as_data(as_object(snapshot, users), form)
            return 0
        output.line(snapshot_state(snapshot))
        for line in snapshot_about(snapshot, users, datetime.now(UTC)):
            output.line(line)
        return 0

    return running.run(shown)


@snapshots.command(
    "create",
    short_help="make a snapshot",
    help="""Make a snapshot, and write its id to stdout.

    Of an image of a registry (--image), of a Dockerfile that the server builds (--dockerfile; its log goes to stderr),
    or of a sandbox (--from-sandbox), which is snapshotting meanwhile.

    What COPY and ADD of the Dockerfile name is sent along, from its directory unless --context says another;
    .dockerignore counts.""",
    epilog="Exit codes: 0 it is active, 1 it could not be made, "
    "2 the order is wrong, 7 not ready in time: the server goes on.",
)
@click.argument("name", metavar="NAME", help="of the new snapshot, such as team/python:3.12-1")
@click.option("--image", metavar="IMAGE", help="Name of an image with a tag or digest, such as python:3.12.")
@click.option("--dockerfile", metavar="FILE", help="Build this Dockerfile; - reads standard input.")
@click.option("--context", metavar="DIR", help="Directory that its COPY and ADD take files from; its own unless told.")
@click.option("--context-secrets", is_flag=True, help="Send files along that look like secrets, such as .env.")
@click.option("--from-sandbox", metavar="SANDBOX", help="Keep the files of this sandbox.")
@click.option("--entrypoint", metavar="WORDS", help="What is started in an image, as one would type it in a shell.")
@click.option("--cpu", type=grammar.Count(), metavar="N", help="Processors of sandboxes made from it.")
@click.option("--memory", type=grammar.Count(), metavar="GIB", help="Their memory.")
@click.option("--disk", type=grammar.Count(), metavar="GIB", help="Their disk.")
@click.option("--gpu", type=grammar.Count(0), metavar="N", help="Their GPUs.")
@click.option("--region", metavar="ID", help="Where it is to be had; the organisation's own region unless told.")
@click.option(
    "--class", "sandbox_class", metavar="CLASS", help="Kind of sandboxes made from it: container, linux-vm or windows."
)
@click.option("--wait/--no-wait", "waits", default=True, help="Return when it is active, or as soon as it is accepted.")
@click.option("--quiet", is_flag=True, help="Leave the log of the build out.")
@grammar.timeout_option("30m")
@grammar.form_options
def create(name: str, *, waits: bool, quiet: bool, **said: Any) -> int:
    """Make it and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.snapshot_words import check, check_context, check_source, order_from

    from_sandbox: str | None = said.pop("from_sandbox")
    check_source(from_sandbox, said)
    order = order_from(name, said)
    if from_sandbox is None:
        check(order)

    async def made(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli import narration
        from daytona_tui.cli.shelving import Telling
        from daytona_tui.operations.snapshots import BUILD_TIMEOUT_S, capture, make_snapshot
        from daytona_tui.presentation.shelf import snapshot_state

        def tell_state(snapshot: Snapshot) -> None:
            way_on = f"the server goes on; daytona-tui snapshots delete {snapshot.id} takes it away"
            grammar.common().way_on = way_on
            narration.say(f"{snapshot.name} is {snapshot_state(snapshot)}")

        if from_sandbox is None:
            await check_context(order)
        telling, within = Telling(is_quiet=quiet), grammar.common().clock.taken_over(BUILD_TIMEOUT_S)
        try:
            if from_sandbox is not None:
                from daytona_tui.operations.find import find

                sandbox = await find(gateway, from_sandbox)
                snapshot = await capture(gateway, sandbox, name, timeout_s=within, on_state=tell_state, waits=waits)
            else:
                snapshot = await make_snapshot(
                    gateway, order, timeout_s=within, on_text=telling, on_state=tell_state, waits=waits
                )
        finally:
            telling.end()
        _tell(snapshot)
        return 0

    return running.run(made, acts=True)


def _tell(snapshot: Snapshot) -> None:
    from daytona_tui.cli import output

    form = grammar.common().form
    if form is Form.TEXT:
        output.line(snapshot.id)
    else:
        output.as_data(as_object(snapshot, ()), form)


@snapshots.command(
    "log",
    short_help="follow the log of a build",
    help="Write the log of a snapshot's build to stdout, until the build is over.",
)
@_wanted
@grammar.form_options
def log(wanted: str) -> int:
    """Follow and return the exit code."""
    from daytona_tui.cli import running

    async def followed(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli.snapshot_words import tell_log, write_log

        snapshot = await _find(gateway, wanted)
        form = grammar.common().form
        if form is Form.TEXT:
            await write_log(gateway, snapshot)
        else:
            await tell_log(gateway, snapshot, form)
        return 0

    return running.run(followed)


@snapshots.command(
    "activate",
    short_help="let sandboxes be made of snapshots again",
    help="Let sandboxes be made of inactive snapshots again.",
)
@_several
@grammar.form_options
def activate(wanted: tuple[str, ...]) -> int:
    """Switch on and return the exit code."""
    return _act("activate", wanted)


@snapshots.command(
    "deactivate",
    short_help="let no sandboxes be made of snapshots",
    help="Let no sandboxes be made of snapshots for now; those that are there stay.",
)
@_several
@grammar.form_options
def deactivate(wanted: tuple[str, ...]) -> int:
    """Switch off and return the exit code."""
    return _act("deactivate", wanted)


@snapshots.command(
    "delete",
    short_help="delete snapshots",
    help="Delete snapshots, after telling who uses them. Sandboxes that were made from one stay.",
)
@_several
@grammar.yes_option
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted, and who uses it.")
@click.option(
    "--wait/--no-wait", "waits", default=True, help="Return when they are gone, or as soon as it is accepted."
)
@grammar.timeout_option("5m")
@grammar.form_options
def delete(wanted: tuple[str, ...], yes: bool, dry_run: bool, waits: bool) -> int:
    """Delete and return the exit code."""
    from daytona_tui.cli.shelving import require_answer

    require_answer(yes or dry_run)
    return _act("delete", wanted, yes=yes, waits=waits, dry_run=dry_run)


_GONE_S = 300
"""How long a snapshot may take to be gone."""


def _act(
    word: str,
    wanted: Sequence[str],
    *,
    yes: bool = False,
    waits: bool = False,
    dry_run: bool = False,
) -> int:
    from daytona_tui.cli import running

    async def acted(gateway: Gateway, settings: Settings) -> int:
        from datetime import UTC, datetime

        from daytona_tui.cli import done, narration
        from daytona_tui.cli.shelving import agree, fleet_of
        from daytona_tui.domain.snapshots import SnapshotVerb, refusal
        from daytona_tui.operations.snapshots import await_gone
        from daytona_tui.presentation.shelf import snapshot_deletion

        verb = SnapshotVerb(word)
        found = [await _find(gateway, each) for each in dict.fromkeys(wanted)]
        found = list({each.id: each for each in found}.values())
        for each in found:
            if reason := refusal(verb, each):
                raise Refusal("conflict", f"{each.name}: {reason}; nothing was done", exit_code=1)
        if verb is SnapshotVerb.DELETE:
            fleet, now = await fleet_of(gateway), datetime.now(UTC)
            await agree(
                [snapshot_deletion(each, _users(each, fleet), now) for each in found],
                "snapshot",
                yes=yes,
                dry_run=dry_run,
            )
        for each in found if not dry_run else ():
            await _do(gateway, verb, each)
            if waits:
                await await_gone(gateway, each, timeout_s=grammar.common().clock.taken_over(_GONE_S))
            narration.say(f"{each.name}: {word}d")
        done.tell([(each.id, each.name) for each in found], word, dry_run=dry_run)
        return 0

    return running.run(acted, acts=not dry_run)


async def _do(gateway: Gateway, verb: SnapshotVerb, snapshot: Snapshot) -> None:
    from daytona_tui.domain.snapshots import SnapshotVerb

    if verb is SnapshotVerb.ACTIVATE:
        await gateway.activate_snapshot(snapshot.id)
    elif verb is SnapshotVerb.DEACTIVATE:
        await gateway.deactivate_snapshot(snapshot.id)
    else:
        await gateway.delete_snapshot(snapshot.id)


async def _find(gateway: Gateway, wanted: str) -> Snapshot:
    """Return the snapshot that is meant; the whole list is asked for only where no name or id is exact."""
    import contextlib

    from daytona_tui.errors import NotFoundError
    from daytona_tui.operations.shelf_users import choose

    with contextlib.suppress(NotFoundError):
        return await gateway.snapshot(wanted)
    return choose(await gateway.snapshots(), wanted, "snapshot")


def as_object(snapshot: Snapshot, users: Sequence[Sandbox]) -> dict[str, object]:
    """Return what ``snapshots --json`` shows. The keys are a promise: more may come, none goes or changes."""
    from daytona_tui.cli.shelving import iso, sandbox_object

    return {
        "id": snapshot.id,
        "name": snapshot.name,
        "state": snapshot.state_word or snapshot.state.value,
        "is_general": snapshot.is_general,
        "image": snapshot.image,
        "is_built": bool(snapshot.dockerfile),
        "source_sandbox_id": snapshot.source_sandbox_id,
        "size_gib": snapshot.size_gib,
        "cpu": snapshot.resources.cpu,
        "memory_gib": snapshot.resources.memory_gib,
        "disk_gib": snapshot.resources.disk_gib,
        "gpu": snapshot.resources.gpu,
        "gpu_type": snapshot.resources.gpu_type,
        "class": snapshot.sandbox_class,
        "regions": list(snapshot.regions),
        "entrypoint": list(snapshot.entrypoint),
        "error_reason": snapshot.error_reason,
        "created_at": iso(snapshot.created_at),
        "updated_at": iso(snapshot.updated_at),
        "last_used_at": iso(snapshot.last_used_at),
        "used_by": [sandbox_object(each) for each in users],
    }
