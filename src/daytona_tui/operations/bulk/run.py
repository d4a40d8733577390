"""Carrying out a plan: some sandboxes at a time, each looked at once more before it is touched."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import (
    AuthError,
    ConflictError,
    DaytonaTuiError,
    NotFoundError,
    RateLimitedError,
    RemoteError,
    UnreachableError,
    UnsupportedError,
)
from daytona_tui.operations.bulk.acts import Acts
from daytona_tui.operations.bulk.changes import changes
from daytona_tui.operations.bulk.noting import beginning, entry_of
from daytona_tui.operations.bulk.pacing import LONGEST_S, Pacing, pause
from daytona_tui.operations.bulk.plan import Plan, plan_of, refusal_of
from daytona_tui.operations.bulk.rows import BulkRow, Result, RowStatus
from daytona_tui.operations.journal import Entry, Journal
from daytona_tui.operations.lifecycle import DEFAULT_TIMEOUT_S

AT_ONCE = 8
"""Sandboxes that are acted on at the same time."""

PULLS_AT_ONCE = 3
"""Pulls at the same time: each of them copies several files at once."""

CONFLICTS = 4
"""How often a row is tried while somebody else changes the sandbox."""

CLOSED = 10
"""How often a row is tried while a limiter is closed."""

_PERMISSION = re.compile(r"\b(?:read|write|delete|manage):[a-z_]+")
_WITHIN = frozenset({Verb.EXECUTE, Verb.PULL})  # any valid key may work inside a sandbox
_NEEDED = {verb: "write:sandboxes" for verb in Verb if verb not in _WITHIN} | {Verb.DELETE: "delete:sandboxes"}

FAILURES = 4
"""How often a row is tried while the server fails, where the batch has patience at all."""

_SILENCE_PAUSE_S = 10.0
"""The longest pause between two tries while the server does not answer."""

OnChange = Callable[[BulkRow], None]

Recheck = Callable[[BulkRow, Sandbox], str]
"""Is given a row and its sandbox as it is now, and returns why to leave it alone, in words; empty for going on."""

Note = Callable[[BulkRow], Entry]
"""Makes the journal's entry of a row that is over."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast a plan is carried out.

    Attributes:
        timeout_s: how long a change of state may take to settle; 0: it is asked for, and not waited for.
        at_once: sandboxes at the same time; 0 is what suits the verb.
        conflict_pause_s: first pause while somebody else changes a sandbox; it doubles.
        jitter_s: longest pause by which rows are spread when a limiter opens.
        patience_s: how long the batch goes on trying a server that does not answer; 0: the first such row fails, and
            so does one that the server fails at.
    """

    timeout_s: float = DEFAULT_TIMEOUT_S
    at_once: int = 0
    conflict_pause_s: float = 1.0
    jitter_s: float = 1.5
    patience_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a batch goes by beside its plan.

    Attributes:
        recheck: decides on the record of the moment whether a row is left alone; None: whatever matters to the deed
            must be as it was.
        note: what the journal keeps of a row.
    """

    recheck: Recheck | None = None
    note: Note = entry_of


def unseen(_row: BulkRow) -> None:
    """Take no notice of a row."""


