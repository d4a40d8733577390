"""What the organisation keeps beside its sandboxes: snapshots, volumes, secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from daytona_tui.domain.ports.creation import ContextSender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from daytona_tui.domain.sandbox import Sandbox, SandboxId
    from daytona_tui.domain.secrets import SecretEntry, SecretId, SecretOrder
    from daytona_tui.domain.snapshots import Snapshot, SnapshotId, SnapshotOrder
    from daytona_tui.domain.volumes import Mount, Volume, VolumeId


class Snapshots(ContextSender, Protocol):
    """What sandboxes are made from."""

    async def snapshots(self) -> tuple[Snapshot, ...]:
        """Return every snapshot that the key can see, the last used first, Daytona's own last."""

    async def snapshot(self, id_or_name: str) -> Snapshot:
        """Return one snapshot.

        Raises:
            NotFoundError: none has this id or name.
        """

    async def create_snapshot(self, order: SnapshotOrder, contexts: tuple[str, ...] = ()) -> Snapshot:
        """Have a snapshot made of an image or a Dockerfile; it is pending or under way when this returns.

        ``contexts`` are the files for its build: digests that ``send_context`` was told.
        """

    async def snapshot_sandbox(self, sandbox_id: SandboxId, name: str) -> Sandbox:
        """Have a snapshot made of a sandbox, which is ``snapshotting`` meanwhile.

        Raises:
            ConflictError: its state does not allow it, or the name is taken.
            UnsupportedError: this server makes none of sandboxes.
        """

    def follow_snapshot_build(self, snapshot_id: SnapshotId) -> AsyncIterator[str]:
        """Yield the log of a build, cut anywhere, until the build is over.

        Raises:
            NotFoundError: nothing was built for it.
        """

    async def activate_snapshot(self, snapshot_id: SnapshotId) -> None:
        """Let sandboxes be made of an inactive snapshot again."""

    async def deactivate_snapshot(self, snapshot_id: SnapshotId) -> None:
        """Let no sandboxes be made of a snapshot for now."""

    async def delete_snapshot(self, snapshot_id: SnapshotId) -> None:
        """Delete a snapshot; sandboxes that were made of it stay. One that is gone already is a success."""


class Volumes(Protocol):
    """Directories that sandboxes share."""

    async def volumes(self) -> tuple[Volume, ...]:
        """Return every volume that is not deleted."""

    async def create_volume(self, name: str) -> Volume:
        """Have a volume made; it is pending when this returns."""

    async def delete_volume(self, volume_id: VolumeId) -> None:
        """Delete a volume and everything in it. One that is gone already is a success.

        Raises:
            ConflictError: a sandbox has it mounted.
        """

    async def mounts(self, sandbox_id: SandboxId) -> tuple[Mount, ...]:
        """Return what a sandbox has mounted; only its whole record tells, no list does."""


class Secrets(Protocol):
    """Names that stand for values. No value is ever told."""

    async def secrets(self) -> tuple[SecretEntry, ...]:
        """Return every secret, the newest first.

        Raises:
            UnsupportedError: this server has no secrets.
        """

    async def create_secret(self, order: SecretOrder) -> SecretEntry:
        """Make a secret."""

    async def update_secret(self, secret_id: SecretId, order: SecretOrder) -> SecretEntry:
        """Give a secret another value, description and other hosts; its name and placeholder stay."""

    async def delete_secret(self, secret_id: SecretId) -> None:
        """Delete a secret; sandboxes that have it see it no more. One that is gone already is a success."""


class Shelves(Snapshots, Volumes, Secrets, Protocol):
    """All three."""
