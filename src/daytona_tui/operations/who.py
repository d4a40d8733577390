"""Who made a sandbox, by the audit log: asked for lazily, one sandbox at a time, and remembered for good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.mine import NO_RULES, MineRules, made_by_another, why_mine
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.ports import Identity, SandboxGateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.errors import AuthError, DaytonaTuiError, UnsupportedError
from daytona_tui.operations.trail_file import load_trails, save_trails
from daytona_tui.presentation.phrases import phrase

NO_PERMISSION: Final = "no audit permission"
AT_ONCE: Final = 4
"""Sandboxes that are asked for at the same time."""
MOST_AT_A_TIME: Final = 200
"""Sandboxes that one ``complete`` asks for."""


class Who:
    """Answers of the audit log for one connection, and what follows from them: whether a sandbox is ours.

    Args:
        gateway: asks the server.
        path: where answers are kept; None keeps them only as long as the program runs.
        rules: what the settings say is ours.

    Attributes:
        refusal: why the log cannot be read at all, in words; empty while it can, or nobody has asked. It is not asked
            again then.
        trouble: why the last question was not answered, in words; asked again next time.
        identity: who we are; empty until ``prepare`` was awaited.
        on_told: called with every answer that is new, those that were kept among them.
        on_refused: called once, with ``refusal``, when it is first known.
    """

    def __init__(self, gateway: SandboxGateway, path: Path | None = None, rules: MineRules = NO_RULES) -> None:
        self._gateway = gateway
        self._path = path
        self._rules = rules
        self._trails: dict[SandboxId, AuditTrail] = {}
        self._nothing: set[SandboxId] = set()
        self._locks: dict[SandboxId, asyncio.Lock] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._loading = asyncio.Lock()
        self._preparing = asyncio.Lock()
        self._saving = asyncio.Lock()
        self._is_loaded = False
        self._is_told = False
        self.refusal = ""
        self.trouble = ""
        self.identity = Identity()
        self.on_told: Callable[[Mapping[SandboxId, AuditTrail]], None] = lambda _: None
        self.on_refused: Callable[[str], None] = lambda _: None

    @property
    def trails(self) -> Mapping[SandboxId, AuditTrail]:
        """Everything that the log has told so far."""
        return MappingProxyType(self._trails)

    def trail_of(self, sandbox_id: SandboxId) -> AuditTrail | None:
        """Return what is known already of the making of a sandbox; asks nobody."""
        return self._trails.get(sandbox_id)

    def is_answered(self, sandbox_id: SandboxId) -> bool:
        """True when asking again would tell nothing new."""
        return bool(self.refusal) or sandbox_id in self._trails or sandbox_id in self._nothing

    def is_mine(self, sandbox: Sandbox) -> bool:
        """Return whether a sandbox is surely ours, by what is known so far."""
        return bool(self.why_mine(sandbox))

    def why_mine(self, sandbox: Sandbox) -> str:
        """Return in words why a sandbox is ours; empty where it is not, or nobody knows."""
        return why_mine(sandbox, owner_of(sandbox), self._trails.get(sandbox.id), self.identity, self._rules)

    def is_anothers(self, sandbox: Sandbox) -> bool:
        """Return whether the log names somebody else who is not ours by the settings either."""
        return made_by_another(self._trails.get(sandbox.id), self.identity, self._rules)

    def news(self) -> str:
        """Return why the log cannot be read, the first time that this is known; empty ever after."""
        if not self.refusal or self._is_told:
            return ""
        self._is_told = True
        return self.refusal

    async def load(self) -> None:
        """Read what was kept; asks no server."""
        async with self._loading:
            if not self._is_loaded and self._path is not None:
                kept = await asyncio.to_thread(load_trails, self._path)
                self._trails = kept | self._trails
                self.on_told(kept)
            self._is_loaded = True

    async def prepare(self) -> None:
        """Read what was kept, and ask who we are; without an answer nothing is ours but by the settings."""
        await self.load()
        async with self._preparing:
            if self.identity == Identity():
                try:
                    self.identity = await self._gateway.identify()
                except DaytonaTuiError as error:
                    self.trouble = phrase(error).line

    async def ask(self, sandbox_id: SandboxId) -> AuditTrail | None:
        """Return who made a sandbox; None where the log has nothing of it, or cannot be read: see ``refusal``.

        Raises:
            DaytonaTuiError: the question got no answer this time.
        """
        await self.prepare()
        if await self._ask(sandbox_id):
            await self._save()
        return self._trails.get(sandbox_id)

    async def complete(self, sandboxes: Iterable[Sandbox], *, most: int = MOST_AT_A_TIME) -> int:
        """Ask for those that nothing is known of yet, a few at a time and ``most`` in all; return how many were told.

        Ends early where the log cannot be read, or does not answer: see ``refusal`` and ``trouble``.
        """
        self.trouble = ""
        await self.prepare()
        asked = [each.id for each in sandboxes if not self.is_answered(each.id)][:most]
        waiting, before, is_over = iter(asked), len(self._trails), False

        async def ask_one_after_another() -> None:
            nonlocal is_over
            for sandbox_id in waiting:
                if self.refusal or is_over:
                    return
                try:
                    await self._ask(sandbox_id)
                except DaytonaTuiError as error:
                    self.trouble, is_over = phrase(error).line, True

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(AT_ONCE, len(asked))):
                    group.create_task(ask_one_after_another())
        finally:
            told = len(self._trails) - before
            if told:
                await self._save()
        return told

    async def _ask(self, sandbox_id: SandboxId) -> bool:
        """Ask the server unless the answer is there; return whether it told something new."""
        lock = self._locks.setdefault(sandbox_id, asyncio.Lock())
        try:
            async with lock, self._room:
                if self.is_answered(sandbox_id):
                    return False
                trail = await self._asked(sandbox_id)
        finally:
            if not lock.locked():
                self._locks.pop(sandbox_id, None)
        if trail is not None:
            self._trails[sandbox_id] = trail
            self.on_told({sandbox_id: trail})
        elif not self.refusal:
            self._nothing.add(sandbox_id)
        return trail is not None

    async def _asked(self, sandbox_id: SandboxId) -> AuditTrail | None:
        try:
            return await self._gateway.created_by(sandbox_id)
        except AuthError as error:
            if error.status != 403:
                raise
            self._refused(NO_PERMISSION)
        except UnsupportedError as error:
            self._refused(phrase(error).line)
        return None

    def _refused(self, reason: str) -> None:
        if not self.refusal:
            self.refusal = reason
            self.on_refused(reason)

    async def _save(self) -> None:
        if self._path is None:
            return
        async with self._saving:
            await asyncio.to_thread(save_trails, self._path, dict(self._trails))
