"""What only the whole record of a sandbox tells: network, volumes, backups, relatives; and the record itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from daytona_tui.domain.sandbox import Relatives, Sandbox
from daytona_tui.presentation.fields import Field, Section, text, untold
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

LINES = 400
"""Lines of the record that are shown; copying gives all of it."""

_NETWORK = {
    "networkAllowList": "allowed",
    "domainAllowList": "domains",
    "outboundProxyUrl": "proxy",
    "toolboxProxyUrl": "toolbox",
}
_OTHER = {
    "backupCreatedAt": "backed up",
    "daemonVersion": "daemon",
    "runnerId": "runner",
    "linkedSandboxId": "linked to",
    "queueTimeout": "queue",
    "spotEvictedAt": "evicted",
    "warmPoolId": "warm pool",
}


def record_text(record: Mapping[str, object]) -> str:
    """Return a record as JSON, as it is copied: the keys in the order of the server."""
    return json.dumps(record, indent=2, ensure_ascii=False, default=str)


def from_record(
    sandbox: Sandbox, record: Mapping[str, object] | None, unread: str, relatives: Relatives | None = None
) -> Iterator[Section]:
    """Yield the sections that take the whole record; while it is not there, why."""
    public = Field(
        "previews", Cell("public: anybody may open them" if sandbox.public else "private"), raw=str(sandbox.public)
    )
    if record is None:
        reason = Cell(unread or "reading …", Tone.FAINT)
        yield Section("Network", (public,))
        yield Section("Record", (Field("", reason, is_wide=True),))
        return
    yield Section("Network", (public, *_network(record)))
    yield Section("Storage and relatives", (*_storage(sandbox, record), *_relatives(relatives)))
    yield Section("Record  (Y copies it)", tuple(_lines(record)))


def _network(record: Mapping[str, object]) -> Iterator[Field]:
    blocked = record.get("networkBlockAll")
    if isinstance(blocked, bool):
        yield Field(
            "outbound", Cell("blocked" if blocked else "open", Tone.WARN if blocked else Tone.NEUTRAL), raw=str(blocked)
        )
    else:
        yield untold("outbound")
    for key, label in _NETWORK.items():
        if record.get(key):
            yield text(label, str(record[key]))


def _storage(sandbox: Sandbox, record: Mapping[str, object]) -> Iterator[Field]:
    volumes = record.get("volumes")
    if not isinstance(volumes, list):
        yield untold("volumes")
    elif not volumes:
        yield Field("volumes", Cell("none", Tone.DIM))
    else:
        for index, volume in enumerate(volumes):
            yield _volume("" if index else "volumes", volume)
    yield text("backup", sandbox.backup_state)
    for key, label in _OTHER.items():
        if record.get(key):
            yield text(label, str(record[key]))
    env = record.get("env")
    if isinstance(env, Mapping):
        names = ", ".join(sorted(map(str, env)))
        yield Field(
            "environment", Cell(safe(names) if names else "none", Tone.NEUTRAL if names else Tone.DIM), raw=names
        )


def _relatives(relatives: Relatives | None) -> Iterator[Field]:
    if relatives is None:
        return
    if relatives.parent is not None:
        yield text("forked from", relatives.parent.name or relatives.parent.id)
    for index, fork in enumerate(relatives.forks):
        yield text("" if index else "forks", fork.name or fork.id)
    if not relatives.forks:
        yield Field("forks", Cell("none", Tone.DIM))


def _volume(label: str, volume: object) -> Field:
    if not isinstance(volume, Mapping):
        return text(label, str(volume))
    at = f"{volume.get('mountPath', '?')} ← {volume.get('volumeId', '?')}"
    part = f" ({volume['subpath']})" if volume.get("subpath") else ""
    return text(label, f"{at}{part}")


def _lines(record: Mapping[str, object]) -> Iterator[Field]:
    lines = record_text(record).split("\n")
    for line in lines[:LINES]:
        yield Field("", Cell(safe(line), Tone.DIM), raw=line.strip(), is_wide=True)
    if len(lines) > LINES:
        yield Field("", Cell(f"… {len(lines) - LINES:,} more lines: Y copies all", Tone.FAINT), is_wide=True)
