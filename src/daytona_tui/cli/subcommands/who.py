"""``who``: who made a sandbox, by its marks and by the audit log, and whether it is ours."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.who import Who


def add_to(subparsers: Any) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "who",
        help="tell who made a sandbox",
        description="Tell who made a sandbox: the framework or person and the run by its labels, name, snapshot and "
        "settings, with the reason; the person, key and program by the organisation's audit log, where the key may "
        "read it; and whether it is yours. Rules of your own stand in the settings file under [[owners]] and [mine].",
    )
    parser.add_argument("sandbox", metavar="SANDBOX", help="its name or id, or how that begins")
    parser.add_argument("--json", action="store_true", help="an object instead of lines")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tell and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.exit_codes import ExitCode

    async def told(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find
        from daytona_tui.operations.who import Who

        sandbox = await find(gateway, arguments.sandbox)
        who = Who(gateway, _kept(settings), settings.mine)
        await who.ask(sandbox.id)
        _show(sandbox, who, as_json=arguments.json)
        return ExitCode.OK

    return running.run(told, arguments)


def _kept(settings: Settings) -> Path:
    """Return the file in which the screen keeps the answers of this connection."""
    from daytona_tui.config import paths
    from daytona_tui.config.connection import Secret
    from daytona_tui.operations.trail_file import FILE_NAME

    shape = settings.connection(Secret("unknown-yet")) if settings.keyring else settings.connection()
    return paths.profile_dir(shape.profile_id(settings.profile)) / FILE_NAME


def _show(sandbox: Sandbox, who: Who, *, as_json: bool) -> None:
    from daytona_tui.cli import output
    from daytona_tui.presentation.making import NOTHING_LOGGED
    from daytona_tui.presentation.safe_text import safe

    untold = "" if who.trail_of(sandbox.id) else who.refusal or NOTHING_LOGGED
    if as_json:
        output.as_json(as_object(sandbox, who, untold))
        return
    for label, words in _lines(sandbox, who, untold):
        output.line(f"{label:9}{safe(words)}")


def _lines(sandbox: Sandbox, who: Who, untold: str) -> list[tuple[str, str]]:
    from datetime import UTC

    from daytona_tui.domain.owners import owner_of
    from daytona_tui.presentation.making import made_with

    owner, trail = owner_of(sandbox), who.trail_of(sandbox.id)
    made = untold
    if trail is not None:
        at = f"{trail.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if trail.at is not None else ""
        made = " · ".join(part for part in (trail.actor or trail.actor_id, made_with(trail), at) if part)
    why_mine = who.why_mine(sandbox)
    mine = f"yes: {why_mine}" if why_mine else "no: somebody else made it" if who.is_anothers(sandbox) else "not known"
    return [
        ("sandbox", f"{sandbox.name} ({sandbox.id})"),
        ("owner", f"{owner.name or '—'} ({owner.confidence.value}: {owner.why})"),
        *([("run", owner.run)] if owner.run else []),
        ("made by", made),
        ("mine", mine),
    ]


def as_object(sandbox: Sandbox, who: Who, untold: str) -> dict[str, object]:
    """Return what ``who --json`` shows. The keys are a promise: more may come, none goes or changes."""
    from daytona_tui.domain.owners import owner_of

    owner, trail = owner_of(sandbox), who.trail_of(sandbox.id)
    return {
        "id": sandbox.id,
        "name": sandbox.name,
        "owner": {"name": owner.name, "run": owner.run, "why": owner.why, "confidence": owner.confidence.value},
        "made_by": None
        if trail is None
        else {
            "actor": trail.actor,
            "actor_id": trail.actor_id,
            "key_suffix": trail.key_suffix,
            "sdk": trail.sdk,
            "user_agent": trail.user_agent,
            "at": trail.at.isoformat() if trail.at is not None else None,
        },
        "not_told": untold,
        "is_mine": who.is_mine(sandbox),
        "why_mine": who.why_mine(sandbox),
    }
