"""The last line of defence: ends what an emulator left behind, even after the emulator was killed outright.

Run as a script it is a watchdog: it waits for its standard input to end, which happens when the emulator is gone in
whatever way, then ends every process that carries the emulator's mark and removes the private directory named to it.
It imports the standard library only, and nothing of this package, and of that only after the wait: most are dismissed
before they need anything, and loading it is most of what they cost.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    sys.stdin.buffer.read()

import signal
import subprocess
import time
from pathlib import Path

MARK = "DAYTONA_EMULATOR_MARK"
"""Environment variable by which the processes of one emulator's sandboxes are known."""

_PROC = Path("/proc")
_ROUNDS = 20


def marked(mark: str) -> list[int]:
    """Return the ids of the processes that carry ``mark``; empty where /proc is not to be had."""
    if not _PROC.is_dir():
        return []
    entry = f"{MARK}={mark}".encode()
    found = []
    for process in _PROC.iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                environment = (process / "environ").read_bytes()
            except OSError:
                continue
            if entry in environment.split(b"\0"):
                found.append(int(process.name))
    return found


def sweep(mark: str) -> int:
    """End every process that carries ``mark``, again until none is left; return how many were met."""
    met: set[int] = set()
    for _ in range(_ROUNDS):
        remaining = marked(mark)
        if not remaining:
            break
        for pid in remaining:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
        met.update(remaining)
        time.sleep(0.01)
    return len(met)


class Lifeline:
    """A watchdog process tied to this process's life.

    Args:
        mark: value of the mark that the sandboxes' processes carry.
        private_directory: directory to remove when this process dies; None when the directory is the user's.
    """

    def __init__(self, mark: str, private_directory: Path | None) -> None:
        command = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), mark]
        if private_directory is not None:
            command.append(str(private_directory))
        self._watchdog = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def release(self) -> None:
        """Dismiss the watchdog: everything is tidied up already."""
        self._watchdog.kill()
        self._watchdog.wait()
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()


def remove_tree(directory: Path) -> None:
    """Remove a directory that nobody works in, however deep it is and whatever it forbids; nothing if it is missing.

    What lies deeper is moved up first, so that neither the depth nor the length of a path counts.

    Raises:
        OSError: something cannot be removed.
    """
    if directory.is_symlink():
        directory.unlink()
    if not directory.is_dir():
        return
    directory.chmod(0o700)
    while entries := list(os.scandir(directory)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                Path(entry).unlink()
                continue
            Path(entry).chmod(0o700)
            for child in list(os.scandir(entry)):
                if child.is_dir(follow_symlinks=False):
                    Path(child).chmod(0o700)
                    Path(child).rename(directory / f".removed-{os.urandom(8).hex()}")
                else:
                    Path(child).unlink()
            Path(entry).rmdir()
    directory.rmdir()


def remove(directory: Path) -> None:
    """Remove a directory, again while something that is about to end still writes into it."""
    for _ in range(_ROUNDS):
        try:
            remove_tree(directory)
        except OSError:
            time.sleep(0.05)
        else:
            return


def _tidy_up(mark: str, private_directory: str | None) -> None:
    sweep(mark)
    if private_directory is not None:
        remove(Path(private_directory))
        sweep(mark)


if __name__ == "__main__":
    _tidy_up(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
