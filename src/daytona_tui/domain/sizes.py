"""Other resources for a sandbox that exists, and what the platform allows of that."""

from __future__ import annotations

from dataclasses import dataclass, replace

from daytona_tui.domain.sandbox import Resources, Sandbox, SandboxState

LARGEST = 4096
"""More of anything than this is a slip of the finger; what a server really allows is its to say."""

_WORDS = {"cpu": "vCPU", "memory_gib": "memory", "disk_gib": "disk"}


@dataclass(frozen=True, slots=True)
class SizeEdit:
    """New resources; None leaves one as it is.

    Attributes:
        cpu: vCPUs.
        memory_gib: GiB of memory.
        disk_gib: GiB of disk.
    """

    cpu: int | None = None
    memory_gib: int | None = None
    disk_gib: int | None = None

    def __bool__(self) -> bool:
        """Whether it asks for anything at all."""
        return bool(self.wanted)

    @property
    def wanted(self) -> dict[str, int]:
        """What is asked for, by the name of its field."""
        every = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in every.items() if value is not None}

    def applied_to(self, resources: Resources) -> Resources:
        """Return ``resources`` with the change made."""
        return replace(resources, **self.wanted)  # type: ignore[arg-type]  # the fields have the same names

    def is_met_by(self, resources: Resources) -> bool:
        """True if ``resources`` are what is asked for."""
        return all(getattr(resources, name) == value for name, value in self.wanted.items())


def size_problem(edit: SizeEdit) -> str:
    """Return why ``edit`` makes no sense for any sandbox, in words; empty where it does."""
    for name, value in edit.wanted.items():
        if not 1 <= value <= LARGEST:
            return f"{_WORDS[name]} is a whole number from 1 on, not {value}"
    return "" if edit else "no resource is to be changed"


def size_refusal(edit: SizeEdit, sandbox: Sandbox) -> str:
    """Return why Daytona does not give ``sandbox`` these resources, in words; empty where it may.

    The rules are the server's: a disk only grows, and only of one that is stopped; one that runs gets no less of
    anything. What the server did not tell forbids nothing. Quotas are the server's to say.
    """
    has, is_running = sandbox.resources, sandbox.state is SandboxState.STARTED
    if edit and edit.is_met_by(has):
        return "it has these resources already"
    if edit.disk_gib is not None and has.disk_gib is not None:
        if edit.disk_gib < has.disk_gib:
            return f"a disk only grows: it has {has.disk_gib} GiB"
        if edit.disk_gib != has.disk_gib and is_running:
            return "its disk grows while it is stopped only: stop it first"
    if is_running and has.cpu is not None and edit.cpu is not None and edit.cpu < has.cpu:
        return f"it runs, and has {has.cpu} vCPU: stop it first, to give it fewer"
    if is_running and has.memory_gib is not None and edit.memory_gib is not None and edit.memory_gib < has.memory_gib:
        return f"it runs, and has {has.memory_gib} GiB of memory: stop it first, to give it less"
    return ""


def change_for(edit: SizeEdit, sandbox: Sandbox) -> SizeEdit:
    """Return ``edit`` without what the sandbox has already: of one that runs no disk may be asked for at all."""
    differing = {name: value for name, value in edit.wanted.items() if getattr(sandbox.resources, name) != value}
    return SizeEdit(**differing)
