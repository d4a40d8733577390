"""What every test stands on: a home of its own, and real emulators on request."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.support.keyrings import Memory, memory_keyring

from daytona_tui.emulator.server import Emulator, EmulatorOptions

OpenEmulator = Callable[..., Awaitable[Emulator]]

_FOREIGN = ("DAYTONA_", "TEXTUAL", "XDG_", "OTEL_")
_OURS = "TEXTUAL_SNAPSHOT"  # how the picture plugin tells itself where its folder is
_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}


def pytest_configure() -> None:
    """Look for garbage as rarely as the program does: else a third of a screen's test is spent on it.

    Whoever runs the tests in the background of a shell has SIGINT ignored, and so had every program that they start.
    Nobody's own keyring is touched: the library takes whatever back end it finds, even one that a test has defined.
    """
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    gc.set_threshold(10_000, 20, 10)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Never look among what was loaded: the tests, the program, the libraries stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory of the test's own, and an environment that nothing foreign reaches through."""
    directory = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if (name.startswith(_FOREIGN) and not name.startswith(_OURS)) or name.lower() in _PROXIES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(directory))
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(directory / name.lower()))
    return directory


@pytest.fixture(autouse=True)
def _untouched_hooks() -> Iterator[None]:
    """Logging and the hooks for lost errors are as they were, whatever started the diagnostics."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    hooks = threading.excepthook, sys.unraisablehook
    yield
    logging.captureWarnings(False)
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    threading.excepthook, sys.unraisablehook = hooks


@pytest.fixture
async def open_emulator() -> AsyncIterator[OpenEmulator]:
    """Open emulators with given options, at the instant pace unless told otherwise; all are closed at the end."""
    async with AsyncExitStack() as stack:

        async def open_one(**options: Any) -> Emulator:
            return await stack.enter_async_context(Emulator(EmulatorOptions(**{"pace": "instant", **options})))

        yield open_one


@pytest.fixture
async def emulator(open_emulator: OpenEmulator, request: pytest.FixtureRequest) -> Emulator:
    """An emulator with the demonstration fleet, or the seed that the test names as the parameter."""
    return await open_emulator(seed=getattr(request, "param", "demo"))


@pytest.fixture
def ring() -> Iterator[Memory]:
    """An empty keyring in the place of the system's."""
    with memory_keyring() as memory:
        yield memory
