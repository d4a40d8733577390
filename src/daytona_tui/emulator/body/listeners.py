"""Which ports the processes of a box listen on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

_PROC = Path("/proc")
_LISTENING = b"0A"
_SOCKET = "socket:["


def listening_ports(keeper: int, pids: Iterable[int]) -> set[int]:
    """Return the TCP ports that any of these processes listens on; blocks while it reads /proc.

    The network's table lists every listener with the number of its socket, a process's descriptors say which sockets
    it holds: a box that shares the host's network is told apart from the host in this way.

    Args:
        keeper: the box's first process, whose network is meant.
        pids: the box's processes.
    """
    ports = dict(_listeners(keeper))
    if not ports:
        return set()
    held = {inode for pid in pids for inode in _sockets(pid)}
    return {port for inode, port in ports.items() if inode in held}


def _listeners(keeper: int) -> Iterator[tuple[bytes, int]]:
    """Yield socket number and port of every listener in the network of a process."""
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / str(keeper) / "net" / table).read_bytes().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING:
                yield fields[9], int(fields[1].rpartition(b":")[2], 16)


def _sockets(pid: int) -> Iterator[bytes]:
    """Yield the number of every socket that a process holds."""
    try:
        for entry in (_PROC / str(pid) / "fd").iterdir():
            try:
                target = str(entry.readlink())
            except OSError:
                continue
            if target.startswith(_SOCKET):
                yield target[len(_SOCKET) : -1].encode()
    except OSError:
        return
