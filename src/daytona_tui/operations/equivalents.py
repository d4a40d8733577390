"""The same act as a line for a shell: the ``daytona`` command where it has one, else ``curl``. Secrets are masked."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from urllib.parse import quote

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit, Verb
from daytona_tui.domain.lifetimes import in_safe_order
from daytona_tui.domain.masking import masked, masked_value
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.sizes import SizeEdit
from daytona_tui.operations.copy import sandbox_directory

_COMMANDS = {
    Verb.START: "start",
    Verb.STOP: "stop",
    Verb.PAUSE: "pause",
    Verb.ARCHIVE: "archive",
    Verb.DELETE: "delete",
}
_SETTERS = {
    "auto_stop_min": "autostop",
    "auto_pause_min": "autopause",
    "auto_archive_min": "autoarchive",
    "auto_delete_min": "autodelete",
    "ttl_min": "ttl",
}
_RESOURCES = {"cpu": "cpu", "memory_gib": "memory", "disk_gib": "disk"}
_MOST = 1500


def equivalent(deed: Deed, sandbox: Sandbox) -> str:
    """Return one line that does ``deed`` to ``sandbox``, which is as it was before.

    ``$DAYTONA_API_KEY`` and ``$DAYTONA_API_URL`` stand for themselves: the shell that runs the line knows them.
    """
    line = " && ".join(_lines(deed, sandbox))
    return line if len(line) <= _MOST else line[: _MOST - 1] + "…"


def _lines(deed: Deed, sandbox: Sandbox) -> Iterator[str]:
    match deed.verb:
        case Verb.FORCE_STOP:
            yield _curl("POST", sandbox, "stop?force=true")
        case Verb.RECOVER:
            yield _curl("POST", sandbox, "recover")
        case Verb.RESIZE:
            wanted = (deed.size or SizeEdit()).wanted
            yield _curl("POST", sandbox, "resize", json.dumps({_RESOURCES[name]: wanted[name] for name in wanted}))
        case Verb.FORK:
            yield _curl("POST", sandbox, "fork", json.dumps({"name": deed.fork_name} if deed.fork_name else {}))
        case Verb.LABELS:
            yield _curl("PUT", sandbox, "labels", _labels(deed.labels or LabelEdit(), sandbox))
        case Verb.LIFETIMES:
            edits = in_safe_order(sandbox, deed.lifetimes or LifetimeEdit())
            yield from (_curl("POST", sandbox, f"{_SETTERS[name]}/{minutes}") for name, minutes in edits)
        case Verb.EXECUTE:
            where = f"--cwd {shlex.quote(deed.cwd)} " if deed.cwd else ""
            yield f"daytona exec {shlex.quote(sandbox.id)} {where}-- sh -c {shlex.quote(masked(deed.command))}"
        case Verb.PULL:
            source = deed.source or "."
            into = f"{deed.destination}/{sandbox_directory(sandbox)}/"
            start = "--start " if deed.wakes else ""
            yield f"daytona-tui pull {start}{shlex.quote(sandbox.id)} {shlex.quote(source)} {shlex.quote(into)}"
        case _:
            yield f"daytona {_COMMANDS[deed.verb]} {shlex.quote(sandbox.id)}"


def _labels(edit: LabelEdit, sandbox: Sandbox) -> str:
    labels = {key: masked_value(key, value) for key, value in edit.applied_to(sandbox.labels).items()}
    return json.dumps({"labels": labels})


def _curl(method: str, sandbox: Sandbox, path: str, body: str = "") -> str:
    data = f" -H 'Content-Type: application/json' -d {shlex.quote(body)}" if body else ""
    address = f'"$DAYTONA_API_URL/sandbox/{quote(sandbox.id, safe="")}/{path}"'
    return f'curl -X {method} -H "Authorization: Bearer $DAYTONA_API_KEY"{data} {address}'
