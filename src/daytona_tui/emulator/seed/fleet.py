"""A fleet of any size for measuring and for long lists: the same rows each time, ages apart."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from daytona_tui.emulator.fleet.records import SandboxRecord, utcnow
from daytona_tui.emulator.seed.planting import Planting

_STATES = (
    ("started",) * 45
    + ("stopped",) * 32
    + ("archived",) * 15
    + ("error",) * 4
    + ("build_failed",) * 2
    + ("paused",) * 2
)
_SNAPSHOTS = (
    ("daytona-small", 1, 1, 3),
    ("daytona-medium", 2, 4, 8),
    ("daytona-large", 4, 8, 10),
)
_OWNERS = ("harbor", "inspect", "hermes", "agno", "plain")
_ADJECTIVES = ("amber", "brisk", "calm", "dusty", "eager", "fuzzy", "gentle", "hollow", "icy", "jolly", "keen", "lunar")
_NOUNS = ("otter", "falcon", "maple", "harbour", "comet", "badger", "lantern", "delta", "raven", "willow", "quartz")
_MILLISECONDS_A_MONTH = 30 * 24 * 3600 * 1000


def fleet(count: int) -> Sequence[Planting]:
    """Return ``count`` sandboxes in mixed states; their bodies are made when touched."""
    chance = random.Random(226)
    now = utcnow()
    return [Planting(_record(number, chance, now)) for number in range(count)]


def _record(number: int, chance: random.Random, now: datetime) -> SandboxRecord:
    digits = f"{chance.getrandbits(128):032x}"
    sandbox_id = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
    name = f"{chance.choice(_ADJECTIVES)}-{chance.choice(_NOUNS)}-{number:05d}"
    state = chance.choice(_STATES)
    snapshot, cpu, memory, disk = chance.choice(_SNAPSHOTS)
    created = now - timedelta(milliseconds=chance.randrange(_MILLISECONDS_A_MONTH))
    active = created + (now - created) * chance.random()
    owner = chance.choice(_OWNERS)
    return SandboxRecord(
        id=sandbox_id,
        name=name,
        state=state,
        desired_state="started" if state in {"error", "build_failed"} else state,
        snapshot=snapshot,
        target=chance.choice(("us", "us", "eu")),
        labels=_labels(owner, number),
        cpu=cpu,
        memory=memory,
        disk=disk,
        sandbox_class="linux-vm" if state == "paused" else "container",
        auto_stop=0 if owner in {"harbor", "inspect", "hermes"} else 15,
        auto_delete=0 if owner == "harbor" else -1,
        error_reason="runner lost" if state == "error" else "image build failed" if state == "build_failed" else None,
        created_at=created,
        updated_at=active,
        last_activity_at=active.replace(microsecond=active.microsecond // 1000 * 1000),
    )


def _labels(owner: str, number: int) -> dict[str, str]:
    labels = {"code-toolbox-language": "python"}
    if owner == "harbor":
        labels |= {"harbor.managed": "true", "harbor.session_id": f"trial-{number // 8}__env"}
    elif owner == "inspect":
        labels |= {"created_by": "inspect-ai", "inspect_run_id": f"{number // 20:08x}"}
    elif owner == "hermes":
        labels |= {"hermes_task_id": f"task-{number}"}
    elif owner == "agno":
        labels |= {"created_by": "agno_daytona_toolkit", "persistent": "true"}
    return labels
