"""What the rest of the program needs of Daytona. Implemented in ``client``; nothing else knows the SDK.

Every method raises errors of ``daytona_tui.errors`` and nothing else, save ``asyncio.CancelledError``. *Peek* means
that the request carries the header that leaves the sandbox's idle clock alone: looking never keeps a sandbox awake.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.executions import ExecOutcome, Execution, OutputChunk, Session
from daytona_tui.domain.files import FileEntry, FoundLine
from daytona_tui.domain.inspection import GitStatus, Terminal
from daytona_tui.domain.sandbox import Relatives, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.usage import Metrics, Quotas
from daytona_tui.errors import DaytonaTuiError


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the key says we are. Fields are empty where the server does not tell."""

    key_name: str = ""
    user_id: str = ""
    organization_id: str = ""
    permissions: tuple[str, ...] = ()
    key_prefix: str = ""
    """First letters of the key, as the server shows them."""
    key_suffix: str = ""
    """Last letters of the key, likewise."""


class ListedPage(tuple[Sandbox, ...]):
    """The sandboxes of one page of the fleet.

    Attributes:
        nameless: how many rows of the page had no id, so that nothing can be done with them.
    """

    nameless: int = 0

    @classmethod
    def of(cls, sandboxes: Iterable[Sandbox], nameless: int = 0) -> ListedPage:
        """Return the page of ``sandboxes``."""
        page = cls(sandboxes)
        page.nameless = nameless
        return page


@dataclass(frozen=True, slots=True)
class FeedUp:
    """The event feed is connected: from now on changes arrive by themselves."""


@dataclass(frozen=True, slots=True)
class FeedDown:
    """The event feed is lost; it reconnects by itself.

    Attributes:
        reason: why, for the diagnostics.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class SandboxChanged:
    """A sandbox was created or changed; ``sandbox`` is its whole record at the time of the event."""

    sandbox: Sandbox


@dataclass(frozen=True, slots=True)
class StateChanged:
    """Only the new state of a sandbox is known: the event carried no whole record."""

    sandbox_id: SandboxId
    state: SandboxState
    state_word: str
    at: datetime | None = None


FeedEvent = FeedUp | FeedDown | SandboxChanged | StateChanged


class SandboxGateway(Protocol):
    """The control plane: the fleet and the life of its sandboxes."""

    async def identify(self) -> Identity:
        """Return who the key belongs to."""

    def list_pages(self, *, errored_deleted: bool = False) -> AsyncIterator[ListedPage]:
        """Yield every sandbox that the key can see, a page at a time.

        Args:
            errored_deleted: also those that failed and were deleted, which Daytona hides otherwise.
        """

    async def get(self, id_or_name: str) -> Sandbox:
        """Return one sandbox.

        Raises:
            NotFoundError: no sandbox has this id or name.
        """

    async def start(self, sandbox_id: SandboxId, *, timeout_s: float) -> Sandbox:
        """Start (restore, resume) a sandbox and wait until it runs."""

    async def stop(self, sandbox_id: SandboxId, *, timeout_s: float, force: bool = False) -> Sandbox | None:
        """Stop a sandbox and wait for it. None means that stopping destroyed it (delete-on-stop)."""

    async def archive(self, sandbox_id: SandboxId, *, timeout_s: float) -> Sandbox:
        """Archive a *stopped* sandbox and wait until it is archived."""

    async def pause(self, sandbox_id: SandboxId, *, timeout_s: float) -> Sandbox:
        """Pause a started virtual machine, keeping its memory, and wait until it is paused.

        Raises:
            UnsupportedError: it is a container, or the server cannot pause at all.
        """

    async def recover(self, sandbox_id: SandboxId, *, timeout_s: float) -> Sandbox:
        """Put right a sandbox whose error is recoverable, and wait until it runs."""

    async def delete(self, sandbox_id: SandboxId, *, timeout_s: float) -> None:
        """Delete a sandbox and wait until it is gone. One that is gone already is a success."""

    async def set_labels(self, sandbox_id: SandboxId, labels: Mapping[str, str]) -> Sandbox:
        """Replace *all* labels of a sandbox."""

    async def set_auto_stop(self, sandbox_id: SandboxId, minutes: int) -> Sandbox:
        """Set the interval; 0 is off. Another than 0 switches auto-pause off."""

    async def set_auto_pause(self, sandbox_id: SandboxId, minutes: int) -> Sandbox:
        """Set the interval of a virtual machine; 0 is off. Another than 0 switches auto-stop off."""

    async def set_auto_archive(self, sandbox_id: SandboxId, minutes: int) -> Sandbox:
        """Set the interval; 0 is the platform's maximum."""

    async def set_auto_delete(self, sandbox_id: SandboxId, minutes: int) -> Sandbox:
        """Set the interval; negative is off, 0 destroys the sandbox when it stops."""

    async def set_ttl(self, sandbox_id: SandboxId, minutes: int) -> Sandbox:
        """Have the sandbox destroyed so many minutes from now in any state; 0 takes that back."""

    async def refresh_activity(self, sandbox_id: SandboxId) -> None:
        """Count this moment as activity: the idle clock begins anew."""

    async def record(self, id_or_name: str) -> Mapping[str, object]:
        """Return everything that the server says of a sandbox, as JSON values; what looks like a secret is masked."""

    async def relatives(self, sandbox_id: SandboxId) -> Relatives:
        """Return which sandbox this one was forked from, and which were forked from it.

        Raises:
            UnsupportedError: the server knows no forks.
        """

    async def metrics(self, sandbox_id: SandboxId) -> Metrics:
        """Return what a started sandbox uses at this moment. Peeks.

        Raises:
            ConflictError: it does not run.
            UnsupportedError: what runs in the sandbox is older than the measurement.
        """

    async def quotas(self) -> Quotas | None:
        """Return what the organisation uses and may use; None where the key may not read it.

        Raises:
            UnsupportedError: the server does not tell.
        """

    async def costs(self, since: datetime, until: datetime) -> Mapping[SandboxId, float]:
        """Return what each sandbox has really cost between two moments, in dollars; those that cost nothing may lack.

        Raises:
            AuthError: the key may not read it.
            UnsupportedError: the server has no accounts of that kind.
        """

    async def created_by(self, sandbox_id: SandboxId) -> AuditTrail | None:
        """Return who made a sandbox, by the organisation's audit log; None where the log has nothing of it.

        Raises:
            AuthError: the key may not read the log.
            UnsupportedError: the server keeps none.
        """

    def feed(self) -> AsyncIterator[FeedEvent]:
        """Yield the organisation's events for ever, reconnecting with growing pauses; starts with up or down."""

    async def close(self) -> None:
        """Give back connections. The gateway cannot be used afterwards. Idempotent."""


