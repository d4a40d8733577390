"""What a server lacks, found out by reading alone: its own document, questions of the account, a look at one sandbox.

Nothing is changed, and no sandbox is made or kept awake. What could only be tried by doing it stays open where the
server publishes no document; that is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.audit import AuditQuestion
from daytona_tui.domain.checkup import Finding, ok, warn
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import DaytonaTuiError, UnsupportedError

LOOK_S = 8.0
"""Seconds that all of it may take."""

CHECK = "abilities"
_NOBODY = SandboxId("00000000-0000-0000-0000-000000000000")
"""No sandbox has this id: what is asked of it concerns none, and only an unknown path is answered otherwise."""
_ONLY_BY_DOING = "setting a time to live, pausing, resizing and the like"
_TODO = {
    Ability.TTL: "no sandbox can be deleted at a moment of its own, nor put in the bin; auto-delete goes on working",
    Ability.AUTO_PAUSE: "sandboxes cannot be paused by themselves; auto-stop does the like",
    Ability.METRICS: "what a sandbox uses is not shown; the console's top tells of it",
    Ability.USAGE: "what is said of costs is estimated from sizes and prices",
    Ability.SECRETS: "give keys as variables; whoever may enter the sandbox reads those",
    Ability.AUDIT: "who made a sandbox is told by its labels and name alone",
    Ability.QUOTAS: "how much is left is told by the refusal alone",
}
_DIMMED = "it is dimmed with that reason wherever it is offered; a newer server may have it"
_PUBLISHED = "its published interface does not have it"
_ASKED = "it was asked for it"


async def ability_findings(gateway: Gateway, sandboxes: Iterable[Sandbox]) -> tuple[Finding, ...]:
    """Return what the server lacks, each with how that was found out, or that nothing is lacking.

    Args:
        gateway: the connection that is looked at.
        sandboxes: some that there are; one that runs is looked at without that counting as activity.
    """
    abilities = gateway.abilities
    published, asked, is_late = False, tuple[str, ...](), False
    try:
        async with asyncio.timeout(LOOK_S):
            published = await gateway.read_document()
            by_document = frozenset(ability for ability, _ in abilities.lacking)
            asked = await _ask(gateway, sandboxes, published=published)
    except TimeoutError:
        is_late, by_document = True, frozenset(ability for ability, _ in abilities.lacking if published)
    findings = [
        warn(CHECK, f"{words} ({_PUBLISHED if ability in by_document else _ASKED})", _TODO.get(ability, _DIMMED))
        for ability, words in abilities.lacking
    ]
    findings += [warn(CHECK, words, "sandboxes made on a newer server have newer daemons") for words in asked]
    if is_late:
        findings.append(ok(CHECK, f"what else it may lack was not found out within {LOOK_S:.0f} s"))
    elif not published:
        words = f"it publishes no interface: whether it knows {_ONLY_BY_DOING} is found out by doing that"
        findings.append(ok(CHECK, words))
    elif not findings:
        findings.append(ok(CHECK, "the server has everything that this program asks for"))
    return tuple(findings)


async def _ask(gateway: Gateway, sandboxes: Iterable[Sandbox], *, published: bool) -> tuple[str, ...]:
    """Ask what the document does not tell; return what the daemon of a sandbox lacks. The gateway notes the rest."""
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    questions: list[Callable[[], Awaitable[object]]] = [lambda: gateway.costs(now - hour, now)]
    if not published:
        questions += [
            gateway.regions,
            gateway.quotas,
            gateway.secrets,
            gateway.snapshots,
            gateway.volumes,
            lambda: gateway.audit_page(AuditQuestion(), limit=1),
            lambda: gateway.relatives(_NOBODY),
            lambda: gateway.preview_link(_NOBODY, 1),
        ]
    running = next((each for each in sandboxes if each.state is SandboxState.STARTED), None)
    looks: list[Callable[[], Awaitable[object]]] = []
    if running is not None:
        looks = [lambda: gateway.metrics(running.id)]
    answers = await asyncio.gather(*(_refusal(each) for each in (*questions, *looks)))
    daemon = answers[len(questions) :]
    shown = "" if running is None else f" (asked of {running.name})"
    return tuple(f"{words}{shown}" for words in daemon if words)


async def _refusal(question: Callable[[], Awaitable[object]]) -> str:
    """Ask, and return what the other side says to be without; a missing permission or sandbox says nothing of that."""
    try:
        await question()
    except UnsupportedError as error:
        return error.message
    except DaytonaTuiError:
        return ""
    return ""
