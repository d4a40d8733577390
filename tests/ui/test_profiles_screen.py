"""Several connections: switching without a restart, choosing one where there is none, and their colours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import keyring
import pytest
from tests.support.keyrings import Memory
from tests.ui.acting_driver import told
from tests.ui.driver import OpenApp, Opened, until

from daytona_tui.config import paths
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import UnreachableError
from daytona_tui.ui.screens.connect import ConnectScreen
from daytona_tui.ui.screens.profiles import ProfilesScreen
from daytona_tui.ui.themes import ACCENTS, NIGHT

OpenEmulator = Callable[..., Awaitable[Emulator]]


def write_config(text: str) -> None:
    """Write the settings file of this test's home."""
    file = paths.config_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o600)


def profile(name: str, emulator: Emulator, more: str = "") -> str:
    return f'[profiles.{name}]\napi_url = "{emulator.api_url}"\napi_key = "{emulator.api_key}"\n{more}\n'


async def choose(opened: Opened, name: str) -> None:
    """Press A, type the name of a profile, and take it."""
    await opened.press("A")
    await opened.until(lambda: isinstance(opened.app.screen, ProfilesScreen))
    await opened.press(*name, "enter")


async def test_another_profile_is_opened_and_nothing_of_the_first_stays(
    open_app: OpenApp, open_emulator: OpenEmulator
) -> None:
    one, two = await open_emulator(seed="demo"), await open_emulator(seed="fleet:7")
    write_config(profile("one", one) + profile("two", two, 'accent = "red"\nread_only = true'))
    async with open_app(emulator=one, profile="one") as opened:
        former = opened.screen
        assert "daytona-tui one" in opened.text

        await choose(opened, "two")
        await opened.until(lambda: opened.screen is not former and opened.table.row_count() == 7)
        await opened.until(lambda: "read-only" in opened.text)

        assert "daytona-tui two" in opened.text
        assert "scratch" not in opened.text
        assert former not in opened.app.screen_stack
        await opened.until(lambda: not former.is_running)
        theirs = {former, *former.panes}
        await opened.until(lambda: not any(worker.node in theirs for worker in opened.app.workers))
        await opened.until(lambda: not any(worker.group == "connect" for worker in opened.app.workers))
        with pytest.raises(UnreachableError, match="closed"):
            await former.services.gateway.identify()
        assert opened.app.theme_variables["border"].lower() == ACCENTS["red"]

        await choose(opened, "one")
        await opened.until(lambda: opened.table.row_count() > 7)
        assert opened.app.theme == NIGHT.name
        assert "read-only" not in opened.text.splitlines()[0]


async def test_the_list_marks_what_is_open_and_shows_no_key(open_app: OpenApp, open_emulator: OpenEmulator) -> None:
    one = await open_emulator(seed="fleet:3")
    write_config(profile("one", one) + '[profiles.elsewhere]\napi_url = "https://e.example/api"\nkeyring = true\n')
    async with open_app(emulator=one, profile="one") as opened:
        await opened.press("A")
        await opened.until(lambda: isinstance(opened.app.screen, ProfilesScreen))
        await opened.until(lambda: "local" in opened.text)

        lines = opened.text.splitlines()
        assert any("● one" in line for line in lines)
        assert any("elsewhere" in line and "e.example" in line and "keyring" in line for line in lines)
        assert any("environment" in line for line in lines)
        assert one.api_key not in opened.text

        await opened.press("escape")
        assert opened.app.screen is opened.screen


async def test_a_profile_that_cannot_be_opened_leaves_everything_as_it_is(
    open_app: OpenApp, open_emulator: OpenEmulator
) -> None:
    one = await open_emulator(seed="fleet:3")
    write_config(profile("one", one) + '[profiles.broken]\napi_key_env = "NOWHERE_KEY"\n')
    async with open_app(emulator=one, profile="one") as opened:
        former = opened.screen

        await choose(opened, "broken")

        await opened.until(lambda: "NOWHERE_KEY is not set" in told(opened))
        assert opened.app.screen is former
        assert (await former.services.gateway.identify()).permissions


async def test_the_connect_screen_offers_what_is_found(open_app: OpenApp, open_emulator: OpenEmulator) -> None:
    one = await open_emulator(seed="fleet:3")
    write_config(profile("one", one))
    async with open_app(emulator=one, key="", waits=False) as opened:
        await opened.until(lambda: isinstance(opened.app.screen, ConnectScreen) and "1  one" in opened.text)
        assert "no Daytona key is set" in opened.text

        await opened.press("9")  # nothing has this number
        assert isinstance(opened.app.screen, ConnectScreen)
        await opened.press("1")

        await until(opened.pilot, lambda: not isinstance(opened.app.screen, ConnectScreen))
        await opened.until(lambda: opened.table.row_count() == 3)


async def test_a_refused_key_of_a_profile_leads_to_the_others(open_app: OpenApp, open_emulator: OpenEmulator) -> None:
    one = await open_emulator(seed="fleet:3")
    wrong = f'[profiles.wrong]\napi_url = "{one.api_url}"\napi_key = "dtn_wrong_0123456789"\n'
    write_config(wrong + profile("right", one))
    async with open_app(emulator=one, profile="wrong", waits=False) as opened:
        await opened.until(lambda: isinstance(opened.app.screen, ConnectScreen) and "right" in opened.text)
        number = next(line for line in opened.text.splitlines() if "right ·" in line).split()[1]

        await opened.press(number)

        await until(opened.pilot, lambda: not isinstance(opened.app.screen, ConnectScreen))
        await opened.until(lambda: opened.table.row_count() == 3)


async def test_a_key_is_taken_from_the_keyring(open_app: OpenApp, open_emulator: OpenEmulator, ring: Memory) -> None:
    one = await open_emulator(seed="fleet:3")
    write_config(f'[profiles.ring]\napi_url = "{one.api_url}"\nkeyring = true\n')
    keyring.set_password("daytona-tui", "ring", one.api_key)

    async with open_app(emulator=one, key="", profile="ring") as opened:
        assert opened.table.row_count() == 3
        assert one.api_key not in opened.text


async def test_a_keyring_without_the_key_leads_to_the_connect_screen(
    open_app: OpenApp, open_emulator: OpenEmulator, ring: Memory
) -> None:
    one = await open_emulator(seed="fleet:3")
    write_config(f'[profiles.ring]\napi_url = "{one.api_url}"\nkeyring = true\n')

    async with open_app(emulator=one, key="", profile="ring", waits=False) as opened:
        await opened.until(lambda: isinstance(opened.app.screen, ConnectScreen))
        await opened.until(lambda: "the keyring has no key 'ring'" in opened.text)
        assert "keyring set daytona-tui ring" in opened.text

        keyring.set_password("daytona-tui", "ring", one.api_key)
        await opened.press("r")
        await until(opened.pilot, lambda: not isinstance(opened.app.screen, ConnectScreen))
        await opened.until(lambda: opened.table.row_count() == 3)


def test_no_frame_looks_like_an_error_a_warning_or_a_success() -> None:
    assert not {NIGHT.error, NIGHT.warning, NIGHT.success} & set(ACCENTS.values())