class BulkRun:
    """One plan being carried out.

    Attributes:
        plan: what is carried out.
        rows: one for each sandbox of the plan, in its order.
        stopped_because: why the rest was not asked for, such as a missing permission; empty while that is not so.
    """

    def __init__(
        self,
        plan: Plan,
        gateway: Gateway,
        *,
        on_change: OnChange = unseen,
        journal: Journal | None = None,
        tempo: Tempo = Tempo(),
        rules: Rules = Rules(),
    ) -> None:
        """Prepare; nothing is asked before ``run``.

        Args:
            plan: what to carry out.
            gateway: where.
            on_change: told each row that became different, often; it must be quick.
            journal: keeps what was done to each sandbox.
            tempo: how many at a time, and how long each may take.
            rules: when a row is left alone, and what is noted of it.
        """
        self.plan = plan
        self.rows = tuple(BulkRow(planned) for planned in plan.rows)
        self.stopped_because = ""
        self._gateway = gateway
        self._on_change = on_change
        self._journal = journal
        self._at_once = tempo.at_once or (PULLS_AT_ONCE if plan.deed.verb is Verb.PULL else AT_ONCE)
        self._tempo = tempo
        self._pacing = Pacing(jitter_s=tempo.jitter_s)
        self._acts = Acts(gateway, (row.sandbox for row in self.rows), timeout_s=tempo.timeout_s)
        self._recheck = rules.recheck or self._different
        self._note = rules.note
        self._silent_since: float | None = None
        self._end = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """True when nothing more happens to any row."""
        return all(row.is_over for row in self.rows)

    @property
    def is_unanswered(self) -> bool:
        """True if the server has been silent for longer than patience lasts, and still is."""
        since = self._silent_since
        return since is not None and time.monotonic() - since >= self._tempo.patience_s

    @property
    def is_cancelled(self) -> bool:
        """True when nothing more is begun, for whatever reason."""
        return self._end.is_set()

    def cancel(self) -> None:
        """Begin nothing more; what is in flight is finished, and ``run`` returns then."""
        self._end.set()
        for row in self.rows:
            if row.status is RowStatus.WAITING:
                self._leave(row)
                self._on_change(row)

    async def run(self) -> None:
        """Carry out the plan; failures stand in the rows and are not raised. To be called once."""
        waiting = iter([row for row in self.rows if row.status is RowStatus.WAITING])
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._at_once, len(self.rows))):
                    group.create_task(self._work(waiting))
        finally:
            for row in self.rows:
                if row.status is RowStatus.WAITING:  # it was interrupted
                    self._leave(row)
                    self._on_change(row)

    def failed(self) -> Plan:
        """Return the plan of trying once more what failed, with the sandboxes as they are known now."""
        return self._plan_of({RowStatus.FAILED})

    def unfinished(self) -> Plan:
        """Return the plan of trying what failed and what was cancelled."""
        return self._plan_of({RowStatus.FAILED, RowStatus.CANCELLED})

    def _plan_of(self, statuses: set[RowStatus]) -> Plan:
        rows = [row for row in self.rows if row.status in statuses and not row.is_gone]
        return plan_of(self.plan.deed, ((row.latest, row.deed) for row in rows), datetime.now(UTC))

    # One row

    async def _work(self, waiting: Iterator[BulkRow]) -> None:
        for row in waiting:
            if row.status is RowStatus.WAITING:
                await self._carry_out(row)

    async def _carry_out(self, row: BulkRow) -> None:
        row.begin()
        self._on_change(row)
        try:
            row.succeed(await self._insist(row))
        except _LeftAlone as reason:
            row.end(RowStatus.SKIPPED, str(reason))
        except _Cancelled:
            self._leave(row)
        except DaytonaTuiError as error:
            await self._note_failure(row, error)
        except asyncio.CancelledError:
            row.is_doubtful = row.before is not None
            row.end(RowStatus.CANCELLED, "interrupted: it may still happen" if row.before else "not begun")
            if self._journal is not None and row.before is not None:
                self._journal.keep_now(self._note(row))
            raise
        finally:
            if not row.is_over:
                row.end(RowStatus.FAILED, "the program itself failed here: see the diagnostics")
            self._on_change(row)
        if self._journal is not None and (row.before is not None or row.error is not None):
            await self._journal.keep(self._note(row))

    async def _insist(self, row: BulkRow) -> Result:
        """Try until it is done, it cannot be done, or it was tried often enough."""
        closed = conflicts = failures = 0
        while True:
            try:
                return await self._try(row)
            except RateLimitedError as error:
                closed += 1
                self._pacing.hold(error)
                if closed >= CLOSED or (error.retry_after_s or 0.0) > LONGEST_S:
                    raise
            except ConflictError as error:
                conflicts += 1
                if error.status != 409 or conflicts >= CONFLICTS:
                    raise
                row.hold("waiting: somebody else is changing it")
                self._on_change(row)
                growth = 2.0 ** (conflicts - 1)
                await pause(self._tempo.conflict_pause_s * growth * random.uniform(1.0, 1.5), self._end)
            except (UnreachableError, RemoteError) as error:
                failures += 1
                row.is_doubtful = row.before is not None
                if not self._may_pass(error, failures):
                    raise
                is_silent = isinstance(error, UnreachableError)
                row.hold(f"waiting: the server {'does not answer' if is_silent else 'failed'}")
                self._on_change(row)
                growth = 2.0 ** min(failures - 1, 10)
                seconds = min(self._tempo.conflict_pause_s * growth, _SILENCE_PAUSE_S)
                await pause(seconds * random.uniform(1.0, 1.5), self._end)

    def _may_pass(self, error: DaytonaTuiError, failures: int) -> bool:
        """Return whether trying again is worth while: silence is borne by the batch as a whole, failures by the row."""
        if not self._tempo.patience_s:
            return False
        if isinstance(error, UnreachableError):
            self._silent_since = self._silent_since or time.monotonic()
            return time.monotonic() - self._silent_since < self._tempo.patience_s
        return failures < FAILURES and error.status is not None and error.status >= 500 and error.status != 501

    async def _try(self, row: BulkRow) -> Result:
        await self._opened(row, None)
        try:
            found = await self._gateway.get(row.sandbox.id)
        except NotFoundError:
            row.is_gone = True
            if row.deed.verb is Verb.DELETE:
                return Result(detail="it was gone already")
            raise _LeftAlone("it is gone") from None
        self._silent_since = None
        self._check(row, found)
        await self._opened(row, row.deed.verb)
        is_first, row.before = row.before is None, row.before or found
        if self._journal is not None and is_first:
            await self._journal.keep(beginning(self._note(row)))
        row.begin_deed()
        return await self._acts.act(
            row.deed,
            found,
            on_step=lambda step: self._step(row, step),
            on_detail=lambda detail: self._detail(row, detail),
        )

    def _check(self, row: BulkRow, found: Sandbox) -> None:
        """Leave a sandbox alone that is not what the plan was made for; what we did ourselves does not count."""
        if row.is_part_done:
            return
        row.after = found  # whoever is left alone is known as it is now
        reason = self._recheck(row, found) or refusal_of(row.deed, found)
        if reason:
            raise _LeftAlone(reason)
        row.after = None

    def _different(self, row: BulkRow, found: Sandbox) -> str:
        different = changes(row.sandbox, found, row.deed.verb, self.plan.made_at)
        return f"changed since: {', '.join(different)}" if different else ""

    async def _opened(self, row: BulkRow, verb: Verb | None) -> None:
        """Wait while a limiter is closed; give up where the batch is cancelled meanwhile."""
        wait_s = self._pacing.wait_s(verb)
        if wait_s > 0:
            limiter = self._pacing.limiter(verb)
            row.hold(f"waiting {wait_s:.0f} s: too many requests{f' ({limiter})' if limiter else ''}")
            self._on_change(row)
            # What is half done is finished, cancelled or not.
            await self._pacing.opened(verb, asyncio.Event() if row.is_part_done else self._end)
        if self._end.is_set() and not row.is_part_done:
            raise _Cancelled

    async def _note_failure(self, row: BulkRow, error: DaytonaTuiError) -> None:
        reason = self._reason_for_all(row, error)
        row.fail(error, reason)
        if reason and not self.stopped_because:
            self.stopped_because = reason
            self.cancel()
        if isinstance(error, NotFoundError):
            row.is_gone = True
        elif row.before is not None and not reason:
            # It may have happened in spite of the error: trying again begins with what is.
            try:
                row.after = await self._gateway.get(row.sandbox.id)
            except NotFoundError:
                row.is_gone = True
            except DaytonaTuiError:
                row.after = None

    def _reason_for_all(self, row: BulkRow, error: DaytonaTuiError) -> str:
        """Return why no other row can succeed either, in words; empty where it may."""
        if isinstance(error, AuthError) and error.status == 403:
            named = _PERMISSION.search(error.message)
            needed = named[0] if named else _NEEDED.get(row.deed.verb, "")
            return f"the key lacks the permission {needed}" if needed else f"the key may not do this: {error.message}"
        if isinstance(error, AuthError):
            return f"the key is refused: {error.message}"
        # 422 is about this very sandbox; every other such answer is about the server.
        return error.message if isinstance(error, UnsupportedError) and error.status != 422 else ""

    def _leave(self, row: BulkRow) -> None:
        if row.is_doubtful:
            row.end(RowStatus.CANCELLED, "given up while it was tried again: it may have happened")
            return
        row.end(RowStatus.CANCELLED, f"not asked: {self.stopped_because}" if self.stopped_because else "not begun")

    def _step(self, row: BulkRow, step: str) -> None:
        row.take_step(step)
        self._on_change(row)

    def _detail(self, row: BulkRow, detail: str) -> None:
        row.detail = detail
        self._on_change(row)


class _LeftAlone(Exception):
    """Nothing is done to the sandbox, for the reason told."""


class _Cancelled(Exception):
    """The batch was cancelled before this row was asked for."""
