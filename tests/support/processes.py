"""Commands that look at a sandbox's processes with nothing but a shell: a fresh machine has no procps."""

from __future__ import annotations

import shlex

_MARK = "DAYTONA_SANDBOX_ID"
_OWN = f'[ "$(tr "\\0" "\\n" 2>/dev/null <"$dir/environ" | grep "^{_MARK}=")" = "{_MARK}=${_MARK}" ]'


def running(*programs: str) -> str:
    """Return a command that prints the process id of everything in its own sandbox that was started as one of these."""
    wanted = " | ".join(shlex.quote(f"{program} ") for program in programs)
    return (
        "for dir in /proc/[0-9]*; do "
        'case "$(tr "\\0" " " 2>/dev/null <"$dir/cmdline")" in '
        f'({wanted}) {_OWN} && echo "${{dir#/proc/}}";; esac; done; true'
    )


def children(pid: str) -> str:
    """Return a command that prints the process ids of the children of ``pid``."""
    return (
        'for stat in /proc/[0-9]*/stat; do read -r line 2>/dev/null <"$stat" || continue; '
        f'set -- ${{line##*) }}; [ "$2" = {shlex.quote(pid)} ] && echo "${{line%% *}}"; done; true'
    )
