"""The emulator's command line; other programs start it, so its words are fixed."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import ipaddress
import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from daytona_tui.emulator.accounts.quotas import Quota, parse_quota
from daytona_tui.emulator.body.isolation import IsolationError
from daytona_tui.emulator.gate.limits import parse_limits
from daytona_tui.emulator.mishaps.lacking import parse_lacks
from daytona_tui.emulator.server import Emulator, EmulatorOptions, ListenError
from daytona_tui.emulator.starting import ENDING
from daytona_tui.emulator.state.statedir import StateDirectoryError
from daytona_tui.emulator.state.store import StoreError

API_KEY_VARIABLE = "DAYTONA_EMULATOR_API_KEY"
"""Environment variable that may carry the key, so that it need not stand in the process list."""

EXIT_OK = 0
EXIT_USAGE = 2
_HIGHEST_PORT = 65535
_MANY_FILES = 65536
T = TypeVar("T")


def main(argv: Sequence[str]) -> int:
    """Serve an emulator until SIGINT or SIGTERM; return the exit code.

    One line of JSON on stdout says when it is ready: ``api_url``, ``api_key``, ``pid``. What cannot be used is one
    line on stderr and exit code 2.
    """
    try:
        arguments = _parser().parse_args(argv)
        options = _options(arguments)
    except ValueError as error:
        return _refuse(str(error))
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE
    _allow_many_files()
    try:
        asyncio.run(_serve(options, has_lifeline=arguments.lifeline))
    except (IsolationError, ListenError, StateDirectoryError, StoreError, ValueError) as error:
        return _refuse(str(error))
    return EXIT_OK


def _allow_many_files() -> None:
    """Let as many connections be open as the system allows without asking; shells begin with 1024 files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, _MANY_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(options: EmulatorOptions, *, has_lifeline: bool) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # so nohup(1) is heeded
            loop.add_signal_handler(number, stop.set)
    async with Emulator(options) as emulator:
        if not _is_loopback(options.host):
            _say(f"listening on {options.host}: everyone who can reach this address and has the key can run programs")
        ready = {"api_url": emulator.api_url, "api_key": emulator.api_key, "pid": os.getpid()}
        if has_lifeline:
            threading.Thread(target=_heed_lifeline, args=(loop, stop), daemon=True).start()
        if sys.stdout is not None:
            with contextlib.suppress(OSError):  # nobody reads it: that is the reader's affair
                os.write(sys.stdout.fileno(), f"{json.dumps(ready)}\n".encode())
        isolation = await emulator.isolation()
        if not isolation.is_isolated:
            _say(f"sandboxes are not isolated: {isolation.reason}")
        await stop.wait()
    # The loop is about to give the signals back; a second one must not turn a good end into a bad one.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)


def _heed_lifeline(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    with contextlib.suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(stop.set)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Refuse in one line, without the usage."""
        self.exit(EXIT_USAGE, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="daytona-tui emulator",
        description="Serve a local Daytona: the same interface, with real directories and processes on this machine.",
    )
    _add_serving(parser.add_argument_group("where and for how long"))
    _add_sandboxes(parser.add_argument_group("sandboxes"))
    _add_organisation(parser.add_argument_group("who may do how much"))
    return parser


def _add_serving(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--host", type=_host, default="127.0.0.1", help="address to listen on (default: %(default)s)")
    group.add_argument("--port", type=_port, default=0, help="port to listen on; 0 takes a free one (default)")
    group.add_argument(
        "--ssh-port",
        metavar="PORT",
        type=_port,
        default=0,
        help="port of the SSH gateway, which listens from the first token on; 0 takes a free one (default)",
    )
    for form in ("--json", "--jsonl"):
        group.add_argument(form, action="store_true", help="the line that tells where it is and its key is JSON anyway")
    group.add_argument("--lifeline", action="store_true", help="stop as well when standard input ends")
    group.add_argument(
        "--control", action="store_true", help="let clients ask for faults and advance the clock, under /_emulator"
    )
    group.add_argument(
        "--lacks",
        metavar="WHAT",
        type=_spelt(parse_lacks),
        default=frozenset(),
        help="be an older server, without ttl,secrets,… or as v0.190 is (default: lacks nothing)",
    )


def _add_sandboxes(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--seed", default="empty", help="empty, demo, fleet:N or leaky:N (default: %(default)s)")
    group.add_argument(
        "--pace", choices=["instant", "natural"], default="natural", help="how long changes take (default: %(default)s)"
    )
    group.add_argument(
        "--state-dir",
        metavar="DIR",
        type=_directory,
        help="keep everything here (default: a private one, removed at the end)",
    )
    group.add_argument(
        "--isolation",
        choices=["auto", "bubblewrap", "plain"],
        default="auto",
        help="how sandboxes are kept apart; auto is bubblewrap where it works (default: %(default)s)",
    )


def _add_organisation(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--api-key",
        metavar="KEY",
        help=f"the key that clients must show (default: ${API_KEY_VARIABLE}, or a random one)",
    )
    group.add_argument(
        "--keys",
        metavar="FILE",
        type=Path,
        help="JSON list of more keys: name, key (or sha256:DIGEST), permissions, user",
    )
    group.add_argument(
        "--rate-limit",
        metavar="LIMITS",
        type=_spelt(parse_limits),
        default={},
        help="requests per minute, such as authenticated=10000,sandbox-create=300 (default: any number)",
    )
    group.add_argument(
        "--quota",
        metavar="QUOTAS",
        type=_spelt(parse_quota),
        default=Quota(),
        help="what may be used, such as cpu=10,memory=10,disk=30,sandbox-cpu=4 (default: plenty)",
    )


def _options(arguments: argparse.Namespace) -> EmulatorOptions:
    options = EmulatorOptions(
        host=arguments.host,
        port=arguments.port,
        ssh_port=arguments.ssh_port,
        seed=arguments.seed,
        pace=arguments.pace,
        state_dir=arguments.state_dir,
        control=arguments.control,
        keys=arguments.keys,
        rate_limits=arguments.rate_limit,
        quota=arguments.quota,
        isolation=arguments.isolation,
        lacks=arguments.lacks,
    )
    key = arguments.api_key or os.environ.get(API_KEY_VARIABLE)
    if not key:
        return options
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError("a key consists of printable ASCII characters without spaces")
    return dataclasses.replace(options, api_key=key)


def _spelt(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Return ``parse`` in the shape that the parser of the command line understands, its words kept."""

    def parsed(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parsed


def _directory(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("a state directory has a name")
    return Path(text)


def _host(text: str) -> str:
    if not text.strip():  # which the system would take for every address there is
        raise argparse.ArgumentTypeError("a host has a name")
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {_HIGHEST_PORT}, not {text!r}")
    return int(text)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse(reason: str) -> int:
    _say(reason)
    return EXIT_USAGE


def _say(text: str) -> None:
    if sys.stderr is not None:
        line = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
        sys.stderr.write(f"daytona-tui emulator: {line}\n")
