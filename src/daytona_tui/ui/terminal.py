"""The way to the terminal, made to outlive it.

A terminal may stall and then vanish: a connection that hangs and breaks. Textual 8.2 gets stuck then. Its writing
thread ends by the error and leaves a full queue that the program waits for; and the signal to continue, which the
system sends along with the hang-up, starts its threads a second time, so that they are never joined. Both are put right
here; delete this when Textual does so itself.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from io import TextIOBase
from types import FrameType
from typing import TYPE_CHECKING, Any

from daytona_tui.transfer.concurrency import settled

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver

LOST = 128 + signal.SIGHUP
"""Exit code of a program that lost its terminal, as the system would give it."""


class LastingOutput:
    """Passes text on to a terminal; once that fails nothing is written any more.

    Args:
        file: the terminal.
        lost: told once, in whatever thread was writing.
    """

    def __init__(self, file: TextIOBase, lost: Callable[[], object]) -> None:
        self._file = file
        self._lost = lost
        self._is_lost = False

    def write(self, text: str) -> int:
        """Write ``text``, if there is still somebody to read it."""
        self._attempt(lambda: self._file.write(text))
        return len(text)

    def flush(self) -> None:
        """Hand over what was written."""
        self._attempt(self._file.flush)

    def fileno(self) -> int:
        """Return the terminal's descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Return whether this is a terminal."""
        return self._file.isatty()

    def _attempt(self, deed: Callable[[], object]) -> None:
        if self._is_lost:
            return
        try:
            deed()
        except OSError:
            self._is_lost = True
            self._lost()


def lasting(driver: type[Driver]) -> type[Driver]:
    """Return a driver like ``driver`` that survives the loss of its terminal; other kinds are returned as they are."""
    if driver.__name__ != "LinuxDriver":
        return driver

    class LastingDriver(driver):  # type: ignore[misc, valid-type]
        """The driver for a terminal; what begins with an underscore is Textual's own and has no public way in."""

        def start_application_mode(self) -> None:
            """Take the terminal over."""
            output: object = getattr(self, "_file", None)
            if isinstance(output, TextIOBase):
                loop = asyncio.get_running_loop()
                # Not by a signal: while the loop waits, its pipe for signals may be full, and they are dropped.
                self._file = LastingOutput(output, lambda: loop.call_soon_threadsafe(self._app.exit, None, LOST))
            super().start_application_mode()

        def write(self, data: str) -> None:
            """Write to the terminal; nothing while it is lent: the queue would fill up, and the loop wait for it."""
            if self._writer_thread is None or self._writer_thread.is_alive():
                super().write(data)

        def _sigcont_application(self, number: int = 0, frame: FrameType | None = None) -> None:
            if self._must_signal_resume:
                super()._sigcont_application(number, frame)

    return LastingDriver


async def outside(app: App[Any], command: Sequence[str], env: Mapping[str, str] | None = None) -> int:
    """Give the terminal to another program until that ends; return its exit code.

    Work in the background goes on meanwhile, and draws nothing. Without ``env`` it has the variables of this program.

    Raises:
        OSError: the program cannot be started.
        SuspendNotSupported: there is no terminal to give away.
    """
    code, failure = 0, None
    # What is typed in a terminal to interrupt a program reaches every program there.
    usual = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        with app.batch_update(), app.suspend():  # nothing may be raised in it: it would not give the terminal back
            try:
                program = await asyncio.create_subprocess_exec(*command, env=env)
                code = await settled(program.wait())
            except (OSError, asyncio.CancelledError) as error:
                failure = error
    finally:
        signal.signal(signal.SIGINT, usual)
        _stop_if_over(app)
    if failure is not None:
        raise failure
    return code


def _stop_if_over(app: App[object]) -> None:
    """Let go of the terminal that was taken back after the interface had ended: nobody else would, and wait for it."""
    if app._exit and app._driver is not None:  # private in Textual 8.2: no public name tells before it is over
        app._driver.stop_application_mode()


async def lent(app: App[object], work: Callable[[], Awaitable[None]]) -> None:
    """Give the terminal to ``work`` until that is done.

    Raises:
        SuspendNotSupported: there is no terminal to give away.
        OSError: whatever else ``work`` raises is raised here, when the terminal is the interface's again.
    """
    failure: BaseException | None = None
    with app.batch_update(), app.suspend():  # nothing may be raised in it: it would not give the terminal back
        try:
            await work()
        except BaseException as error:  # also when the program ends
            failure = error
    _stop_if_over(app)
    if failure is not None:
        raise failure


def hear_mouse(app: App[Any], wanted: bool) -> None:
    """Listen to the mouse, or leave it to the terminal, which then selects text with it as usual."""
    driver = app._driver  # private in Textual 8.2, as are its methods: it listens from its start to its end, or never
    if driver is None or driver._mouse == wanted:
        return
    driver._mouse = True  # both methods do nothing otherwise
    change = getattr(driver, "_enable_mouse_support" if wanted else "_disable_mouse_support", None)
    if change is not None:
        change()
    driver._mouse = wanted  # when the terminal was lent the mouse stays whose it was


def hears_mouse(app: App[Any]) -> bool:
    """Return whether the mouse is the program's."""
    return app._driver is None or app._driver._mouse


def announce(app: App[object], how: str, text: str) -> None:
    """Tell of something whoever may be looking elsewhere: ``bell``, ``desktop``, or ``none``. ``text`` is safe."""
    if how == "bell":
        app.bell()
    elif how == "desktop" and app._driver is not None and not app.is_headless:  # private in Textual 8.2: no other way
        app._driver.write(notice(text))


def notice(text: str) -> str:
    """Return the sequence (OSC 9) with which a terminal is asked for a notice of the desktop."""
    plain = "".join(letter for letter in text if letter.isprintable())
    return f"\x1b]9;{plain[:200]}\x1b\\"
