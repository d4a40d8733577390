"""What a sandbox's body has beside its own files: its image's environment, volumes, placeholders of secrets."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from daytona_tui.emulator.body.box import Box, Mount
from daytona_tui.emulator.body.bubblewrap import HOME
from daytona_tui.emulator.fleet.catalogue import Catalogue
from daytona_tui.emulator.fleet.records import Ground, SandboxRecord
from daytona_tui.emulator.state.statedir import StateDirectory

_PLACES = "places"  # directory of a body with what an image keeps outside the home


@dataclass(frozen=True, slots=True)
class Place:
    """A directory that programs see somewhere else.

    Attributes:
        base: a directory that nobody but the emulator can put a link in the place of.
        below: path below it; sandboxes may have put anything there.
        target: where programs see it.
        is_own: whether it is the body's own, which needs no mount where sandboxes have no view of their own.
    """

    base: Path
    below: str
    target: str
    is_own: bool = False

    def make(self) -> Mount:
        """Make it, where it is missing. Blocks on disk.

        Raises:
            OSError: it is no directory, or the way to it leads over a link.
        """
        self.base.mkdir(parents=True, exist_ok=True)
        place = self.base
        for part in PurePosixPath(self.below).parts:
            place /= part
            if place.is_symlink():
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), self.below)
            place.mkdir(exist_ok=True)
        return Mount(place, self.target)


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a body has beside its own files.

    Attributes:
        env: environment of every program; the sandbox's own comes over it.
        places: directories that programs see somewhere else, the outer ones first.
        template: directory with the files that a new body begins with; None for an empty one.
        workdir: where programs begin, as the image says it; empty for the home.
        entrypoint: what runs as long as the sandbox does; empty for nothing.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    template: Path | None = None
    workdir: str = ""
    entrypoint: tuple[str, ...] = ()


class Outfitter:
    """Finds out what each sandbox has.

    Args:
        catalogue: where snapshots, volumes and secrets are known.
        directory: where their files are.
    """

    def __init__(self, catalogue: Catalogue, directory: StateDirectory) -> None:
        self._catalogue = catalogue
        self._directory = directory

    def outfit(self, record: SandboxRecord) -> Outfit:
        """Return what a sandbox has."""
        ground = record.ground or Ground()
        return Outfit(
            env={**ground.env, **_proxy(record), **self._catalogue.placeholders(record.secret_names)},
            places=tuple(sorted(self._places(record, ground), key=lambda place: place.target)),
            template=self._template(record),
            workdir=ground.workdir,
            entrypoint=tuple(ground.entrypoint),
        )

    def _places(self, record: SandboxRecord, ground: Ground) -> list[Place]:
        body = self._directory.sandbox_root(record.id)
        own = [
            Place(body / _PLACES, target.strip("/"), target, is_own=True)
            for target in ground.workdirs
            if target != "/" and not _is_inside(target)
        ]
        shared = [
            Place(self._directory.volume_root(volume["volumeId"]), volume.get("subpath", ""), volume["mountPath"])
            for volume in record.volumes
        ]
        return own + shared

    def _template(self, record: SandboxRecord) -> Path | None:
        snapshot = self._catalogue.snapshots.records.get(record.source_snapshot_id or "")
        return self._directory.template_root(snapshot.id) if snapshot is not None and snapshot.has_files else None


def _proxy(record: SandboxRecord) -> dict[str, str]:
    """Return the variables by which programs know of an outbound proxy."""
    url = record.outbound_proxy_url
    return {} if url is None else dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), url)


def _is_inside(target: str) -> bool:
    """Whether a path lies in a directory that every body has anyway."""
    return any(target == place or target.startswith(f"{place}/") for place in (HOME, "/tmp", "/var/tmp"))


def start_dir(box: Box, workdir: str) -> str:
    """Return a directory of an image as the programs of ``box`` see it, and make it. Blocks on disk.

    What lies outside the home is a mount where sandboxes have a view of their own; without one, it lies in the home.
    """
    base, inside, seen = seen_path(box, workdir)
    with contextlib.suppress(OSError):  # programs say themselves that they cannot begin there
        Place(base, inside, workdir).make()
    return seen


def seen_path(box: Box, target: str) -> tuple[Path, str, str]:
    """Return where a path of an image lies on this machine, as a base and what is below it, and how programs see it."""
    path = PurePosixPath(target)
    if path.is_relative_to("/tmp"):
        return box.root / "tmp", str(path.relative_to("/tmp")), target
    if path.is_relative_to(HOME) or not box.isolation.is_isolated:
        inside = path.relative_to(HOME if path.is_relative_to(HOME) else "/")
        return box.home, str(inside), str(PurePosixPath(box.work_dir) / inside)
    return box.root / _PLACES, str(path.relative_to("/")), target
