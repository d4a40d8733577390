"""A sandbox whose programs know less than those of this machine."""

from __future__ import annotations

import shlex
import shutil
from typing import Any

from daytona_tui.domain.executions import ExecOutcome
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId


class Narrow:
    """A gateway to a sandbox in which one program refuses one flag."""

    def __init__(self, gateway: Gateway, program: str, flag: str) -> None:
        self._gateway = gateway
        real = shutil.which(program)
        assert real is not None
        self._own = f'{program}() {{ for a; do [ "$a" = {shlex.quote(flag)} ] && return 1; done; {real} "$@"; }}\n'

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    async def look(self, sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
        return await self._gateway.look(sandbox_id, self._own + script, timeout_s=timeout_s)
