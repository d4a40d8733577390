"""A process that has loaded the program, and becomes a new one of it for each request.

A test of the command costs a process of its own, and that process spends most of its time on loading the same modules.
This one loads them once and forks. What a fork gets is what a started process gets: arguments, environment, directory,
the three streams, untouched signals; it ends as the interpreter does and leaves its exit status.

A request is one line of JSON with four open files: the three streams, and a pipe that is told the end. The answer is
the process id. The end of the socket ends the server, and with it whatever it has started. With a second argument the
screen is loaded, too.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
import termios
import threading
import time
from typing import Any

_LEFT_OUT = ("daytona_tui.emulator", "daytona_tui.__main__")
_SCREEN = "daytona_tui.ui"
# What is loaded when it is used first.
_USED_LATER = (
    "click._textwrap",
    "daytona._async.daytona",
    "daytona_api_client_async.api.api_keys_api",
    "daytona_api_client_async.api.organizations_api",
    "daytona_toolbox_api_client_async.api.port_api",
    "daytona_tui.ui.collector",
    "encodings.ascii",
)


def preload(*, with_screen: bool) -> None:
    """Load every module of the program that a subcommand may use, or the screen as well."""
    import daytona_tui

    left_out = _LEFT_OUT if with_screen else (*_LEFT_OUT, _SCREEN)
    if with_screen:
        os.environ["TEXTUAL_FPS"] = "120"  # read when Textual is loaded, and set before by the program
    for module in pkgutil.walk_packages(daytona_tui.__path__, "daytona_tui."):
        if not module.name.startswith(left_out):
            importlib.import_module(module.name)
    for name in _USED_LATER:
        importlib.import_module(name)
    _build_validators()


def _build_validators() -> None:
    """Build what checks the arguments of the SDK's calls: at the first call it would take milliseconds."""
    from pydantic._internal._validate_call import ValidateCallWrapper

    for each in gc.get_objects():
        if isinstance(each, ValidateCallWrapper) and each.qualname.endswith("_without_preload_content"):
            each._create_validators()


def serve(requests: socket.socket) -> None:
    """Fork for each request; return in the process that is to be the program, never in the server."""
    wake_up, wakes = os.pipe()
    for end in (wake_up, wakes):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl+c at the terminal of the tests is theirs
    news = selectors.DefaultSelector()
    news.register(requests, selectors.EVENT_READ)
    news.register(wake_up, selectors.EVENT_READ)
    reports: dict[int, int] = {}
    while True:
        ready = {key.fileobj for key, _ in news.select()}
        if wake_up in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(wake_up, 4096)
            _report_ends(reports)
        if requests not in ready:
            continue
        request, files = _next_request(requests)
        if request is None:
            for pid in reports:
                os.kill(pid, signal.SIGKILL)
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            news.close()
            requests.close()
            for end in (wake_up, wakes, files[3], *reports.values()):
                os.close(end)
            _become(request, files[:3])
            return
        reports[pid] = files[3]
        for file in files[:3]:
            os.close(file)
        requests.sendall(f"{pid}\n".encode())


def _next_request(requests: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    data, files, _, _ = socket.recv_fds(requests, 1 << 16, 4)
    while data and not data.endswith(b"\n"):
        data += requests.recv(1 << 16)
    return (json.loads(data) if data else None), files


def _report_ends(reports: dict[int, int]) -> None:
    while reports:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        report = reports.pop(pid)
        with contextlib.suppress(BrokenPipeError):  # nobody waits for it
            os.write(report, f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os.close(report)


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Make this process what the system and the interpreter make of a new one."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    if request["owns_terminal"]:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    sys.argv[:] = request["argv"]
    sys.stdin = sys.__stdin__ = _stream(0, sys.stdin)  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _stream(1, sys.stdout)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2, sys.stderr)  # type: ignore[misc]
    gc.enable()


def _stream(number: int, of_server: Any) -> io.TextIOWrapper:
    """Open a standard stream as the interpreter does."""
    raw = io.FileIO(number, "r" if number == 0 else "w", closefd=False)
    raw.name = ("<stdin>", "<stdout>", "<stderr>")[number]
    return io.TextIOWrapper(
        io.BufferedReader(raw) if number == 0 else io.BufferedWriter(raw),
        encoding=of_server.encoding,
        errors=of_server.errors,
        newline="\n",
        line_buffering=number == 2 or raw.isatty(),
    )


def _end(code: int) -> None:
    """End as the interpreter does, save that the loaded modules are not taken apart.

    That would touch every object of them and so copy all that a fork shares: ten times what a subcommand costs.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads
    atexit._run_exitfuncs()
    gc.collect()  # what was forgotten says so, as it does at the end of a process
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.exit(code)  # tells it, and has a code for it
    os._exit(code)


if __name__ == "__main__":
    gc.disable()  # a collection between two forks would write to memory that they share
    preload(with_screen=len(sys.argv) > 2)
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))

    from daytona_tui.cli.main import main

    _end(main())
