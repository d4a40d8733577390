"""The keeper: the first process of a box, a program of its own that knows nothing of this package.

Started as ``python -I -S keeper.py MODE HOME TMP RUN HIDE`` with one end of a socket pair as standard input. It starts
programs on request, reaps every process of the box (also those that nobody waits for), reports how programs ended, and
ends everything when asked or when the socket closes, which it does when the emulator dies in whatever way.

``namespaces``: the keeper is process 1 of its own pid namespace, so the kernel ends the box with it. The host's files
are read-only there, /home holds the box's home and nothing else, /tmp is the box's own, HIDE (where the other boxes
live) is empty, and programs have a container's capabilities. ``plain``: a child subreaper; its descendants are the box.

Requests: a 4-byte length and a marshalled dict; a start request carries three file descriptors. Answers: text lines on
standard output: ``keeper PID``, ``ready``, ``pid ID PID``, ``fail ID STAGE ERRNO``, ``exit ID CODE``.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import marshal
import os
import select
import signal
import socket
import struct
import sys
import termios
import time
from typing import Any, NoReturn

GRACE_S = 2.0
KILL_S = 0.8
RUN_MARK = b"DAYTONA_RUN_ID="

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 0x1000, 0x4000, 1 << 18
AT_FDCWD, AT_RECURSIVE, ATTR_RDONLY, SYS_MOUNT_SETATTR = -100, 0x8000, 1, 442
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER = 1, 24, 36
CONTAINER_CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}


def libc_call(name: str, *arguments: Any) -> None:
    """Call a C function that answers 0, or raise OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Mount, with Python strings; raises OSError."""
    words = [None if word is None else word.encode() for word in (source, target, kind, data)]
    libc_call("mount", words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])


def set_read_only(path: str, read_only: bool) -> None:
    """Make a mount and those below it read-only or writable; raises OSError (kernels before 5.12 cannot)."""
    attributes = struct.pack("4Q", ATTR_RDONLY if read_only else 0, 0 if read_only else ATTR_RDONLY, 0, 0)
    libc_call("syscall", SYS_MOUNT_SETATTR, AT_FDCWD, path.encode(), AT_RECURSIVE, attributes, len(attributes))


def unshare() -> None:
    """Enter new mount and pid namespaces, with a user namespace where the caller may not do so by itself."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        with contextlib.suppress(PermissionError):
            libc_call("unshare", CLONE_NEWNS | CLONE_NEWPID)
            return
    libc_call("unshare", CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 - pathlib would cost a start-up import
            file.write(text)


def furnish(home: str, tmp: str, run: str, hide: str) -> None:
    """Give process 1 of the namespaces its view of the files."""
    # The directories are held open because what is mounted first may cover the way to the next.
    places = [f"/proc/self/fd/{os.open(path, os.O_PATH)}" for path in (home, tmp, run, hide)]
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV)
    with contextlib.suppress(OSError):
        set_read_only("/", True)
        set_read_only("/dev", False)
    mount("tmpfs", places[3], "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, "mode=755,size=64k")
    mount("tmpfs", "/home", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64k")
    for place, target in ((places[0], "/home/daytona"), (places[2], "/home/.daytona"), (places[1], "/tmp")):
        if target != "/tmp":
            os.mkdir(target, 0o755)  # noqa: PTH102
        mount(place, target, None, MS_BIND | MS_REC)
    with contextlib.suppress(OSError):
        set_read_only("/home", True)
        for target in ("/home/daytona", "/home/.daytona", "/tmp"):
            set_read_only(target, False)
    for capability in set(range(41)) - CONTAINER_CAPABILITIES:
        with contextlib.suppress(OSError):
            libc_call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)


def descend() -> None:
    """Become process 1 of new namespaces; the process that was started stays behind to wait for it."""
    unshare()
    pid = os.fork()
    if pid:
        say(f"keeper {pid}")
        os.close(0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.waitpid(pid, 0)
        os._exit(0)
    libc_call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def say(line: str) -> None:
    """Report one line; silence when nobody listens any more."""
    with contextlib.suppress(OSError):
        os.write(1, f"{line}\n".encode())


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


def become(request: dict[str, Any], fds: list[int], failure: int) -> NoReturn:
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

    def __init__(self, isolated: bool) -> None:
        self.isolated = isolated
        self.ids: dict[int, int] = {}  # running programs: pid -> request id
        self.pids: dict[int, int] = {}  # every program of the box's life: request id -> pid

    def start(self, request: dict[str, Any], fds: list[int]) -> None:
        """Start a program as leader of its own session and report its pid or failure."""
        listening, failure = os.pipe()
        pid = os.fork()
        if pid == 0:
            become(request, fds, failure)
        for fd in (failure, *fds):
            os.close(fd)
        problem = os.read(listening, 64).decode()
        os.close(listening)
        number = request["id"]
        if problem:
            os.waitpid(pid, 0)
            say(f"fail {number} {problem}")
            return
        self.ids[pid], self.pids[number] = number, pid
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

    def processes(self) -> dict[int, tuple[int, int, int]]:
        """Return the living processes of the box: pid -> (parent, session, terminal or 0)."""
        table: dict[int, tuple[int, int, int]] = {}
        try:
            names = os.listdir("/proc")  # noqa: PTH208
        except OSError:  # no /proc on this system: only what was asked for is known
            return {pid: (os.getpid(), pid, 0) for pid in self.ids}
        for name in names:
            if name.isdigit():
                with contextlib.suppress(OSError, ValueError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                    fields = file.read().rpartition(b")")[2].split()
                    if fields[0] not in b"ZX":
                        table[int(name)] = (int(fields[1]), int(fields[3]), int(fields[4]))
        own = os.getpid()
        if self.isolated:
            table.pop(own, None)
            return table
        return {pid: table[pid] for pid in family({own}, table) if pid != own}

    def tree(self, number: int) -> set[int]:
        """Return what program ``number`` has started, also what left its session but kept its environment."""
        table = self.processes()
        leader, mark = self.pids.get(number), RUN_MARK + str(number).encode() + b"\0"
        roots = {
            pid for pid, (_parent, session, _terminal) in table.items() if leader is not None and session == leader
        }
        for pid, (parent, _session, _terminal) in table.items():
            if parent == os.getpid() and pid not in self.ids:
                with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123
                    if mark in file.read():
                        roots.add(pid)
        return family(roots, table)

    def kill_tree(self, number: int) -> None:
        """Kill a program and what it started, until nothing of it is left."""
        deadline = time.monotonic() + KILL_S
        while (victims := self.tree(number)) and time.monotonic() < deadline:
            signal_all(victims, signal.SIGKILL)
            self.pause()

    def finish(self, force: bool) -> NoReturn:
        """End every process of the box, then the keeper."""
        if not force:
            table = self.processes()
            signal_all(set(table), signal.SIGTERM)
            # Interactive shells ignore SIGTERM; what makes them go is that their terminal does.
            signal_all({pid for pid, (_parent, _session, terminal) in table.items() if terminal}, signal.SIGHUP)
            signal_all(set(table), signal.SIGCONT)
            deadline = time.monotonic() + GRACE_S
            while self.processes() and time.monotonic() < deadline:
                self.pause()
        deadline = time.monotonic() + KILL_S
        while (victims := set(self.processes())) and time.monotonic() < deadline:
            signal_all(victims, signal.SIGKILL)
            self.pause()
        self.reap()
        os._exit(0)

    def pause(self) -> None:
        """Give signalled processes a moment to die, and reap them."""
        time.sleep(0.004)
        self.reap()


def family(roots: set[int], table: dict[int, tuple[int, int, int]]) -> set[int]:
    """Return ``roots`` and all their descendants in ``table``."""
    children: dict[int, list[int]] = {}
    for pid, (parent, _session, _terminal) in table.items():
        children.setdefault(parent, []).append(pid)
    found, todo = set(roots), list(roots)
    while todo:
        for child in children.get(todo.pop(), ()):
            if child not in found:
                found.add(child)
                todo.append(child)
    return found


def signal_all(pids: set[int], number: int) -> None:
    """Send a signal to each process that still exists."""
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def serve(keeper: Keeper, control: socket.socket) -> NoReturn:
    """Answer requests and reap children until told to finish or left alone."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a Ctrl+C in the terminal is the emulator's to answer
    say("ready")
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
        request, fds = received
        if request["op"] == "start":
            keeper.start(request, fds)
        elif request["op"] == "kill":
            keeper.kill_tree(request["id"])
        elif request["op"] == "finish":
            keeper.finish(request["force"])


def main() -> NoReturn:
    """Set up the box named by the arguments and serve it."""
    mode, home, tmp, run, hide = sys.argv[1:]
    isolated = mode == "namespaces"
    if isolated:
        descend()
        furnish(home, tmp, run, hide)
    elif sys.platform == "linux":
        libc_call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Standard input moves out of the way of programs, which get their own.
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0, inheritable=False)
    serve(Keeper(isolated), control)


if __name__ == "__main__":
    main()
