"""Snapshots as files: made of sandboxes and of Dockerfiles, kept, and removed."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from daytona_tui.emulator.accounts.counts import counted_snapshots
from daytona_tui.emulator.accounts.quotas import Quotas
from daytona_tui.emulator.body.bodies import Bodies
from daytona_tui.emulator.body.bubblewrap import HOME
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.catalogue import Catalogue, Snapshot
from daytona_tui.emulator.fleet.records import ORGANIZATION_ID, Ground, SandboxRecord, new_id
from daytona_tui.emulator.life.transitions import BuildFailedError
from daytona_tui.emulator.objects.bucket import Bucket
from daytona_tui.emulator.state.lifeline import remove_tree
from daytona_tui.emulator.state.statedir import StateDirectory
from daytona_tui.emulator.workshop.builds import BuildLogs, build, failure, ground_of, read_dockerfile
from daytona_tui.emulator.workshop.context import ContextError, unpack
from daytona_tui.emulator.workshop.dockerfile import DockerfileError, check_base
from daytona_tui.emulator.workshop.errands import Errands

_NAME = re.compile(r"[a-zA-Z0-9_.\-:]+(/[a-zA-Z0-9_.\-:]+)*(@sha256:[a-f0-9]{64})?")
_GIB = 1 << 30
_PENDING_S, _BUILDING_S, _PULLING_S = 0.8, 1.6, 1.2


class Templates:
    """Makes snapshots, and builds sandboxes from images.

    Args:
        catalogue: where snapshots are known.
        bodies: where sandboxes are built.
        directory: where files are kept.
        quotas: how many snapshots there may be.
        errands: what goes on in the background.
        bucket: where the files of builds are pushed.

    Attributes:
        logs: what builds say.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        bodies: Bodies,
        directory: StateDirectory,
        quotas: Quotas,
        errands: Errands,
        bucket: Bucket,
    ) -> None:
        self.logs = BuildLogs(directory.build_log)
        self._catalogue = catalogue
        self._bodies = bodies
        self._directory = directory
        self._quotas = quotas
        self._errands = errands
        self._clock = quotas.fleet.clock
        self._bucket = bucket

    def admit(self, name: str) -> None:
        """Let a snapshot be made under ``name``.

        Raises:
            ApiError: 400 for an impossible name or past the quota, 409 for a taken one.
        """
        if len(name) > 255 or not _NAME.fullmatch(name):
            raise ApiError(400, "Invalid snapshot name format. May contain letters, digits, dots, colons, and dashes")
        self._quotas.admit_snapshot(counted_snapshots(self._catalogue))
        if any(each.name == name and not each.is_general for each in self._catalogue.snapshots.records.values()):
            raise ApiError(409, f'Snapshot with name "{name}" already exists for this organization')

    def admit_capture(self, record: SandboxRecord, name: str) -> None:
        """Let a snapshot of a sandbox be made; its name is taken from here on.

        Raises:
            ApiError: as :meth:`admit`.
        """
        self.admit(name)
        now = self._clock.now()
        snapshot = Snapshot(
            new_id(),
            name,
            None,
            state="snapshotting",
            cpu=record.cpu,
            memory=record.memory,
            disk=record.disk,
            gpu=record.gpu,
            gpu_type=record.gpu_type,
            sandbox_class=record.sandbox_class,
            region_ids=[record.target],
            source_sandbox_id=record.id,
            ground=None if record.ground is None else replace(record.ground),
            created_at=now,
            updated_at=now,
        )
        self._catalogue.snapshots.add(snapshot)

    async def capture(self, record: SandboxRecord, name: str) -> None:
        """Make the snapshot that :meth:`admit_capture` let pass.

        Raises:
            OSError: something cannot be read or written; the snapshot says so too.
        """
        snapshot = self._catalogue.snapshot(name)
        if snapshot is None:  # deleted meanwhile
            return
        try:
            await self._keep(snapshot, record)
        except OSError as error:
            self._fail(snapshot, "error", f"the files could not be kept: {error}")
            raise

    async def make(self, snapshot: Snapshot) -> None:
        """Take in a new snapshot and make it: of its Dockerfile, or of an image."""
        is_build = snapshot.build_info is not None
        self._catalogue.snapshots.add(snapshot)
        if not is_build:
            await self._errands.run(snapshot.id, self._pull(snapshot))
            return
        self.logs.begin(snapshot.id)
        if self._errands.tempo.is_instant:
            self._change(snapshot, "building")  # a client asks for the log if it is told that there is a build
        await self._errands.run(snapshot.id, self._build(snapshot), is_awaited=False)

    async def remove(self, snapshot: Snapshot) -> None:
        """Remove a snapshot and its files; sandboxes that began with them keep theirs."""
        self._errands.cancel(snapshot.id)
        self._change(snapshot, "removing")
        await self._errands.run(snapshot.id, self._remove(snapshot))

    async def build_sandbox(self, _bodies: Bodies, record: SandboxRecord) -> None:
        """Build a new sandbox's body; its log says how.

        Raises:
            BuildFailedError: it could not be built, and nothing of it is left.
        """
        try:
            await self._build_body(record)
        except (DockerfileError, BuildFailedError, ContextError, OSError) as error:
            await self._bodies.destroy(record)
            raise await self._failed(record.id, error) from error
        finally:
            await self.logs.end(record.id)

    async def _build_body(self, record: SandboxRecord) -> None:
        """Follow a Dockerfile in a body that has nothing of its image yet, and end all that ran there."""
        log = self.logs.of(record.id)
        info = record.build_info or {}
        dockerfile = read_dockerfile(info.get("dockerfileContent", ""))
        bare = replace(record, ground=Ground(workdirs=list(dockerfile.workdirs)))
        async with self._context(record.id, info.get("contextHashes") or []) as context:
            await build(await self._bodies.open(bare), dockerfile, log, context)
        await self._bodies.renew(record)
        await log.say("Successfully built")

    @contextlib.asynccontextmanager
    async def _context(self, record_id: str, hashes: Sequence[str]) -> AsyncIterator[Path]:
        """Unpack what was pushed for a build, for as long as it goes on."""
        root = self._directory.context_root(record_id)

        def unpacked() -> None:
            found = {each: self._bucket.context(ORGANIZATION_ID, each) for each in hashes}
            if missing := next((each for each, file in found.items() if file is None), None):
                raise ContextError(f"the context {missing} is not in the object storage: it has to be pushed first")
            unpack([file for file in found.values() if file is not None], root)

        try:
            await asyncio.to_thread(unpacked)
            yield root
        finally:
            await asyncio.to_thread(remove_tree, root)

    async def _build(self, snapshot: Snapshot) -> None:
        scratch = SandboxRecord(id=snapshot.id, name=f"build of {snapshot.name}", build_info=snapshot.build_info)
        try:
            if not self._errands.tempo.is_instant:
                await self._errands.tempo.last(_PENDING_S)
                self._change(snapshot, "building")
            await asyncio.gather(self._build_body(scratch), self._errands.tempo.last(_BUILDING_S))
            await self._keep(snapshot, scratch)
        except (DockerfileError, BuildFailedError, ContextError, OSError) as error:
            self._fail(snapshot, "build_failed", str(await self._failed(snapshot.id, error)))
        finally:
            await self.logs.end(snapshot.id)
            await self._bodies.destroy(scratch)

    async def _pull(self, snapshot: Snapshot) -> None:
        await self._errands.tempo.last(_PENDING_S)
        self._change(snapshot, "pulling")
        await self._errands.tempo.last(_PULLING_S)
        try:
            check_base(snapshot.image or "")
        except DockerfileError as error:
            self._fail(snapshot, "error", str(error))
        else:
            self._change(snapshot, "active")

    async def _keep(self, snapshot: Snapshot, record: SandboxRecord) -> None:
        template = self._directory.template_root(snapshot.id)
        await self._bodies.keep_as_template(record, template)
        size = await asyncio.to_thread(_tidied_size, template, record)
        snapshot.has_files, snapshot.size = True, round(size / _GIB, 6)
        self._change(snapshot, "active")

    async def _remove(self, snapshot: Snapshot) -> None:
        await self._errands.tempo.last(_PENDING_S)
        await asyncio.to_thread(remove_tree, self._directory.template_root(snapshot.id))
        await self.logs.remove(snapshot.id)
        self._catalogue.snapshots.remove(snapshot)

    async def _failed(self, record_id: str, error: Exception) -> BuildFailedError:
        reason = failure(error)
        if self.logs.is_open(record_id):
            await self.logs.of(record_id).say(f"ERROR: {reason}")
        return reason

    def _fail(self, snapshot: Snapshot, state: str, reason: str) -> None:
        snapshot.error_reason = reason
        self._change(snapshot, state)

    def _change(self, snapshot: Snapshot, state: str) -> None:
        self._catalogue.snapshots.change(snapshot, state=state, updated_at=self._clock.now())


def _tidied_size(template: Path, record: SandboxRecord) -> int:
    """Return the bytes of a template, without the links that stand for volumes where nothing can be mounted."""
    for volume in record.volumes:
        target = PurePosixPath(volume["mountPath"])
        link = template / "home" / target.relative_to(HOME if target.is_relative_to(HOME) else "/")
        if link.is_symlink() and Path(link.parent.resolve()).is_relative_to(template.resolve()):
            link.unlink()
    return sum(file.lstat().st_size for file in template.rglob("*"))


def ground_for(dockerfile_text: str) -> Ground | None:
    """Return what a Dockerfile lays down; None for one that cannot be built, as its build will say."""
    try:
        return ground_of(read_dockerfile(dockerfile_text))
    except DockerfileError:
        return None
