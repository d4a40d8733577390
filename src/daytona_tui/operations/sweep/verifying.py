"""The last look of a sweep: one listing of everything, with what was deleted in error and is hidden otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from daytona_tui.domain.ports import SandboxGateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.sweep.outcomes import Last
from daytona_tui.transfer.concurrency import closing


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen.

    Attributes:
        found: the sandboxes that exist still, of those that were looked for.
        trouble: why nothing could be seen, in words; empty where it could.
    """

    found: Mapping[SandboxId, Sandbox]
    trouble: str = ""

    def of(self, sandbox_id: SandboxId) -> Last | None:
        """Return what was seen of a sandbox; None where nothing could be."""
        return None if self.trouble else Last(self.found.get(sandbox_id))


async def look_once_more(gateway: SandboxGateway, wanted: Collection[SandboxId]) -> Seen:
    """Return how the sandboxes ``wanted`` are now; a listing that fails is told and not raised."""
    ids = frozenset(wanted)
    found: dict[SandboxId, Sandbox] = {}
    try:
        async with closing(gateway.list_pages(errored_deleted=True)) as pages:
            async for page in pages:
                found.update((sandbox.id, sandbox) for sandbox in page if sandbox.id in ids)
    except DaytonaTuiError as error:
        return Seen({}, f"the end could not be verified: {error.message}")
    return Seen(found)
