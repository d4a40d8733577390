"""The keeper: the first process of a box, a program of its own that knows nothing of this package.

Started as ``python -I -S keeper.py MODE PIDS SYSCTL`` with one end of a socket pair as standard input. It starts
programs on request, reaps every process of the box (also those that nobody waits for), reports how programs ended, and
ends everything when asked or when the socket closes, which it does when the emulator dies in whatever way.

``bubblewrap``: the keeper is process 1 of a pid namespace that ``bwrap`` has made, so the kernel ends the box with it.
``plain``: a child subreaper; its descendants are the box. PIDS is the most processes that a box may have. SYSCTL is an
open descriptor of /proc/sys/kernel, through which process 1 reaches the limit of its namespace; -1 is none.

Requests: a 4-byte length and a marshalled dict; a start request carries three file descriptors. Answers: text lines on
standard output: ``ready``, ``pid ID PID``, ``fail ID STAGE ERRNO``, ``exit ID CODE``, ``done ID``. Descriptors that
were asked for come over the socket, with the request's ID in four bytes.

Opening a box waits for this program to be ready. It says so before its imports, which take longer than all the rest:
requests wait in the socket meanwhile. What is rarely needed (ctypes), or for names only (typing), stays out of them.
"""

from __future__ import annotations

import os
import sys


def tell(fd: int, data: bytes) -> None:
    """Write to ``fd``; silence when nobody listens any more."""
    try:
        os.write(fd, data)
    except OSError:
        return


def say(line: str) -> None:
    """Report one line."""
    tell(1, f"{line}\n".encode())


if __name__ == "__main__":
    tell(0, b"\0")  # from its sender's credentials the emulator learns by which pid it knows this process
    say("ready")

# ruff: noqa: E402
import contextlib
import fcntl
import marshal
import resource
import select
import signal
import socket
import struct
import termios
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NoReturn

GRACE_S = 2.0
KILL_S = 0.8
FREEZE_S = 1.0
RUN_MARK = b"DAYTONA_RUN_ID="
NOFILE = 1024, 65536
"""Open files of a program: what it may have, and how far it may raise that."""
SPARE = 24
"""Processes that programs leave to the keeper, so that it can go on starting some."""
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends; raises OSError."""
    import ctypes  # noqa: PLC0415 - process 1 does without

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def limit_namespace(pids: int, sysctl: int) -> None:
    """Limit the processes of this pid namespace: whose limit it is depends on who looks the name up."""
    with contextlib.suppress(OSError):
        limit = os.open("pid_max", os.O_WRONLY, dir_fd=sysctl)
        os.write(limit, str(pids).encode())
        os.close(limit)
    os.close(sysctl)


def limit_program(pids: int) -> None:
    """Set the limits of the program that this process is about to be."""
    wishes = ((resource.RLIMIT_CORE, 0, 0), (resource.RLIMIT_NOFILE, *NOFILE), (resource.RLIMIT_NPROC, pids, pids))
    for which, soft, hard in wishes:
        most = resource.getrlimit(which)[1]
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)  # noqa: PLW2901
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(which, (soft, hard))


def receive(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return the next request and its descriptors; None when the emulator has gone."""
    header, fds, _flags, _address = socket.recv_fds(control, 4, 3)
    for fd in fds:
        os.set_inheritable(fd, False)
    if len(header) < 4:
        return None
    (missing,) = struct.unpack("!I", header)
    body = bytearray()
    while missing > len(body):
        chunk = control.recv(missing - len(body))
        if not chunk:
            return None
        body += chunk
    return marshal.loads(bytes(body)), fds


def become(request: dict[str, Any], fds: list[int], failure: int, pids: int) -> NoReturn:
    """In a new child: be the requested program, or report the stage and errno on ``failure``."""
    stage = "exec"
    try:
        os.setsid()
        for target, fd in enumerate(fds):
            os.dup2(fd, target)
        if request["tty"]:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        for name in ("PIPE", "XFSZ", "INT", "TERM", "HUP", "CHLD"):  # what Python and serve() have changed
            signal.signal(getattr(signal, f"SIG{name}"), signal.SIG_DFL)
        limit_program(pids)
        stage = "cwd"
        os.chdir(request["cwd"])
        stage = "exec"
        os.execvpe(request["argv"][0], request["argv"], request["env"])
    except OSError as error:
        os.write(failure, f"{stage} {error.errno}".encode())
    finally:
        os._exit(127)


