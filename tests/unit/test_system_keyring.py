"""Keys in the system's keyring: a back end of the test's own, through the library's public interface."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked
from tests.support.keyrings import Memory

from daytona_tui.bootstrap.connecting import KeyFromKeyring
from daytona_tui.config.connection import Secret
from daytona_tui.config.settings import Settings, read_settings
from daytona_tui.config.system_keyring import SERVICE, key_from_keyring, put_into_keyring
from daytona_tui.errors import ConfigError

KEY = "dtn_0123456789abcdef0123456789abcdef"
WAIT_S = 20


class Locked(Memory):
    """Refuses until somebody unlocks it, which nobody does."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(f"{service} {username}")


class Broken(Memory):
    """Fails as only a plug-in can, and tells what it should not."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(f"no session bus for {KEY}")


class Forgetful(Memory):
    """Takes every key and keeps none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


@pytest.fixture(autouse=True)
def backend(ring: Memory) -> Memory:
    return ring


def settings_of(file: Path, entry: str = "true") -> Settings:
    file.write_text(f'[profiles.work]\napi_url = "https://work.example/api"\nkeyring = {entry}\n')
    return read_settings({}, file=file, profile="work")


def test_the_key_of_a_profile_is_found_under_its_name() -> None:
    keyring.set_password(SERVICE, "work", f" {KEY}\n")

    assert key_from_keyring("work").result(WAIT_S).reveal() == KEY


async def test_a_connection_waits_for_its_key_and_tells_it_to_whom_hides_it(tmp_path: Path) -> None:
    keyring.set_password(SERVICE, "elsewhere", KEY)
    hidden: list[Secret] = []
    asked = KeyFromKeyring(settings_of(tmp_path / "c.toml", '"elsewhere"'), hidden.append)

    connection = await asked

    assert (connection.api_key.reveal(), connection.label) == (KEY, "work")
    assert hidden == [Secret(KEY)]
    assert await asyncio.to_thread(asked.connection) == connection


@pytest.mark.parametrize(
    ("backend_class", "words"),
    [
        (Memory, "has no key 'work'"),
        (NoKeyring, "no keyring"),
        (Locked, "locked"),
        (Broken, "cannot be used (RuntimeError)"),
    ],
)
async def test_a_keyring_that_gives_no_key_says_why(
    backend_class: type[KeyringBackend], words: str, tmp_path: Path
) -> None:
    keyring.set_keyring(backend_class())

    with pytest.raises(ConfigError) as raised:
        await KeyFromKeyring(settings_of(tmp_path / "c.toml"))

    assert words in raised.value.message
    assert raised.value.hint
    assert KEY not in raised.value.message + raised.value.hint


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    with pytest.raises(ConfigError, match="not installed") as raised:
        key_from_keyring("work").result(WAIT_S)

    assert "api_key_env" in raised.value.hint


@pytest.mark.parametrize(("backend_class", "words"), [(Broken, "does not take"), (Forgetful, "does not give back")])
def test_a_key_that_does_not_come_back_is_not_kept(backend_class: type[Memory], words: str) -> None:
    keyring.set_keyring(backend_class())

    with pytest.raises(ConfigError, match=words) as raised:
        put_into_keyring("work", Secret(KEY))

    assert KEY not in str(raised.value)


def test_the_settings_name_the_entry_and_never_ask_for_it(tmp_path: Path) -> None:
    keyring.set_keyring(Broken())

    settings = settings_of(tmp_path / "c.toml")

    assert (settings.keyring, settings.has_credential, bool(settings.api_key)) == ("work", True, False)
