"""Snapshots: listed, made of images, Dockerfiles and sandboxes, switched on and off, deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from daytona_tui.client.build_logs import NOT_BUILT, BuildLogsPart, address_in
from daytona_tui.client.loading import Sdk
from daytona_tui.client.mapping import sandbox_from
from daytona_tui.client.records import RecordsPart
from daytona_tui.client.shelf_mapping import required, rows_from, snapshot_from
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.snapshots import Snapshot, SnapshotId, SnapshotOrder, problems
from daytona_tui.errors import MisuseError, NotFoundError, UnsupportedError

if TYPE_CHECKING:
    from daytona_api_client_async import SnapshotsApi

_PAGE = 100
_MOST_PAGES = 100
"""More than any organisation has: what comes after them would be a server that does not end."""

_NO_SWITCH = "this server has no way to switch snapshots on and off"
_DOING = "following the build of a snapshot"


class SnapshotsPart(BuildLogsPart, RecordsPart):
    """Implements ``Snapshots``."""

    async def snapshots(self) -> tuple[Snapshot, ...]:
        """Return every snapshot, read page by page."""
        found: dict[SnapshotId, Snapshot] = {}
        for page in range(1, _MOST_PAGES + 1):
            async with self._link.calling("listing the snapshots", needs=Ability.SNAPSHOTS) as sdk:
                call = _api(sdk).get_all_snapshots_without_preload_content(page=page, limit=_PAGE)
                told = await self._ask_api(call)
            rows = rows_from(told, "snapshots", snapshot_from)
            found |= {each.id: each for each in rows}
            pages = told.get("totalPages") if isinstance(told, dict) else None
            if not rows or not isinstance(pages, int) or page >= pages:
                break
        return tuple(found.values())

    async def snapshot(self, id_or_name: str) -> Snapshot:
        """Return one snapshot."""
        if not id_or_name.strip("."):  # dots alone would become another address on their way
            raise NotFoundError("no snapshot is called so", source="api")
        async with self._link.calling("reading the snapshot", needs=Ability.SNAPSHOTS) as sdk:
            told = await self._ask_api(_api(sdk).get_snapshot_without_preload_content(id_or_name))
        return required(snapshot_from(told), "snapshot")

    async def create_snapshot(self, order: SnapshotOrder, contexts: tuple[str, ...] = ()) -> Snapshot:
        """Have a snapshot made."""
        wrong = problems(order)
        if wrong:
            field, words = next(iter(wrong.items()))
            raise MisuseError(f"{field.replace('_gib', '').replace('_', ' ')}: {words}")
        async with self._link.calling("making the snapshot", needs=Ability.SNAPSHOTS) as sdk:
            from daytona_api_client_async import CreateBuildInfo, CreateSnapshot

            built = None
            if order.dockerfile:
                built = CreateBuildInfo(dockerfile_content=order.dockerfile, context_hashes=list(contexts) or None)
            said = {
                "name": order.name,
                "image_name": order.image or None,
                "build_info": built,
                "entrypoint": list(order.entrypoint) or None,
                "cpu": order.cpu,
                "memory": order.memory_gib,
                "disk": order.disk_gib,
                "gpu": order.gpu,
                "region_id": order.region or sdk.connection.target or None,
                "sandbox_class": order.sandbox_class or None,
            }
            body = CreateSnapshot.model_validate({key: value for key, value in said.items() if value is not None})
            told = await self._ask_api(_api(sdk).create_snapshot_without_preload_content(body))
        return required(snapshot_from(told), "snapshot")

    async def snapshot_sandbox(self, sandbox_id: SandboxId, name: str) -> Sandbox:
        """Have a snapshot made of a sandbox."""
        doing = "making a snapshot of the sandbox"
        async with self._link.calling(doing, needs=Ability.SNAPSHOT_OF_SANDBOX) as sdk:
            from daytona_api_client_async import CreateSandboxSnapshot

            body = CreateSandboxSnapshot(name=name)
            call = sdk.sandboxes.create_sandbox_snapshot_without_preload_content(sandbox_id, body)
            told = await self._ask_api(call)
        return sandbox_from(told) or await self.get(sandbox_id)

    async def follow_snapshot_build(self, snapshot_id: SnapshotId) -> AsyncIterator[str]:
        """Yield the log of a build, cut anywhere, until the build is over."""

        async def goes_on() -> bool:
            return not (await self.snapshot(snapshot_id)).state.is_settled

        try:
            async with self._link.calling(_DOING) as sdk:
                call = _api(sdk).get_snapshot_build_logs_url_without_preload_content(snapshot_id)
                url = address_in(await self._ask_api(call), sdk)
        except NotFoundError as error:
            if NOT_BUILT not in error.message:
                raise
            hint = "it was made of an image or of a sandbox"
            raise NotFoundError("nothing was built for this snapshot", hint=hint, source="api", status=404) from None
        except UnsupportedError:  # an older server, which sends the log itself
            url = f"{sdk.connection.api_url.rstrip('/')}/snapshots/{quote(snapshot_id, safe='')}/build-logs"
        async with aclosing(self._follow_at(url, goes_on)) as texts:
            async for text in texts:
                yield text

    async def activate_snapshot(self, snapshot_id: SnapshotId) -> None:
        """Let sandboxes be made of it again."""
        await self._switch(
            "activating the snapshot", lambda api: api.activate_snapshot_without_preload_content, snapshot_id
        )

    async def deactivate_snapshot(self, snapshot_id: SnapshotId) -> None:
        """Let no sandboxes be made of it."""
        await self._switch(
            "deactivating the snapshot", lambda api: api.deactivate_snapshot_without_preload_content, snapshot_id
        )

    async def delete_snapshot(self, snapshot_id: SnapshotId) -> None:
        """Delete a snapshot."""
        try:
            async with self._link.calling("deleting the snapshot", needs=Ability.SNAPSHOTS) as sdk:
                await self._ask_api(_api(sdk).remove_snapshot_without_preload_content(snapshot_id))
        except NotFoundError:
            return

    async def _switch(
        self, doing: str, act: Callable[[SnapshotsApi], Callable[[str], Awaitable[Any]]], snapshot_id: SnapshotId
    ) -> None:
        try:
            async with self._link.calling(doing) as sdk:
                await self._ask_api(act(_api(sdk))(snapshot_id))
        except UnsupportedError as error:
            raise UnsupportedError(_NO_SWITCH, source="api", status=error.status) from None


def _api(sdk: Sdk) -> SnapshotsApi:
    from daytona_api_client_async import SnapshotsApi

    return SnapshotsApi(sdk.keys.api_client)