class Keeper:
    """The state of a running keeper: which request started which process."""

    def __init__(self, *, isolated: bool, pids: int) -> None:
        self.isolated = isolated
        self.limit = pids - SPARE
        self.ids: dict[int, int] = {}  # running programs: pid -> request id
        self.pids: dict[int, int] = {}  # programs of the box's life: request id -> pid
        self.numbers: dict[int, int] = {}  # and back, for the latest program of each pid
        self.frozen = False
        self.stopped: set[int] = set()  # what was stopped already when the box was frozen

    def start(self, request: dict[str, Any], fds: list[int]) -> None:
        """Start a program as leader of its own session and report its pid or failure."""
        number = request["id"]
        listening, failure = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:  # the box has as many processes as it may
            problem = f"fork {error.errno}"
        else:
            if pid == 0:
                become(request, fds, failure, self.limit)
            problem = ""
        for fd in (failure, *fds):
            os.close(fd)
        problem = problem or os.read(listening, 64).decode()
        os.close(listening)
        if problem:
            if not problem.startswith("fork"):
                os.waitpid(pid, 0)
            say(f"fail {number} {problem}")
            return
        self.pids.pop(self.numbers.get(pid, 0), None)  # the one who had this pid has gone
        self.ids[pid] = self.numbers[pid] = number
        self.pids[number] = pid
        say(f"pid {number} {pid}")

    def reap(self) -> None:
        """Collect every ended child and report those that were asked for."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            number = self.ids.pop(pid, None)
            if number is not None:
                code = os.waitstatus_to_exitcode(status)
                say(f"exit {number} {code if code >= 0 else 128 - code}")

    def processes(self) -> dict[int, tuple[int, int, int, bytes]]:
        """Return the living processes of the box: pid -> (parent, session, terminal or 0, state)."""
        table: dict[int, tuple[int, int, int, bytes]] = {}
        try:
            names = os.listdir("/proc")  # noqa: PTH208
        except OSError:  # no /proc on this system: only what was asked for is known
            return {pid: (os.getpid(), pid, 0, b"R") for pid in self.ids}
        for name in names:
            if name.isdigit():
                with contextlib.suppress(OSError, ValueError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                    fields = file.read().rpartition(b")")[2].split()
                    if fields[0] not in b"ZX":
                        table[int(name)] = (int(fields[1]), int(fields[3]), int(fields[4]), fields[0])
        own = os.getpid()
        if self.isolated:
            table.pop(own, None)
            return table
        return {pid: table[pid] for pid in family([own], table) if pid != own}

    def tree(self, number: int) -> list[int]:
        """Return what program ``number`` has started, also what left its session but kept its environment."""
        table = self.processes()
        leader, mark = self.pids.get(number), RUN_MARK + str(number).encode() + b"\0"
        roots = [pid for pid, row in table.items() if leader is not None and row[1] == leader]
        for pid, row in table.items():
            if row[0] == os.getpid() and pid not in self.ids:
                with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123
                    if mark in file.read():
                        roots.append(pid)
        return family(roots, table)

    def kill_tree(self, number: int) -> None:
        """Kill a program and what it started, until nothing of it is left."""
        deadline = time.monotonic() + KILL_S
        while (victims := self.tree(number)) and time.monotonic() < deadline:
            signal_all(victims, signal.SIGKILL)
            self.pause()

    def freeze(self) -> None:
        """Stop every process of the box, again until none is left that runs and might start another.

        Parents come first: a shell that still runs would see its child stop and take the terminal back.
        """
        deadline = time.monotonic() + FREEZE_S
        table = self.processes()
        if not self.frozen:
            self.frozen, self.stopped = True, {pid for pid, row in table.items() if row[3] in b"Tt"}
        while running := [pid for pid in family([os.getpid()], table) if pid in table and table[pid][3] not in b"Tt"]:
            signal_all(running, signal.SIGSTOP)
            if self.isolated:  # to all there are at one moment: nothing can start faster than that
                signal_all([-1], signal.SIGSTOP)
            if time.monotonic() > deadline:
                return
            time.sleep(0.002)
            table = self.processes()

    def thaw(self) -> None:
        """Let go on what :meth:`freeze` has stopped, children first."""
        if not self.frozen:
            return
        frozen = [pid for pid in family([os.getpid()], self.processes()) if pid not in self.stopped]
        signal_all(frozen[::-1], signal.SIGCONT)
        self.frozen = False

    def interrupt(self, number: int) -> None:
        """Send SIGINT to a program that still runs."""
        pid = self.pids.get(number)
        if pid in self.ids:
            signal_all({pid}, signal.SIGINT)

    def finish(self, force: bool) -> NoReturn:
        """End every process of the box, then the keeper."""
        if not force:
            table = self.processes()
            signal_all(table, signal.SIGTERM)
            # Interactive shells ignore SIGTERM; what makes them go is that their terminal does.
            signal_all([pid for pid, row in table.items() if row[2]], signal.SIGHUP)
            signal_all(table, signal.SIGCONT)
            deadline = time.monotonic() + GRACE_S
            while self.processes() and time.monotonic() < deadline:
                self.pause()
        if self.isolated:
            os._exit(0)  # and the kernel ends the rest
        self.freeze()  # what multiplies is caught only when it stands still
        deadline = time.monotonic() + KILL_S
        while (victims := self.processes()) and time.monotonic() < deadline:
            signal_all(victims, signal.SIGKILL)
            self.pause()
        self.reap()
        os._exit(0)

    def pause(self) -> None:
        """Give signalled processes a moment to die, and reap them."""
        time.sleep(0.004)
        self.reap()


def family(roots: list[int], table: dict[int, tuple[int, int, int, bytes]]) -> list[int]:
    """Return ``roots`` and all their descendants in ``table``, parents before children."""
    children: dict[int, list[int]] = {}
    for pid, row in table.items():
        children.setdefault(row[0], []).append(pid)
    found, known = list(roots), set(roots)
    for pid in found:  # grows while it is walked
        for child in children.get(pid, ()):
            if child not in known:
                known.add(child)
                found.append(child)
    return found


def signal_all(pids: Iterable[int], number: int) -> None:
    """Send a signal to each process that still exists."""
    own = os.getpid()
    for pid in pids:
        if pid != own:
            with contextlib.suppress(OSError):
                os.kill(pid, number)


def hand_out(control: socket.socket, request: dict[str, Any]) -> None:
    """Send descriptors made here: a socket of the box's network, or both ends of a terminal of its own."""
    number = struct.pack("!I", request["id"])
    fds: tuple[int, ...] = ()
    with contextlib.suppress(OSError):
        if request["op"] == "terminal":
            fds = os.openpty()
        else:
            fds = (socket.socket(request["family"], socket.SOCK_STREAM).detach(),)
    with contextlib.suppress(OSError):
        socket.send_fds(control, [number], fds)
    for fd in fds:
        os.close(fd)


