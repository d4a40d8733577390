"""What the rest of the program needs of Daytona. Implemented in ``client``; nothing else knows the SDK.

Every method raises errors of ``daytona_tui.errors`` and nothing else, save ``asyncio.CancelledError``. *Peek* means
that the request carries the header that leaves the sandbox's idle clock alone: looking never keeps a sandbox awake.

Ports name the values they speak of and load none of them: every front door loads the ports, and few need every value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from daytona_tui.domain.ports.access import PreviewDoor
from daytona_tui.domain.ports.account import Account
from daytona_tui.domain.ports.creation import Creator
from daytona_tui.domain.ports.files import FileActs, RemoteFiles
from daytona_tui.domain.ports.fleet import (
    FeedDown,
    FeedEvent,
    FeedUp,
    Identity,
    ListedPage,
    SandboxChanged,
    SandboxGateway,
    StateChanged,
)
from daytona_tui.domain.ports.git import Repositories
from daytona_tui.domain.ports.guard import Guard, Guards
from daytona_tui.domain.ports.inspector import Inspector
from daytona_tui.domain.ports.programs import Executor, Interpreter, LogSource, Ptys, SshDoor
from daytona_tui.domain.ports.shelves import Secrets, Shelves, Snapshots, Volumes

if TYPE_CHECKING:
    from daytona_tui.domain.abilities import Abilities


class Gateway(
    SandboxGateway,
    Creator,
    Guards,
    RemoteFiles,
    FileActs,
    Executor,
    LogSource,
    Ptys,
    Interpreter,
    SshDoor,
    PreviewDoor,
    Account,
    Inspector,
    Repositories,
    Shelves,
    Protocol,
):
    """Everything at once, as ``client.connect`` returns it."""

    @property
    def abilities(self) -> Abilities:
        """What the server was found to lack so far; it is noted by whatever asks in vain."""


__all__ = [
    "Account",
    "Creator",
    "Executor",
    "FeedDown",
    "FeedEvent",
    "FeedUp",
    "FileActs",
    "Gateway",
    "Guard",
    "Guards",
    "Identity",
    "Inspector",
    "Interpreter",
    "ListedPage",
    "LogSource",
    "PreviewDoor",
    "Ptys",
    "RemoteFiles",
    "Repositories",
    "SandboxChanged",
    "SandboxGateway",
    "Secrets",
    "Shelves",
    "Snapshots",
    "SshDoor",
    "StateChanged",
    "Volumes",
]
