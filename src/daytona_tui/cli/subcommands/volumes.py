"""``volumes``: list with who has them mounted, make, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.grammar import Form
from daytona_tui.cli.trouble import Refusal

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.volumes import Volume, VolumeUser

    Told = tuple[Volume, tuple[VolumeUser, ...] | None]


@grammar.room("volumes", short_help="list, make and delete volumes", help="Volumes: directories that sandboxes share.")
def volumes() -> None:
    """Do nothing: the verbs do."""


@volumes.command(
    "list",
    short_help="list volumes with who mounts them",
    help="""List volumes.

    Each with who has it mounted, which takes a request for every sandbox; --no-users leaves that out.""",
)
@click.option("--users/--no-users", default=True, help="Ask every sandbox what it has mounted.")
@grammar.form_options
def list_volumes(users: bool) -> int:
    """List and return the exit code."""
    from daytona_tui.cli import running

    async def listed(gateway: Gateway, settings: Settings) -> int:
        every = await gateway.volumes()
        _show(await _with_users(gateway, every) if users and every else [(each, None) for each in every])
        return 0

    return running.run(listed)


async def _with_users(gateway: Gateway, volumes: Sequence[Volume]) -> list[Told]:
    """Return volumes with who has each; whom nobody could ask is said."""
    from daytona_tui.cli import narration
    from daytona_tui.cli.shelving import fleet_of
    from daytona_tui.operations.shelf_users import who_mounts
    from daytona_tui.presentation.shelf import sandboxes

    fleet = await fleet_of(gateway)
    mounts = await who_mounts(gateway, fleet)
    if mounts.unread:
        narration.say(f"{sandboxes(len(mounts.unread))} could not be asked")
    return [(each, mounts.users_of(each, fleet)) for each in volumes]


def _show(told: Sequence[Told]) -> None:
    from datetime import UTC, datetime

    from daytona_tui.cli import output
    from daytona_tui.presentation.questions import named
    from daytona_tui.presentation.safe_text import safe
    from daytona_tui.presentation.shelf import ago, volume_state

    form = grammar.common().form
    if form is not Form.TEXT:
        output.as_data([as_object(each, users) for each, users in told], form)
        return
    now = datetime.now(UTC)
    rows = [
        (
            safe(each.name),
            volume_state(each),
            "?" if users is None else f"{len(users)}",
            ago(each.last_used_at, now, "never"),
            ago(each.created_at, now),
            named([user.sandbox.name for user in users or ()]),
        )
        for each, users in told
    ]
    head = ("NAME", "STATE", "MOUNTED BY", "LAST USED", "AGE", "WHO")
    output.table(head, rows, right=(False, False, True, True, True, False), room=output.room_of_terminal())


@volumes.command("create", short_help="make a volume", help="Make a volume, and write its id to stdout.")
@click.argument("name", metavar="NAME", help="of the new volume")
@click.option("--wait/--no-wait", "waits", default=True, help="Return when it is ready, or as soon as it is accepted.")
@grammar.timeout_option("1m")
@grammar.form_options
def create(name: str, waits: bool) -> int:
    """Make it and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.domain.volumes import name_problem

    if wrong := name_problem(name):
        raise Refusal("order", wrong)

    async def made(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli import output
        from daytona_tui.operations.volumes import make_volume

        volume = await make_volume(gateway, name, timeout_s=grammar.common().clock.taken_over(60), waits=waits)
        form = grammar.common().form
        if form is Form.TEXT:
            output.line(volume.id)
        else:
            output.as_data(as_object(volume, ()), form)
        return 0

    return running.run(made, acts=True)


@volumes.command(
    "delete", short_help="delete volumes", help="Delete volumes and everything in them; who has one mounted is said."
)
@click.argument("wanted", metavar="VOLUME...", nargs=-1, required=True, help="ids, names, or unique beginnings of them")
@grammar.yes_option
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted, and who uses it.")
@grammar.form_options
def delete(wanted: tuple[str, ...], yes: bool, dry_run: bool) -> int:
    """Delete and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.shelving import require_answer

    require_answer(yes or dry_run)

    async def deleted(gateway: Gateway, settings: Settings) -> int:
        from datetime import UTC, datetime

        from daytona_tui.cli.shelving import agree, delete_each
        from daytona_tui.domain.volumes import refusal_to_delete
        from daytona_tui.operations.shelf_users import choose_each
        from daytona_tui.presentation.shelf import volume_deletion

        found = choose_each(await gateway.volumes(), wanted, "volume")
        told = await _with_users(gateway, found)
        for each, users in told:
            mounted = f"{users[0].sandbox.name} has it mounted" if users else ""
            if reason := refusal_to_delete(each) or mounted:
                raise Refusal("conflict", f"{each.name}: {reason}; nothing was done", exit_code=1)
        now = datetime.now(UTC)
        await agree([volume_deletion(each, users, 0, now) for each, users in told], "volume", yes=yes, dry_run=dry_run)
        await delete_each(found, lambda each: gateway.delete_volume(each.id), dry_run=dry_run)
        return 0

    return running.run(deleted, acts=not dry_run)


def as_object(volume: Volume, users: Sequence[VolumeUser] | None) -> dict[str, object]:
    """Return what ``volumes --json`` shows. The keys are a promise: more may come, none goes or changes.

    ``mounted_by`` is null where nobody was asked.
    """
    from daytona_tui.cli.shelving import iso, sandbox_object

    return {
        "id": volume.id,
        "name": volume.name,
        "state": volume.state_word or volume.state.value,
        "error_reason": volume.error_reason,
        "created_at": iso(volume.created_at),
        "updated_at": iso(volume.updated_at),
        "last_used_at": iso(volume.last_used_at),
        "mounted_by": None
        if users is None
        else [
            {
                **sandbox_object(each.sandbox),
                "mounts": [{"path": mount.path, "subpath": mount.subpath} for mount in each.mounts],
            }
            for each in users
        ],
    }
