"""Keys in the keyring of the system, through the ``keyring`` library, which need not be installed.

A keyring may ask its owner to unlock it, and one that is broken may never answer, so it is asked in a thread that
nothing waits for at the end of the program.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from daytona_tui.config.connection import Secret
from daytona_tui.errors import ConfigError

T = TypeVar("T")

SERVICE = "daytona-tui"
"""Under which the keyring files our keys; the name of an entry is the profile's, or the one that it gives."""

ANSWER_S = 60.0
"""Seconds that the owner has to unlock the keyring."""


def key_from_keyring(entry: str) -> Future[Secret]:
    """Begin to ask the keyring for the key of ``entry``; the future ends with it or with a ``ConfigError``."""
    return beside(lambda: _ask(entry))


def beside(work: Callable[[], T]) -> Future[T]:
    """Begin work that asks the keyring, in a thread that nobody waits for; the future ends as the work does."""
    asked: Future[T] = Future()
    asked.set_running_or_notify_cancel()  # whoever stops waiting does not stop it

    def ask() -> None:
        try:
            asked.set_result(work())
        except Exception as error:
            asked.set_exception(error)

    threading.Thread(target=ask, name="keyring", daemon=True).start()
    return asked


def _ask(entry: str) -> Secret:
    try:
        import keyring  # noqa: PLC0415 - optional, and half a second on some systems
        from keyring.errors import KeyringLocked, NoKeyringError  # noqa: PLC0415
    except ImportError:
        raise ConfigError(
            "the key is in the keyring, and the library keyring is not installed",
            hint="install daytona-tui[keyring], or name a variable with api_key_env",
        ) from None
    try:
        value = keyring.get_password(SERVICE, entry)
    except NoKeyringError:
        raise ConfigError(
            f"this system has no keyring to take the key {entry!r} from", hint="name a variable with api_key_env"
        ) from None
    except KeyringLocked:
        raise ConfigError("the keyring is locked", hint="unlock it, then try again") from None
    except Exception as error:
        # Back ends are plug-ins of the system, and their texts may hold anything.
        raise ConfigError(f"the keyring cannot be used ({type(error).__name__})", hint="keyring diagnose") from error
    if not value:
        raise ConfigError(f"the keyring has no key {entry!r}", hint=f"put it there with: keyring set {SERVICE} {entry}")
    return Secret(value.strip())


def put_into_keyring(entry: str, key: Secret) -> str:
    """Keep a key under ``entry``, in place of the one there; return the keyring's name. Blocks: it may ask its owner.

    Raises:
        ConfigError: there is no keyring, or it does not take the key, or does not give it back.
    """
    keyring = _library()
    try:
        keyring.set_password(SERVICE, entry, key.reveal())
        is_kept = keyring.get_password(SERVICE, entry) == key.reveal()
        name = str(getattr(keyring.get_keyring(), "name", ""))
    except Exception as error:
        # Its words may hold anything, and its traceback the key.
        kind = type(error).__name__
        raise ConfigError(f"the keyring does not take the key ({kind})", hint="keep it in a file instead") from None
    if not is_kept:
        raise ConfigError("the keyring does not give back the key that it took", hint="keep it in a file instead")
    return name


def take_out_of_keyring(entry: str) -> None:
    """Remove the key under ``entry``, where there is one. Blocks.

    Raises:
        ConfigError: there is no keyring, or it refuses.
    """
    keyring = _library()
    try:
        if keyring.get_password(SERVICE, entry) is not None:
            keyring.delete_password(SERVICE, entry)
    except Exception as error:
        raise ConfigError(f"the keyring does not give up the key ({type(error).__name__})") from None


def why_no_keyring() -> str:
    """Return why no key can be kept in a keyring, in words; empty when one can. Blocks for a moment."""
    try:
        keyring = _library()
    except ConfigError as error:
        return error.message
    try:
        is_usable = float(keyring.get_keyring().priority) > 0
    except Exception as error:
        return f"the keyring cannot be used ({type(error).__name__})"
    return "" if is_usable else "this system has no keyring"


def _library() -> Any:
    try:
        import keyring  # noqa: PLC0415 - as above
    except ImportError:
        raise ConfigError(
            "the library keyring is not installed", hint="install daytona-tui[keyring], or keep the key in a file"
        ) from None
    return keyring
