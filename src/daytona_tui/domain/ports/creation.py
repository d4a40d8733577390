"""Making sandboxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from daytona_tui.domain.creation import CreateOrder, Source
    from daytona_tui.domain.sandbox import Sandbox, SandboxId


class ContextSender(Protocol):
    """Takes files of this machine for builds."""

    async def send_context(
        self, digest: str, pieces: Callable[[], AsyncIterator[bytes]], on_sent: Callable[[int], object]
    ) -> bool:
        """Push the archive of a context; return False where the server has it already.

        Args:
            digest: what builds call it.
            pieces: returns the archive from its beginning.
            on_sent: told how many bytes were taken so far.

        Raises:
            UnsupportedError: the server has no object storage; noted as an ability.
            AuthError: it does not let us in.
            UnreachableError: it does not answer.
            DaytonaTuiError: it failed, or what ``pieces`` raises.
        """


class Creator(ContextSender, Protocol):
    """Makes sandboxes. What is done with them afterwards is an operation's work: ``operations.create``."""

    async def dockerfile_of(self, source: Source) -> str:
        """Return the Dockerfile that ``source`` stands for; empty for a snapshot, which has none.

        Raises:
            ConfigError: its parts make none.
        """

    async def request_sandbox(self, order: CreateOrder, contexts: tuple[str, ...] = ()) -> Sandbox:
        """Ask for a sandbox and return it as the server answers, on its way to run.

        ``contexts`` are the files for its build: digests that ``send_context`` was told.

        Nobody waits for it here, and no answer does not mean that there is no sandbox: look for its name.

        Raises:
            ConflictError: the name is taken.
            ConfigError: the server cannot have what was ordered.
        """

    async def await_creation(self, sandbox_id: SandboxId, *, timeout_s: float) -> Sandbox:
        """Wait until a sandbox that was asked for runs.

        Raises:
            OperationTimeoutError: the time is over; it may still come.
            RemoteError: it ended in an error state; it is there all the same.
            NotFoundError: it is gone.
        """