def serve(keeper: Keeper, control: socket.socket) -> NoReturn:
    """Answer requests and reap children until told to finish or left alone."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a Ctrl+C in the terminal is the emulator's to answer
    while True:
        readable, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in readable:
            os.read(woken, 4096)
            keeper.reap()
        if control.fileno() not in readable:
            continue
        received = receive(control)
        if received is None:
            keeper.finish(force=True)
        answer(keeper, control, *received)


def answer(keeper: Keeper, control: socket.socket, request: dict[str, Any], fds: list[int]) -> None:
    """Do what is asked."""
    match request["op"]:
        case "start":
            keeper.start(request, fds)
        case "kill":
            keeper.kill_tree(request["id"])
        case "interrupt":
            keeper.interrupt(request["id"])
        case "freeze":
            keeper.freeze()
            say(f"done {request['id']}")
        case "thaw":
            keeper.thaw()
            say(f"done {request['id']}")
        case "socket" | "terminal":
            hand_out(control, request)
        case "finish":
            keeper.finish(request["force"])


def main() -> NoReturn:
    """Set up the box named by the arguments and serve it."""
    mode, pids, sysctl = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    isolated = mode == "bubblewrap"
    if isolated:
        if os.getpid() != 1:  # what ends a box here would end everything there
            sys.exit("this is not a namespace of its own")
        if sysctl >= 0:
            limit_namespace(pids, sysctl)
    elif sys.platform == "linux":
        adopt_orphans()
    # Standard input moves out of the way of programs, which get their own.
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0, inheritable=False)
    serve(Keeper(isolated=isolated, pids=pids), control)


if __name__ == "__main__":
    main()
