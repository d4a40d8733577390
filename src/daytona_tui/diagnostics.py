"""The program's own log file: everything goes there, nothing of it to the terminal, no credential into it."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import re
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from daytona_tui.config.connection import Secret

MAX_BYTES = 1024 * 1024
BACKUPS = 2

_REDACTED = "[redacted]"
_SHORTEST_SECRET = 4
"""Shorter secrets would black out ordinary words."""

_PATTERNS = (
    re.compile(r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{4,}"),
    re.compile(r"(?i)((?:authorization|api[-_]?key|token|secret|password)[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&}]{4,}"),
    re.compile(r"(?i)([?&](?:signature|sig|token|key|x-amz-[a-z-]+|expires)=)[^\s&\"']+"),
    re.compile(r"(?i)(\w+://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"()\bdtn_[A-Za-z0-9]{8,}"),
)

# They write at will, some of them through a handler of their own: whatever they say belongs into the file.
_THIRD_PARTY = (
    "asyncio",
    "httpx",
    "httpcore",
    "opentelemetry",
    "opentelemetry.context",
    "socketio",
    "engineio",
    "aiohttp",
)


class Redaction(logging.Filter):
    """Takes credentials out of records: those it was told of, and whatever looks like one."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        super().__init__()
        self._known: tuple[str, ...] = ()
        for secret in secrets:
            self.hide(secret)

    def hide(self, secret: Secret) -> None:
        """Take this credential out of everything from now on."""
        if len(secret.reveal()) >= _SHORTEST_SECRET:
            # longest first: one may be a part of another
            self._known = tuple(sorted({*self._known, secret.reveal()}, key=len, reverse=True))

    def clean(self, text: str) -> str:
        """Return ``text`` without credentials."""
        for known in self._known:
            text = text.replace(known, _REDACTED)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\1{_REDACTED}", text)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the record in place; it is always kept."""
        record.msg, record.args = self.clean(record.getMessage()), ()
        return True


class _Lines(logging.Formatter):
    """One record a line, tracebacks below; cleaned as a whole, for a traceback can quote a credential too."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s %(message)s")
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        return self._redaction.clean(super().format(record))


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """A rotating file that only its owner can read, whatever the umask; it never complains on the terminal."""

    def _open(self) -> object:  # type: ignore[override]
        return open(self.baseFilename, self.mode, encoding="utf-8", errors="backslashreplace", opener=_private)

    def handleError(self, record: logging.LogRecord) -> None:
        """A disk that is full must not write over the screen."""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


class Diagnostics:
    """The log of one run.

    Attributes:
        file: where it goes.
        trouble: why nothing is written, in words; empty when all is well.
    """

    def __init__(self, file: Path, *, level: str = "info", secrets: Iterable[Secret] = ()) -> None:
        self.file = file
        self.trouble = ""
        self._redaction = Redaction(secrets)
        self._handler: logging.Handler = logging.NullHandler()
        self._level = getattr(logging, level.upper())

    def hide(self, secret: Secret) -> None:
        """Take a credential that became known later out of everything from now on."""
        self._redaction.hide(secret)

    def start(self) -> None:
        """Take over the root logger, warnings and what threads raise. A place that refuses only means no log."""
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handler = _PrivateFile(self.file, maxBytes=MAX_BYTES, backupCount=BACKUPS)
        except OSError as error:
            self.trouble = f"{self.file} cannot be written: {error.strerror}"
        self._handler.setFormatter(_Lines(self._redaction))
        root = logging.getLogger()
        for handler in list(root.handlers):
            root.removeHandler(handler)
            if isinstance(handler, _PrivateFile):
                handler.close()  # another start of the program in the same process
        root.addHandler(self._handler)
        root.setLevel(self._level)
        # Chatter of the libraries would fill the file at every poll.
        for name in _THIRD_PARTY:
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(max(self._level, logging.WARNING))
        logging.captureWarnings(True)
        threading.excepthook = _log_thread_error
        sys.unraisablehook = _log_unraisable

    def tail(self, lines: int = 20) -> list[str]:
        """Return the last lines of the file, cleaned once more; none where there is no file."""
        with contextlib.suppress(OSError), self.file.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 64 * 1024))
            text = stream.read().decode("utf-8", "replace")
            return [self._redaction.clean(line) for line in text.splitlines()[-lines:]]
        return []


def _log_thread_error(args: threading.ExceptHookArgs) -> None:
    error = args.exc_value
    logging.getLogger(__name__).error("a thread ended by an error", exc_info=error)


def _log_unraisable(args: object) -> None:
    error = getattr(args, "exc_value", None)
    logging.getLogger(__name__).error("an error that nobody could be told", exc_info=error)
