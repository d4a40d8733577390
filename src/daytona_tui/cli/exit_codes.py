"""Exit codes, for scripts. ``exec`` returns the remote program's own code where there is one."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the program came to. Codes of errors stand in ``errors``; these names are for people and documents."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED_KEY = 4
    NOT_FOUND = 5
    INCOMPLETE = 6
    TIMED_OUT = 7
    INTERNAL = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


MEANINGS = {
    ExitCode.OK: "success",
    ExitCode.FAILED: "Daytona failed or refused, or the sandbox's state does not allow it",
    ExitCode.USAGE: "settings or usage are wrong",
    ExitCode.UNREACHABLE: "no answer, or asked to wait: worth another try",
    ExitCode.REFUSED_KEY: "the key is refused, or may not do this",
    ExitCode.NOT_FOUND: "no such sandbox or path",
    ExitCode.INCOMPLETE: "something could not be copied",
    ExitCode.TIMED_OUT: "not done in time; what was accepted may still happen",
    ExitCode.INTERNAL: "a mistake of this program; the diagnostics have the traceback",
    ExitCode.INTERRUPTED: "interrupted with ctrl+c",
    ExitCode.BROKEN_PIPE: "the reader of the output went away",
    ExitCode.TERMINATED: "ended by SIGTERM",
}
"""Every code with its meaning, in the order of the documents."""
