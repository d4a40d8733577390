"""Push files and directories into a sandbox: one plan, then one run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import ConflictPolicy, TransferOptions, TransferProgress, TransferReport
from daytona_tui.operations.copy import unseen
from daytona_tui.transfer.push_plan import PushPlan

_USUAL = TransferOptions()


async def plan_push(
    gateway: Gateway,
    sandbox_id: SandboxId,
    sources: Sequence[str | Path],
    destination: str,
    options: TransferOptions = _USUAL,
    *,
    on_progress: Callable[[TransferProgress], None] = unseen,
) -> PushPlan:
    """Work out what a push would do; it changes nothing, and only peeks.

    Args:
        gateway: where to look.
        sandbox_id: the sandbox, which must run.
        sources: local files and directories. A directory written with a slash at its end stands for its contents.
        destination: path in the sandbox; a relative one begins at its working directory, and an empty one is that. A
            slash at its end, or a directory that exists there, means *into* it; so do several sources. Otherwise it is
            the name that the one source gets.
        options: what to leave out, and what to do with what is there already.
        on_progress: told how many files were found so far.

    Raises:
        TransferError: a source cannot be read, or two sources would get the same name.
        DaytonaTuiError: the sandbox cannot be asked.
    """
    raise NotImplementedError


async def push(
    gateway: Gateway,
    plan: PushPlan,
    *,
    confirmed: bool = False,
    running: asyncio.Event | None = None,
    on_progress: Callable[[TransferProgress], None] = unseen,
) -> TransferReport:
    """Do what ``plan`` says.

    Every file goes to a temporary place in the sandbox, is compared with its SHA-256 and only then renamed. A file that
    fails alone stands in the report. What is there when a push is broken off is whole, and the same push does the rest.
    Cancelled or not, it leaves no temporary files.

    Args:
        gateway: where to write to.
        plan: from ``plan_push``; ``plan.with_policy(…)`` answers its conflicts.
        confirmed: whatever ``plan.summary.questions`` asks is answered with yes.
        on_progress: told at most ten times a second, and at the beginning and the end.
        running: while it is not set, nothing more is begun: clear it to pause. To cancel, cancel the task.

    Raises:
        TransferError: the policy is to fail and there are conflicts, a question is open, or there is no room; nothing
            was written.
        DaytonaTuiError: whatever made it impossible to go on.
    """
    raise NotImplementedError


async def push_stream(
    gateway: Gateway,
    sandbox_id: SandboxId,
    chunks: AsyncIterator[bytes],
    path: str,
    *,
    conflict: ConflictPolicy = ConflictPolicy.FAIL,
    on_progress: Callable[[TransferProgress], None] = unseen,
) -> TransferReport:
    """Write what comes, such as the standard input, to one file of the sandbox; it appears when it is whole.

    Raises:
        TransferError: there is such a file already and the policy is not to overwrite it, or it is a directory.
        DaytonaTuiError: whatever made it impossible to go on.
    """
    raise NotImplementedError
