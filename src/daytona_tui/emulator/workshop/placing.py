"""Files of a context put into a body: an archive of them is unpacked there by a program, as any step of a build.

So they get where a program of the sandbox could write, and nowhere else, whatever links earlier steps have left.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import posixpath
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.outfit import seen_path, start_dir
from daytona_tui.emulator.life.transitions import BuildFailedError
from daytona_tui.emulator.workshop.context import Chosen, chosen
from daytona_tui.emulator.workshop.copies import Copy, CopyError
from daytona_tui.emulator.workshop.steps import Job, attempt, run

if TYPE_CHECKING:
    from daytona_tui.emulator.workshop.builds import BuildLog

_MAGIC = {b"\x1f\x8b": "-z", b"BZh": "-j", b"\xfd7zXZ\x00": "-J"}
_TAR_MAGIC_AT = 257


async def place(box: Box, copy: Copy, context: Path, log: BuildLog, text: str) -> None:
    """Copy what a step names from an unpacked context into a body.

    Raises:
        BuildFailedError: something of it is not there, or cannot be written.
    """
    try:
        picked, has_dir = await asyncio.to_thread(chosen, context, copy)
    except CopyError as error:
        raise BuildFailedError(f"{text}: {error}") from None
    if copy.unpacks:
        picked = await _unpacked(box, copy, picked, log, text)
        if not picked:
            return
    into, name = copy.target, ""
    is_lone = len(picked) == 1 and not picked[0].name
    if is_lone and not has_dir:
        if copy.is_guessed:
            above = posixpath.dirname(copy.target)
            reason = f"{above} is this machine's own: copy the file into a directory of the build"
            raise BuildFailedError(f"{text}: {reason}")
        there = await attempt(box, Job(["test", "-d", seen_path(box, copy.target)[2]], text), log)
        into, name = (into, picked[0].path.name) if there[0] == 0 else posixpath.split(copy.target)
    directory = await asyncio.to_thread(start_dir, box, into)
    await _pour(box, [Chosen(each.path, each.name or name) for each in picked], copy.mode, directory, log, text)


async def _unpacked(box: Box, copy: Copy, picked: Sequence[Chosen], log: BuildLog, text: str) -> list[Chosen]:
    """Unpack the archives among files; return those that are none."""
    rest = []
    for each in picked:
        options = await asyncio.to_thread(_archive_options, each.path)
        if options is None:
            rest.append(each)
            continue
        directory = await asyncio.to_thread(start_dir, box, copy.target)
        file = os.open(each.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            argv = ["tar", "-x", *options, "--no-same-owner", "-f", "-", "-C", directory]
            await run(box, Job(argv, text, stdin=file), log)
        finally:
            os.close(file)
    return rest


def _archive_options(path: Path) -> list[str] | None:
    """Return how ``tar`` reads a file; None where it is no archive."""
    if path.is_symlink() or not path.is_file() or not tarfile.is_tarfile(path):
        return None
    with path.open("rb") as file:
        head = file.read(_TAR_MAGIC_AT)
    return [option for magic, option in _MAGIC.items() if head.startswith(magic)]


async def _pour(box: Box, picked: Sequence[Chosen], mode: int | None, directory: str, log: BuildLog, text: str) -> None:
    reading, writing = os.pipe()
    pouring = asyncio.create_task(asyncio.to_thread(_write, writing, picked, mode), name="files of a build")
    try:
        argv = ["tar", "-x", "-p", "--no-same-owner", "-f", "-", "-C", directory]
        await run(box, Job(argv, text, stdin=reading), log)
    finally:
        os.close(reading)  # whoever still writes is told that nobody reads
        await asyncio.wait([pouring])
    with contextlib.suppress(BrokenPipeError):
        pouring.result()


def _write(writing: int, picked: Sequence[Chosen], mode: int | None) -> None:
    def owned(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        if mode is not None and not member.issym():
            member.mode = mode
        return member

    with os.fdopen(writing, "wb") as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
        for each in picked:
            tar.add(each.path, each.name, filter=owned)
