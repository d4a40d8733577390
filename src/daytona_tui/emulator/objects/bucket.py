"""The bucket of builds: credentials to push into it, and the contexts that were pushed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from daytona_tui.emulator.clock import Clock
from daytona_tui.emulator.objects.passes import Pass, Passes
from daytona_tui.emulator.objects.shelf import Shelf

BUCKET = "daytona-volume-builds"
REGION = "us-east-1"

_CONTEXT = re.compile(r"[0-9a-zA-Z_-]{1,128}", re.ASCII)


class Bucket:
    """What is pushed for builds.

    Args:
        root: tells the directory of its objects.
        clock: the emulator's time, by which credentials expire.

    Attributes:
        passes: credentials that were given out.
        shelf: the objects.
    """

    def __init__(self, root: Callable[[], Path], clock: Clock) -> None:
        self.passes = Passes(clock)
        self.shelf = Shelf(root)

    def access(self, organization_id: str) -> Pass:
        """Return new credentials for an organisation's part."""
        return self.passes.issue(organization_id)

    def context(self, organization_id: str, digest: str) -> Path | None:
        """Return the archive that a build names by its hash; None where nobody pushed it. Blocks on disk."""
        if not _CONTEXT.fullmatch(digest):
            return None
        return self.shelf.file_of(f"{organization_id}/{digest}/context.tar")
