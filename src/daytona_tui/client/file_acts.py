"""Changes to the files of started sandboxes. These are acts: all of it counts as activity."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daytona_tui.client.errors import Refusal
from daytona_tui.client.executor import ExecutorPart
from daytona_tui.client.handles import Toolbox
from daytona_tui.client.uploads import Envelope, Feeder, refusal_of, verdict
from daytona_tui.client.wire import read_whole
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError, NotFoundError, RemoteError, UnreachableError, VerificationError

_UNLIMITED_S = 7 * 24 * 3600.0
"""An upload lasts as long as it moves; this only keeps a mistake from lasting for ever."""

_LINK_S = 20
_REMOVE_LINK = '[ -L "$1" ] && rm -- "$1"'
_MOVE_LINK = '[ -L "$1" ] && [ ! -e "$2" ] && [ ! -L "$2" ] && mv -- "$1" "$2"'

_MAX_MODE = 0o7777
_MAX_ANSWER = 16 * 1024 * 1024


class FileActsPart(ExecutorPart):
    """Implements ``FileActs``."""

    async def make_dir(self, sandbox_id: SandboxId, path: str, mode: int = 0o755) -> None:
        """Make a directory and those above it."""
        async with self._toolbox(sandbox_id, "making a directory", is_act=True) as toolbox:
            call = toolbox.changes.create_folder_without_preload_content(path=path, mode=_octal(mode))
            await self._ask_toolbox(call)

    async def move(self, sandbox_id: SandboxId, source: str, destination: str) -> None:
        """Move or rename a file or directory."""
        limit = 2 * self._link.request_s  # between two file systems it is a copy
        try:
            async with self._toolbox(sandbox_id, "moving a file", timeout_s=limit, is_act=True) as toolbox:
                call = toolbox.changes.move_file_without_preload_content(source=source, destination=destination)
                await self._ask_toolbox(call)
        except NotFoundError:
            if not await self._did_with_link(sandbox_id, _MOVE_LINK, source, destination):
                raise

    async def remove(self, sandbox_id: SandboxId, path: str, *, recursive: bool = False) -> None:
        """Delete a file, a link itself or, with ``recursive``, a directory with all that is in it."""
        limit = 2 * self._link.request_s
        try:
            async with self._toolbox(sandbox_id, "deleting a file", timeout_s=limit, is_act=True) as toolbox:
                call = toolbox.changes.delete_file_without_preload_content(path=path, recursive=recursive)
                await self._ask_toolbox(call)
        except (NotFoundError, RemoteError) as error:
            if error.status not in (400, 404) or not await self._did_with_link(sandbox_id, _REMOVE_LINK, path):
                raise

    async def chmod(self, sandbox_id: SandboxId, path: str, mode: int) -> None:
        """Set the mode of a file or directory."""
        async with self._toolbox(sandbox_id, "setting a mode", is_act=True) as toolbox:
            call = toolbox.changes.set_file_permissions_without_preload_content(path=path, mode=_octal(mode))
            await self._ask_toolbox(call)

    async def write(
        self, sandbox_id: SandboxId, path: str, chunks: AsyncIterable[bytes], *, size_bytes: int | None = None
    ) -> int:
        """Write one file as its contents come; return how many bytes were sent."""
        refusal = refusal_of(path)
        if refusal is not None:
            raise refusal
        envelope = Envelope()
        upload = _Upload(envelope, envelope.before(0, path), chunks, size_bytes, {path: None})
        feeder, failed = await self._send(sandbox_id, upload)
        for error in failed.values():
            raise error
        return feeder.taken

    async def write_many(
        self, sandbox_id: SandboxId, items: Sequence[tuple[str, bytes]]
    ) -> Mapping[str, DaytonaTuiError]:
        """Write small files in one request; return what could not be written, and why."""
        if len({path for path, _ in items}) < len(items):
            raise ValueError("a path comes twice")
        refused = {path: refusal for path, _ in items if (refusal := refusal_of(path)) is not None}
        sent = [item for item in items if item[0] not in refused]
        if not sent:
            return refused
        envelope = Envelope()
        pieces = envelope.pieces(sent)
        sizes = {path: len(contents) for path, contents in sent}
        upload = _Upload(envelope, b"", _each(pieces), sum(map(len, pieces)), sizes)
        _, failed = await self._send(sandbox_id, upload)
        return {**refused, **failed}

    async def _did_with_link(self, sandbox_id: SandboxId, script: str, *paths: str) -> bool:
        """Do with a link itself what the toolbox did not; False if there is none, or it cannot be done.

        The daemon looks at what a link points to before it moves or deletes it: for one that points nowhere it says
        that there is nothing, and one to a directory it takes for the directory.
        """
        words = " ".join(shlex.quote(path.rstrip("/")) for path in paths)
        with contextlib.suppress(DaytonaTuiError):
            outcome = await self.run(sandbox_id, f"set -- {words}\n{script}", timeout_s=_LINK_S)
            return outcome.exit_code == 0
        return False

    async def _send(self, sandbox_id: SandboxId, upload: _Upload) -> tuple[Feeder, dict[str, DaytonaTuiError]]:
        """Send an upload; return its feeder and what could not be written."""
        doing = "uploading"
        async with self._toolbox(sandbox_id, doing):  # so that finding it has a deadline of its own
            pass
        silence_s = 2 * self._link.request_s
        feeder: Feeder | None = None
        try:
            async with self._toolbox(sandbox_id, doing, timeout_s=_UNLIMITED_S) as toolbox:
                try:
                    async with asyncio.timeout(None) as silence:
                        feeder = upload.feeder(_pacer(silence, silence_s))
                        status, headers, answer = await self._post(toolbox, upload, feeder)
                except TimeoutError:
                    raise UnreachableError(f"nothing moved for {silence_s:g} s while {doing}") from None
                failed = verdict(answer, upload.sizes(feeder))
                if failed is None and not 200 <= status < 300:
                    raise Refusal(status, headers, answer, source="toolbox")
        except Exception:
            # A fault of the source, such as a file that cannot be read, is no fault of the connection.
            if feeder is not None and feeder.error is not None:
                raise feeder.error from None
            raise
        if not feeder.is_done and not failed:
            raise VerificationError("the sandbox answered before everything was sent", source="toolbox")
        return feeder, failed or {}

    async def _post(self, toolbox: Toolbox, upload: _Upload, feeder: Feeder) -> tuple[int, Mapping[str, str], bytes]:
        """Send the request; return status, headers and body of the answer."""
        import aiohttp

        sdk = await self._link.sdk()
        api: Any = toolbox.changes.api_client
        _, url, headers, *_ = api.param_serialize(
            method="POST",
            resource_path="/files/bulk-upload",
            header_params={"Accept": "application/json", "Content-Type": upload.envelope.content_type},
        )
        if upload.length is not None:
            headers["Content-Length"] = str(upload.length)
        async with sdk.session.post(
            url, headers=headers, data=feeder, timeout=aiohttp.ClientTimeout(total=None), allow_redirects=False
        ) as response:
            return response.status, response.headers, await read_whole(response, _MAX_ANSWER)


@dataclass(frozen=True)
class _Upload:
    """What is sent in one request; ``files`` are the paths, with their sizes where they are known beforehand."""

    envelope: Envelope
    before: bytes
    source: AsyncIterable[bytes]
    size_bytes: int | None
    files: Mapping[str, int | None]

    @property
    def length(self) -> int | None:
        """Length of the whole body in bytes; None if nobody knows."""
        return None if self.size_bytes is None else len(self.before) + self.size_bytes + len(self.envelope.end())

    def feeder(self, pace: Callable[[bool], None]) -> Feeder:
        """Return the body."""
        return Feeder(self.before, self.source, self.envelope.end(), size_bytes=self.size_bytes, pace=pace)

    def sizes(self, feeder: Feeder) -> dict[str, int]:
        """Return how long each file is by what was sent."""
        return {path: feeder.taken if size is None else size for path, size in self.files.items()}


def _pacer(silence: asyncio.Timeout, silence_s: float) -> Callable[[bool], None]:
    """Return what starts the clock anew each time something moves; the time that the source takes does not count."""
    loop = asyncio.get_running_loop()

    def pace(is_source: bool) -> None:
        with contextlib.suppress(RuntimeError):  # time is up, or the answer is there already
            silence.reschedule(None if is_source else loop.time() + silence_s)

    pace(False)
    return pace


async def _each(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def _octal(mode: int) -> str:
    if not 0 <= mode <= _MAX_MODE:
        raise ValueError(f"not a mode: {mode:o}")
    return f"{mode:o}"
