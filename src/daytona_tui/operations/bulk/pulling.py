"""What a pull from many comes to in each of them, before it runs and when it does."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from daytona_tui.domain.deeds import Deed
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.operations import copy
from daytona_tui.operations.copy import PullPlan
from daytona_tui.transfer.safety import collision_key


async def plan_pull(gateway: Gateway, deed: Deed, sandbox: Sandbox, name: str = "") -> PullPlan:
    """Work out what pulling from one of them comes to; it must run. Changes nothing.

    Args:
        gateway: where it is.
        deed: a pull with a destination, in which each sandbox gets a directory.
        sandbox: one of them.
        name: of its directory, where its own name will not do.

    Raises:
        DaytonaTuiError: as ``copy.plan``.
    """
    assert deed.destination is not None  # a plan without one skips every row
    work_dir = await gateway.work_dir(sandbox.id)
    path = posixpath.normpath(posixpath.join(work_dir, deed.source))
    named = replace(sandbox, name=name or sandbox.name)
    destination = copy.default_destination(named, path, work_dir, deed.destination)
    return await copy.plan(gateway, sandbox.id, path, destination, deed.options)


def directory_names(sandboxes: Iterable[Sandbox]) -> dict[SandboxId, str]:
    """Return the names for directories of those whose own name is somebody else's too, here."""
    keys = {each.id: collision_key(copy.sandbox_directory(each), fold_case=True) for each in sandboxes}
    counts = Counter(keys.values())
    return {each: f"{key}-{each[:8]}" for each, key in keys.items() if counts[key] > 1}
