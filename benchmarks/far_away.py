"""A server that is further away than it is: a relay that delays what it hands on, and does not limit how much of it.

    python benchmarks/far_away.py PORT ROUND_TRIP_MS

Prints its own port. Half of the round trip is added in each direction, and a whole one to what a new connection sends
first, as its handshake would take. It knows nothing of windows, of loss, or of TLS. Used by the other benchmarks.
"""

from __future__ import annotations

import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 1 << 20
AHEAD = 1024
"""Pieces on their way in one direction: more than fit into 75 ms of the quickest line there is here."""

Line = queue.Queue[tuple[float, bytes]]


def relay(there: int, round_trip_s: float) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            near, _ = server.accept()
            threading.Thread(target=join, args=(near, there, round_trip_s), daemon=True).start()


def join(near: socket.socket, there: int, round_trip_s: float) -> None:
    shaken = time.monotonic() + round_trip_s
    far = socket.create_connection(("127.0.0.1", there))
    for one in (near, far):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for source, sink in ((near, far), (far, near)):
        line: Line = queue.Queue(AHEAD)
        threading.Thread(target=take, args=(source, line, round_trip_s / 2, shaken), daemon=True).start()
        threading.Thread(target=give, args=(line, sink), daemon=True).start()


def take(source: socket.socket, line: Line, delay_s: float, shaken: float) -> None:
    data = b"beginning"
    while data:
        try:
            data = source.recv(PIECE)
        except OSError:
            data = b""
        line.put((max(time.monotonic(), shaken) + delay_s, data))


def give(line: Line, sink: socket.socket) -> None:
    is_open = True
    while True:
        due, data = line.get()
        if (left := due - time.monotonic()) > 0:
            time.sleep(left)
        if not data:
            with suppress(OSError):
                sink.shutdown(socket.SHUT_WR)
            return
        if is_open:
            try:
                sink.sendall(data)
            except OSError:  # nobody listens any more: what still comes is thrown away
                is_open = False


@contextmanager
def far_away(port: int, round_trip_s: float) -> Iterator[int]:
    """Give a port at which the server on ``port`` seems to be so far away; without a round trip, that port itself."""
    if not round_trip_s:
        yield port
        return
    command = [sys.executable, __file__, str(port), str(round_trip_s * 1000)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


if __name__ == "__main__":
    relay(int(sys.argv[1]), float(sys.argv[2]) / 1000)
