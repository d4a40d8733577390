"""Which files of a push the sandbox has already."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import Equality
from daytona_tui.transfer.concurrency import settled
from daytona_tui.transfer.present import digest
from daytona_tui.transfer.proof import batches, hashes, prefix_hashes
from daytona_tui.transfer.push_plan import PushFile, is_same
from daytona_tui.transfer.push_survey import Site


async def held_against(
    gateway: Gateway, sandbox_id: SandboxId, files: Sequence[PushFile], site: Site, equality: Equality
) -> list[PushFile]:
    """Return the files with what is at their targets, and whether that is the same.

    Raises:
        DaytonaTuiError: the sandbox cannot be asked.
    """
    held = await settled(asyncio.to_thread(_by_time, files, site, equality))
    return await _by_digest(gateway, sandbox_id, held) if equality is Equality.CHECKSUM else held


def _by_time(files: Sequence[PushFile], site: Site, equality: Equality) -> list[PushFile]:
    held = []
    for file in files:
        there = site.entries.get(file.target)
        is_equal = is_same(file.size_bytes, file.modified_ns, there, equality)
        held.append(file if there is None else replace(file, there=there, is_equal=is_equal))
    return held


async def _by_digest(gateway: Gateway, sandbox_id: SandboxId, files: Sequence[PushFile]) -> list[PushFile]:
    """Return the files with those marked as equal that have the same length and SHA-256 as what is there."""
    alike = [
        file
        for file in files
        if file.there is not None and file.there.kind == "file" and file.there.size_bytes == file.size_bytes
    ]
    there: dict[str, str] = {}
    sizes = {file.target.lstrip("/"): file.size_bytes for file in alike}
    for names in batches(sizes):
        told = await hashes(gateway, sandbox_id, "/", names, sum(sizes[name] for name in names))
        if told is None:
            break
        odd = [(name, sizes[name]) for name in names if name not in told]  # what the lines do not say
        for (name, _), made in zip(odd, await prefix_hashes(gateway, sandbox_id, "/", odd) or (), strict=False):
            told[name] = made
        there.update((f"/{name}", made) for name, made in told.items() if made)
    wanted = [file for file in alike if file.target in there]
    here = await settled(asyncio.to_thread(lambda: [digest(file.source) for file in wanted]))
    equal = {file.target for file, made in zip(wanted, here, strict=True) if made == there[file.target]}
    return [replace(file, is_equal=True) if file.target in equal else file for file in files]
