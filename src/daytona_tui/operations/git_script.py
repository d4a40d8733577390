"""One look at a repository with the program git of the sandbox: it reads only, peeks, and runs nothing else.

A repository's own settings name programs that git runs while it only reads, such as a monitor, a pager or a program
that shows differences: none of them may. Nothing is fetched, and no lock is taken.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from daytona_tui.domain.ports import Inspector
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import NotFoundError, RemoteError

LOOK_S = 60


class NoGitError(NotFoundError):
    """There is no program git in the sandbox; its toolbox may know git all the same."""

    def __init__(self) -> None:
        super().__init__("the sandbox has no program git", hint="install it there", source="toolbox")


# T is a mark that nobody in the sandbox knows; g is git in a directory.
HEAD = r"""
command -v git > /dev/null || { printf '%s none\0' "$T"; exit 0; }
export GIT_ALLOW_PROTOCOL= GIT_NO_LAZY_FETCH=1 GIT_TERMINAL_PROMPT=0 GIT_PAGER=cat LC_ALL=C.UTF-8 LANGUAGE=en
g() {
  git -c safe.directory='*' -c core.fsmonitor= -c core.hooksPath=/dev/null -c log.showSignature=false \
    -c core.quotePath=false --literal-pathspecs --no-optional-locks -C "$@"
}
"""

_ONE = r"""
[ -d "$R" ] || { printf '%s gone\0' "$T"; exit 0; }
g "$R" rev-parse --git-dir > /dev/null 2>&1 || { printf '%s bare\0' "$T"; exit 0; }
printf '%s found\0' "$T"
{
@WORK@
} 2> /dev/null | head -c @MOST@
printf '%s done\0' "$T"
exit 0
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was told.

    Attributes:
        is_partial: it was cut off.
    """

    text: str
    is_partial: bool = False


async def look(
    gateway: Inspector, sandbox_id: SandboxId, path: str, work: str, *, most: int, words: Sequence[str] = ()
) -> Seen:
    """Return what ``work``, lines of shell, prints about the repository at ``path``, which they call ``$R``.

    Args:
        gateway: where the sandbox is.
        sandbox_id: which.
        path: absolute; a directory of a repository.
        work: reads only.
        most: bytes; the rest is cut off.
        words: the positional parameters of ``work``: anything that somebody named.

    Raises:
        NoGitError: there is no program git.
        NotFoundError: there is no repository.
        DaytonaTuiError: it could not be looked at.
    """
    mark = secrets.token_hex(12)
    script = HEAD + _ONE.replace("@MOST@", str(most)).replace("@WORK@", work)
    given = " ".join(map(shlex.quote, words))
    head = f"T={mark}; R={shlex.quote(path)}; set -- {given}"
    outcome = await gateway.look(sandbox_id, f"{head}\n{script}", timeout_s=LOOK_S)
    first, _, said = outcome.output.partition("\0")
    if first == f"{mark} none":
        raise NoGitError
    if first in (f"{mark} gone", f"{mark} bare"):
        raise NotFoundError(f"there is no repository at {path!r}", source="toolbox")
    if first != f"{mark} found" or f"{mark} done\0" not in said:
        raise RemoteError("looking at the repository came to nothing", source="toolbox")
    text = said[: said.rindex(f"{mark} done\0")]
    return Seen(text, len(text.encode("utf-8", "replace")) >= most)
