"""The preview of one file, behind the tree of the files pane."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from textual.message import Message

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.ports import RemoteFiles
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.preview import preview
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.panes.pulls import spelt
from daytona_tui.ui.widgets.preview_view import PreviewView
from daytona_tui.ui.widgets.rows_view import Placeholder
from daytona_tui.ui.workers import FILE_PREVIEW, FailureFunnel

LATE_S = 0.2
"""Reading that takes longer than this is said."""
PREVIEW_BYTES = 256 * 1024
"""How much of a file is read to show its beginning."""


class FilePreview(FailureFunnel, PreviewView):
    """Reads the beginning of a file and shows it; the newest wish wins.

    Attributes:
        entry: the file that is shown; None when none is.
        note: what it is, in a few words; empty while it is read.
    """

    class Loaded(Message):
        """There is something to see, or the reason why not."""

    def __init__(self, files: RemoteFiles, *, id: str) -> None:
        super().__init__(id=id)
        self.entry: FileEntry | None = None
        self.note = ""
        self._files = files
        self.display = False

    def open(self, sandbox_id: SandboxId, entry: FileEntry) -> None:
        """Read ``entry`` and show it."""
        self.entry, self.note = entry, ""
        self.placeholder = Placeholder("")
        self.show(None)
        load = self._load(sandbox_id, entry)
        self.run_worker(load, name="preview", group=FILE_PREVIEW, exclusive=True, exit_on_error=False)

    def close(self) -> None:
        """Stop reading and show nothing."""
        self.workers.cancel_group(self, FILE_PREVIEW)
        self.entry, self.note = None, ""

    async def _load(self, sandbox_id: SandboxId, entry: FileEntry) -> None:
        late = self.set_timer(LATE_S, self._say_late)
        try:
            head = await read_head(self._files.read(sandbox_id, entry.path), PREVIEW_BYTES)
            # A link says its own length, not that of its target.
            size_bytes = len(head) if entry.is_link and len(head) < PREVIEW_BYTES else max(entry.size_bytes, len(head))
            shown = await asyncio.to_thread(preview, head, size_bytes)
        except DaytonaTuiError as error:
            self.placeholder = Placeholder(phrase(error).line, "r tries again · esc goes back", Tone.BAD)
            self.show(None)
        else:
            self.note = f"{shown.kind} · {'' if shown.is_whole else 'the beginning of '}{spelt(size_bytes)}"
            self.show(shown)
        finally:
            late.stop()
        self.post_message(self.Loaded())

    def _say_late(self) -> None:
        self.placeholder = Placeholder("reading …", "esc goes back")
        self.refresh()


async def read_head(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """Return at most the first ``limit`` bytes of a stream, which is closed then."""
    head = bytearray()
    try:
        async for chunk in chunks:
            head += chunk
            if len(head) >= limit:
                break
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
    return bytes(head[:limit])
