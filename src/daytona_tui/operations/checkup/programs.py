"""The programs of this machine that parts of the program need."""

from __future__ import annotations

import shutil

from daytona_tui.domain.checkup import Finding, ok, warn

_USES = {
    "ssh": "entering sandboxes by SSH is not possible",
    "git": "patches that are taken home cannot be tried, nor logins of git be found",
}


def program_findings(path: str | None = None) -> tuple[Finding, ...]:
    """Return which programs are missing.

    Args:
        path: directories that are searched, as in ``PATH``; None: those of this process.
    """
    missing = [name for name in _USES if shutil.which(name, path=path) is None]
    if not missing:
        return (ok("programs", f"{' and '.join(_USES)} are there"),)
    return tuple(warn("programs", f"{name} is not installed: {_USES[name]}", f"install {name}") for name in missing)
