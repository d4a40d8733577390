"""The worker of an interpreter context: a program of its own, copied into the box, that knows nothing of this package.

Started as ``python3 interpreter_worker.py REPORTS``. Orders are lines of JSON on standard input, ``{"code", "envs"}``;
each is answered on the pipe REPORTS by one line of JSON, ``{"status", "error"}``. What the code and the programs
that it starts print goes to standard output and standard error as it is. As in the daemon nothing is shown of a last
expression, and ``exit()`` ends one run, not the context. SIGINT ends a run, and does nothing between runs.
"""

from __future__ import annotations

import contextlib
import json
import linecache
import os
import signal
import sys
import traceback
import types

LONGEST = 64 * 1024
"""Characters that are reported of an error."""
NAME = "<stdin>"
"""What tracebacks call the code."""


class Worker:
    """One namespace that lives from run to run."""

    def __init__(self) -> None:
        self.own = sys.modules["__main__"]
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module  # what the code defines is found there, by pickle for one
        self.names = module.__dict__
        self.is_running = False

    def interrupt(self, _number: int, _frame: types.FrameType | None) -> None:
        """End the present run, if there is one."""
        if self.is_running:
            raise KeyboardInterrupt

    def run(self, code: str, envs: dict[str, str]) -> dict[str, object]:
        """Run code in the namespace and return the report."""
        lines = code.splitlines(keepends=True)
        linecache.cache[NAME] = (len(code), None, lines, NAME)
        report: dict[str, object] = {"status": "completed"}
        before = {name: os.environ.get(name) for name in envs}
        os.environ.update(envs)
        try:
            self.is_running = True
            exec(compile(code, NAME, "exec", dont_inherit=True), self.names)
        except KeyboardInterrupt:
            report["status"] = "interrupted"
        except SystemExit:
            pass
        except BaseException as error:  # whatever it is, it is the code's
            self.is_running = False
            report["error"] = describe(error)
        finally:
            self.is_running = False
            restore(before)
        return report


def restore(before: dict[str, str | None]) -> None:
    """Set the environment back."""
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def describe(error: BaseException) -> dict[str, str]:
    """Return an error's name, text and traceback, the latter without the worker's own frames."""
    found = error.__traceback__
    while found is not None and found.tb_frame.f_code.co_filename != NAME:
        found = found.tb_next
    try:
        value = str(error)
        trace = "".join(traceback.format_exception(type(error), error, found))
    except Exception:  # the error's own __str__ fails, or it is nested beyond reason
        value, trace = "", f"{type(error).__name__}\n"
    return {"name": type(error).__name__, "value": value[:LONGEST], "traceback": trace[-LONGEST:]}


def settle() -> None:
    """Hand on what is still held of the output, also when the code has closed or replaced it."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            stream.flush()  # type: ignore[union-attr]


def main() -> None:
    """Take orders until there are no more."""
    worker = Worker()
    signal.signal(signal.SIGINT, worker.interrupt)
    orders = os.fdopen(os.dup(0), "r", encoding="utf-8", errors="replace")
    reports = os.open(sys.argv[1], os.O_WRONLY)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    sys.argv = [""]
    sys.path[0] = ""  # the directory of the code, not the worker's
    for line in orders:
        order = json.loads(line)
        try:
            report = worker.run(order["code"], order["envs"])
        except KeyboardInterrupt:  # it came as the run was ending
            worker.is_running = False
            report = {"status": "interrupted"}
        settle()
        os.write(reports, json.dumps(report).encode() + b"\n")


if __name__ == "__main__":
    main()
