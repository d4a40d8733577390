"""What sandboxes go through: each change is checked, announced, and then made on the way that the table gives it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from daytona_tui.emulator.accounts.quotas import Quotas
from daytona_tui.emulator.body.bodies import Bodies
from daytona_tui.emulator.clock import Tempo
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import FAILED, LOCAL_RUNNER, Fleet, SandboxRecord, new_id
from daytona_tui.emulator.life import transitions
from daytona_tui.emulator.life.journeys import Journeys
from daytona_tui.emulator.life.transitions import Step, Way, refuse, refuse_resize

_log = logging.getLogger(__name__)

_ACCEPTED_SECONDS = 0.12  # a change is accepted first, and begun a moment later
_INTACT = {"recoverable": True}  # its files are where they were: a recover begins again


class Capture(Protocol):
    """Whoever makes a snapshot of a sandbox."""

    def admit_capture(self, record: SandboxRecord, name: str) -> None:
        """Let a snapshot of ``record`` be made under ``name``, or raise ApiError."""

    async def capture(self, record: SandboxRecord, name: str) -> object:
        """Make it; the sandbox is in state ``snapshotting`` meanwhile."""


class Lifecycle:
    """Takes sandboxes through their changes, one at a time each.

    Args:
        fleet: the sandboxes.
        bodies: their files and processes.
        tempo: how long changes take; at an instant one they are complete before their request is answered.
        quotas: what the sandboxes may use; plenty by default.

    Attributes:
        templates: makes snapshots of sandboxes; None while nobody does.
    """

    def __init__(self, fleet: Fleet, bodies: Bodies, tempo: Tempo, quotas: Quotas | None = None) -> None:
        self.templates: Capture | None = None
        self._quotas = quotas or Quotas(fleet)
        self._fleet = fleet
        self._bodies = bodies
        self._journeys = Journeys(fleet, bodies, tempo)

    async def create(self, record: SandboxRecord, way: Way = transitions.CREATE, *, is_awaited: bool = True) -> None:
        """Take in a new sandbox and bring it up.

        Args:
            record: the sandbox.
            way: how it comes up; an act that raises ``BuildFailedError`` leaves it ``build_failed``.
            is_awaited: whether it is up on return at the instant pace; a build is answered before it begins.

        Raises:
            ApiError: 400 past a quota.
        """
        self._quotas.admit(record)
        record.state, record.desired_state, record.pending = way[0].state, "started", True
        self._fleet.add(record)
        await self._journeys.travel(record, way, is_awaited=is_awaited)

    async def start(self, record: SandboxRecord) -> None:
        """Bring a sandbox up; nothing happens to one that is up.

        Raises:
            ApiError: 400 in a state that cannot be started or past a quota, 409 during another change.
        """
        if record.state == record.desired_state == "started":
            return
        refuse("start", record)
        self._quotas.admit(record)
        fields: dict[str, object] = {"desired_state": "started", "runner_id": LOCAL_RUNNER, "error_reason": None}
        if record.state != "paused":
            fields["auth_token"] = secrets.token_urlsafe(16)
        if record.backup_state != "Completed":
            fields["backup_state"] = "None"
        undo = {"state": "error", **_INTACT}
        await self._begin(record, transitions.WAYS_TO_START[record.state], undo, **fields)

    async def stop(self, record: SandboxRecord, *, force: bool = False) -> None:
        """Stop a sandbox: its processes end, its files stay. An ephemeral one is destroyed.

        Raises:
            ApiError: 400 in a state that cannot be stopped, 409 during another change.
        """
        refuse("stop", record)
        if record.is_ephemeral:
            await self.destroy(record)
        else:
            await self._begin(record, transitions.KILL if force else transitions.STOP, None, desired_state="stopped")

    async def pause(self, record: SandboxRecord) -> None:
        """Stop the processes of a virtual machine where they are; they keep their memory.

        Raises:
            ApiError: 400 in a state that cannot be paused, 409 during another change, 422 for a container.
        """
        refuse("pause", record)
        way, undo = transitions.PAUSE, {"state": "started", "desired_state": "started"}
        self._fleet.change(record, state="pausing", desired_state="paused", pending=True)
        await self._journeys.travel(record, way, undo=undo)

    async def archive(self, record: SandboxRecord) -> None:
        """Move a stopped sandbox to cold storage; a start turns that back, also while it is under way.

        Raises:
            ApiError: 400 when it is not stopped or is ephemeral, 409 during another change, 422 for a virtual machine.
        """
        refuse("archive", record)
        undo = {"state": "error", "desired_state": "stopped", "backup_state": "Error", **_INTACT}
        self._fleet.change(record, state="archiving", desired_state="archived")
        await self._journeys.travel(record, transitions.ARCHIVE, then={"runner_id": None}, undo=undo)

    async def recover(self, record: SandboxRecord, *, skip_start: bool = False) -> None:
        """Put right a sandbox whose error allows it, and start it.

        Raises:
            ApiError: 400 when its error does not, or it has none.
        """
        refuse("recover", record)
        self._quotas.admit(record)
        settled = {"state": "stopped", "desired_state": "stopped", "error_reason": None, "recoverable": False}
        self._fleet.change(record, **settled, backup_state="None")
        if not skip_start:
            await self.start(record)

    async def resize(self, record: SandboxRecord, wanted: Mapping[str, int]) -> None:
        """Give a sandbox other resources.

        Args:
            record: the sandbox.
            wanted: vCPUs as ``cpu``, GiB as ``memory`` and ``disk``; what is missing stays.

        Raises:
            ApiError: 400 where the state or a quota does not allow it, 409 during another change.
        """
        refuse("resize", record)
        refuse_resize(record, wanted)
        larger: dict[str, Any] = dict(wanted)
        self._quotas.admit(replace(record, **larger), instead_of=record)
        before = {"state": record.state}
        way = (Step("resizing", 0.8), Step(record.state))
        self._fleet.change(record, state="resizing", pending=True)
        await self._journeys.travel(record, way, then=larger, undo=before)

    async def snapshot(self, record: SandboxRecord, name: str) -> None:
        """Make a snapshot of a sandbox; it is itself again when that is done.

        Raises:
            ApiError: 400 in another state than started and stopped, 409 during another change or for a taken name.
        """
        refuse("snapshot", record)
        templates = self.templates
        if templates is None:
            raise ApiError(501, "The local emulator does not make snapshots of sandboxes here")
        templates.admit_capture(record, name)
        before = {"state": record.state}
        way = (Step("snapshotting", 1.5, lambda _, it: templates.capture(it, name)), Step(record.state))
        self._fleet.change(record, state="snapshotting", pending=True)
        await self._journeys.travel(record, way, undo=before)

    async def fork(self, record: SandboxRecord, name: str | None = None) -> SandboxRecord:
        """Make a second virtual machine of a running one: the same files and settings, a life of its own.

        Returns:
            The fork; it comes up while its parent is ``forking``.

        Raises:
            ApiError: 400 in another state or past a quota, 409 during another change or for a taken name, 422 for a
                container.
        """
        refuse("fork", record)
        if name and self._fleet.is_name_taken(name):
            raise ApiError(409, "Sandbox with this name already exists")
        fork = _forked(record, name, self._fleet.clock.now())
        self._quotas.admit(fork)
        self._fleet.change(record, state="forking", pending=True)
        self._fleet.add(fork)
        await self._journeys.fork(record, fork)
        return fork

    async def back_up(self, record: SandboxRecord) -> None:
        """Copy a sandbox's files to a safe place, while it goes on.

        Raises:
            ApiError: 400 for an ephemeral one, in a wrong state, or while another backup is made.
        """
        refuse("backup", record)
        self._fleet.change(record, backup_state="Pending")
        await self._journeys.back_up(record)

    async def destroy(self, record: SandboxRecord) -> None:
        """Destroy a sandbox and those that are linked to it; its name is free at once.

        Raises:
            ApiError: 400 while it has forks, 409 during another change, an earlier destruction too.
        """
        refuse("delete", record)
        if any(child.desired_state != "destroyed" for child in self._fleet.children(record)):
            words = "Cannot delete sandbox which has active fork children. The forks must be deleted first."
            raise ApiError(400, words)
        name = f"DESTROYED_{record.name}_{int(self._fleet.clock.now().timestamp() * 1000)}"
        if record.state in FAILED:
            # A failed sandbox keeps its state and vanishes from sight, as on a real server.
            self._fleet.change(record, name=name, desired_state="destroyed", backup_state="None")
            await self._bodies.destroy(record)
        else:
            fields = {"desired_state": "destroyed", "name": name, "backup_state": "None"}
            await self._begin(record, transitions.DESTROY, None, **fields)
        await self._destroy_linked(record)

    async def purge(self, record: SandboxRecord) -> None:
        """Forget a sandbox that failed, and remove its files."""
        await self._bodies.destroy(record)
        self._fleet.purge(record)

    async def close(self) -> None:
        """Abandon every change that is under way."""
        await self._journeys.close()

    async def _begin(self, record: SandboxRecord, way: Way, undo: Mapping[str, Any] | None, **fields: Any) -> None:
        self._journeys.give_up(record)
        self._fleet.change(record, **fields, pending=True)
        await self._journeys.travel(record, way, delay=_ACCEPTED_SECONDS, undo=undo)

    async def _destroy_linked(self, record: SandboxRecord) -> None:
        linked = [each for each in self._fleet.records.values() if each.linked_sandbox_id == record.id]
        for each in linked:
            try:
                await self.destroy(each)
            except ApiError as error:
                _log.warning("sandbox %s outlives the one it is linked to: %s", each.name, error.message)


def _forked(record: SandboxRecord, name: str | None, now: datetime) -> SandboxRecord:
    fork_id = new_id()
    return replace(
        record,
        id=fork_id,
        name=name or fork_id,
        parent_id=record.id,
        state="creating",
        desired_state="started",
        pending=True,
        labels=dict(record.labels),
        env=dict(record.env),
        volumes=[dict(volume) for volume in record.volumes],
        secret_names=dict(record.secret_names),
        backup_state="None",
        backup_created_at=None,
        auto_destroy_at=None,
        warm_pool_id=None,
        runner_id=LOCAL_RUNNER,
        signing_key=secrets.token_urlsafe(32),
        auth_token=secrets.token_urlsafe(16),
        created_at=now,
        updated_at=now,
        last_activity_at=now,
    )
