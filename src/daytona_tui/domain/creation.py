"""What a sandbox that is to be made is like, and what there is to tell while it is made.

Whether an order can be carried out says ``domain.creation_checks.check``, with the server's own limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from daytona_tui.domain.code import Language
from daytona_tui.domain.sandbox import NO_LABELS, Sandbox

LANGUAGE_LABEL = "code-toolbox-language"
"""The label in which the platform's own tools note the language of a sandbox."""


@dataclass(frozen=True, slots=True)
class FromSnapshot:
    """A sandbox that begins as a snapshot.

    Attributes:
        name: of the snapshot, or its id; empty for the server's usual one.
    """

    name: str = ""


@dataclass(frozen=True, slots=True)
class FromImage:
    """A sandbox that begins as an image of a registry, such as ``debian:12.9``."""

    image: str = ""


@dataclass(frozen=True, slots=True)
class FromDockerfile:
    """A sandbox whose image the server builds.

    Attributes:
        text: the Dockerfile itself.
        origin: where the text was read, for whoever reads the order again; empty if it was written by hand.
        context: directory here that its files are copied from; empty: that of ``origin``.
        sends_secrets: files of the context that look like secrets may be sent.
    """

    text: str = ""
    origin: str = ""
    context: str = ""
    sends_secrets: bool = False


@dataclass(frozen=True, slots=True)
class FromBuilder:
    """An image described by its parts; the SDK's builder makes the Dockerfile of them.

    Attributes:
        base: the image it begins with; empty for Debian slim with Python.
        python: version of Python for Debian slim, such as ``3.12``; empty for the usual one.
        packages: for ``pip install``, as requirements: ``requests>=2``.
        commands: shell commands, in order, each a step of the build.
        env: variables of the image.
        workdir: where programs begin; empty for the image's own.
        user: who runs the steps and the programs; empty for the image's own.
    """

    base: str = ""
    python: str = ""
    packages: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    workdir: str = ""
    user: str = ""


Source = FromSnapshot | FromImage | FromDockerfile | FromBuilder


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume in a sandbox.

    Attributes:
        volume: its name or id.
        path: where it is mounted, absolute.
        subpath: what of the volume is; empty for all.
    """

    volume: str
    path: str
    subpath: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file or directory of this machine that is pushed into the sandbox once it runs.

    Attributes:
        local: its path here.
        remote: where to; empty for the working directory, and a slash at its end means into it.
    """

    local: str
    remote: str = ""


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository that is cloned in the sandbox once it runs. Credentials are named here, and never held.

    Attributes:
        url: or ``user/repo``.
        path: where to; empty for a directory of its name.
        branch: or tag; empty for the usual one.
        commit: to check out; empty for the newest.
        depth: so many commits of the history; None for all.
        login: where a login is taken from: ``git`` for its credential helper, ``gh`` or ``env``; empty for none.
        token_env: name of the variable that holds a password or token; empty for none.
        login_user: name that goes with the token; empty for the usual one.
    """

    url: str
    path: str = ""
    branch: str = ""
    commit: str = ""
    depth: int | None = None
    login: str = ""
    token_env: str = ""
    login_user: str = ""


@dataclass(frozen=True, slots=True)
class CreateOrder:
    """Everything that can be said of a sandbox that is to be made. None and empty leave a thing to the server.

    Attributes:
        name: empty: one is made up.
        source: what it begins as.
        target: the region.
        user: of the operating system.
        env: variables of its programs.
        labels: as they are written; the language gets a label of its own.
        language: what ``run code`` runs.
        cpu: virtual processors. Sizes are for images; a snapshot has its own.
        memory_gib: of memory.
        disk_gib: of disk.
        gpu: how many.
        gpu_types: such as ``H100``, the most wanted first.
        spot: may be taken away at any moment, for a GPU.
        auto_stop_min: minutes without activity; 0 is never. So the other intervals, see ``domain.sandbox.Lifetimes``.
        auto_pause_min: virtual machines only.
        auto_archive_min: 0 is the longest that is allowed.
        auto_delete_min: minutes after stopping; 0 is at once, -1 never.
        ttl_min: minutes from its creation on until it is destroyed in any state; 0 is never.
        ephemeral: it is deleted as soon as it stops: ``auto_delete_min`` 0.
        public: whether its previews are open to everybody.
        volumes: that are mounted.
        secrets: name of a secret of the organisation by the variable that is to stand for it.
        block_network: no network at all.
        networks: IPv4 networks in CIDR notation that may be reached; empty for all.
        domains: names that may be reached, ``*.`` for all below; empty for all.
        uploads: what is pushed into it afterwards.
        repository: what is cloned in it afterwards.
        queue_timeout_min: minutes that the creation may wait for a machine.
        outbound_proxy: address of a proxy for its HTTP.
        telemetry_endpoint: address of a collector of its OpenTelemetry.
        linked_to: sandbox on whose machine it is to be.
        kvm: nested virtualisation; virtual machines only.
    """

    name: str = ""
    source: Source = FromSnapshot()
    target: str = ""
    user: str = ""
    env: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    language: Language | None = None
    cpu: int | None = None
    memory_gib: int | None = None
    disk_gib: int | None = None
    gpu: int | None = None
    gpu_types: tuple[str, ...] = ()
    spot: bool = False
    auto_stop_min: int | None = None
    auto_pause_min: int | None = None
    auto_archive_min: int | None = None
    auto_delete_min: int | None = None
    ttl_min: int | None = None
    ephemeral: bool = False
    public: bool = False
    volumes: tuple[Mount, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    block_network: bool = False
    networks: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    uploads: tuple[Upload, ...] = ()
    repository: Repository | None = None
    queue_timeout_min: int | None = None
    outbound_proxy: str = ""
    telemetry_endpoint: str = ""
    linked_to: str = ""
    kvm: bool = False

    @property
    def deletes_after_min(self) -> int | None:
        """Minutes from its stop to its deletion, with ``ephemeral`` taken into account."""
        return 0 if self.ephemeral else self.auto_delete_min

    @property
    def is_built(self) -> bool:
        """True where the server builds an image for it, so that there is a log."""
        return not isinstance(self.source, FromSnapshot)


class Stage(StrEnum):
    """What is being done."""

    SENDING = "sending files"
    ASKING = "asking for it"
    BUILDING = "building"
    STARTING = "starting"
    UPLOADING = "uploading"
    CLONING = "cloning"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class StageBegun:
    """A stage of the creation begins.

    Attributes:
        sandbox: as it is known then; None before the server has answered.
        words: of what, such as the path that is uploaded.
    """

    stage: Stage
    sandbox: Sandbox | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class BuildLog:
    """More of the log of the build, cut anywhere: hostile text."""

    text: str


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """The creation failed, and this sandbox is there all the same."""

    sandbox: Sandbox


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something that was ordered does not hold, and the sandbox is made all the same.

    Attributes:
        field: attribute of the order; ``log`` for the build's log.
        words: what holds instead, in one line.
    """

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class NothingMade:
    """The creation failed, or was given up, before the server can have heard of it: there is certainly no sandbox."""


CreateEvent = StageBegun | BuildLog | LeftBehind | NothingMade | Ignored
OnCreate = Callable[[CreateEvent], None]
