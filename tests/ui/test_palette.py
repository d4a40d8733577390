"""The palette, and keys of one's own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.ui.acting_driver import told
from tests.ui.driver import OpenApp
from tests.ui.test_profiles_screen import write_config
from textual import events
from textual.widgets import Input

from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.ui.screens.help import HelpScreen
from daytona_tui.ui.screens.palette import MOST_SANDBOXES, JumpTo, PaletteList, PaletteScreen


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_a_few_letters_lead_to_a_sandbox_and_clear_the_filter_that_hides_it(open_app: OpenApp, key: str) -> None:
    async with open_app() as opened:
        opened.fleet.filter_by("hermes")
        await opened.until(lambda: "scratch" not in opened.names())

        await opened.press(key)
        await opened.until(lambda: isinstance(opened.app.screen, PaletteScreen))
        await opened.press(*"scratch", "enter")

        await opened.until(lambda: opened.fleet.current is not None and opened.fleet.current.name == "scratch")
        assert opened.fleet.view.filter_text == ""
        await opened.until(lambda: "Filter cleared" in told(opened))


async def test_a_sandbox_that_is_shown_is_reached_without_touching_the_filter(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.fleet.filter_by("hermes")
        await opened.until(lambda: all("hermes" in name for name in opened.names()))

        await opened.press("4", "colon")
        await opened.press(*"hermes-ref", "enter")

        await opened.until(lambda: opened.fleet.current is not None)
        assert opened.fleet.current is not None
        assert opened.fleet.current.name == "hermes-refactor-auth"
        assert opened.fleet.view.filter_text == "hermes"
        assert opened.screen.current_pane is opened.fleet


async def test_a_sandbox_is_found_by_its_id(open_app: OpenApp) -> None:
    async with open_app() as opened:
        wanted = next(sandbox for sandbox in opened.fleet.store.fleet if sandbox.name == "scratch")

        await opened.press("colon")
        await opened.press(*wanted.id[:12].replace("-", " ").split()[0])
        await opened.until(lambda: isinstance(opened.app.screen, PaletteScreen) and "scratch" in opened.text)


async def test_a_command_is_run_or_says_why_not(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("colon")
        await opened.press(*"invert", "enter")
        await opened.until(lambda: len(opened.fleet.view.marks) == opened.table.row_count())

        await opened.press("escape", "colon")
        await opened.press(*"cancel transfer")
        await opened.until(lambda: "Cancel transfer" in opened.text)
        await opened.press("escape")
        assert opened.app.screen is opened.screen


async def test_what_is_typed_in_the_palette_triggers_nothing(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("colon", *"xsaDq/")

        assert isinstance(opened.app.screen, PaletteScreen)
        assert opened.app.screen.query_one(Input).value == "xsaDq/"
        assert not opened.fleet.store.pending


async def test_help_and_palette_are_two_things(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("question_mark")
        assert isinstance(opened.app.screen, HelpScreen)
        await opened.press("f1")
        assert len(opened.app.screen_stack) == 2


def test_many_sandboxes_are_narrowed_to_the_best() -> None:
    names = [f"worker-{number:05}" for number in range(10_000)]
    fleet = [Sandbox(SandboxId(f"id-{name}"), name, SandboxState.STARTED) for name in names]
    fleet.append(replace(fleet[0], id=SandboxId("odd"), name="needle"))
    palette = PaletteList([], [], fleet)

    palette.filter_by("worker")
    assert (palette.row_count(), palette.fitting) == (MOST_SANDBOXES, 10_000)

    palette.filter_by("worker-00042")
    assert palette.shown[0].choice == JumpTo(SandboxId("id-worker-00042"))

    palette.filter_by("ndl")
    assert [row.title for row in palette.shown] == ["needle"]

    palette.filter_by("nothing has this")
    assert palette.row_count() == 0


# Keys of one's own


async def test_a_command_is_bound_to_another_key_everywhere_it_is_shown(open_app: OpenApp) -> None:
    write_config('[keys]\nstop = "f8"\nmark = ""\nstart = "q"\nnonsense = "f9"\n')
    async with open_app() as opened:
        await opened.until(lambda: "keys.start: q is the key of quit too" in told(opened))
        assert "keys.nonsense" in told(opened)
        assert "f8 Stop" in opened.text
        assert "s Start" in opened.text
        assert "Mark" not in opened.text.splitlines()[-1]

        await opened.go_to("scratch")
        await opened.press("x", "space")
        assert not opened.fleet.store.pending
        assert not opened.fleet.view.marks
        await opened.press("f8")
        await opened.until(lambda: opened.state_of("scratch") == "stopped")

        await opened.press("question_mark", *"stop the marked")
        await opened.until(lambda: any("f8" in line and "Stop" in line for line in opened.text.splitlines()[5:-1]))


async def test_sentences_name_the_keys_of_ones_own_and_none_that_is_gone(open_app: OpenApp) -> None:
    write_config('[keys]\nstart = "f7"\nundo = "f8"\nclear = ""\n')
    async with open_app(seed="fleet:60") as opened:
        await opened.press("slash", *"state:stopped", "enter")
        await opened.until(lambda: "f7 starts it" in opened.text)

        await opened.press("ctrl+a", "f7")
        await opened.until(lambda: "f8 stops them again" in opened.text.replace("│", " "))
        await opened.press("escape", "slash", *" nobody", "enter")
        await opened.until(lambda: "No sandbox matches" in opened.text)
        assert "clears the filter" not in opened.text


async def test_two_commands_can_change_places(open_app: OpenApp) -> None:
    write_config('[keys]\nstop = "s"\nstart = "x"\n')
    async with open_app() as opened:
        await opened.go_to("scratch")

        await opened.press("s")
        await opened.until(lambda: opened.state_of("scratch") == "stopped")
        await opened.press("x")
        await opened.until(lambda: opened.state_of("scratch") == "started")


async def test_a_rebound_letter_is_still_text_in_a_filter(open_app: OpenApp) -> None:
    write_config('[keys]\nstop = "d"\nfocus-details = "x"\n')
    async with open_app() as opened:
        await opened.go_to("scratch")

        await opened.press("slash", *"dxd")

        assert opened.fleet.query_one(Input).value == "dxd"
        assert not opened.fleet.store.pending


@pytest.mark.parametrize("opening", ["colon", "question_mark"])
async def test_a_burst_of_keys_is_meant_for_what_its_first_key_opens(open_app: OpenApp, opening: str) -> None:
    """Over a slow line all of it arrives at once: nothing of it may reach the rows."""
    async with open_app() as opened:
        for key, character in ((opening, ":"), *((letter, letter) for letter in "csxaDq"), ("space", " ")):
            opened.app.post_message(events.Key(key, character))

        await opened.until(lambda: isinstance(opened.app.screen, PaletteScreen | HelpScreen))
        await opened.until(lambda: opened.app.screen.query_one(Input).value == "csxaDq ")
        assert len(opened.app.screen_stack) == 3
        assert not opened.fleet.store.pending
        assert not opened.fleet.view.marks


async def test_a_burst_with_enter_runs_what_it_names(open_app: OpenApp) -> None:
    async with open_app() as opened:
        for key in ("colon", *"scratch", "enter"):
            opened.app.post_message(events.Key(key, ":" if key == "colon" else key if len(key) == 1 else "\r"))

        await opened.until(lambda: opened.fleet.current is not None and opened.fleet.current.name == "scratch")
        assert opened.app.screen is opened.screen


async def test_the_palette_opens_from_a_filter_too_and_its_letter_is_text_there(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("slash", *"a:?/", "ctrl+p")

        assert isinstance(opened.app.screen, PaletteScreen)
        assert opened.fleet.query_one(Input).value == "a:?/"
