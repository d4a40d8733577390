"""Snapshots: what sandboxes are made from. Their states, what may be done to one, and what a new one takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from daytona_tui.domain.dockerfiles import local_files, problem_with
from daytona_tui.domain.sandbox import Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.wire_words import WireWord

SnapshotId = NewType("SnapshotId", str)


class SnapshotState(WireWord):
    """Where a snapshot is in its life; ``UNKNOWN`` is whatever is not known here."""

    PENDING = "pending"
    BUILDING = "building"
    PULLING = "pulling"
    SNAPSHOTTING = "snapshotting"
    ACTIVE = "active"
    INACTIVE = "inactive"
    ERROR = "error"
    BUILD_FAILED = "build_failed"
    REMOVING = "removing"
    UNKNOWN = "unknown"

    @property
    def is_settled(self) -> bool:
        """True in states that last until somebody acts."""
        return self in _SETTLED

    @property
    def has_failed(self) -> bool:
        """True where it was not made."""
        return self in (SnapshotState.ERROR, SnapshotState.BUILD_FAILED)


_SETTLED = frozenset({SnapshotState.ACTIVE, SnapshotState.INACTIVE, SnapshotState.ERROR, SnapshotState.BUILD_FAILED})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A template for sandboxes.

    Attributes:
        state_word: the state as the server spelt it.
        is_general: Daytona's own: everybody may use it, nobody of the organisation may change it.
        image: the image that it was made from; empty where it was built, or made from a sandbox.
        size_gib: of its files; None while that is not known.
        dockerfile: what it was built from; empty where it was not. Hostile text.
        source_sandbox_id: the sandbox it was made from; empty where it was not, and on older servers.
    """

    id: SnapshotId
    name: str
    state: SnapshotState = SnapshotState.UNKNOWN
    state_word: str = ""
    is_general: bool = False
    image: str = ""
    size_gib: float | None = None
    resources: Resources = field(default_factory=Resources)
    sandbox_class: str = ""
    regions: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    error_reason: str = ""
    dockerfile: str = ""
    source_sandbox_id: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def origin(self) -> str:
        """What it was made from, in one or two words: hostile text."""
        if self.dockerfile:
            return "Dockerfile"
        if self.source_sandbox_id:
            return "sandbox"
        return self.image


class SnapshotVerb(StrEnum):
    """What can be done to a snapshot."""

    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    DELETE = "delete"


def refusal(verb: SnapshotVerb, snapshot: Snapshot) -> str:
    """Return why ``verb`` cannot be done to ``snapshot`` now, in words; empty when it can."""
    state = snapshot.state
    if snapshot.is_general:
        return "it is Daytona's own, and everybody's: it can be used and not changed"
    if verb is SnapshotVerb.DELETE:
        return "it is being deleted already" if state is SnapshotState.REMOVING else ""
    wanted, there = (
        (SnapshotState.INACTIVE, SnapshotState.ACTIVE)
        if verb is SnapshotVerb.ACTIVATE
        else (SnapshotState.ACTIVE, SnapshotState.INACTIVE)
    )
    if state is there:
        return f"it is {there.value} already"
    return "" if state is wanted else f"it is {state.value.replace('_', ' ')}, and has to be {wanted.value} for that"


def users_of(snapshot: Snapshot, fleet: Iterable[Sandbox]) -> tuple[Sandbox, ...]:
    """Return the sandboxes of ``fleet`` that were made from ``snapshot`` and are not gone."""
    called = {snapshot.name, snapshot.id}
    return tuple(each for each in fleet if each.snapshot in called and each.state is not SandboxState.DESTROYED)


_NAME = re.compile(r"[a-zA-Z0-9_.\-:]+(/[a-zA-Z0-9_.\-:]+)*(@sha256:[a-f0-9]{64})?")
_IMAGE = _NAME
_LONGEST_NAME = 255
SANDBOX_CLASSES = ("container", "linux-vm", "windows")


