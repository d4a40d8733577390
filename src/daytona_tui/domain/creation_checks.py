"""What is wrong with an order for a sandbox, before the server is asked, with the server's own limits in words."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from daytona_tui.domain.creation import CreateOrder, FromBuilder, FromDockerfile, FromImage, FromSnapshot, Mount
from daytona_tui.domain.deadlines import MAX_ARCHIVE_MIN
from daytona_tui.domain.dockerfiles import local_files, problem_with
from daytona_tui.domain.git_address import address_of
from daytona_tui.domain.sandbox import Resources
from daytona_tui.errors import ConfigError

MOST_NETWORKS = 10
MOST_DOMAINS = 20
MOST_VOLUMES = 64
LONGEST_MINUTES = 2**31 - 1
LARGEST_DOCKERFILE = 1 << 20
GPU_TYPES = ("H100", "H200", "B200", "B300", "RTX-PRO-6000", "RTX-4090", "RTX-5090", "MI355X")
"""Kinds of GPU that the platform has a name for."""
PYTHON_VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13")
"""Series of Python that the SDK's builder knows."""

_LARGEST = 4096
_NO_LIMIT = Resources()
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOMAIN = re.compile(r"(\*\.)?([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,}")
_IMAGE = re.compile(r"[A-Za-z0-9][\w.\-/:]*(@sha256:[0-9a-f]{64})?", re.ASCII)
_PYTHON = re.compile(r"3\.\d{1,2}(\.\d{1,2})?", re.ASCII)
_SYSTEM = ("/proc", "/sys", "/dev", "/boot", "/etc", "/bin", "/sbin", "/lib", "/lib64")
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the server would refuse.

    Attributes:
        field: attribute of the order, or ``source``: where it is to be put right.
        words: what is wrong and what is allowed, in one line without a full stop.
    """

    field: str
    words: str


def check(order: CreateOrder, largest: Resources = _NO_LIMIT) -> tuple[Problem, ...]:
    """Return what is wrong with ``order``, in the order of its fields; empty: the server may still refuse it.

    Args:
        order: what is to be made.
        largest: what one sandbox may have, as far as the server has told.
    """
    rules = (_name, _source, _texts, _variables, _size, _intervals, _mounts, _network, _rest, _afterwards)
    found = [Problem(*each) for rule in rules for each in rule(order)]
    return (*found, *(Problem(*each) for each in _too_large(order, largest)))


_Found = Iterator[tuple[str, str]]


def _name(order: CreateOrder) -> _Found:
    if len(order.name) > _LONGEST_NAME:
        yield "name", f"a name has {_LONGEST_NAME} letters at most"
    if order.name and (order.name != order.name.strip() or not order.name.isprintable()):
        yield "name", "a name has no blanks at its ends and no control characters"
    if order.name and not order.name.strip("."):
        yield "name", "a name is more than dots: nothing could be asked of it"


def _source(order: CreateOrder) -> _Found:
    match order.source:
        case FromSnapshot(name):
            if not _is_line(name):
                yield "source", "the name of a snapshot is one line"
        case FromImage(image):
            if not image:
                yield "source", "name an image, such as debian:12.9"
            elif not _IMAGE.fullmatch(image):
                yield "source", "an image is written as [registry/]name[:tag], without blanks"
        case FromDockerfile() as source:
            yield from (("source", words) for words in _dockerfile(source))
        case FromBuilder() as builder:
            yield from (("source", words) for words in _builder(builder))


def _dockerfile(source: FromDockerfile) -> Iterator[str]:
    text = source.text
    if not text.strip():
        yield "the Dockerfile is empty"
    elif len(text) > LARGEST_DOCKERFILE:
        yield f"a Dockerfile has {LARGEST_DOCKERFILE:,} letters at most"
    elif words := problem_with(text):
        yield words
    elif not (source.origin or source.context) and (files := local_files(text)):
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        yield f"line {files[0].line} copies {files[0].path!r}{more} from this machine: name the context they are in"


def _builder(builder: FromBuilder) -> Iterator[str]:
    if builder.base and not _IMAGE.fullmatch(builder.base):
        yield "the base is written as [registry/]name[:tag], without blanks"
    if builder.base and builder.python:
        yield "a version of Python is for Debian slim; another base brings its own"
    series = ".".join(builder.python.split(".")[:2])
    if builder.python and (not _PYTHON.fullmatch(builder.python) or series not in PYTHON_VERSIONS):
        yield f"Python is one of {', '.join(PYTHON_VERSIONS)}"
    if any(not _is_line(line) or not line.strip() for line in (*builder.packages, *builder.commands)):
        yield "packages and commands are one line each"
    if any(line.startswith("-") for line in builder.packages):
        yield "a package is a requirement such as requests>=2, and no option of pip"
    yield from _image_settings(builder)


def _image_settings(builder: FromBuilder) -> Iterator[str]:
    for name, value in builder.env.items():
        if not _VARIABLE.fullmatch(name):
            yield f"{name!r} is no name of a variable"
        elif not _is_line(value):
            yield f"the value of {name} is one line"
    if builder.workdir and not (_is_line(builder.workdir) and builder.workdir.startswith("/")):
        yield "the working directory is an absolute path"
    if builder.user and (not _is_line(builder.user) or " " in builder.user):
        yield "a user is one word"


def _texts(order: CreateOrder) -> _Found:
    for field in ("target", "user", "linked_to"):
        if not _is_line(getattr(order, field)):
            yield field, "this is one line"


def _variables(order: CreateOrder) -> _Found:
    for name, value in order.env.items():
        if not name or "=" in name or "\0" in name + value or not _is_line(name):
            yield "env", f"{name!r} is no name of a variable"
    for key, value in order.labels.items():
        if not key.strip() or not _is_line(key) or not _is_line(value):
            yield "labels", "a label is KEY=VALUE on one line, and the key is not empty"
    for name, secret in order.secrets.items():
        if not _VARIABLE.fullmatch(name):
            yield "secrets", f"{name!r} is no name of a variable: letters, digits and _"
        elif not secret.strip():
            yield "secrets", f"{name} names no secret: write {name}=NAME"
        elif name in order.env:
            yield "secrets", f"{name} is a variable and a secret at once"


def _size(order: CreateOrder) -> _Found:
    sizes = {"cpu": "vCPUs", "memory_gib": "GiB of memory", "disk_gib": "GiB of disk", "gpu": "GPUs"}
    for field, words in sizes.items():
        value = getattr(order, field)
        if value is None:
            continue
        least = 0 if field == "gpu" else 1
        if not least <= value <= _LARGEST:
            yield field, f"{words}: a whole number from {least} on"
        elif value and not order.is_built:
            yield field, "a snapshot has its own size: sizes are for images"
    if unknown := [kind for kind in order.gpu_types if kind not in GPU_TYPES]:
        yield "gpu_types", f"{unknown[0]!r} is none of {', '.join(GPU_TYPES)}"
    elif order.gpu_types and not order.gpu:
        yield "gpu_types", "a kind of GPU needs a number of them"
    if order.gpu and order.deletes_after_min != 0:
        yield "gpu", "a sandbox with a GPU has to be ephemeral"
    if order.spot and not order.gpu:
        yield "spot", "only sandboxes with a GPU can be spot"


def _too_large(order: CreateOrder, largest: Resources) -> _Found:
    for field, words in (("cpu", "vCPUs"), ("memory_gib", "GiB of memory"), ("disk_gib", "GiB of disk")):
        wanted, most = getattr(order, field), getattr(largest, field)
        if wanted is not None and most is not None and most < wanted <= _LARGEST:
            yield field, f"this server allows a sandbox {most:,} {words}"


def _intervals(order: CreateOrder) -> _Found:
    for field in ("auto_stop_min", "auto_pause_min", "auto_archive_min", "ttl_min"):
        value = getattr(order, field)
        if value is not None and not 0 <= value <= LONGEST_MINUTES:
            yield field, "minutes: a whole number from 0 on; 0 is off"
    if order.auto_archive_min is not None and order.auto_archive_min > MAX_ARCHIVE_MIN:
        yield "auto_archive_min", f"{MAX_ARCHIVE_MIN:,} minutes (30 days) at most"
    deletes = order.auto_delete_min
    if deletes is not None and not -1 <= deletes <= LONGEST_MINUTES:
        yield "auto_delete_min", "minutes from 0 on; 0 is as soon as it stops, off is -1"
    if order.ephemeral and deletes:
        yield "auto_delete_min", "an ephemeral sandbox is deleted as soon as it stops: leave this empty"
    if order.auto_stop_min and order.auto_pause_min:
        yield "auto_pause_min", "auto-stop and auto-pause exclude each other"
    if order.auto_pause_min and order.deletes_after_min == 0:
        yield "auto_pause_min", "an ephemeral sandbox cannot be paused by itself"
    if order.queue_timeout_min is not None and not 1 <= order.queue_timeout_min <= LONGEST_MINUTES:
        yield "queue_timeout_min", "minutes: a whole number from 1 on"


def _mounts(order: CreateOrder) -> _Found:
    if len(order.volumes) > MOST_VOLUMES:
        yield "volumes", f"{MOST_VOLUMES} volumes at most"
    seen = set()
    for mount in order.volumes:
        if words := _mount_problem(mount):
            yield "volumes", words
        elif (place := mount.path.rstrip("/")) in seen:
            yield "volumes", f"two volumes at {place}"
        else:
            seen.add(place)


def _mount_problem(mount: Mount) -> str:
    path, parts = mount.path, mount.path.split("/")
    inside = path.rstrip("/")
    if not mount.volume.strip() or not _is_line(mount.volume):
        return "a volume is VOLUME:/PATH, and the name is missing"
    if not path.startswith("/") or not _is_line(path):
        return f"{mount.volume} is mounted at an absolute path: VOLUME:/PATH"
    if not inside or any(inside == each or inside.startswith(f"{each}/") for each in _SYSTEM):
        return f"{path} belongs to the system: choose another place for {mount.volume}"
    if "//" in path or "." in parts or ".." in parts:
        return f"{path} has empty, . or .. parts"
    sub = mount.subpath.strip("/").split("/") if mount.subpath else ["whole"]
    if mount.subpath.startswith("/") or any(part in ("", ".", "..") for part in sub):
        return f"the part {mount.subpath} of {mount.volume} is a relative path without . and .."
    return ""


def _network(order: CreateOrder) -> _Found:
    for network in order.networks:
        if words := _network_problem(network):
            yield "networks", words
    if len(order.networks) > MOST_NETWORKS:
        yield "networks", f"{MOST_NETWORKS} networks at most"
    for domain in order.domains:
        if not _DOMAIN.fullmatch(domain):
            yield "domains", f"{domain!r} is no domain: write example.com or *.example.com"
    if len(order.domains) > MOST_DOMAINS:
        yield "domains", f"{MOST_DOMAINS} domains at most"
    if order.networks and order.domains:
        yield "domains", "networks and domains exclude each other: give one of the lists"
    if order.block_network and (order.networks or order.domains):
        yield "block_network", "a blocked network has no allow lists"


def _network_problem(network: str) -> str:
    address, _, prefix = network.partition("/")
    try:
        ipaddress.IPv4Address(address)
    except ValueError:
        return f"{network!r} is no IPv4 network: write 10.0.0.0/8"
    if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 2 and int(prefix) <= 32):
        return f"{network!r} needs a prefix from /0 to /32, such as {address}/32"
    return ""


def _rest(order: CreateOrder) -> _Found:
    for field in ("outbound_proxy", "telemetry_endpoint"):
        value = getattr(order, field)
        if value and not _is_url(value):
            yield field, "an address begins with http:// or https://"
    if order.linked_to and order.deletes_after_min != 0:
        yield "linked_to", "a linked sandbox has to be ephemeral"


def _afterwards(order: CreateOrder) -> _Found:
    for upload in order.uploads:
        if not upload.local.strip() or "\0" in upload.local + upload.remote:
            yield "uploads", "an upload is LOCAL or LOCAL:REMOTE, and the local path is missing"
    clone = order.repository
    if clone is None:
        return
    try:
        address_of(clone.url)
    except ConfigError as error:
        yield "repository", error.message
    if clone.depth is not None and clone.depth < 1:
        yield "repository", "a depth is a whole number of commits from 1 on"
    if clone.login and clone.token_env:
        yield "repository", "a login is taken from somewhere or from a variable, not both"
    if clone.token_env and not _VARIABLE.fullmatch(clone.token_env):
        yield "repository", "the variable is named, not its value: a name has letters, digits and _"
    if clone.branch and not _is_line(clone.branch):
        yield "repository", "a branch is one word"


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(char <= " " for char in value)
    except ValueError:
        return False


def _is_line(text: str) -> bool:
    return not any(ord(char) < 0x20 or char == "\x7f" for char in text)
