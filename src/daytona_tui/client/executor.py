"""Programs in started sandboxes. These are acts: all of it counts as activity, save asking how one stands."""

from __future__ import annotations

from collections.abc import Mapping

from daytona_tui.client.room import Part
from daytona_tui.client.timeouts import GRACE_S, UNLIMITED_S, checked_timeout
from daytona_tui.client.toolbox_mapping import execution_from, outcome_from
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.executions import ExecOutcome, Execution
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import ConflictError, NotFoundError

_COMPLETED = 410
"""What a sandbox answers to input for a command that has ended."""


class ExecutorPart(Part):
    """Implements ``Executor``."""

    async def run(
        self,
        sandbox_id: SandboxId,
        command: str,
        *,
        cwd: str | None = None,
        envs: Mapping[str, str] | None = None,
        timeout_s: int | None = None,
    ) -> ExecOutcome:
        """Run a shell command to its end and return all of its output at once."""
        from daytona_toolbox_api_client_async import ExecuteRequest

        request = ExecuteRequest(
            command=command, cwd=cwd, envs=dict(envs) if envs else None, timeout=checked_timeout(timeout_s)
        )
        limit = UNLIMITED_S if timeout_s is None else timeout_s + GRACE_S
        async with self._toolbox(sandbox_id, "running a command", timeout_s=limit, is_act=True) as toolbox:
            call = toolbox.process.execute_command_without_preload_content(request)
            return outcome_from(await self._ask_toolbox(call))

    async def open_session(self, sandbox_id: SandboxId, session_id: str, *, peeks: bool = False) -> None:
        """Start a shell that keeps its working directory and variables between executions."""
        from daytona_toolbox_api_client_async import CreateSessionRequest

        request = CreateSessionRequest(session_id=session_id)
        async with self._toolbox(sandbox_id, "opening a session", needs=Ability.SESSIONS) as toolbox:
            process = toolbox.watch if peeks else toolbox.process
            await self._ask_toolbox(process.create_session_without_preload_content(request))

    async def submit(
        self, sandbox_id: SandboxId, session_id: str, command: str, *, peeks: bool = False, echoes: bool = True
    ) -> Execution:
        """Start a command in a session without waiting for its end."""
        from daytona_toolbox_api_client_async import SessionExecuteRequest

        request = SessionExecuteRequest(command=command, run_async=True, suppress_input_echo=not echoes or None)
        async with self._toolbox(sandbox_id, "starting a command", needs=Ability.SESSIONS) as toolbox:
            process = toolbox.watch if peeks else toolbox.process
            call = process.session_execute_command_without_preload_content(session_id, request)
            return execution_from(await self._ask_toolbox(call), command=command)

    async def send_input(self, sandbox_id: SandboxId, session_id: str, execution_id: str, text: str) -> None:
        """Write ``text`` to the standard input of an execution that runs; a line needs its own line end."""
        from daytona_toolbox_api_client_async import SessionSendInputRequest

        request = SessionSendInputRequest(data=text)
        try:
            async with self._toolbox(sandbox_id, "sending input") as toolbox:
                await self._ask_toolbox(
                    toolbox.process.send_input_without_preload_content(session_id, execution_id, request)
                )
        except NotFoundError as error:
            if error.status == _COMPLETED:
                raise ConflictError("the command has ended", code=error.code, source="toolbox", status=410) from None
            raise

    async def execution(self, sandbox_id: SandboxId, session_id: str, execution_id: str) -> Execution:
        """Return how an execution stands. Peeks."""
        async with self._toolbox(sandbox_id, "asking how a command stands") as toolbox:
            call = toolbox.watch.get_session_command_without_preload_content(session_id, execution_id)
            return execution_from(await self._ask_toolbox(call))

    async def close_session(self, sandbox_id: SandboxId, session_id: str, *, peeks: bool = False) -> None:
        """End a session and everything that runs in it."""
        try:
            async with self._toolbox(sandbox_id, "closing a session") as toolbox:
                process = toolbox.watch if peeks else toolbox.process
                await self._ask_toolbox(process.delete_session_without_preload_content(session_id))
        except NotFoundError:
            return