class RemoteFiles(Protocol):
    """Files of started sandboxes. All of it peeks."""

    async def work_dir(self, sandbox_id: SandboxId) -> str:
        """Return the absolute path of the working directory."""

    async def list_dir(self, sandbox_id: SandboxId, path: str) -> tuple[FileEntry, ...]:
        """Return the entries of a directory, in no order.

        Raises:
            NotFoundError: no such directory.
        """

    async def info(self, sandbox_id: SandboxId, path: str) -> FileEntry:
        """Return the entry of a file or directory itself."""

    async def list_tree(self, sandbox_id: SandboxId, path: str, depth: int) -> tuple[FileEntry, ...]:
        """Return the entries of a directory and of those below it, ``depth`` levels in all, in no order.

        Raises:
            NotFoundError: no such directory.
            UnsupportedError: the server lists one level only, and more were asked for.
        """

    def read(self, sandbox_id: SandboxId, path: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        """Yield the contents of one file in chunks, from byte ``offset`` on; nothing at and beyond its end.

        A server that cannot begin in the middle sends the bytes before it too, and they are passed over.

        Raises:
            NotFoundError: no such file.
            VerificationError: the contents broke off, or are not as long as announced.
        """

    async def read_range(self, sandbox_id: SandboxId, path: str, offset: int, length: int) -> bytes:
        """Return at most ``length`` bytes of a file from byte ``offset`` on; fewer at its end.

        Costs as much as ``length``, however large the file is, unless the server and the sandbox can neither.

        Raises:
            NotFoundError: no such file.
            VerificationError: the contents broke off.
        """

    def read_many(self, sandbox_id: SandboxId, paths: Sequence[str]) -> AsyncIterator[tuple[str, bytes | Exception]]:
        """Yield ``(path, contents or error)`` for small files fetched in one request, in the order of arrival."""

    async def search_names(self, sandbox_id: SandboxId, path: str, pattern: str) -> tuple[str, ...]:
        """Return the absolute paths below ``path`` whose last part matches a glob such as ``*.py``."""

    async def search_contents(self, sandbox_id: SandboxId, path: str, pattern: str) -> tuple[FoundLine, ...]:
        """Return the lines that contain the text ``pattern`` in the text files below ``path``."""


class FileActs(Protocol):
    """Changes to the files of started sandboxes. All of it counts as activity."""

    async def make_dir(self, sandbox_id: SandboxId, path: str, mode: int = 0o755) -> None:
        """Make a directory and those above it. One that is there already is a success, and keeps its mode."""

    async def move(self, sandbox_id: SandboxId, source: str, destination: str) -> None:
        """Move or rename a file or directory.

        Raises:
            NotFoundError: there is no source.
            ConflictError: there is something at the destination.
        """

    async def remove(self, sandbox_id: SandboxId, path: str, *, recursive: bool = False) -> None:
        """Delete a file, a link itself or, with ``recursive``, a directory with all that is in it.

        Raises:
            NotFoundError: it is not there.
            RemoteError: it is a directory, and ``recursive`` was not said.
        """

    async def chmod(self, sandbox_id: SandboxId, path: str, mode: int) -> None:
        """Set the mode of a file or directory."""

    async def write(
        self, sandbox_id: SandboxId, path: str, chunks: AsyncIterable[bytes], *, size_bytes: int | None = None
    ) -> int:
        """Write one file as its contents come, with the directories above it; return how many bytes were sent.

        The sandbox sets the pace: a chunk is asked for when those before it have gone out. What was at ``path`` is
        replaced. A write that does not succeed may leave the old file, none or half of one: a caller who minds writes
        to another name and moves it. A link at ``path`` is followed, and the file has mode 0644 whatever it had.
        ``size_bytes`` is how much comes, where it is known.

        Raises:
            VerificationError: other than ``size_bytes`` came from ``chunks``.
            RemoteError: it cannot be written: not allowed, no space, a directory is in the way.
        """

    async def write_many(
        self, sandbox_id: SandboxId, items: Sequence[tuple[str, bytes]]
    ) -> Mapping[str, DaytonaTuiError]:
        """Write small files, ``(path, contents)`` each, in one request; return what could not be written, and why.

        Raises:
            ValueError: a path comes twice.
        """


class Executor(Protocol):
    """Programs in started sandboxes. All of it counts as activity, save what says otherwise."""

    async def run(
        self, sandbox_id: SandboxId, command: str, *, cwd: str | None = None, timeout_s: int | None = None
    ) -> ExecOutcome:
        """Run a shell command to its end and return all of its output at once."""

    async def open_session(self, sandbox_id: SandboxId, session_id: str) -> None:
        """Start a shell that keeps its working directory and variables between executions."""

    async def submit(self, sandbox_id: SandboxId, session_id: str, command: str) -> Execution:
        """Start a command in a session without waiting for its end."""

    async def execution(self, sandbox_id: SandboxId, session_id: str, execution_id: str) -> Execution:
        """Return how an execution stands. Peeks."""

    async def close_session(self, sandbox_id: SandboxId, session_id: str) -> None:
        """End a session and everything that runs in it. One that is gone already is a success."""


class LogSource(Protocol):
    """Output of executions. All of it peeks."""

    async def sessions(self, sandbox_id: SandboxId) -> tuple[Session, ...]:
        """Return the sandbox's sessions with their executions."""

    def follow(self, sandbox_id: SandboxId, session_id: str, execution_id: str) -> AsyncIterator[OutputChunk]:
        """Yield the output from its beginning, then as it is written, until the execution ends."""


class Inspector(Protocol):
    """What goes on in started sandboxes. All of it peeks."""

    async def git_status(self, sandbox_id: SandboxId, path: str) -> GitStatus:
        """Return what git says of the repository at ``path``.

        Raises:
            NotFoundError: there is no repository.
        """

    async def listening_ports(self, sandbox_id: SandboxId) -> tuple[int, ...]:
        """Return the ports on which programs listen, in order; only those in the range that the toolbox looks at."""

    async def terminals(self, sandbox_id: SandboxId) -> tuple[Terminal, ...]:
        """Return the terminals that are open."""

    async def look(self, sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
        """Run a shell script and return its output, without that counting as activity.

        Only for scripts that read and change nothing: the header belongs to looking.
        """


class Gateway(SandboxGateway, RemoteFiles, FileActs, Executor, LogSource, Inspector, Protocol):
    """Everything at once, as ``client.connect`` returns it."""
