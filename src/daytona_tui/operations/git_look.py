"""How the files of a sandbox differ from what is committed: one look with git, where the sandbox has it."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Sequence

from daytona_tui.domain.git_marks import GitMarks
from daytona_tui.domain.ports import Inspector
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import UnsupportedError

MOST_BYTES = 2_000_000
"""Of what git says of each repository."""

_LOOK_S = 30

# T is a mark that nobody in the sandbox knows. A repository's own settings name programs that git runs while it only
# reads, such as a monitor: none of them may, nothing is fetched, and no lock is taken.
_SCRIPT = r"""
command -v git > /dev/null || exit 0
export GIT_ALLOW_PROTOCOL= GIT_NO_LAZY_FETCH=1 GIT_TERMINAL_PROMPT=0
g() { git -c safe.directory='*' -c core.fsmonitor= -c core.hooksPath=/dev/null --no-optional-locks -C "$@"; }
s=
for d; do
  t=$(g "$d" rev-parse --show-toplevel 2> /dev/null) || continue
  case "$s" in *"/:$t:"*) continue ;; esac
  s="$s/:$t:"
  printf '%s\0%s\0' "$T" "$t"
  g "$t" status --porcelain=v1 -z --ignored=traditional --untracked-files=normal 2> /dev/null | head -c @MOST@
  printf '\0'
done
exit 0
"""


async def git_marks(gateway: Inspector, sandbox_id: SandboxId, directories: Sequence[str]) -> GitMarks:
    """Return the marks of the repositories in which ``directories`` lie; none where there is no git. Peeks.

    Raises:
        DaytonaTuiError: it could not be looked at.
    """
    marks = GitMarks()
    mark = secrets.token_hex(12)
    words = " ".join(map(shlex.quote, directories))
    script = f"T={mark}; set -- {words}\n{_SCRIPT.replace('@MOST@', str(MOST_BYTES))}"
    try:
        outcome = await gateway.look(sandbox_id, script, timeout_s=_LOOK_S)
    except UnsupportedError:
        return marks
    for said in outcome.output.split(f"{mark}\0")[1:]:
        top, _, records = said.partition("\0")
        if top.startswith("/"):
            marks.add(top, records.split("\0"))
    return marks
