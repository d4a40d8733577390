"""Everything that can be said of a new sandbox, as people say it: one table for flags, order files and dialogs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from daytona_tui.domain.code import Language
from daytona_tui.domain.creation_checks import GPU_TYPES, PYTHON_VERSIONS
from daytona_tui.domain.lifetimes import Timer
from daytona_tui.presentation.forms import Kind


class Group(StrEnum):
    """What belongs together."""

    WHO = "who it is"
    SOURCE = "what it begins as"
    BUILDER = "built from parts"
    SIZE = "how large (images only)"
    LIFE = "how long it lives"
    INSIDE = "what is in it"
    NETWORK = "network"
    AFTER = "once it runs"
    PLACE = "where it runs"


@dataclass(frozen=True, slots=True)
class Field:
    """Something that can be said.

    Attributes:
        key: in order files and in a dialog's values; with hyphens and two of them before it, the flag.
        label: in a dialog.
        about: the help of the flag: a sentence without its full stop.
        hint: an example, or what holds where nothing is said.
        metavar: what the flag's value is called.
        part: attribute of the order, where it has another name than the key.
        choices: the words that can be said; others too, unless its kind is CHOICE.
        timer: for MINUTES: whose interval it is.
    """

    key: str
    label: str
    kind: Kind
    group: Group
    about: str
    hint: str = ""
    metavar: str = ""
    part: str = ""
    choices: tuple[str, ...] = ()
    timer: Timer | None = None

    @property
    def flag(self) -> str:
        """The flag of the command line."""
        return "--" + self.key.replace("_", "-")

    @property
    def attribute(self) -> str:
        """Attribute of the order, at which problems with it are found."""
        return self.part or self.key

    @property
    def is_many(self) -> bool:
        """True where several values can be said, by saying the flag more than once."""
        return self.kind.is_many


_f = Field
_T, _N, _M, _S, _W = Kind.TEXT, Kind.COUNT, Kind.MINUTES, Kind.SWITCH, Kind.WORDS
_G = Group

FIELDS: tuple[Field, ...] = (
    _f("name", "name", _T, _G.WHO, "Call it so", "empty: one is made up", "NAME"),
    _f("label", "labels", _W, _G.WHO, "Label it; may be repeated", "team=ml run=7", "KEY=VALUE", "labels"),
    _f("language", "language", Kind.CHOICE, _G.WHO, "The language that code is run in there", "python", "",
       choices=tuple(language.value for language in Language)),
    _f("snapshot", "snapshot", _T, _G.SOURCE, "Begin as this snapshot, by name or id", "the server's usual one",
       "SNAPSHOT", "source"),
    _f("image", "image", _T, _G.SOURCE, "Build it from this image of a registry", "debian:12", "IMAGE", "source"),
    _f("dockerfile", "Dockerfile", _T, _G.SOURCE, "Build it from this Dockerfile; - reads standard input",
       "path of a file here", "FILE", "source"),
    _f("dockerfile_text", "or its text", Kind.BLOCK, _G.SOURCE, "The Dockerfile itself", "FROM debian:12", "TEXT",
       "source"),
    _f("context", "context", _T, _G.SOURCE, "Directory that COPY and ADD of the Dockerfile take files from",
       "empty: the Dockerfile's directory", "DIR", "source"),
    _f("context_secrets", "also secrets", _S, _G.SOURCE, "Send files along that look like secrets, such as .env",
       part="source"),
    _f("base", "base image", _T, _G.BUILDER, "Build from parts, on this image", "empty: Debian slim with Python",
       "IMAGE", "source"),
    _f("debian_slim", "Debian slim", _S, _G.BUILDER, "Build from parts, on Debian slim with Python", "", "", "source"),
    _f("python", "Python", _T, _G.BUILDER, "Version of Python for Debian slim", "3.12", "VERSION", "source",
       PYTHON_VERSIONS),
    _f("pip", "pip packages", _W, _G.BUILDER, "Install a Python package in the image; may be repeated",
       "requests 'pandas>=2'", "PACKAGE", "source"),
    _f("run", "commands", Kind.LINES, _G.BUILDER, "Run a command in the build; may be repeated",
       "one a line", "COMMAND", "source"),
    _f("image_env", "image's env", _W, _G.BUILDER, "Set a variable in the image; may be repeated",
       "KEY=value", "KEY=VALUE", "source"),
    _f("workdir", "work directory", _T, _G.BUILDER, "Where programs of the image begin", "/srv/app", "PATH", "source"),
    _f("image_user", "image's user", _T, _G.BUILDER, "Who programs of the image are", "the image's own", "USER",
       "source"),
    _f("cpu", "vCPUs", _N, _G.SIZE, "Virtual processors; for images", "the server's default", "N"),
    _f("memory", "memory GiB", _N, _G.SIZE, "GiB of memory; for images", "the server's default", "GIB", "memory_gib"),
    _f("disk", "disk GiB", _N, _G.SIZE, "GiB of disk; for images", "the server's default", "GIB", "disk_gib"),
    _f("gpu", "GPUs", _N, _G.SIZE, "Graphics processors; for images, and ephemeral", "none", "N"),
    _f("gpu_type", "kind of GPU", _W, _G.SIZE, "Kind of GPU, the most wanted first; may be repeated",
       "H100 H200", "TYPE", "gpu_types", GPU_TYPES),
    _f("spot", "spot", _S, _G.SIZE, "It may be taken away at any moment, for a GPU"),
    _f("auto_stop", "auto-stop", _M, _G.LIFE, "Stop it after this time without activity; off is never",
       "15m unless told", "TIME", "auto_stop_min", timer=Timer.AUTO_STOP),
    _f("auto_pause", "auto-pause", _M, _G.LIFE, "Pause it instead; virtual machines only", "off", "TIME",
       "auto_pause_min", timer=Timer.AUTO_PAUSE),
    _f("auto_archive", "auto-archive", _M, _G.LIFE, "Archive it so long after it stopped, at most 30d", "7d · max",
       "TIME", "auto_archive_min", timer=Timer.AUTO_ARCHIVE),
    _f("auto_delete", "auto-delete", _M, _G.LIFE, "Delete it so long after it stopped; off is never",
       "off · on stop", "TIME", "auto_delete_min", timer=Timer.AUTO_DELETE),
    _f("ttl", "time to live", _M, _G.LIFE, "Destroy it so long after its creation, in any state", "none", "TIME",
       "ttl_min", timer=Timer.TTL),
    _f("ephemeral", "ephemeral", _S, _G.LIFE, "Delete it as soon as it stops"),
    _f("user", "user", _T, _G.INSIDE, "User of the operating system", "the snapshot's own", "USER"),
    _f("env", "variables", _W, _G.INSIDE,
       "Set a variable for its programs; without = it is taken from here; may be repeated",
       "KEY=value OTHER='two words'", "KEY[=VALUE]"),
    _f("secret", "secrets", _W, _G.INSIDE,
       "Let a variable stand for a secret of the organisation; may be repeated", "TOKEN=my-secret",
       "KEY=SECRET", "secrets"),
    _f("volume", "volumes", _W, _G.INSIDE, "Mount a volume, or a part of it; may be repeated",
       "data:/mnt/data", "VOLUME:/PATH[:PART]", "volumes"),
    _f("public", "public", _S, _G.NETWORK, "Open its previews to everybody"),
    _f("block_network", "no network", _S, _G.NETWORK, "Give it no network at all"),
    _f("allow_network", "only networks", _W, _G.NETWORK,
       "Let it reach this IPv4 network only; may be repeated", "10.0.0.0/8", "CIDR", "networks"),
    _f("allow_domain", "only domains", _W, _G.NETWORK,
       "Let it reach this domain only, *. for all below; may be repeated", "*.example.com", "DOMAIN",
       "domains"),
    _f("proxy", "proxy", _T, _G.NETWORK, "Address of a proxy for its HTTP", "http://…", "URL", "outbound_proxy"),
    _f("telemetry", "telemetry to", _T, _G.NETWORK, "Address of a collector for its OpenTelemetry", "https://…", "URL",
       "telemetry_endpoint"),
    _f("upload", "upload", _W, _G.AFTER,
       "Push a file or directory into it once it runs; may be repeated", "./src:work/", "LOCAL[:REMOTE]",
       "uploads"),
    _f("repo", "repository", _T, _G.AFTER, "Clone a repository in it once it runs", "user/repo or an address",
       "REPOSITORY", "repository"),
    _f("repo_path", "into", _T, _G.AFTER, "Where to clone to", "a directory of its name", "PATH", "repository"),
    _f("branch", "branch", _T, _G.AFTER, "Branch or tag to clone", "the usual one", "BRANCH", "repository"),
    _f("commit", "commit", _T, _G.AFTER, "Commit to check out", "the newest", "HASH", "repository"),
    _f("depth", "depth", _N, _G.AFTER, "Clone so many commits only", "all", "N", "repository"),
    _f("login", "login from", Kind.CHOICE, _G.AFTER,
       "Take a login for the repository from git's credential helper, the GitHub CLI or the usual variable", "none", "",
       "repository", ("git", "gh", "env")),
    _f("token_env", "or variable", _T, _G.AFTER, "Name of the variable here that holds a password or token for it",
       "GIT_TOKEN", "VAR", "repository"),
    _f("login_user", "with user", _T, _G.AFTER, "User name that goes with the token", "one that fits", "USER",
       "repository"),
    _f("target", "region", _T, _G.PLACE, "Region in which it runs", "the connection's", "REGION"),
    _f("queue_timeout", "wait in queue", _M, _G.PLACE, "Give up when no machine is free for this time", "unlimited",
       "TIME", "queue_timeout_min", timer=Timer.TTL),
    _f("linked_to", "linked to", _T, _G.PLACE, "Run it on the machine of this sandbox; ephemeral only", "a sandbox",
       "SANDBOX"),
    _f("kvm", "nested VMs", _S, _G.PLACE, "Let virtual machines run in it; virtual machines only"),
)  # fmt: skip
"""Every field, in the order of the help and of the dialog."""

BY_KEY = {field.key: field for field in FIELDS}
