"""The gateway: everything that the program needs of Daytona, put together from its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable

from daytona_tui.client import listing
from daytona_tui.client.creation import CreationPart
from daytona_tui.client.document import DocumentPart
from daytona_tui.client.edits import EditsPart
from daytona_tui.client.executor import ExecutorPart
from daytona_tui.client.feed import follow_feed
from daytona_tui.client.file_acts import FileActsPart
from daytona_tui.client.files import FilesPart
from daytona_tui.client.first_page import FirstPage
from daytona_tui.client.forks import ForksPart
from daytona_tui.client.git import GitPart
from daytona_tui.client.guarding import GuardPart
from daytona_tui.client.inspection import InspectionPart
from daytona_tui.client.interpreter import InterpreterPart
from daytona_tui.client.loading import REQUEST_S
from daytona_tui.client.logs import LogsPart
from daytona_tui.client.metrics import MetricsPart
from daytona_tui.client.organization import OrganizationPart
from daytona_tui.client.previews import PreviewsPart
from daytona_tui.client.ptys import PtysPart
from daytona_tui.client.relatives import RelativesPart
from daytona_tui.client.secrets import SecretsPart
from daytona_tui.client.server import ServerPart
from daytona_tui.client.sizes import SizesPart
from daytona_tui.client.snapshots import SnapshotsPart
from daytona_tui.client.ssh import SshPart
from daytona_tui.client.telemetry import TelemetryPart
from daytona_tui.client.volumes import VolumesPart
from daytona_tui.config.connection import Connection
from daytona_tui.domain.listing import EVERYTHING, ListWish
from daytona_tui.domain.ports import FeedEvent, ListedPage


class DaytonaGateway(
    SizesPart,
    ForksPart,
    GuardPart,
    CreationPart,
    EditsPart,
    RelativesPart,
    OrganizationPart,
    PreviewsPart,
    FilesPart,
    FileActsPart,
    ExecutorPart,
    LogsPart,
    TelemetryPart,
    PtysPart,
    InterpreterPart,
    SshPart,
    ServerPart,
    DocumentPart,
    SnapshotsPart,
    VolumesPart,
    SecretsPart,
    GitPart,
    MetricsPart,
    InspectionPart,
):
    """Everything that the program needs of Daytona; see ``domain.ports`` for the meaning of each method."""

    def __init__(
        self,
        connection: Connection | Awaitable[Connection],
        *,
        first_page: FirstPage | None = None,
        request_s: float = REQUEST_S,
    ) -> None:
        """Remember where to connect; ``request_s`` is the deadline of an ordinary request."""
        super().__init__(connection, request_s=request_s)
        self._first_page = first_page

    def list_pages(self, *, errored_deleted: bool = False, wish: ListWish = EVERYTHING) -> AsyncIterator[ListedPage]:
        """Yield the fleet a page at a time, beginning with the page fetched in advance, if there is one."""
        first_page, self._first_page = self._first_page, None
        # The page in advance is of the ordinary fleet, and so is its cursor.
        is_ordinary = not errored_deleted and wish.is_everything
        return listing.pages(
            self._link, first_page if is_ordinary else None, errored_deleted=errored_deleted, wish=wish
        )

    def feed(self) -> AsyncIterator[FeedEvent]:
        """Yield the organisation's events for ever."""
        return follow_feed(self._link)

    async def close(self) -> None:
        """Give back connections."""
        await self._link.close()
