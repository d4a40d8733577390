"""Keys in the keyring of the system, through the ``keyring`` library, which need not be installed.

A keyring may ask its owner to unlock it, and one that is broken may never answer, so it is asked in a thread that
nothing waits for at the end of the program.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future

from daytona_tui.config.connection import Secret
from daytona_tui.errors import ConfigError

SERVICE = "daytona-tui"
"""Under which the keyring files our keys; the name of an entry is the profile's, or the one that it gives."""

ANSWER_S = 60.0
"""Seconds that the owner has to unlock the keyring."""


def key_from_keyring(entry: str) -> Future[Secret]:
    """Begin to ask the keyring for the key of ``entry``; the future ends with it or with a ``ConfigError``."""
    asked: Future[Secret] = Future()
    asked.set_running_or_notify_cancel()  # whoever stops waiting does not stop it

    def ask() -> None:
        try:
            asked.set_result(_ask(entry))
        except ConfigError as error:
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
