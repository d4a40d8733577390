"""What a program in a sandbox wrote, on its way to our own streams."""

from __future__ import annotations

import sys

from daytona_tui.cli import narration, output
from daytona_tui.domain.executions import Stream
from daytona_tui.presentation.raw_output import RawGuard


class RemoteOutput:
    """Writes what comes exactly and at once; to a terminal without what reaches beyond its window."""

    def __init__(self) -> None:
        seen = {Stream.STDOUT: output.is_terminal(), Stream.STDERR: sys.stderr is not None and sys.stderr.isatty()}
        self._guards = {stream: RawGuard() for stream, is_terminal in seen.items() if is_terminal}

    def write(self, stream: Stream, text: str) -> None:
        """Write ``text`` to the stream of ours that is called as the one it came on.

        Raises:
            BrokenPipeError: nobody reads standard output any more.
            OutputError: standard output cannot be written.
        """
        if (guard := self._guards.get(stream)) is not None:
            text = guard.feed(text.encode("utf-8", "replace")).decode("utf-8", "replace")
        (output.write if stream is Stream.STDOUT else narration.raw)(text)


class Collected:
    """Keeps what comes, up to a length.

    Attributes:
        is_cut: more came than is kept.
    """

    def __init__(self, most: int) -> None:
        """Remember how many characters of a stream are kept."""
        self._most = most
        self._parts: dict[Stream, list[str]] = {Stream.STDOUT: [], Stream.STDERR: []}
        self._lengths = dict.fromkeys(self._parts, 0)
        self.is_cut = False

    @property
    def texts(self) -> dict[Stream, str]:
        """What came on each stream."""
        return {stream: "".join(parts) for stream, parts in self._parts.items()}

    def write(self, stream: Stream, text: str) -> None:
        """Keep ``text``, as far as there is room."""
        kept = text[: self._most - self._lengths[stream]]
        self.is_cut = self.is_cut or len(kept) < len(text)
        self._lengths[stream] += len(kept)
        self._parts[stream].append(kept)
