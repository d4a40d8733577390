"""Pasting a key: it is tried before it is kept, nothing typed is lost by a refusal, and the key is never shown."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from tests.support.keyrings import Memory
from tests.ui.acting_driver import told
from tests.ui.driver import OpenApp, Opened
from textual.widgets import Input, Static

from daytona_tui.bootstrap import ScreenOpener, ScreenOptions
from daytona_tui.config.kept_logins import logins_file, read_logins
from daytona_tui.config.login import login_file
from daytona_tui.emulator.server import Emulator
from daytona_tui.ui.app import DaytonaApp
from daytona_tui.ui.screens.connect import ConnectScreen
from daytona_tui.ui.screens.fleet import FleetScreen
from daytona_tui.ui.screens.login import THIS_RUN, LoginScreen
from daytona_tui.ui.screens.profiles import ProfilesScreen
from daytona_tui.ui.widgets.sandbox_table import SandboxTable

OpenEmulator = Callable[..., Awaitable[Emulator]]
WRONG = "dtn_wrong_0123456789abcdef"


async def _ask(opened: Opened) -> LoginScreen:
    await opened.until(lambda: isinstance(opened.app.screen, ConnectScreen))
    await opened.until(lambda: getattr(opened.app.screen, "_why_no_keyring", None) is not None)
    await opened.press("k")
    await opened.until(lambda: isinstance(opened.app.screen, LoginScreen))
    await opened.pilot.pause()
    screen = opened.app.screen
    assert isinstance(screen, LoginScreen)
    return screen


def _entry(screen: LoginScreen, key: str) -> Input:
    return screen.query_one(f"#entry-{key}", Input)


def _has_arrived(opened: Opened) -> bool:
    """Whether the fleet is there: its screen comes before what is in it."""
    screen = opened.app.screen
    return isinstance(screen, FleetScreen) and bool(screen.query(SandboxTable)) and bool(opened.names())


def _mistakes(screen: LoginScreen) -> str:
    return str(screen.query_one("#mistakes", Static).content)


async def test_a_key_is_tried_and_kept_in_the_keyring(
    open_app: OpenApp, open_emulator: OpenEmulator, ring: Memory
) -> None:
    emulator = await open_emulator(seed="demo")
    async with open_app(emulator=emulator, key=WRONG, waits=False) as opened:
        screen = await _ask(opened)
        assert (_entry(screen, "api-url").value, _entry(screen, "place").value) == (emulator.api_url, "keyring")
        assert "paste a key" in _mistakes(screen)

        await opened.press(*WRONG, "enter")
        await opened.until(lambda: "the server refuses it" in _mistakes(screen))
        assert _entry(screen, "key").value == WRONG
        assert (ring.kept, logins_file().exists()) == ({}, False)

        _entry(screen, "api-url").value = "http://127.0.0.1:1/api"
        await opened.pilot.pause()
        await opened.press("enter")
        await opened.until(lambda: "server: " in _mistakes(screen))
        _entry(screen, "api-url").value = f"{emulator.api_url}?key=x"
        await opened.pilot.pause()
        assert "user name or password, or a query" in _mistakes(screen)

        _entry(screen, "api-url").value, _entry(screen, "key").value = emulator.api_url, emulator.api_key
        _entry(screen, "name").value = "a b"
        await opened.pilot.pause()
        assert "a name is made of" in _mistakes(screen)
        _entry(screen, "name").value = "work"
        await opened.pilot.pause()
        assert WRONG not in opened.text
        assert emulator.api_key not in opened.text
        await opened.press("enter")

        await opened.until(lambda: _has_arrived(opened))
        assert "kept in the system's keyring" in told(opened)
        assert "DAYTONA_API_KEY is set and goes before it" in told(opened)
        assert opened.screen.services.profile == "work"
    assert ring.kept == {("daytona-tui", "work"): emulator.api_key}
    assert read_logins().active == "work"
    assert emulator.api_key not in logins_file().read_text()


async def test_another_key_is_one_of_the_profiles(open_app: OpenApp, open_emulator: OpenEmulator, ring: Memory) -> None:
    one, two = await open_emulator(seed="fleet:3"), await open_emulator(seed="fleet:5")
    async with open_app(emulator=one) as opened:
        await opened.press("A")
        await opened.until(lambda: isinstance(opened.app.screen, ProfilesScreen) and "another key" in opened.text)
        await opened.press(*"another", "enter")
        await opened.until(lambda: isinstance(opened.app.screen, LoginScreen))
        await opened.pilot.pause()
        screen = opened.app.screen
        assert isinstance(screen, LoginScreen)
        _entry(screen, "key").value, _entry(screen, "api-url").value = two.api_key, two.api_url
        await opened.pilot.pause()
        await opened.press("enter")

        await opened.until(lambda: _has_arrived(opened) and opened.table.row_count() == 5)
        assert ring.kept == {("daytona-tui", "127.0.0.1"): two.api_key}
        assert "Logged in" in told(opened)


async def test_without_a_keyring_the_file_is_proposed_and_this_run_keeps_nothing(
    open_app: OpenApp, open_emulator: OpenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daytona_tui.ui.screens.connect.why_no_keyring", lambda: "this system has no keyring")
    emulator = await open_emulator(seed="demo")
    async with open_app(emulator=emulator, key="", waits=False) as opened:
        screen = await _ask(opened)
        assert _entry(screen, "place").value == "file"
        assert "this system has no keyring" in opened.text
        _entry(screen, "place").value = "cloud"
        _entry(screen, "key").value = emulator.api_key
        await opened.pilot.pause()
        assert "one of" in _mistakes(screen)
        _entry(screen, "place").value = THIS_RUN
        await opened.pilot.pause()
        await opened.press("enter")

        await opened.until(lambda: _has_arrived(opened))
    assert not logins_file().exists()


async def test_a_login_of_the_daytona_command_that_has_expired_is_called_so(
    open_app: OpenApp, open_emulator: OpenEmulator
) -> None:
    file = login_file()
    file.parent.mkdir(parents=True)
    token = {"accessToken": "jwt.0123456789", "expiresAt": "2020-01-01T00:00:00Z"}
    entry = {
        "id": "a",
        "name": "a",
        "api": {"url": "https://x.example/api", "token": token},
        "activeOrganizationId": "o",
    }
    file.write_text(json.dumps({"activeProfile": "a", "profiles": [entry]}))
    async with open_app(emulator=await open_emulator(seed="empty"), key="", waits=False) as opened:
        await opened.until(lambda: "the login of profile daytona has expired" in opened.text)

        assert "daytona list renews it" in opened.text
        assert "jwt.0123456789" not in opened.text


async def test_a_mistake_of_ours_ends_with_a_traceback_without_values() -> None:
    app = DaytonaApp(ScreenOpener(ScreenOptions(local=True)))

    def fail(key: str) -> None:
        raise RuntimeError(f"a mistake, {len(key)}")

    try:
        fail(WRONG)
    except RuntimeError:
        app._fatal_error()
    shown = "".join(segment.text for each in app._exit_renderables for segment in getattr(each, "segments", ()))

    assert "a mistake, 26" in shown
    assert WRONG not in shown