@dataclass(frozen=True, slots=True)
class SnapshotOrder:
    """A snapshot that is to be made, of an image or of a Dockerfile. None leaves a size to the server.

    Attributes:
        image: its name with a tag or a digest; empty where there is a Dockerfile.
        dockerfile: the text.
        origin: where that was read; empty where it is no file.
        context: directory here that its files are copied from; empty: that of ``origin``.
        sends_secrets: files of the context that look like secrets may be sent.
        region: id; empty is the organisation's own.
    """

    name: str
    image: str = ""
    dockerfile: str = ""
    entrypoint: tuple[str, ...] = ()
    cpu: int | None = None
    memory_gib: int | None = None
    disk_gib: int | None = None
    gpu: int | None = None
    region: str = ""
    sandbox_class: str = ""
    origin: str = ""
    context: str = ""
    sends_secrets: bool = False


def name_problem(name: str) -> str:
    """Return what is wrong with the name of a new snapshot, in words; empty when nothing is."""
    if not name:
        return "a snapshot has a name"
    if len(name) > _LONGEST_NAME:
        return f"a name has {_LONGEST_NAME} characters at most, this one {len(name)}"
    if not _NAME.fullmatch(name):
        return "a name has letters, digits, dots, colons, dashes and underscores, in parts with / between them"
    return ""


def image_problem(image: str) -> str:
    """Return what is wrong with the name of an image, in words; empty when nothing is."""
    if not image:
        return "name an image, such as python:3.12"
    if "@sha256:" not in image:
        if ":" not in image.rpartition("/")[2] or image.endswith(":"):
            return "an image has a tag or a digest, such as python:3.12"
        if image.endswith(":latest"):
            return "the tag latest is not taken: name a version, such as python:3.12"
    if not _IMAGE.fullmatch(image):
        return "this is no name of an image, such as registry.example.org/team/python:3.12"
    return ""


def dockerfile_problem(text: str, *, has_context: bool) -> str:
    """Return what is wrong with a Dockerfile, which may have a directory of files beside it; empty when nothing is."""
    if wrong := problem_with(text):
        return wrong
    if not has_context and (wanted := local_files(text)):
        return f"line {wanted[0].line} copies a file of this machine: name the context it is in"
    return ""


def problems(order: SnapshotOrder) -> Mapping[str, str]:
    """Return what the server would refuse of an order: words by the name of the field; empty when it is right."""
    found = {"name": name_problem(order.name)}
    if order.image and order.dockerfile:
        found["image"] = "an image or a Dockerfile, not both"
    elif order.context and not order.dockerfile:
        found["context"] = "this is about a Dockerfile, and there is none"
    elif order.dockerfile:
        found["dockerfile"] = dockerfile_problem(order.dockerfile, has_context=bool(order.origin or order.context))
        if order.entrypoint:
            found["entrypoint"] = "a Dockerfile says itself what is started: write ENTRYPOINT there"
    else:
        found["image"] = image_problem(order.image)
    for what, least in (("cpu", 1), ("memory_gib", 1), ("disk_gib", 1), ("gpu", 0)):
        size = getattr(order, what)
        if size is not None and size < least:
            found[what] = f"at least {least}"
    if order.sandbox_class and order.sandbox_class not in SANDBOX_CLASSES:
        found["sandbox_class"] = f"one of {', '.join(SANDBOX_CLASSES)}"
    return {what: words for what, words in found.items() if words}


def capture_problem(sandbox: Sandbox) -> str:
    """Return why no snapshot can be made of a sandbox now, in words; empty when one can."""
    if sandbox.sandbox_class == "linux-vm":
        if sandbox.state is SandboxState.STOPPED:
            return ""
        return f"it is {sandbox.state.value}, and a virtual machine has to be stopped for that"
    if sandbox.state in (SandboxState.STARTED, SandboxState.STOPPED):
        return ""
    return f"it is {sandbox.state.value.replace('_', ' ')}, and has to be started or stopped for that"


def maker_of(snapshot: Snapshot) -> SandboxId | None:
    """Return the sandbox that a snapshot was made from; None where it was not."""
    return SandboxId(snapshot.source_sandbox_id) if snapshot.source_sandbox_id else None
