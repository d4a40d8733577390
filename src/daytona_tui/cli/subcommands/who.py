"""``who``: who made a sandbox, by its marks and by the audit log, and whether it is ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daytona_tui.cli import grammar
from daytona_tui.cli.grammar import Form

if TYPE_CHECKING:
    from pathlib import Path

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.who import Who


@grammar.command(
    "who",
    help="""Tell who made a sandbox.

    The framework or person and the run by its labels, name, snapshot and settings, with the reason; the person, key and
    program by the organisation's audit log, where the key may read it; and whether it is yours. Rules of your own stand
    in the settings file under [[owners]] and [mine].""",
)
@grammar.sandbox_argument
@grammar.form_options
def who(sandbox: str) -> int:
    """Tell and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.exit_codes import ExitCode

    wanted = sandbox

    async def told(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find
        from daytona_tui.operations.who import Who

        sandbox = await find(gateway, wanted)
        who = Who(gateway, _kept(settings), settings.mine)
        await who.ask(sandbox.id)
        _show(sandbox, who, grammar.common().form)
        return ExitCode.OK

    return running.run(told)


def _kept(settings: Settings) -> Path:
    """Return the file in which the screen keeps the answers of this connection."""
    from daytona_tui.config import paths
    from daytona_tui.config.connection import Secret
    from daytona_tui.operations.trail_file import FILE_NAME

    shape = settings.connection(Secret("unknown-yet")) if settings.keyring else settings.connection()
    return paths.profile_dir(shape.profile_id(settings.profile)) / FILE_NAME


def _show(sandbox: Sandbox, who: Who, form: Form) -> None:
    from daytona_tui.cli import output
    from daytona_tui.presentation.making import NOTHING_LOGGED
    from daytona_tui.presentation.safe_text import safe

    untold = "" if who.trail_of(sandbox.id) else who.refusal or NOTHING_LOGGED
    if form is not Form.TEXT:
        output.as_data(as_object(sandbox, who, untold), form)
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
