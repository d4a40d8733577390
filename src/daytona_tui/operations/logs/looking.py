"""One look into a sandbox for what its lists do not tell: how long outputs of commands are, and which logs lie there.

The daemon keeps the output of a command in ``sessions/SESSION/COMMAND/output.log`` below its own ``.daytona``, with a
file ``exit_code`` beside it once the command has ended. Where that is differs by deployment, and it may be nowhere:
then nothing is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from daytona_tui.domain.executions import ExecOutcome
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError

MOST_FILES = 200
"""Log files that are listed; a sandbox may have any number."""
FIND_S = 1
"""Seconds that may be spent looking for log files in one place."""
LOOK_S = 8
"""How long the look may take."""

_OUTPUT, _EXIT, _LOG = "output.log", "exit_code", "L"
_NUMBER = re.compile(r"[0-9]{1,18}")

# `stat`, `find` and `timeout` of busybox know these words. What is said of a file has its name last: it may hold
# anything but a line end. The files come last, and may take their time only as long as all of the look is in time.
# Where a sandbox shares /tmp and /var/log with others it says by these variables which part of them is its own.
_SCRIPT = f"""\
for base in "$HOME/.daytona/sessions" "$HOME/../.daytona/sessions" ~root/.daytona/sessions; do
  [ -d "$base" ] || continue
  find "$base" -maxdepth 3 -type f \\( -name {_OUTPUT} -o -name {_EXIT} \\) \\
    -exec stat -c '%s %Y %W %n' {{}} + 2>/dev/null
  break
done
limit=; command -v timeout >/dev/null && limit='timeout {FIND_S}'
for place in /logs "${{LOGS_DIRECTORY:-/var/log}}" "${{TMPDIR:-/tmp}}" "$PWD" \\
  "$HOME/.claude/projects" "$HOME/.codex/sessions"; do
  [ -d "$place" ] || continue
  $limit find "$place" -maxdepth 3 \\( -name node_modules -o -name .git -o -name .venv -o -path '*
*' \\) -prune -o \\
    -type f \\( -name '*.log' -o -path '/logs/*.txt' -o -name nohup.out -o -name syslog \\
    -o -name '*trajectory*.json*' -o -name 'rollout-*.jsonl' -o -path '*/.claude/projects/*.jsonl' \\) \\
    -exec stat -c '{_LOG} %s %Y %W %n' {{}} + 2>/dev/null
done | head -n {MOST_FILES}
:
"""


class Looker(Protocol):
    """The part of the gateway that a look needs."""

    async def look(self, sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
        """Run a script that only reads, without that counting as activity."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a file stands.

    Attributes:
        began_at: None where the file system does not tell.
    """

    size_bytes: int
    changed_at: datetime | None
    began_at: datetime | None = None


@dataclass(slots=True)
class Seen:
    """What a look found.

    Attributes:
        outputs: of commands, by ``(session, command)``. The sizes count what the daemon writes between lines too.
        ends: when commands ended.
        files: log files, by path: hostile text.
    """

    outputs: dict[tuple[str, str], Standing] = field(default_factory=dict)
    ends: dict[tuple[str, str], datetime] = field(default_factory=dict)
    files: dict[str, Standing] = field(default_factory=dict)


async def seen_in(looker: Looker, sandbox_id: SandboxId) -> Seen:
    """Look; what cannot be seen is not told. Peeks and never fails, save by cancellation."""
    try:
        outcome = await looker.look(sandbox_id, _SCRIPT, timeout_s=LOOK_S)
    except DaytonaTuiError:
        return Seen()
    return read_look(outcome.output.split("\n"))


def read_look(lines: Iterable[str]) -> Seen:
    """Return what the lines of a look say; what is not understood is left out."""
    seen = Seen()
    for line in lines:
        is_log = line.startswith(_LOG + " ")
        words = (line[2:] if is_log else line).split(" ", 3)
        if len(words) != 4 or not _NUMBER.fullmatch(words[0]) or not words[3].startswith("/"):
            continue
        standing = Standing(int(words[0]), _moment(words[1]), _moment(words[2]))
        if is_log:
            seen.files.setdefault(words[3], standing)
            continue
        _, session, command, name = ("", "", "", *words[3].split("/"))[-4:]
        if name == _OUTPUT:
            seen.outputs[session, command] = standing
        elif standing.changed_at is not None:
            seen.ends[session, command] = standing.changed_at
    return seen


def _moment(seconds: str) -> datetime | None:
    """Return a time; 0, ``-`` and ``?`` stand for one that the file system does not know."""
    if not _NUMBER.fullmatch(seconds) or not 0 < int(seconds) < 1 << 40:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError):
        return None
