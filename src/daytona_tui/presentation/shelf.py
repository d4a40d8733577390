"""Snapshots, volumes and secrets in cells, lines and questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.secrets import SecretEntry, SecretUser
from daytona_tui.domain.snapshots import Snapshot, SnapshotState
from daytona_tui.domain.volumes import Volume, VolumeState, VolumeUser
from daytona_tui.presentation.human import age
from daytona_tui.presentation.questions import LISTED, NAMED, Question, named
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

_UNKNOWN = Cell("—", Tone.FAINT)

_SNAPSHOT_LOOKS: Mapping[SnapshotState, tuple[str, Tone]] = {
    SnapshotState.ACTIVE: ("●", Tone.GOOD),
    SnapshotState.INACTIVE: ("○", Tone.DIM),
    SnapshotState.ERROR: ("✗", Tone.BAD),
    SnapshotState.BUILD_FAILED: ("✗", Tone.BAD),
    SnapshotState.UNKNOWN: ("?", Tone.WARN),
}
_VOLUME_LOOKS: Mapping[VolumeState, tuple[str, Tone]] = {
    VolumeState.READY: ("●", Tone.GOOD),
    VolumeState.DELETED: ("✗", Tone.FAINT),
    VolumeState.ERROR: ("✗", Tone.BAD),
    VolumeState.UNKNOWN: ("?", Tone.WARN),
}
_BUSY = ("◐", Tone.BUSY)


def snapshot_state(snapshot: Snapshot) -> str:
    """Return the state as a person says it; an unknown one as the server spelt it."""
    if snapshot.state is SnapshotState.UNKNOWN:
        return safe(snapshot.state_word) or "unknown"
    return snapshot.state.value.replace("_", " ")


def volume_state(volume: Volume) -> str:
    """Return the state as a person says it; an unknown one as the server spelt it."""
    if volume.state is VolumeState.UNKNOWN:
        return safe(volume.state_word) or "unknown"
    return volume.state.value.replace("_", " ")


def ago(at: datetime | None, now: datetime, none: str = "—") -> str:
    """Return how long ago a moment was, in one unit."""
    return none if at is None else age((now - at).total_seconds())


def sandboxes(many: int) -> str:
    """Return how many, in words: ``1 sandbox``, ``2 sandboxes``."""
    return f"{many:,} sandbox{'' if many == 1 else 'es'}"


def unseen(many: int) -> str:
    """Return of how many sandboxes nobody knows which secrets they have, and why."""
    return f"of {sandboxes(many)} nothing is known: only what runs can be looked into"


def gib(size: float | None) -> str:
    """Return a size in GiB in few digits: ``0.02``, ``1.4``, ``120``."""
    if size is None:
        return "—"
    if 0 < size < 0.01:
        return "<0.01"
    return f"{size:.2f}" if size < 1 else f"{size:.1f}" if size < 100 else f"{size:,.0f}"


def shape_of(snapshot: Snapshot) -> str:
    """Return how large sandboxes made from it are: processors, GiB of memory, GiB of disk."""
    sizes = snapshot.resources
    told = (sizes.cpu, sizes.memory_gib, sizes.disk_gib)
    return "/".join("—" if each is None else str(each) for each in told) + (f" +{sizes.gpu} GPU" if sizes.gpu else "")


def origin_of(snapshot: Snapshot, source: str = "") -> str:
    """Return what it was made from; ``source`` is the name of the sandbox, where that is known."""
    if not snapshot.dockerfile and snapshot.source_sandbox_id:
        return f"sandbox {safe(source or snapshot.source_sandbox_id[:8])}"
    return safe(snapshot.origin) or "—"


def last_use(snapshot: Snapshot, users: int, now: datetime) -> str:
    """Return how long ago it was used; where the server does not tell, never is said only if nobody uses it."""
    return ago(snapshot.last_used_at, now, "—" if users else "never")


def snapshot_cells(snapshot: Snapshot, users: int, now: datetime) -> tuple[Cell, ...]:
    """Return state, name, users, last use, size, shape, origin and age of a snapshot."""
    mark, tone = _SNAPSHOT_LOOKS.get(snapshot.state, _BUSY)
    name_tone = Tone.DIM if snapshot.is_general else Tone.NEUTRAL
    used = Tone.FAINT if snapshot.last_used_at is None else Tone.NEUTRAL
    return (
        Cell(f"{mark} {snapshot_state(snapshot)}", tone),
        Cell(safe(snapshot.name), name_tone, is_name=True),
        Cell(f"{users:,}" if users else "—", Tone.NEUTRAL if users else Tone.FAINT),
        Cell(last_use(snapshot, users, now), used),
        Cell(gib(snapshot.size_gib), Tone.DIM),
        Cell(shape_of(snapshot), Tone.DIM),
        Cell(origin_of(snapshot), Tone.DIM, is_name=True),
        Cell(ago(snapshot.created_at, now), Tone.DIM),
    )


def snapshot_about(snapshot: Snapshot, users: Sequence[Sandbox], now: datetime) -> tuple[str, ...]:
    """Return what is known of a snapshot, in lines; why it failed first."""
    lines = [f"{safe(snapshot.name)}  {safe(snapshot.id)}" + ("  Daytona's own" if snapshot.is_general else "")]
    if snapshot.error_reason:
        lines.append(f"failed: {safe(snapshot.error_reason)}")
    lines.append(users_line(users, "used by", "no sandbox that is there was made from it"))
    parts = [
        f"from {origin_of(snapshot)}",
        snapshot.sandbox_class,
        f"in {', '.join(snapshot.regions)}" if snapshot.regions else "",
        f"starts {' '.join(snapshot.entrypoint)}" if snapshot.entrypoint else "",
        f"made {ago(snapshot.created_at, now)} ago" if snapshot.created_at else "",
    ]
    lines.append(" · ".join(safe(part) for part in parts if part))
    return tuple(lines)


def users_line(users: Sequence[Sandbox], doing: str, none: str) -> str:
    """Return who uses something, in a line: how many, and the first of them by name."""
    if not users:
        return none
    return f"{doing} {len(users):,}: {named([safe(each.name) for each in users])}"


def snapshot_deletion(snapshot: Snapshot, users: Sequence[Sandbox], now: datetime) -> Question:
    """Return the question before a snapshot is deleted: who was made from it, and when it was used last."""
    several = len(users) > 1
    uses = (
        f"{sandboxes(len(users))} {'were' if several else 'was'} made from it and {'stay' if several else 'stays'}"
        " as they are: " + named([safe(each.name) for each in users])
        if users
        else "No sandbox that is there was made from it."
    )
    never = "When it was used last is not known." if users else "It was never used."
    last = f"Last used {ago(snapshot.last_used_at, now)} ago." if snapshot.last_used_at else never
    size = f"{gib(snapshot.size_gib)} GiB" if snapshot.size_gib is not None else ""
    lines = ("  ".join(part for part in (safe(snapshot.name), snapshot_state(snapshot), size) if part), last)
    return Question(
        f"Delete the snapshot {safe(snapshot.name)}?",
        lines,
        "No sandbox can be made from it any more; nothing brings it back.",
        yes="Delete 1 snapshot",
        cautions=uses if users else "",
        effect="" if users else uses,
    )


def volume_cells(volume: Volume, users: Sequence[VolumeUser] | None, now: datetime) -> tuple[Cell, ...]:
    """Return state, name, users, who they are, last use and age of a volume; None: not known yet."""
    mark, tone = _VOLUME_LOOKS.get(volume.state, _BUSY)
    return (
        Cell(f"{mark} {volume_state(volume)}", tone),
        Cell(safe(volume.name), is_name=True),
        Cell("…" if users is None else f"{len(users):,}" if users else "—", Tone.NEUTRAL if users else Tone.FAINT),
        Cell(named([safe(each.sandbox.name) for each in users]) if users else "", Tone.DIM),
        Cell(ago(volume.last_used_at, now, "never"), Tone.NEUTRAL if volume.last_used_at else Tone.FAINT),
        Cell(ago(volume.created_at, now), Tone.DIM),
    )


def volume_about(volume: Volume, users: Sequence[VolumeUser] | None, unread: int, now: datetime) -> tuple[str, ...]:
    """Return what is known of a volume, in lines."""
    lines = [f"{safe(volume.name)}  {safe(volume.id)}"]
    if volume.error_reason:
        lines.append(f"failed: {safe(volume.error_reason)}")
    if users is None:
        lines.append("who has it mounted is being read …")
    elif users:
        lines += [f"mounted by {_mount_line(each)}" for each in users[:LISTED]]
        if len(users) > LISTED:
            lines.append(f"and by {len(users) - LISTED:,} more")
    else:
        lines.append("nobody has it mounted")
    if unread:
        lines.append(f"{sandboxes(unread)} could not be asked")
    if volume.last_used_at:
        lines.append(f"last used {ago(volume.last_used_at, now)} ago")
    return tuple(lines)


def _mount_line(user: VolumeUser) -> str:
    places = ", ".join(
        safe(each.path) + (f" (its {safe(each.subpath)})" if each.subpath else "") for each in user.mounts
    )
    return f"{safe(user.sandbox.name)} at {places}"


def volume_deletion(volume: Volume, users: Sequence[VolumeUser] | None, unread: int, now: datetime) -> Question:
    """Return the question before a volume is deleted."""
    last = f"Last used {ago(volume.last_used_at, now)} ago." if volume.last_used_at else "It was never used."
    cautions = ""
    if users is None or unread:
        who = "who has it mounted" if users is None else f"what {sandboxes(unread)} may have mounted"
        cautions = f"Not known: {who}. Daytona refuses where a sandbox has it."
    lines = [f"{safe(volume.name)}  {volume_state(volume)}", last]
    lines += [_mount_line(each) for each in (users or ())[:NAMED]]
    return Question(
        f"Delete the volume {safe(volume.name)}?",
        tuple(lines),
        "Everything in it is gone; nothing brings it back.",
        yes="Delete 1 volume",
        cautions=cautions,
        effect="" if users or users is None else "Nobody has it mounted.",
    )


def secret_cells(secret: SecretEntry, users: Sequence[SecretUser] | None, now: datetime) -> tuple[Cell, ...]:
    """Return name, users, hosts, description, last change and age of a secret; None: nobody looked."""
    return (
        Cell(safe(secret.name), is_name=True),
        Cell("?" if users is None else f"{len(users):,}" if users else "—", Tone.NEUTRAL if users else Tone.FAINT),
        Cell(safe(", ".join(secret.hosts)) or "any host", Tone.NEUTRAL if secret.hosts else Tone.WARN),
        Cell(safe(secret.description), Tone.DIM),
        Cell(ago(secret.updated_at, now), Tone.DIM),
        Cell(ago(secret.created_at, now), Tone.DIM),
    )


def secret_about(secret: SecretEntry, users: Sequence[SecretUser] | None, unread: int) -> tuple[str, ...]:
    """Return what is known of a secret, in lines. Its value is not known here, and never is."""
    lines = [f"{safe(secret.name)}  {safe(secret.id)}"]
    if secret.description:
        lines.append(safe(secret.description))
    lines.append(f"may go to {safe(', '.join(secret.hosts)) or 'any host'} · programs see {safe(secret.placeholder)}")
    if users is None:
        lines.append("no list tells who has it: enter looks into the sandboxes that run")
    elif users:
        lines.append(
            "seen in " + named([f"{safe(each.sandbox.name)} ({safe(', '.join(each.variables))})" for each in users])
        )
    else:
        lines.append("no sandbox that runs has it")
    if unread:
        lines.append(unseen(unread))
    return tuple(lines)


def secret_deletion(secret: SecretEntry, users: Sequence[SecretUser] | None, unread: int) -> Question:
    """Return the question before a secret is deleted."""
    lines = [f"{safe(secret.name)}  {safe(secret.description)}".rstrip()]
    lines += [
        f"{safe(each.sandbox.name)} has it in {safe(', '.join(each.variables))}" for each in (users or ())[:NAMED]
    ]
    has = f"{sandboxes(len(users))} {'has' if len(users) == 1 else 'have'} it" if users else ""
    unknown = unseen(unread) if unread else ""
    return Question(
        f"Delete the secret {safe(secret.name)}?",
        tuple(lines),
        "Its value is gone, and sandboxes that have it send nothing in its place any more.",
        yes="Delete 1 secret",
        cautions="; ".join(part for part in (has, unknown) if part),
        effect="" if users else "No sandbox that runs has it.",
    )
