"""The server and the key: whether it answers, how quickly, what it is, what the key may do, whether news arrive."""

from __future__ import annotations

import asyncio

from daytona_tui.domain.checkup import Finding, fail, ok, warn
from daytona_tui.domain.ports import FeedDown, Gateway, Identity, ListedPage
from daytona_tui.domain.server import ServerFacts, version_of
from daytona_tui.errors import AuthError, ConfigError, DaytonaTuiError, RateLimitedError, UnreachableError
from daytona_tui.operations.checkup.abilities import ability_findings
from daytona_tui.presentation.human import duration
from daytona_tui.presentation.phrases import phrase
from daytona_tui.transfer.concurrency import closing

FEED_S = 15.0
"""Seconds until the event feed is taken for dead."""

_OWN_CERTIFICATE = (
    "name the certificate of an authority of your own in SSL_CERT_FILE, or use an address with a public one"
)
_SLOW_MS = 1500.0
_SKEW_S = 30.0
_NEEDED = {
    "write:sandboxes": "nothing can be made, started, stopped or changed",
    "delete:sandboxes": "nothing can be deleted",
}
_USEFUL = ("write:snapshots", "delete:snapshots", "read:volumes", "write:volumes", "delete:volumes", "manage:secrets",
           "read:audit_logs", "read:limits")  # fmt: skip


async def server_findings(gateway: Gateway, *, sdk_version: str) -> tuple[Finding, ...]:
    """Return what the server and the key are like. Ends at the first failure, from which the others would follow.

    Args:
        gateway: the connection that is looked at.
        sdk_version: version of the SDK that this program speaks through.
    """
    try:
        facts = await gateway.about_server()
    except DaytonaTuiError as error:
        return (_unreached(error),)
    findings = [_reached(facts), *_clock(facts), _versions(facts, sdk_version)]
    try:
        identity = await gateway.identify()
        async with closing(gateway.list_pages()) as pages:
            page = await anext(pages, ListedPage())
    except AuthError as error:
        findings.append(_refused(error))
    except DaytonaTuiError as error:
        findings.append(_unreached(error, "key"))
    else:
        findings += [_key(identity, len(page)), *_permissions(identity)]
        feed, abilities = await asyncio.gather(_feed(gateway), ability_findings(gateway, page))
        findings += [feed, *abilities]
    return tuple(findings)


def _unreached(error: DaytonaTuiError, check: str = "reachability") -> Finding:
    said = phrase(error)
    code = error.exit_code if isinstance(error, UnreachableError | RateLimitedError | ConfigError | AuthError) else 1
    todo = _OWN_CERTIFICATE if "TLS certificate" in error.message else said.hint
    return fail(check, f"{said.title}: {said.detail}", todo or "is it the address of a Daytona API?", code)


def _reached(facts: ServerFacts) -> Finding:
    words = f"it answers in {facts.answers_ms:.0f} ms"
    if facts.answers_ms > _SLOW_MS:
        return warn("reachability", words, "expect everything to take its time: is the network slow?")
    return ok("reachability", words)


def _clock(facts: ServerFacts) -> tuple[Finding, ...]:
    if facts.skew_s is None:
        return (ok("clock", "the server does not tell its time"),)
    if abs(facts.skew_s) <= _SKEW_S:
        return (ok("clock", "this machine and the server agree on the time"),)
    side = "behind" if facts.skew_s > 0 else "ahead of"
    words = f"this machine's clock is {duration(abs(facts.skew_s))} {side} the server's: ages and deadlines are off"
    return (warn("clock", words, "set the clock of this machine"),)


def _versions(facts: ServerFacts, sdk_version: str) -> Finding:
    words = f"server {facts.version or 'does not tell its own'}, this program's SDK {sdk_version or 'unknown'}"
    theirs, ours = version_of(facts.version), version_of(sdk_version)
    if theirs is not None and ours is not None and theirs[:2] < ours[:2]:
        todo = "what it lacks is told below, and dimmed wherever it is offered"
        return warn("versions", f"{words}: the server is older", todo)
    return ok("versions", words)


def _refused(error: AuthError) -> Finding:
    words = f"the server refuses the key: {error.message}"
    return fail("key", words, "make a new one in the dashboard, or log in again", error.exit_code)


def _key(identity: Identity, rows: int) -> Finding:
    name = identity.key_name or "without a name"
    organization = identity.organization_id or "not told"
    return ok("key", f"{name}, organisation {organization}; {rows} sandboxes on the first page")


def _permissions(identity: Identity) -> tuple[Finding, ...]:
    if not identity.permissions and not identity.key_name:
        return (ok("permissions", "the server does not tell what the key may do"),)
    has = set(identity.permissions)
    lacking = [f"{name}: {why}" for name, why in _NEEDED.items() if name not in has]
    if lacking:
        return (warn("permissions", f"the key lacks {'; '.join(lacking)}", "make a key with these permissions"),)
    rest = [name for name in _USEFUL if name not in has]
    words = "the key may make, change and delete sandboxes"
    return (ok("permissions", f"{words}; it lacks {', '.join(rest)}" if rest else f"{words}, and everything else"),)


async def _feed(gateway: Gateway) -> Finding:
    todo = "changes are seen some seconds late, by listing; do proxies let WebSockets through?"
    try:
        async with asyncio.timeout(FEED_S):
            async with closing(gateway.feed()) as events:
                first = await anext(events)
    except TimeoutError:
        return warn("events", f"the event feed does not connect within {FEED_S:.0f} s", todo)
    except StopAsyncIteration:
        return warn("events", "the event feed ended at once", todo)
    if isinstance(first, FeedDown):
        return warn("events", f"the event feed does not connect: {first.reason}", todo)
    return ok("events", "the event feed connects: changes arrive by themselves")
