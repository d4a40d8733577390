"""Code in started sandboxes: at one go, or in an interpreter that keeps its variables."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from daytona_tui.client.errors import clean
from daytona_tui.client.room import Part
from daytona_tui.client.sockets import LOST, OK, Closed, Route, Socket, judge
from daytona_tui.client.timeouts import GRACE_S, UNLIMITED_S, checked_timeout
from daytona_tui.client.toolbox_mapping import outcome_from, well_formed
from daytona_tui.domain.code import Chart, CodeContext, CodeError, CodeEvent, CodeOutcome, Language
from daytona_tui.domain.executions import OutputChunk, Stream
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import NotFoundError, OperationTimeoutError, ProtocolError, RemoteError, UnsupportedError

_TIMED_OUT = 4008
"""The sandbox's own close code."""

_NOT_THERE = "cannot be run in this sandbox"
"""In the refusal of a language for which the sandbox has no program."""
_INSTALL = "install one of them in the sandbox, or take a snapshot that has one"

_MOST_CHARTS = 100
_ENDED = re.compile(r"not found|not active|ended|shutdown|exited", re.IGNORECASE)


class InterpreterPart(Part):
    """Implements ``Interpreter``."""

    async def run_code(
        self,
        sandbox_id: SandboxId,
        language: Language,
        code: str,
        *,
        argv: Sequence[str] = (),
        envs: Mapping[str, str] | None = None,
        timeout_s: int | None = None,
    ) -> CodeOutcome:
        """Run code in a process of its own and return all that came of it at once."""
        from daytona_toolbox_api_client_async import CodeRunRequest

        request = CodeRunRequest(
            code=code,
            language=language.value,
            argv=list(argv) or None,
            envs=dict(envs) if envs else None,
            timeout=checked_timeout(timeout_s),
        )
        limit = UNLIMITED_S if timeout_s is None else timeout_s + GRACE_S
        try:
            async with self._toolbox(sandbox_id, "running code", timeout_s=limit, is_act=True) as toolbox:
                told = await self._ask_toolbox(toolbox.process.code_run_without_preload_content(request))
        except RemoteError as error:
            if _NOT_THERE not in error.message:
                raise
            raise UnsupportedError(error.message, hint=_INSTALL, source="toolbox", status=error.status) from None
        outcome = outcome_from(told)
        return CodeOutcome(outcome.exit_code, outcome.output, await asyncio.to_thread(_charts, told))

    async def open_context(self, sandbox_id: SandboxId, *, cwd: str | None = None) -> CodeContext:
        """Start a Python interpreter that keeps its variables."""
        from daytona_toolbox_api_client_async import CreateContextRequest

        async with self._toolbox(sandbox_id, "starting an interpreter") as toolbox:
            call = toolbox.code.create_interpreter_context_without_preload_content(CreateContextRequest(cwd=cwd))
            told = await self._ask_toolbox(call)
        if not isinstance(told, dict) or not isinstance(told.get("id"), str) or not told["id"]:
            raise ProtocolError("the interpreter's record has an unknown form", source="toolbox")
        directory = told.get("cwd")
        return CodeContext(told["id"], directory if isinstance(directory, str) else "")

    async def run_in_context(
        self,
        sandbox_id: SandboxId,
        context_id: str,
        code: str,
        *,
        envs: Mapping[str, str] | None = None,
        timeout_s: int | None = None,
    ) -> AsyncIterator[CodeEvent]:
        """Run code in an interpreter and yield what it writes, and the exception that it ends with, if any."""
        # Without a word of ours the sandbox would end it after ten minutes; 0 is its word for no limit.
        order = {"code": code, "contextId": context_id, "timeout": checked_timeout(timeout_s) or 0}
        order |= {"envs": dict(envs)} if envs else {}
        async with self._toolbox(sandbox_id, "running code") as toolbox:
            socket = await self._connect(toolbox, toolbox.code, Route("/process/interpreter/execute"))
        try:
            await _send(socket, json.dumps(order), self._link.request_s)
            loop = asyncio.get_running_loop()
            end = None if timeout_s is None else loop.time() + timeout_s + GRACE_S
            while not isinstance(frame := await _receive(socket, end, timeout_s), Closed):
                if (event := _event(frame)) is not None:
                    yield event
            _judge(frame, timeout_s)
        finally:
            await socket.close()

    async def close_context(self, sandbox_id: SandboxId, context_id: str) -> None:
        """End an interpreter."""
        try:
            async with self._toolbox(sandbox_id, "ending an interpreter") as toolbox:
                await self._ask_toolbox(toolbox.code.delete_interpreter_context_without_preload_content(context_id))
        except NotFoundError:
            return


async def _send(socket: Socket, order: str, request_s: float) -> None:
    try:
        async with asyncio.timeout(request_s):
            await socket.send(order)
    except (TimeoutError, OSError, RuntimeError):
        judge(Closed(LOST), "handing over the code")


async def _receive(socket: Socket, end: float | None, timeout_s: int | None) -> bytes | str | Closed:
    """Return the next frame. Sandboxes do not answer pings while they run code: only a limit ends the wait."""
    try:
        async with asyncio.timeout_at(end):
            return await socket.receive(asks=False)
    except TimeoutError:
        raise _too_long(timeout_s) from None


def _judge(closed: Closed, timeout_s: int | None) -> None:
    if closed.code == _TIMED_OUT:
        raise _too_long(timeout_s)
    if closed.code != OK and _ENDED.search(closed.reason):
        raise NotFoundError(f"the interpreter is gone: {clean(closed.reason)}", source="toolbox")
    judge(closed, "running code")


def _too_long(timeout_s: int | None) -> OperationTimeoutError:
    limit = "the sandbox's limit" if timeout_s is None else f"{timeout_s} s"
    return OperationTimeoutError(f"the code was ended after {limit}", source="toolbox")


def _event(frame: bytes | str) -> CodeEvent | None:
    try:
        told = json.loads(frame)
    except (ValueError, RecursionError):
        raise ProtocolError("what the interpreter sends is not JSON", source="toolbox") from None
    if not isinstance(told, dict):
        return None

    def text(key: str) -> str:
        return well_formed(told.get(key))

    kind = told.get("type")
    if kind in ("stdout", "stderr"):
        return OutputChunk(Stream(kind), text("text"))
    return CodeError(text("name"), text("value"), text("traceback")) if kind == "error" else None


def _charts(told: Any) -> tuple[Chart, ...]:
    artifacts = told.get("artifacts") if isinstance(told, dict) else None
    charts = artifacts.get("charts") if isinstance(artifacts, dict) else None
    if not isinstance(charts, list):
        return ()
    return tuple(_chart(chart) for chart in charts[:_MOST_CHARTS] if isinstance(chart, dict))


def _chart(told: dict[str, Any]) -> Chart:
    def text(key: str) -> str:
        value = told.get(key)
        return value if isinstance(value, str) else ""

    try:
        png = base64.b64decode(text("png"), validate=True)
    except (binascii.Error, ValueError):
        png = b""
    return Chart(clean(text("title")), clean(text("type")), png)
