"""Editing a file of a sandbox here: a private copy, what was changed in it, and the way back.

What lies in the sandbox by then is compared with what was taken out of it: a change of somebody else is never lost
unseen.
"""

from __future__ import annotations

import asyncio
import difflib
import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from daytona_tui.domain.files import FileEntry, file_name
from daytona_tui.domain.modes import bits_of
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import ConflictPolicy, Equality, TransferOptions
from daytona_tui.errors import NotFoundError, TransferError
from daytona_tui.operations import push
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.concurrency import closing
from daytona_tui.transfer.safety import directory_name

LARGEST_BYTES = 4 * 1024 * 1024
"""A larger file is better pulled, changed and pushed."""

MOST_LINES = 4_000
"""Lines of a file that are compared one by one."""

_EDITORS = ("sensible-editor", "nano", "vim", "vi")
_OPTIONS = TransferOptions(
    conflict=ConflictPolicy.OVERWRITE, ignore_usual=False, equality=Equality.NEVER, links=False, resume=False
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that is being edited.

    Attributes:
        path: in the sandbox, without links.
        mode: as it was there.
        original: what it held.
        file: the private copy, alone in a directory of its own.
    """

    sandbox_id: SandboxId
    path: str
    mode: str
    original: bytes
    file: Path


@dataclass(frozen=True, slots=True)
class There:
    """What a file that is being edited holds in its sandbox.

    Attributes:
        contents: None where it is gone, or too large to say.
        change: what happened to it since it was taken out, in words; empty: nothing.
    """

    contents: bytes | None
    change: str = ""


def editor(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the command of the user's editor; empty where there is none."""
    environ = os.environ if environ is None else environ
    for name in ("VISUAL", "EDITOR"):
        try:
            words = tuple(shlex.split(environ.get(name, "")))
        except ValueError:
            continue
        if words:
            return words
    found = next((name for name in _EDITORS if shutil.which(name)), "")
    return (found,) if found else ()


async def begin(gateway: Gateway, sandbox_id: SandboxId, entry: FileEntry) -> Draft:
    """Take a file out of a sandbox, into a directory that only this user may enter.

    Raises:
        TransferError: it is no text, too large, or cannot be kept here.
        DaytonaTuiError: it cannot be read.
    """
    path = await _without_links(gateway, sandbox_id, entry)
    found = await gateway.info(sandbox_id, path)
    if found.is_dir or found.is_special:
        raise TransferError(f"{path!r} is not a regular file")
    original = await _contents(gateway, sandbox_id, path)
    if b"\0" in original:
        raise TransferError(f"{path!r} is no text", hint="pull it, change it, and push it")
    try:
        file = await asyncio.to_thread(_kept, path, original)
    except OSError as error:
        raise TransferError(f"cannot keep {path!r} here: {os_reason(error)}") from error
    return Draft(sandbox_id, path, found.mode, original, file)


async def _without_links(gateway: Gateway, sandbox_id: SandboxId, entry: FileEntry) -> str:
    if not entry.is_link:
        return entry.path
    outcome = await gateway.look(sandbox_id, f"readlink -f -- {shlex.quote(entry.path)}", timeout_s=10)
    path = outcome.output.rstrip("\n")
    if outcome.exit_code != 0 or not path.startswith("/") or "\n" in path:
        raise TransferError(f"{entry.path!r} leads nowhere")
    return path


async def _contents(gateway: Gateway, sandbox_id: SandboxId, path: str) -> bytes:
    pieces, size = [], 0
    async with closing(gateway.read(sandbox_id, path)) as chunks:
        async for chunk in chunks:
            pieces.append(chunk)
            size += len(chunk)
            if size > LARGEST_BYTES:
                raise TransferError(f"{path!r} is larger than 4 MiB", hint="pull it, change it, and push it")
    return b"".join(pieces)


def _kept(path: str, contents: bytes) -> Path:
    file = Path(tempfile.mkdtemp(prefix="daytona-tui-edit-")) / directory_name(file_name(path), "file")
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
        stream.write(contents)
    return file


async def contents_now(draft: Draft) -> bytes:
    """Return what the private copy holds.

    Raises:
        TransferError: it is gone, or no file any more.
    """
    try:
        return await asyncio.to_thread(draft.file.read_bytes)
    except OSError as error:
        raise TransferError(f"cannot read {draft.file}: {os_reason(error)}") from error


def difference(before: bytes, after: bytes) -> list[str]:
    """Return the changed lines with some around them, as ``diff -u`` writes them; hostile text. Takes its time."""
    old, new = (each.decode("utf-8", "replace").splitlines() for each in (before, after))
    if max(len(old), len(new)) > MOST_LINES:
        return [f"{len(old):,} lines before, {len(new):,} after: too many to compare"]
    lines = list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]
    if not lines:
        return ["only the ends of lines differ"]
    return lines


async def upload(gateway: Gateway, draft: Draft) -> None:
    """Put the private copy where the file came from, with the mode it had, whatever is there: see ``look_there``.

    Raises:
        DaytonaTuiError: it could not be written; what was there is there still.
    """
    await asyncio.to_thread(draft.file.chmod, bits_of(draft.mode) | 0o400 if draft.mode else 0o644)
    try:
        plan = await push.plan_push(gateway, draft.sandbox_id, [draft.file], draft.path, _OPTIONS)
        report = await push.push(gateway, plan, confirmed=True)
    finally:
        await asyncio.to_thread(draft.file.chmod, 0o600)
    if report.failed:
        raise TransferError(f"{draft.path!r} was not written: {report.failed[0].reason}")


async def look_there(gateway: Gateway, draft: Draft) -> There:
    """Return what the file holds by now: whoever has seen that may put the private copy in its place.

    Raises:
        DaytonaTuiError: it cannot be read.
    """
    try:
        now = await _contents(gateway, draft.sandbox_id, draft.path)
    except NotFoundError:
        return There(None, "was deleted in the sandbox meanwhile")
    except TransferError:
        return There(None, "has grown in the sandbox meanwhile")
    return There(now, "" if now == draft.original else "was changed in the sandbox meanwhile")


async def difference_there(draft: Draft, there: There, contents: bytes) -> list[str]:
    """Return what putting ``contents`` back would change in the file as it is ``there``, as ``difference`` does.

    Where it is gone, or too large, the difference is that from what was taken out.
    """
    if there.change and there.contents == contents:
        return ["it holds the same as yours by now"]
    before = draft.original if there.contents is None else there.contents
    return await asyncio.to_thread(difference, before, contents)


def drop_untouched(draft: Draft) -> bool:
    """Delete the private copy if it holds what was taken out, so that nothing is lost with it; blocks.

    Returns:
        whether it was so.
    """
    try:
        is_untouched = draft.file.read_bytes() == draft.original
    except OSError:
        return False
    if is_untouched:
        shutil.rmtree(draft.file.parent, ignore_errors=True)
    return is_untouched


async def drop(draft: Draft) -> None:
    """Delete the private copy."""
    await asyncio.to_thread(shutil.rmtree, draft.file.parent, ignore_errors=True)
