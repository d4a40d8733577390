"""A command of the user's own that runs on this machine, as the tasks show it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.operations.local_commands import Ended, run_local
from daytona_tui.presentation.tasks import Status
from daytona_tui.ui.panes.each_task import EachTask

AT_ONCE = 4
"""How many run at the same time."""


class CustomTask(EachTask):
    """One part for each sandbox; their outputs are kept."""

    def __init__(self, title: str, line: str, sandboxes: Sequence[Sandbox]) -> None:
        super().__init__(title, sandboxes, done="done")
        self._line = line
        self._sandboxes = tuple(sandboxes)

    async def carry_out(self) -> None:
        """Run it for each; what fails stands in the parts."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def run(sandbox: Sandbox) -> None:
            async with turns:
                self._end(sandbox.id, await run_local(self._line, sandbox))

        try:
            async with asyncio.TaskGroup() as group:
                for sandbox in self._sandboxes:
                    group.create_task(run(sandbox))
        finally:
            self.give_up()

    def _end(self, sandbox_id: SandboxId, ended: Ended) -> None:
        part = self._parts[sandbox_id]
        self._parts[sandbox_id] = replace(part, output=ended.output, exit_code=ended.exit_code)
        lines = ended.output.strip().splitlines()
        detail = lines[-1] if lines else ""
        self._become(sandbox_id, Status.FAILED if ended.exit_code else Status.DONE, detail)
