"""Which thing of the shelf a person means, and who uses it.

Lists of sandboxes tell from which snapshot each was made, and nothing of volumes and secrets. What a sandbox has
mounted only its own record tells, and a secret is seen only by what runs in it. Both looks are bounded, and what could
not be looked at is told.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.domain.secrets import SecretEntry, SecretUsers
from daytona_tui.domain.volumes import Mount, Mounts
from daytona_tui.errors import AmbiguousError, DaytonaTuiError, NotFoundError
from daytona_tui.presentation.safe_text import safe

MOST_RECORDS = 1_000
"""Records that are read to learn who has what mounted; those that were active last come first."""

MOST_LOOKS = 100
"""Sandboxes that are looked into for secrets."""

LOOK_S = 20.0
"""Seconds after which whatever was not read counts as unread."""

_AT_ONCE = 8
_SCRIPT_S = 10
_NAMED_AT_MOST = 5


class Named(Protocol):
    """Something with an id and a name."""

    @property
    def id(self) -> str:
        """What the server knows it by."""

    @property
    def name(self) -> str:
        """What people call it."""


Thing = TypeVar("Thing", bound=Named)
_Told = TypeVar("_Told")


def choose(things: Sequence[Thing], wanted: str, kind: str) -> Thing:
    """Return the one of ``things`` with this id or name, or else the only one whose id or name begins so.

    Raises:
        NotFoundError: none.
        AmbiguousError: several; names them.
    """
    hint = f"daytona-tui {kind}s list shows all of them"
    if not wanted:
        raise NotFoundError(f"no {kind} has an empty name", hint=hint)
    for exact in ([each for each in things if each.id == wanted], [each for each in things if each.name == wanted]):
        if len(exact) == 1:
            return exact[0]
    hits = [each for each in things if each.name.startswith(wanted) or each.id.startswith(wanted)]
    if len(hits) == 1:
        return hits[0]
    if not hits:
        raise NotFoundError(f"no {kind} is called {wanted!r}", hint=hint)
    names = ", ".join(safe(f"{each.name} ({each.id})") for each in hits[:_NAMED_AT_MOST])
    more = f" and {len(hits) - _NAMED_AT_MOST} more" if len(hits) > _NAMED_AT_MOST else ""
    raise AmbiguousError(f"{wanted!r} may be any of {names}{more}", hint="give more of the name, or the id")


def choose_each(things: Sequence[Thing], wanted: Iterable[str], kind: str) -> list[Thing]:
    """Return those that the words mean, as :func:`choose` does, each once."""
    return list({(each := choose(things, word, kind)).id: each for word in wanted}.values())


async def who_mounts(
    gateway: Gateway,
    fleet: Iterable[Sandbox],
    known: Mounts | None = None,
    *,
    most: int = MOST_RECORDS,
    within_s: float = LOOK_S,
) -> Mounts:
    """Return what the sandboxes of a fleet have mounted.

    Args:
        gateway: to the server.
        fleet: whom to ask about.
        known: what was read before; mounts never change, so that nobody is asked twice.
        most: sandboxes that are asked about at most; the others count as unread.
        within_s: seconds after which the rest counts as unread, too.
    """
    before = known.of if known is not None else {}
    living = [each for each in fleet if each.state is not SandboxState.DESTROYED]
    new = sorted(
        (each for each in living if each.id not in before),
        key=lambda each: str(each.last_activity_at or each.created_at or ""),
        reverse=True,
    )

    async def ask(sandbox: Sandbox) -> tuple[Mount, ...]:
        try:
            return await gateway.mounts(sandbox.id)
        except NotFoundError:  # it went meanwhile, and its mounts with it
            return ()

    told, unread = await _each(new, ask, most=most, within_s=within_s)
    ids = {each.id for each in living}
    return Mounts({**{each: mounts for each, mounts in before.items() if each in ids}, **told}, unread)


async def who_has_secrets(
    gateway: Gateway, fleet: Iterable[Sandbox], secrets: Sequence[SecretEntry], *, within_s: float = LOOK_S
) -> SecretUsers:
    """Look into the sandboxes that run for the placeholders of ``secrets``. Peeks."""
    living = [each for each in fleet if each.state is not SandboxState.DESTROYED]
    running = [each for each in living if each.is_running]
    asleep = frozenset(each.id for each in living if not each.is_running)
    placeholders = [each.placeholder for each in secrets if each.placeholder.isprintable() and each.placeholder]
    if not placeholders:
        return SecretUsers()
    patterns = " ".join(f"-e {shlex.quote(each)}" for each in placeholders)
    script = f"env | grep -F {patterns} || true"

    async def ask(sandbox: Sandbox) -> dict[str, str]:
        outcome = await gateway.look(sandbox.id, script, timeout_s=_SCRIPT_S)
        pairs = (line.partition("=") for line in outcome.output.splitlines())
        return {name: value for name, _, value in pairs if value in placeholders}

    told, unread = await _each(running, ask, most=MOST_LOOKS, within_s=within_s)
    return SecretUsers(told, unread | asleep)


async def _each(
    sandboxes: Sequence[Sandbox], ask: Callable[[Sandbox], Awaitable[_Told]], *, most: int, within_s: float
) -> tuple[dict[SandboxId, _Told], frozenset[SandboxId]]:
    """Ask about each of at most ``most`` sandboxes, a few at once; return what was told, and who is unread."""
    told: dict[SandboxId, _Told] = {}
    waiting = iter(sandboxes[:most])

    async def work() -> None:
        for sandbox in waiting:
            try:
                told[sandbox.id] = await ask(sandbox)
            except DaytonaTuiError:
                continue

    workers = [asyncio.create_task(work()) for _ in range(min(_AT_ONCE, len(sandboxes)))]
    if workers:
        try:
            await asyncio.wait(workers, timeout=within_s)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.wait(workers)
        for worker in workers:
            if not worker.cancelled() and (error := worker.exception()) is not None:
                raise error
    return told, frozenset(each.id for each in sandboxes) - told.keys()
