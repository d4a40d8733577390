"""The emulator's command line; other programs start it, so its words are fixed."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import ipaddress
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from daytona_tui.emulator.server import Emulator, EmulatorOptions
from daytona_tui.emulator.statedir import StateDirectoryError

API_KEY_VARIABLE = "DAYTONA_EMULATOR_API_KEY"
"""Environment variable that may carry the key, so that it need not stand in the process list."""

EXIT_OK = 0
EXIT_USAGE = 2
_HIGHEST_PORT = 65535


def main(argv: Sequence[str]) -> int:
    """Serve an emulator until SIGINT or SIGTERM; return the exit code.

    One line of JSON on stdout says when it is ready: ``api_url``, ``api_key``, ``pid``. What cannot be used is one
    line on stderr and exit code 2.
    """
    try:
        arguments = _parser().parse_args(argv)
        options = _options(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE
    try:
        asyncio.run(_serve(options, has_lifeline=arguments.lifeline))
    except (StateDirectoryError, ValueError) as error:
        return _refuse(str(error))
    except OSError as error:
        # asyncio words the reason at length, the system does not; a host name that is not found has words of its own.
        has_number = error.errno is not None and error.errno > 0
        reason = os.strerror(error.errno or 0) if has_number else error.strerror or str(error)
        return _refuse(f"cannot listen on {options.host} port {options.port}: {reason}")
    return EXIT_OK


async def _serve(options: EmulatorOptions, *, has_lifeline: bool) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Emulator(options) as emulator:
        if not _is_loopback(options.host):
            _say(f"listening on {options.host}: everyone who can reach this address and has the key can run programs")
        ready = {"api_url": emulator.api_url, "api_key": emulator.api_key, "pid": os.getpid()}
        sys.stdout.write(f"{json.dumps(ready)}\n")
        sys.stdout.flush()
        if has_lifeline:
            loop.add_reader(sys.stdin.fileno(), _heed_lifeline, stop)
        await stop.wait()
        if has_lifeline:
            loop.remove_reader(sys.stdin.fileno())


def _heed_lifeline(stop: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        if os.read(sys.stdin.fileno(), 4096):
            return
    stop.set()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="daytona-tui emulator",
        description="Serve a local Daytona: the same interface, with real directories and processes on this machine.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=0, help="port to listen on; 0 takes a free one (default)")
    parser.add_argument(
        "--api-key",
        metavar="KEY",
        help=f"the key that clients must show (default: ${API_KEY_VARIABLE}, or a random one)",
    )
    parser.add_argument("--seed", default="empty", help="empty, demo or fleet:N (default: %(default)s)")
    parser.add_argument(
        "--pace", choices=["instant", "natural"], default="natural", help="how long changes take (default: %(default)s)"
    )
    parser.add_argument(
        "--state-dir",
        metavar="DIR",
        type=Path,
        help="keep the sandboxes here (default: a private one, removed at the end)",
    )
    parser.add_argument("--lifeline", action="store_true", help="stop as well when standard input ends")
    return parser


def _options(arguments: argparse.Namespace) -> EmulatorOptions:
    options = EmulatorOptions(
        host=arguments.host,
        port=arguments.port,
        seed=arguments.seed,
        pace=arguments.pace,
        state_dir=arguments.state_dir,
    )
    key = arguments.api_key or os.environ.get(API_KEY_VARIABLE)
    if not key:
        return options
    return dataclasses.replace(options, api_key=key)


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
    sys.stderr.write(f"daytona-tui emulator: {text}\n")
