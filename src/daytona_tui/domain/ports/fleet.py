"""The control plane: the fleet, the life of its sandboxes, and what the event feed brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from daytona_tui.domain.listing import EVERYTHING, ListWish
from daytona_tui.domain.sandbox import Relatives, Sandbox, SandboxId, SandboxState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from datetime import datetime

    from daytona_tui.domain.audit import AuditTrail, LoggedAct
    from daytona_tui.domain.server import ServerFacts
    from daytona_tui.domain.sizes import SizeEdit
    from daytona_tui.domain.usage import Metrics, Quotas


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
    """The control plane: the fleet and the life of its sandboxes.

    A deed that changes a state waits until that has settled. With ``timeout_s`` of 0 it returns as soon as the server
    has accepted it, with the sandbox as it is then.
    """

    async def identify(self) -> Identity:
        """Return who the key belongs to."""

    async def about_server(self) -> ServerFacts:
        """Return the server's version, clock and distance; what it does not tell is left out."""

    async def read_document(self) -> bool:
        """Note in ``abilities`` what the server lacks, by the document in which it publishes its interface.

        False where it publishes none, or none that can be read; then nothing is known. Some hundred kilobytes long.
        """

    def list_pages(self, *, errored_deleted: bool = False, wish: ListWish = EVERYTHING) -> AsyncIterator[ListedPage]:
        """Yield every sandbox that the key can see, by name, a page at a time.

        Args:
            errored_deleted: also those that failed and were deleted, which Daytona hides otherwise.
            wish: only these; a server that does not know how to narrow tells of more.
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

    async def resize(self, sandbox_id: SandboxId, edit: SizeEdit, *, timeout_s: float) -> Sandbox:
        """Give a started or stopped sandbox other resources and wait until it has them; see ``domain.sizes``.

        Raises:
            UnsupportedError: the server cannot resize.
        """

    async def fork(self, sandbox_id: SandboxId, name: str, *, timeout_s: float) -> Sandbox:
        """Make a second virtual machine of a running one, under an unused name, and return it running.

        Raises:
            ConflictError: the name is taken, or the state does not allow it.
            UnsupportedError: it is a container, has a GPU, or the server cannot fork.
        """

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

    async def logged_acts(self, sandbox_id: SandboxId) -> tuple[LoggedAct, ...]:
        """Return what was done to a sandbox last, by the organisation's audit log, the newest first.

        Raises:
            AuthError: the key may not read the log.
            UnsupportedError: the server keeps none.
        """

    def feed(self) -> AsyncIterator[FeedEvent]:
        """Yield the organisation's events for ever, reconnecting with growing pauses; starts with up or down."""

    async def close(self) -> None:
        """Give back connections. The gateway cannot be used afterwards. Idempotent."""
