"""``regions``, ``quotas``, ``usage`` and ``audit``: what the organisation has, may use, used and did. For reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar, moments
from daytona_tui.cli.grammar import Said

if TYPE_CHECKING:
    from datetime import datetime

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.audit import AuditEntry
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.regions import Region
    from daytona_tui.domain.sandbox import SandboxId
    from daytona_tui.domain.usage import Usage, Used
    from daytona_tui.presentation.account import QuotaRow

_DAYS = 30
_ENTRIES = 50


@grammar.command(
    "regions", short_help="list the regions", help="List the regions in which sandboxes can be made: their targets."
)
@grammar.form_options
def regions() -> int:
    """List and return the exit code."""
    from daytona_tui.cli import output, running
    from daytona_tui.cli.exit_codes import ExitCode

    async def told(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.presentation.account import region_cells

        found = await gateway.regions()
        form = grammar.common().form
        if form.is_data:
            output.as_data([region_object(each) for each in found], form)
        else:
            rows = [[cell.text for cell in region_cells(each)] for each in found]
            output.table(("ID", "NAME", "KIND", "WHOSE"), rows, right=(False,) * 4, room=output.room_of_terminal())
        return ExitCode.OK

    return running.run(told)


@grammar.command(
    "quotas",
    short_help="what the organisation uses and may use",
    help="""List the quotas: by region and class processors, memory, disk and GPUs; altogether snapshots and volumes.

    A quota of which nothing is used and nothing allowed is left out.""",
)
@grammar.form_options
def quotas() -> int:
    """List and return the exit code."""
    from daytona_tui.cli import output, running
    from daytona_tui.cli.exit_codes import ExitCode

    async def told(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.errors import AuthError
        from daytona_tui.presentation.account import quota_cells, quota_rows

        known = await gateway.quotas()
        if known is None:
            raise AuthError("this key may not read the quotas", hint="it takes the permission read:limits")
        rows = quota_rows(known)
        form = grammar.common().form
        if form.is_data:
            output.as_data([quota_object(each) for each in rows], form)
        else:
            cells = [[cell.text for cell in quota_cells(each)] for each in rows]
            head = ("REGION", "CLASS", "WHAT", "USED", "LIMIT", "FULL")
            output.table(head, cells, right=(False, False, False, True, True, True), room=output.room_of_terminal())
        return ExitCode.OK

    return running.run(told)


@grammar.command(
    "usage",
    short_help="what sandboxes used and cost",
    help=f"""List what each sandbox used between two moments and what that cost, the dearest first, with the sum.

    Without --since it is the last {_DAYS} days. Daytona tells of the last hours late.""",
    epilog="Hours are of one processor, one GiB of memory or disk, one GPU.",
)
@click.option("--since", metavar="TIME", type=moments.moment_of, help="from then on: 12h, 7d, 2026-11-01")
@click.option("--until", metavar="TIME", type=moments.moment_of, help="up to then (default: now)")
@click.option("--limit", metavar="N", type=grammar.Count(), help="list only the dearest N; the sum is of all")
@grammar.form_options
def usage(since: datetime | None, until: datetime | None, limit: int | None) -> int:
    """List and return the exit code."""
    from datetime import UTC, timedelta
    from datetime import datetime as clock

    from daytona_tui.cli import output, running
    from daytona_tui.cli.exit_codes import ExitCode

    end = until or clock.now(UTC)
    begin = since or end - timedelta(days=_DAYS)
    if begin >= end:
        raise click.UsageError("--since is not before --until")

    async def told(gateway: Gateway, settings: Settings) -> int:
        used = await gateway.usage(begin, end)
        names = {each.id: each.name async for page in gateway.list_pages() for each in page}
        form = grammar.common().form
        if form.is_data:
            output.as_data(usage_object(used, names, limit), form)
        else:
            _show_usage(used, names, limit)
        return ExitCode.OK

    return running.run(told)


def _show_usage(used: Usage, names: dict[SandboxId, str], limit: int | None) -> None:
    from daytona_tui.cli import narration, output
    from daytona_tui.presentation.account import names_of, stamp, usage_cells

    narration.say(f"from {stamp(used.since)} to {stamp(used.until)}")
    called = names_of(names)
    rows = [usage_cells(called(each), what) for each, what in used.sandboxes[:limit]]
    left = len(used.sandboxes) - len(rows)
    if left:
        narration.say(f"{left:,} more are in the sum")
    rows.append(usage_cells("sum", used.total))
    head = ("SANDBOX", "COST", "CPU", "MEMORY", "DISK", "GPU")
    cells = [[cell.text for cell in row] for row in rows]
    output.table(head, cells, right=(False, True, True, True, True, True), room=output.room_of_terminal())


@grammar.command(
    "audit",
    short_help="what was done in the organisation, and by whom",
    help=f"""List what was done in the organisation and by whom, the newest first.

    Without --limit the last {_ENTRIES} acts are listed. The log is of Daytona's: what this program did is in the
    journal of its screen.""",
    epilog="It takes a key with the permission read:audit_logs.",
)
@click.option("--action", metavar="WORD", help="only this act, in the log's own words: create, delete, replace_labels")
@click.option("--type", "target_type", metavar="WORD", help="only what was done to a sandbox, snapshot, api_key …")
@click.option("--target", metavar="SANDBOX", help="only what was done to it: a sandbox, or the id of anything")
@click.option("--since", metavar="TIME", type=moments.moment_of, help="from then on: 12h, 7d, 2026-11-01")
@click.option("--until", metavar="TIME", type=moments.moment_of, help="up to then")
@click.option("--failed", is_flag=True, help="only what was refused, or failed")
@click.option("--limit", metavar="N", type=grammar.Count(), default=str(_ENTRIES), help="at most N")
@grammar.form_options
def audit(**words: Any) -> int:
    """List and return the exit code."""
    from daytona_tui.cli import output, running
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.domain.audit import AuditQuestion

    said = Said(**words)

    async def told(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.audit_log import entries

        meant = await _meant(gateway, said.target)
        question = AuditQuestion(said.action or "", said.target_type or "", meant, said.since, said.until)
        found = await entries(gateway, question, limit=said.limit, failed=said.failed)
        form = grammar.common().form
        if form.is_data:
            output.as_data([audit_object(each) for each in found], form)
        else:
            _show_audit(found, await _names(gateway) if found else {})
        return ExitCode.OK

    return running.run(told)


async def _meant(gateway: Gateway, target: str | None) -> str:
    """Return the id of what is meant: of a sandbox that is there, or else what was said, for the log knows more."""
    from daytona_tui.errors import NotFoundError
    from daytona_tui.operations.find import find

    if not target:
        return ""
    try:
        return (await find(gateway, target)).id
    except NotFoundError:
        return target


async def _names(gateway: Gateway) -> dict[str, str]:
    """Return what the sandboxes that are there are called, by id."""
    return {each.id: each.name async for page in gateway.list_pages() for each in page}


def _show_audit(found: tuple[AuditEntry, ...], names: dict[str, str]) -> None:
    from daytona_tui.cli import narration, output
    from daytona_tui.presentation.account import audit_cells

    if not found:
        narration.say("the audit log has nothing of it")
        return
    rows = [[cell.text for cell in audit_cells(each, names.get(each.target_id, ""))] for each in found]
    head = ("TIME", "WHO", "ACT", "TO", "ENDED")
    output.table(head, rows, right=(False,) * 5, room=output.room_of_terminal())


def region_object(region: Region) -> dict[str, object]:
    """Return a row of ``regions --json``. The keys are a promise: more may come, none goes or changes."""
    return {
        "id": region.id,
        "name": region.name,
        "kind": region.kind,
        "organization_id": region.organization or None,
    }


def quota_object(row: QuotaRow) -> dict[str, object]:
    """Return a row of ``quotas --json``. The keys are a promise: more may come, none goes or changes."""
    return {
        "region": row.region or None,
        "sandbox_class": row.sandbox_class or None,
        "resource": row.what,
        "used": row.quota.used,
        "limit": row.quota.limit,
    }


def usage_object(usage: Usage, names: dict[SandboxId, str], limit: int | None) -> dict[str, object]:
    """Return what ``usage --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        "since": usage.since.isoformat(timespec="seconds"),
        "until": usage.until.isoformat(timespec="seconds"),
        "total": used_object(usage.total),
        "sandboxes": [
            {"sandbox_id": each, "name": names.get(each), **used_object(used)} for each, used in usage.sandboxes[:limit]
        ],
    }


def used_object(used: Used) -> dict[str, object]:
    """Return what was used, for ``usage --json``."""
    return {
        "dollars": round(used.dollars, 6),
        "cpu_seconds": used.cpu_s,
        "memory_gib_seconds": used.memory_gib_s,
        "disk_gib_seconds": used.disk_gib_s,
        "gpu_seconds": used.gpu_s,
        "first_at": used.first.isoformat() if used.first else None,
        "last_at": used.last.isoformat() if used.last else None,
    }


def audit_object(entry: AuditEntry) -> dict[str, object]:
    """Return a row of ``audit --json``. The keys are a promise: more may come, none goes or changes."""
    return {
        "id": entry.id,
        "at": entry.at.isoformat() if entry.at else None,
        "action": entry.action,
        "actor": entry.actor,
        "actor_id": entry.actor_id,
        "key_prefix": entry.key_prefix,
        "key_suffix": entry.key_suffix,
        "target_type": entry.target_type,
        "target_id": entry.target_id,
        "status": entry.status,
        "failed": entry.is_bad,
        "trouble": entry.trouble,
        "source": entry.source,
        "user_agent": entry.user_agent,
        "ip": entry.ip,
    }
