"""Sandboxes under headings, each with what its group comes to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxState

LABEL_PREFIX = "label:"
"""Before the name of a label, where a group or a column is named by a label."""

Hourly = Callable[[Sandbox], float | None]
"""What a sandbox costs, in dollars an hour; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Subtotal:
    """What a group comes to.

    Attributes:
        count: sandboxes.
        running: those of them that run.
        cpu: vCPUs of those that run.
        memory_gib: memory of those that run.
        disk_gib: disk of all of them.
        hourly: dollars an hour of those whose cost is known; None where no cost is known.
    """

    count: int = 0
    running: int = 0
    cpu: int = 0
    memory_gib: int = 0
    disk_gib: int = 0
    hourly: float | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A row that stands above the sandboxes of a group.

    Attributes:
        by: what is grouped by: ``owner``, ``label:team``.
        value: what the sandboxes of the group have in common, as it is; empty: it is not known.
        subtotal: of those that the filter shows, folded away or not.
        is_folded: the sandboxes are not shown.
    """

    by: str
    value: str
    subtotal: Subtotal
    is_folded: bool = False

    @property
    def id(self) -> str:
        """Tells the heading from every other row, also from that of a sandbox."""
        return f"\0{self.by}={self.value}"


Row = Sandbox | Heading
"""A row of the table."""


def _run(sandbox: Sandbox) -> str:
    """Return owner and run: two frameworks may call their runs alike."""
    owner = owner_of(sandbox)
    return f"{owner.name} {owner.run}" if owner.run else ""


_VALUES: Mapping[str, Callable[[Sandbox], str]] = {
    "owner": lambda sandbox: owner_of(sandbox).name,
    "run": _run,
    "snapshot": lambda sandbox: sandbox.snapshot,
    "state": lambda sandbox: sandbox.state_word if sandbox.state == "unknown" else sandbox.state.value,
    "region": lambda sandbox: sandbox.region,
}
GROUPINGS = tuple(_VALUES)
"""What can be grouped by, beside every label."""


def is_grouping(by: str) -> bool:
    """Return whether ``by`` is something to group by."""
    return by in _VALUES or (by.startswith(LABEL_PREFIX) and len(by) > len(LABEL_PREFIX))


def group_value(by: str) -> Callable[[Sandbox], str]:
    """Return what tells the group of a sandbox: the function gives an empty text where the value is not known.

    Raises:
        KeyError: nothing can be grouped by ``by``.
    """
    if not is_grouping(by):
        raise KeyError(by)
    if by in _VALUES:
        return _VALUES[by]
    key = by.removeprefix(LABEL_PREFIX)
    return lambda sandbox: sandbox.labels.get(key, "")


def count_groups(sandboxes: Collection[Sandbox]) -> dict[str, int]:
    """Return how many groups everything makes that can be grouped by, those of what is not known among them."""
    counts = {by: len(set(map(value, sandboxes))) for by, value in _VALUES.items()}
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for sandbox in sandboxes:
        for key, value in sandbox.labels.items():
            labels[key][value] += 1
    for key, values in labels.items():
        has_others = "" not in values and values.total() < len(sandboxes)
        counts[f"{LABEL_PREFIX}{key}"] = len(values) + has_others
    return counts


def subtotal(sandboxes: Iterable[Sandbox], hourly: Hourly) -> Subtotal:
    """Return what ``sandboxes`` come to."""
    count = running = cpu = memory = disk = 0
    cost: float | None = None
    for sandbox in sandboxes:
        uses = sandbox.resources
        count += 1
        disk += uses.disk_gib or 0
        if sandbox.state is SandboxState.STARTED:
            running += 1
            cpu += uses.cpu or 0
            memory += uses.memory_gib or 0
        each = hourly(sandbox)
        if each is not None:
            cost = each if cost is None else cost + each
    return Subtotal(count, running, cpu, memory, disk, cost)
