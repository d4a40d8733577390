"""Each verb on one sandbox, as a row of a bulk act carries it out."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit, Verb
from daytona_tui.domain.executions import ExecOutcome
from daytona_tui.domain.lifetimes import in_safe_order
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.domain.sizes import SizeEdit
from daytona_tui.domain.transfers import TransferProgress, TransferReport
from daytona_tui.operations import copy, lifecycle, waking
from daytona_tui.operations.bulk.pulling import directory_names, plan_pull
from daytona_tui.operations.bulk.rows import Result
from daytona_tui.presentation.deeds import resources_words
from daytona_tui.presentation.human import size
from daytona_tui.presentation.transfers import progress_detail, progress_words

OUTPUT_KEPT = 64 * 1024
"""Characters of a command's output that are kept for each sandbox: its end."""

_LINE_KEPT = 160
_ASKED_FOR = "asked for, and not waited for"
_DELETED_BY_STOP = "stopping deleted it"

Tell = Callable[[str], None]


class Acts:
    """Carries out deeds through a gateway.

    Args:
        gateway: where.
        sandboxes: all of the batch, so that those with like names get directories of their own.
        timeout_s: how long each change of state may take to settle; 0: it is asked for, and not waited for.
    """

    def __init__(self, gateway: Gateway, sandboxes: Iterable[Sandbox], *, timeout_s: float) -> None:
        self._gateway = gateway
        self._timeout_s = timeout_s
        self._names = directory_names(sandboxes)

    async def act(self, deed: Deed, sandbox: Sandbox, *, on_step: Tell, on_detail: Tell) -> Result:
        """Do ``deed`` to ``sandbox``, as it is now, and return what came of it.

        Args:
            deed: what to do.
            sandbox: its record of this moment.
            on_step: told each step before it begins.
            on_detail: told how far a long step is.

        Raises:
            DaytonaTuiError: it was not done, or not wholly.
        """
        match deed.verb:
            case Verb.LABELS:
                return await self._label(deed.labels or LabelEdit(), sandbox, on_step)
            case Verb.LIFETIMES:
                return await self._set_lifetimes(deed.lifetimes or LifetimeEdit(), sandbox, on_step)
            case Verb.EXECUTE:
                return await self._execute(deed, sandbox, on_step)
            case Verb.PULL:
                return await self._pull(deed, sandbox, on_step, on_detail)
            case Verb.RESIZE:
                return await self._resize(deed, sandbox, on_step)
            case Verb.FORK:
                return await self._fork(deed, sandbox, on_step)
        return await self._change_state(deed.verb, sandbox, on_step)

    async def _change_state(self, verb: Verb, sandbox: Sandbox, on_step: Tell) -> Result:
        if verb is Verb.DELETE:
            return await self._delete(sandbox, on_step)
        if verb in (Verb.STOP, Verb.FORCE_STOP):
            return await self._stop(sandbox, on_step, force=verb is Verb.FORCE_STOP)
        moves = {
            Verb.START: lifecycle.start,
            Verb.PAUSE: lifecycle.pause,
            Verb.ARCHIVE: lifecycle.archive,
            Verb.RECOVER: lifecycle.recover,
        }
        after = await moves[verb](self._gateway, sandbox, timeout_s=self._timeout_s, on_step=on_step)
        return Result(after, self._unsettled(after))

    def _unsettled(self, after: Sandbox) -> str:
        return "" if self._timeout_s or after.state.is_settled else _ASKED_FOR

    async def _delete(self, sandbox: Sandbox, on_step: Tell) -> Result:
        await lifecycle.delete(self._gateway, sandbox, timeout_s=self._timeout_s, on_step=on_step)
        if self._timeout_s:
            return Result()
        return Result(replace(sandbox, state=SandboxState.DESTROYING), _ASKED_FOR)

    async def _stop(self, sandbox: Sandbox, on_step: Tell, *, force: bool) -> Result:
        after = await lifecycle.stop(self._gateway, sandbox, timeout_s=self._timeout_s, on_step=on_step, force=force)
        return Result(after, _DELETED_BY_STOP if after is None else self._unsettled(after))

    async def _resize(self, deed: Deed, sandbox: Sandbox, on_step: Tell) -> Result:
        after = await lifecycle.resize(
            self._gateway, sandbox, deed.size or SizeEdit(), timeout_s=self._timeout_s, on_step=on_step
        )
        return Result(after, self._unsettled(after) or resources_words(after.resources))

    async def _fork(self, deed: Deed, sandbox: Sandbox, on_step: Tell) -> Result:
        made = await lifecycle.fork(self._gateway, sandbox, deed.fork_name, timeout_s=self._timeout_s, on_step=on_step)
        return Result(await self._gateway.get(sandbox.id), f"forked as {made.name} ({made.id})", made=made)

    async def _label(self, edit: LabelEdit, sandbox: Sandbox, on_step: Tell) -> Result:
        """Merge: the server replaces all labels, so those of this moment are sent back with the change."""
        labels = edit.applied_to(sandbox.labels)
        if labels == dict(sandbox.labels):
            return Result(sandbox, "it has these labels already")
        on_step("labelling")
        return Result(await self._gateway.set_labels(sandbox.id, labels))

    async def _set_lifetimes(self, edit: LifetimeEdit, sandbox: Sandbox, on_step: Tell) -> Result:
        """Set what differs, in an order in which nothing dies half-way."""
        setters: dict[str, Callable[[SandboxId, int], Awaitable[Sandbox]]] = {
            "auto_stop_min": self._gateway.set_auto_stop,
            "auto_pause_min": self._gateway.set_auto_pause,
            "auto_archive_min": self._gateway.set_auto_archive,
            "auto_delete_min": self._gateway.set_auto_delete,
            "ttl_min": self._gateway.set_ttl,
        }
        after, is_set = sandbox, False
        for name, minutes in in_safe_order(sandbox, edit):
            if _has_already(after, name, minutes):
                continue
            on_step(f"setting {'time to live' if name == 'ttl_min' else name.removesuffix('_min').replace('_', '-')}")
            after, is_set = await setters[name](sandbox.id, minutes), True
        return Result(after, "" if is_set else "it has these intervals already")

    async def _execute(self, deed: Deed, sandbox: Sandbox, on_step: Tell) -> Result:
        on_step("running")
        outcome = await self._gateway.run(
            sandbox.id, deed.command, cwd=deed.cwd or None, timeout_s=deed.timeout_s or None
        )
        return Result(
            sandbox, _last_line(outcome), outcome.output[-OUTPUT_KEPT:], outcome.exit_code, outcome.exit_code == 0
        )

    async def _pull(self, deed: Deed, sandbox: Sandbox, on_step: Tell, on_detail: Tell) -> Result:
        async def work(running: Sandbox) -> TransferReport:
            on_step("pulling")
            began = time.monotonic()
            plan = await plan_pull(self._gateway, deed, running, self._names.get(running.id, ""))
            return await copy.run(
                self._gateway,
                plan,
                on_progress=lambda progress: on_detail(_progress(progress, time.monotonic() - began)),
                keeps=lambda: True,  # it is never given up by itself: what ends it ends the program
            )

        if deed.wakes:
            woken = await waking.awake(self._gateway, sandbox, work, timeout_s=self._timeout_s, on_step=on_step)
            report, sandbox = woken.result, woken.after or sandbox
        else:
            report = (await waking.using(sandbox.id, lambda: work(sandbox))).result
        return Result(sandbox, _pulled(report), is_success=not report.failed)


def _has_already(sandbox: Sandbox, name: str, minutes: int) -> bool:
    if name == "ttl_min":  # a time to live counts from the moment it is set
        return minutes == 0 and sandbox.lifetimes.destroy_at is None
    return bool(getattr(sandbox.lifetimes, name) == minutes)


def _last_line(outcome: ExecOutcome) -> str:
    line = next((line.strip() for line in reversed(outcome.output.splitlines()) if line.strip()), "")
    line = line if len(line) <= _LINE_KEPT else line[: _LINE_KEPT - 1] + "…"
    return f"exit {outcome.exit_code}: {line}" if line else f"exit {outcome.exit_code}"


def _progress(progress: TransferProgress, elapsed_s: float) -> str:
    return progress_detail(progress, progress_words(progress, elapsed_s))


def _pulled(report: TransferReport) -> str:
    files = f"{report.files:,} file{'' if report.files == 1 else 's'}"
    if not report.failed:
        equal = f" · {report.equal:,} the same already" if report.equal else ""
        return f"{files}, {size(report.size_bytes)} in {report.destination}{equal}"
    first = report.failed[0]
    return f"{len(report.failed):,} failed, {files} arrived; {first.path}: {first.reason}"
