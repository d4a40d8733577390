"""What belongs to the organisation and not to one sandbox, for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from daytona_tui.domain.audit import AuditPage, AuditQuestion
    from daytona_tui.domain.regions import Region
    from daytona_tui.domain.usage import Usage


class Account(Protocol):
    """What the organisation has, used and did."""

    async def regions(self) -> tuple[Region, ...]:
        """Return the regions in which sandboxes can be made.

        Raises:
            UnsupportedError: the server does not tell.
        """

    async def usage(self, since: datetime, until: datetime) -> Usage:
        """Return what was used between two moments and what that cost, by sandbox, the dearest first.

        Raises:
            AuthError: the key may not read it.
            UnsupportedError: the server keeps no accounts.
        """

    async def audit_page(self, question: AuditQuestion, *, limit: int, after: str = "") -> AuditPage:
        """Return a page of the audit log, the newest first.

        Args:
            question: what to choose.
            limit: most entries, from 1 to 200.
            after: ``next_token`` of the page before; empty for the first.

        Raises:
            AuthError: the key may not read the log.
            UnsupportedError: the server keeps none, or does not choose by what is asked.
        """
